//! How a person signed in: `acr` and `amr` (OpenID Connect Core, section 2; RFC 8176).

use serde::{Deserialize, Serialize};

/// Authentication context classes that this provider knows (contract.md, Values).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Acr {
    /// Identifier and password.
    #[serde(rename = "urn:preau:acr:password")]
    Password,
    /// Identifier, password and a second factor.
    #[serde(rename = "urn:preau:acr:mfa")]
    SecondFactor,
}

impl Acr {
    /// Those that a sign-in can reach today, as metadata announces them.
    pub const REACHABLE: [Self; 1] = [Self::Password];

    /// The claim's value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "urn:preau:acr:password",
            Self::SecondFactor => "urn:preau:acr:mfa",
        }
    }
}

/// Authentication methods (RFC 8176).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Amr {
    /// A password.
    Pwd,
}

impl Amr {
    /// The claim's value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pwd => "pwd",
        }
    }
}
