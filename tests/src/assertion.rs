//! Client assertions, sound ones and others.

use std::sync::LazyLock;

use domain::ambient::Ambient;
use josekit::{
    jwk::{Jwk, alg::ec::EcCurve},
    jws::{ES256, HS256, JwsHeader, JwsSigner},
};
use serde_json::{Value, json};

use crate::request::random;

/// The key of the clients that sign assertions.
static KEY: LazyLock<Jwk> = LazyLock::new(|| {
    let mut key = Jwk::generate_ec_key(EcCurve::P256).expect("a key can be made");
    key.set_key_id("cle-1");
    key
});

/// The public half, as a registration has it.
pub fn public_keys() -> Value {
    let mut public = KEY.to_public_key().expect("the key has a public half");
    public.set_key_id("cle-1");
    json!({ "keys": [public.as_ref()] })
}

/// An assertion, changed at will.
#[derive(Clone, Debug)]
pub struct Assertion {
    claims: Value,
}

impl Assertion {
    /// The value of `client_assertion_type`.
    pub const TYPE: &'static str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    /// A sound one for this audience, good for a minute of the machine's time.
    pub fn of(client: &str, audience: &str) -> Self {
        let now = Ambient::system().now().as_second();
        Self {
            claims: json!({
                "iss": client, "sub": client, "aud": audience,
                "iat": now, "exp": now + 300, "jti": random(),
            }),
        }
    }

    /// With another claim.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims[name] = value.into();
        self
    }

    /// Without a claim.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        if let Some(claims) = self.claims.as_object_mut() {
            claims.remove(name);
        }
        self
    }

    /// Signed with the registered key.
    pub fn sign(&self) -> String {
        self.sign_by(
            &ES256.signer_from_jwk(&KEY).expect("the key signs"),
            "cle-1",
            "JWT",
        )
    }

    /// Signed with the registered key, as another type of token.
    pub fn sign_as(&self, typ: &str) -> String {
        self.sign_by(
            &ES256.signer_from_jwk(&KEY).expect("the key signs"),
            "cle-1",
            typ,
        )
    }

    /// Signed with a key that nobody registered, under the name of the registered one.
    pub fn sign_by_stranger(&self) -> String {
        let key = Jwk::generate_ec_key(EcCurve::P256).expect("a key can be made");
        self.sign_by(
            &ES256.signer_from_jwk(&key).expect("the key signs"),
            "cle-1",
            "JWT",
        )
    }

    /// Signed with the public key as if it were a shared secret (RFC 8725, section 2.1).
    pub fn sign_with_public_key(&self) -> String {
        let secret = public_keys()["keys"][0].to_string();
        let signer = HS256
            .signer_from_bytes(secret.as_bytes())
            .expect("long enough");
        self.sign_by(&signer, "cle-1", "JWT")
    }

    /// Not signed at all, `alg` as given.
    pub fn unsigned(&self, alg: &str) -> String {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        let header = json!({ "alg": alg, "typ": "JWT" }).to_string();
        let claims = self.claims.to_string();
        format!(
            "{}.{}.",
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode(claims)
        )
    }

    fn sign_by(&self, signer: &dyn JwsSigner, kid: &str, typ: &str) -> String {
        let mut header = JwsHeader::new();
        header.set_key_id(kid);
        header.set_token_type(typ);
        let payload = self.claims.to_string();
        josekit::jws::serialize_compact(payload.as_bytes(), &header, signer).expect("it signs")
    }
}
