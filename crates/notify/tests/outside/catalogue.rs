//! Every message of the catalogue, as who receives it reads it.

use crate::{
    servers::{MailPlace, SMS_SECRET, SmsPlace},
    support::{ISSUER, claire, claires_phone, notifier, outgoing},
};
use domain::contact::Channel;
use notify::{CATALOGUE, Content, Entry, Language, Outgoing, Recipient, Transport};
use serde_json::{Value, json};

/// The one address elsewhere (guide, section 4.3).
const FRANCE_CONNECT_HELP: &str = "https://franceconnect.gouv.fr/faq";

/// Every message that goes by this way, in every language.
fn all(channel: Channel, to: &Recipient) -> Vec<(&'static Entry, Outgoing)> {
    let notifier = notifier();
    let entries = CATALOGUE.iter();
    let entries = entries.filter(|entry| entry.channels.contains(&channel));
    let all = entries.flat_map(|entry| Language::ALL.map(|language| (entry, language)));
    all.map(|(entry, language)| {
        let recipient = Recipient {
            language,
            ..to.clone()
        };
        let content = notifier.preview(entry, &recipient).unwrap();
        (
            entry,
            Outgoing {
                language,
                ..outgoing(content)
            },
        )
    })
    .collect()
}

#[tokio::test]
async fn every_mail_arrives_whole_over_starttls_and_a_sign_in() {
    let place = MailPlace::new();
    let mut server = place.opens(&json!({})).await;
    let transport = place.transport();
    for (entry, message) in all(Channel::Email, &claire()) {
        transport.deliver(&message).await.unwrap();
        let letter = server.told().await.unwrap();
        let name = format!("{} {:?}", entry.name, message.language);
        check_envelope(&name, &letter, &message);
        check_content(&name, &letter, &message);
        check_links(&name, &letter);
    }
    assert!(server.stop().await.is_empty(), "nothing came twice");
}

fn check_envelope(name: &str, letter: &Value, message: &Outgoing) {
    let language = message.language.tag();
    let id = format!("<{}@compte.example.org>", message.id);
    let expected = json!({
        "id": id,
        "secure": true,
        "user": "preau",
        "recipients": ["claire.martin@example.org"],
        "sender": "ne-pas-repondre@compte.example.org",
        "to": "claire.martin@example.org",
        "from": { "address": "ne-pas-repondre@compte.example.org", "name": "Préau" },
        "automatic": "auto-generated",
        "language": language,
        "htmlLanguage": language,
        "attachments": 0,
    });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(letter[key], *value, "{name}: {key}");
    }
}

fn check_content(name: &str, letter: &Value, message: &Outgoing) {
    let Content::Email { subject, text, .. } = &message.content else {
        panic!("{name} is an e-mail");
    };
    assert_eq!(letter["subject"], **subject, "{name}");
    let received = letter["text"].as_str().unwrap();
    assert_eq!(received.trim_end(), text.trim_end(), "{name}");
    let html = letter["htmlText"].as_str().unwrap();
    // The HTML says the product's name and the subject above what the text says.
    let head = words(&format!("Préau {subject}"));
    let body = words_and_labels(html);
    assert!(
        says_the_same(&[head, words(text)].concat(), &body),
        "{name}:\n{text}\n— and in HTML —\n{html}"
    );
    assert_eq!(
        is_french(text),
        message.language == Language::French,
        "{name}"
    );
}

/// The words of a text without addresses of pages and punctuation.
fn words(text: &str) -> Vec<String> {
    let parts = text.split(|sign: char| sign.is_whitespace() || sign == '\u{a0}');
    let parts = parts.filter(|part| !part.contains("://"));
    let bare = parts.map(|part| part.trim_matches(|sign: char| !sign.is_alphanumeric()));
    let bare = bare.filter(|word| !word.is_empty());
    bare.map(str::to_lowercase).collect()
}

/// The words of plain parts and of labels of links, in turn.
fn words_and_labels(html: &str) -> Vec<Vec<String>> {
    html.split(['⟦', '⟧']).map(words).collect()
}

/// Whether the text has all words of the HTML in the same order. Of a link's label it may
/// have the words or not: it has the link's address in its place.
fn says_the_same(text: &[String], html: &[Vec<String>]) -> bool {
    let [plain, rest @ ..] = html else {
        return text.is_empty();
    };
    let Some(text) = text.strip_prefix(plain.as_slice()) else {
        return false;
    };
    let [label, rest @ ..] = rest else {
        return text.is_empty();
    };
    let with = text.strip_prefix(label.as_slice());
    with.is_some_and(|text| says_the_same(text, rest)) || says_the_same(text, rest)
}

fn is_french(text: &str) -> bool {
    let count = |common: &[&str]| {
        let words = words(text);
        words
            .iter()
            .filter(|word| common.contains(&word.as_str()))
            .count()
    };
    count(&["le", "la", "les", "de", "votre", "vous", "pour"])
        > count(&["the", "of", "your", "you", "to", "for"])
}

fn check_links(name: &str, letter: &Value) {
    let text = letter["text"].as_str().unwrap();
    let in_text = text.split_whitespace().filter(|word| word.contains("://"));
    let in_text: Vec<_> = in_text.collect();
    let links = letter["links"].as_array().unwrap().iter();
    let in_html: Vec<_> = links.map(|link| link.as_str().unwrap()).collect();
    assert_eq!(in_text, in_html, "{name}");
    for link in in_html {
        let is_ours = link.starts_with(&format!("{ISSUER}/"));
        assert!(is_ours || link == FRANCE_CONNECT_HELP, "{name}: {link}");
    }
    let html = letter["html"].as_str().unwrap().to_lowercase();
    for from_elsewhere in [
        "<img", "src=", "srcset", "url(", "@import", "<link", "<script", "<iframe",
    ] {
        assert!(!html.contains(from_elsewhere), "{name}: {from_elsewhere}");
    }
}

#[tokio::test]
async fn every_sms_arrives_whole_in_each_form() {
    let place = SmsPlace::new();
    let mut gateway = place.opens(&json!({})).await;
    let default = place.transport(&json!({ "sender": "Preau" }));
    let nested = place.transport(&json!({
        "method": "PUT",
        "headers": ["X-Api-Key: {{ secret }}"],
        "body": r#"{"to": [{"number": "{{ digits }}"}], "text": "{{ text }}", "ref": "p-{{ id }}", "unicode": true}"#,
        "accepted_pointer": "/status",
        "accepted_values": ["queued"],
    }));
    let form = place.transport(&json!({
        "encoding": "form",
        "headers": ["Authorization: Basic {{ ('AC1:' ~ secret) | base64 }}"],
        "body": r#"{"To": "{{ number }}", "Body": "{{ text }}", "From": "{{ sender }}", "Max": 4}"#,
        "accepted_statuses": ["201"],
    }));
    for (entry, message) in all(Channel::Sms, &claires_phone()) {
        let Content::Sms { text, .. } = &message.content else {
            panic!("{} is an SMS", entry.name);
        };
        let id = message.id.to_string();
        let expected = [
            json!({ "to": "+33639980001", "text": text, "id": id, "from": "Preau" }),
            json!({ "to": [{ "number": "33639980001" }], "text": text, "ref": format!("p-{id}"), "unicode": true }),
            json!({ "To": "+33639980001", "Body": text, "Max": "4" }),
        ];
        for (transport, fields) in [&default, &nested, &form].into_iter().zip(expected) {
            transport.deliver(&message).await.unwrap();
            let told = gateway.told().await.unwrap();
            assert_eq!(told["fields"], fields, "{}", entry.name);
            assert_eq!(told["id"], *id, "{}", entry.name);
        }
    }
}

#[tokio::test]
async fn headers_and_method_are_those_of_the_settings() {
    let place = SmsPlace::new();
    let mut gateway = place.opens(&json!({})).await;
    let message = crate::support::sms();
    let put = place.transport(&json!({
        "method": "PUT",
        "headers": ["X-Api-Key: {{ secret }}", "X-Ref: {{ id }}"],
        "idempotency_header": "",
    }));
    put.deliver(&message).await.unwrap();
    let told = gateway.told().await.unwrap();
    assert_eq!(
        (&told["method"], &told["path"]),
        (&json!("PUT"), &json!("/v1/messages"))
    );
    assert_eq!(told["headers"]["x-api-key"], SMS_SECRET);
    assert_eq!(told["headers"]["x-ref"], message.id.to_string());
    assert_eq!(
        (told.get("id"), told["headers"].get("authorization")),
        (None, None)
    );
    let basic = place.transport(&json!({
        "headers": ["Authorization: Basic {{ ('AC1:' ~ secret) | base64 }}"],
        "idempotency_header": "X-Once",
    }));
    basic.deliver(&message).await.unwrap();
    let told = gateway.told().await.unwrap();
    // printf 'AC1:sms-secret-of-the-tests' | base64
    let expected = "Basic QUMxOnNtcy1zZWNyZXQtb2YtdGhlLXRlc3Rz";
    assert_eq!(told["headers"]["authorization"], expected);
    assert_eq!(told["headers"]["x-once"], message.id.to_string());
}

#[test]
fn a_word_that_one_form_alone_has_is_found() {
    let html = words_and_labels("Préau Bonjour. ⟦Ce n’est pas moi⟧ Fin");
    assert!(says_the_same(
        &words("Préau: bonjour https://x/ fin"),
        &html
    ));
    assert!(says_the_same(
        &words("Préau bonjour Ce n’est pas moi : fin"),
        &html
    ));
    for other in [
        "Préau bonjour",
        "Préau bonjour ce fin",
        "Préau bonjour fin fin",
        "bonjour fin",
    ] {
        assert!(!says_the_same(&words(other), &html), "{other}");
    }
}
