//! One line in the log for each request: no address, no path, no query.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    http::Method,
    response::Response,
};
use tracing::Span;

use crate::{error::ErrorCode, request_id::RequestId};

/// What is known of a request when it arrives.
pub(crate) struct AccessLog {
    method: Method,
    route: Option<MatchedPath>,
    started: Instant,
}

impl AccessLog {
    pub(crate) fn start(request: &Request) -> Self {
        Self {
            method: request.method().clone(),
            route: request.extensions().get().cloned(),
            started: Instant::now(),
        }
    }

    /// Writes the line. Only the route's pattern is told, since paths hold secrets; the
    /// code of an error page is what a person tells the help desk.
    pub(crate) fn finish(self, response: &Response) {
        let method = self.method.as_str();
        let route = self.route.as_ref().map_or("none", MatchedPath::as_str);
        let status = response.status().as_u16();
        let code = response.extensions().get::<ErrorCode>().map(|code| code.0);
        let duration_us = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        tracing::info!(method, route, status, code, duration_us, "request");
    }
}

/// The span that everything logged for a request stands in.
pub(crate) fn span(id: RequestId) -> Span {
    tracing::info_span!("request", request_id = %id)
}
