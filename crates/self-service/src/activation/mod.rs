//! « J'active mon compte »: from the provisional password of the school's letter to an
//! account in use (product.md, Activation).
//!
//! What was done is kept on the account, held by who signed in with the provisional
//! password last (`store::activations`); the sign-in transaction that waits remembers the
//! holder. Each page is one step; the order is [`steps`]'.
//!
//! A guardian for whom an upstream vouches comes here without a letter: they are asked for
//! the dates of all their children, and choose no password.

mod birth_date;
mod children;
mod code;
mod email;
mod password;
mod phone;
mod recapitulation;
mod steps;

use axum::{
    Router,
    routing::{get, post},
};
use idp::http::routes::Activation;
use web::Route;

use self::steps::{BirthDate, Children, Code, Email, Password, Phone, Recapitulation, SendCode};
use crate::state::SelfService;

pub(crate) fn routes() -> Router<SelfService> {
    Router::new()
        .route(Activation::PATTERN, get(steps::get))
        .route(
            BirthDate::PATTERN,
            get(birth_date::get).post(birth_date::post),
        )
        .route(Code::PATTERN, get(code::get).post(code::post))
        .route(SendCode::PATTERN, post(code::send))
        .route(Children::PATTERN, get(children::get).post(children::post))
        .route(Password::PATTERN, get(password::get).post(password::post))
        .route(Email::PATTERN, get(email::get).post(email::post))
        .route(Phone::PATTERN, get(phone::get).post(phone::post))
        .route(
            Recapitulation::PATTERN,
            get(recapitulation::get).post(recapitulation::post),
        )
}
