//! What an account leaves behind, for its owner to see and to end: sessions, services,
//! history, data, and the language of messages.

mod data;
mod history;
mod language;
pub(crate) mod routes;
mod services;
mod sessions;

use axum::{
    Router,
    routing::{get, post},
};
use web::Route;

use self::routes::{
    EndOtherSessions, EndSession, History, Language, MyData, Services, Sessions, Withdraw,
};
use crate::state::SelfService;

pub(crate) fn routes() -> Router<SelfService> {
    Router::new()
        .route(Sessions::PATTERN, get(sessions::get))
        .route(EndSession::PATTERN, post(sessions::end).get(sessions::back))
        .route(
            EndOtherSessions::PATTERN,
            post(sessions::end_others).get(sessions::back),
        )
        .route(Services::PATTERN, get(services::get))
        .route(
            Withdraw::PATTERN,
            post(services::withdraw).get(services::back),
        )
        .route(History::PATTERN, get(history::get))
        .route(MyData::PATTERN, get(data::get))
        .route(Language::PATTERN, post(language::post).get(language::back))
}
