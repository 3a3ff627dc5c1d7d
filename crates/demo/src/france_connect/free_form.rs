//! A form for any identity that the civil register may have.

use axum::{extract::Path, http::StatusCode, response::Response};
use serde::Serialize;
use web::form::Fields;

use super::{
    choice::go_on,
    identity::{BirthDate, FRANCE, Gender, Identity},
    interaction::Open,
    visitor::{OwnForm, Visitor},
};

/// Longest name that identity providers may give.
const LONGEST_NAME: usize = 256;
const NAMES: [&str; 8] = [
    "given_names",
    "family_name",
    "preferred_username",
    "gender",
    "birthdate",
    "birthplace",
    "birthcountry",
    "email",
];

/// Shows the form.
pub(super) async fn get(visitor: Visitor, Path(id): Path<String>) -> Response {
    match Open::load(&visitor, &id) {
        Ok(open) => show(&visitor, &open, &Fields::default(), Vec::new()),
        Err(problem) => problem.page(&visitor),
    }
}

/// Goes on as the person of the form.
pub(super) async fn post(
    visitor: Visitor,
    Path(id): Path<String>,
    OwnForm(fields): OwnForm,
) -> Response {
    let open = match Open::load(&visitor, &id) {
        Ok(open) => open,
        Err(problem) => return problem.page(&visitor),
    };
    match read(&fields) {
        Ok(identity) => go_on(&visitor, open.identify(&visitor.simulator, identity)),
        Err(faults) => {
            let mut response = show(&visitor, &open, &fields, faults);
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            response
        }
    }
}

fn show(visitor: &Visitor, open: &Open, fields: &Fields, faults: Vec<&'static str>) -> Response {
    let simulator = &visitor.simulator;
    let mut values = NAMES.map(|name| fields.value(name).unwrap_or_default().to_owned());
    if fields.value("birthcountry").is_none() {
        FRANCE.clone_into(&mut values[6]);
    }
    let page = FreeForm {
        service: open.interaction.asked.service.clone(),
        action: open.url(simulator, "/identite"),
        back: open.url(simulator, ""),
        genders: Gender::ALL.map(Gender::as_str),
        values: NAMES.into_iter().zip(values).collect(),
        faults,
    };
    visitor.render("demo/simulator-identity.html", page)
}

/// The context of `demo/simulator-identity.html`.
#[derive(Serialize)]
struct FreeForm {
    service: String,
    action: String,
    back: String,
    genders: [&'static str; 3],
    values: std::collections::BTreeMap<&'static str, String>,
    /// The names of the fields that are not as they must be.
    faults: Vec<&'static str>,
}

/// The person of the form, or the fields that are wrong. Whoever was born abroad has no
/// commune, whatever the form says, as in the civil register.
fn read(fields: &Fields) -> Result<Identity, Vec<&'static str>> {
    let value = |name: &str| fields.value(name).unwrap_or_default().trim().to_owned();
    let born = BirthDate::parse(&value("birthdate"));
    let gender = Gender::parse(&value("gender"));
    let mut identity = Identity {
        given_names: names(&value("given_names")),
        family_name: value("family_name"),
        preferred_username: Some(value("preferred_username")).filter(|name| !name.is_empty()),
        gender: gender.unwrap_or(Gender::Unspecified),
        born: born.unwrap_or(BirthDate::new(2000, 1, 1)),
        birthplace: value("birthplace"),
        birthcountry: value("birthcountry"),
        email: value("email"),
    };
    if identity.birthcountry != FRANCE {
        identity.birthplace.clear();
    }
    let mut faults = faults(&identity);
    faults.extend(gender.is_none().then_some("gender"));
    faults.extend(born.is_none().then_some("birthdate"));
    if faults.is_empty() {
        Ok(identity)
    } else {
        Err(faults)
    }
}

/// Names parted by commas: a space does not part two names.
fn names(text: &str) -> Vec<String> {
    let names = text.split(',').map(str::trim);
    names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

fn faults(identity: &Identity) -> Vec<&'static str> {
    let is_name = |name: &str| (1..=LONGEST_NAME).contains(&name.chars().count());
    let preferred = identity.preferred_username.as_deref().unwrap_or("-");
    let is_french = identity.birthcountry == FRANCE;
    let sound = [
        ("given_names", is_name(&identity.given_names.join(" "))),
        ("family_name", is_name(&identity.family_name)),
        ("preferred_username", is_name(preferred)),
        ("birthcountry", is_country(&identity.birthcountry)),
        ("birthplace", !is_french || is_commune(&identity.birthplace)),
        (
            "email",
            identity
                .email
                .split('@')
                .filter(|part| !part.is_empty())
                .count()
                == 2,
        ),
    ];
    let wrong = sound.into_iter().filter(|(_, is_sound)| !is_sound);
    wrong.map(|(name, _)| name).collect()
}

/// `99` and three digits.
fn is_country(code: &str) -> bool {
    let digits = code.strip_prefix("99").unwrap_or_default();
    digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Five digits, of which Corsica's second is a letter.
fn is_commune(code: &str) -> bool {
    let Some((department, place)) = code.split_at_checked(2) else {
        return false;
    };
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let known = are_digits(department) || matches!(department, "2A" | "2B");
    known && place.len() == 3 && are_digits(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_form(form: &str) -> Result<Identity, Vec<&'static str>> {
        read(&Fields::parse(form.as_bytes()).unwrap())
    }

    #[test]
    fn given_names_are_parted_by_commas_and_keep_their_spaces() {
        let identity = read_form(
            "given_names=Jean+Philippe,+Pierre,&family_name=D%27%C3%89TOILE&gender=male\
             &birthdate=00/04/1980&birthplace=2B033&birthcountry=99100&email=a@example.org",
        )
        .unwrap();
        assert_eq!(identity.given_names, ["Jean Philippe", "Pierre"]);
        assert_eq!(identity.family_name, "D'ÉTOILE");
        assert_eq!(identity.preferred_username, None);
        assert_eq!(identity.birthplace, "2B033");
    }

    #[test]
    fn whoever_was_born_abroad_has_no_commune() {
        let identity = read_form(
            "given_names=Ada&family_name=KING&gender=female&birthdate=10/12/1980\
             &birthplace=75056&birthcountry=99132&email=a@example.org",
        );
        assert_eq!(identity.unwrap().birthplace, "");
    }

    #[test]
    fn every_field_that_is_wrong_is_named() {
        let faults =
            read_form("birthcountry=99100&birthplace=2C000&preferred_username=").unwrap_err();
        assert_eq!(
            faults,
            [
                "given_names",
                "family_name",
                "birthplace",
                "email",
                "gender",
                "birthdate"
            ]
        );
        let faults = read_form("birthcountry=98100").unwrap_err();
        assert!(faults.contains(&"birthcountry"), "{faults:?}");
    }

    #[test]
    fn communes_are_those_of_the_code() {
        for code in ["75056", "2A004", "97611", "98729"] {
            assert!(is_commune(code), "{code}");
        }
        for code in ["", "7505", "750560", "2C004", "A2004", "7505é", "é5056"] {
            assert!(!is_commune(code), "{code}");
        }
    }
}
