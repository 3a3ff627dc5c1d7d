//! What stands around every route: the longest time, counters and traces.

use std::time::{Duration, Instant};

use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    http::{StatusCode, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};

use super::metrics::Metrics;
use crate::traces;

/// How long a request may take, reading its body included.
const LONGEST: Duration = Duration::from_secs(30);

/// Bounds every route in time, counts what it answers, and traces it.
pub(super) fn observed(router: Router, metrics: Option<&Metrics>, traced: bool) -> Router {
    let router = match metrics {
        Some(metrics) => router.layer(from_fn_with_state(metrics.clone(), count)),
        None => router.layer(from_fn(bound)),
    };
    if traced {
        router.layer(from_fn(traces::of_request))
    } else {
        router
    }
}

async fn bound(request: Request, next: Next) -> Response {
    let answer = tokio::time::timeout(LONGEST, next.run(request)).await;
    answer.unwrap_or_else(|_| too_late())
}

async fn count(State(metrics): State<Metrics>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = request.method().clone();
    let response = bound(request, next).await;
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    metrics.count(route, &method, response.status(), started.elapsed());
    response
}

/// Outside of the layers of pages, so that it brings its headers itself.
fn too_late() -> Response {
    tracing::warn!("a request took too long");
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
        (header::RETRY_AFTER, "5"),
        (header::CONNECTION, "close"),
    ];
    let text = "Le service met trop de temps à répondre. Réessayez.\nThe service takes too long to answer. Try again.\n";
    (StatusCode::SERVICE_UNAVAILABLE, headers, text).into_response()
}
