//! The API under `/api/admin/v1`, for programs with an access token of their own. What it
//! takes and answers is described by the handlers themselves: the `OpenAPI` document is made
//! from them.

#![expect(
    unused_qualifications,
    reason = "what utoipa's macros write is qualified"
)]

mod answers;
mod audit;
mod clients;
mod document;
mod history;
mod idempotent;
mod initial_tokens;
mod problem;
mod program;
mod request;
mod secrets;

use std::sync::Arc;

use axum::{
    Router,
    http::{HeaderValue, header},
    routing::get,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::problem::Problem;
use crate::state::Admin;

/// Where it is.
pub(crate) const PREFIX: &str = "/api/admin/v1";

/// Every route of the API.
pub(crate) fn router() -> Router<Admin> {
    let (routes, described) = described().split_for_parts();
    let document: Arc<str> = document::finish(described).to_string().into();
    let described = get(async move || {
        let json = HeaderValue::from_static("application/json");
        ([(header::CONTENT_TYPE, json)], document.to_string())
    });
    let routes = routes
        .route("/openapi.json", described)
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .fallback(async || Problem::not_found());
    Router::new().nest(PREFIX, routes)
}

fn described() -> OpenApiRouter<Admin> {
    OpenApiRouter::with_openapi(document::head())
        .routes(routes!(clients::list, clients::register))
        .routes(routes!(clients::show, clients::replace, clients::delete))
        .routes(routes!(clients::disable))
        .routes(routes!(clients::enable))
        .routes(routes!(clients::release))
        .routes(routes!(history::list))
        .routes(routes!(history::restore))
        .routes(routes!(secrets::list, secrets::add))
        .routes(routes!(secrets::remove))
        .routes(routes!(initial_tokens::list, initial_tokens::make))
        .routes(routes!(initial_tokens::remove))
        .routes(routes!(audit::list))
}
