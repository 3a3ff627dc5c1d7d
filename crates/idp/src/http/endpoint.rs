//! What endpoints for programs share: reading a form, knowing the client, refusing.

use std::sync::Arc;

use axum::{
    Json,
    extract::FromRequest,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use domain::client::{ClientAuthMethod, Registration};
use serde_json::json;
use store::{
    StoreError, assertions,
    clients::{SecretHash, StoredClient},
};
use web::form::is_urlencoded;

use super::routes::TokenEndpoint;
use crate::{
    app::App,
    client_keys::Wanted,
    issuing::IssueError,
    protocol::{
        assertion::{AssertionAudiences, AssertionFault},
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
    let proof = prove(app, client.as_deref(), credentials, audiences).await?;
    let client = client.ok_or(TokenRefusal::ClientUnknown)?;
    let id = &client.registration.client_id;
    let mut used = None;
    match proof {
        Proof::Public => {}
        Proof::Secret(secret) => {
            let hash = SecretHash::of(&app.secrets.client_secrets, &secret);
            let known = client.secrets.iter().find(|stored| stored.is(&hash, now));
            used = Some(known.ok_or(TokenRefusal::SecretWrong)?.id);
        }
        Proof::Assertion(assertion) => {
            let connection = app.database.writer();
            if !assertions::spend(connection, id, &assertion.jti, assertion.exp).await? {
                return Err(TokenRefusal::AssertionReplayed.into());
            }
        }
    }
    app.clients.note_use(id, used, now);
    Ok(KnownClient(client))
}

/// Holds the credentials against the registration, with the keys that it keeps elsewhere;
/// an unknown key may be one that its owner has just made.
async fn prove(
    app: &App,
    client: Option<&StoredClient>,
    credentials: Credentials,
    audiences: AssertionAudiences<'_>,
) -> Result<Proof, TokenRefusal> {
    let now = app.ambient.now();
    let registration = client.map(|client| &client.registration);
    let elsewhere = registration.filter(|registration| registration.enabled);
    let Some((registration, url)) = elsewhere
        .and_then(|registration| Some((registration, registration.jwks_uri.as_ref()?)))
        .filter(|_| credentials.method() == ClientAuthMethod::PrivateKeyJwt)
    else {
        return credentials.check(registration, audiences, now);
    };
    let mut with_keys = registration.clone();
    let mut proof = Err(TokenRefusal::KeysUnreadable);
    for wanted in [Wanted::Known, Wanted::Newer] {
        let keys = app.client_keys.find(url, wanted).await;
        let keys = keys.map_err(|_| TokenRefusal::KeysUnreadable)?;
        with_keys.jwks = Some((*keys).clone());
        proof = credentials.clone().check(Some(&with_keys), audiences, now);
        if proof != Err(TokenRefusal::Assertion(AssertionFault::NoKey)) {
            break;
        }
    }
    proof
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
