//! What the simulator signs with: keys in memory, made at its start, which may be
//! changed while it runs.

use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use josekit::{
    JoseError,
    jwk::{
        Jwk, KeyPair,
        alg::{
            ec::{EcCurve, EcKeyPair},
            rsa::RsaKeyPair,
        },
    },
    jws::{ES256, HS256, JwsSigner, JwsVerifier, RS256},
};
use serde_json::{Map, Value, json};

/// Bits of the RSA keys.
const RSA_BITS: u32 = 2048;
/// Keys that sign no more and by which a sign-out is still recognised.
const MOST_FORMER: usize = 4;

/// OpenSSL makes no key, or a secret is too short to sign with.
#[derive(Debug, thiserror::Error)]
#[error("the simulator has no key: {0}")]
pub struct KeyFault(#[from] JoseError);

/// What a service's tokens are signed with: one choice for ID token and `UserInfo`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Algorithm {
    #[default]
    Es256,
    Rs256,
}

impl Algorithm {
    pub(super) const ALL: [Self; 2] = [Self::Es256, Self::Rs256];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
        }
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }
}

/// How a token is signed: as it should be, or not.
#[derive(Clone, Copy)]
pub(super) enum Signature<'a> {
    Proper,
    /// By a key that is not published, under the name of one that is.
    WrongKey,
    /// By a key that is not published, under a name of its own.
    UnknownKey,
    /// `alg` is `none`.
    Absent,
    /// HS256 by the service's secret, as FranceConnect v1 did.
    Symmetric(&'a str),
}

/// The members that a header may have beside `alg` and `kid`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Header {
    Plain,
    /// With `typ`, as sandbox tokens had it in 2025.
    Typed,
}

/// Whether a new key has a new name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Naming {
    New,
    Same,
}

/// The keys of a simulator.
pub(super) struct Keys(RwLock<Ring>);

struct Ring {
    current: Pair,
    former: Vec<Pair>,
    stranger: Pair,
    changes: u32,
}

/// A key of each algorithm.
struct Pair {
    es256: Key,
    rs256: Key,
}

struct Key {
    kid: String,
    signer: Box<dyn JwsSigner>,
    verifier: Box<dyn JwsVerifier>,
    public: Value,
}

impl Keys {
    /// New keys.
    pub(super) fn generate() -> Result<Self, KeyFault> {
        Ok(Self(RwLock::new(Ring {
            current: Pair::generate("hsm")?,
            former: Vec::new(),
            stranger: Pair::generate("inconnue")?,
            changes: 0,
        })))
    }

    /// Signs with new keys from now on; the old ones are published no more.
    pub(super) fn rotate(&self, naming: Naming) -> Result<(), KeyFault> {
        let mut ring = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if naming == Naming::New {
            ring.changes += 1;
        }
        let name = match ring.changes {
            0 => "hsm".to_owned(),
            changes => format!("hsm-{}", changes + 1),
        };
        let old = std::mem::replace(&mut ring.current, Pair::generate(&name)?);
        ring.former.insert(0, old);
        ring.former.truncate(MOST_FORMER);
        Ok(())
    }

    /// The public keys (RFC 7517, section 5).
    pub(super) fn key_set(&self) -> Value {
        let ring = self.read();
        json!({ "keys": [ring.current.es256.public, ring.current.rs256.public] })
    }

    /// A compact JWS of these claims.
    pub(super) fn sign(
        &self,
        algorithm: Algorithm,
        signature: Signature<'_>,
        header: Header,
        claims: &Value,
    ) -> Result<String, KeyFault> {
        let ring = self.read();
        let (own, stranger) = (ring.current.of(algorithm), ring.stranger.of(algorithm));
        let alg = algorithm.as_str();
        let (alg, kid) = match signature {
            Signature::Proper | Signature::WrongKey => (alg, Some(&own.kid)),
            Signature::UnknownKey => (alg, Some(&stranger.kid)),
            Signature::Absent => ("none", None),
            Signature::Symmetric(_) => ("HS256", None),
        };
        let unsigned = format!("{}.{}", header.encode(alg, kid), encode(claims));
        let signature = match signature {
            Signature::Proper => own.signer.sign(unsigned.as_bytes())?,
            Signature::WrongKey | Signature::UnknownKey => {
                stranger.signer.sign(unsigned.as_bytes())?
            }
            Signature::Absent => Vec::new(),
            Signature::Symmetric(secret) => {
                HS256.signer_from_bytes(secret)?.sign(unsigned.as_bytes())?
            }
        };
        Ok(format!("{unsigned}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// The claims of a token that the simulator signed, now or before it changed keys.
    pub(super) fn claims_of(&self, token: &str) -> Option<Map<String, Value>> {
        let (unsigned, signature) = token.rsplit_once('.')?;
        let (_, claims) = unsigned.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let ring = self.read();
        let mut pairs = std::iter::once(&ring.current).chain(&ring.former);
        let signed = |key: &Key| key.verifier.verify(unsigned.as_bytes(), &signature).is_ok();
        pairs
            .any(|pair| signed(&pair.es256) || signed(&pair.rs256))
            .then(|| decode(claims))?
    }

    fn read(&self) -> RwLockReadGuard<'_, Ring> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Header {
    fn encode(self, alg: &str, kid: Option<&String>) -> String {
        let mut header = json!({ "alg": alg });
        if let Some(kid) = kid {
            header["kid"] = json!(kid);
        }
        if self == Self::Typed {
            header["typ"] = json!("JWT");
        }
        encode(&header)
    }
}

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn decode(part: &str) -> Option<Map<String, Value>> {
    let json = URL_SAFE_NO_PAD.decode(part).ok()?;
    serde_json::from_slice(&json).ok()
}

impl Pair {
    /// Names as FranceConnect's key sets have them.
    fn generate(name: &str) -> Result<Self, KeyFault> {
        Ok(Self {
            es256: Key::es256(format!("pkcs11:ES256:{name}"))?,
            rs256: Key::rs256(format!("pkcs11:RS256:{name}"))?,
        })
    }

    const fn of(&self, algorithm: Algorithm) -> &Key {
        match algorithm {
            Algorithm::Es256 => &self.es256,
            Algorithm::Rs256 => &self.rs256,
        }
    }
}

impl Key {
    fn es256(kid: String) -> Result<Self, KeyFault> {
        let pair = EcKeyPair::generate(EcCurve::P256)?;
        Ok(Self {
            signer: Box::new(ES256.signer_from_der(pair.to_der_private_key())?),
            verifier: Box::new(ES256.verifier_from_der(pair.to_der_public_key())?),
            public: published(&pair.to_jwk_public_key(), Algorithm::Es256, &kid),
            kid,
        })
    }

    fn rs256(kid: String) -> Result<Self, KeyFault> {
        let pair = RsaKeyPair::generate(RSA_BITS)?;
        Ok(Self {
            signer: Box::new(RS256.signer_from_der(pair.to_der_private_key())?),
            verifier: Box::new(RS256.verifier_from_der(pair.to_der_public_key())?),
            public: published(&pair.to_jwk_public_key(), Algorithm::Rs256, &kid),
            kid,
        })
    }
}

/// The public members by name, so that nothing else can come along.
fn published(jwk: &Jwk, algorithm: Algorithm, kid: &str) -> Value {
    let mut public = json!({ "kid": kid, "use": "sig", "alg": algorithm.as_str() });
    for member in ["kty", "crv", "x", "y", "n", "e"] {
        if let Some(value) = jwk.parameter(member) {
            public[member] = value.clone();
        }
    }
    public
}
