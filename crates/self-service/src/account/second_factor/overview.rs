//! How the second factor stands, and the ways to change it.

use axum::{extract::State, response::Response};
use domain::account::{Account, PersonKind};
use idp::http::{account::RecentlySignedIn, routes};
use serde::Serialize;
use store::second_factors::{self, Authenticator};
use web::{Locale, Page, PageError, Route, moment::said};

use super::super::{
    changing::unavailable,
    routes::{AddApplication, NewRecoveryCodes, RemoveApplication},
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
    let page = OverviewPage::new(account, application, left.map_err(unavailable)?);
    Ok(signed_in.view().render(&page))
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
    application: Option<Application>,
    /// Whether the account may do without.
    removable: bool,
    codes_left: u64,
    add: String,
    remove: String,
    new_codes: String,
    back: String,
}

impl OverviewPage {
    fn new(account: &Account, application: Option<Application>, codes_left: u64) -> Self {
        Self::of(account.kind, application, codes_left)
    }

    fn of(kind: PersonKind, application: Option<Application>, codes_left: u64) -> Self {
        Self {
            guardian: kind == PersonKind::Guardian,
            application,
            removable: !kind.must_have_second_factor(),
            codes_left,
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
        vec![
            Self::of(PersonKind::Pupil, None, 0),
            Self::of(PersonKind::Guardian, application(), 10),
            Self::of(PersonKind::Officer, application(), 1),
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
