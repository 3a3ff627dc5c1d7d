//! What endpoints for programs share: reading a form, knowing the client, refusing.

use std::sync::Arc;

use axum::{
    Json,
    extract::FromRequest,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use domain::client::Registration;
use serde_json::json;
use store::{
    StoreError, assertions,
    clients::{SecretHash, StoredClient},
};
use web::form::is_urlencoded;

use super::routes::TokenEndpoint;
use crate::{
    app::App,
    issuing::IssueError,
    protocol::{
        assertion::AssertionAudiences,
        bearer::BearerFault,
        client_authentication::{Credentials, Proof},
        parameters::Parameters,
        refusal::TokenRefusal,
    },
};

/// A form that a program posted, with the headers it came with.
pub(super) struct ProgramForm {
    pub(super) headers: HeaderMap,
    pub(super) parameters: Parameters,
}

impl FromRequest<App> for ProgramForm {
    type Rejection = Response;

    async fn from_request(
        request: axum::extract::Request,
        app: &App,
    ) -> Result<Self, Self::Rejection> {
        let headers = request.headers().clone();
        let body = Bytes::from_request(request, app)
            .await
            .map_err(IntoResponse::into_response)?;
        if !is_urlencoded(&headers) {
            return Err(refuse(&headers, &TokenRefusal::NotAForm));
        }
        let parameters = Parameters::parse(&body);
        let parameters = parameters.map_err(|fault| refuse(&headers, &fault.into()))?;
        Ok(Self {
            headers,
            parameters,
        })
    }
}

/// A client that proved who it is.
pub(super) struct KnownClient(Arc<StoredClient>);

impl KnownClient {
    pub(super) fn registration(&self) -> &Registration {
        &self.0.registration
    }
}

/// Knows the client by its registered method alone. An assertion is spent here, so that
/// it is good once whatever becomes of the request.
pub(super) async fn authenticate(app: &App, form: &ProgramForm) -> Result<KnownClient, IssueError> {
    let header = authorization(&form.headers);
    let credentials = Credentials::present(header, &form.parameters)?;
    let client = app.clients.find(credentials.client_id());
    let token_endpoint = app.site.urls.absolute(&TokenEndpoint);
    let audiences = AssertionAudiences {
        issuer: app.issuer(),
        token_endpoint: &token_endpoint,
    };
    let now = app.ambient.now();
    let registration = client.as_deref().map(|client| &client.registration);
    let proof = credentials.check(registration, audiences, now)?;
    let client = client.ok_or(TokenRefusal::ClientUnknown)?;
    match proof {
        Proof::Public => {}
        Proof::Secret(secret) => {
            let hash = SecretHash::of(&app.secrets.client_secrets, &secret);
            if !client.secrets.iter().any(|stored| stored.is(&hash, now)) {
                return Err(TokenRefusal::SecretWrong.into());
            }
        }
        Proof::Assertion(assertion) => {
            let connection = app.database.writer();
            let id = &assertion.client_id;
            if !assertions::spend(connection, id, &assertion.jti, assertion.exp).await? {
                return Err(TokenRefusal::AssertionReplayed.into());
            }
        }
    }
    Ok(KnownClient(client))
}

/// The `Authorization` header; one that is not text counts as malformed.
pub(super) fn authorization(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?;
    Some(value.to_str().unwrap_or("?"))
}

/// The answer to whatever went wrong.
pub(super) fn failed(headers: &HeaderMap, error: &IssueError) -> Response {
    match error {
        IssueError::Refused(refusal) => refuse(headers, refusal),
        error => broken(error),
    }
}

/// The service's own fault: nothing was issued, and the client may try again.
pub(super) fn broken(error: &dyn std::error::Error) -> Response {
    tracing::error!(%error, "an endpoint failed");
    let body = Json(json!({ "error": "temporarily_unavailable" }));
    (
        StatusCode::SERVICE_UNAVAILABLE,
        [(header::RETRY_AFTER, "5")],
        body,
    )
        .into_response()
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Why a protected resource does not answer.
#[derive(Debug)]
pub(super) enum Failure {
    Bearer(BearerFault),
    Store(StoreError),
    Issue(IssueError),
}

impl From<BearerFault> for Failure {
    fn from(fault: BearerFault) -> Self {
        Self::Bearer(fault)
    }
}

impl From<IssueError> for Failure {
    fn from(error: IssueError) -> Self {
        Self::Issue(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Bearer(fault) => challenge(&fault),
            Self::Store(error) => broken(&error),
            Self::Issue(error) => broken(&error),
        }
    }
}

/// RFC 6750, section 3.
fn challenge(fault: &BearerFault) -> Response {
    tracing::info!(?fault, "an access token was refused");
    let status = StatusCode::from_u16(fault.status()).unwrap_or(StatusCode::UNAUTHORIZED);
    let mut response = match fault.code() {
        Some(code) => {
            let body = json!({ "error": code.as_str(), "error_description": fault.to_string() });
            (status, Json(body)).into_response()
        }
        None => status.into_response(),
    };
    let value = HeaderValue::from_str(&fault.challenge());
    let value = value.unwrap_or(HeaderValue::from_static("Bearer"));
    response
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, value);
    readable_elsewhere(response)
}

/// RFC 6749, section 5.2: a client that tried the header is told the scheme.
fn refuse(headers: &HeaderMap, refusal: &TokenRefusal) -> Response {
    tracing::info!(?refusal, "a client's request was refused");
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let body = Json(json!({
        "error": refusal.code().as_str(),
        "error_description": refusal.description(),
    }));
    let mut response = (status, body).into_response();
    if status == StatusCode::UNAUTHORIZED && headers.contains_key(header::AUTHORIZATION) {
        let scheme = HeaderValue::from_static(r#"Basic realm="preau""#);
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, scheme);
    }
    response
        .headers_mut()
        .insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    readable_elsewhere(response)
}

/// A JSON answer that must not be kept (RFC 6749, section 5.1).
pub(super) fn secret_json(body: impl serde::Serialize) -> Response {
    let mut response = Json(body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    readable_elsewhere(response)
}

/// Lets applications that run in browsers, on origins of their own, read the answer.
/// No cookie is ever looked at here, so that any origin may.
pub(super) fn readable_elsewhere(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY_ORIGIN);
    response
}

const ANY_ORIGIN: HeaderValue = HeaderValue::from_static("*");

/// The answer to a browser that asks whether it may send (Fetch standard, 3.2.2).
pub(super) async fn preflight() -> Response {
    let allowed: [(HeaderName, &str); 4] = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (StatusCode::NO_CONTENT, allowed).into_response()
}
