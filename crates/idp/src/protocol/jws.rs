//! Compact signed JWTs, strictly (RFC 7515, section 7.1; RFC 8725).
//!
//! Signing and verifying is josekit's. Taking a token apart stands here, because what
//! must be refused (other types, critical headers, sizes, loose base64) is this
//! provider's rule.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::signing::SigningAlgorithm;
use josekit::jws::JwsVerifier;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

/// Most bytes of a token that is looked at.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// Why a token says nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TokenFault {
    /// Longer than [`MAX_TOKEN_BYTES`].
    #[error("the token is too long")]
    TooLong,
    /// Not three parts of base64url with JSON objects.
    #[error("the token is not a compact JWS")]
    Malformed,
    /// A header that must be understood and is not (RFC 7515, section 4.1.11).
    #[error("the token has critical header parameters")]
    Critical,
    /// Another `typ`: another kind of token (RFC 8725, section 3.11).
    #[error("the token is of another type")]
    Type,
    /// An `alg` that is not allowed, or not the key's.
    #[error("the token is signed with another algorithm")]
    Algorithm,
    /// No key of this `kid`. Keys may have changed since the ring was made.
    #[error("the token is signed with an unknown key")]
    UnknownKey,
    /// A signature that does not hold.
    #[error("the signature of the token is wrong")]
    Signature,
    /// Claims that are missing or of another shape.
    #[error("the token lacks required claims")]
    Claims,
    /// Another issuer.
    #[error("the token is from another issuer")]
    Issuer,
    /// For somebody else.
    #[error("the token is for another audience")]
    Audience,
    /// Past its end.
    #[error("the token has expired")]
    Expired,
    /// From the future.
    #[error("the token is not valid yet")]
    NotYet,
}

/// The members of a header that count. `jku`, `jwk` and `x5u` are never followed
/// (RFC 8725, section 3.10).
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Header {
    /// The algorithm, as written.
    pub alg: String,
    /// The type, as written.
    #[serde(default)]
    pub typ: Option<String>,
    /// The key, as written: a text to compare, nothing else.
    #[serde(default)]
    pub kid: Option<String>,
    #[serde(default)]
    crit: Option<Value>,
}

/// A token in parts, of which nothing is proven.
#[derive(Clone, Debug)]
pub struct Unverified<'a> {
    header: Header,
    payload: Vec<u8>,
    signature: Vec<u8>,
    signed: &'a str,
}

impl<'a> Unverified<'a> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// [`TokenFault::TooLong`], [`TokenFault::Malformed`], [`TokenFault::Critical`].
    pub fn parse(token: &'a str) -> Result<Self, TokenFault> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenFault::TooLong);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenFault::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenFault::Malformed)?;
        let header: Header = read_json(&decode(header)?).ok_or(TokenFault::Malformed)?;
        if header.crit.is_some() {
            return Err(TokenFault::Critical);
        }
        Ok(Self {
            header,
            payload: decode(payload)?,
            signature: decode(signature)?,
            signed,
        })
    }

    /// The header.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The algorithm, where it is one of ours: `none` and symmetric ones are not.
    ///
    /// # Errors
    /// [`TokenFault::Algorithm`].
    pub fn algorithm(&self) -> Result<SigningAlgorithm, TokenFault> {
        SigningAlgorithm::parse(&self.header.alg).ok_or(TokenFault::Algorithm)
    }

    /// One claim as a text, before anything is proven: only to look up by whose keys
    /// the token must be verified.
    pub fn claimed(&self, claim: &str) -> Option<String> {
        let claims: Value = read_json(&self.payload)?;
        Some(claims.get(claim)?.as_str()?.to_owned())
    }

    /// The claims, if the signature holds.
    ///
    /// # Errors
    /// [`TokenFault::Signature`], [`TokenFault::Claims`].
    pub fn verify<T: DeserializeOwned>(&self, verifier: &dyn JwsVerifier) -> Result<T, TokenFault> {
        verifier
            .verify(self.signed.as_bytes(), &self.signature)
            .map_err(|_| TokenFault::Signature)?;
        read_json(&self.payload).ok_or(TokenFault::Claims)
    }
}

/// base64url without padding and without spare bits: one text for one value.
fn decode(part: &str) -> Result<Vec<u8>, TokenFault> {
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| TokenFault::Malformed)
}

fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    serde_json::from_slice(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encode(text: &str) -> String {
        URL_SAFE_NO_PAD.encode(text)
    }

    #[test]
    fn only_three_parts_of_base64url_are_a_token() {
        let header = encode(r#"{"alg":"ES256"}"#);
        for token in [
            String::new(),
            "a".into(),
            "..".into(),
            header.clone(),
            format!("{header}."),
            format!("{header}.e30="),
            format!("{header}.e30.x"),
            format!("{header}.e30.AA.AA"),
            format!("{}.e30.AA", encode("[]")),
            format!("{}.e30.AA", encode(r#"{"alg":1}"#)),
        ] {
            assert_eq!(
                Unverified::parse(&token).unwrap_err(),
                TokenFault::Malformed,
                "{token}"
            );
        }
        assert!(Unverified::parse(&format!("{header}.e30.AA")).is_ok());
    }

    #[test]
    fn critical_headers_and_long_tokens_are_refused() {
        let critical = format!("{}.e30.AA", encode(r#"{"alg":"ES256","crit":["b64"]}"#));
        assert_eq!(
            Unverified::parse(&critical).unwrap_err(),
            TokenFault::Critical
        );
        let long = "a".repeat(MAX_TOKEN_BYTES + 1);
        assert_eq!(Unverified::parse(&long).unwrap_err(), TokenFault::TooLong);
    }

    #[test]
    fn algorithms_are_taken_literally() {
        for alg in ["none", "None", "nOnE", "HS256", "es256", "ES384", ""] {
            let token = format!("{}.e30.", encode(&format!(r#"{{"alg":"{alg}"}}"#)));
            let parsed = Unverified::parse(&token).unwrap();
            assert_eq!(parsed.algorithm(), Err(TokenFault::Algorithm), "{alg}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_texts_never_panic(token in "[A-Za-z0-9_.={}\"-]{0,200}") {
            let _ = Unverified::parse(&token).map(|parsed| parsed.claimed("sub"));
        }
    }
}
