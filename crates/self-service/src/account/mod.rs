//! « Mes informations » (guide, sections 4.4.1 to 4.4.3).

mod home;

use axum::{Router, routing::get};
use idp::http::routes::Account;
use web::Route;

use crate::state::SelfService;

pub(crate) fn routes() -> Router<SelfService> {
    Router::new().route(Account::PATTERN, get(home::get))
}
