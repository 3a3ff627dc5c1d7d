//! The way out to an upstream: bounded in time, in size, in how many calls wait at once,
//! and closed for a while after it has failed.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::http;
use domain::ambient::Ambient;
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use tokio::sync::Semaphore;
use tracing::Instrument as _;
use url::{Host, Url};

/// Metadata, keys, tokens and claims are a few kilobytes.
const LONGEST_ANSWER: usize = 256 * 1024;
/// How long a connection may take, where the whole answer may take longer.
const PATIENCE_TO_CONNECT: Duration = Duration::from_secs(2);
/// Calls to one upstream that may wait at once: a slow one must not gather them.
const MOST_AT_ONCE: usize = 64;
/// Failures one after another that close the way.
const MOST_FAILURES: u32 = 5;
/// For how long it is closed.
const CLOSED_FOR: Duration = Duration::from_secs(15);

/// A client of one upstream. It follows no redirects.
#[derive(Clone)]
pub(super) struct Outbound {
    client: reqwest::Client,
    shared: Arc<Shared>,
}

struct Shared {
    ambient: Ambient,
    places: Semaphore,
    failures: AtomicU32,
    /// In milliseconds since the epoch.
    closed_until: AtomicI64,
}

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum OutboundFault {
    /// It failed a moment ago, or too many calls wait: it was not asked.
    #[error("not asked: it failed a moment ago")]
    Closed,
    /// Not sent, or not answered in time.
    #[error("not answered: {0}")]
    Request(#[from] reqwest::Error),
    /// It answered that it cannot.
    #[error("answered {0}")]
    Status(http::StatusCode),
    /// Longer than anything that a provider has to say.
    #[error("the answer is longer than {LONGEST_ANSWER} bytes")]
    TooLong,
    /// A header that cannot be taken over.
    #[error("the answer has unreadable headers")]
    Malformed(#[from] http::Error),
}

impl Outbound {
    /// For the upstream of this issuer.
    pub(super) fn new(
        issuer: &Url,
        patience: Duration,
        ambient: &Ambient,
    ) -> Result<Self, reqwest::Error> {
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(patience)
            .connect_timeout(PATIENCE_TO_CONNECT.min(patience));
        if is_this_machine(issuer) {
            builder = builder.no_proxy();
        }
        let shared = Shared {
            ambient: ambient.clone(),
            places: Semaphore::new(MOST_AT_ONCE),
            failures: AtomicU32::new(0),
            closed_until: AtomicI64::new(0),
        };
        Ok(Self {
            client: builder.build()?,
            shared: Arc::new(shared),
        })
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, OutboundFault> {
        let shared = &self.shared;
        let Ok(_place) = shared.places.try_acquire() else {
            return Err(OutboundFault::Closed);
        };
        if shared.is_closed() {
            return Err(OutboundFault::Closed);
        }
        let span = tracing::info_span!(target: "traces", "upstream", otel.kind = "client");
        let answer = self.exchange(request).instrument(span).await;
        shared.note(answer.is_ok());
        answer
    }

    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, OutboundFault> {
        let mut response = self.client.execute(request.try_into()?).await?;
        if response.status().is_server_error() {
            return Err(OutboundFault::Status(response.status()));
        }
        let mut answer = http::Response::builder().status(response.status());
        for (name, value) in response.headers() {
            answer = answer.header(name, value);
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > LONGEST_ANSWER {
                return Err(OutboundFault::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(answer.body(body)?)
    }
}

impl Outbound {
    /// Whether it is not asked for a while, since it failed a moment ago.
    pub(super) fn is_resting(&self) -> bool {
        self.shared.is_closed()
    }
}

impl Shared {
    fn is_closed(&self) -> bool {
        self.ambient.now().as_millisecond() < self.closed_until.load(Ordering::Relaxed)
    }

    /// Once the time is over calls go out again; the first that fails closes the way.
    fn note(&self, succeeded: bool) {
        if succeeded {
            self.failures.store(0, Ordering::Relaxed);
            return;
        }
        let failures = self.failures.fetch_add(1, Ordering::Relaxed) + 1;
        if failures >= MOST_FAILURES {
            let until = (self.ambient.now() + CLOSED_FOR).as_millisecond();
            self.closed_until.store(until, Ordering::Relaxed);
        }
    }
}

impl<'c> AsyncHttpClient<'c> for Outbound {
    type Error = OutboundFault;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Self::Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

/// Whether no proxy of the environment can stand between.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_closes_after_failures_in_a_row_and_opens_with_a_success() {
        let issuer = Url::parse("https://fc.example").unwrap();
        let _ = rustls_for_tests();
        let outbound = Outbound::new(&issuer, Duration::from_secs(1), &Ambient::system()).unwrap();
        let shared = &outbound.shared;
        for _ in 1..MOST_FAILURES {
            shared.note(false);
        }
        assert!(!shared.is_closed());
        shared.note(true);
        shared.note(false);
        assert!(!shared.is_closed());
        for _ in 1..MOST_FAILURES {
            shared.note(false);
        }
        assert!(shared.is_closed());
    }

    fn rustls_for_tests() -> Result<(), Arc<rustls::crypto::CryptoProvider>> {
        rustls::crypto::ring::default_provider().install_default()
    }

    #[test]
    fn proxies_stand_before_other_machines_alone() {
        for (url, own) in [
            ("http://localhost:8082", true),
            ("http://127.0.0.1:1", true),
            ("http://[::1]:1", true),
            ("https://fcp.example", false),
        ] {
            assert_eq!(is_this_machine(&Url::parse(url).unwrap()), own, "{url}");
        }
    }
}
