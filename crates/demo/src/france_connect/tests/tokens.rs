//! The token endpoint, `UserInfo` and revocation.

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::scene::{
    Answer, Changes, ISSUER, NONCE, OTHER_CALLBACK, OTHER_CLIENT, OTHER_SECRET, Scene, part, text,
};
use crate::france_connect::{CLAIRE_SUB, FRANCOIS_SUB, PREAU_CLIENT_ID, PREAU_CLIENT_SECRET};

const CLAIRE: &str = "claire-martin";
const AMR: (&str, Option<&str>) = ("claims", Some(r#"{"id_token":{"amr":{"essential":true}}}"#));

fn names(claims: &Map<String, Value>) -> BTreeSet<&str> {
    claims.keys().map(String::as_str).collect()
}

fn assert_refused(answer: &Answer, status: StatusCode, error: &str, description: &str) {
    assert_eq!(answer.status, status, "{}", answer.body);
    let body = answer.json();
    assert_eq!(body["error"], error);
    assert_eq!(body["error_description"], description);
    let uri = text(&body, "error_uri");
    let (code, id) = uri
        .split_once("?code=Y")
        .unwrap()
        .1
        .split_once("&id=")
        .unwrap();
    assert!(code.len() == 6 || code.len() == 7, "{uri}");
    assert!(uuid::Uuid::parse_str(id).is_ok(), "{uri}");
}

async fn code(scene: &Scene) -> String {
    scene.signs_in(CLAIRE, &[]).await.parameter("code")
}

#[tokio::test]
async fn tokens_come_as_five_members() {
    let tokens = Scene::new().tokens_of(CLAIRE, &[]).await;
    assert_eq!(
        names(tokens.as_object().unwrap()),
        BTreeSet::from([
            "access_token",
            "expires_in",
            "id_token",
            "scope",
            "token_type"
        ])
    );
    assert_eq!(tokens["expires_in"], 60);
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["scope"], "openid identite_pivot");
}

#[tokio::test]
async fn an_id_token_has_no_identity() {
    let tokens = Scene::new().tokens_of(CLAIRE, &[]).await;
    let token = text(&tokens, "id_token");
    assert_eq!(
        Value::Object(part(token, 0)),
        json!({ "alg": "ES256", "kid": "pkcs11:ES256:hsm" })
    );
    assert_eq!(
        Value::Object(part(token, 1)),
        json!({
            "sub": CLAIRE_SUB,
            "auth_time": 1_800_000_000,
            "acr": "eidas1",
            "nonce": NONCE,
            "aud": PREAU_CLIENT_ID,
            "exp": 1_800_000_060,
            "iat": 1_800_000_000,
            "iss": ISSUER,
        })
    );
}

#[tokio::test]
async fn amr_comes_when_it_is_asked_for() {
    let tokens = Scene::new().tokens_of(CLAIRE, &[AMR]).await;
    assert_eq!(
        part(text(&tokens, "id_token"), 1)["amr"],
        json!(["fc", "pwd"])
    );
}

#[tokio::test]
async fn auth_time_is_when_the_person_said_who_they_are() {
    let scene = Scene::new();
    scene.signs_in(CLAIRE, &[]).await;
    scene.clock.pass(SignedDuration::from_mins(5));
    let second = scene.choice_page(&[]).await;
    let consent: String = scene.get(&second).await.location().into();
    let code = scene.post(&consent, &[]).await.parameter("code");
    let tokens = scene.redeem(&code, &[]).await.json();
    let claims = part(text(&tokens, "id_token"), 1);
    assert_eq!(claims["auth_time"], 1_800_000_000);
    assert_eq!(claims["iat"], 1_800_000_300);
}

#[tokio::test]
async fn the_pivot_identity_comes_signed_and_for_one_service() {
    let claims = Scene::new()
        .claims_of(CLAIRE, "openid identite_pivot")
        .await;
    assert_eq!(
        Value::Object(claims),
        json!({
            "sub": CLAIRE_SUB,
            "given_name": "Claire Anne Sophie Marie",
            "given_name_array": ["Claire", "Anne Sophie", "Marie"],
            "family_name": "MARTIN",
            "gender": "female",
            "birthdate": "1978-03-22",
            "birthplace": "75112",
            "birthcountry": "99100",
            "aud": PREAU_CLIENT_ID,
            "exp": 1_800_000_060,
            "iat": 1_800_000_000,
            "iss": ISSUER,
        })
    );
}

#[tokio::test]
async fn each_scope_brings_its_claims() {
    let own = ["sub", "aud", "exp", "iat", "iss"];
    let cases: [(&str, &[&str]); 7] = [
        ("openid", &[]),
        ("openid given_name", &["given_name", "given_name_array"]),
        ("openid birth", &["birthplace", "birthcountry"]),
        ("openid email", &["email"]),
        (
            "openid idp_birthdate birthdate",
            &["idp_birthdate", "birthdate"],
        ),
        ("openid preferred_username", &["preferred_username"]),
        (
            "openid profile",
            &[
                "given_name",
                "given_name_array",
                "family_name",
                "birthdate",
                "gender",
                "preferred_username",
            ],
        ),
    ];
    for (scope, claims) in cases {
        let told = Scene::new().claims_of("francois-petit", scope).await;
        let expected: BTreeSet<_> = own.iter().chain(claims).copied().collect();
        assert_eq!(names(&told), expected, "{scope}");
        assert_eq!(told["sub"], FRANCOIS_SUB);
    }
}

#[tokio::test]
async fn names_in_use_are_absent_empty_or_the_name_of_birth() {
    let scene = Scene::new();
    let scope = "openid profile birth";
    assert_eq!(
        scene
            .claims_of(CLAIRE, scope)
            .await
            .get("preferred_username"),
        None
    );
    let paul = scene.claims_of("paul-durand", scope).await;
    assert_eq!(paul["preferred_username"], "");
    let francois = scene.claims_of("francois-petit", scope).await;
    assert_eq!(francois["preferred_username"], francois["family_name"]);
    let unknown = scene.claims_of("inconnu-sanslien", scope).await;
    assert_eq!(unknown["birthplace"], "");
    assert_eq!(unknown["birthcountry"], "99134");
}

#[tokio::test]
async fn services_know_a_person_by_different_subs() {
    let scene = Scene::new();
    let other = [
        ("client_id", Some(OTHER_CLIENT)),
        ("redirect_uri", Some(OTHER_CALLBACK)),
        ("scope", Some("openid")),
    ];
    let code = scene.signs_in(CLAIRE, &other).await.parameter("code");
    let secret = [
        ("client_id", Some(OTHER_CLIENT)),
        ("client_secret", Some(OTHER_SECRET)),
        ("redirect_uri", Some(OTHER_CALLBACK)),
    ];
    let tokens = scene.redeem(&code, &secret).await.json();
    let claims = part(text(&tokens, "id_token"), 1);
    assert_eq!(claims["aud"], OTHER_CLIENT);
    assert_ne!(claims["sub"], CLAIRE_SUB);
}

#[tokio::test]
async fn a_code_is_good_once_and_a_second_use_ends_the_first() {
    let scene = Scene::new();
    let code = code(&scene).await;
    let tokens = scene.redeem(&code, &[]).await.json();
    let access_token = text(&tokens, "access_token");
    assert_eq!(scene.user_info(access_token).await.status, StatusCode::OK);
    assert_refused(
        &scene.redeem(&code, &[]).await,
        StatusCode::BAD_REQUEST,
        "invalid_grant",
        "grant request is invalid (authorization code already consumed)",
    );
    let ended = scene.user_info(access_token).await;
    assert_eq!(ended.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_code_lives_for_half_a_minute() {
    let scene = Scene::new();
    let (first, second) = (code(&scene).await, code(&scene).await);
    scene.clock.pass(SignedDuration::from_secs(29));
    assert_eq!(scene.redeem(&first, &[]).await.status, StatusCode::OK);
    scene.clock.pass(SignedDuration::from_secs(1));
    assert_refused(
        &scene.redeem(&second, &[]).await,
        StatusCode::BAD_REQUEST,
        "invalid_grant",
        "grant request is invalid (authorization code not found)",
    );
}

/// The changes to a token request, and the answer to it.
type Case<'a> = (Changes<'a>, u16, &'a str, &'a str);

async fn assert_each_refused(cases: &[Case<'_>]) {
    let scene = Scene::new();
    let code = code(&scene).await;
    for (changes, status, error, description) in cases {
        let answer = scene.redeem(&code, changes).await;
        let status = StatusCode::from_u16(*status).unwrap();
        assert_refused(&answer, status, error, description);
    }
    // None of them has used the code.
    assert_eq!(scene.redeem(&code, &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn another_client_than_the_code_s_is_refused() {
    assert_each_refused(&[
        (
            &[("client_secret", Some("wrong"))],
            401,
            "invalid_client",
            "client authentication failed (invalid secret provided)",
        ),
        (
            &[("client_id", Some("inconnu"))],
            401,
            "invalid_client",
            "client authentication failed (client not found)",
        ),
        (
            &[("client_id", None)],
            400,
            "invalid_request",
            "no client authentication mechanism provided (undefined)",
        ),
        (
            &[
                ("client_id", Some(OTHER_CLIENT)),
                ("client_secret", Some(OTHER_SECRET)),
            ],
            400,
            "invalid_grant",
            "grant request is invalid (client mismatch)",
        ),
    ])
    .await;
}

#[tokio::test]
async fn another_request_than_the_code_s_is_refused() {
    let grant = |detail: &str| format!("grant request is invalid ({detail})");
    let missing = |name: &str| format!("missing required parameter '{name}' (undefined)");
    let (unknown, other) = (
        grant("authorization code not found"),
        grant("authorization code redirect_uri mismatch"),
    );
    let pkce = grant("PKCE verification failed");
    let (code, uri) = (missing("code"), missing("redirect_uri"));
    let kind = "unsupported grant_type requested (undefined)";
    assert_each_refused(&[
        (&[("code", None)], 400, "invalid_request", &code),
        (&[("redirect_uri", None)], 400, "invalid_request", &uri),
        (
            &[("grant_type", Some("refresh_token"))],
            400,
            "unsupported_grant_type",
            kind,
        ),
        (&[("code", Some("inconnu"))], 400, "invalid_grant", &unknown),
        (
            &[("redirect_uri", Some(OTHER_CALLBACK))],
            400,
            "invalid_grant",
            &other,
        ),
        (&[("code_verifier", Some("v"))], 400, "invalid_grant", &pkce),
    ])
    .await;
}

#[tokio::test]
async fn a_basic_header_is_refused() {
    let scene = Scene::new();
    let code = code(&scene).await;
    let request = Request::post("/api/v2/token")
        .header(header::AUTHORIZATION, "Basic eDp5")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(format!(
            "grant_type=authorization_code&code={code}"
        )));
    let answer = scene.send(request.unwrap()).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.json()["error"], "invalid_client");
}

#[tokio::test]
async fn an_access_token_may_be_used_again_for_a_minute() {
    let scene = Scene::new();
    let tokens = scene.tokens_of(CLAIRE, &[]).await;
    let token = text(&tokens, "access_token");
    scene.clock.pass(SignedDuration::from_secs(59));
    let first = scene.user_info(token).await;
    assert_eq!(
        first.headers["content-type"],
        "application/jwt; charset=utf-8"
    );
    assert_eq!(part(&first.body, 1)["exp"], 1_800_000_060);
    let query = format!("/api/v2/userinfo?access_token={token}");
    assert_eq!(scene.get(&query).await.status, StatusCode::OK);
    scene.clock.pass(SignedDuration::from_secs(1));
    let ended = scene.user_info(token).await;
    assert_refused(
        &ended,
        StatusCode::UNAUTHORIZED,
        "invalid_token",
        "invalid token provided (access token not found)",
    );
    assert!(ended.headers.contains_key(header::WWW_AUTHENTICATE));
}

#[tokio::test]
async fn user_info_wants_a_token_and_takes_no_post() {
    let scene = Scene::new();
    assert_refused(
        &scene.get("/api/v2/userinfo").await,
        StatusCode::UNAUTHORIZED,
        "invalid_token",
        "no access token provided (no access token provided)",
    );
    let answer = scene.post("/api/v2/userinfo", &[]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_service_may_end_its_own_access_token() {
    let scene = Scene::new();
    let tokens = scene.tokens_of(CLAIRE, &[]).await;
    let token = text(&tokens, "access_token");
    let own = [
        ("token", token),
        ("client_id", PREAU_CLIENT_ID),
        ("client_secret", PREAU_CLIENT_SECRET),
    ];
    let foreign = [
        ("token", token),
        ("client_id", OTHER_CLIENT),
        ("client_secret", OTHER_SECRET),
    ];
    let revocation = "/api/v2/token/revocation";
    assert_eq!(
        scene.post(revocation, &foreign).await.status,
        StatusCode::OK
    );
    assert_eq!(scene.user_info(token).await.status, StatusCode::OK);
    let hint = [own[0], own[1], own[2], ("token_type_hint", "access_token")];
    let refused = scene.post(revocation, &hint).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(scene.post(revocation, &own).await.status, StatusCode::OK);
    assert_eq!(
        scene.user_info(token).await.status,
        StatusCode::UNAUTHORIZED
    );
}
