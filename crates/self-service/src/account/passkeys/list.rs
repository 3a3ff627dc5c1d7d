//! Which passkeys an account has, and the form for another.

use axum::{extract::State, response::Response};
use domain::{account::PersonKind, passkey::MOST_PASSKEYS};
use idp::{
    device::Device,
    http::{
        account::{RecentlySignedIn, SignedIn},
        routes,
    },
    passkeys::PasskeyForm,
};
use serde::Serialize;
use store::passkeys::{self, Passkey};
use web::{FormErrors, Locale, Page, PageError, Route, TextKey, moment::said};

use super::{
    super::{
        changing::unavailable,
        routes::{AddPasskey, PasskeyQuestion, RemovePasskey, SecondFactor},
    },
    adding::{CONTROL, NAME},
};
use crate::state::SelfService;

/// Shows them.
pub(super) async fn get(
    State(app): State<SelfService>,
    RecentlySignedIn(signed_in): RecentlySignedIn,
) -> Result<Response, PageError> {
    if app.passkeys.is_none() {
        return Err(PageError::not_found());
    }
    let page = page(&app, &signed_in, String::new(), FormErrors::none()).await?;
    Ok(signed_in.view().render(&page))
}

/// The page, with what was typed and what is wrong with it.
pub(super) async fn page(
    app: &SelfService,
    signed_in: &SignedIn,
    name: String,
    errors: FormErrors,
) -> Result<PasskeysPage, PageError> {
    let account = &signed_in.live.account;
    let own = passkeys::find_all(app.database.reader(), account.id).await;
    let locale = signed_in.view().locale();
    let lines = own.map_err(unavailable)?;
    let lines = lines.iter().map(|own| Line::of(own, locale)).collect();
    Ok(PasskeysPage {
        name,
        device: Device::of(&signed_in.visit.headers),
        errors,
        ..PasskeysPage::of(account.kind, lines)
    })
}

/// A passkey, in words.
#[derive(Clone, Debug, Serialize)]
struct Line {
    name: String,
    since: String,
    used: Option<String>,
    remove: String,
}

impl Line {
    fn of(own: &Passkey, locale: Locale) -> Self {
        Self {
            name: own.name.clone(),
            since: said(own.since, locale),
            used: own.used_at.map(|at| said(at, locale)),
            remove: RemovePasskey { passkey: own.id }.path().into_owned(),
        }
    }
}

/// The context of `self-service/passkeys.html`.
#[derive(Debug, Serialize)]
pub(super) struct PasskeysPage {
    guardian: bool,
    /// Whether it is one of those who must have a second factor.
    staff: bool,
    lines: Vec<Line>,
    /// Whether there may be no more.
    full: bool,
    most: u64,
    passkey: PasskeyForm,
    /// What was typed.
    name: String,
    /// What the new one might be called.
    device: Device,
    two_steps: String,
    back: String,
    errors: FormErrors,
}

impl PasskeysPage {
    fn of(kind: PersonKind, lines: Vec<Line>) -> Self {
        Self {
            guardian: kind == PersonKind::Guardian,
            staff: kind.must_have_second_factor(),
            full: u64::try_from(lines.len()).is_ok_and(|own| own >= MOST_PASSKEYS),
            most: MOST_PASSKEYS,
            lines,
            passkey: PasskeyForm::new(&AddPasskey, &PasskeyQuestion),
            name: String::new(),
            device: Device::default(),
            two_steps: SecondFactor.path().into_owned(),
            back: routes::Account.path().into_owned(),
            errors: FormErrors::none(),
        }
    }
}

impl Page for PasskeysPage {
    const TEMPLATE: &'static str = "self-service/passkeys.html";
    const QUESTION: Option<&'static str> = Some("cles-d-acces");

    fn samples() -> Vec<Self> {
        let line = |used: Option<&str>| Line {
            name: "Téléphone de la salle des maîtres".into(),
            since: "1er septembre 2026, 9 h 05".into(),
            used: used.map(str::to_owned),
            remove: "/compte/cles-d-acces/0/retrait".into(),
        };
        let used = Some("2 septembre 2026, 10 h 15");
        let wrong = FormErrors::none().field(NAME, TextKey::new("passkey-name-wrong"));
        let not_made = FormErrors::none().field(CONTROL, TextKey::new("passkey-not-made"));
        vec![
            Self::of(PersonKind::Pupil, Vec::new()),
            Self::of(PersonKind::Guardian, vec![line(None), line(used)]),
            Self::of(PersonKind::Officer, vec![line(used); 10]),
            Self {
                errors: wrong,
                ..Self::of(PersonKind::Pupil, Vec::new())
            },
            Self {
                errors: not_made,
                ..Self::of(PersonKind::Guardian, vec![line(used)])
            },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<PasskeysPage>();
    }
}
