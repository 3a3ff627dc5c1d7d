//! The provider's signing keys (RFC 7517; RFC 7518).
//!
//! A [`KeyRing`] is made of the keys of the main store and stays as it is: nodes make a
//! new one when the keys or their times have moved. Keys are parsed once, when the ring
//! is made, so that signing costs the signature alone.

use std::{fmt, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{ids::KeyId, signing::SigningAlgorithm};
use jiff::Timestamp;
use josekit::{
    JoseError,
    jwk::{
        KeyPair,
        alg::{
            ec::{EcCurve, EcKeyPair},
            ed::{EdCurve, EdKeyPair},
            rsa::RsaKeyPair,
        },
    },
    jws::{ES256, EdDSA, JwsSigner, JwsVerifier, RS256},
};
use secrecy::{ExposeSecret, SecretBox};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::jws::{TokenFault, Unverified};

/// Bits of RSA keys (RFC 7518, section 3.3: 2048 or more).
const RSA_BITS: u32 = 2048;

/// A key that cannot be made, read or used: a fault of OpenSSL or of what was stored.
#[derive(Debug, thiserror::Error)]
#[error("a signing key cannot be used: {0}")]
pub struct KeyFault(#[from] JoseError);

/// What a token of ours is, by its `typ` (RFC 8725, section 3.11).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenType {
    /// `JWT`: an ID token.
    IdToken,
    /// `at+jwt` (RFC 9068, section 2.1).
    AccessToken,
    /// None: a `UserInfo` answer. No type is registered for it, some clients refuse an
    /// unregistered one, and without one it never passes for an ID token.
    UserInfo,
}

impl TokenType {
    const ALL: [Self; 3] = [Self::IdToken, Self::AccessToken, Self::UserInfo];

    const fn typ(self) -> Option<&'static str> {
        match self {
            Self::IdToken => Some("JWT"),
            Self::AccessToken => Some("at+jwt"),
            Self::UserInfo => None,
        }
    }
}

/// A private key, as PKCS #8: what the vault seals.
pub struct PrivateKey {
    algorithm: SigningAlgorithm,
    pkcs8: SecretBox<[u8]>,
}

impl PrivateKey {
    /// A new key. Its randomness is OpenSSL's own, not the ambient's: josekit makes
    /// keys in no other way.
    ///
    /// # Errors
    /// [`KeyFault`] where OpenSSL fails.
    pub fn generate(algorithm: SigningAlgorithm) -> Result<Self, KeyFault> {
        let pkcs8 = match algorithm {
            SigningAlgorithm::ES256 => EcKeyPair::generate(EcCurve::P256)?.to_der_private_key(),
            SigningAlgorithm::RS256 => RsaKeyPair::generate(RSA_BITS)?.to_der_private_key(),
            SigningAlgorithm::EdDSA => EdKeyPair::generate(EdCurve::Ed25519)?.to_der_private_key(),
        };
        Ok(Self::from_pkcs8(algorithm, pkcs8))
    }

    /// The key that the vault opened. Whether it is sound shows when a [`SigningKey`]
    /// is made of it.
    pub fn from_pkcs8(algorithm: SigningAlgorithm, pkcs8: Vec<u8>) -> Self {
        Self {
            algorithm,
            pkcs8: SecretBox::new(pkcs8.into_boxed_slice()),
        }
    }

    /// What it signs with.
    pub const fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    /// The key itself: only for the vault.
    pub fn expose_pkcs8(&self) -> &[u8] {
        self.pkcs8.expose_secret()
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({}, …)", self.algorithm)
    }
}

/// When a key is used. The next key is published ahead, so that everybody knows it when
/// it begins to sign, and stays published until what it signed has ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeyTimes {
    /// From here it stands in the key set.
    pub publish_from: Timestamp,
    /// From here it signs, until a later key does.
    pub sign_from: Timestamp,
    /// From here it is gone.
    pub retire_at: Option<Timestamp>,
}

impl KeyTimes {
    fn is_published(&self, now: Timestamp) -> bool {
        self.publish_from <= now && !self.is_retired(now)
    }

    fn signs(&self, now: Timestamp) -> bool {
        self.sign_from <= now && !self.is_retired(now)
    }

    fn is_retired(&self, now: Timestamp) -> bool {
        self.retire_at.is_some_and(|end| end <= now)
    }

    fn changes(&self) -> impl Iterator<Item = Timestamp> {
        [Some(self.publish_from), self.retire_at]
            .into_iter()
            .flatten()
    }
}

/// A key that is ready to sign and to verify.
pub struct SigningKey {
    kid: String,
    algorithm: SigningAlgorithm,
    times: KeyTimes,
    signer: Box<dyn JwsSigner>,
    verifier: Box<dyn JwsVerifier>,
    public: Value,
    /// The encoded header of each type, with the dot after it.
    headers: [String; TokenType::ALL.len()],
}

impl SigningKey {
    /// Parses a key. Its `kid` is its row's id: distinct, and without meaning.
    ///
    /// # Errors
    /// [`KeyFault`] where the bytes are no key for the algorithm.
    pub fn new(id: KeyId, private: &PrivateKey, times: KeyTimes) -> Result<Self, KeyFault> {
        let (kid, algorithm) = (id.to_string(), private.algorithm);
        let parts = parse(algorithm, private.expose_pkcs8())?;
        Ok(Self {
            headers: TokenType::ALL.map(|kind| encoded_header(algorithm, kind, &kid)),
            public: public_jwk(&parts.public, algorithm, &kid),
            signer: parts.signer,
            verifier: parts.verifier,
            kid,
            algorithm,
            times,
        })
    }

    /// Its name in tokens and in the key set.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// What it signs with.
    pub const fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    /// Signs claims, as a token of this type.
    ///
    /// # Errors
    /// [`KeyFault`] where OpenSSL fails.
    pub fn sign(&self, kind: TokenType, claims: &impl Serialize) -> Result<String, KeyFault> {
        let payload = serde_json::to_vec(claims).expect("claims are JSON with texts as keys");
        let header = &self.headers[kind as usize];
        let mut token = String::with_capacity(header.len() + payload.len() * 4 / 3 + 360);
        token.push_str(header);
        URL_SAFE_NO_PAD.encode_string(&payload, &mut token);
        let signature = self.signer.sign(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(&signature, &mut token);
        Ok(token)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, {})", self.kid, self.algorithm)
    }
}

/// The keys that are known at one time.
#[derive(Clone, Debug)]
pub struct KeyRing {
    keys: Vec<Arc<SigningKey>>,
    key_set: Arc<[u8]>,
    next_change: Option<Timestamp>,
}

impl KeyRing {
    /// A ring of keys; those that are retired are left out.
    pub fn new(keys: Vec<SigningKey>, now: Timestamp) -> Self {
        let alive = keys.into_iter().filter(|key| !key.times.is_retired(now));
        let keys: Vec<_> = alive.map(Arc::new).collect();
        let published = keys.iter().filter(|key| key.times.is_published(now));
        let published: Vec<_> = published.map(|key| &key.public).collect();
        let changes = keys.iter().flat_map(|key| key.times.changes());
        Self {
            key_set: json!({ "keys": published }).to_string().into_bytes().into(),
            next_change: changes.filter(|change| *change > now).min(),
            keys,
        }
    }

    /// The key set of the JWKS endpoint, made once: public parts alone.
    pub fn key_set(&self) -> &Arc<[u8]> {
        &self.key_set
    }

    /// When a ring must be made anew even if no row has changed: a key comes into the
    /// key set, or leaves it.
    pub const fn next_change(&self) -> Option<Timestamp> {
        self.next_change
    }

    /// The key that signs now with an algorithm: the one that began last, so that all
    /// nodes agree by the clock alone.
    pub fn signer(&self, algorithm: SigningAlgorithm, now: Timestamp) -> Option<&Arc<SigningKey>> {
        self.keys
            .iter()
            .filter(|key| key.algorithm == algorithm && key.times.signs(now))
            .max_by_key(|key| (key.times.sign_from, &key.kid))
    }

    /// The claims of a token of ours of this type.
    ///
    /// # Errors
    /// [`TokenFault`]; after [`TokenFault::UnknownKey`] a newer ring may know more.
    pub fn verify<T: DeserializeOwned>(
        &self,
        token: &str,
        kind: TokenType,
        now: Timestamp,
    ) -> Result<T, TokenFault> {
        let token = Unverified::parse(token)?;
        if token.header().typ.as_deref() != kind.typ() {
            return Err(TokenFault::Type);
        }
        let algorithm = token.algorithm()?;
        let named =
            |key: &&Arc<SigningKey>| Some(key.kid.as_str()) == token.header().kid.as_deref();
        let key = self.keys.iter().find(named).ok_or(TokenFault::UnknownKey)?;
        if key.times.is_retired(now) {
            return Err(TokenFault::UnknownKey);
        }
        if key.algorithm != algorithm {
            return Err(TokenFault::Algorithm);
        }
        token.verify(key.verifier.as_ref())
    }
}

struct Parts {
    signer: Box<dyn JwsSigner>,
    verifier: Box<dyn JwsVerifier>,
    public: josekit::jwk::Jwk,
}

fn parse(algorithm: SigningAlgorithm, pkcs8: &[u8]) -> Result<Parts, JoseError> {
    let (signer, pair): (Box<dyn JwsSigner>, Box<dyn KeyPair>) = match algorithm {
        SigningAlgorithm::ES256 => (
            Box::new(ES256.signer_from_der(pkcs8)?),
            Box::new(EcKeyPair::from_der(pkcs8, Some(EcCurve::P256))?),
        ),
        SigningAlgorithm::RS256 => (
            Box::new(RS256.signer_from_der(pkcs8)?),
            Box::new(RsaKeyPair::from_der(pkcs8)?),
        ),
        SigningAlgorithm::EdDSA => (
            Box::new(EdDSA.signer_from_der(pkcs8)?),
            Box::new(EdKeyPair::from_der(pkcs8)?),
        ),
    };
    let public = pair.to_der_public_key();
    let verifier: Box<dyn JwsVerifier> = match algorithm {
        SigningAlgorithm::ES256 => Box::new(ES256.verifier_from_der(public)?),
        SigningAlgorithm::RS256 => Box::new(RS256.verifier_from_der(public)?),
        SigningAlgorithm::EdDSA => Box::new(EdDSA.verifier_from_der(public)?),
    };
    Ok(Parts {
        signer,
        verifier,
        public: pair.to_jwk_public_key(),
    })
}

/// A verification key as it is published.
pub(crate) fn public_jwk(jwk: &josekit::jwk::Jwk, algorithm: SigningAlgorithm, kid: &str) -> Value {
    let mut public = public_members(jwk);
    public["kid"] = json!(kid);
    public["use"] = json!("sig");
    public["alg"] = json!(algorithm.as_str());
    public
}

/// The public members by name, so that nothing else can come along.
pub(crate) fn public_members(jwk: &josekit::jwk::Jwk) -> Value {
    let mut public = json!({});
    for member in ["kty", "crv", "x", "y", "n", "e"] {
        if let Some(value) = jwk.parameter(member) {
            public[member] = value.clone();
        }
    }
    public
}

fn encoded_header(algorithm: SigningAlgorithm, token_type: TokenType, kid: &str) -> String {
    let mut header = json!({ "alg": algorithm.as_str(), "kid": kid });
    if let Some(typ) = token_type.typ() {
        header["typ"] = json!(typ);
    }
    let mut encoded = URL_SAFE_NO_PAD.encode(header.to_string());
    encoded.push('.');
    encoded
}

#[cfg(test)]
mod tests;
