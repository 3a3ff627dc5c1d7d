//! What becomes of tokens and sign-ins when a registration changes.

use std::sync::{Arc, Mutex};

use axum::{Json, Router, routing::get};
use http::Method;
use serde_json::{Value, json};
use tests::{Person, Service, service::eventually};

use super::Program;
use crate::acts::{INVALID_CLIENT, assert_error, tokens};

#[tokio::test]
async fn a_disabled_clients_tokens_stop_everywhere() {
    let mut service = Service::start().await;
    let second = service.second_node().await;
    let program = Program::admin(&service).await;
    let ent = service.client("ent");
    let given = tokens(&service, &ent).await;
    let other = tests::clients::party("ent", &second);
    assert_eq!(other.userinfo(&given.access).await.status, 200);
    let stopped = program.post("/clients/ent/disable", &Value::Null).await;
    assert_eq!(stopped.json()["registration"]["enabled"], false);
    assert_eq!(
        ent.userinfo(&given.access).await.status,
        401,
        "this node, at once"
    );
    eventually("the other node knows", async || {
        other.userinfo(&given.access).await.status == 401
    })
    .await;
    let refresh_token = given.refresh.clone();
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.as_str()),
    ];
    for party in [&ent, &other] {
        assert_error(&party.token(&form).await, INVALID_CLIENT, "refresh");
    }
    let mut visitor = service.visitor(Person::CLAIRE);
    let page = visitor.browser.open(&ent.request().url()).await;
    assert!(
        page.location().is_none() && !page.is_sign_in(),
        "{}",
        page.summary()
    );
    program.post("/clients/ent/enable", &Value::Null).await;
    assert_eq!(ent.userinfo(&given.access).await.status, 200);
}

#[tokio::test]
async fn a_secret_works_until_it_is_removed_or_over() {
    let service = Service::start().await;
    let program = Program::admin(&service).await;
    let end = (service.ambient.now() + std::time::Duration::from_mins(1)).to_string();
    let wish = json!({"label": "2027", "expires_at": end});
    let made = program.post("/clients/service/secrets", &wish).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let secret = made.json()["client_secret"].as_str().unwrap().to_owned();
    let by = async |secret: &str| {
        let basic = tests::relying_party::basic("service", secret);
        let form = [("grant_type", "client_credentials")];
        let headers = [("authorization", basic.as_str())];
        service
            .door
            .post("/oauth2/token", &form, &headers)
            .await
            .status
    };
    let old = "service-secret-demo-only";
    assert_eq!(
        (by(&secret).await, by(old).await),
        (200, 200),
        "both overlap"
    );
    let listed = async || {
        let listed = program.get("/clients/service/secrets").await.json();
        listed["items"].as_array().unwrap().clone()
    };
    eventually("the last use is written", async || {
        listed()
            .await
            .iter()
            .all(|secret| secret["last_used_at"].is_string())
    })
    .await;
    let first = listed().await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/clients/service/secrets/{first}");
    assert_eq!(
        program.sends(Method::DELETE, &path, &[], None).await.status,
        204
    );
    assert_eq!(
        (by(&secret).await, by(old).await),
        (200, 401),
        "one is left"
    );
    service.advance_seconds(61);
    assert_eq!(by(&secret).await, 401, "over");
}

#[tokio::test]
async fn a_removed_secret_stops_at_another_node_within_two_seconds() {
    let mut service = Service::with(|config| {
        config.keys = idp::settings::KeySettings::default();
    })
    .await;
    let second = tests::clients::party("service", &service.second_node().await);
    let program = Program::admin(&service).await;
    let form = [("grant_type", "client_credentials")];
    assert_eq!(second.token(&form).await.status, 200);
    let listed = program.get("/clients/service/secrets").await.json();
    let secret = listed["items"][0]["id"].as_str().unwrap();
    let path = format!("/clients/service/secrets/{secret}");
    let removed = program.sends(Method::DELETE, &path, &[], None).await;
    assert_eq!(removed.status, 204);
    let since = std::time::Instant::now();
    eventually("the other node knows", async || {
        second.token(&form).await.status == 401
    })
    .await;
    let passed = since.elapsed();
    assert!(passed < std::time::Duration::from_secs(2), "{passed:?}");
    assert_eq!(service.client("service").token(&form).await.status, 401);
}

#[tokio::test]
async fn a_town_signs_in_its_own_schools_people_and_learns_of_no_others() {
    let service = Service::start().await;
    let program = Program::admin(&service).await;
    let limit = async |schools: Value| {
        let limited = program
            .changes("ent", |members| members["schools"] = schools)
            .await;
        assert_eq!(limited.status, 200, "{}", limited.text());
    };
    let ent = service.client("ent");
    // Nadia's children: Adam at the collège 0750002V, Lina at the école 0750003W.
    limit(json!(["0750002V"])).await;
    let callback = service.visitor(Person::NADIA).follows(&ent.request()).await;
    let given = ent.tokens(&callback).await;
    let person = ent.userinfo(&given.access).await.json();
    let names: Vec<_> = person["children"]
        .as_array()
        .unwrap()
        .iter()
        .map(|child| child["given_name"].clone())
        .collect();
    assert_eq!(names, ["Adam"]);
    let mut claire = service.visitor(Person::CLAIRE);
    let page = claire.browser.open(&ent.request().url()).await;
    let page = claire.types_password(&page).await;
    assert!(
        page.text().contains("réservé à certains établissements"),
        "{}",
        page.summary()
    );
    // Lina's school alone from now on: what was given for Adam's is no way around.
    limit(json!(["0750001U"])).await;
    assert_eq!(ent.userinfo(&given.access).await.status, 401);
    let refresh_token = given.refresh.clone();
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.as_str()),
    ];
    assert_error(&ent.token(&form).await, (400, "invalid_grant"), "refresh");
}

#[tokio::test]
async fn keys_elsewhere_are_read_when_the_client_comes() {
    let keys = Arc::new(Mutex::new(json!({"keys": []})));
    let served = keys.clone();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().route(
        "/jwks",
        get(move || {
            let served = served.lock().unwrap().clone();
            async { Json(served) }
        }),
    );
    tokio::spawn(async move { axum::serve(listener, app).await });
    let allowed = |config: &mut preau::config::Config| {
        config.clients.allowed_networks = vec!["127.0.0.0/8".to_owned()];
    };
    let service = Service::with(allowed).await;
    service
        .change_client("cle", |registration| {
            registration.jwks = None;
            registration.jwks_uri = format!("http://127.0.0.1:{}/jwks", address.port())
                .parse()
                .ok();
        })
        .await;
    let client = service.client("cle");
    let form = [("grant_type", "client_credentials")];
    eventually("the change is known", async || {
        client.token(&form).await.status == 401
    })
    .await;
    *keys.lock().unwrap() = tests::assertion::public_keys();
    assert_eq!(
        client.token(&form).await.status,
        401,
        "not asked again at will"
    );
    service.advance_seconds(61);
    // It is known, and told that it may not ask for this.
    assert_eq!(client.token(&form).await.status, 400);
    // Where the network is not allowed nothing is asked.
    let guarded = Service::start().await;
    guarded
        .change_client("cle", |registration| {
            registration.jwks = None;
            registration.jwks_uri = format!("http://127.0.0.1:{}/jwks", address.port())
                .parse()
                .ok();
        })
        .await;
    let client = guarded.client("cle");
    eventually("the change is known", async || {
        client.token(&form).await.status == 401
    })
    .await;
}

#[tokio::test]
async fn a_client_that_a_later_version_wrote_stops_and_no_other_does() {
    let mut service = Service::start().await;
    let second = service.second_node().await;
    let ent = service.client("ent");
    let given = tokens(&service, &ent).await;
    let portal = service.portal();
    let at_portal = tokens(&service, &portal).await;
    let later = r#"{"client_id":"ent","client_name":"ENT","a_member_of_later":true}"#;
    service
        .sql("update registry set version = version + 1")
        .await;
    let rows = service
        .sql(&format!(
            "update client set registration = '{later}', \
             registry_version = (select version from registry) where client_id = 'ent'"
        ))
        .await;
    assert_eq!(rows, 1);
    for party in [&ent, &tests::clients::party("ent", &second)] {
        eventually("it counts as disabled", async || {
            party.userinfo(&given.access).await.status == 401
        })
        .await;
    }
    assert_eq!(portal.userinfo(&at_portal.access).await.status, 200);
    // What is changed afterwards arrives, on nodes that start now too.
    let third = service.second_node().await;
    let program = Program::admin(&service).await;
    program.post("/clients/portail/disable", &Value::Null).await;
    for door in [&second, &third] {
        let party = tests::clients::party("portail", door);
        eventually("the node knows", async || {
            party.userinfo(&at_portal.access).await.status == 401
        })
        .await;
    }
    let written = program.changes("ent", |_| ()).await;
    assert!(written.status >= 400, "nobody writes over it");
}
