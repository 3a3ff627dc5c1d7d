//! What a node counts, in Prometheus' text format.

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
    time::Duration,
};

use ::metrics::{Counter, Gauge, Histogram, Key, KeyName, Label, Level, Metadata, Recorder, Unit};
use axum::{
    Router,
    http::{Method, StatusCode, header},
    routing::get,
};
use idp::counters::Counters;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

use super::backlog::{OutboxGauges, OutboxWatch};

/// Bounds of the histogram, in seconds: from what is answered from memory to what a
/// password costs, and beyond.
const BUCKETS: [f64; 12] = [
    0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0,
];
const REQUESTS: &str = "preau_http_requests_total";
const DURATION: &str = "preau_http_request_duration_seconds";
const CONNECTIONS: &str = "preau_connections";
const WRONG_CODES: &str = "preau_wrong_codes_total";
const BRAKED_CODES: &str = "preau_braked_codes_total";
const BUILD: &str = "preau_build_info";

/// What every metric is registered with.
pub(super) const METADATA: Metadata<'static> = Metadata::new("preau", Level::INFO, None);

/// How often what was recorded is folded into the histograms.
const UPKEEP: Duration = Duration::from_secs(5);

/// A node's counters; cheap to clone. Each node has its own, not the process.
#[derive(Clone)]
pub(super) struct Metrics(Arc<Inner>);

struct Inner {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    routes: RwLock<HashMap<Box<str>, Arc<RouteMetrics>>>,
    connections: Gauge,
    attacks: Attacks,
    outbox: OutboxGauges,
}

/// What the provider counts of attacks, and where it is shown.
struct Attacks {
    counted: Arc<Counters>,
    wrong_codes: Counter,
    braked_codes: Counter,
}

impl Attacks {
    fn new(recorder: &PrometheusRecorder, counted: Arc<Counters>) -> Self {
        let registered = |name| recorder.register_counter(&Key::from_name(name), &METADATA);
        Self {
            counted,
            wrong_codes: registered(WRONG_CODES),
            braked_codes: registered(BRAKED_CODES),
        }
    }

    fn show(&self) {
        self.wrong_codes.absolute(self.counted.wrong_codes());
        self.braked_codes.absolute(self.counted.braked_codes());
    }
}

/// What is counted of one route.
struct RouteMetrics {
    duration: Histogram,
    requests: RwLock<Vec<(Method, StatusCode, Counter)>>,
}

impl Metrics {
    pub(super) fn new(counted: Arc<Counters>, watch: OutboxWatch) -> Self {
        let recorder = PrometheusBuilder::new()
            .set_buckets(&BUCKETS)
            .expect("there are bounds")
            .build_recorder();
        describe(&recorder);
        let version = Label::new("version", env!("CARGO_PKG_VERSION"));
        let build = Key::from_parts(BUILD, vec![version]);
        recorder.register_gauge(&build, &METADATA).set(1.0);
        Self(Arc::new(Inner {
            handle: recorder.handle(),
            connections: recorder.register_gauge(&Key::from_name(CONNECTIONS), &METADATA),
            attacks: Attacks::new(&recorder, counted),
            outbox: OutboxGauges::new(&recorder, watch),
            recorder,
            routes: RwLock::default(),
        }))
    }

    /// Counts a request that was answered. `route` is a pattern, never a path.
    pub(super) fn count(&self, route: &str, method: &Method, status: StatusCode, took: Duration) {
        let metrics = self.of_route(route);
        metrics.duration.record(took);
        let known = metrics.requests.read().expect(UNPOISONED);
        let found = known
            .iter()
            .find(|(of, with, _)| of == method && *with == status);
        if let Some((_, _, counter)) = found {
            counter.increment(1);
            return;
        }
        drop(known);
        self.count_first(&metrics, route, method, status);
    }

    /// The connections that are open now.
    pub(super) fn connections(&self) -> &Gauge {
        &self.0.connections
    }

    /// The page, and the upkeep of the histograms.
    pub(super) fn router(&self) -> Router {
        let inner = self.0.clone();
        let page = get(async move || {
            inner.attacks.show();
            inner.outbox.show().await;
            let text = (
                header::CONTENT_TYPE,
                "text/plain; version=0.0.4; charset=utf-8",
            );
            ([text], inner.handle.render())
        });
        Router::new().route("/metrics", page)
    }

    /// Folds recorded values, until it is dropped.
    pub(super) async fn maintain(self) {
        let mut every = tokio::time::interval(UPKEEP);
        loop {
            every.tick().await;
            self.0.handle.run_upkeep();
        }
    }

    fn of_route(&self, route: &str) -> Arc<RouteMetrics> {
        if let Some(known) = self.0.routes.read().expect(UNPOISONED).get(route) {
            return known.clone();
        }
        let mut routes = self.0.routes.write().expect(UNPOISONED);
        let new = || {
            let key = Key::from_parts(DURATION, vec![Label::new("route", route.to_owned())]);
            Arc::new(RouteMetrics {
                duration: self.0.recorder.register_histogram(&key, &METADATA),
                requests: RwLock::default(),
            })
        };
        routes.entry(route.into()).or_insert_with(new).clone()
    }

    /// The same counter is registered again where two requests are the first at once.
    fn count_first(
        &self,
        metrics: &RouteMetrics,
        route: &str,
        method: &Method,
        status: StatusCode,
    ) {
        let labels = vec![
            Label::new("route", route.to_owned()),
            Label::new("method", known(method)),
            Label::new("status", status.as_str().to_owned()),
        ];
        let key = Key::from_parts(REQUESTS, labels);
        let counter = self.0.recorder.register_counter(&key, &METADATA);
        counter.increment(1);
        if known(method) != "OTHER" {
            let mut requests = metrics.requests.write().expect(UNPOISONED);
            requests.push((method.clone(), status, counter));
        }
    }
}

const UNPOISONED: &str = "nothing panics while it counts";

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

fn describe(recorder: &PrometheusRecorder) {
    let name = KeyName::from_const_str;
    recorder.describe_counter(name(REQUESTS), None, "Requests that were answered.".into());
    let took = "How long answers took, without sending them.";
    recorder.describe_histogram(name(DURATION), Some(Unit::Seconds), took.into());
    recorder.describe_gauge(name(CONNECTIONS), None, "Connections that are open.".into());
    let wrong = "One-time codes that were typed wrong.";
    recorder.describe_counter(name(WRONG_CODES), None, wrong.into());
    let braked = "One-time codes that were not looked at, after too many wrong ones: an alarm.";
    recorder.describe_counter(name(BRAKED_CODES), None, braked.into());
    recorder.describe_gauge(name(BUILD), None, "1, with this build's version.".into());
}
