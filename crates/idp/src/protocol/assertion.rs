//! Client assertions: `private_key_jwt` (OpenID Connect Core, section 9; RFC 7523,
//! section 3; RFC 10070 for the audience).

use domain::{
    client::{AssertionAudience, ClientId, Registration},
    signing::SigningAlgorithm,
};
use jiff::{Timestamp, ToSpan};
use josekit::{
    jwk::Jwk,
    jws::{ES256, EdDSA, JwsVerifier, RS256},
};
use serde::Deserialize;
use serde_json::Value;

use super::jws::{TokenFault, Unverified};

/// The value of `client_assertion_type` (RFC 7523, section 2.2).
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How far ahead an assertion's end may lie, in seconds: so long is its `jti` remembered.
const MAX_LIFE_SECONDS: i64 = 600;
/// How far ahead the client's clock may be, in seconds (FAPI 2.0, section 5.3.2.1).
const SKEW_SECONDS: i64 = 60;
/// Most bytes of a `jti`.
const MAX_JTI_BYTES: usize = 255;
/// Most keys of a registration that are tried.
const MAX_KEYS: usize = 20;

/// Why an assertion proves nothing. The standard's code is `invalid_client`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AssertionFault {
    /// The token itself.
    #[error("the client assertion does not hold: {0}")]
    Token(#[from] TokenFault),
    /// `typ` is that of another kind of token.
    #[error("the client assertion has a typ other than JWT or client-authentication+jwt")]
    Type,
    /// No registered key fits `kid` and `alg`.
    #[error("no registered key fits kid and alg of the client assertion")]
    NoKey,
    /// `iss` or `sub` is not the client.
    #[error("iss and sub of the client assertion must both be the client_id")]
    NotTheClient,
    /// `aud` is not exactly the one text expected.
    #[error("aud of the client assertion must be the expected audience, as one string")]
    Audience,
    /// `exp` lies too far ahead.
    #[error("exp of the client assertion lies more than ten minutes ahead")]
    TooLong,
    /// `jti` is empty or too long.
    #[error("jti of the client assertion must have 1 to 255 characters")]
    Jti,
}

/// An assertion that holds, if it was not used before: that is for the store to say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifiedAssertion {
    /// Whose it is.
    pub client_id: ClientId,
    /// Its name: good once for this client.
    pub jti: String,
    /// Until when it must be remembered.
    pub exp: Timestamp,
}

/// The audiences that assertions may name.
#[derive(Clone, Copy, Debug)]
pub struct AssertionAudiences<'a> {
    /// The issuer.
    pub issuer: &'a str,
    /// The token endpoint's address, for registrations that say so.
    pub token_endpoint: &'a str,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Value,
    exp: Value,
    jti: String,
    iat: Option<Value>,
    nbf: Option<Value>,
}

/// The client that an assertion claims to be: only to look its registration up.
///
/// # Errors
/// [`AssertionFault`] where there is none.
pub fn claimed_client(assertion: &str) -> Result<ClientId, AssertionFault> {
    let claimed = Unverified::parse(assertion)?.claimed("sub");
    claimed
        .and_then(|sub| ClientId::parse(&sub).ok())
        .ok_or(AssertionFault::NotTheClient)
}

/// Verifies an assertion by the registration's keys.
///
/// # Errors
/// [`AssertionFault`].
pub fn verify(
    assertion: &str,
    registration: &Registration,
    audiences: AssertionAudiences<'_>,
    now: Timestamp,
) -> Result<VerifiedAssertion, AssertionFault> {
    let token = Unverified::parse(assertion)?;
    check_type(&token)?;
    let claims = verify_signature(&token, registration)?;
    let client_id = registration.client_id.as_str();
    if claims.iss != client_id || claims.sub != client_id {
        return Err(AssertionFault::NotTheClient);
    }
    check_audience(&claims.aud, registration, audiences)?;
    let exp = check_times(&claims, now)?;
    if claims.jti.is_empty() || claims.jti.len() > MAX_JTI_BYTES || claims.jti.contains('\0') {
        return Err(AssertionFault::Jti);
    }
    Ok(VerifiedAssertion {
        client_id: registration.client_id.clone(),
        jti: claims.jti,
        exp,
    })
}

/// An access token, a logout token or a proof of possession is no assertion.
fn check_type(token: &Unverified<'_>) -> Result<(), AssertionFault> {
    match token.header().typ.as_deref() {
        None | Some("JWT" | "jwt" | "client-authentication+jwt") => Ok(()),
        Some(_) => Err(AssertionFault::Type),
    }
}

fn verify_signature(
    token: &Unverified<'_>,
    registration: &Registration,
) -> Result<Claims, AssertionFault> {
    let algorithm = token.algorithm()?;
    let registered = registration.token_endpoint_auth_signing_alg;
    if registered.is_some_and(|registered| registered != algorithm) {
        return Err(AssertionFault::NoKey);
    }
    let keys = registration.jwks.as_ref().map(|set| &set["keys"]);
    let keys = keys
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let kid = token.header().kid.as_deref();
    let named = |key: &&Value| kid.is_none_or(|kid| key["kid"] == kid);
    let fitting = keys.iter().take(MAX_KEYS).filter(named);
    let verifiers = fitting.filter_map(|key| verifier(key, algorithm));
    let mut outcome = Err(AssertionFault::NoKey);
    for verifier in verifiers {
        outcome = token.verify(verifier.as_ref()).map_err(Into::into);
        if !matches!(outcome, Err(AssertionFault::Token(TokenFault::Signature))) {
            break;
        }
    }
    outcome
}

/// A verifier where the key is one for this algorithm: its type, curve, `alg`, `use` and
/// `key_ops` agree (RFC 8725, section 3.1).
pub(crate) fn verifier(key: &Value, algorithm: SigningAlgorithm) -> Option<Box<dyn JwsVerifier>> {
    let jwk = Jwk::from_map(key.as_object()?.clone()).ok()?;
    Some(match algorithm {
        SigningAlgorithm::ES256 => Box::new(ES256.verifier_from_jwk(&jwk).ok()?),
        SigningAlgorithm::RS256 => Box::new(RS256.verifier_from_jwk(&jwk).ok()?),
        SigningAlgorithm::EdDSA if jwk.curve() == Some("Ed25519") => {
            Box::new(EdDSA.verifier_from_jwk(&jwk).ok()?)
        }
        SigningAlgorithm::EdDSA => return None,
    })
}

/// One text, exactly: an array, or an audience that another server could have named,
/// would let an assertion be passed on.
fn check_audience(
    aud: &Value,
    registration: &Registration,
    audiences: AssertionAudiences<'_>,
) -> Result<(), AssertionFault> {
    let expected = match registration.client_assertion_audience {
        AssertionAudience::Issuer => audiences.issuer,
        AssertionAudience::TokenEndpoint => audiences.token_endpoint,
    };
    if aud.as_str() == Some(expected) {
        Ok(())
    } else {
        Err(AssertionFault::Audience)
    }
}

fn check_times(claims: &Claims, now: Timestamp) -> Result<Timestamp, AssertionFault> {
    let exp = instant(&claims.exp)?;
    if exp <= now {
        return Err(TokenFault::Expired.into());
    }
    if exp > now + (MAX_LIFE_SECONDS + SKEW_SECONDS).seconds() {
        return Err(AssertionFault::TooLong);
    }
    for begin in [&claims.iat, &claims.nbf].into_iter().flatten() {
        if instant(begin)? > now + SKEW_SECONDS.seconds() {
            return Err(TokenFault::NotYet.into());
        }
    }
    Ok(exp)
}

/// A `NumericDate`, which may have a fraction (RFC 7519, section 2).
fn instant(value: &Value) -> Result<Timestamp, AssertionFault> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a cast from a float saturates, and what is out of range is refused"
    )]
    let whole = || value.as_f64().map(|seconds| seconds.trunc() as i64);
    let seconds = value.as_i64().or_else(whole);
    seconds
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .ok_or(AssertionFault::Token(TokenFault::Claims))
}

#[cfg(test)]
mod tests;
