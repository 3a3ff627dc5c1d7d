//! Metadata, keys and their rotation.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};
use tests::{Person, Service, relying_party::header, service::eventually};

use crate::userinfo::verifies;

async fn metadata(service: &Service) -> Value {
    service
        .door
        .get("/.well-known/openid-configuration")
        .await
        .json()
}

fn kids(set: &Value) -> BTreeSet<String> {
    let keys = set["keys"].as_array().unwrap();
    keys.iter()
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn the_document_is_true() {
    let service = Service::start().await;
    let answer = service.door.get("/.well-known/openid-configuration").await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, "application/json")
    );
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let document = answer.json();
    assert_eq!(document["issuer"], service.door.issuer());
    let other = service
        .door
        .get("/.well-known/oauth-authorization-server")
        .await
        .json();
    assert_eq!(document, other);
    let lists: [(&str, Value); 5] = [
        ("response_types_supported", json!(["code"])),
        ("response_modes_supported", json!(["query", "form_post"])),
        ("code_challenge_methods_supported", json!(["S256"])),
        ("request_parameter_supported", json!(false)),
        ("request_uri_parameter_supported", json!(false)),
    ];
    for (name, value) in lists {
        assert_eq!(document[name], value, "{name}");
    }
    assert_eq!(
        document["authorization_response_iss_parameter_supported"],
        true
    );
    assert_eq!(document["claims_parameter_supported"], true);
    let contains = |name: &str, value: &str| {
        document[name]
            .as_array()
            .unwrap()
            .iter()
            .any(|entry| entry == value)
    };
    for (name, value) in [
        ("id_token_signing_alg_values_supported", "RS256"),
        ("subject_types_supported", "pairwise"),
        ("scopes_supported", "openid"),
        ("scopes_supported", "offline_access"),
        ("scopes_supported", "family"),
        ("grant_types_supported", "refresh_token"),
        ("claims_supported", "sub"),
        ("claims_supported", "children"),
        ("acr_values_supported", "urn:preau:acr:password"),
        ("token_endpoint_auth_methods_supported", "private_key_jwt"),
    ] {
        assert!(contains(name, value), "{name} {value}");
    }
    assert!(!contains("id_token_signing_alg_values_supported", "none"));
}

#[tokio::test]
async fn every_announced_endpoint_answers() {
    let service = Service::start().await;
    let document = metadata(&service).await;
    let mut seen = 0;
    for (name, value) in document.as_object().unwrap() {
        if !name.ends_with("_endpoint") && name != "jwks_uri" {
            continue;
        }
        seen += 1;
        let url = value.as_str().unwrap();
        assert!(url.starts_with(service.door.issuer()), "{name}");
        let status = match name.as_str() {
            "token_endpoint" | "introspection_endpoint" | "revocation_endpoint" => {
                service.door.post(url, &[], &[]).await.status
            }
            _ => service.door.get(url).await.status,
        };
        assert!([200, 400, 401].contains(&status), "{name} {status}");
    }
    assert_eq!(seen, 7);
}

#[tokio::test]
async fn keys_are_public_and_each_has_a_name_of_its_own() {
    let service = Service::start().await;
    let answer = service.door.get("/oauth2/jwks").await;
    assert_eq!(answer.header("content-type"), "application/jwk-set+json");
    let set = answer.json();
    let keys = set["keys"].as_array().unwrap();
    assert_eq!(kids(&set).len(), keys.len());
    for key in keys {
        for private in ["d", "p", "q", "dp", "dq", "qi", "k", "oth"] {
            assert!(key.get(private).is_none(), "{private}");
        }
        assert_eq!(key["use"], "sig");
        assert!(["RSA", "EC", "OKP"].contains(&key["kty"].as_str().unwrap()));
    }
    let algorithms: BTreeSet<_> = keys
        .iter()
        .map(|key| key["alg"].as_str().unwrap())
        .collect();
    assert_eq!(algorithms, BTreeSet::from(["ES256", "EdDSA", "RS256"]));
    assert!(
        keys.len() >= 6,
        "the next key of each algorithm is published ahead"
    );
}

#[tokio::test]
async fn a_rotation_is_seen_by_every_node_and_old_tokens_verify() {
    let mut service = Service::start().await;
    let other = service.second_node().await;
    let portal = service.portal();
    let before = service.door.get("/oauth2/jwks").await.json();
    let old = service.visitor(Person::CLAIRE).signs_in_at(&portal).await;
    service.rotate_keys().await;
    for door in [&service.door, &other] {
        eventually("the rotation is seen", async || {
            kids(&door.get("/oauth2/jwks").await.json()).len() > kids(&before).len()
        })
        .await;
    }
    let after = other.get("/oauth2/jwks").await.json();
    assert!(
        kids(&before).is_subset(&kids(&after)),
        "nothing is withdrawn that still verifies"
    );
    let new = service
        .visitor(Person::CLAIRE)
        .signs_in_at(&portal.at(&other))
        .await;
    for (what, old, new) in [
        ("access", &old.access, &new.access),
        ("id", &old.id, &new.id),
    ] {
        assert_ne!(header(old)["kid"], header(new)["kid"], "{what}");
        assert!(
            kids(&before).contains(header(new)["kid"].as_str().unwrap()),
            "published ahead"
        );
        assert!(verifies(old, &after) && verifies(new, &after));
    }
    assert_eq!(portal.at(&other).userinfo(&old.access).await.status, 200);
    assert_eq!(portal.userinfo(&new.access).await.status, 200);
    // Once nothing that it signed can live, a key goes.
    service.advance(Duration::from_hours(72));
    eventually("the old keys are withdrawn", async || {
        let set = service.door.get("/oauth2/jwks").await.json();
        !kids(&set).contains(header(&old.access)["kid"].as_str().unwrap())
    })
    .await;
}

#[tokio::test]
async fn a_token_of_a_key_that_a_node_does_not_know_yet_is_answered_at_once() {
    let mut service = Service::with(|config| config.keys.reload.0 = 3600).await;
    let portal = service.portal();
    service.rotate_keys().await;
    service.rotate_keys().await;
    let fresh = service.second_node().await;
    let tokens = service
        .visitor(Person::CLAIRE)
        .signs_in_at(&portal.at(&fresh))
        .await;
    assert_eq!(tokens.answer.status, 200);
    assert_eq!(portal.userinfo(&tokens.access).await.status, 200);
}

#[tokio::test]
async fn subjects_are_public_only_where_a_registration_says_so() {
    let service = Service::start().await;
    let mut claire = service.visitor(Person::CLAIRE);
    let one = claire
        .signs_in_at(&service.client("public-1"))
        .await
        .id_claims()["sub"]
        .clone();
    let two = claire
        .signs_in_at(&service.client("public-2"))
        .await
        .id_claims()["sub"]
        .clone();
    let own = claire.signs_in_at(&service.portal()).await.id_claims()["sub"].clone();
    assert_eq!(one, two);
    assert_ne!(one, own);
}
