//! How a client proves who it is (RFC 6749, section 2.3; OpenID Connect Core, section 9).
//!
//! [`Credentials::present`] reads what a request offers, [`Credentials::check`] holds it
//! against the registration. Secrets are compared by whoever keeps their hashes, and a
//! `jti` is remembered by whoever has a store: [`Proof`] says what is left to do.

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{
    client::{ClientAuthMethod, ClientId, Registration},
    secret::Secret,
};
use jiff::Timestamp;

use super::{
    assertion::{self, ASSERTION_TYPE, AssertionAudiences, VerifiedAssertion},
    parameters::{self, Parameters},
    refusal::TokenRefusal,
};

/// What a request offers as proof of its client.
#[derive(Clone, PartialEq, Debug)]
pub enum Credentials {
    /// The secret in the `Authorization` header.
    Basic {
        /// Who it says it is.
        client_id: ClientId,
        /// Its secret.
        secret: Secret,
    },
    /// The secret in the form.
    Post {
        /// Who it says it is.
        client_id: ClientId,
        /// Its secret.
        secret: Secret,
    },
    /// A signed assertion.
    Assertion {
        /// Who it says it is.
        client_id: ClientId,
        /// The assertion.
        assertion: String,
    },
    /// Nothing but a name.
    Public {
        /// Who it says it is.
        client_id: ClientId,
    },
}

/// What is left to check once the method is the registered one.
#[derive(Clone, PartialEq, Debug)]
pub enum Proof {
    /// Compare this secret with the stored hashes.
    Secret(Secret),
    /// Remember this `jti`; a second time is [`TokenRefusal::AssertionReplayed`].
    Assertion(VerifiedAssertion),
    /// Nothing: a public client. A proof key or a rotating refresh token stands in.
    Public,
}

impl Credentials {
    /// Reads the `Authorization` header and the form.
    ///
    /// # Errors
    /// [`TokenRefusal`], also where the request authenticates in two ways.
    pub fn present(authorization: Option<&str>, form: &Parameters) -> Result<Self, TokenRefusal> {
        let secret = form.get("client_secret")?;
        let assertion = read_assertion(form)?;
        let named = form.get("client_id")?;
        let methods = [
            authorization.is_some(),
            secret.is_some(),
            assertion.is_some(),
        ];
        if methods.into_iter().filter(|used| *used).count() > 1 {
            return Err(TokenRefusal::SeveralMethods);
        }
        let credentials = if let Some(header) = authorization {
            read_basic(header)?
        } else if let Some(assertion) = assertion {
            Self::Assertion {
                client_id: assertion::claimed_client(assertion)?,
                assertion: assertion.to_owned(),
            }
        } else {
            let client_id = parse_id(named.ok_or(TokenRefusal::NoCredentials)?)?;
            match secret.map(Secret::new) {
                Some(secret) => Self::Post { client_id, secret },
                None => Self::Public { client_id },
            }
        };
        if named.is_some_and(|named| named != credentials.client_id().as_str()) {
            return Err(TokenRefusal::ClientIdDiffers);
        }
        Ok(credentials)
    }

    /// The client whose registration must be looked up.
    pub const fn client_id(&self) -> &ClientId {
        match self {
            Self::Basic { client_id, .. }
            | Self::Post { client_id, .. }
            | Self::Assertion { client_id, .. }
            | Self::Public { client_id } => client_id,
        }
    }

    /// The method that they are.
    pub const fn method(&self) -> ClientAuthMethod {
        match self {
            Self::Basic { .. } => ClientAuthMethod::ClientSecretBasic,
            Self::Post { .. } => ClientAuthMethod::ClientSecretPost,
            Self::Assertion { .. } => ClientAuthMethod::PrivateKeyJwt,
            Self::Public { .. } => ClientAuthMethod::None,
        }
    }

    /// Holds them against the registration; `None` where there is none. Only the
    /// registered method counts: a public client that sends a secret is refused, as
    /// nobody would check it.
    ///
    /// # Errors
    /// [`TokenRefusal`].
    pub fn check(
        self,
        registration: Option<&Registration>,
        audiences: AssertionAudiences<'_>,
        now: Timestamp,
    ) -> Result<Proof, TokenRefusal> {
        let registration = registration
            .filter(|registration| registration.client_id == *self.client_id())
            .ok_or(TokenRefusal::ClientUnknown)?;
        if !registration.enabled {
            return Err(TokenRefusal::ClientDisabled);
        }
        if self.method() != registration.token_endpoint_auth_method {
            return Err(TokenRefusal::MethodDiffers);
        }
        match self {
            Self::Basic { secret, .. } | Self::Post { secret, .. } => {
                if secret.expose().is_empty() {
                    return Err(TokenRefusal::SecretEmpty);
                }
                Ok(Proof::Secret(secret))
            }
            Self::Assertion { assertion, .. } => {
                let verified = assertion::verify(&assertion, registration, audiences, now)?;
                Ok(Proof::Assertion(verified))
            }
            Self::Public { .. } => Ok(Proof::Public),
        }
    }
}

fn read_assertion(form: &Parameters) -> Result<Option<&str>, TokenRefusal> {
    match (
        form.get("client_assertion")?,
        form.get("client_assertion_type")?,
    ) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(TokenRefusal::Missing("client_assertion")),
        (Some(assertion), Some(ASSERTION_TYPE)) => Ok(Some(assertion)),
        (Some(_), _) => Err(TokenRefusal::AssertionType),
    }
}

/// Name and secret are encoded as in a form before they are joined (RFC 6749, section
/// 2.3.1).
fn read_basic(header: &str) -> Result<Credentials, TokenRefusal> {
    let malformed = TokenRefusal::BasicMalformed;
    let (scheme, encoded) = header.split_once(' ').ok_or(malformed)?;
    if !scheme.eq_ignore_ascii_case("Basic") || header.len() > parameters::MAX_VALUE_BYTES {
        return Err(malformed);
    }
    let decoded = STANDARD
        .decode(encoded.trim_matches(' '))
        .map_err(|_| malformed)?;
    let text = String::from_utf8(decoded).map_err(|_| malformed)?;
    let (id, secret) = text.split_once(':').ok_or(malformed)?;
    let id = parameters::decode(id).map_err(|_| malformed)?;
    let secret = parameters::decode(secret).map_err(|_| malformed)?;
    Ok(Credentials::Basic {
        client_id: parse_id(&id)?,
        secret: Secret::new(secret),
    })
}

fn parse_id(text: &str) -> Result<ClientId, TokenRefusal> {
    ClientId::parse(text).map_err(|_| TokenRefusal::ClientUnknown)
}

#[cfg(test)]
mod tests;
