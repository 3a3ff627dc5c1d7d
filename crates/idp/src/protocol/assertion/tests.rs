use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use josekit::{
    jwk::{
        KeyPair,
        alg::{
            ec::{EcCurve, EcKeyPair},
            ed::{EdCurve, EdKeyPair},
            rsa::RsaKeyPair,
        },
    },
    jws::JwsSigner,
};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::protocol::fixtures::{self, ISSUER, now};

const AUDIENCES: AssertionAudiences<'_> = AssertionAudiences {
    issuer: ISSUER,
    token_endpoint: "https://preau.example/oauth2/token",
};

/// A client with one key.
struct Client {
    registration: Registration,
    signer: Box<dyn JwsSigner>,
    header: Value,
    claims: Value,
}

impl Client {
    fn new(algorithm: SigningAlgorithm) -> Self {
        let (pair, signer) = pair(algorithm);
        let mut jwk = serde_json::to_value(pair.to_jwk_public_key()).unwrap();
        jwk["kid"] = json!("k1");
        let mut document = serde_json::to_value(fixtures::portal()).unwrap();
        document["token_endpoint_auth_method"] = json!("private_key_jwt");
        document["jwks"] = json!({ "keys": [jwk] });
        Self {
            registration: serde_json::from_value(document).unwrap(),
            signer,
            header: json!({"alg": algorithm.as_str(), "kid": "k1"}),
            claims: json!({
                "iss": "portail", "sub": "portail", "aud": ISSUER, "jti": "j1",
                "exp": now().as_second() + 60, "iat": now().as_second(),
            }),
        }
    }

    fn with_claim(mut self, name: &str, value: Value) -> Self {
        if value.is_null() {
            self.claims.as_object_mut().unwrap().remove(name);
        } else {
            self.claims[name] = value;
        }
        self
    }

    fn with_header(mut self, name: &str, value: Value) -> Self {
        self.header[name] = value;
        self
    }

    fn with_key_member(mut self, name: &str, value: Value) -> Self {
        self.registration.jwks.as_mut().unwrap()["keys"][0][name] = value;
        self
    }

    fn assertion(&self) -> String {
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(&self.header), encode(&self.claims));
        let signature = self.signer.sign(signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn verify(&self) -> Result<VerifiedAssertion, AssertionFault> {
        verify(&self.assertion(), &self.registration, AUDIENCES, now())
    }
}

fn pair(algorithm: SigningAlgorithm) -> (Box<dyn KeyPair>, Box<dyn JwsSigner>) {
    match algorithm {
        SigningAlgorithm::ES256 => {
            let pair = EcKeyPair::generate(EcCurve::P256).unwrap();
            let signer = ES256.signer_from_der(pair.to_der_private_key()).unwrap();
            (Box::new(pair), Box::new(signer))
        }
        SigningAlgorithm::RS256 => {
            let pair = RsaKeyPair::generate(2048).unwrap();
            let signer = RS256.signer_from_der(pair.to_der_private_key()).unwrap();
            (Box::new(pair), Box::new(signer))
        }
        SigningAlgorithm::EdDSA => {
            let pair = EdKeyPair::generate(EdCurve::Ed25519).unwrap();
            let signer = EdDSA.signer_from_der(pair.to_der_private_key()).unwrap();
            (Box::new(pair), Box::new(signer))
        }
    }
}

fn es256() -> Client {
    Client::new(SigningAlgorithm::ES256)
}

#[test]
fn each_algorithm_proves_its_client() {
    for algorithm in SigningAlgorithm::ALL {
        let client = Client::new(algorithm);
        let verified = client.verify().unwrap();
        assert_eq!(verified.client_id.as_str(), "portail");
        assert_eq!(verified.jti, "j1");
        assert_eq!(verified.exp, now() + 60.seconds());
        let claimed = claimed_client(&client.assertion()).unwrap();
        assert_eq!(claimed, verified.client_id);
    }
}

#[test]
fn each_fault_is_named() {
    let seconds = |ahead: i64| json!(now().as_second() + ahead);
    let token = AssertionFault::Token;
    for (name, value, fault) in [
        ("iss", json!("ent"), AssertionFault::NotTheClient),
        ("sub", json!("ent"), AssertionFault::NotTheClient),
        ("aud", json!([ISSUER]), AssertionFault::Audience),
        (
            "aud",
            json!("https://preau.example/"),
            AssertionFault::Audience,
        ),
        (
            "aud",
            json!(AUDIENCES.token_endpoint),
            AssertionFault::Audience,
        ),
        ("exp", seconds(0), token(TokenFault::Expired)),
        ("exp", seconds(-3600), token(TokenFault::Expired)),
        ("exp", seconds(3600), AssertionFault::TooLong),
        ("exp", json!("soon"), token(TokenFault::Claims)),
        ("exp", json!(1e300), token(TokenFault::Claims)),
        ("exp", Value::Null, token(TokenFault::Claims)),
        ("jti", Value::Null, token(TokenFault::Claims)),
        ("jti", json!(""), AssertionFault::Jti),
        ("jti", json!("j".repeat(256)), AssertionFault::Jti),
        ("iat", seconds(61), token(TokenFault::NotYet)),
        ("nbf", seconds(61), token(TokenFault::NotYet)),
    ] {
        let client = es256().with_claim(name, value.clone());
        assert_eq!(client.verify(), Err(fault), "{name} {value}");
    }
}

#[test]
fn clocks_and_libraries_may_differ_a_little() {
    let seconds = now().as_second();
    for (name, value) in [
        ("iat", json!(seconds + 60)),
        ("iat", Value::Null),
        ("nbf", json!(seconds + 10)),
        (
            "exp",
            json!(600.0_f64.mul_add(1.0, f64::from(i32::try_from(seconds).unwrap()))),
        ),
    ] {
        let client = es256().with_claim(name, value);
        assert!(client.verify().is_ok(), "{}", client.claims);
    }
}

#[test]
fn a_registration_may_want_the_token_endpoint_as_audience() {
    let mut client = es256().with_claim("aud", json!(AUDIENCES.token_endpoint));
    client.registration.client_assertion_audience = AssertionAudience::TokenEndpoint;
    assert!(client.verify().is_ok());
    let client = client.with_claim("aud", json!(ISSUER));
    assert_eq!(client.verify(), Err(AssertionFault::Audience));
}

#[test]
fn other_kinds_of_tokens_are_no_assertions() {
    for typ in ["at+jwt", "logout+jwt", "dpop+jwt", "oauth-authz-req+jwt"] {
        let client = es256().with_header("typ", json!(typ));
        assert_eq!(client.verify(), Err(AssertionFault::Type), "{typ}");
    }
    for typ in ["JWT", "client-authentication+jwt"] {
        assert!(es256().with_header("typ", json!(typ)).verify().is_ok());
    }
}

#[test]
fn key_and_header_must_agree() {
    let token = AssertionFault::Token;
    let other = es256();
    for (client, fault) in [
        (
            es256().with_header("kid", json!("k2")),
            AssertionFault::NoKey,
        ),
        (
            es256().with_header("kid", json!("' OR 1=1 --")),
            AssertionFault::NoKey,
        ),
        (
            es256().with_header("alg", json!("RS256")),
            AssertionFault::NoKey,
        ),
        (
            es256().with_header("alg", json!("none")),
            token(TokenFault::Algorithm),
        ),
        (
            es256().with_header("alg", json!("HS256")),
            token(TokenFault::Algorithm),
        ),
        (
            es256().with_header("crit", json!(["exp"])),
            token(TokenFault::Critical),
        ),
        (
            es256().with_key_member("use", json!("enc")),
            AssertionFault::NoKey,
        ),
        (
            es256().with_key_member("alg", json!("ES384")),
            AssertionFault::NoKey,
        ),
        (
            es256().with_key_member("crv", json!("P-384")),
            AssertionFault::NoKey,
        ),
        (
            es256().with_key_member("x", json!("")),
            AssertionFault::NoKey,
        ),
        (
            es256().with_key_member("x", json!(1)),
            AssertionFault::NoKey,
        ),
        (
            es256().with_key_member("kty", json!("oct")),
            AssertionFault::NoKey,
        ),
    ] {
        assert_eq!(client.verify(), Err(fault), "{}", client.header);
    }
    let theft = Client {
        registration: es256().registration,
        ..other
    };
    assert_eq!(theft.verify(), Err(token(TokenFault::Signature)));
}

#[test]
fn of_the_edwards_curves_only_the_announced_one_counts() {
    let pair = EdKeyPair::generate(EdCurve::Ed448).unwrap();
    let mut client = Client::new(SigningAlgorithm::EdDSA);
    client.header.as_object_mut().unwrap().remove("kid");
    client.signer = Box::new(EdDSA.signer_from_der(pair.to_der_private_key()).unwrap());
    let jwk = serde_json::to_value(pair.to_jwk_public_key()).unwrap();
    client.registration.jwks = Some(json!({ "keys": [jwk] }));
    assert_eq!(client.verify(), Err(AssertionFault::NoKey));
}

#[test]
fn without_kid_the_fitting_key_is_found() {
    let mut client = es256();
    client.header.as_object_mut().unwrap().remove("kid");
    let strangers = [es256(), Client::new(SigningAlgorithm::EdDSA)];
    let keys = client.registration.jwks.as_mut().unwrap()["keys"]
        .as_array_mut()
        .unwrap();
    for stranger in strangers {
        keys.insert(0, stranger.registration.jwks.unwrap()["keys"][0].clone());
    }
    assert!(client.verify().is_ok());
}

#[test]
fn a_client_without_keys_proves_nothing() {
    for jwks in [None, Some(json!({})), Some(json!({"keys": [1, null, {}]}))] {
        let mut client = es256();
        client.registration.jwks = jwks;
        assert_eq!(client.verify(), Err(AssertionFault::NoKey));
    }
}

#[test]
fn every_byte_of_an_assertion_counts() {
    let client = es256();
    let assertion = client.assertion();
    for position in 0..assertion.len() {
        for replacement in ["A", "B", "."] {
            let mut changed = assertion.clone();
            changed.replace_range(position..=position, replacement);
            if changed != assertion {
                let outcome = verify(&changed, &client.registration, AUDIENCES, now());
                assert!(outcome.is_err(), "{position}");
            }
        }
    }
}

proptest! {
    #[test]
    fn arbitrary_assertions_never_panic(text in "\\PC{0,100}") {
        let portal = fixtures::portal();
        prop_assert!(verify(&text, &portal, AUDIENCES, now()).is_err());
        prop_assert!(claimed_client(&text).is_err());
    }
}
