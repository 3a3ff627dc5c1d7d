//! The first page of « Mon compte ».

use axum::{extract::State, response::Response};
use domain::account::PersonKind;
use idp::http::{account::SignedIn, routes::SignOut};
use serde::Serialize;
use url::Url;
use web::{Page, Route};

use crate::state::SelfService;

/// Who is signed in, and the ways on.
pub(super) async fn get(State(app): State<SelfService>, signed_in: SignedIn) -> Response {
    let account = &signed_in.live.account;
    signed_in.view().render(&AccountPage {
        person: account.name.full(),
        identifier: account.identifier.to_string(),
        guardian: account.kind == PersonKind::Guardian,
        portal: app.portal().cloned(),
        sign_out: SignOut.path().into_owned(),
    })
}

#[derive(Debug, Serialize)]
struct AccountPage {
    person: String,
    identifier: String,
    guardian: bool,
    portal: Option<Url>,
    sign_out: String,
}

impl Page for AccountPage {
    const TEMPLATE: &'static str = "self-service/account.html";

    fn samples() -> Vec<Self> {
        let sample = |portal: Option<&str>| Self {
            person: "Marie-Charlotte de La Tour d’Auvergne-Lauraguais".into(),
            identifier: "m.delatourdauvergnelauraguais1".into(),
            guardian: portal.is_some(),
            portal: portal.and_then(|portal| Url::parse(portal).ok()),
            sign_out: SignOut.path().into_owned(),
        };
        vec![sample(None), sample(Some("http://localhost:8081/"))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<AccountPage>();
    }
}
