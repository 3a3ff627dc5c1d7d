//! Services that prove themselves by a key (`private_key_jwt`), with the checks of the
//! library that FranceConnect runs on: who, for whom, when, and once.

use domain::secret::{Token, TokenHash};
use josekit::{
    jwk::Jwk,
    jws::{
        ES256, JwsVerifier, RS256,
        alg::{ecdsa::EcdsaJwsAlgorithm, rsassa::RsassaJwsAlgorithm},
    },
    jwt::{self, JwtPayload},
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use web::form::Fields;

use super::{
    PREFIX, Simulator, back_channel::Fault, memory::ASSERTION, registration::Registration,
};

const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Checks the assertion of a form against the keys of its service.
pub(super) fn check(
    simulator: &Simulator,
    registration: &Registration,
    keys: &Value,
    fields: &Fields,
) -> Result<(), Fault> {
    let is_kind = fields.value("client_assertion_type") == Some(KIND);
    let assertion = fields.value("client_assertion").filter(|_| is_kind);
    let assertion = assertion.ok_or(Fault::OtherMethod)?;
    if fields.value("client_secret").is_some() {
        return Err(Fault::OtherMethod);
    }
    let claims = verify(assertion, keys).ok_or(Fault::WrongAssertion)?;
    let id = Some(registration.client_id.as_str());
    let is_theirs = claims.issuer() == id && claims.subject() == id;
    if !is_theirs || !is_for(simulator, &claims) || !is_of_now(simulator, &claims) {
        return Err(Fault::WrongAssertion);
    }
    let name = claims.jwt_id().ok_or(Fault::WrongAssertion)?;
    let is_first = simulator.memory.assertions.keep_first(named(name), ());
    is_first.then_some(()).ok_or(Fault::WrongAssertion)
}

fn verify(assertion: &str, keys: &Value) -> Option<JwtPayload> {
    let keys = keys["keys"].as_array()?.iter();
    let keys = keys.filter_map(|key| Jwk::from_map(key.as_object()?.clone()).ok());
    let mut verifiers = keys.filter_map(|key| verifier(&key));
    verifiers.find_map(|verifier| {
        let decoded = jwt::decode_with_verifier(assertion, verifier.as_ref());
        Some(decoded.ok()?.0)
    })
}

/// ES256 or RS256, as at FranceConnect.
fn verifier(key: &Jwk) -> Option<Box<dyn JwsVerifier>> {
    const EC: EcdsaJwsAlgorithm = ES256;
    const RSA: RsassaJwsAlgorithm = RS256;
    let elliptic = EC.verifier_from_jwk(key).map(Box::new);
    match elliptic {
        Ok(verifier) => Some(verifier),
        Err(_) => Some(Box::new(RSA.verifier_from_jwk(key).ok()?)),
    }
}

/// The issuer or the token endpoint.
fn is_for(simulator: &Simulator, claims: &JwtPayload) -> bool {
    let issuer = format!("{}{PREFIX}", simulator.settings.origin);
    let token = format!("{issuer}/token");
    let mut named = claims.audience().unwrap_or_default().into_iter();
    named.any(|audience| audience == issuer || audience == token)
}

fn is_of_now(simulator: &Simulator, claims: &JwtPayload) -> bool {
    let now = simulator.settings.ambient.now();
    let end = claims.claim("exp").and_then(Value::as_i64);
    end.is_some_and(|end| end > now.as_second() && end <= now.as_second() + ASSERTION.as_secs())
}

fn named(jti: &str) -> TokenHash {
    Token::from_bytes(Sha256::digest(jti).into()).hash()
}
