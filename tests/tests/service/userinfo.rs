//! `UserInfo`, introspection, revocation.

use http::Method;
use serde_json::{Value, json};
use tests::{
    Answer, Person, Service,
    door::header_map,
    relying_party::{header, payload},
};

async fn ask(
    service: &Service,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    service
        .door
        .send(method, path, header_map(headers), body.as_bytes().to_vec())
        .await
}

const PATH: &str = "/oauth2/userinfo";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[tokio::test]
async fn the_token_comes_in_the_header_or_in_the_form_and_never_in_the_address() {
    let service = Service::start().await;
    let tokens = service
        .visitor(Person::CLAIRE)
        .signs_in_at(&service.portal())
        .await;
    let bearer = format!("Bearer {}", tokens.access);
    let header = ("authorization", bearer.as_str());
    let form = format!("access_token={}", tokens.access);
    let query = format!("{PATH}?{form}");
    let table = [
        (Method::GET, PATH, vec![header], "", 200),
        (Method::POST, PATH, vec![header], "", 200),
        (Method::POST, PATH, vec![FORM], form.as_str(), 200),
        (Method::POST, PATH, vec![FORM, header], form.as_str(), 400),
        (Method::GET, query.as_str(), vec![], "", 400),
        (Method::GET, query.as_str(), vec![header], "", 400),
        (Method::POST, query.as_str(), vec![FORM], form.as_str(), 400),
        (Method::GET, PATH, vec![], "", 401),
        (Method::POST, PATH, vec![FORM], "", 401),
        (
            Method::POST,
            PATH,
            vec![("content-type", "application/json")],
            form.as_str(),
            401,
        ),
    ];
    for (method, path, headers, body, status) in table {
        let answer = ask(&service, method.clone(), path, &headers, body).await;
        assert_eq!(
            answer.status,
            status,
            "{method} {path} {headers:?}: {}",
            answer.text()
        );
        if status == 200 {
            assert_eq!(answer.json()["sub"], tokens.id_claims()["sub"]);
        } else {
            assert!(
                answer.header("www-authenticate").starts_with("Bearer"),
                "{method} {path}"
            );
        }
    }
}

#[tokio::test]
async fn only_an_access_token_of_ours_that_stands_is_answered() {
    let service = Service::start().await;
    let portal = service.portal();
    let tokens = service.visitor(Person::CLAIRE).signs_in_at(&portal).await;
    let [head, body, signature] = tokens.access.split('.').collect::<Vec<_>>()[..] else {
        panic!()
    };
    let forged = [
        tokens.id.clone(),
        tokens.refresh.clone(),
        format!("{head}.{body}."),
        format!("{head}.{body}"),
        format!("{body}.{head}.{signature}"),
        format!("{head}.{body}.{signature}x"),
        format!("eyJhbGciOiJub25lIn0.{body}."),
        "x".into(),
        "a.b.c".into(),
        "x".repeat(9000),
    ];
    for token in forged {
        let answer = portal.userinfo(&token).await;
        assert!(
            [400, 401].contains(&answer.status),
            "{}: {token}",
            answer.status
        );
        assert_eq!(answer.json().get("sub"), None);
    }
    service.advance_seconds(599);
    assert_eq!(portal.userinfo(&tokens.access).await.status, 200);
    service.advance_seconds(2);
    let ended = portal.userinfo(&tokens.access).await;
    assert_eq!(ended.error(), (401, "invalid_token".to_owned()));
}

#[tokio::test]
async fn every_claim_of_every_standard_scope_can_be_answered() {
    let service = Service::start().await;
    let complet = service.client("complet");
    let mut alix = service.visitor(Person::ALIX);
    let claims_of = async |alix: &mut tests::Visitor, scope: &str| {
        let callback = alix.follows(&complet.asks_for(scope)).await;
        let tokens = complet.tokens(&callback).await;
        for personal in ["name", "email", "phone_number", "address"] {
            assert!(
                tokens.id_claims().get(personal).is_none(),
                "{personal} in the ID token"
            );
        }
        complet.userinfo(&tokens.access).await.json()
    };
    let profile = [
        "name",
        "given_name",
        "family_name",
        "middle_name",
        "nickname",
        "profile",
        "picture",
        "website",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
        "updated_at",
        "preferred_username",
    ];
    let scopes: [(&str, &[&str]); 4] = [
        ("profile", &profile),
        ("email", &["email", "email_verified"]),
        ("phone", &["phone_number", "phone_number_verified"]),
        ("address", &["address"]),
    ];
    for (scope, expected) in scopes {
        let answer = claims_of(&mut alix, &format!("openid {scope}")).await;
        for name in expected {
            assert!(answer.get(name).is_some(), "{scope}: {name}");
        }
        let others = scopes.iter().filter(|(other, _)| *other != scope);
        for name in others.flat_map(|(_, names)| *names) {
            assert!(answer.get(name).is_none(), "{scope}: {name}");
        }
    }
    let all = claims_of(&mut alix, "openid profile email phone address").await;
    assert!(all["updated_at"].is_i64() && all["address"]["locality"] == "Paris");
    let bare = claims_of(&mut alix, "openid").await;
    assert_eq!(
        bare.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["sub"]
    );
}

#[tokio::test]
async fn answers_are_signed_where_the_registration_says_so() {
    let service = Service::start().await;
    let signe = service.client("signe");
    let tokens = service.visitor(Person::CLAIRE).signs_in_at(&signe).await;
    assert_eq!(header(&tokens.id)["alg"], "EdDSA");
    assert_eq!(header(&tokens.access)["alg"], "RS256");
    assert_eq!(tokens.id_claims()["children"][0]["given_name"], "Léo");
    let answer = signe.userinfo(&tokens.access).await;
    assert_eq!(answer.header("content-type"), "application/jwt");
    let token = answer.text();
    assert_eq!(header(&token)["alg"], "ES256");
    let claims = payload(&token);
    assert_eq!(claims["iss"], service.door.issuer());
    assert_eq!(claims["aud"], "signe");
    assert_eq!(claims["sub"], tokens.id_claims()["sub"]);
    assert_eq!(claims["given_name"], "Claire");
    // It is no access token, no ID token and no hint.
    assert_eq!(signe.userinfo(&token).await.status, 401);
}

#[tokio::test]
async fn every_announced_algorithm_verifies_by_the_published_keys() {
    let service = Service::start().await;
    let keys = service.door.get("/oauth2/jwks").await.json();
    let tokens = service
        .visitor(Person::CLAIRE)
        .signs_in_at(&service.client("signe"))
        .await;
    let signed = service
        .client("signe")
        .userinfo(&tokens.access)
        .await
        .text();
    for token in [&tokens.id, &tokens.access, &signed] {
        assert!(verifies(token, &keys), "{}", header(token));
        assert!(!verifies(&format!("{token}A"), &keys));
    }
}

/// Whether a key of the set verifies the token, by a library of its own.
pub(crate) fn verifies(token: &str, keys: &Value) -> bool {
    use josekit::{jwk::Jwk, jws};
    let head = header(token);
    let keys = keys["keys"].as_array().unwrap();
    let Some(key) = keys.iter().find(|key| key["kid"] == head["kid"]) else {
        return false;
    };
    assert_eq!(key["alg"], head["alg"]);
    let key = Jwk::from_map(key.as_object().unwrap().clone()).unwrap();
    let verifier: Box<dyn jws::JwsVerifier> = match head["alg"].as_str().unwrap() {
        "ES256" => Box::new(jws::ES256.verifier_from_jwk(&key).unwrap()),
        "RS256" => Box::new(jws::RS256.verifier_from_jwk(&key).unwrap()),
        "EdDSA" => Box::new(jws::EdDSA.verifier_from_jwk(&key).unwrap()),
        other => panic!("{other}"),
    };
    jws::deserialize_compact(token, verifier.as_ref()).is_ok()
}

#[tokio::test]
async fn a_token_is_told_to_its_owner_and_its_audience_and_to_nobody_else() {
    let service = Service::start().await;
    let (portal, stranger) = (service.portal(), service.client("ent"));
    let tokens = service.visitor(Person::CLAIRE).signs_in_at(&portal).await;
    let own = portal.introspect(&tokens.access).await;
    assert_eq!(own.header("cache-control"), "no-store");
    let own = own.json();
    assert_eq!(own["active"], true);
    assert_eq!(own["client_id"], "portail");
    assert_eq!(own["sub"], tokens.id_claims()["sub"]);
    assert!(own.get("grant_id").is_none());
    let refresh = portal.introspect(&tokens.refresh).await.json();
    assert_eq!(
        (&refresh["active"], &refresh["token_type"]),
        (&json!(true), &json!("refresh_token"))
    );
    let inactive = json!({"active": false});
    for token in [&tokens.access, &tokens.refresh, &tokens.id, &"x".to_owned()] {
        assert_eq!(stranger.introspect(token).await.json(), inactive);
    }
    assert_eq!(portal.introspect(&tokens.id).await.json(), inactive);
    let form = [("grant_type", "client_credentials")];
    let robot = service.client("robot").token(&form).await.json();
    let robot = robot["access_token"].as_str().unwrap().to_owned();
    let told = service.client("ressource").introspect(&robot).await.json();
    assert_eq!(
        (&told["active"], &told["aud"]),
        (&json!(true), &json!("https://api.example"))
    );
    assert!(service.client("robot").is_active(&robot).await);
    assert!(!portal.is_active(&robot).await);
    let public = service
        .client("vie-scolaire")
        .introspect(&tokens.access)
        .await;
    assert_eq!(public.error(), (401, "invalid_client".to_owned()));
    assert_eq!(portal.post("/oauth2/introspect", &[]).await.error().0, 400);
}

#[tokio::test]
async fn what_a_client_revokes_ends_and_another_s_stays() {
    let service = Service::start().await;
    let portal = service.portal();
    let mut claire = service.visitor(Person::CLAIRE);
    let tokens = claire.signs_in_at(&portal).await;
    let stranger = service.client("ent");
    for token in [&tokens.access, &tokens.refresh] {
        assert_eq!(stranger.revoke(token).await.status, 200);
        assert!(portal.is_active(token).await);
    }
    assert_eq!(portal.revoke(&tokens.access).await.status, 200);
    assert_eq!(portal.userinfo(&tokens.access).await.status, 401);
    assert!(!portal.is_active(&tokens.access).await);
    assert!(
        portal.is_active(&tokens.refresh).await,
        "an access token ends alone"
    );
    let second = tests::Tokens::read(portal.refresh(&tokens.refresh).await);
    assert_eq!(portal.revoke(&second.refresh).await.status, 200);
    assert_eq!(
        portal.userinfo(&second.access).await.status,
        401,
        "all that came with it"
    );
    assert_eq!(
        portal.refresh(&second.refresh).await.error(),
        (400, "invalid_grant".into())
    );
    for token in ["x", tokens.id.as_str(), second.refresh.as_str()] {
        assert_eq!(portal.revoke(token).await.status, 200, "{token}");
    }
    assert_eq!(
        portal.post("/oauth2/revoke", &[]).await.error(),
        (400, "invalid_request".into())
    );
    let nobody = service
        .door
        .post("/oauth2/revoke", &[("token", "x")], &[])
        .await;
    assert_eq!(nobody.error(), (401, "invalid_client".into()));
}

#[tokio::test]
async fn a_client_s_own_token_can_be_revoked() {
    let service = Service::start().await;
    let robot = service.client("robot");
    let token = robot
        .token(&[("grant_type", "client_credentials")])
        .await
        .json();
    let token = token["access_token"].as_str().unwrap().to_owned();
    assert!(service.client("ressource").is_active(&token).await);
    robot.revoke(&token).await;
    assert!(!service.client("ressource").is_active(&token).await);
}

#[tokio::test]
async fn a_scope_that_the_registration_lost_is_not_answered_any_more() {
    let service = Service::start().await;
    let portal = service.portal();
    let tokens = service.visitor(Person::CLAIRE).signs_in_at(&portal).await;
    service
        .change_client("portail", |client| {
            client.scope = client.scope.without("family");
        })
        .await;
    tests::service::eventually("the registration is read", async || {
        portal
            .userinfo(&tokens.access)
            .await
            .json()
            .get("children")
            .is_none()
    })
    .await;
    assert_eq!(
        portal.userinfo(&tokens.access).await.json()["given_name"],
        "Claire"
    );
}
