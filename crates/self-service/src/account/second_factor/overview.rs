//! How the second factor stands, and the ways to change it.

use axum::{extract::State, response::Response};
use domain::account::{Account, PersonKind};
use idp::http::{account::RecentlySignedIn, routes};
use serde::Serialize;
use store::{
    passkeys,
    second_factors::{self, Authenticator},
};
use web::{Locale, Page, PageError, Route, moment::said};

use super::super::{
    changing::unavailable,
    routes::{
        self as routes_of, AddApplication, AskForPasskeys, NewRecoveryCodes, RemoveApplication,
        StopAskingForPasskeys,
    },
};
use crate::state::SelfService;

/// Shows it.
pub(super) async fn get(
    State(app): State<SelfService>,
    RecentlySignedIn(signed_in): RecentlySignedIn,
) -> Result<Response, PageError> {
    let account = &signed_in.live.account;
    let reader = app.database.reader();
    let found = second_factors::find(reader, &app.vault, account.id).await;
    let left = second_factors::count_recovery_codes(reader, account.id).await;
    let locale = signed_in.view().locale();
    let application = found.map_err(unavailable)?;
    let application = application.map(|found| Application::of(&found, locale));
    let page = OverviewPage {
        application,
        passkeys: passkeys(&app, account).await?,
        codes_left: left.map_err(unavailable)?,
        ..OverviewPage::of(account.kind)
    };
    Ok(signed_in.view().render(&page))
}

async fn passkeys(app: &SelfService, account: &Account) -> Result<Option<Passkeys>, PageError> {
    if app.passkeys.is_none() {
        return Ok(None);
    }
    let reader = app.database.reader();
    let count = passkeys::count(reader, account.id).await;
    let asked = second_factors::passkeys_asked_since(reader, account.id).await;
    Ok(Some(Passkeys {
        count: count.map_err(unavailable)?,
        asked: asked.map_err(unavailable)?.is_some(),
    }))
}

/// The account's passkeys.
#[derive(Clone, Copy, Debug, Serialize)]
struct Passkeys {
    count: u64,
    /// Whether they are asked for after the password.
    asked: bool,
}

/// An application that is in force, in words.
#[derive(Debug, Serialize)]
struct Application {
    since: String,
    used: Option<String>,
}

impl Application {
    fn of(found: &Authenticator, locale: Locale) -> Self {
        Self {
            since: said(found.since, locale),
            used: found.used_at.map(|at| said(at, locale)),
        }
    }
}

/// The context of `self-service/second_factor.html`.
#[derive(Debug, Serialize)]
struct OverviewPage {
    guardian: bool,
    /// Where there are passkeys.
    passkeys: Option<Passkeys>,
    application: Option<Application>,
    /// Whether it must have one of them.
    staff: bool,
    codes_left: u64,
    add: String,
    remove: String,
    new_codes: String,
    manage_passkeys: String,
    ask_for_passkeys: String,
    stop_asking: String,
    back: String,
}

impl OverviewPage {
    fn of(kind: PersonKind) -> Self {
        Self {
            guardian: kind == PersonKind::Guardian,
            passkeys: None,
            application: None,
            staff: kind.must_have_second_factor(),
            codes_left: 0,
            manage_passkeys: routes_of::Passkeys.path().into_owned(),
            ask_for_passkeys: AskForPasskeys.path().into_owned(),
            stop_asking: StopAskingForPasskeys.path().into_owned(),
            add: AddApplication.path().into_owned(),
            remove: RemoveApplication.path().into_owned(),
            new_codes: NewRecoveryCodes.path().into_owned(),
            back: routes::Account.path().into_owned(),
        }
    }
}

impl Page for OverviewPage {
    const TEMPLATE: &'static str = "self-service/second_factor.html";
    const QUESTION: Option<&'static str> = Some("verification-en-deux-etapes");

    fn samples() -> Vec<Self> {
        let application = || {
            Some(Application {
                since: "1er septembre 2026, 9 h 05".into(),
                used: Some("2 septembre 2026, 10 h 15".into()),
            })
        };
        let sample = |kind, count, asked, application, codes_left| Self {
            passkeys: Some(Passkeys { count, asked }),
            application,
            codes_left,
            ..Self::of(kind)
        };
        vec![
            Self::of(PersonKind::Pupil),
            sample(PersonKind::Pupil, 0, false, None, 0),
            sample(PersonKind::Guardian, 1, false, None, 0),
            sample(PersonKind::Guardian, 2, true, None, 10),
            sample(PersonKind::Guardian, 1, false, application(), 10),
            sample(PersonKind::Officer, 0, false, application(), 1),
            sample(PersonKind::Officer, 1, true, application(), 10),
            sample(PersonKind::Administrator, 1, true, None, 10),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<OverviewPage>();
    }
}
