//! Each misbehaviour, as a service meets it.

use std::time::Duration;

use axum::http::StatusCode;
use josekit::{
    jwk::{Jwk, JwkSet},
    jws::{self, ES256, HS256, JwsVerifier, RS256},
};
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::{
    clock::HandClock,
    scene::{CALLBACK, ISSUER, NONCE, STATE, Scene, part, text},
};
use crate::france_connect::{Behaviour, CLAIRE_SUB, PREAU_CLIENT_ID, PREAU_CLIENT_SECRET};

const CLAIRE: &str = "claire-martin";

async fn id_token(behaviour: Behaviour) -> (Scene, String) {
    let scene = Scene::misbehaving(behaviour).await;
    let tokens = scene.tokens_of(CLAIRE, &[]).await;
    (scene, text(&tokens, "id_token").to_owned())
}

async fn id_token_claims(behaviour: Behaviour) -> Map<String, Value> {
    part(&id_token(behaviour).await.1, 1)
}

async fn user_info(behaviour: Behaviour) -> Map<String, Value> {
    let scene = Scene::misbehaving(behaviour).await;
    scene.claims_of(CLAIRE, "openid identite_pivot").await
}

/// The published key of that name.
async fn published(scene: &Scene, kid: &str) -> Option<Jwk> {
    let keys = scene.get("/api/v2/jwks").await;
    let keys = JwkSet::from_bytes(keys.body).unwrap();
    keys.get(kid).first().map(|&key| key.clone())
}

/// Whether the published key of the token's `kid` has signed it.
async fn is_signed(scene: &Scene, token: &str) -> bool {
    let header = part(token, 0);
    let kid = header["kid"].as_str().unwrap();
    let Some(key) = published(scene, kid).await else {
        return false;
    };
    let verifier: Box<dyn JwsVerifier> = if header["alg"] == "ES256" {
        Box::new(ES256.verifier_from_jwk(&key).unwrap())
    } else {
        Box::new(RS256.verifier_from_jwk(&key).unwrap())
    };
    jws::deserialize_compact(token, &*verifier).is_ok()
}

#[tokio::test]
async fn what_is_normal_is_signed_by_a_published_key() {
    let (scene, token) = id_token(Behaviour::Normal).await;
    assert!(is_signed(&scene, &token).await);
    let tokens = scene.tokens_of(CLAIRE, &[]).await;
    let answer = scene.user_info(text(&tokens, "access_token")).await;
    assert!(is_signed(&scene, &answer.body).await);
    assert_eq!(part(&answer.body, 0).len(), 2);
}

#[tokio::test]
async fn rs256_can_be_had() {
    let scene = Scene::new();
    scene.post("/comportement", &[("algorithm", "RS256")]).await;
    let tokens = scene.tokens_of(CLAIRE, &[]).await;
    let answer = scene.user_info(text(&tokens, "access_token")).await;
    for token in [text(&tokens, "id_token"), &answer.body] {
        assert_eq!(part(token, 0)["alg"], "RS256");
        assert_eq!(part(token, 0)["kid"], "pkcs11:RS256:hsm");
        assert!(is_signed(&scene, token).await);
    }
}

#[tokio::test]
async fn tokens_may_be_as_they_were() {
    let (scene, token) = id_token(Behaviour::Former).await;
    assert_eq!(part(&token, 0)["typ"], "JWT");
    assert_eq!(part(&token, 1)["at_hash"].as_str().unwrap().len(), 22);
    assert!(is_signed(&scene, &token).await);
}

#[tokio::test]
async fn down_is_everything_but_its_own_page() {
    let scene = Scene::misbehaving(Behaviour::Down).await;
    for path in [
        "/.well-known/openid-configuration",
        "/jwks",
        "/authorize",
        "/userinfo",
        "/session/end",
    ] {
        let answer = scene.get(&format!("{ISSUER}{path}")).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
    }
    assert_eq!(scene.get("/").await.status, StatusCode::OK);
    scene.behaves(Behaviour::Normal).await;
    assert_eq!(
        scene.get(&format!("{ISSUER}/jwks")).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn slow_servers_wait_and_people_do_not() {
    let (clock, ambient) = HandClock::ambient();
    let scene = Scene::with(clock, ambient, Duration::MAX);
    scene.behaves(Behaviour::Slow).await;
    let answer = scene.signs_in(CLAIRE, &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let code = answer.parameter("code");
    let token = scene.redeem(&code, &[]);
    // It waits for ever, so however short this is, it has not answered.
    assert!(timeout(Duration::from_millis(20), token).await.is_err());
    scene.behaves(Behaviour::Normal).await;
    assert_eq!(scene.redeem(&code, &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_service_s_answer_may_be_an_error() {
    for (behaviour, error, state) in [
        (Behaviour::UserCancels, "access_denied", STATE),
        (Behaviour::ServerError, "server_error", STATE),
        (
            Behaviour::TemporarilyUnavailable,
            "temporarily_unavailable",
            STATE,
        ),
        (Behaviour::UndefinedState, "access_denied", "undefined"),
    ] {
        let scene = Scene::misbehaving(behaviour).await;
        let answer = scene.authorize(&[]).await;
        assert!(answer.location().as_str().starts_with(CALLBACK));
        assert_eq!(answer.parameter("error"), error);
        assert_eq!(answer.parameter("state"), state);
        assert_eq!(answer.parameter("iss"), ISSUER);
    }
}

#[tokio::test]
async fn what_comes_with_a_code_may_be_wrong() {
    let scene = Scene::misbehaving(Behaviour::OtherState).await;
    let answer = scene.signs_in(CLAIRE, &[]).await.parameters();
    assert_eq!(answer["state"], "0".repeat(64));
    assert_eq!(answer["iss"], ISSUER);
    let scene = Scene::misbehaving(Behaviour::OtherIss).await;
    let answer = scene.signs_in(CLAIRE, &[]).await.parameters();
    assert_eq!(answer["state"], STATE);
    assert_ne!(answer["iss"], ISSUER);
}

#[tokio::test]
async fn endpoints_may_fail_and_things_may_have_ended() {
    let cases: [(Behaviour, u16, &str); 2] = [
        (Behaviour::TokenDown, 500, "server_error"),
        (Behaviour::CodeEnded, 400, "invalid_grant"),
    ];
    for (behaviour, status, error) in cases {
        let scene = Scene::misbehaving(behaviour).await;
        let code = scene.signs_in(CLAIRE, &[]).await.parameter("code");
        let answer = scene.redeem(&code, &[]).await;
        assert_eq!(answer.status.as_u16(), status);
        assert_eq!(answer.json()["error"], error);
    }
    let cases = [
        (Behaviour::UserInfoDown, 500, "server_error"),
        (Behaviour::AccessTokenEnded, 401, "invalid_token"),
    ];
    for (behaviour, status, error) in cases {
        let scene = Scene::misbehaving(behaviour).await;
        let tokens = scene.tokens_of(CLAIRE, &[]).await;
        let answer = scene.user_info(text(&tokens, "access_token")).await;
        assert_eq!(answer.status.as_u16(), status);
        assert_eq!(answer.json()["error"], error);
    }
}

#[tokio::test]
async fn one_claim_of_the_id_token_may_be_wrong() {
    let right = id_token_claims(Behaviour::Normal).await;
    assert_eq!(right["nonce"], NONCE);
    for (behaviour, wrong) in [
        (Behaviour::WrongNonce, ["nonce"].as_slice()),
        (Behaviour::OtherAudience, &["aud"]),
        (Behaviour::OtherIssuer, &["iss"]),
        (Behaviour::Expired, &["exp", "iat"]),
        (Behaviour::WrongLevel, &["acr"]),
    ] {
        let claims = id_token_claims(behaviour).await;
        for (name, value) in &right {
            let is_wrong = claims[name] != *value;
            assert_eq!(
                is_wrong,
                wrong.contains(&name.as_str()),
                "{behaviour:?} {name}"
            );
        }
    }
    let expired = id_token_claims(Behaviour::Expired).await;
    assert!(expired["exp"].as_i64().unwrap() < 1_800_000_000);
}

#[tokio::test]
async fn the_signature_of_the_id_token_may_be_wrong() {
    let (scene, token) = id_token(Behaviour::WrongKey).await;
    assert_eq!(part(&token, 0)["kid"], "pkcs11:ES256:hsm");
    assert!(!is_signed(&scene, &token).await);
    let (scene, token) = id_token(Behaviour::UnknownKey).await;
    let kid = part(&token, 0)["kid"].as_str().unwrap().to_owned();
    assert!(published(&scene, &kid).await.is_none());
    let (_, token) = id_token(Behaviour::Unsigned).await;
    assert_eq!(part(&token, 0)["alg"], "none");
    assert!(token.ends_with('.'));
    let (_, token) = id_token(Behaviour::Symmetric).await;
    assert_eq!(part(&token, 0)["alg"], "HS256");
    let verifier = HS256.verifier_from_bytes(PREAU_CLIENT_SECRET).unwrap();
    assert!(jws::deserialize_compact(&token, &verifier).is_ok());
}

#[tokio::test]
async fn user_info_may_be_somebody_else_s_or_for_somebody_else() {
    let claims = user_info(Behaviour::OtherSub).await;
    assert_ne!(claims["sub"], CLAIRE_SUB);
    assert_eq!(claims["family_name"], "MARTIN");
    let claims = user_info(Behaviour::UserInfoOtherAudience).await;
    assert_ne!(claims["aud"], PREAU_CLIENT_ID);
}

#[tokio::test]
async fn user_info_may_lack_a_claim() {
    let all = user_info(Behaviour::Normal).await;
    for (behaviour, lacking) in [
        (Behaviour::WithoutSub, ["sub"].as_slice()),
        (
            Behaviour::WithoutGivenName,
            &["given_name", "given_name_array"],
        ),
        (Behaviour::WithoutFamilyName, &["family_name"]),
        (Behaviour::WithoutBirthdate, &["birthdate"]),
    ] {
        let claims = user_info(behaviour).await;
        for name in all.keys() {
            let is_lacking = !claims.contains_key(name);
            assert_eq!(
                is_lacking,
                lacking.contains(&name.as_str()),
                "{behaviour:?} {name}"
            );
        }
    }
}

#[tokio::test]
async fn user_info_may_be_signed_by_another_key_or_not_at_all() {
    let scene = Scene::misbehaving(Behaviour::UserInfoWrongKey).await;
    let tokens = scene.tokens_of(CLAIRE, &[]).await;
    assert!(is_signed(&scene, text(&tokens, "id_token")).await);
    let answer = scene.user_info(text(&tokens, "access_token")).await;
    assert!(!is_signed(&scene, &answer.body).await);
    let scene = Scene::misbehaving(Behaviour::PlainUserInfo).await;
    let tokens = scene.tokens_of(CLAIRE, &[]).await;
    let answer = scene.user_info(text(&tokens, "access_token")).await;
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(answer.json()["sub"], CLAIRE_SUB);
}

#[tokio::test]
async fn keys_change_with_their_names_or_without() {
    let scene = Scene::new();
    let first = published(&scene, "pkcs11:ES256:hsm").await.unwrap();
    scene.post("/cles", &[("name", "same")]).await;
    let second = published(&scene, "pkcs11:ES256:hsm").await.unwrap();
    assert_ne!(first, second);
    scene.post("/cles", &[("name", "new")]).await;
    assert_eq!(published(&scene, "pkcs11:ES256:hsm").await, None);
    let tokens = scene.tokens_of(CLAIRE, &[]).await;
    let token = text(&tokens, "id_token");
    assert_eq!(part(token, 0)["kid"], "pkcs11:ES256:hsm-2");
    assert!(is_signed(&scene, token).await);
}

#[tokio::test]
async fn its_page_shows_how_it_behaves() {
    let scene = Scene::new();
    let warning = "ne se comporte pas normalement";
    assert!(!scene.get("/").await.body.contains(warning));
    for behaviour in Behaviour::all().skip(1) {
        scene.behaves(behaviour).await;
        let page = scene.get("/").await.body;
        let chosen = format!(r#"value="{}" checked>"#, behaviour.name());
        assert!(page.contains(&chosen), "{page}");
        assert!(page.contains(warning));
    }
    let answer = scene.post("/comportement", &[("behaviour", "autre")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_misbehaviour_ends_with_the_next_choice() {
    let scene = Scene::misbehaving(Behaviour::WrongNonce).await;
    scene.behaves(Behaviour::Normal).await;
    let tokens = scene.tokens_of(CLAIRE, &[]).await;
    assert_eq!(part(text(&tokens, "id_token"), 1)["nonce"], NONCE);
}
