//! Our public keys, for an upstream that knows us by one or encrypts for one.

use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{app::App, upstream::Upstream};

/// The key set; nothing where the upstream needs none.
pub(in crate::http) async fn get(State(app): State<App>, Path(name): Path<String>) -> Response {
    let upstream = app.upstreams.find(&name);
    let Some(keys) = upstream.and_then(Upstream::own_keys) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let content_type = HeaderValue::from_static("application/jwk-set+json");
    ([(header::CONTENT_TYPE, content_type)], keys.to_string()).into_response()
}
