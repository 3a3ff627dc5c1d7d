//! « Vérification en deux étapes »: the authenticator application of an account and the
//! codes for its loss.
//!
//! - `overview`: how it stands, and the ways to change it;
//! - `application`: setting one up, in the place of the one of before;
//! - `codes`: new recovery codes;
//! - `removal`: of families alone, whose choice it is.

mod application;
mod codes;
mod overview;
mod removal;

use axum::{
    Router,
    response::Redirect,
    routing::{get, post},
};
use serde::Deserialize;
use web::Route;

use super::routes::{
    AddApplication, Application, NewRecoveryCodes, RemoveApplication, SecondFactor,
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
