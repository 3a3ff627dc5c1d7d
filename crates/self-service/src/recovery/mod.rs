//! A lost identifier or password (guide, sections 4.3.1 to 4.3.4), and « Ce n'est pas
//! moi ».
//!
//! Whatever somebody asks for, the page after it is the same and takes the same time: who
//! they are is looked up, and what may be sent is written, after the answer
//! ([`sending`]). What may be sent is one rule of `domain::recovery`.

mod code;
mod disavowal;
mod link;
mod lost_identifier;
mod lost_password;
mod new_password;
pub(crate) mod pages;
mod routes;
pub(crate) mod school_request;
pub(crate) mod sending;
mod setting;

use std::{fmt::Display, time::Duration};

use axum::{
    Router,
    routing::{get, post},
};
use idp::http::routes::{LostIdentifier, LostPassword};
use web::{PageError, Route};

use self::routes::{
    Disavow, DisavowalDone, DisavowalLink, EnterCode, IdentifierByMail, IdentifierBySms,
    IdentifierMailed, IdentifierTexted, LinkOver, NewPassword, PasswordLink, PasswordMailed,
    PasswordSet, RequestLink, RequestStopped, ResendCode, StopOwnRequest, StopRequest,
};
use crate::state::SelfService;

pub(crate) fn routes() -> Router<SelfService> {
    Router::new()
        .merge(identifier_routes())
        .merge(password_routes())
        .route(DisavowalLink::PATTERN, get(disavowal::link))
        .route(Disavow::PATTERN, get(disavowal::get).post(disavowal::post))
        .route(DisavowalDone::PATTERN, get(disavowal::done))
        .merge(request_routes())
}

fn request_routes() -> Router<SelfService> {
    use school_request as page;
    Router::new()
        .route(RequestLink::PATTERN, get(page::link))
        .route(StopRequest::PATTERN, get(page::get).post(page::post))
        .route(RequestStopped::PATTERN, get(page::done))
        .route(
            StopOwnRequest::PATTERN,
            get(page::back).post(page::post_own),
        )
}

fn identifier_routes() -> Router<SelfService> {
    use lost_identifier as page;
    Router::new()
        .route(LostIdentifier::PATTERN, get(page::choose))
        .route(
            IdentifierByMail::PATTERN,
            get(page::get_email).post(page::post_email),
        )
        .route(IdentifierMailed::PATTERN, get(page::mailed))
        .route(
            IdentifierBySms::PATTERN,
            get(page::get_sms).post(page::post_sms),
        )
        .route(IdentifierTexted::PATTERN, get(page::texted))
}

fn password_routes() -> Router<SelfService> {
    Router::new()
        .route(
            LostPassword::PATTERN,
            get(lost_password::get).post(lost_password::post),
        )
        .route(PasswordMailed::PATTERN, get(lost_password::mailed))
        .route(EnterCode::PATTERN, get(code::get).post(code::post))
        .route(ResendCode::PATTERN, post(code::resend))
        .route(PasswordLink::PATTERN, get(link::get))
        .route(LinkOver::PATTERN, get(link::over))
        .route(
            NewPassword::PATTERN,
            get(new_password::get).post(new_password::post),
        )
        .route(PasswordSet::PATTERN, get(new_password::done))
}

/// The page for a store that does not answer: nothing was done, and it says so.
fn unavailable(error: impl Display) -> PageError {
    tracing::error!(%error, "a store failed");
    PageError::busy(Duration::from_secs(5))
}
