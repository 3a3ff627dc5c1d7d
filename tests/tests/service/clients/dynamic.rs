//! Clients that register themselves (RFC 7591, RFC 7592).

use http::Method;
use idp::settings::DynamicRegistration;
use serde_json::{Value, json};
use tests::{Answer, Service, door::header_map};

use super::Program;

const REGISTER: &str = "/oauth2/register";

async fn send(
    service: &Service,
    method: Method,
    path: &str,
    token: Option<&str>,
    body: Option<&Value>,
) -> Answer {
    let mut headers = header_map(&[("content-type", "application/json")]);
    if let Some(token) = token {
        let bearer = format!("Bearer {token}");
        headers.extend(header_map(&[("authorization", bearer.as_str())]));
    }
    let body = body.map_or_else(Vec::new, |body| body.to_string().into_bytes());
    service.door.send(method, path, headers, body).await
}

async fn open() -> Service {
    Service::with(|config| {
        config.clients.dynamic_registration = DynamicRegistration::Open;
        config.clients.dynamic_most = 5;
    })
    .await
}

fn plain() -> Value {
    json!({"redirect_uris": ["https://rp.example/cb"], "client_name": "Jeux"})
}

#[tokio::test]
async fn nobody_registers_clients_unless_the_configuration_says_so() {
    let service = Service::start().await;
    let answer = send(&service, Method::POST, REGISTER, None, Some(&plain())).await;
    assert_eq!(answer.status, 404);
    let metadata = service
        .door
        .get("/.well-known/openid-configuration")
        .await
        .json();
    assert!(metadata.get("registration_endpoint").is_none());
}

#[tokio::test]
async fn a_client_registers_manages_and_deletes_itself() {
    let service = open().await;
    let metadata = service
        .door
        .get("/.well-known/openid-configuration")
        .await
        .json();
    assert_eq!(
        metadata["registration_endpoint"],
        service.door.url(REGISTER)
    );
    let made = send(&service, Method::POST, REGISTER, None, Some(&plain())).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(made.header("cache-control"), "no-store");
    let told = made.json();
    assert_eq!(told["client_secret_expires_at"], 0);
    let address = told["registration_client_uri"].as_str().unwrap().to_owned();
    let token = told["registration_access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let shown = send(&service, Method::GET, &address, Some(&token), None).await;
    assert_eq!(shown.json()["client_name"], "Jeux");
    assert!(shown.json().get("client_secret").is_none());
    // What it is told, sent back, changes nothing.
    let same = send(
        &service,
        Method::PUT,
        &address,
        Some(&token),
        Some(&shown.json()),
    )
    .await;
    assert_eq!(same.status, 200, "{}", same.text());
    let newer = same.json()["registration_access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    for member in ["client_name", "redirect_uris", "scope", "grant_types"] {
        assert_eq!(same.json()[member], shown.json()[member], "{member}");
    }
    let old = send(&service, Method::GET, &address, Some(&token), None).await;
    assert_eq!(old.status, 401, "the token was replaced");
    let gone = send(&service, Method::DELETE, &address, Some(&newer), None).await;
    assert_eq!(gone.status, 204);
    let after = send(&service, Method::GET, &address, Some(&newer), None).await;
    assert_eq!(after.status, 401);
}

#[tokio::test]
async fn a_registration_token_is_of_one_client_and_revives_nothing() {
    let service = open().await;
    let register = async || {
        send(&service, Method::POST, REGISTER, None, Some(&plain()))
            .await
            .json()
    };
    let (one, other) = (register().await, register().await);
    let token = one["registration_access_token"].as_str().unwrap();
    let theirs = other["registration_client_uri"].as_str().unwrap();
    assert_eq!(
        send(&service, Method::GET, theirs, Some(token), None)
            .await
            .status,
        401
    );
    let mut forged = plain();
    forged["client_id"] = other["client_id"].clone();
    let own = one["registration_client_uri"].as_str().unwrap();
    let answer = send(&service, Method::PUT, own, Some(token), Some(&forged)).await;
    assert_eq!(answer.error(), (400, "invalid_client_metadata".to_owned()));
    let program = Program::admin(&service).await;
    let id = one["client_id"].as_str().unwrap();
    program
        .post(&format!("/clients/{id}/disable"), &Value::Null)
        .await;
    let mut back = plain();
    back["client_id"] = one["client_id"].clone();
    back["enabled"] = true.into();
    let revived = send(&service, Method::PUT, own, Some(token), Some(&back)).await;
    assert_eq!(revived.status, 401);
}

#[tokio::test]
async fn faults_have_the_standards_names() {
    let service = open().await;
    let table = [
        (
            json!({"redirect_uris": ["http://rp.example/cb"]}),
            "invalid_redirect_uri",
        ),
        (
            json!({"redirect_uris": ["JaVaScRiPt:alert(1)"]}),
            "invalid_redirect_uri",
        ),
        (
            json!({"redirect_uris": ["https://rp.example/cb#x"]}),
            "invalid_redirect_uri",
        ),
        (json!({"redirect_uris": []}), "invalid_redirect_uri"),
        (json!({"redirect_uris": "x"}), "invalid_client_metadata"),
        (
            json!({"redirect_uris": ["https://rp.example/cb"], "response_types": ["token"]}),
            "invalid_client_metadata",
        ),
        (
            json!({"redirect_uris": ["https://rp.example/cb"], "sector_identifier_uri": "https://127.0.0.1/s"}),
            "invalid_client_metadata",
        ),
        (
            json!({"redirect_uris": ["https://rp.example/cb"], "client_name": "<script>", "jwks": {"keys": [{"d": "x"}]}}),
            "invalid_client_metadata",
        ),
    ];
    for (metadata, code) in table {
        let answer = send(&service, Method::POST, REGISTER, None, Some(&metadata)).await;
        assert_eq!(
            answer.error(),
            (400, code.to_owned()),
            "{metadata}: {}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn no_more_clients_than_allowed_register_themselves() {
    let service = open().await;
    let mut statuses = Vec::new();
    for _ in 0..7 {
        let answer = send(&service, Method::POST, REGISTER, None, Some(&plain())).await;
        statuses.push(answer.status);
    }
    assert_eq!(statuses, [201, 201, 201, 201, 201, 429, 429]);
}

#[tokio::test]
async fn an_initial_token_registers_as_often_as_it_may() {
    let service = Service::with(|config| {
        config.clients.dynamic_registration = DynamicRegistration::InitialToken;
    })
    .await;
    let program = Program::admin(&service).await;
    let made = program
        .post("/initial-tokens", &json!({"label": "Région", "uses": 2}))
        .await;
    let token = made.json()["initial_access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let register = async |token: Option<&str>, metadata: &Value| {
        send(&service, Method::POST, REGISTER, token, Some(metadata))
            .await
            .status
    };
    assert_eq!(register(None, &plain()).await, 401);
    assert_eq!(register(Some("x"), &plain()).await, 401);
    assert_eq!(
        register(Some(&token), &json!({"redirect_uris": []})).await,
        400,
        "costs nothing"
    );
    let good = plain();
    let (a, b, c) = tokio::join!(
        register(Some(&token), &good),
        register(Some(&token), &good),
        register(Some(&token), &good)
    );
    let mut statuses = [a, b, c];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 201, 401]);
}
