//! Our own key at an upstream that knows us by one: `private_key_jwt` (OpenID Connect
//! Core, section 9; RFC 7523, section 2.2).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    ambient::Ambient,
    secret::{Secret, Token},
    signing::SigningAlgorithm,
};
use jiff::ToSpan;
use josekit::{
    JoseError,
    jwk::{
        Jwk, KeyPair,
        alg::{
            ec::{EcCurve, EcKeyPair},
            rsa::RsaKeyPair,
        },
    },
    jws::{ES256, JwsSigner, RS256},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::protocol::keys::public_jwk;

/// For how long an assertion is good, in seconds: it is sent at once.
const LIFETIME_SECONDS: i64 = 60;

/// A key that is none of those that can be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be a private key in PEM: of the curve P-256, or RSA of 2048 bits or more")]
pub struct NotAClientKey;

/// The key, ready to sign.
pub struct ClientKey {
    signer: Box<dyn JwsSigner>,
    header: String,
    public: Value,
    thumbprint: String,
}

impl std::fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClientKey(…)")
    }
}

impl ClientKey {
    /// Reads a key; its kind says how it signs.
    ///
    /// # Errors
    /// [`NotAClientKey`].
    pub fn read(pem: &Secret, kid: Option<&str>) -> Result<Self, NotAClientKey> {
        let pem = pem.expose().as_bytes();
        let (algorithm, signer, public) = elliptic(pem)
            .or_else(|_| rsa(pem))
            .map_err(|_| NotAClientKey)?;
        let thumbprint = thumbprint(&public);
        let kid = kid.unwrap_or(&thumbprint);
        let header = json!({ "alg": algorithm.as_str(), "kid": kid, "typ": "JWT" });
        Ok(Self {
            signer,
            header: URL_SAFE_NO_PAD.encode(header.to_string()),
            public: public_jwk(&public, algorithm, kid),
            thumbprint,
        })
    }

    /// The public part.
    pub const fn public(&self) -> &Value {
        &self.public
    }

    /// The thumbprint (RFC 7638), whatever its name.
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// An assertion for the issuer, as its only audience (RFC 10070), good once.
    pub(super) fn assertion(
        &self,
        client_id: &str,
        issuer: &str,
        ambient: &Ambient,
    ) -> Result<Secret, JoseError> {
        let now = ambient.now();
        let claims = json!({
            "iss": client_id,
            "sub": client_id,
            "aud": issuer,
            "jti": Token::generate(ambient).expose(),
            "iat": now.as_second(),
            "exp": (now + LIFETIME_SECONDS.seconds()).as_second(),
        });
        let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
        let signed = format!("{}.{claims}", self.header);
        let signature = URL_SAFE_NO_PAD.encode(self.signer.sign(signed.as_bytes())?);
        Ok(Secret::new(format!("{signed}.{signature}")))
    }
}

type Parts = (SigningAlgorithm, Box<dyn JwsSigner>, Jwk);

fn elliptic(pem: &[u8]) -> Result<Parts, NotAClientKey> {
    let pair = EcKeyPair::from_pem(pem, Some(EcCurve::P256)).map_err(|_| NotAClientKey)?;
    let signer = ES256.signer_from_jwk(&pair.to_jwk_private_key());
    let signer = signer.map_err(|_| NotAClientKey)?;
    let public = pair.to_jwk_public_key();
    Ok((SigningAlgorithm::ES256, Box::new(signer), public))
}

fn rsa(pem: &[u8]) -> Result<Parts, NotAClientKey> {
    let pair = RsaKeyPair::from_pem(pem).map_err(|_| NotAClientKey)?;
    // Which refuses fewer than 2048 bits (RFC 7518, section 3.3).
    let signer = RS256.signer_from_jwk(&pair.to_jwk_private_key());
    let signer = signer.map_err(|_| NotAClientKey)?;
    let public = pair.to_jwk_public_key();
    Ok((SigningAlgorithm::RS256, Box::new(signer), public))
}

/// RFC 7638, section 3: the required members, in the order of their names.
pub(super) fn thumbprint(public: &Jwk) -> String {
    let members = ["crv", "e", "kty", "n", "x", "y"];
    let members = members.into_iter().filter_map(|name| {
        let value = public.parameter(name)?.as_str()?;
        Some(format!(r#""{name}":"{value}""#))
    });
    let document = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
    URL_SAFE_NO_PAD.encode(Sha256::digest(document))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::assertion;

    fn pem(pair: &dyn KeyPair) -> Secret {
        Secret::new(String::from_utf8(pair.to_pem_private_key()).unwrap())
    }

    #[test]
    fn an_assertion_is_one_of_the_published_key_for_the_issuer() {
        let curve = EcKeyPair::generate(EcCurve::P256).unwrap();
        let rsa = RsaKeyPair::generate(2048).unwrap();
        let ambient = Ambient::system();
        for pem in [pem(&curve), pem(&rsa)] {
            let key = ClientKey::read(&pem, None).unwrap();
            let assertion = key.assertion("preau", "https://fc.example", &ambient);
            let assertion = assertion.unwrap();
            let registration = serde_json::from_value(json!({
                "client_id": "preau", "client_name": "Préau",
                "token_endpoint_auth_method": "private_key_jwt",
                "jwks": { "keys": [key.public()] },
            }));
            let audiences = assertion::AssertionAudiences {
                issuer: "https://fc.example",
                token_endpoint: "https://fc.example/token",
            };
            let verified = assertion::verify(
                assertion.expose(),
                &registration.unwrap(),
                audiences,
                ambient.now(),
            );
            assert_eq!(verified.unwrap().client_id.as_str(), "preau");
            let public = key.public().to_string();
            assert!(!public.contains(r#""d":"#) && !public.contains(r#""p":"#));
        }
    }

    #[test]
    fn a_name_may_be_given_and_is_a_thumbprint_else() {
        // RFC 7638, section 3.1.
        let example = json!({
            "kty": "RSA", "e": "AQAB", "alg": "RS256", "kid": "2011-04-29",
            "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        });
        let example = Jwk::from_map(example.as_object().unwrap().clone()).unwrap();
        assert_eq!(
            thumbprint(&example),
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
        );
        let curve = pem(&EcKeyPair::generate(EcCurve::P256).unwrap());
        let named = ClientKey::read(&curve, Some("clé-1")).unwrap();
        assert_eq!(named.public()["kid"], "clé-1");
    }

    #[test]
    fn other_keys_are_refused() {
        let other = pem(&EcKeyPair::generate(EcCurve::P384).unwrap());
        let short = pem(&RsaKeyPair::generate(1024).unwrap());
        let curve = EcKeyPair::generate(EcCurve::P256).unwrap();
        let public = Secret::new(String::from_utf8(curve.to_pem_public_key()).unwrap());
        for pem in [other, short, public, Secret::new("x"), Secret::new("")] {
            assert_eq!(ClientKey::read(&pem, None).err(), Some(NotAClientKey));
        }
    }
}
