//! Letters with provisional passwords: shown once, and ready to be printed.

use axum::response::Response;
use domain::{
    account::PersonKind, identifier::AccountIdentifier, name::PersonName, secret::Secret,
};
use idp::App;
use jiff::Timestamp;
use serde::Serialize;
use web::{Locale, Page, Route, TextKey, moment::said_day};

use super::{
    entrance::{AtDesk, Head, sample_account, sample_school},
    routes::PersonPage,
    words,
};

/// How letters are laid out on paper.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Layout {
    /// A sheet for each.
    Sheets,
    /// Several on a sheet, to be cut.
    Slips,
}

/// Whom a letter is for, and what it gives.
#[derive(Debug)]
pub(super) struct Letter {
    pub(super) name: PersonName,
    pub(super) kind: PersonKind,
    pub(super) class: Option<String>,
    pub(super) identifier: AccountIdentifier,
    pub(super) password: Secret,
}

/// A letter as its page shows it.
#[derive(Debug, Serialize)]
struct Sheet {
    name: String,
    kind: TextKey,
    class: Option<String>,
    identifier: String,
    password: String,
    guardian: bool,
}

impl Sheet {
    fn of(letter: &Letter) -> Self {
        Self {
            name: letter.name.full(),
            kind: words::kind(letter.kind),
            class: letter.class.clone(),
            identifier: letter.identifier.to_string(),
            password: letter.password.expose().to_owned(),
            guardian: letter.kind == PersonKind::Guardian,
        }
    }
}

/// The school as a letter names it.
#[derive(Debug, Serialize)]
struct Sender {
    name: String,
    town: Option<String>,
    email: Option<String>,
    phone: Option<String>,
}

/// Shows letters whose passwords were given at an instant. The answer is kept by nobody:
/// whoever reloads the page asks for new ones.
pub(super) fn show(
    app: &App,
    at: &AtDesk,
    letters: &[Letter],
    layout: Layout,
    given_at: Timestamp,
    back: String,
) -> Response {
    let locale = at.view().locale();
    at.view().render(&LettersPage {
        head: at.head(),
        sender: Sender {
            name: at.school.name.clone(),
            town: at.school.town.clone(),
            email: at.school.email.clone(),
            phone: at.school.phone.clone(),
        },
        letters: letters.iter().map(Sheet::of).collect(),
        layout,
        day: said_day(given_at, locale),
        until: said_day(words::end_of_provisional(given_at), locale),
        issuer: app.issuer().to_owned(),
        back,
    })
}

/// The context of `admin/desk/letters.html`.
#[derive(Debug, Serialize)]
struct LettersPage {
    head: Head,
    sender: Sender,
    letters: Vec<Sheet>,
    layout: Layout,
    day: String,
    until: String,
    issuer: String,
    back: String,
}

impl Page for LettersPage {
    const TEMPLATE: &'static str = "admin/desk/letters.html";

    fn samples() -> Vec<Self> {
        let letter = |given: &str, kind| Letter {
            name: PersonName {
                given: given.into(),
                family: "DUBOIS".into(),
            },
            kind,
            class: (kind == PersonKind::Pupil).then(|| "4e A".into()),
            identifier: AccountIdentifier::parse("a.dubois6").expect("an identifier"),
            password: Secret::new("kx7m-4pqr-w9tb"),
        };
        let given_at = Timestamp::constant(1_788_249_600, 0);
        let sample = |letters: &[Letter], layout| Self {
            head: Head::sample(),
            sender: Sender {
                name: "Collège Simon-Lavigne".into(),
                town: Some("Montferrand-les-Bois".into()),
                email: Some("secretariat@college-lavigne.example.org".into()),
                phone: Some("+33199000002".into()),
            },
            letters: letters.iter().map(Sheet::of).collect(),
            layout,
            day: said_day(given_at, Locale::Fr),
            until: said_day(words::end_of_provisional(given_at), Locale::Fr),
            issuer: "https://compte.example.org".into(),
            back: PersonPage(&sample_school(), sample_account())
                .path()
                .into_owned(),
        };
        let adam = letter("Adam", PersonKind::Pupil);
        let nadia = letter("Nadia", PersonKind::Guardian);
        vec![
            sample(&[letter("Adam", PersonKind::Pupil)], Layout::Sheets),
            sample(&[adam, nadia], Layout::Slips),
            sample(&[], Layout::Sheets),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<LettersPage>();
    }
}
