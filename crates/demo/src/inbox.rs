//! The inbox: every mail and SMS that the demo sends, for people and for programs.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{FromRef, Path, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing,
};
use domain::{contact::Channel, ids::MessageId};
use jiff::{Timestamp, tz::TimeZone};
use notify::{MemoryInbox, transport::ReceivedMessage};
use serde::Serialize;

use crate::{
    look::{Forms, Language, Look, SiteFacts},
    ports::Ports,
};

/// The inbox's site: `GET /` for people, `GET /messages.json` for programs.
pub fn router(inbox: Arc<MemoryInbox>, ports: Ports) -> Router {
    let look = Look::new(&SiteFacts {
        name: "boite",
        title: ["Boîte de réception", "Inbox"],
        origin: &ports.inbox_origin(),
        forms: Forms::Stay,
        mark: include_str!("../../../templates/demo/inbox.svg"),
    });
    let pages = Router::new()
        .route("/", routing::get(page))
        .route("/messages.json", routing::get(messages))
        .route("/messages/{id}", routing::get(formatted))
        .with_state(Site {
            look: look.clone(),
            inbox,
        });
    look.dress(pages)
}

#[derive(Clone)]
struct Site {
    look: Arc<Look>,
    inbox: Arc<MemoryInbox>,
}

impl FromRef<Site> for Arc<Look> {
    fn from_ref(site: &Site) -> Self {
        site.look.clone()
    }
}

/// Every message, oldest first (contract.md, Demo inbox).
async fn messages(State(site): State<Site>) -> Json<Vec<ReceivedMessage>> {
    Json(site.inbox.messages())
}

async fn page(language: Language, State(site): State<Site>) -> Response {
    let messages = site.inbox.messages();
    let messages: Vec<_> = messages.iter().rev().map(MessageView::of).collect();
    let page = InboxPage { messages };
    let mut response = site.look.render("demo/inbox.html", language.locale, page);
    language.keep(&site.look, &mut response);
    response
}

/// The HTML of a mail as its reader would see it, but without scripts, forms or a name
/// of its own: it is shown as a stranger's.
async fn formatted(State(site): State<Site>, Path(id): Path<String>) -> Response {
    let id = id.parse::<MessageId>().ok();
    let mut messages = site.inbox.messages().into_iter();
    let message = messages.find(|message| Some(message.id) == id);
    match message.and_then(|message| message.html) {
        Some(html) => ([(header::CONTENT_SECURITY_POLICY, STRANGER)], Html(html)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

const STRANGER: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
    form-action 'none'; frame-ancestors 'none'; base-uri 'none'; \
    sandbox allow-popups allow-popups-to-escape-sandbox";

/// The context of `demo/inbox.html`.
#[derive(Serialize)]
struct InboxPage {
    messages: Vec<MessageView>,
}

#[derive(Serialize)]
struct MessageView {
    id: String,
    is_email: bool,
    to: String,
    subject: Option<String>,
    parts: Vec<TextPart>,
    has_html: bool,
    sent_at: String,
    sent_on: String,
}

/// A stretch of a message's text.
#[derive(Serialize)]
struct TextPart {
    text: String,
    is_link: bool,
}

impl MessageView {
    fn of(message: &ReceivedMessage) -> Self {
        Self {
            id: message.id.to_string(),
            is_email: message.channel == Channel::Email,
            to: message.to.clone(),
            subject: message.subject.clone(),
            parts: parts(&message.text),
            has_html: message.html.is_some(),
            sent_at: message.sent_at.to_string(),
            sent_on: in_france(message.sent_at),
        }
    }
}

fn in_france(instant: Timestamp) -> String {
    let paris = TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC);
    paris
        .to_datetime(instant)
        .strftime("%d/%m/%Y %H:%M:%S")
        .to_string()
}

/// The text with its addresses apart, so that they can be followed.
fn parts(text: &str) -> Vec<TextPart> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(start) = ["http://", "https://"]
        .iter()
        .filter_map(|scheme| rest.find(scheme))
        .min()
    {
        let (before, from) = rest.split_at(start);
        let end = from.find(char::is_whitespace).unwrap_or(from.len());
        let (link, after) = from.split_at(end);
        push(&mut parts, before, false);
        push(&mut parts, link, true);
        rest = after;
    }
    push(&mut parts, rest, false);
    parts
}

fn push(parts: &mut Vec<TextPart>, text: &str, is_link: bool) {
    if !text.is_empty() {
        parts.push(TextPart {
            text: text.to_owned(),
            is_link,
        });
    }
}

#[cfg(test)]
mod tests {
    use axum::{
        body::{Body, to_bytes},
        http::Request,
    };
    use domain::{
        ambient::Ambient,
        contact::{EmailAddress, PhoneNumber},
    };
    use notify::{Content, Outgoing, Transport};
    use serde_json::{Value, json};
    use tower::ServiceExt;

    use super::*;

    async fn with_two_messages() -> Router {
        let ambient = Ambient::system();
        let inbox = Arc::new(MemoryInbox::new(ambient.clone(), 10));
        let mail = Content::Email {
            to: EmailAddress::parse("claire.martin@example.org").unwrap(),
            subject: "Objet <1>".into(),
            text: "Bonjour,\nhttp://localhost:8080/aide\nFin".into(),
            html: "<p>Bonjour</p>".into(),
        };
        let sms = Content::Sms {
            to: PhoneNumber::parse("+33639980001").unwrap(),
            text: "Votre code : 123456".into(),
        };
        for content in [mail, sms] {
            let id = MessageId::new(&ambient);
            let outgoing = Outgoing {
                id,
                language: notify::Language::French,
                created_at: ambient.now(),
                content,
            };
            inbox.deliver(&outgoing).await.unwrap();
        }
        router(inbox, Ports::from_first(8080).unwrap())
    }

    async fn get(router: &Router, path: &str) -> (Response, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        (Response::from_parts(parts, Body::empty()), text)
    }

    #[tokio::test]
    async fn programs_get_every_message_oldest_first() {
        let router = with_two_messages().await;
        let (response, body) = get(&router, "/messages.json").await;
        assert_eq!(response.headers()["content-type"], "application/json");
        let mut messages: Value = serde_json::from_str(&body).unwrap();
        for message in messages.as_array_mut().unwrap() {
            let sent_at = message["sent_at"].take();
            sent_at.as_str().unwrap().parse::<Timestamp>().unwrap();
        }
        let expected = json!([
            {"channel": "email", "to": "claire.martin@example.org", "subject": "Objet <1>",
             "text": "Bonjour,\nhttp://localhost:8080/aide\nFin", "html": "<p>Bonjour</p>",
             "sent_at": null},
            {"channel": "sms", "to": "+33639980001", "subject": null,
             "text": "Votre code : 123456", "html": null, "sent_at": null},
        ]);
        assert_eq!(messages, expected);
    }

    #[tokio::test]
    async fn people_see_the_latest_first_with_links_to_follow() {
        let router = with_two_messages().await;
        let (response, page) = get(&router, "/").await;
        assert_eq!(response.status(), StatusCode::OK);
        let page = page.replace("&#x2f;", "/");
        assert!(
            page.contains(r#"<a href="http://localhost:8080/aide""#),
            "{page}"
        );
        assert!(page.contains("Objet &lt;1&gt;"));
        assert!(page.find("123456").unwrap() < page.find("Bonjour").unwrap());
        let (_, english) = get(&router, "/?lang=en").await;
        assert!(english.contains(r#"<html lang="en">"#));
    }

    #[tokio::test]
    async fn the_html_of_a_mail_is_shown_as_a_stranger_s() {
        let router = with_two_messages().await;
        let (_, page) = get(&router, "/").await;
        let start = page.find("/messages/").unwrap();
        let path: String = page[start..]
            .chars()
            .take_while(|sign| *sign != '"')
            .collect();
        let (response, body) = get(&router, &path).await;
        assert_eq!(body, "<p>Bonjour</p>");
        let policy = response.headers()["content-security-policy"]
            .to_str()
            .unwrap();
        assert!(
            policy.contains("sandbox") && !policy.contains("allow-scripts"),
            "{policy}"
        );
        let (missing, _) = get(&router, "/messages/nothing").await;
        assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn nothing_is_kept_by_browsers_or_framed() {
        let router = with_two_messages().await;
        for path in ["/", "/messages.json"] {
            let (response, _) = get(&router, path).await;
            assert_eq!(response.headers()["cache-control"], "no-store", "{path}");
            let policy = response.headers()["content-security-policy"]
                .to_str()
                .unwrap();
            assert!(policy.contains("frame-ancestors 'none'"), "{path}");
            assert!(!policy.contains("unsafe-inline"), "{path}");
        }
    }
}
