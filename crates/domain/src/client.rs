//! Client registrations: what a relying party is and may ask (OpenID Connect Dynamic
//! Client Registration 1.0, section 2; RFC 7591, section 2; and this provider's own).

mod checks;
mod registration;

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::{
    checks::{RegistrationFault, SoundRegistration},
    registration::Registration,
};

/// The name of a client. Chosen by an administrator; never looks like a `sub`.
#[derive(
    Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct ClientId(String);

/// A text that is no client id: 1 to 40 letters, digits, dots, hyphens and underscores.
/// Shorter than any subject, so that the two cannot collide (RFC 9700, section 4.15).
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a client_id has 1 to 40 letters, digits, dots, hyphens and underscores")]
pub struct NotAClientId;

impl ClientId {
    /// Reads an id, exactly.
    ///
    /// # Errors
    /// [`NotAClientId`].
    pub fn parse(text: &str) -> Result<Self, NotAClientId> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        if text.is_empty() || text.len() > 40 || !text.bytes().all(plain) {
            return Err(NotAClientId);
        }
        Ok(Self(text.to_owned()))
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ClientId {
    type Error = NotAClientId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<ClientId> for String {
    fn from(id: ClientId) -> Self {
        id.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether the application runs on a server or on a person's machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationType {
    /// On a server, or in a page.
    #[default]
    Web,
    /// On a person's machine: schemes of its own, loopback with any port (RFC 8252).
    Native,
}

/// What a client may present at the token endpoint.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// RFC 6749, section 4.1.
    AuthorizationCode,
    /// RFC 6749, section 6.
    RefreshToken,
    /// RFC 6749, section 4.4.
    ClientCredentials,
}

impl GrantType {
    /// The value of `grant_type`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
        }
    }
}

/// How a client proves who it is (OpenID Connect Core, section 9).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthMethod {
    /// The secret in the `Authorization` header.
    #[default]
    ClientSecretBasic,
    /// The secret in the form.
    ClientSecretPost,
    /// An assertion signed with a key of the client's.
    PrivateKeyJwt,
    /// Not at all: a public client.
    None,
}

impl ClientAuthMethod {
    /// The value of `token_endpoint_auth_method`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::None => "none",
        }
    }

    /// Whether the client has a secret.
    pub const fn has_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost)
    }
}

/// Which audience the client's assertions name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AssertionAudience {
    /// The issuer, as one string (RFC 10070).
    #[default]
    Issuer,
    /// The token endpoint, as one string: older clients.
    TokenEndpoint,
}

/// Whether a person's subject is the client's own (OpenID Connect Core, section 8).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubjectType {
    /// One for each sector.
    #[default]
    Pairwise,
    /// One for all public clients.
    Public,
}

/// Where a service stands: people are told when it is only being tried.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// In use.
    #[default]
    Production,
    /// Being tried.
    Test,
}

impl Environment {
    /// Whether it is in use.
    pub const fn is_production(&self) -> bool {
        matches!(self, Self::Production)
    }

    /// The value in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Test => "test",
        }
    }
}

#[cfg(test)]
mod tests;
