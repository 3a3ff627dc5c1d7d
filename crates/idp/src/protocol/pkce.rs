//! Proof Key for Code Exchange (RFC 7636), by S256 alone.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::secret::Secret;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A `code_challenge`: the SHA-256 of the verifier that will come with the code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CodeChallenge([u8; 32]);

/// Not 43 signs of base64url. The standard's code is `invalid_request`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("code_challenge is the base64url of a SHA-256: 43 characters, without padding")]
pub struct NotAChallenge;

impl CodeChallenge {
    /// Reads a challenge.
    ///
    /// # Errors
    /// [`NotAChallenge`].
    pub fn parse(text: &str) -> Result<Self, NotAChallenge> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NotAChallenge)?;
        bytes.try_into().map(Self).map_err(|_| NotAChallenge)
    }

    /// The challenge of a verifier (RFC 7636, section 4.2).
    pub fn of(verifier: &str) -> Self {
        Self(Sha256::digest(verifier).into())
    }
}

impl TryFrom<String> for CodeChallenge {
    type Error = NotAChallenge;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<CodeChallenge> for String {
    fn from(challenge: CodeChallenge) -> Self {
        URL_SAFE_NO_PAD.encode(challenge.0)
    }
}

/// Why a code is not given up. The standard's code is `invalid_grant` (RFC 7636,
/// section 4.6).
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PkceFault {
    /// The code has a challenge, the request no verifier.
    #[error("code_verifier is missing")]
    Missing,
    /// Not 43 to 128 unreserved characters (RFC 7636, section 4.1).
    #[error("code_verifier has 43 to 128 letters, digits, hyphens, dots, underscores and tildes")]
    Malformed,
    /// The verifier of another challenge.
    #[error("code_verifier does not belong to the code_challenge")]
    Wrong,
    /// A verifier though the code has no challenge: a downgrade (RFC 9700, section 4.8.2).
    #[error("code_verifier was sent though the authorization request had no code_challenge")]
    Unexpected,
}

/// Checks the verifier against the code's challenge, in time that does not depend on
/// where they differ.
///
/// # Errors
/// [`PkceFault`].
pub fn verify(
    challenge: Option<&CodeChallenge>,
    verifier: Option<&Secret>,
) -> Result<(), PkceFault> {
    let (challenge, verifier) = match (challenge, verifier) {
        (None, None) => return Ok(()),
        (None, Some(_)) => return Err(PkceFault::Unexpected),
        (Some(_), None) => return Err(PkceFault::Missing),
        (Some(challenge), Some(verifier)) => (challenge, verifier.expose()),
    };
    if !is_verifier(verifier) {
        return Err(PkceFault::Malformed);
    }
    if bool::from(CodeChallenge::of(verifier).0.ct_eq(&challenge.0)) {
        Ok(())
    } else {
        Err(PkceFault::Wrong)
    }
}

fn is_verifier(text: &str) -> bool {
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    (43..=128).contains(&text.len()) && text.bytes().all(unreserved)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_example_of_the_standard_passes() {
        let challenge = CodeChallenge::parse(CHALLENGE).unwrap();
        assert_eq!(String::from(challenge), CHALLENGE);
        assert_eq!(
            verify(Some(&challenge), Some(&Secret::new(VERIFIER))),
            Ok(())
        );
    }

    #[test]
    fn every_other_pair_is_refused() {
        let challenge = CodeChallenge::parse(CHALLENGE).unwrap();
        let long = "a".repeat(129);
        let table = [
            (Some(&challenge), None, Err(PkceFault::Missing)),
            (Some(&challenge), Some(""), Err(PkceFault::Malformed)),
            (
                Some(&challenge),
                Some(&VERIFIER[1..]),
                Err(PkceFault::Malformed),
            ),
            (
                Some(&challenge),
                Some(long.as_str()),
                Err(PkceFault::Malformed),
            ),
            (Some(&challenge), Some(CHALLENGE), Err(PkceFault::Wrong)),
            (None, Some(VERIFIER), Err(PkceFault::Unexpected)),
            (None, None, Ok(())),
        ];
        for (challenge, verifier, outcome) in table {
            let secret = verifier.map(Secret::new);
            assert_eq!(verify(challenge, secret.as_ref()), outcome, "{verifier:?}");
        }
    }

    #[test]
    fn other_texts_are_no_challenges() {
        for text in [
            "",
            "abc",
            VERIFIER.get(..42).unwrap(),
            &format!("{CHALLENGE}="),
        ] {
            assert_eq!(CodeChallenge::parse(text), Err(NotAChallenge), "{text}");
        }
        let padding_bits = format!("{}N", &CHALLENGE[..42]);
        assert_eq!(CodeChallenge::parse(&padding_bits), Err(NotAChallenge));
    }
}
