use std::collections::BTreeSet;

use domain::ambient::Ambient;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::protocol::fixtures::{self, ISSUER, now};

fn access_claims() -> AccessTokenClaims {
    let ambient = Ambient::system();
    AccessTokenClaims {
        iss: ISSUER.into(),
        sub: Subject::from_claim("leo"),
        aud: Audience::new(vec![ISSUER.into()]),
        exp: now() + 600.seconds(),
        iat: now(),
        jti: TokenId::new(&ambient),
        client_id: ClientId::parse("portail").unwrap(),
        scope: ScopeSet::parse("openid family").unwrap(),
        grant_id: Some(GrantId::new(&ambient)),
        auth_time: Some(now()),
        acr: Some(Acr::Password),
        amr: vec![Amr::Pwd],
    }
}

fn id_claims() -> IdTokenClaims {
    IdTokenClaims {
        iss: ISSUER.into(),
        sub: Subject::from_claim("leo"),
        aud: ClientId::parse("portail").unwrap(),
        exp: now() + 300.seconds(),
        iat: now(),
        auth_time: now(),
        nonce: Some("n".into()),
        acr: Acr::Password,
        amr: vec![Amr::Pwd],
        sid: SessionId::new(&Ambient::system()),
        at_hash: None,
        person: Map::new(),
    }
}

fn key(ring: &KeyRing, algorithm: SigningAlgorithm) -> &SigningKey {
    ring.signer(algorithm, now()).unwrap()
}

fn part(token: &str, index: usize) -> Value {
    let encoded = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(encoded).unwrap()).unwrap()
}

#[test]
fn an_access_token_is_read_back_and_has_nothing_personal() {
    let ring = fixtures::ring();
    let claims = access_claims();
    for algorithm in SigningAlgorithm::ALL {
        let token = claims.sign(key(&ring, algorithm)).unwrap();
        let back = AccessTokenClaims::verify(&ring, &token, ISSUER, now()).unwrap();
        assert_eq!(back, claims);
        assert_eq!(part(&token, 0)["typ"], "at+jwt");
    }
    let token = claims.sign(key(&ring, SigningAlgorithm::ES256)).unwrap();
    let payload = part(&token, 1);
    let names: BTreeSet<_> = payload.as_object().unwrap().keys().collect();
    let expected = [
        "acr",
        "amr",
        "aud",
        "auth_time",
        "client_id",
        "exp",
        "grant_id",
        "iat",
        "iss",
        "jti",
        "scope",
        "sub",
    ];
    assert!(names.into_iter().eq(expected));
    assert_eq!(payload["aud"], ISSUER);
    assert_eq!(payload["exp"], now().as_second() + 600);
}

#[test]
fn a_client_s_own_token_names_nobody() {
    let ring = fixtures::ring();
    let claims = AccessTokenClaims {
        sub: Subject::from_claim("service"),
        aud: Audience::new(vec!["a".into(), "b".into()]),
        grant_id: None,
        auth_time: None,
        acr: None,
        amr: Vec::new(),
        ..access_claims()
    };
    let token = claims.sign(key(&ring, SigningAlgorithm::ES256)).unwrap();
    let payload = part(&token, 1);
    assert!(payload.get("acr").is_none() && payload.get("grant_id").is_none());
    let back = AccessTokenClaims::verify(&ring, &token, ISSUER, now()).unwrap();
    assert_eq!(back.require_audience("b"), Ok(()));
    assert_eq!(back.require_audience(ISSUER), Err(TokenFault::Audience));
}

#[test]
fn an_access_token_has_its_time_and_its_issuer() {
    let ring = fixtures::ring();
    let token = access_claims()
        .sign(key(&ring, SigningAlgorithm::ES256))
        .unwrap();
    let read = |issuer, at| AccessTokenClaims::verify(&ring, &token, issuer, at).map(|_| ());
    assert_eq!(read(ISSUER, now() + 599.seconds()), Ok(()));
    assert_eq!(
        read(ISSUER, now() + 600.seconds()),
        Err(TokenFault::Expired)
    );
    assert_eq!(read(ISSUER, now() - 61.seconds()), Err(TokenFault::NotYet));
    assert_eq!(read("https://evil.example", now()), Err(TokenFault::Issuer));
    let other = fixtures::ring();
    let outcome = AccessTokenClaims::verify(&other, &token, ISSUER, now());
    assert_eq!(outcome, Err(TokenFault::UnknownKey));
}

#[test]
fn no_kind_of_token_passes_for_another() {
    let ring = fixtures::ring();
    let signer = key(&ring, SigningAlgorithm::ES256);
    let client = ClientId::parse("portail").unwrap();
    let leo = Subject::from_claim("leo");
    let access = access_claims().sign(signer).unwrap();
    let id = id_claims().sign(signer, None).unwrap();
    let user_info = sign_user_info(signer, ISSUER, &client, &leo, Map::new()).unwrap();
    for token in [&id, &user_info] {
        let outcome = AccessTokenClaims::verify(&ring, token, ISSUER, now());
        assert_eq!(outcome, Err(TokenFault::Type));
    }
    for token in [&access, &user_info] {
        let outcome = IdTokenHint::verify(&ring, token, ISSUER, now());
        assert_eq!(outcome, Err(TokenFault::Type));
    }
}

#[test]
fn a_hint_may_have_ended_and_is_for_its_client() {
    let ring = fixtures::ring();
    let claims = id_claims();
    let token = claims
        .clone()
        .sign(key(&ring, SigningAlgorithm::RS256), None)
        .unwrap();
    let later = now() + (24 * 30).hours();
    let hint = IdTokenHint::verify(&ring, &token, ISSUER, later).unwrap();
    assert_eq!((hint.sub.as_str(), hint.sid), ("leo", Some(claims.sid)));
    assert_eq!(hint.require_client(&claims.aud), Ok(()));
    let ent = ClientId::parse("ent").unwrap();
    assert_eq!(hint.require_client(&ent), Err(TokenFault::Audience));
    let outcome = IdTokenHint::verify(&ring, &token, "https://evil.example", now());
    assert_eq!(outcome, Err(TokenFault::Issuer));
}

#[test]
fn an_id_token_keeps_its_protocol_claims_to_itself() {
    let ring = fixtures::ring();
    let person =
        json!({"name": "Léo MARTIN", "sub": "zoe", "iss": "x", "at_hash": "x", "acr": "x"});
    let claims = IdTokenClaims {
        person: person.as_object().unwrap().clone(),
        ..id_claims()
    };
    let token = claims
        .sign(key(&ring, SigningAlgorithm::ES256), Some("token"))
        .unwrap();
    assert_eq!(part(&token, 0)["typ"], "JWT");
    let payload = part(&token, 1);
    assert_eq!(payload["name"], "Léo MARTIN");
    assert_eq!(payload["sub"], "leo");
    assert_eq!(payload["iss"], ISSUER);
    assert_eq!(payload["acr"], "urn:preau:acr:password");
    assert_eq!(payload["amr"], json!(["pwd"]));
    assert_eq!(
        payload["at_hash"],
        at_hash("token", SigningAlgorithm::ES256)
    );
    let raw = URL_SAFE_NO_PAD
        .decode(token.split('.').nth(1).unwrap())
        .unwrap();
    let text = String::from_utf8(raw).unwrap();
    assert_eq!(text.matches("\"sub\"").count(), 1, "{text}");
}

#[test]
fn the_hash_of_the_standard_s_example_is_made() {
    // OpenID Connect Core, appendix A.3.
    let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    let hash = "77QmUPtjPfzWtF2AnpK9RQ";
    assert_eq!(at_hash(token, SigningAlgorithm::RS256), hash);
    assert_eq!(at_hash(token, SigningAlgorithm::EdDSA).len(), 43);
}

#[test]
fn a_signed_user_info_answer_names_issuer_client_and_person() {
    let ring = fixtures::ring();
    let client = ClientId::parse("portail").unwrap();
    let claims = json!({"email": "leo.martin@example.org", "iss": "x", "aud": "x", "sub": "x"});
    let token = sign_user_info(
        key(&ring, SigningAlgorithm::RS256),
        ISSUER,
        &client,
        &Subject::from_claim("leo"),
        claims.as_object().unwrap().clone(),
    )
    .unwrap();
    let expected = json!({
        "email": "leo.martin@example.org", "iss": ISSUER, "aud": "portail", "sub": "leo"
    });
    assert_eq!(part(&token, 1), expected);
    assert!(part(&token, 0).get("typ").is_none());
}

/// The public key as an HMAC secret, and no signature at all (RFC 8725, section 2.1).
#[test]
fn another_algorithm_than_the_key_s_is_refused() {
    let ring = fixtures::ring();
    let kid = key(&ring, SigningAlgorithm::RS256).kid();
    let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&access_claims()).unwrap());
    for alg in ["none", "None", "HS256", "ES256", "EdDSA", "RS512"] {
        let header = json!({"alg": alg, "typ": "at+jwt", "kid": kid}).to_string();
        let token = format!("{}.{payload}.AAAA", URL_SAFE_NO_PAD.encode(header));
        let outcome = AccessTokenClaims::verify(&ring, &token, ISSUER, now());
        assert_eq!(outcome, Err(TokenFault::Algorithm), "{alg}");
    }
}

#[test]
fn every_byte_of_a_token_counts() {
    let ring = fixtures::ring();
    for algorithm in SigningAlgorithm::ALL {
        let token = access_claims().sign(key(&ring, algorithm)).unwrap();
        for position in 0..token.len() {
            for replacement in ["A", "B", "_", ".", ""] {
                let mut changed = token.clone();
                changed.replace_range(position..=position, replacement);
                if changed != token {
                    let outcome = AccessTokenClaims::verify(&ring, &changed, ISSUER, now());
                    assert!(outcome.is_err(), "{algorithm} {position} {replacement}");
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn arbitrary_texts_are_no_tokens(text in "\\PC{0,120}") {
        let ring = KeyRing::new(Vec::new(), now());
        prop_assert!(AccessTokenClaims::verify(&ring, &text, ISSUER, now()).is_err());
        prop_assert!(IdTokenHint::verify(&ring, &text, ISSUER, now()).is_err());
    }
}
