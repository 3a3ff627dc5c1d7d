//! The tokens that this provider makes, and how it reads its own again.
//!
//! Each kind has a `typ` of its own and its own rules, so that none passes for another
//! (RFC 8725, section 3.12).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    acr::{Acr, Amr},
    client::ClientId,
    ids::{GrantId, SessionId, TokenId},
    scope::ScopeSet,
    signing::SigningAlgorithm,
    subject::Subject,
};
use jiff::{Timestamp, ToSpan, fmt::serde::timestamp::second};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256, Sha512};

use super::{
    jws::TokenFault,
    keys::{KeyFault, KeyRing, SigningKey, TokenType},
};

/// How far ahead another node's clock may be, in seconds.
const SKEW_SECONDS: i64 = 60;

/// The protocol's own claims of an ID token: no claim about a person may take their
/// place.
const RESERVED: [&str; 14] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "azp",
    "at_hash",
    "sid",
    "jti",
];

/// Whom an access token is for: one text or several (RFC 7519, section 4.1.3).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl Audience {
    /// The shorter form of a list.
    pub fn new(mut audiences: Vec<String>) -> Self {
        if audiences.len() == 1 {
            Self::One(audiences.remove(0))
        } else {
            Self::Several(audiences)
        }
    }

    /// Whether this one is among them, exactly.
    pub fn contains(&self, audience: &str) -> bool {
        match self {
            Self::One(one) => one == audience,
            Self::Several(several) => several.iter().any(|one| one == audience),
        }
    }
}

/// The claims of an access token (RFC 9068, section 2.2). No name, no address, nothing
/// about a person but the client's own subject.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AccessTokenClaims {
    /// This provider.
    pub iss: String,
    /// The person at this client, or the client itself where no person is concerned:
    /// the two never collide, as a subject is longer than any client id.
    pub sub: Subject,
    /// Whom it is for.
    pub aud: Audience,
    /// Its end.
    #[serde(with = "second::required")]
    pub exp: Timestamp,
    /// When it was made.
    #[serde(with = "second::required")]
    pub iat: Timestamp,
    /// Its name, by which it can be revoked.
    pub jti: TokenId,
    /// Who got it.
    pub client_id: ClientId,
    /// What it opens.
    pub scope: ScopeSet,
    /// What it comes from (a claim of this provider's own, for this provider); absent
    /// for `client_credentials`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant_id: Option<GrantId>,
    /// When the person proved who they are.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "second::optional"
    )]
    pub auth_time: Option<Timestamp>,
    /// What that reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<Acr>,
    /// By which methods.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<Amr>,
}

impl AccessTokenClaims {
    /// The signed token.
    ///
    /// # Errors
    /// [`KeyFault`] where OpenSSL fails.
    pub fn sign(&self, key: &SigningKey) -> Result<String, KeyFault> {
        key.sign(TokenType::AccessToken, self)
    }

    /// Reads an access token of ours that has not ended. Whom it is for, and whether
    /// its grant still stands, is for the caller to check.
    ///
    /// # Errors
    /// [`TokenFault`]: also for every other kind of token, ours or not.
    pub fn verify(
        ring: &KeyRing,
        token: &str,
        issuer: &str,
        now: Timestamp,
    ) -> Result<Self, TokenFault> {
        let claims: Self = ring.verify(token, TokenType::AccessToken, now)?;
        if claims.iss != issuer {
            return Err(TokenFault::Issuer);
        }
        if claims.exp <= now {
            return Err(TokenFault::Expired);
        }
        if claims.iat > now + SKEW_SECONDS.seconds() {
            return Err(TokenFault::NotYet);
        }
        Ok(claims)
    }

    /// Checks that the token is for this audience.
    ///
    /// # Errors
    /// [`TokenFault::Audience`].
    pub fn require_audience(&self, audience: &str) -> Result<(), TokenFault> {
        if self.aud.contains(audience) {
            Ok(())
        } else {
            Err(TokenFault::Audience)
        }
    }
}

/// The claims of an ID token (OpenID Connect Core, section 2).
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct IdTokenClaims {
    /// This provider.
    pub iss: String,
    /// The person at this client.
    pub sub: Subject,
    /// The client.
    pub aud: ClientId,
    /// Its end.
    #[serde(with = "second::required")]
    pub exp: Timestamp,
    /// When it was made.
    #[serde(with = "second::required")]
    pub iat: Timestamp,
    /// When the person proved who they are.
    #[serde(with = "second::required")]
    pub auth_time: Timestamp,
    /// The request's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// What the sign-in reached.
    pub acr: Acr,
    /// By which methods.
    pub amr: Vec<Amr>,
    /// The session.
    pub sid: SessionId,
    /// Binds the access token beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    /// Claims about the person, by their outward names.
    #[serde(flatten)]
    pub person: Map<String, Value>,
}

impl IdTokenClaims {
    /// The signed token. It is bound to the access token beside it; a claim about the
    /// person that bears the name of a protocol claim is left out.
    ///
    /// # Errors
    /// [`KeyFault`] where OpenSSL fails.
    pub fn sign(
        mut self,
        key: &SigningKey,
        access_token: Option<&str>,
    ) -> Result<String, KeyFault> {
        self.person
            .retain(|name, _| !RESERVED.contains(&name.as_str()));
        self.at_hash = access_token.map(|token| at_hash(token, key.algorithm()));
        key.sign(TokenType::IdToken, &self)
    }
}

/// `at_hash` (OpenID Connect Core, section 3.1.3.6): the left half of the hash that the
/// ID token's algorithm uses; SHA-512 for Ed25519.
pub fn at_hash(access_token: &str, algorithm: SigningAlgorithm) -> String {
    match algorithm {
        SigningAlgorithm::ES256 | SigningAlgorithm::RS256 => {
            URL_SAFE_NO_PAD.encode(&Sha256::digest(access_token)[..16])
        }
        SigningAlgorithm::EdDSA => URL_SAFE_NO_PAD.encode(&Sha512::digest(access_token)[..32]),
    }
}

/// An ID token of ours that came back as a hint (OpenID Connect Core, section 3.1.2.1;
/// RP-Initiated Logout 1.0, section 2). It may have ended; it signs nobody in.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct IdTokenHint {
    iss: String,
    /// The person at the client.
    pub sub: Subject,
    /// The client.
    pub aud: ClientId,
    /// The session.
    #[serde(default)]
    pub sid: Option<SessionId>,
    #[serde(with = "second::required")]
    iat: Timestamp,
}

impl IdTokenHint {
    /// Reads a hint. It must have been signed with a key that is still published.
    ///
    /// # Errors
    /// [`TokenFault`]: also for every other kind of token, ours or not.
    pub fn verify(
        ring: &KeyRing,
        token: &str,
        issuer: &str,
        now: Timestamp,
    ) -> Result<Self, TokenFault> {
        let hint: Self = ring.verify(token, TokenType::IdToken, now)?;
        if hint.iss != issuer {
            return Err(TokenFault::Issuer);
        }
        if hint.iat > now + SKEW_SECONDS.seconds() {
            return Err(TokenFault::NotYet);
        }
        Ok(hint)
    }

    /// Checks that the hint was made for this client.
    ///
    /// # Errors
    /// [`TokenFault::Audience`].
    pub fn require_client(&self, client: &ClientId) -> Result<(), TokenFault> {
        if self.aud == *client {
            Ok(())
        } else {
            Err(TokenFault::Audience)
        }
    }
}

/// A signed `UserInfo` answer (OpenID Connect Core, section 5.3.2): the claims, with
/// `iss` and `aud`.
///
/// # Errors
/// [`KeyFault`] where OpenSSL fails.
pub fn sign_user_info(
    key: &SigningKey,
    issuer: &str,
    client: &ClientId,
    subject: &Subject,
    mut claims: Map<String, Value>,
) -> Result<String, KeyFault> {
    claims.insert("iss".to_owned(), issuer.into());
    claims.insert("aud".to_owned(), client.as_str().into());
    claims.insert("sub".to_owned(), subject.as_str().into());
    key.sign(TokenType::UserInfo, &claims)
}

#[cfg(test)]
mod tests;
