//! Answers that an upstream encrypts for us, as FranceConnect+ does: a JWE that holds the
//! signed token (OpenID Connect Core 1.0, section 16.14; RFC 7519, section 5.2). What is
//! inside is verified as what comes without a JWE is.
//!
//! josekit decrypts. Taking a JWE apart stands here too, for what must not reach it:
//! compression, other algorithms, and parts of other lengths than the algorithms have.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::secret::Secret;
use josekit::{
    JoseError,
    jwe::{self, ECDH_ES, ECDH_ES_A128KW, ECDH_ES_A256KW, JweDecrypter, RSA_OAEP, RSA_OAEP_256},
    jwk::{
        Jwk,
        alg::{
            ec::{EcCurve, EcKeyPair},
            rsa::RsaKeyPair,
        },
    },
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::client_key::thumbprint;
use crate::protocol::{jws::MAX_TOKEN_BYTES, keys::public_members};

/// The one content encryption (RFC 7518, section 5.3).
const CONTENT: &str = "A256GCM";
/// Its initialization vector and tag, in characters of base64url.
const VECTOR: usize = 16;
const TAG: usize = 22;
/// A wrapped content key, in the same.
const WRAPPED: usize = 54;
/// Most bytes of a JWE: a token of the longest, encoded once more, and a wide margin.
const LONGEST: usize = 2 * MAX_TOKEN_BYTES;

/// How a content key comes to us (RFC 7518, section 4.1): `RSA1_5` is none of them
/// (RFC 8725, section 3.2), nor is anything symmetric.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
pub enum KeyManagement {
    /// RSAES OAEP with the default parameters.
    #[serde(rename = "RSA-OAEP")]
    RsaOaep,
    /// RSAES OAEP with SHA-256.
    #[serde(rename = "RSA-OAEP-256")]
    RsaOaep256,
    /// The agreed key encrypts.
    #[serde(rename = "ECDH-ES")]
    EcdhEs,
    /// The agreed key wraps, by AES of 128 bits.
    #[serde(rename = "ECDH-ES+A128KW")]
    EcdhEsA128Kw,
    /// The agreed key wraps, by AES of 256 bits.
    #[serde(rename = "ECDH-ES+A256KW")]
    EcdhEsA256Kw,
}

impl KeyManagement {
    /// Its name in a header.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RsaOaep => "RSA-OAEP",
            Self::RsaOaep256 => "RSA-OAEP-256",
            Self::EcdhEs => "ECDH-ES",
            Self::EcdhEsA128Kw => "ECDH-ES+A128KW",
            Self::EcdhEsA256Kw => "ECDH-ES+A256KW",
        }
    }

    /// With a key, where it is one of this kind.
    fn decrypter(self, private: &Jwk) -> Result<Box<dyn JweDecrypter>, JoseError> {
        Ok(match self {
            Self::RsaOaep => Box::new(RSA_OAEP.decrypter_from_jwk(private)?),
            Self::RsaOaep256 => Box::new(RSA_OAEP_256.decrypter_from_jwk(private)?),
            Self::EcdhEs => Box::new(ECDH_ES.decrypter_from_jwk(private)?),
            Self::EcdhEsA128Kw => Box::new(ECDH_ES_A128KW.decrypter_from_jwk(private)?),
            Self::EcdhEsA256Kw => Box::new(ECDH_ES_A256KW.decrypter_from_jwk(private)?),
        })
    }

    /// Whether the encrypted key may be of this length, in characters.
    const fn fits(self, encrypted_key: usize) -> bool {
        match self {
            Self::RsaOaep | Self::RsaOaep256 => encrypted_key > 0,
            Self::EcdhEs => encrypted_key == 0,
            Self::EcdhEsA128Kw | Self::EcdhEsA256Kw => encrypted_key == WRAPPED,
        }
    }
}

/// Why an answer was not opened. All of them are one to whoever sent it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EnvelopeFault {
    /// It should be.
    #[error("not encrypted")]
    Absent,
    /// It should not be.
    #[error("encrypted, which was not agreed")]
    Unexpected,
    /// Longer than any answer.
    #[error("too long")]
    TooLong,
    /// Not a compact JWE of a signed token, or with headers that must be understood and
    /// are not.
    #[error("no sound JWE")]
    Malformed,
    /// Compressed: a few bytes may become many (RFC 8725, section 3.6).
    #[error("compressed")]
    Compressed,
    /// By algorithms that were not agreed.
    #[error("encrypted with other algorithms")]
    Algorithm,
    /// For a key that is not ours.
    #[error("encrypted for another key")]
    UnknownKey,
    /// The key does not open it.
    #[error("not to be decrypted")]
    Undecipherable,
}

/// A key that is none of those that can be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "must be a private key in PEM: of the curve P-256, or RSA of 2048 bits or more, of a kind that \
     encryption_algorithms has"
)]
pub struct NotADecryptionKey;

/// A key of ours that answers are encrypted for.
pub struct DecryptionKey {
    kid: String,
    public: Value,
    ways: Vec<(KeyManagement, Box<dyn JweDecrypter>)>,
}

impl std::fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DecryptionKey({})", self.kid)
    }
}

impl DecryptionKey {
    /// Reads a key, for those of the algorithms that are of its kind.
    ///
    /// # Errors
    /// [`NotADecryptionKey`].
    pub fn read(pem: &Secret, algorithms: &[KeyManagement]) -> Result<Self, NotADecryptionKey> {
        let (private, public) = pair(pem.expose().as_bytes())?;
        let way = |algorithm: &KeyManagement| {
            let decrypter = algorithm.decrypter(&private).ok()?;
            Some((*algorithm, decrypter))
        };
        let ways: Vec<_> = algorithms.iter().filter_map(way).collect();
        let (first, _) = ways.first().ok_or(NotADecryptionKey)?;
        let kid = thumbprint(&public);
        let mut published = public_members(&public);
        published["kid"] = json!(kid);
        published["use"] = json!("enc");
        // Which of several the upstream uses is its registration's to say.
        if ways.len() == 1 {
            published["alg"] = json!(first.as_str());
        }
        Ok(Self {
            kid,
            public: published,
            ways,
        })
    }

    /// Its name, the thumbprint (RFC 7638).
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public part.
    pub const fn public(&self) -> &Value {
        &self.public
    }

    fn way(&self, alg: &str) -> Option<(KeyManagement, &dyn JweDecrypter)> {
        let mut ways = self.ways.iter();
        let (algorithm, decrypter) = ways.find(|(algorithm, _)| algorithm.as_str() == alg)?;
        Some((*algorithm, decrypter.as_ref()))
    }
}

fn pair(pem: &[u8]) -> Result<(Jwk, Jwk), NotADecryptionKey> {
    if let Ok(pair) = EcKeyPair::from_pem(pem, Some(EcCurve::P256)) {
        return Ok((pair.to_jwk_private_key(), pair.to_jwk_public_key()));
    }
    let pair = RsaKeyPair::from_pem(pem).map_err(|_| NotADecryptionKey)?;
    Ok((pair.to_jwk_private_key(), pair.to_jwk_public_key()))
}

/// How an upstream's answers come, as was agreed with it.
pub(super) enum Envelope {
    /// Signed.
    None,
    /// Signed, and encrypted for one of these keys. The first is published.
    For(Vec<DecryptionKey>),
}

/// The members of a header that count. The key is the header's `kid`, and no other
/// hint is followed (RFC 8725, section 3.10).
#[derive(Deserialize)]
struct Header {
    alg: String,
    enc: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    cty: Option<String>,
    #[serde(default)]
    zip: Option<Value>,
    #[serde(default)]
    crit: Option<Value>,
}

impl Envelope {
    /// The signed token of an answer.
    pub(super) fn open(&self, answer: &str) -> Result<String, EnvelopeFault> {
        match self {
            Self::None if is_jwe(answer) => Err(EnvelopeFault::Unexpected),
            Self::None => Ok(answer.to_owned()),
            Self::For(keys) => decrypt(answer, keys),
        }
    }

    /// The key that the upstream is to encrypt for.
    pub(super) fn published(&self) -> Option<&Value> {
        match self {
            Self::None => None,
            Self::For(keys) => keys.first().map(DecryptionKey::public),
        }
    }
}

/// Whether it has the form of one.
fn is_jwe(answer: &str) -> bool {
    let is_written = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    answer.bytes().all(is_written) && answer.split('.').count() == 5
}

fn decrypt(answer: &str, keys: &[DecryptionKey]) -> Result<String, EnvelopeFault> {
    if answer.len() > LONGEST {
        return Err(EnvelopeFault::TooLong);
    }
    if !is_jwe(answer) {
        return Err(EnvelopeFault::Absent);
    }
    let parts: Vec<_> = answer.split('.').collect();
    let header = URL_SAFE_NO_PAD.decode(parts[0]).ok();
    let header = header.and_then(|bytes| serde_json::from_slice::<Header>(&bytes).ok());
    let header = header.ok_or(EnvelopeFault::Malformed)?;
    if header.zip.is_some() {
        return Err(EnvelopeFault::Compressed);
    }
    let is_token = header
        .cty
        .is_some_and(|cty| cty.eq_ignore_ascii_case("JWT"));
    if header.crit.is_some() || !is_token {
        return Err(EnvelopeFault::Malformed);
    }
    let named = |key: &&DecryptionKey| header.kid.as_ref() == Some(&key.kid);
    let key = keys.iter().find(named).ok_or(EnvelopeFault::UnknownKey)?;
    let way = key.way(&header.alg).filter(|_| header.enc == CONTENT);
    let (algorithm, decrypter) = way.ok_or(EnvelopeFault::Algorithm)?;
    // OpenSSL takes shorter tags, and josekit panics over some lengths.
    if !algorithm.fits(parts[1].len()) || parts[2].len() != VECTOR || parts[4].len() != TAG {
        return Err(EnvelopeFault::Malformed);
    }
    let opened = jwe::deserialize_compact(answer, decrypter);
    let (inside, _) = opened.map_err(|_| EnvelopeFault::Undecipherable)?;
    let inside = String::from_utf8(inside).map_err(|_| EnvelopeFault::Malformed)?;
    let is_signed = inside.split('.').count() == 3;
    is_signed.then_some(inside).ok_or(EnvelopeFault::Malformed)
}

#[cfg(test)]
mod tests;
