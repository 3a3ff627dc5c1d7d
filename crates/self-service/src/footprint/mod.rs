//! Sessions, services, history and data of an account.

use axum::Router;

use crate::state::SelfService;

pub(crate) fn routes() -> Router<SelfService> {
    Router::new()
}
