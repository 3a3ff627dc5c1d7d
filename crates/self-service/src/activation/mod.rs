//! Activation by notification: from the school's letter to an account in use.

use axum::Router;

use crate::state::SelfService;

pub(crate) fn routes() -> Router<SelfService> {
    Router::new()
}
