//! What a node counts, as `OpenMetrics` 1.0 text.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use idp::counters::Counters;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric as _, text::encode},
    metrics::{
        counter::{ConstCounter, Counter},
        family::Family,
        gauge::Gauge,
        histogram::Histogram,
        info::Info,
    },
    registry::{Registry, Unit},
};

use super::{backlog::OutboxWatch, trail::TrailWatch};

/// Bounds of the histogram, in seconds: from what is answered from memory to what a
/// password costs, and beyond.
const BUCKETS: [f64; 12] = [
    0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0,
];

/// `OpenMetrics` 1.0.0, section 4.1.1.
const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// A node's counters; cheap to clone. Each node has its own, not the process.
#[derive(Clone)]
pub(super) struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    requests: Family<Answered, Counter>,
    durations: Family<Route, Histogram, fn() -> Histogram>,
    connections: Gauge,
    outbox: OutboxWatch,
    trail: TrailWatch,
}

/// What answers are told apart by.
#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct Answered {
    route: String,
    method: &'static str,
    status: u16,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct Route {
    route: String,
}

impl Metrics {
    pub(super) fn new(counted: Arc<Counters>, outbox: OutboxWatch, trail: TrailWatch) -> Self {
        let mut inner = Inner {
            registry: Registry::with_prefix("preau"),
            requests: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            connections: Gauge::default(),
            outbox,
            trail,
        };
        inner.register();
        let codes = Codes(counted);
        inner.registry.register_collector(Box::new(codes));
        let shown = Box::new(inner.outbox.clone());
        inner.registry.register_collector(shown);
        let shown = Box::new(inner.trail.clone());
        inner.registry.register_collector(shown);
        Self(Arc::new(inner))
    }

    /// Counts a request that was answered. `route` is a pattern, never a path.
    pub(super) fn count(&self, route: &str, method: &Method, status: StatusCode, took: Duration) {
        let answered = Answered {
            route: route.to_owned(),
            method: known(method),
            status: status.as_u16(),
        };
        self.0.requests.get_or_create(&answered).inc();
        let route = Route {
            route: answered.route,
        };
        let duration = self.0.durations.get_or_create(&route);
        duration.observe(took.as_secs_f64());
    }

    /// The connections that are open now.
    pub(super) fn connections(&self) -> &Gauge {
        &self.0.connections
    }

    /// The page.
    pub(super) fn router(&self) -> Router {
        let inner = self.0.clone();
        let page = get(async move || {
            inner.outbox.look().await;
            inner.trail.look().await;
            inner.page()
        });
        Router::new().route("/metrics", page)
    }
}

impl Inner {
    fn register(&mut self) {
        let registry = &mut self.registry;
        let requests = self.requests.clone();
        registry.register("http_requests", "Requests that were answered", requests);
        let took = "How long answers took, without sending them";
        let durations = self.durations.clone();
        registry.register_with_unit("http_request_duration", took, Unit::Seconds, durations);
        let connections = self.connections.clone();
        registry.register("connections", "Connections that are open", connections);
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "1, with this build's version", build);
    }

    fn page(&self) -> Response {
        let mut text = String::new();
        match encode(&mut text, &self.registry) {
            Ok(()) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
            Err(error) => {
                tracing::error!(%error, "the metrics cannot be written");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

/// What the provider counts of attacks.
#[derive(Debug)]
struct Codes(Arc<Counters>);

impl Collector for Codes {
    fn encode(&self, mut encoder: DescriptorEncoder) -> std::fmt::Result {
        let wrong = "One-time codes that were typed wrong";
        show(&mut encoder, "wrong_codes", wrong, self.0.wrong_codes())?;
        let braked = "One-time codes that were not looked at, after too many wrong ones: an alarm";
        show(&mut encoder, "braked_codes", braked, self.0.braked_codes())
    }
}

fn show(encoder: &mut DescriptorEncoder, name: &str, help: &str, value: u64) -> std::fmt::Result {
    let counter = ConstCounter::new(value);
    counter.encode(encoder.encode_descriptor(name, help, None, counter.metric_type())?)
}

/// Names that clients made up would each be a counter of their own.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}
