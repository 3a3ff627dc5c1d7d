//! Clients that register themselves (RFC 7591, RFC 7592).

use std::{collections::BTreeSet, time::Duration};

use domain::{audit::Actor, client::Registration};
use http::Method;
use idp::{
    registrar::{Author, Registrar},
    settings::DynamicRegistration,
};
use serde_json::{Value, json};
use tests::{
    Answer, Person, RelyingParty, Service, door::header_map, relying_party::Proof,
    service::eventually,
};

use super::{Program, console::alix};
use crate::acts::tokens;

pub(super) const REGISTER: &str = "/oauth2/register";

pub(super) async fn send(
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

/// A client that registered itself, with what it was told.
struct Registered(Value);

impl Registered {
    async fn with(service: &Service, metadata: &Value) -> Self {
        let made = send(service, Method::POST, REGISTER, None, Some(metadata)).await;
        assert_eq!(made.status, 201, "{metadata}: {}", made.text());
        Self(made.json())
    }

    fn text(&self, member: &str) -> &str {
        self.0[member].as_str().unwrap()
    }

    fn id(&self) -> &str {
        self.text("client_id")
    }

    async fn manages(&self, service: &Service, method: Method, body: Option<&Value>) -> Answer {
        let token = Some(self.text("registration_access_token"));
        send(
            service,
            method,
            self.text("registration_client_uri"),
            token,
            body,
        )
        .await
    }

    /// As a public client that answers go to at one of its redirect URIs.
    fn party(&self, service: &Service, redirect_uri: usize) -> RelyingParty {
        RelyingParty {
            door: service.door.clone(),
            id: self.id().to_owned(),
            redirect_uri: self.0["redirect_uris"][redirect_uri]
                .as_str()
                .unwrap()
                .to_owned(),
            scope: "openid profile".to_owned(),
            proof: Proof::None,
        }
    }
}

fn public(redirect_uris: &[&str], members: Value) -> Value {
    let mut metadata = json!({
        "redirect_uris": redirect_uris, "client_name": "Jeux",
        "token_endpoint_auth_method": "none",
    });
    let Value::Object(members) = members else {
        panic!("no members");
    };
    metadata.as_object_mut().unwrap().extend(members);
    metadata
}

pub(super) fn plain() -> Value {
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

#[tokio::test]
async fn no_client_borrows_the_subjects_of_another() {
    let service = open().await;
    let native = json!({"application_type": "native"});
    let mut parties = vec![service.portal(), service.client("mediatheque")];
    for (uri, members) in [
        ("com.evil.app://mediatheque.example/cb", &native),
        ("com.evil.app://portail/cb", &native),
        ("http://127.0.0.1/cb", &native),
        ("http://127.0.0.1/cb", &native),
        ("https://portail/cb", &json!({})),
    ] {
        let evil = Registered::with(&service, &public(&[uri], members.clone())).await;
        parties.push(evil.party(&service, 0));
    }
    let mut subjects = BTreeSet::new();
    for party in &parties {
        let claims = tokens(&service, party).await.id_claims();
        subjects.insert(claims["sub"].as_str().unwrap().to_owned());
    }
    assert_eq!(subjects.len(), parties.len());
}

#[tokio::test]
async fn a_sector_that_an_administrator_named_is_not_entered_from_its_host() {
    let service = open().await;
    let program = Program::admin(&service).await;
    let named = program
        .changes("ent", |members| {
            members["sector"] = "clairval.example".into();
        })
        .await;
    assert_eq!(named.status, 200, "{}", named.text());
    let evil = public(&["https://clairval.example/cb"], json!({}));
    let refused = send(&service, Method::POST, REGISTER, None, Some(&evil)).await;
    assert_eq!(refused.error(), (400, "invalid_client_metadata".to_owned()));
    let text = refused.text();
    assert!(text.contains("ask them to register the client"), "{text}");
    let mut other = Registered::with(&service, &plain()).await.0;
    other["redirect_uris"] = evil["redirect_uris"].clone();
    let registered = Registered(other.clone());
    let moved = registered
        .manages(&service, Method::PUT, Some(&other))
        .await;
    assert_eq!(moved.error(), (400, "invalid_client_metadata".to_owned()));
}

#[tokio::test]
async fn people_are_told_the_host_that_this_answer_goes_to() {
    let service = open().await;
    let borrowed = public(
        &["com.evil.app://ent.example/cb"],
        json!({"application_type": "native", "client_uri": "https://ent.example"}),
    );
    let refused = send(&service, Method::POST, REGISTER, None, Some(&borrowed)).await;
    assert_eq!(refused.error(), (400, "invalid_client_metadata".to_owned()));
    let both = public(
        &["https://ent.example/cb", "https://evil.example/cb"],
        json!({"subject_type": "public", "client_uri": "https://ent.example"}),
    );
    let both = Registered::with(&service, &both).await;
    for (at, host, other) in [
        (1, "evil.example", "ent.example"),
        (0, "ent.example", "evil.example"),
    ] {
        let mut claire = service.visitor(Person::CLAIRE);
        let request = both.party(&service, at).request();
        let page = claire.browser.open(&request.url()).await;
        let page = claire.types_password(&page).await;
        assert!(page.is_consent(), "{}", page.summary());
        let text = page.text();
        assert!(text.contains(host) && !text.contains(other), "{text}");
    }
}

#[tokio::test]
async fn whoever_changes_such_a_client_takes_it_in_hand() {
    let service = open().await;
    let program = Program::admin(&service).await;
    let mut clients = Vec::new();
    for _ in 0..3 {
        clients.push(Registered::with(&service, &plain()).await);
    }
    let [by_api, by_file, stopped] = clients.try_into().ok().unwrap();
    let is_its_own =
        async |client: &Registered| client.manages(&service, Method::GET, None).await.status == 200;
    let page = alix(&service)
        .await
        .browser
        .open(&format!("/admin/clients/{}", by_api.id()))
        .await;
    let text = tests::form::unescape(&page.text());
    assert!(
        text.contains("Ce service s’est inscrit lui-même"),
        "{}",
        page.summary()
    );
    program
        .changes(by_api.id(), |members| members["first_party"] = true.into())
        .await;
    let mut evil = plain();
    evil["client_id"] = by_api.id().into();
    evil["redirect_uris"] = json!(["https://evil.example/cb"]);
    let replaced = by_api.manages(&service, Method::PUT, Some(&evil)).await;
    assert_eq!(replaced.status, 401);
    let stands = program
        .get(&format!("/clients/{}", by_api.id()))
        .await
        .json();
    assert_eq!(
        stands["registration"]["redirect_uris"],
        plain()["redirect_uris"]
    );
    assert_eq!(stands["registration"]["first_party"], true);

    assert!(is_its_own(&by_file).await);
    applied(&service, by_file.id()).await;
    assert!(!is_its_own(&by_file).await);

    // Stopping a client says nothing of what it may do.
    for act in ["disable", "enable"] {
        program
            .post(&format!("/clients/{}/{act}", stopped.id()), &Value::Null)
            .await;
    }
    assert!(is_its_own(&stopped).await);
}

/// Applies a file that makes a client first-party.
async fn applied(service: &Service, id: &str) {
    let fetcher = idp::settings::ClientSettings::default().fetcher().unwrap();
    let database = service.database.clone();
    let registrar = Registrar::new(database, service.ambient.clone(), [0; 32], fetcher);
    let mut document = plain();
    document["client_id"] = id.into();
    document["first_party"] = true.into();
    let registration: Registration = serde_json::from_value(document).unwrap();
    let sound = registrar.check(registration).await.unwrap();
    let acts = registrar
        .begin(Author::trusted(Actor::Operator))
        .await
        .unwrap();
    acts.apply(&sound, "clients/jeux.toml").await.unwrap();
    acts.commit().await.unwrap();
}

#[tokio::test]
async fn who_takes_a_deletion_back_vouches_for_nothing() {
    let service = open().await;
    let program = Program::admin(&service).await;
    let client = Registered::with(&service, &plain()).await;
    let path = format!("/clients/{}", client.id());
    for _ in 0..2 {
        let stands = program.get(&path).await;
        let tag = [("if-match", stands.header("etag"))];
        let gone = program.sends(Method::DELETE, &path, &tag, None).await;
        assert_eq!(gone.status, 204, "{}", gone.text());
        let version = json!({"version": 1});
        let restored = program.post(&format!("{path}/restore"), &version).await;
        assert_eq!(restored.json()["origin"], "dynamic", "{}", restored.text());
    }
    assert_eq!(
        client.manages(&service, Method::GET, None).await.status,
        401
    );
}

#[tokio::test]
async fn clients_that_nobody_uses_make_room() {
    let mut service = open().await;
    let unused = Registered::with(&service, &public(&["https://a.example/cb"], json!({}))).await;
    let used = Registered::with(&service, &public(&["https://b.example/cb"], json!({}))).await;
    let in_hand = Registered::with(&service, &plain()).await;
    let program = Program::admin(&service).await;
    program
        .changes(in_hand.id(), |members| members["notes"] = "Vu".into())
        .await;
    service.advance(Duration::from_hours(29 * 24));
    tokens(&service, &used.party(&service, 0)).await;
    let noted = format!(
        "select client_id from client_use where client_id = '{}'",
        used.id()
    );
    eventually("the use is written", async || {
        let reader = service.database.reader();
        !tests::service::texts(reader, &noted, "client_id")
            .await
            .is_empty()
    })
    .await;
    service.advance(Duration::from_hours(2 * 24));
    // A node cleans up as it starts.
    service.second_node().await;
    let program = Program::admin(&service).await;
    let status = async |client: &Registered| {
        program
            .get(&format!("/clients/{}", client.id()))
            .await
            .status
    };
    eventually("the unused one is gone", async || {
        status(&unused).await == 404
    })
    .await;
    assert_eq!((status(&used).await, status(&in_hand).await), (200, 200));
    let history = program
        .get(&format!("/clients/{}/history", unused.id()))
        .await
        .json();
    assert_eq!(history["items"][0]["act"], "deleted");
    assert_eq!(history["items"][0]["actor"]["kind"], "service");
}

#[tokio::test]
async fn of_twenty_at_once_a_token_of_one_use_registers_one() {
    let service = Service::with(|config| {
        config.clients.dynamic_registration = DynamicRegistration::InitialToken;
    })
    .await;
    let program = Program::admin(&service).await;
    let made = program
        .post("/initial-tokens", &json!({"label": "Région", "uses": 1}))
        .await;
    let made = made.json();
    let bearer = format!("Bearer {}", made["initial_access_token"].as_str().unwrap());
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (door, bearer) = (service.door.clone(), bearer.clone());
        tries.spawn(async move {
            let json = ("content-type", "application/json");
            let headers = header_map(&[json, ("authorization", bearer.as_str())]);
            let body = plain().to_string().into_bytes();
            door.send(Method::POST, REGISTER, headers, body)
                .await
                .status
        });
    }
    let statuses = tries.join_all().await;
    let registered = statuses.iter().filter(|status| **status == 201).count();
    let refused = statuses.iter().filter(|status| **status == 401).count();
    assert_eq!((registered, refused), (1, 19), "{statuses:?}");
    let clients = program.get("/clients?q=dyn-").await.json();
    assert_eq!(clients["items"].as_array().unwrap().len(), 1);
}
