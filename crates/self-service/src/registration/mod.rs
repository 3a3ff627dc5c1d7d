//! « Je n'ai pas encore d'identifiant »: a guardian without a letter, whose mobile number
//! the school knows, activates their account (product.md, Activation).
//!
//! The pages are the same whether or not such a person exists: without the code, which
//! goes to a number that a school gave, nobody gets past its page. What was done waits in
//! the browser that did it ([`steps::Registration`]).

mod children;
mod code;
mod identifier;
mod password;
mod recapitulation;
mod sending;
mod start;
mod steps;

use axum::{
    Router,
    routing::{get, post},
};
use idp::http::routes;
use web::Route;

use self::steps::{Children, Code, Identifier, Password, Recapitulation, Resend};
use crate::state::SelfService;

pub(crate) fn routes() -> Router<SelfService> {
    Router::new()
        .route(
            routes::Registration::PATTERN,
            get(start::get).post(start::post),
        )
        .route(Code::PATTERN, get(code::get).post(code::post))
        .route(Resend::PATTERN, post(code::resend))
        .route(Children::PATTERN, get(children::get).post(children::post))
        .route(Password::PATTERN, get(password::get).post(password::post))
        .route(
            Recapitulation::PATTERN,
            get(recapitulation::get).post(recapitulation::post),
        )
        .route(Identifier::PATTERN, get(identifier::get))
}
