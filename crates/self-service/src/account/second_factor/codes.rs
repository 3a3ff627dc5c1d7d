//! New recovery codes, in the place of those before.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use domain::{account::PersonKind, second_factor::RecoveryCode};
use idp::{
    enrolment::new_recovery_codes,
    http::{
        account::{RecentlySignedIn, SignedIn},
        routes,
    },
    notices::tell_of_change,
};
use notify::messages::WhatChanged;
use serde::Serialize;
use store::{contacts, second_factors};
use web::{Page, PageError, Posted, Route};

use super::{
    super::{
        changing::{self, unavailable},
        routes::SecondFactor,
    },
    Nothing,
};
use crate::state::SelfService;

/// Makes them, where there is a factor that they stand in for. They are shown in the
/// answer, and nowhere again.
pub(super) async fn post(
    State(app): State<SelfService>,
    RecentlySignedIn(signed_in): RecentlySignedIn,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let account = &signed_in.live.account;
    let transaction = changing::begin(&app, &signed_in.live).await?;
    let standing = second_factors::standing(&transaction, account.id).await;
    if standing.map_err(unavailable)? != domain::second_factor::Standing::InForce {
        return Ok(Redirect::to(&SecondFactor.path()).into_response());
    }
    let codes = new_recovery_codes(&app, &transaction, &signed_in.visit, account).await;
    let codes = codes.map_err(unavailable)?;
    let before = contacts::find_all(&transaction, account.id).await;
    let before = before.map_err(unavailable)?;
    tell_of_change(
        &app,
        &transaction,
        account,
        WhatChanged::SecondFactor,
        &before,
    )
    .await
    .map_err(unavailable)?;
    changing::commit(&app, transaction).await?;
    Ok(signed_in
        .view()
        .render(&CodesPage::new(&signed_in, &codes, false)))
}

/// The context of `self-service/second_factor_codes.html`.
#[derive(Debug, Serialize)]
pub(super) struct CodesPage {
    guardian: bool,
    /// Whether the factor is new as well.
    added: bool,
    codes: Vec<String>,
    back: String,
}

impl CodesPage {
    pub(super) fn new(signed_in: &SignedIn, codes: &[RecoveryCode], added: bool) -> Self {
        Self {
            guardian: signed_in.live.account.kind == PersonKind::Guardian,
            added,
            codes: codes.iter().map(RecoveryCode::expose).collect(),
            back: routes::Account.path().into_owned(),
        }
    }
}

impl Page for CodesPage {
    const TEMPLATE: &'static str = "self-service/second_factor_codes.html";
    const QUESTION: Option<&'static str> = Some("verification-en-deux-etapes");

    fn samples() -> Vec<Self> {
        let sample = |added| Self {
            guardian: true,
            added,
            codes: vec!["0123-abcd-89xy".into(); 10],
            back: routes::Account.path().into_owned(),
        };
        vec![sample(true), sample(false)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<CodesPage>();
    }
}
