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
use utoipa::openapi::SecurityRequirement;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouter},
    routes,
};

use self::{problem::Problem, program::Asks};
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

/// A handler's route, and in the document the scope that the handler asks for.
macro_rules! route {
    ($($handler:tt)*) => {
        scoped($($handler)*, routes!($($handler)*))
    };
}

fn described() -> OpenApiRouter<Admin> {
    OpenApiRouter::with_openapi(document::head())
        .routes(route!(clients::list))
        .routes(route!(clients::register))
        .routes(route!(clients::show))
        .routes(route!(clients::replace))
        .routes(route!(clients::delete))
        .routes(route!(clients::disable))
        .routes(route!(clients::enable))
        .routes(route!(clients::release))
        .routes(route!(history::list))
        .routes(route!(history::restore))
        .routes(route!(secrets::list))
        .routes(route!(secrets::add))
        .routes(route!(secrets::remove))
        .routes(route!(initial_tokens::list))
        .routes(route!(initial_tokens::make))
        .routes(route!(initial_tokens::remove))
        .routes(route!(audit::list))
}

fn scoped<Arguments, H: Asks<Arguments>>(
    _: H,
    (schemas, mut paths, router): UtoipaMethodRouter<Admin>,
) -> UtoipaMethodRouter<Admin> {
    for item in paths.paths.values_mut() {
        let operations = [
            &mut item.get,
            &mut item.post,
            &mut item.put,
            &mut item.delete,
        ];
        for operation in operations.into_iter().flatten() {
            let needed = SecurityRequirement::new(document::CREDENTIALS, [H::SCOPE]);
            operation.security = Some(vec![needed]);
        }
    }
    (schemas, paths, router)
}
