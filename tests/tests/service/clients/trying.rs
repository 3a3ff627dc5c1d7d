//! « Essayer », before anybody signs in: what a registration names elsewhere is asked anew.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::get,
};
use serde_json::{Value, json};
use tests::{Service, Visitor, form::unescape, service::eventually};
use tokio::sync::oneshot;

use super::console::alix;

/// A host of keys that tests change and stop.
struct Host {
    address: String,
    answer: Arc<Mutex<Option<Value>>>,
    stop: oneshot::Sender<()>,
    stopped: tokio::task::JoinHandle<()>,
}

impl Host {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let answer = Arc::new(Mutex::new(Some(tests::assertion::public_keys())));
        let served = answer.clone();
        let answers = move || {
            let answer: Response = match served.lock().unwrap().clone() {
                Some(document) => Json(document).into_response(),
                None => StatusCode::NOT_FOUND.into_response(),
            };
            async { answer }
        };
        let app = Router::new().route("/jwks", get(answers));
        let (stop, stopping) = oneshot::channel::<()>();
        let stopped = tokio::spawn(async move {
            let stopping = async {
                let _ = stopping.await;
            };
            let served = axum::serve(listener, app).with_graceful_shutdown(stopping);
            served.await.unwrap();
        });
        Self {
            address: format!("http://127.0.0.1:{port}/jwks"),
            answer,
            stop,
            stopped,
        }
    }

    fn answers(&self, answer: Option<Value>) {
        *self.answer.lock().unwrap() = answer;
    }

    async fn stops(self) {
        let _ = self.stop.send(());
        self.stopped.await.unwrap();
    }
}

async fn tries(alix: &mut Visitor) -> String {
    let page = alix.browser.open("/admin/clients/cle/essai").await;
    assert_eq!(page.status, 200, "{}", page.summary());
    unescape(&page.text())
}

#[tokio::test]
async fn keys_that_were_read_before_are_asked_for_anew_and_the_failure_is_told() {
    let host = Host::start().await;
    let service = Service::with(|config| {
        config.clients.allowed_networks = vec!["127.0.0.0/8".to_owned()];
    })
    .await;
    let address = host.address.parse().unwrap();
    service
        .change_client("cle", |registration| {
            registration.jwks = None;
            registration.jwks_uri = Some(address);
        })
        .await;
    // The client came in: its keys are known.
    let client = service.client("cle");
    let form = [("grant_type", "client_credentials")];
    let mut alix = alix(&service).await;
    eventually("the keys are read", async || {
        client.token(&form).await.status == 400 && tries(&mut alix).await.contains("\"kty\"")
    })
    .await;
    host.answers(None);
    let page = tries(&mut alix).await;
    assert!(page.contains("autre chose que 200"), "{page}");
    assert!(page.contains("answered 404"), "{page}");
    host.answers(Some(json!({"clés": []})));
    let page = tries(&mut alix).await;
    assert!(page.contains("n’est pas un jeu de clés"), "{page}");
    // A failed try takes nothing from the client, and a good one follows it at once.
    assert_eq!(client.token(&form).await.status, 400);
    host.answers(Some(tests::assertion::public_keys()));
    assert!(tries(&mut alix).await.contains("\"kty\""));
    host.stops().await;
    let page = tries(&mut alix).await;
    assert!(page.contains("ne répond pas"), "{page}");
}

#[tokio::test]
async fn an_address_within_is_told_as_one_that_is_not_asked() {
    let service = Service::start().await;
    service
        .change_client("cle", |registration| {
            registration.jwks = None;
            registration.jwks_uri = "https://127.0.0.1/jwks".parse().ok();
        })
        .await;
    let mut alix = alix(&service).await;
    let page = tries(&mut alix).await;
    assert!(page.contains("ne peut pas être demandée"), "{page}");
    assert!(page.contains("clients.allowed_networks"), "{page}");
}
