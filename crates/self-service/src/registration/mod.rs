//! Self-registration: a guardian without a letter (product.md, Activation).

use axum::Router;

use crate::state::SelfService;

pub(crate) fn routes() -> Router<SelfService> {
    Router::new()
}
