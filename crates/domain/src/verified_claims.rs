//! Verified claims: what somebody vouched for, and how it is said that they did (OpenID
//! Identity Assurance Schema Definition 1.0). Who asks for which, and what is answered, is
//! the provider's; docs/CLAIMS.md documents them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::acr::Acr;

/// The claim that holds them.
pub const VERIFIED_CLAIMS: &str = "verified_claims";

/// Those that can be vouched for: names and birth date, and nothing else.
pub const SUPPORTED: [&str; 3] = ["birthdate", "family_name", "given_name"];

/// The kinds of evidence: somebody's word.
pub const EVIDENCE: [&str; 1] = [VOUCH];

const VOUCH: &str = "vouch";

/// By whose rules an identity was checked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum TrustFramework {
    /// Another provider's, at a level of règlement (UE) 910/2014: FranceConnect's.
    Eidas,
    /// Schools', who know the family and keep its civil status in their files.
    Schools,
}

impl TrustFramework {
    /// The value in tokens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eidas => "eidas",
            Self::Schools => "urn:preau:trust:school-directory",
        }
    }
}

/// What one voucher says of a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vouched {
    /// By whose rules.
    pub framework: TrustFramework,
    /// The level, where the framework has levels.
    pub level: Option<Acr>,
    /// When it was said last.
    pub at: Timestamp,
    /// Who vouches, where that tells no more than the framework does: a school's name would
    /// tell where a child is.
    pub voucher: Option<String>,
    /// The claims, of [`SUPPORTED`] alone, as JSON holds them.
    pub claims: BTreeMap<&'static str, Value>,
}

impl Vouched {
    /// The whole `verification`, of which an answer has what was asked for.
    pub fn verification(&self) -> Value {
        let at = self.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let mut evidence = json!({ "type": VOUCH, "time": at });
        if let Some(voucher) = &self.voucher {
            evidence["attestation"] = json!({
                "type": "digital_attestation",
                "voucher": { "organization": voucher },
            });
        }
        let mut verification = json!({
            "trust_framework": self.framework.as_str(),
            "time": at,
            "evidence": [evidence],
        });
        if let Some(level) = self.level.and_then(assurance_level) {
            verification["assurance_level"] = json!(level);
        }
        verification
    }
}

/// The levels as règlement (UE) 910/2014, article 8, calls them.
const fn assurance_level(level: Acr) -> Option<&'static str> {
    match level {
        Acr::Eidas1 => Some("low"),
        Acr::Eidas2 => Some("substantial"),
        Acr::Eidas3 => Some("high"),
        Acr::Password | Acr::SecondFactor => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_france_connect_vouched_for_says_by_whom_when_and_at_which_level() {
        let vouched = Vouched {
            framework: TrustFramework::Eidas,
            level: Some(Acr::Eidas1),
            at: "2026-11-27T09:00:00.25Z".parse().unwrap(),
            voucher: Some("FranceConnect".to_owned()),
            claims: BTreeMap::new(),
        };
        let expected = json!({
            "trust_framework": "eidas",
            "assurance_level": "low",
            "time": "2026-11-27T09:00:00Z",
            "evidence": [{
                "type": "vouch",
                "time": "2026-11-27T09:00:00Z",
                "attestation": {
                    "type": "digital_attestation",
                    "voucher": { "organization": "FranceConnect" },
                },
            }],
        });
        assert_eq!(vouched.verification(), expected);
    }

    #[test]
    fn a_school_s_word_names_no_school_and_no_level() {
        let vouched = Vouched {
            framework: TrustFramework::Schools,
            level: None,
            at: Timestamp::UNIX_EPOCH,
            voucher: None,
            claims: BTreeMap::new(),
        };
        let verification = vouched.verification();
        assert!(verification.get("assurance_level").is_none());
        assert!(verification["evidence"][0].get("attestation").is_none());
    }
}
