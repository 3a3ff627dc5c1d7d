//! A lost identifier or password (guide, sections 4.3.1 to 4.3.4).

use axum::Router;

use crate::state::SelfService;

pub(crate) fn routes() -> Router<SelfService> {
    Router::new()
}
