//! What services' servers send: forms with their id and secret, and the JSON that says
//! no.

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::secret::Secret;
use serde_json::json;
use web::form::{Fields, is_urlencoded};

use super::{Simulator, assertion, identity::hex, registration::Registration};

/// Where FranceConnect explains its codes.
const EXPLAINED: &str =
    "https://docs.partenaires.franceconnect.gouv.fr/fs/fs-technique/fs-technique-erreurs/";

/// Why a server is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    /// Another body than a form, or a parameter twice.
    NotAForm,
    /// No id.
    NoClient,
    /// Nobody is registered under that id.
    UnknownClient,
    /// A Basic header, or another method than the service is registered with.
    OtherMethod,
    /// The assertion is not signed by the service's key, or not for here and now.
    WrongAssertion,
    /// The secret is another.
    WrongSecret,
    /// A parameter that must be there is not.
    Missing(&'static str),
    /// A parameter that must not be there is.
    Forbidden,
    /// Another grant than an authorization code: there are no refresh tokens.
    GrantType,
    /// The code is unknown, or has ended.
    UnknownCode,
    /// The code is another service's.
    OtherClient,
    /// The code was sent to another address.
    OtherRedirectUri,
    /// The code was used before: what it brought has ended now.
    SpentCode,
    /// A verifier, where no challenge can have been.
    Pkce,
    /// No access token.
    NoAccessToken,
    /// The access token is unknown, or has ended.
    UnknownAccessToken,
    /// The simulator is told to fail, or OpenSSL did.
    Server,
}

impl Fault {
    const fn status(self) -> StatusCode {
        match self {
            Self::UnknownClient
            | Self::OtherMethod
            | Self::WrongAssertion
            | Self::WrongSecret
            | Self::NoAccessToken
            | Self::UnknownAccessToken => StatusCode::UNAUTHORIZED,
            Self::Server => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    const fn error(self) -> &'static str {
        match self {
            Self::NotAForm | Self::NoClient | Self::Missing(_) | Self::Forbidden => {
                "invalid_request"
            }
            Self::UnknownClient | Self::OtherMethod | Self::WrongAssertion | Self::WrongSecret => {
                "invalid_client"
            }
            Self::GrantType => "unsupported_grant_type",
            Self::UnknownCode
            | Self::OtherClient
            | Self::OtherRedirectUri
            | Self::SpentCode
            | Self::Pkce => "invalid_grant",
            Self::NoAccessToken | Self::UnknownAccessToken => "invalid_token",
            Self::Server => "server_error",
        }
    }

    /// The description, with the library's detail in brackets.
    fn description(self) -> String {
        let (description, detail) = match self {
            Self::NotAForm => ("failed to parse the request body", "undefined"),
            Self::NoClient => ("no client authentication mechanism provided", "undefined"),
            Self::Missing(name) => {
                return format!("missing required parameter '{name}' (undefined)");
            }
            Self::Forbidden => ("request has parameters that are not allowed", "undefined"),
            Self::UnknownClient => ("client authentication failed", "client not found"),
            Self::OtherMethod => (
                "client authentication failed",
                "the provided authentication mechanism does not match the registered client \
                 authentication method",
            ),
            Self::WrongSecret => ("client authentication failed", "invalid secret provided"),
            Self::WrongAssertion => (
                "client authentication failed",
                "client assertion signature verification failed",
            ),
            Self::GrantType => ("unsupported grant_type requested", "undefined"),
            Self::UnknownCode => ("grant request is invalid", "authorization code not found"),
            Self::OtherClient => ("grant request is invalid", "client mismatch"),
            Self::OtherRedirectUri => (
                "grant request is invalid",
                "authorization code redirect_uri mismatch",
            ),
            Self::SpentCode => (
                "grant request is invalid",
                "authorization code already consumed",
            ),
            Self::Pkce => ("grant request is invalid", "PKCE verification failed"),
            Self::NoAccessToken => ("no access token provided", "no access token provided"),
            Self::UnknownAccessToken => ("invalid token provided", "access token not found"),
            Self::Server => ("oops! something went wrong", "undefined"),
        };
        format!("{description} ({detail})")
    }

    /// FranceConnect's code where its tests have it. Others are made as it makes them:
    /// five signs of a hash that no service may rely on.
    fn code(self) -> String {
        let known = match self {
            Self::WrongSecret => "Y0434A7B",
            Self::Missing("code") => "Y048017B",
            Self::UnknownCode => "Y049E20B",
            Self::UnknownAccessToken => "Y040001",
            Self::NoAccessToken => "Y04146A2",
            _ => return format!("Y04{}", hex(&self.description())[..5].to_uppercase()),
        };
        known.to_owned()
    }

    /// The answer (RFC 6749, section 5.2; RFC 6750, section 3).
    pub(super) fn answer(self, simulator: &Simulator) -> Response {
        let (code, id) = (self.code(), simulator.error_id());
        tracing::info!(fault = ?self, "the simulator refuses a server");
        let body = json!({
            "error": self.error(),
            "error_description": self.description(),
            "error_uri": format!("{EXPLAINED}?code={code}&id={id}"),
        });
        let mut response = (self.status(), Json(body)).into_response();
        if self.error() == "invalid_token" {
            let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// The form of a server.
pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Fields, Fault> {
    if !is_urlencoded(headers) {
        return Err(Fault::NotAForm);
    }
    Fields::parse(body).map_err(|_| Fault::NotAForm)
}

/// Whose form it is: by secret (`client_secret_post`) or by key (`private_key_jwt`), as the
/// service is registered.
pub(super) fn authenticate<'s>(
    simulator: &'s Simulator,
    headers: &HeaderMap,
    fields: &Fields,
) -> Result<&'s Registration, Fault> {
    if headers.contains_key(header::AUTHORIZATION) {
        return Err(Fault::OtherMethod);
    }
    let id = fields.value("client_id").ok_or(Fault::NoClient)?;
    let registration = simulator.registration(id).ok_or(Fault::UnknownClient)?;
    if let Some(keys) = &registration.keys {
        assertion::check(simulator, registration, keys, fields)?;
        return Ok(registration);
    }
    if fields.value("client_assertion").is_some() {
        return Err(Fault::OtherMethod);
    }
    let secret = fields.value("client_secret").ok_or(Fault::OtherMethod)?;
    if registration.client_secret != Secret::new(secret) {
        return Err(Fault::WrongSecret);
    }
    Ok(registration)
}
