use std::collections::BTreeSet;

use domain::ambient::Ambient;
use jiff::ToSpan;

use super::*;
use crate::protocol::fixtures::now;

fn key(algorithm: SigningAlgorithm, times: KeyTimes) -> SigningKey {
    let private = PrivateKey::generate(algorithm).unwrap();
    SigningKey::new(KeyId::new(&Ambient::system()), &private, times).unwrap()
}

fn from(sign_from: Timestamp) -> KeyTimes {
    KeyTimes {
        publish_from: sign_from - 1.hour(),
        sign_from,
        retire_at: None,
    }
}

fn key_set(ring: &KeyRing) -> Vec<Value> {
    let set: Value = serde_json::from_slice(ring.key_set()).unwrap();
    set["keys"].as_array().unwrap().clone()
}

#[test]
fn each_algorithm_signs_what_it_verifies() {
    let keys = SigningAlgorithm::ALL.map(|algorithm| key(algorithm, from(now())));
    let ring = KeyRing::new(keys.into(), now());
    for algorithm in SigningAlgorithm::ALL {
        let signer = ring.signer(algorithm, now()).unwrap();
        let token = signer.sign(TokenType::IdToken, &json!({"a": 1})).unwrap();
        let claims: Value = ring.verify(&token, TokenType::IdToken, now()).unwrap();
        assert_eq!(claims, json!({"a": 1}), "{algorithm}");
        for other in [TokenType::AccessToken, TokenType::UserInfo] {
            let outcome = ring.verify::<Value>(&token, other, now());
            assert_eq!(outcome, Err(TokenFault::Type));
        }
    }
}

#[test]
fn the_key_set_has_public_members_alone_and_no_kid_twice() {
    let keys = SigningAlgorithm::ALL.map(|algorithm| key(algorithm, from(now())));
    let set = key_set(&KeyRing::new(keys.into(), now()));
    assert_eq!(set.len(), 3);
    let members = |index: usize| -> Vec<_> {
        let names: BTreeSet<_> = set[index].as_object().unwrap().keys().collect();
        names.into_iter().collect()
    };
    assert_eq!(members(0), ["alg", "crv", "kid", "kty", "use", "x", "y"]);
    assert_eq!(members(1), ["alg", "e", "kid", "kty", "n", "use"]);
    assert_eq!(members(2), ["alg", "crv", "kid", "kty", "use", "x"]);
    assert!(set.iter().all(|key| key["use"] == "sig"));
    assert_ne!(set[0]["kid"], set[1]["kid"]);
}

#[test]
fn the_next_key_is_published_ahead_and_signs_from_its_hour() {
    let algorithm = SigningAlgorithm::ES256;
    let old = key(algorithm, from(now() - 24.hours()));
    let new = key(algorithm, from(now() + 10.minutes()));
    let (old_kid, new_kid) = (old.kid.clone(), new.kid.clone());
    let ring = KeyRing::new(vec![new, old], now());
    assert_eq!(key_set(&ring).len(), 2);
    assert_eq!(ring.signer(algorithm, now()).unwrap().kid(), old_kid);
    let later = now() + 10.minutes();
    assert_eq!(ring.signer(algorithm, later).unwrap().kid(), new_kid);
}

#[test]
fn a_retired_key_neither_signs_nor_verifies() {
    let algorithm = SigningAlgorithm::EdDSA;
    let mut times = from(now());
    times.retire_at = Some(now() + 1.hour());
    let ring = KeyRing::new(vec![key(algorithm, times)], now());
    let signer = ring.signer(algorithm, now()).unwrap();
    let token = signer.sign(TokenType::IdToken, &json!({})).unwrap();
    let end = now() + 1.hour();
    assert_eq!(ring.next_change(), Some(end));
    assert!(ring.signer(algorithm, end).is_none());
    let outcome = ring.verify::<Value>(&token, TokenType::IdToken, end);
    assert_eq!(outcome, Err(TokenFault::UnknownKey));
}

#[test]
fn a_key_not_yet_published_is_not_shown() {
    let ring = KeyRing::new(
        vec![key(SigningAlgorithm::ES256, from(now() + 2.hours()))],
        now(),
    );
    assert!(key_set(&ring).is_empty());
    assert_eq!(ring.next_change(), Some(now() + 1.hour()));
}

#[test]
fn a_key_survives_the_vault_and_other_bytes_are_none() {
    let id = KeyId::new(&Ambient::system());
    for algorithm in SigningAlgorithm::ALL {
        let private = PrivateKey::generate(algorithm).unwrap();
        let stored = private.expose_pkcs8().to_vec();
        let back = PrivateKey::from_pkcs8(algorithm, stored);
        let first = SigningKey::new(id, &private, from(now())).unwrap();
        let second = SigningKey::new(id, &back, from(now())).unwrap();
        assert_eq!(first.public, second.public);
        assert!(!format!("{private:?} {first:?}").contains("pkcs8"));
        let junk = PrivateKey::from_pkcs8(algorithm, b"junk".to_vec());
        assert!(SigningKey::new(id, &junk, from(now())).is_err());
    }
    let ec = PrivateKey::generate(SigningAlgorithm::ES256).unwrap();
    let as_rsa = PrivateKey::from_pkcs8(SigningAlgorithm::RS256, ec.expose_pkcs8().to_vec());
    assert!(SigningKey::new(id, &as_rsa, from(now())).is_err());
}
