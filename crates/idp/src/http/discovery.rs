//! Metadata and key set: bytes that are made once, on a router without layers, since
//! every relying party reads them and nothing of a request changes them.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, HeaderValue, header},
    response::Response,
    routing::get,
};
use bytes::Bytes;
use web::Route;

use super::{
    registration,
    routes::{
        Authorize, EndSession, Introspection, Jwks, OauthServerMetadata, OpenidConfiguration,
        Revocation, TokenEndpoint, UserInfo,
    },
};
use crate::{
    app::App,
    protocol::metadata::{Endpoints, document},
};

/// How long relying parties may keep them, in seconds. Keys are published long before
/// they sign.
const CACHE: HeaderValue = HeaderValue::from_static("public, max-age=300");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const JWK_SET: HeaderValue = HeaderValue::from_static("application/jwk-set+json");

/// The two documents and the key set.
pub(super) fn router(app: &App) -> Router {
    let urls = &app.site.urls;
    let endpoints = Endpoints {
        authorization: urls.absolute(&Authorize),
        token: urls.absolute(&TokenEndpoint),
        userinfo: urls.absolute(&UserInfo),
        jwks: urls.absolute(&Jwks),
        introspection: urls.absolute(&Introspection),
        revocation: urls.absolute(&Revocation),
        end_session: urls.absolute(&EndSession),
        registration: registration::endpoint(app),
    };
    let metadata = Bytes::from_owner(document(
        app.issuer(),
        &endpoints,
        &app.namespace,
        &app.reachable,
    ));
    let headers = Arc::new(headers(urls.is_https()));
    let of_keys = headers.clone();
    let keys = app.keys.clone();
    let metadata = get(move || {
        let response = respond(metadata.clone(), JSON, &headers);
        async { response }
    });
    let key_set = get(move || {
        let bytes = Bytes::from_owner(keys.ring().key_set().clone());
        let response = respond(bytes, JWK_SET, &of_keys);
        async { response }
    });
    Router::new()
        .route(OpenidConfiguration::PATTERN, metadata.clone())
        .route(OauthServerMetadata::PATTERN, metadata)
        .route(Jwks::PATTERN, key_set)
}

fn headers(is_https: bool) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CACHE_CONTROL, CACHE);
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    if is_https {
        let hsts = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, hsts);
    }
    headers
}

fn respond(bytes: Bytes, content_type: HeaderValue, headers: &HeaderMap) -> Response {
    let mut response = Response::new(Body::from(bytes));
    *response.headers_mut() = headers.clone();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, content_type);
    response
}
