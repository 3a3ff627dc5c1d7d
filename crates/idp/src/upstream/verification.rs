//! What an upstream signed is believed only after these checks (OpenID Connect Core,
//! sections 3.1.3.7 and 5.3.2; RFC 8725). The ID token's are the openidconnect crate's;
//! it verifies a signed `UserInfo` with RS256 alone, so that one is verified here.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::{acr::Acr, signing::SigningAlgorithm};
use jiff::Timestamp;
use openidconnect::{
    ClaimsVerificationError, Nonce, SignatureVerificationError, SubjectIdentifier,
    core::{CoreIdToken, CoreIdTokenClaims, CoreIdTokenVerifier, CoreJwsSigningAlgorithm},
};
use serde::Deserialize;
use serde_json::Value;

use super::{envelope::EnvelopeFault, identity::PivotClaims};
use crate::protocol::{
    assertion,
    jws::{TokenFault, Unverified},
};

/// How far the clocks may be apart.
const SKEW: Duration = Duration::from_mins(1);
/// How old an ID token may be: it comes at once, and FranceConnect's lives for a minute.
const OLDEST: Duration = Duration::from_mins(10);

/// What was not as it must be. Which check it was goes to the audit trail.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unproven {
    /// The answer of the token endpoint has no ID token.
    #[error("there is no ID token")]
    NoIdToken,
    /// An answer is not encrypted as was agreed.
    #[error("an answer is {0}")]
    Encryption(#[from] EnvelopeFault),
    /// Its signature, by an algorithm and a key that are allowed.
    #[error("the ID token's signature does not hold")]
    Signature,
    /// Its issuer.
    #[error("the ID token is from another issuer")]
    Issuer,
    /// Its audience.
    #[error("the ID token is for somebody else")]
    Audience,
    /// Its time.
    #[error("the ID token is not of now")]
    Time,
    /// Its nonce.
    #[error("the ID token is of another request")]
    Nonce,
    /// Its level.
    #[error("the level is lower than was asked for")]
    Level,
    /// Whatever else the ID token lacks.
    #[error("the ID token is not sound")]
    IdToken,
    /// `UserInfo` is not signed, or not as it must be.
    #[error("UserInfo: {0}")]
    UserInfo(TokenFault),
    /// `UserInfo` is about somebody else.
    #[error("UserInfo is about somebody else")]
    Subject,
}

impl Unproven {
    /// Whether newer keys might help.
    pub(super) const fn is_of_keys(&self) -> bool {
        matches!(
            self,
            Self::Signature | Self::UserInfo(TokenFault::Signature | TokenFault::UnknownKey)
        )
    }

    /// A stable name for the audit trail.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoIdToken => "no_id_token",
            Self::Encryption(_) => "encryption",
            Self::Signature => "signature",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Time => "time",
            Self::Nonce => "nonce",
            Self::Level => "level",
            Self::IdToken => "id_token",
            Self::UserInfo(_) => "user_info",
            Self::Subject => "subject",
        }
    }
}

/// Verifies an ID token; its claims.
pub(super) fn verify_id_token(
    token: &CoreIdToken,
    verifier: CoreIdTokenVerifier<'_>,
    nonce: &Nonce,
    asked: Acr,
    now: Timestamp,
) -> Result<(CoreIdTokenClaims, Acr), Unproven> {
    let verifier = verifier
        .set_allowed_algs([
            CoreJwsSigningAlgorithm::EcdsaP256Sha256,
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        ])
        .set_time_fn(move || system_time(now - SKEW).into())
        .set_issue_time_verifier_fn(move |issued_at| {
            let is_of_now = is_of_now(SystemTime::from(issued_at), now);
            is_of_now.then_some(()).ok_or_else(|| NOT_OF_NOW.to_owned())
        });
    let claims = token.claims(&verifier, nonce).map_err(unproven)?;
    let level = claims.auth_context_ref().and_then(|acr| Acr::parse(acr));
    let level = level.filter(|acr| acr.fulfilled().contains(&asked));
    Ok((claims.clone(), level.ok_or(Unproven::Level)?))
}

const NOT_OF_NOW: &str = "not of now";

fn is_of_now(issued_at: SystemTime, now: Timestamp) -> bool {
    let (earliest, latest) = (now - SKEW - OLDEST, now + SKEW);
    (system_time(earliest)..=system_time(latest)).contains(&issued_at)
}

/// As the crate's type for times can be made from.
fn system_time(at: Timestamp) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(at.as_millisecond()).unwrap_or(0))
}

/// The crate tells a wrong `iat` and a wrong signature by other names.
fn unproven(error: ClaimsVerificationError) -> Unproven {
    use ClaimsVerificationError as E;
    match error {
        E::Expired(_) => Unproven::Time,
        E::Other(text) if text.contains(NOT_OF_NOW) => Unproven::Time,
        E::InvalidAudience(_) => Unproven::Audience,
        E::InvalidIssuer(_) => Unproven::Issuer,
        E::InvalidNonce(_) => Unproven::Nonce,
        E::SignatureVerification(
            SignatureVerificationError::CryptoError(_)
            | SignatureVerificationError::NoMatchingKey
            | SignatureVerificationError::AmbiguousKeyId(_)
            | SignatureVerificationError::InvalidKey(_)
            | SignatureVerificationError::DisallowedAlg(_)
            | SignatureVerificationError::NoSignature
            | SignatureVerificationError::UnsupportedAlg(_),
        ) => Unproven::Signature,
        _ => Unproven::IdToken,
    }
}

/// What must be in `UserInfo` beside the identity.
#[derive(Deserialize)]
struct UserInfoClaims {
    iss: String,
    aud: Value,
    sub: String,
    /// Seconds since the epoch; FranceConnect gives it.
    exp: Option<i64>,
    #[serde(flatten)]
    identity: PivotClaims,
}

/// Who may have signed `UserInfo`, for whom, about whom.
pub(super) struct Expected<'a> {
    pub(super) keys: &'a [Value],
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) subject: &'a SubjectIdentifier,
    pub(super) now: Timestamp,
}

/// Verifies a signed `UserInfo`; the identity that it tells.
pub(super) fn verify_user_info(
    token: &str,
    expected: &Expected<'_>,
) -> Result<PivotClaims, Unproven> {
    let claims = verify_signature(token, expected.keys).map_err(Unproven::UserInfo)?;
    let fault = if claims.iss != expected.issuer {
        Some(TokenFault::Issuer)
    } else if !is_for(&claims.aud, expected.client_id) {
        Some(TokenFault::Audience)
    } else if claims
        .exp
        .is_some_and(|exp| exp <= (expected.now - SKEW).as_second())
    {
        Some(TokenFault::Expired)
    } else {
        None
    };
    match fault {
        Some(fault) => Err(Unproven::UserInfo(fault)),
        None if claims.sub != expected.subject.as_str() => Err(Unproven::Subject),
        None => Ok(claims.identity),
    }
}

fn verify_signature(token: &str, keys: &[Value]) -> Result<UserInfoClaims, TokenFault> {
    let token = Unverified::parse(token)?;
    let algorithm = token.algorithm()?;
    if !matches!(algorithm, SigningAlgorithm::ES256 | SigningAlgorithm::RS256) {
        return Err(TokenFault::Algorithm);
    }
    let kid = token.header().kid.as_deref();
    let named = keys
        .iter()
        .filter(|key| kid.is_none_or(|kid| key["kid"] == kid));
    let verifiers = named.filter_map(|key| assertion::verifier(key, algorithm));
    let mut outcome = Err(TokenFault::UnknownKey);
    for verifier in verifiers {
        outcome = token.verify(verifier.as_ref());
        if !matches!(outcome, Err(TokenFault::Signature)) {
            break;
        }
    }
    outcome
}

/// One audience, ours: a token for others too may have been passed on by them.
fn is_for(audience: &Value, client_id: &str) -> bool {
    match audience {
        Value::String(one) => one == client_id,
        Value::Array(several) => several.len() == 1 && several[0] == client_id,
        _ => false,
    }
}
