//! « Mes enfants » (guide, sections 4.4.4 and 4.4.5): the cards, another account of the
//! guardian's that is grouped into this one, and links that are not theirs.
//!
//! What is asked at the sign-in after a report is the sign-in's (`idp`).

mod factor;
mod list;
mod recapitulation;
mod report;
mod routes;
mod search;

use std::{fmt::Display, time::Duration};

use axum::{
    Router,
    routing::{get, post},
};
use domain::account::PersonKind;
use idp::http::account::{RecentlySignedIn, SignedIn};
use store::groupings::Keeper;
use web::{PageError, Route};

use self::routes::{
    Children, GroupAccount, GroupingFactor, GroupingPasskey, GroupingPasskeyQuestion, ProveThrough,
    Recapitulation, ReportLink,
};
use crate::state::SelfService;

pub(crate) fn routes() -> Router<SelfService> {
    Router::new()
        .route(Children::PATTERN, get(list::get))
        .route(GroupAccount::PATTERN, get(search::get).post(search::post))
        .route(GroupingFactor::PATTERN, get(factor::get).post(factor::post))
        .route(
            GroupingPasskey::PATTERN,
            get(factor::back).post(factor::by_passkey),
        )
        .route(GroupingPasskeyQuestion::PATTERN, post(factor::ask))
        .route(
            ProveThrough::PATTERN,
            get(search::back).post(search::through),
        )
        .route(
            Recapitulation::PATTERN,
            get(recapitulation::get).post(recapitulation::post),
        )
        .route(ReportLink::PATTERN, get(report::get).post(report::post))
}

/// For whom these pages are: to others there are none.
fn guardian(signed_in: SignedIn) -> Result<SignedIn, PageError> {
    let is_guardian = signed_in.live.account.kind == PersonKind::Guardian;
    is_guardian
        .then_some(signed_in)
        .ok_or_else(PageError::not_found)
}

/// A guardian whose sign-in is recent enough to change something.
fn recent_guardian(signed_in: RecentlySignedIn) -> Result<SignedIn, PageError> {
    guardian(signed_in.0)
}

/// The page for a store that does not answer: nothing was done, and it says so.
fn unavailable(error: impl Display) -> PageError {
    tracing::error!(%error, "a store failed");
    PageError::busy(Duration::from_secs(5))
}

/// The account to be kept, in its session.
fn keeper(signed_in: &SignedIn) -> Keeper {
    let session = &signed_in.live.session;
    Keeper {
        account: session.account,
        session: session.id,
        auth_time: session.auth_time,
    }
}
