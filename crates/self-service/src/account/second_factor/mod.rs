//! « Vérification en deux étapes »: what an account is asked for after the password, and the
//! codes for its loss.
//!
//! - `overview`: how it stands, and the ways to change it;
//! - `application`: setting one up, in the place of the one of before;
//! - `passkeys`: whether they are asked for after the password too;
//! - `codes`: new recovery codes;
//! - `removal`: of the application.

mod application;
mod codes;
mod overview;
mod passkeys;
mod removal;

use axum::{
    Router,
    response::Redirect,
    routing::{get, post},
};
use serde::Deserialize;
use web::Route;

use super::routes::{
    AddApplication, Application, AskForPasskeys, NewRecoveryCodes, RemoveApplication, SecondFactor,
    StopAskingForPasskeys,
};
use crate::state::SelfService;

pub(super) fn routes() -> Router<SelfService> {
    Router::new()
        .route(SecondFactor::PATTERN, get(overview::get))
        .route(AddApplication::PATTERN, post(application::begin).get(back))
        .route(
            Application::PATTERN,
            get(application::get).post(application::post),
        )
        .route(AskForPasskeys::PATTERN, post(passkeys::ask).get(back))
        .route(
            StopAskingForPasskeys::PATTERN,
            post(passkeys::stop).get(back),
        )
        .route(NewRecoveryCodes::PATTERN, post(codes::post).get(back))
        .route(RemoveApplication::PATTERN, post(removal::post).get(back))
}

/// Where somebody is led who had to sign in again.
async fn back() -> Redirect {
    Redirect::to(&SecondFactor.path())
}

/// A form that has nothing but its proof.
#[derive(Deserialize)]
struct Nothing {}
