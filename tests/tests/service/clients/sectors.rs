//! Documents of sectors that a client which registers itself names: when they are fetched,
//! and what they must say.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Json, Router, routing::get};
use http::Method;
use idp::settings::DynamicRegistration;
use serde_json::{Value, json};
use tests::{Service, request::random};

use super::{
    Program,
    dynamic::{REGISTER, plain, send},
};

/// A service that fetches from this machine, and a document there that counts its readers.
struct Sector {
    service: Service,
    uri: String,
    read: Arc<AtomicUsize>,
}

impl Sector {
    async fn listing(document: Value, way: DynamicRegistration) -> Self {
        let read = Arc::new(AtomicUsize::new(0));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}/secteur.json", listener.local_addr().unwrap());
        let counted = read.clone();
        let app = Router::new().route(
            "/secteur.json",
            get(move || {
                counted.fetch_add(1, Ordering::SeqCst);
                async { Json(document) }
            }),
        );
        tokio::spawn(async move { axum::serve(listener, app).await });
        let service = Service::with(|config| {
            config.clients.dynamic_registration = way;
            config.clients.allowed_networks = vec!["127.0.0.0/8".to_owned()];
        });
        Self {
            service: service.await,
            uri,
            read,
        }
    }

    fn times_read(&self) -> usize {
        self.read.load(Ordering::SeqCst)
    }

    fn metadata(&self, redirect_uris: &[&str]) -> Value {
        let mut metadata = plain();
        metadata["redirect_uris"] = json!(redirect_uris);
        metadata["sector_identifier_uri"] = self.uri.as_str().into();
        metadata
    }
}

const ONE: &str = "https://un.example/cb";
const TWO: &str = "https://deux.example/cb";

#[tokio::test]
async fn a_document_that_lists_every_address_makes_one_sector_of_them() {
    let sector = Sector::listing(json!([ONE, TWO]), DynamicRegistration::Open).await;
    let service = &sector.service;
    let metadata = sector.metadata(&[ONE, TWO]);
    let made = send(service, Method::POST, REGISTER, None, Some(&metadata)).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(made.json()["sector_identifier_uri"], sector.uri);
    assert_eq!(sector.times_read(), 1);
}

#[tokio::test]
async fn a_document_that_omits_an_address_is_refused_with_what_to_write() {
    let sector = Sector::listing(json!([ONE]), DynamicRegistration::Open).await;
    let service = &sector.service;
    let metadata = sector.metadata(&[ONE, TWO]);
    let refused = send(service, Method::POST, REGISTER, None, Some(&metadata)).await;
    assert_eq!(refused.error(), (400, "invalid_client_metadata".to_owned()));
    let told = refused.json();
    let told = told["error_description"].as_str().unwrap();
    let advice = format!("{} must be an array that lists {TWO} too", sector.uri);
    assert!(told.contains(&advice), "{told}");
}

#[tokio::test]
async fn nothing_is_fetched_for_who_has_no_token() {
    let sector = Sector::listing(json!([ONE]), DynamicRegistration::InitialToken).await;
    let service = &sector.service;
    let program = Program::admin(service).await;
    let made = program
        .post("/initial-tokens", &json!({"label": "Région", "uses": 1}))
        .await;
    let token = made.json()["initial_access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let metadata = sector.metadata(&[ONE]);
    let register = async |token: &str| {
        let sent = send(
            service,
            Method::POST,
            REGISTER,
            Some(token),
            Some(&metadata),
        );
        sent.await.status
    };
    let mut statuses = Vec::new();
    for _ in 0..21 {
        statuses.push(register(&random()).await);
    }
    assert_eq!(statuses[..20], [401; 20]);
    assert_eq!(statuses[20], 429, "guessing is slowed down");
    assert_eq!(sector.times_read(), 0);
    service.advance(Duration::from_hours(2));
    assert_eq!(register(&token).await, 201);
    assert_eq!(sector.times_read(), 1);
    assert_eq!(register(&token).await, 401, "it was good once");
    assert_eq!(sector.times_read(), 1);
}
