//! How a person signed in: `acr` and `amr` (OpenID Connect Core, section 2; RFC 8176).

use serde::{Deserialize, Serialize};

/// Authentication context classes that this provider knows (contract.md, Values).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Acr {
    /// Identifier and password.
    #[serde(rename = "urn:preau:acr:password")]
    Password,
    /// Two factors: a password and a code, or a passkey that knows its owner.
    #[serde(rename = "urn:preau:acr:mfa")]
    SecondFactor,
    /// Level « low » of eIDAS (règlement (UE) 910/2014, article 8), vouched for by another
    /// provider: FranceConnect.
    #[serde(rename = "eidas1")]
    Eidas1,
    /// Level « substantial ».
    #[serde(rename = "eidas2")]
    Eidas2,
    /// Level « high ».
    #[serde(rename = "eidas3")]
    Eidas3,
}

impl Acr {
    /// Those that a sign-in here can reach, beside what configured upstreams vouch for.
    pub const OWN: [Self; 2] = [Self::Password, Self::SecondFactor];

    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Password,
        Self::SecondFactor,
        Self::Eidas1,
        Self::Eidas2,
        Self::Eidas3,
    ];

    /// Reads the claim's value.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|acr| acr.as_str() == text)
    }

    /// The contexts that a sign-in which reached this one fulfils, best first. A second
    /// factor comes on top of a password; a level of eIDAS holds the lower ones.
    pub const fn fulfilled(self) -> &'static [Self] {
        match self {
            Self::Password => &[Self::Password],
            Self::SecondFactor => &[Self::SecondFactor, Self::Password],
            Self::Eidas1 => &[Self::Eidas1],
            Self::Eidas2 => &[Self::Eidas2, Self::Eidas1],
            Self::Eidas3 => &[Self::Eidas3, Self::Eidas2, Self::Eidas1],
        }
    }

    /// The contexts that a sign-in fulfils, best first: those of the context that it
    /// reached, and that of a second factor where one followed another provider's word.
    pub fn fulfilled_by(self, amr: &[Amr]) -> impl Iterator<Item = Self> + use<> {
        let beside = amr.contains(&Amr::Mfa).then_some(Self::SecondFactor);
        let beside = beside.filter(|beside| !self.fulfilled().contains(beside));
        self.fulfilled().iter().copied().chain(beside)
    }

    /// Whether it is a level of eIDAS, which only another provider can vouch for.
    pub const fn is_eidas(self) -> bool {
        matches!(self, Self::Eidas1 | Self::Eidas2 | Self::Eidas3)
    }

    /// The claim's value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "urn:preau:acr:password",
            Self::SecondFactor => "urn:preau:acr:mfa",
            Self::Eidas1 => "eidas1",
            Self::Eidas2 => "eidas2",
            Self::Eidas3 => "eidas3",
        }
    }
}

/// Authentication methods (RFC 8176).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Amr {
    /// A password.
    Pwd,
    /// FranceConnect, or another upstream: the value is FranceConnect's own. By what the
    /// person proved themselves there it tells only to those whom it allows to ask.
    Fc,
    /// A code that was good once: of an authenticator application, or for its loss.
    Otp,
    /// A key that the person has, by a passkey. Whether hardware keeps it (`hwk`) or not
    /// (`swk`) is not known without attestation (OpenID Connect Extended Authentication
    /// Profile ACR Values 1.0, section 3).
    Pop,
    /// The person was there, and unlocked the passkey; by a finger, a face or a code only
    /// their device knows.
    User,
    /// More than one factor (RFC 8176, section 2): beside the methods themselves.
    Mfa,
}

impl Amr {
    /// The claim's value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pwd => "pwd",
            Self::Fc => "fc",
            Self::Otp => "otp",
            Self::Pop => "pop",
            Self::User => "user",
            Self::Mfa => "mfa",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fulfilled(acr: Acr, amr: &[Amr]) -> Vec<Acr> {
        acr.fulfilled_by(amr).collect()
    }

    #[test]
    fn a_second_factor_counts_after_another_provider_s_word_too() {
        use Acr::{Eidas1, Password, SecondFactor};
        assert_eq!(fulfilled(Password, &[Amr::Pwd]), [Password]);
        let both = [Amr::Pwd, Amr::Otp, Amr::Mfa];
        assert_eq!(fulfilled(SecondFactor, &both), [SecondFactor, Password]);
        assert_eq!(fulfilled(Eidas1, &[Amr::Fc]), [Eidas1]);
        let both = [Amr::Fc, Amr::Otp, Amr::Mfa];
        assert_eq!(fulfilled(Eidas1, &both), [Eidas1, SecondFactor]);
    }
}
