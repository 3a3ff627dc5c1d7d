use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn pivot(given: &[&str], family: &str, in_use: Option<&str>, birth: &str) -> Pivot {
    Pivot {
        family_name: family.to_owned(),
        name_in_use: in_use.map(str::to_owned),
        given_names: GivenNames::Listed(given.iter().map(|name| (*name).to_owned()).collect()),
        birth: BirthDate::read(birth, None).unwrap(),
    }
}

fn known(key: u8, given: &str, family: &str, birth: Option<Date>) -> Candidate<u8> {
    Candidate {
        key,
        name: PersonName {
            given: given.to_owned(),
            family: family.to_owned(),
        },
        birth_date: birth,
    }
}

/// Given names, birth name and nom d'usage of a pivot identity; given and family name of a
/// school's file.
type Row = (
    &'static [&'static str],
    &'static str,
    Option<&'static str>,
    &'static str,
    &'static str,
);

#[test]
fn names_that_a_school_may_have_written_differently() {
    let table: [Row; 21] = [
        (&["Paul"], "DURAND", None, "Paul", "Durand"),
        // Several given names: the first, or the first few.
        (
            &["Jean", "Pierre", "Louis"],
            "DURAND",
            None,
            "JEAN",
            "DURAND",
        ),
        (&["Jean", "Pierre"], "DURAND", None, "Jean Pierre", "DURAND"),
        // One given name of two words.
        (
            &["Jean Philippe", "Louis"],
            "DURAND",
            None,
            "Jean-Philippe",
            "Durand",
        ),
        (&["Anne-Sophie"], "DURAND", None, "Anne Sophie", "Durand"),
        (&["Marie Line"], "DURAND", None, "Marieline", "Durand"),
        // Accents, ligatures, apostrophes.
        (&["François"], "PETIT", None, "Francois", "PETIT"),
        (&["Loïc"], "LE GŒUFF", None, "LOIC", "Le Goeuff"),
        (&["Zoé"], "L'HÔTE", None, "Zoe", "LHOTE"),
        (&["Léa"], "SAINT-ÉTIENNE", None, "Lea", "Saint Etienne"),
        (&["Jürgen"], "WEIß", None, "Jurgen", "WEISS"),
        // Particles, and names in one word or two.
        (&["Aude"], "DE LA TOUR", None, "Aude", "La Tour"),
        (&["Aude"], "LA TOUR", None, "Aude", "de la Tour"),
        (&["Aude"], "DELATOUR", None, "Aude", "de La Tour"),
        (&["Aude"], "D'ARTAGNAN", None, "Aude", "Artagnan"),
        (&["Aude"], "LE BRETON", None, "Aude", "Lebreton"),
        // Nom d'usage: alone, or with the name of birth.
        (&["Aude"], "MARTIN", Some("DUPONT"), "Aude", "Dupont"),
        (&["Aude"], "MARTIN", Some("DUPONT"), "Aude", "MARTIN-DUPONT"),
        (&["Aude"], "MARTIN", Some("DUPONT"), "Aude", "Dupont Martin"),
        (
            &["Aude"],
            "MARTIN",
            Some("MARTIN DUPONT"),
            "Aude",
            "Martin Dupont",
        ),
        (&["Aude"], "MARTIN", Some(""), "Aude", "Martin"),
    ];
    for (given, family, in_use, school_given, school_family) in table {
        let pivot = pivot(given, family, in_use, "1980-06-15");
        let found = find(&pivot, &[known(1, school_given, school_family, None)]);
        assert_eq!(
            found,
            Match::One(1, Agreement::NotKnown),
            "{given:?} {family} {in_use:?}: {school_given} {school_family}"
        );
    }
}

#[test]
fn other_people_are_not_taken_for_them() {
    let table: [Row; 12] = [
        (&["Paul"], "DURAND", None, "Pauline", "DURAND"),
        (&["Paul"], "DURAND", None, "Paul", "DURANT"),
        (&["Paul"], "DURAND", None, "DURAND", "Paul"),
        // A second given name is not the first.
        (&["Jean", "Pierre"], "DURAND", None, "Pierre", "DURAND"),
        // The first word of a given name of two words is another given name.
        (&["Jean Philippe"], "DURAND", None, "Jean", "DURAND"),
        (&["Marie"], "DURAND", None, "Marie-Claire", "DURAND"),
        (&["Aude"], "MARTIN", None, "Aude", "MARTIN DUPONT"),
        (&["Aude"], "LA TOUR", None, "Aude", "Tour"),
        (&["Aude"], "DE", None, "Aude", "DU"),
        (&[""], "DURAND", None, "", "DURAND"),
        (&["Paul"], "", None, "Paul", ""),
        (&[], "DURAND", None, "Paul", "DURAND"),
    ];
    for (given, family, in_use, school_given, school_family) in table {
        let pivot = pivot(given, family, in_use, "1980-06-15");
        let found = find(&pivot, &[known(1, school_given, school_family, None)]);
        assert_eq!(
            found,
            Match::None,
            "{given:?} {family} {in_use:?}: {school_given} {school_family}"
        );
    }
}

#[test]
fn without_a_list_the_first_given_name_may_be_any_first_words() {
    let mut pivot = pivot(&[], "DURAND", None, "1980-06-15");
    pivot.given_names = GivenNames::Joined("Jean Philippe Louis".to_owned());
    for given in ["Jean", "Jean-Philippe", "Jean Philippe Louis"] {
        assert_eq!(
            find(&pivot, &[known(1, given, "Durand", None)]),
            Match::One(1, Agreement::NotKnown)
        );
    }
    assert_eq!(
        find(&pivot, &[known(1, "Philippe", "Durand", None)]),
        Match::None
    );
}

#[test]
fn dates_of_birth_as_the_register_knows_them() {
    let read = |birthdate, idp| BirthDate::read(birthdate, idp);
    assert_eq!(
        read("1980-06-15", Some("1980-06-15")),
        Ok(BirthDate::Whole(date(1980, 6, 15)))
    );
    assert_eq!(
        read("1980-06-01", Some("1980-06-00")),
        Ok(BirthDate::Month(1980, 6))
    );
    assert_eq!(
        read("1980-01-01", Some("1980-00-00")),
        Ok(BirthDate::Year(1980))
    );
    assert_eq!(
        read("1980-01-01", None),
        Ok(BirthDate::Whole(date(1980, 1, 1)))
    );
    for unreadable in [
        "",
        "1980",
        "1980-06",
        "1980-06-00",
        "15/06/1980",
        "1980-02-30",
    ] {
        assert_eq!(read(unreadable, None), Err(NotABirthDate), "{unreadable}");
    }
}

#[test]
fn what_the_school_knows_of_the_date_must_agree() {
    let with = |birthdate, idp, school| {
        let mut pivot = pivot(&["Paul"], "DURAND", None, "1980-06-15");
        pivot.birth = BirthDate::read(birthdate, idp).unwrap();
        find(&pivot, &[known(1, "Paul", "Durand", school)])
    };
    let day = Some(date(1980, 6, 15));
    assert_eq!(
        with("1980-06-15", None, day),
        Match::One(1, Agreement::Same)
    );
    assert_eq!(with("1980-06-16", None, day), Match::None);
    assert_eq!(
        with("1980-06-01", Some("1980-06-00"), day),
        Match::One(1, Agreement::Partly)
    );
    assert_eq!(with("1980-07-01", Some("1980-07-00"), day), Match::None);
    assert_eq!(
        with("1980-01-01", Some("1980-00-00"), day),
        Match::One(1, Agreement::Partly)
    );
    assert_eq!(with("1981-01-01", Some("1981-00-00"), day), Match::None);
    assert_eq!(
        with("1980-06-15", None, None),
        Match::One(1, Agreement::NotKnown)
    );
}

#[test]
fn homonyms_are_nobody_unless_a_known_date_tells_them_apart() {
    let paul = pivot(&["Paul"], "DURAND", None, "1980-06-15");
    let own = Some(date(1980, 6, 15));
    let other = Some(date(1975, 1, 1));
    let pair = |one, two| {
        let people = [
            known(1, "Paul", "Durand", one),
            known(2, "PAUL", "DURAND", two),
        ];
        find(&paul, &people)
    };
    assert_eq!(pair(None, None), Match::Several);
    assert_eq!(pair(own, None), Match::Several);
    assert_eq!(pair(own, own), Match::Several);
    assert_eq!(pair(own, other), Match::One(1, Agreement::Same));
    assert_eq!(pair(other, None), Match::One(2, Agreement::NotKnown));
    assert_eq!(pair(other, other), Match::None);
}

#[test]
fn twins_are_told_apart_by_their_given_names() {
    let born = Some(date(1980, 6, 15));
    let twins = [
        known(1, "Paul", "Durand", born),
        known(2, "Pierre", "Durand", born),
    ];
    let pierre = pivot(&["Pierre", "Paul"], "DURAND", None, "1980-06-15");
    assert_eq!(find(&pierre, &twins), Match::One(2, Agreement::Same));
}

#[test]
fn a_person_known_twice_is_one_and_every_known_date_counts() {
    let paul = pivot(&["Paul"], "DURAND", None, "1980-06-15");
    let own = Some(date(1980, 6, 15));
    let twice = |one, two| {
        let entries = [
            known(1, "Paul", "Durand", one),
            known(1, "Paulo", "Durand", two),
        ];
        find(&paul, &entries)
    };
    assert_eq!(twice(None, own), Match::One(1, Agreement::Same));
    assert_eq!(twice(own, Some(date(1980, 6, 16))), Match::None);
}

#[test]
fn a_file_is_searched_by_every_form_of_the_family_name() {
    let aude = pivot(&["Aude"], "DE LA TOUR", Some("Martin"), "1980-06-15");
    let forms = aude.family_names();
    for form in [
        "de la tour",
        "la tour",
        "delatour",
        "martin",
        "martin de la tour",
        "de martin",
        "d martin",
    ] {
        assert!(forms.iter().any(|own| own == form), "{form} in {forms:?}");
    }
}

#[test]
fn the_first_given_names_are_searched_in_one_word_and_in_several() {
    let jean = pivot(&["Jean-Philippe", "Pierre"], "DURAND", None, "1980-01-01");
    let forms = jean.first_names();
    for form in [
        "jean philippe",
        "jeanphilippe",
        "jean philippe pierre",
        "jeanphilippe pierre",
    ] {
        assert!(forms.iter().any(|own| own == form), "{form} in {forms:?}");
    }
    assert!(!forms.iter().any(|form| form == "pierre"), "{forms:?}");
}

proptest! {
    #[test]
    fn whoever_bears_the_name_as_given_is_searched_for(
        first in "[A-Za-zéÉ]{1,8}([ -][A-Za-z]{1,8})?", second in "[A-Za-z]{1,8}", joined: bool,
    ) {
        let given_names = if joined {
            GivenNames::Joined(format!("{first} {second}"))
        } else {
            GivenNames::Listed(vec![first.clone(), second])
        };
        let pivot = Pivot { given_names, ..pivot(&["x"], "DURAND", None, "1980-01-01") };
        prop_assert!(pivot.bears_given(&first));
        prop_assert!(pivot.first_names().contains(&normalise(&first)));
    }

    #[test]
    fn who_is_found_is_one_whose_date_does_not_differ(
        names in prop::collection::vec(("(Paul|Jean|Léa)", "(Durand|Martin)", 0_i8..4), 0..6),
        given in "(Paul|Jean|Léa)", family in "(DURAND|MARTIN)", day in 1_i8..4,
    ) {
        let birth = date(1980, 1, day);
        let pivot = Pivot {
            family_name: family,
            name_in_use: None,
            given_names: GivenNames::Listed(vec![given]),
            birth: BirthDate::Whole(birth),
        };
        let people: Vec<Candidate<usize>> = names
            .iter()
            .enumerate()
            .map(|(key, (given, family, day))| Candidate {
                key,
                name: PersonName { given: given.clone(), family: family.clone() },
                birth_date: (*day > 0).then(|| date(1980, 1, *day)),
            })
            .collect();
        let fitting: Vec<_> = people
            .iter()
            .filter(|person| pivot.bears(&person.name))
            .filter(|person| person.birth_date.is_none_or(|known| known == birth))
            .collect();
        let expected = match fitting.as_slice() {
            [] => Match::None,
            [one] if one.birth_date.is_some() => Match::One(one.key, Agreement::Same),
            [one] => Match::One(one.key, Agreement::NotKnown),
            _ => Match::Several,
        };
        prop_assert_eq!(find(&pivot, &people), expected);
    }
}
