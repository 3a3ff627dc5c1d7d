//! Traces for an OpenTelemetry collector: how long a request took, and what of it the
//! password and other services did. A span names a route's pattern, never a path, and
//! nothing of a person.
//!
//! Whatever shall be seen in a trace is a span with the target [`TARGET`]; other spans are
//! the log's.

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{
    ExporterBuildError, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::{
    Resource,
    trace::{Sampler, SdkTracerProvider},
};
use tracing::{Instrument as _, Level, Subscriber, field::Empty, level_filters::LevelFilter};
use tracing_subscriber::{Layer, filter::Targets, registry::LookupSpan};

use crate::config::TraceSettings;

/// The target of spans that are traced.
pub(crate) const TARGET: &str = "traces";

/// What is sent, until [`Traces::end`].
#[derive(Default)]
pub struct Traces(Option<SdkTracerProvider>);

/// Why no trace can be sent.
#[derive(Debug, thiserror::Error)]
pub enum TraceFault {
    /// The HTTP client.
    #[error("traces: {0}")]
    Client(#[from] reqwest::Error),
    /// The exporter.
    #[error("traces.endpoint: {0}")]
    Exporter(#[from] ExporterBuildError),
}

impl Traces {
    /// Sends to the collector of the configuration, from a thread of its own.
    pub(crate) fn begin(settings: &TraceSettings) -> Result<Self, TraceFault> {
        // The client of the exporter checks certificates with the process's provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::blocking::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_endpoint(settings.endpoint.as_str())
            .build()?;
        let sampler = Sampler::TraceIdRatioBased(settings.ratio);
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(Sampler::ParentBased(Box::new(sampler)))
            .with_resource(Resource::builder().with_service_name("preau").build())
            .build();
        Ok(Self(Some(provider)))
    }

    /// What hands spans over to it.
    pub(crate) fn layer<S>(&self) -> Option<impl Layer<S> + use<S>>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let provider = self.0.as_ref()?;
        let tracer = provider.tracer("preau");
        let layer = tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false);
        Some(layer.with_filter(Targets::new().with_target(TARGET, LevelFilter::from(Level::INFO))))
    }

    /// Sends what is left; a collector that does not answer is not waited for long.
    pub fn end(self) {
        let Some(provider) = self.0 else { return };
        if let Err(error) = provider.shutdown() {
            tracing::warn!(%error, "not every trace was sent");
        }
    }
}

/// The span of a request (OpenTelemetry's semantic conventions for HTTP servers).
pub(crate) async fn of_request(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let span = tracing::info_span!(
        target: TARGET,
        "request",
        otel.name = %format_args!("{} {route}", request.method()),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = %request.method(),
        http.route = route,
        http.response.status_code = Empty,
        preau.request_id = Empty,
    );
    let response = next.run(request).instrument(span.clone()).await;
    span.record("http.response.status_code", response.status().as_u16());
    if response.status().is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    if let Some(id) = response.headers().get("x-request-id") {
        span.record("preau.request_id", id.to_str().unwrap_or_default());
    }
    response
}
