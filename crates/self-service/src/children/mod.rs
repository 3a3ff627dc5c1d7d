//! « Mes enfants » (guide, sections 4.4.4 and 4.4.5).

use axum::Router;

use crate::state::SelfService;

pub(crate) fn routes() -> Router<SelfService> {
    Router::new()
}
