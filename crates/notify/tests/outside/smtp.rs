//! E-mail over a real conversation with a small SMTP server.

use std::sync::{Arc, Mutex};

use crate::support::{mail, on_every_database, sms};
use base64::{Engine, engine::general_purpose::STANDARD};
use notify::{
    Courier, SmtpTransport, Transport,
    settings::{DeliverySettings, MailSettings},
    transport::{Cause, Failure},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

/// What a server was told: its envelopes and letters.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    fn note(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    fn letters(&self) -> Vec<String> {
        let lines = self.lines().into_iter();
        lines.filter(|line| line.contains("Message-ID")).collect()
    }
}

/// A server that answers each letter as told, and 250 after the last answer.
async fn server(answers: &[&'static str]) -> (MailSettings, Told) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let told = Told::default();
    let answers = Arc::new(Mutex::new(
        answers.iter().rev().copied().collect::<Vec<_>>(),
    ));
    let notes = told.clone();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(converse(stream, notes.clone(), answers.clone()));
        }
    });
    (settings(port, "none"), told)
}

fn settings(port: u16, security: &str) -> MailSettings {
    serde_json::from_value(serde_json::json!({
        "host": "127.0.0.1",
        "port": port,
        "security": security,
        "from": "ne-pas-repondre@compte.example.org",
    }))
    .unwrap()
}

async fn converse(
    stream: TcpStream,
    told: Told,
    answers: Arc<Mutex<Vec<&'static str>>>,
) -> Option<()> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    writer.write_all(b"220 test\r\n").await.ok()?;
    while let Some(line) = lines.next_line().await.ok()? {
        let answer = match line.split([' ', ':']).next()? {
            "EHLO" => "250 test",
            "DATA" => {
                writer.write_all(b"354 go on\r\n").await.ok()?;
                let mut letter = String::new();
                while let Some(line) = lines.next_line().await.ok()?.filter(|line| line != ".") {
                    letter += line.strip_prefix('.').unwrap_or(&line);
                    letter += "\r\n";
                }
                told.note(letter);
                answers.lock().unwrap().pop().unwrap_or("250 taken")
            }
            "QUIT" => "221 bye",
            _ => "250 yes",
        };
        told.note(line);
        writer
            .write_all(format!("{answer}\r\n").as_bytes())
            .await
            .ok()?;
    }
    Some(())
}

fn header<'a>(letter: &'a str, name: &str) -> Option<&'a str> {
    let head = letter.split("\r\n\r\n").next()?;
    head.split("\r\n")
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// Undoes RFC 2047's base64 words; a space between two of them says nothing.
fn decoded(value: &str) -> String {
    let mut text = String::new();
    for part in value.split("=?utf-8?b?") {
        match part.split_once("?=") {
            Some((word, rest)) => {
                text += &String::from_utf8(STANDARD.decode(word).unwrap()).unwrap();
                text += if rest == " " { "" } else { rest };
            }
            None => text += part,
        }
    }
    text
}

/// The header lines and the decoded text of each part.
fn parts(letter: &str) -> Vec<(String, String)> {
    let content_type = header(&letter.replace("\r\n ", " "), "Content-Type")
        .unwrap()
        .to_owned();
    let boundary = content_type
        .split("boundary=\"")
        .nth(1)
        .unwrap()
        .trim_end_matches('"');
    let separator = format!("--{boundary}");
    let bodies = letter
        .split(&separator)
        .skip(1)
        .filter(|part| !part.starts_with("--"));
    let split = bodies.map(|part| part.trim_start().split_once("\r\n\r\n").unwrap());
    split
        .map(|(head, body)| (head.to_owned(), unquoted(head, body)))
        .collect()
}

/// Undoes the part's transfer encoding (RFC 2045, section 6).
fn unquoted(head: &str, body: &str) -> String {
    let body = body.trim_end();
    if head.contains("base64") {
        let bytes = STANDARD.decode(body.replace("\r\n", "")).unwrap();
        return String::from_utf8(bytes).unwrap();
    }
    let mut bytes = Vec::new();
    let joined = body.replace("=\r\n", "");
    let mut rest = joined.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'=' {
            let hex = std::str::from_utf8(&after[..2]).unwrap();
            bytes.push(u8::from_str_radix(hex, 16).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_letter_has_its_headers_and_both_forms() {
    let (settings, told) = server(&[]).await;
    let message = mail();
    SmtpTransport::new(&settings)
        .unwrap()
        .deliver(&message)
        .await
        .unwrap();
    let lines = told.lines();
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("MAIL FROM:<ne-pas-repondre@compte.example.org>"))
    );
    assert!(
        lines
            .iter()
            .any(|line| line == "RCPT TO:<claire.martin@example.org>")
    );
    let letters = told.letters();
    let letter = letters[0].replace("\r\n ", " ");
    assert_eq!(
        decoded(header(&letter, "Subject").unwrap()),
        "Vérifiez vos enfants à l’école"
    );
    assert_eq!(header(&letter, "To"), Some("claire.martin@example.org"));
    assert_eq!(
        decoded(header(&letter, "From").unwrap()).replace('"', ""),
        "Préau <ne-pas-repondre@compte.example.org>"
    );
    assert_eq!(
        header(&letter, "Message-ID"),
        Some(format!("<{}@compte.example.org>", message.id).as_str())
    );
    assert_eq!(
        header(&letter, "Date"),
        Some("Tue, 01 Sep 2026 08:00:00 +0000")
    );
    assert_eq!(header(&letter, "Auto-Submitted"), Some("auto-generated"));
    assert!(
        header(&letter, "Content-Type")
            .unwrap()
            .starts_with("multipart/alternative")
    );
    let parts = parts(&letters[0]);
    assert!(parts[0].0.contains("text/plain; charset=utf-8"));
    assert_eq!(
        parts[0].1.replace("\r\n", "\n"),
        "Élève :\nc.martin1\n.\nFin"
    );
    assert!(parts[1].0.contains("text/html; charset=utf-8"));
    assert_eq!(parts[1].1, "<p>Élève&nbsp;: <b>c.martin1</b></p>");
    assert_eq!(parts.len(), 2);
}

#[tokio::test]
async fn a_second_delivery_is_the_same_to_the_byte() {
    let (settings, told) = server(&["451 later"]).await;
    let (transport, message) = (SmtpTransport::new(&settings).unwrap(), mail());
    let first = transport.deliver(&message).await;
    assert_eq!(first, Err(Failure::Transient(Cause::Answer(451))));
    transport.deliver(&message).await.unwrap();
    let letters = told.letters();
    assert_eq!(letters.len(), 2);
    assert_eq!(letters[0], letters[1]);
}

#[tokio::test]
async fn refusals_are_for_good_unless_they_are_about_our_own_sign_in() {
    let (settings, _) = server(&["550 no such person", "535 who are you"]).await;
    let transport = SmtpTransport::new(&settings).unwrap();
    let refused = [
        transport.deliver(&mail()).await,
        transport.deliver(&mail()).await,
    ];
    assert_eq!(refused[0], Err(Failure::Permanent(Cause::Answer(550))));
    assert_eq!(refused[1], Err(Failure::Transient(Cause::Answer(535))));
}

#[tokio::test]
async fn nothing_is_said_to_a_server_without_the_tls_that_is_set() {
    let (plain, told) = server(&[]).await;
    let guarded = settings(plain.port(), "starttls");
    let refused = SmtpTransport::new(&guarded).unwrap().deliver(&mail()).await;
    assert!(matches!(refused, Err(Failure::Transient(_))), "{refused:?}");
    assert!(told.lines().iter().all(|line| !line.starts_with("MAIL")));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_tried_again_later() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let transport = SmtpTransport::new(&settings(port, "none")).unwrap();
    let refused = transport.deliver(&mail()).await;
    assert_eq!(refused, Err(Failure::Transient(Cause::Connection)));
    assert!(matches!(
        transport.deliver(&sms()).await,
        Err(Failure::Permanent(_))
    ));
}

#[tokio::test]
async fn from_the_outbox_to_the_server_a_retry_has_the_same_message_id() {
    on_every_database(async |world| {
        let (settings, told) = server(&["421 busy", "451 later"]).await;
        let transport = Arc::new(SmtpTransport::new(&settings).unwrap());
        let eager = DeliverySettings {
            poll_milliseconds: 10,
            first_retry: 0,
            ..DeliverySettings::default()
        };
        let id = world.enqueue().await;
        let courier = Courier::new(&world.notifier, world.database.clone(), transport, eager);
        let (stop, stopped) = oneshot::channel::<()>();
        let courier = tokio::spawn(courier.run(async {
            let _ = stopped.await;
        }));
        while world.row(id).await.state == "pending" {
            tokio::task::yield_now().await;
        }
        stop.send(()).unwrap();
        courier.await.unwrap();
        let letters = told.letters();
        let expected = format!("<{id}@compte.example.org>");
        let ids = letters.iter().map(|letter| header(letter, "Message-ID"));
        assert_eq!(ids.collect::<Vec<_>>(), [Some(expected.as_str()); 3]);
        assert!(
            parts(&letters[2])[0]
                .1
                .contains("https://compte.example.org/aide")
        );
        assert_eq!(world.row(id).await.state, "delivered");
    })
    .await;
}
