//! Whoever comes through FranceConnect and opens no account may have one that is active
//! (product.md, Activation): a code at one of its confirmed contacts binds it.
//!
//! The way is offered to everybody alike, asks for an identifier, and leads to the page for
//! the code whoever is named. A code is made for nobody with the same work; it is sent where
//! the account's owner bears the identity's names and, where the school knows it, its birth
//! date.

mod ask;
mod code;
mod routes;
mod sending;

use std::{fmt::Display, time::Duration};

use axum::{
    Router,
    http::StatusCode,
    routing::{get, post},
};
use idp::http::{
    routes::{Account, BindUpstream},
    upstream::binding::{self, Bearer},
    visit::Visit,
};
use web::{Link, PageError, Route, TextKey};

use self::routes::{BindingCode, ResendBindingCode};
use crate::state::SelfService;

pub(crate) fn routes() -> Router<SelfService> {
    Router::new()
        .route(BindUpstream::PATTERN, get(ask::get).post(ask::post))
        .route(BindingCode::PATTERN, get(code::get).post(code::post))
        .route(ResendBindingCode::PATTERN, post(code::resend))
}

/// The identity of a name, in the browser that brought it; else the page that leads on.
async fn bearer<'a>(
    app: &'a SelfService,
    visit: &Visit,
    identity: &str,
) -> Result<Bearer<'a>, PageError> {
    let found = binding::find(app, visit, identity).await;
    found.map_err(unavailable)?.ok_or_else(over)
}

/// The identity waits no more, or another browser brought it.
fn over() -> PageError {
    let title = TextKey::new("recovery-over-title");
    let text = TextKey::new("recovery-over-text");
    PageError::new(StatusCode::GONE, "liaison-perimee", title, text)
        .way_on(Link::new(TextKey::new("recovery-sign-in"), Account.path()))
}

/// The page for a store that does not answer: nothing was done, and it says so.
fn unavailable(error: impl Display) -> PageError {
    tracing::error!(%error, "a store failed");
    PageError::busy(Duration::from_secs(5))
}
