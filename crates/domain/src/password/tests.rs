use proptest::prelude::*;

use super::*;

fn claire() -> PasswordContext {
    PasswordContext::default()
        .person(&PersonName {
            given: "Claire".into(),
            family: "Le Gœuff-Martin".into(),
        })
        .identifier(&AccountIdentifier::parse("c.martin1").unwrap())
        .school("Collège Jules-Ferry")
}

fn checked(password: &str) -> Result<(), PasswordFault> {
    check(password, &claire(), &CommonPasswords::default())
}

#[test]
fn good_passwords_pass() {
    for password in [
        "Cartable-bleu-2026",
        "trois petits canards",
        "claire cultive douze tomates",
        "éééééééééèèè",
        "849 302 175 664",
        "  mot avec espaces  ",
        "🐱🐶🐭🐹🐰🦊🐻🐼🐨🐯🦁🐮",
    ] {
        assert_eq!(checked(password), Ok(()), "{password}");
    }
    let long: String = "phrase sans fin ".chars().cycle().take(128).collect();
    assert_eq!(checked(&long), Ok(()));
}

#[test]
fn length_is_counted_in_characters_as_typed() {
    assert_eq!(checked(""), Err(PasswordFault::TooShort));
    assert_eq!(checked("éèàùçôîêâûë"), Err(PasswordFault::TooShort));
    assert_eq!(checked("éèàùçôîêâûëï"), Ok(()));
    assert_eq!(checked("vertige ocre"), Ok(()));
    let at_most: String = "tuile ocre ".chars().cycle().take(1024).collect();
    assert_eq!(checked(&at_most), Ok(()));
    let over = format!("{at_most}.");
    assert_eq!(checked(&over), Err(PasswordFault::TooLong));
}

#[test]
fn common_passwords_are_refused_whatever_their_case_and_decoration() {
    for password in [
        "1234567890123",
        "aaaaaaaaaaaa",
        "azertyuiop123",
        "AzertyUiop123",
        "MotDePasse2026",
        "motdepasse!!!!",
        "Password1234",
        "2026-motdepasse",
        "123456789012!",
    ] {
        assert_eq!(checked(password), Err(PasswordFault::Common), "{password}");
    }
}

#[test]
fn a_common_word_among_much_else_passes() {
    for password in ["loulou-847291053-", "motdepasse de ma tante"] {
        assert_eq!(checked(password), Ok(()), "{password}");
    }
}

#[test]
fn the_operators_list_counts_too() {
    let common = CommonPasswords::default().with_list("AllezLesBleus!\r\n\nvivelarentree\n");
    for (password, is_common) in [
        ("allezlesbleus!", true),
        ("ViveLaRentree2026", true),
        ("vive la rentrée 2026", false),
    ] {
        let result = check(password, &claire(), &common);
        assert_eq!(result.is_err(), is_common, "{password}");
    }
}

#[test]
fn what_is_made_of_the_person_is_refused() {
    for password in [
        "Claire-Martin-1978",
        "MARTINCLAIRE22031978",
        "legoeuff le goeuff",
        "Lé Gœuff !!! 2026",
        "c.martin1c.martin1",
        "college jules ferry",
        "Préau-préau-2026",
        "educonnect2026!",
        "Éducation Nationale",
        "jules1234567890",
        "Claire et Jules",
    ] {
        assert_eq!(
            checked(password),
            Err(PasswordFault::Personal),
            "{password}"
        );
    }
}

#[test]
fn the_debug_form_tells_no_password() {
    let common = CommonPasswords::default().with_list("allezlesbleus");
    assert_eq!(format!("{common:?}"), "CommonPasswords(+1)");
}

#[test]
fn strength_grows_with_what_an_attacker_must_guess() {
    let of = |password| Strength::of(password, &claire());
    assert_eq!(of(""), Strength::VeryWeak);
    assert!(of("123456789012") <= Strength::Weak);
    assert_eq!(of("girafe tulipe violon couloir"), Strength::VeryStrong);
    let known = PasswordContext::default().school("Kerouredan-Gwidelen");
    let made_of_it = "kerouredangwidelen";
    assert!(Strength::of(made_of_it, &known) < of(made_of_it));
    assert!(Strength::ALL.is_sorted());
    assert_eq!(Strength::ALL.map(Strength::score), [0, 1, 2, 3, 4]);
}

#[test]
fn the_meter_reads_only_the_beginning() {
    let begin = "a".repeat(MEASURED_CHARACTERS);
    let long = format!("{begin}girafe tulipe violon couloir");
    assert_eq!(
        Strength::of(&long, &claire()),
        Strength::of(&begin, &claire())
    );
}

proptest! {
    #[test]
    fn any_text_is_checked_and_measured(password in "\\PC{0,120}") {
        let _ = checked(&password);
        let _ = Strength::of(&password, &claire());
    }

    #[test]
    fn names_are_refused_whatever_is_done_to_them(
        words in prop::collection::vec(
            prop::sample::select(vec!["claire", "martin", "gœuff", "préau", "collège", "Clàïré"]), 2..5),
        upper in any::<bool>(),
        sign in "[-_.!0-9 ]{1,3}",
        end in "[0-9!?]{6,10}",
    ) {
        let text = words.join(&sign) + &end;
        let text = if upper { text.to_uppercase() } else { text };
        prop_assert!(checked(&text).is_err(), "{}", text);
    }
}
