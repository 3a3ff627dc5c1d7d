//! The layers of the two kinds of router: pages for browsers, and endpoints for programs.

use std::{any::Any, sync::Arc};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{Extensions, HeaderName, HeaderValue, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

use crate::{
    access_log::{self, AccessLog},
    context::RequestContext,
    error::{self, PageError},
    headers,
    request_id::RequestId,
    site::Site,
};

/// The longest body that is read, in bytes: our forms are small, and so are tokens.
pub const LONGEST_BODY: usize = 64 * 1024;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Makes a router one of pages: language, browser, error pages, security headers,
/// request id, access log. Addresses that have no page: [`crate::static_pages::router`].
pub fn pages<S: Clone + Send + Sync + 'static>(router: Router<S>, site: &Arc<Site>) -> Router<S> {
    router
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(CatchPanicLayer::custom(page_of_panic))
        .layer(from_fn_with_state(site.clone(), serve_page))
}

/// Makes a router one of endpoints for programs: request id, access log, `nosniff`, HSTS,
/// and `no-store` unless the handler said otherwise. Nothing is rendered.
pub fn lean<S: Clone + Send + Sync + 'static>(router: Router<S>, site: &Arc<Site>) -> Router<S> {
    router
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(CatchPanicLayer::custom(answer_of_panic))
        .layer(from_fn_with_state(site.clone(), serve_lean))
}

async fn serve_page(State(site): State<Arc<Site>>, mut request: Request, next: Next) -> Response {
    let id = RequestId::generate(&site.ambient);
    let log = AccessLog::start(&request);
    let context = RequestContext::read(site.clone(), id, request.uri(), request.headers());
    request.extensions_mut().insert(context.clone());
    request.extensions_mut().insert(SiteOf(site.clone()));
    async {
        let response = next.run(request).await;
        let mut response = error::render(response, &context);
        context.set_cookies(response.headers_mut());
        headers::secure_page(&site, &mut response);
        finish(id, log, &mut response);
        response
    }
    .instrument(access_log::span(id))
    .await
}

async fn serve_lean(State(site): State<Arc<Site>>, mut request: Request, next: Next) -> Response {
    let id = RequestId::generate(&site.ambient);
    let log = AccessLog::start(&request);
    request.extensions_mut().insert(SiteOf(site.clone()));
    async {
        let mut response = next.run(request).await;
        headers::secure_any(&site, response.headers_mut());
        finish(id, log, &mut response);
        response
    }
    .instrument(access_log::span(id))
    .await
}

fn finish(id: RequestId, log: AccessLog, response: &mut Response) {
    let name = HeaderValue::from_str(&id.to_string()).expect("digits are fit for headers");
    response.headers_mut().insert(REQUEST_ID, name);
    log.finish(response);
}

/// The panic's message may quote data: the panic hook prints where it happened.
fn page_of_panic(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("a handler panicked");
    PageError::unexplained().into_response()
}

fn answer_of_panic(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("a handler panicked");
    let json = [(header::CONTENT_TYPE, "application/json")];
    let body = r#"{"error":"server_error"}"#;
    (StatusCode::INTERNAL_SERVER_ERROR, json, body).into_response()
}

/// The site, as extractors of both kinds of router find it.
#[derive(Clone)]
pub(crate) struct SiteOf(Arc<Site>);

impl SiteOf {
    pub(crate) fn read(extensions: &Extensions) -> Result<Arc<Site>, PageError> {
        extensions
            .get::<Self>()
            .map(|Self(site)| site.clone())
            .ok_or_else(|| PageError::internal("this router lacks the layers of web::layers"))
    }
}
