//! The way to a node: requests to the issuer's addresses arrive at its socket.

use std::{net::SocketAddr, pin::Pin};

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use url::form_urlencoded;

use crate::answer::Answer;

/// Reaches one node. The service believes that it is at the issuer; its TLS is ended by
/// a proxy that is not there.
#[derive(Clone, Debug)]
pub struct Door {
    issuer: String,
    address: SocketAddr,
    http: reqwest::Client,
    may_die: bool,
}

impl Door {
    /// To a node of this issuer.
    pub fn new(issuer: &str, address: SocketAddr) -> Self {
        // A node of this process may have chosen it before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(std::time::Duration::from_mins(1))
            .no_proxy()
            .build()
            .expect("a client can be made");
        Self {
            issuer: issuer.to_owned(),
            address,
            http,
            may_die: false,
        }
    }

    /// To a node that may die under a request: then its answer's status is 0.
    #[must_use]
    pub const fn of_mortal(mut self) -> Self {
        self.may_die = true;
        self
    }

    /// The issuer.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The node's own address.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// An address of the service.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }

    /// Sends a request; `url` is one of the service, or a path of it.
    pub async fn send(
        &self,
        method: Method,
        url: &str,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Answer {
        let path = url.strip_prefix(&self.issuer).unwrap_or(url);
        let target = format!("http://{}{path}", self.address);
        let request = self
            .http
            .request(method, &target)
            .headers(headers)
            .body(body);
        match whole(request).await {
            Ok((status, headers, body)) => Answer {
                url: self.url(path),
                status,
                headers,
                body,
            },
            Err(_) if self.may_die => Answer {
                url: self.url(path),
                status: 0,
                headers: HeaderMap::new(),
                body: Vec::new(),
            },
            Err(error) => panic!("no answer from {path:.200}: {error:.300}"),
        }
    }

    /// A GET without anything.
    pub async fn get(&self, url: &str) -> Answer {
        self.send(Method::GET, url, HeaderMap::new(), Vec::new())
            .await
    }

    /// A form, with further headers.
    pub async fn post(&self, url: &str, form: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let mut all = header_map(headers);
        all.entry("content-type")
            .or_insert(HeaderValue::from_static(
                "application/x-www-form-urlencoded",
            ));
        self.send(Method::POST, url, all, encode(form).into_bytes())
            .await
    }
}

/// Status, headers and body, once all of it is there.
async fn whole(request: reqwest::RequestBuilder) -> reqwest::Result<(u16, HeaderMap, Vec<u8>)> {
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok((status, headers, response.bytes().await?.to_vec()))
}

/// A form's body, or a query.
pub fn encode(form: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish()
}

/// Headers from texts.
pub fn header_map(headers: &[(&str, &str)]) -> HeaderMap {
    let parse = |(name, value): &(&str, &str)| {
        let name: HeaderName = name.parse().expect("a header's name");
        (
            name,
            HeaderValue::from_str(value).expect("a header's value"),
        )
    };
    headers.iter().map(parse).collect()
}

impl<'c> AsyncHttpClient<'c> for Door {
    type Error = std::convert::Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Self::Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let answer = self
                .send(parts.method, &parts.uri.to_string(), parts.headers, body)
                .await;
            let mut response = http::Response::new(answer.body);
            *response.status_mut() =
                http::StatusCode::from_u16(answer.status).expect("a status that arrived");
            *response.headers_mut() = answer.headers;
            Ok(response)
        })
    }
}
