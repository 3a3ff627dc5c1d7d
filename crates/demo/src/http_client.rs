//! The portal's way out: our HTTP client, as the oauth2 crate wants to be given one.

use std::{pin::Pin, time::Duration};

use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use thiserror::Error;

/// Bounds what the provider may send: metadata, keys and claims are a few kilobytes.
const LONGEST_ANSWER: usize = 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);
const PATIENCE_TO_CONNECT: Duration = Duration::from_secs(3);

/// A client without redirects (a provider that redirects its back channel is not to be
/// followed), with time-outs and a bound on answers.
#[derive(Clone, Debug)]
pub(crate) struct HttpClient(reqwest::Client);

/// Why a request came to nothing.
#[derive(Debug, Error)]
pub(crate) enum HttpClientError {
    /// Not sent, or not answered.
    #[error("the request failed")]
    Request(#[from] reqwest::Error),
    /// Longer than anything that a provider has to say.
    #[error("the answer is longer than {LONGEST_ANSWER} bytes")]
    TooLong,
    /// A header that cannot be taken over.
    #[error("the answer has unreadable headers")]
    Malformed(#[from] axum::http::Error),
}

impl HttpClient {
    /// Makes the client. The process must have a rustls provider installed, as the
    /// binary does first of all.
    pub(crate) fn new() -> Result<Self, HttpClientError> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .connect_timeout(PATIENCE_TO_CONNECT)
            // The provider of the demo is on this machine, whatever the environment says.
            .no_proxy()
            .build()?;
        Ok(Self(client))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpClientError> {
        let mut response = self.0.execute(request.try_into()?).await?;
        let mut answer = axum::http::Response::builder()
            .status(response.status())
            .version(response.version());
        for (name, value) in response.headers() {
            answer = answer.header(name, value);
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > LONGEST_ANSWER {
                return Err(HttpClientError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(answer.body(body)?)
    }
}

impl<'c> AsyncHttpClient<'c> for HttpClient {
    type Error = HttpClientError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Self::Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}
