//! SMS over HTTP to a small gateway.

use std::sync::{Arc, Mutex};

use crate::support::{mail, sms};
use axum::{
    Json, Router,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::post,
};
use notify::{
    SmsGateway, Transport,
    settings::SmsSettings,
    transport::{Cause, Failure},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

type Received = Arc<Mutex<Vec<(HeaderMap, Value)>>>;

/// A gateway that answers so, and remembers what it was sent.
async fn gateway(answer: fn() -> Response) -> (SmsGateway, Received) {
    let received = Received::default();
    let notes = received.clone();
    let take = async move |headers: HeaderMap, Json(body): Json<Value>| {
        notes.lock().unwrap().push((headers, body));
        answer()
    };
    let router = Router::new()
        .route("/messages", post(take.clone()))
        .route("/elsewhere", post(take));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (client(&format!("http://{host}/messages")), received)
}

fn client(url: &str) -> SmsGateway {
    described(
        url,
        &json!({ "secret": "gateway-token", "sender": "Preau", "timeout": 1 }),
    )
}

fn described(url: &str, form: &Value) -> SmsGateway {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut settings = json!({ "url": url });
    let members = settings.as_object_mut().unwrap();
    members.extend(form.as_object().unwrap().clone());
    let settings: SmsSettings = serde_json::from_value(settings).unwrap();
    SmsGateway::new(&settings).unwrap()
}

#[tokio::test]
async fn a_message_is_posted_with_the_secret_and_its_id() {
    let (client, received) = gateway(|| StatusCode::ACCEPTED.into_response()).await;
    let message = sms();
    client.deliver(&message).await.unwrap();
    client.deliver(&message).await.unwrap();
    let received = received.lock().unwrap();
    let expected = json!({
        "to": "+33639980001",
        "text": "Votre code : 12345678",
        "id": message.id.to_string(),
        "from": "Preau",
    });
    assert_eq!(received.len(), 2);
    for (headers, body) in received.iter() {
        assert_eq!(headers[header::AUTHORIZATION], "Bearer gateway-token");
        assert_eq!(headers["idempotency-key"], message.id.to_string());
        assert_eq!(*body, expected);
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let (client, received) = gateway(|| Redirect::temporary("/elsewhere").into_response()).await;
    let refused = client.deliver(&sms()).await;
    assert_eq!(refused, Err(Failure::Transient(Cause::Answer(307))));
    assert_eq!(received.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn only_what_speaks_of_the_message_is_for_good() {
    let (client, _) = gateway(|| StatusCode::UNPROCESSABLE_ENTITY.into_response()).await;
    assert_eq!(
        client.deliver(&sms()).await,
        Err(Failure::Permanent(Cause::Answer(422)))
    );
    let (client, _) = gateway(|| StatusCode::UNAUTHORIZED.into_response()).await;
    assert_eq!(
        client.deliver(&sms()).await,
        Err(Failure::Transient(Cause::Answer(401)))
    );
    let (client, _) = gateway(|| StatusCode::BAD_GATEWAY.into_response()).await;
    assert_eq!(
        client.deliver(&sms()).await,
        Err(Failure::Transient(Cause::Answer(502)))
    );
    assert!(matches!(
        client.deliver(&mail()).await,
        Err(Failure::Permanent(_))
    ));
}

#[tokio::test]
async fn a_huge_answer_does_no_harm() {
    let (client, _) = gateway(|| vec![b'a'; 64 * 1024 * 1024].into_response()).await;
    client.deliver(&sms()).await.unwrap();
}

#[tokio::test]
async fn a_gateway_that_is_silent_is_tried_again_later() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = client(&format!(
        "http://{}/messages",
        listener.local_addr().unwrap()
    ));
    assert_eq!(
        silent.deliver(&sms()).await,
        Err(Failure::Transient(Cause::TimedOut))
    );
}
