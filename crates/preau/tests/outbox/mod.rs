//! What an operator sees of messages that wait or were given up.

#![expect(clippy::unwrap_used, reason = "helpers of tests panic as tests do")]

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
};

use domain::{
    ambient::Ambient,
    clock::Clock,
    contact::{Address, EmailAddress, PhoneNumber},
    entropy::SystemEntropy,
};
use jiff::{SignedDuration, Timestamp};
use notify::{Language, Message, Notifier, Recipient, messages::AccountChanged};
use preau::{
    config::{Config, Sources},
    node::Node,
};
use serde_json::{Value, json};
use store::Database;

use crate::operator::{Operator, assert_status, err, out};

/// An hour ago.
struct Earlier(Timestamp);

impl Clock for Earlier {
    fn now(&self) -> Timestamp {
        self.0
    }
}

fn config(operator: &Operator) -> Config {
    let sources = Sources {
        file: Some(operator.path("preau.toml")),
        environment: Vec::new(),
    };
    Config::load(&sources).unwrap()
}

/// Writes a message by each way, an hour ago.
async fn written(config: &Config) {
    let database = Database::connect(&config.database.url, 2).await.unwrap();
    let hour = SignedDuration::from_hours(1);
    let earlier = Ambient::system().now().checked_sub(hour).unwrap();
    let ambient = Ambient::new(Earlier(earlier), SystemEntropy);
    let notifier = Notifier::new(
        &config.server.issuer,
        "Préau",
        config.secrets.vault(),
        ambient,
    );
    let transaction = database.begin().await.unwrap();
    for address in [
        Address::Email(EmailAddress::parse("claire.martin@example.org").unwrap()),
        Address::Phone(PhoneNumber::parse("+33639980001").unwrap()),
    ] {
        let recipient = Recipient {
            account: None,
            address,
            language: Language::French,
        };
        let message = AccountChanged::sample();
        let enqueued = notifier.enqueue(&transaction, &recipient, &message).await;
        enqueued.unwrap();
    }
    transaction.commit().await.unwrap();
    database.close().await;
}

/// A mail server that is away; no gateway.
fn without_ways_out(operator: &Operator) {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap();
    let mail = format!(
        "{}[mail]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nfrom = \"a@compte.example\"\n",
        std::fs::read_to_string(operator.path("preau.toml")).unwrap(),
        gone.local_addr().unwrap().port()
    );
    operator.write("preau.toml", &mail);
}

fn metric(address: SocketAddr, name: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = "GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).unwrap();
    let line = page.lines().find_map(|line| line.strip_prefix(name));
    let value = line.unwrap_or_else(|| panic!("{name} in {page}"));
    value.trim().to_owned()
}

fn list(operator: &Operator, state: &str) -> Value {
    operator.json(&["outbox", "list", "--state", state])
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_and_what_was_given_up_is_listed_and_counted_without_naming_anybody() {
    let operator = Operator::migrated();
    without_ways_out(&operator);
    let config = config(&operator);
    written(&config).await;
    assert_eq!(list(&operator, "pending").as_array().unwrap().len(), 2);
    let node = Node::start(config, Ambient::system()).await.unwrap();
    while list(&operator, "parked") == json!([]) || list(&operator, "pending")[0]["cause"].is_null()
    {
        tokio::task::yield_now().await;
    }
    let metrics = node.metrics_address().unwrap();
    assert_eq!(metric(metrics, "preau_outbox_pending "), "1");
    assert_eq!(metric(metrics, "preau_outbox_parked "), "1");
    let age = metric(metrics, "preau_outbox_oldest_pending_seconds ");
    let age: f64 = age.parse().unwrap();
    assert!((3600.0..7200.0).contains(&age), "{age}");
    node.stop().await;
    check_lists(&operator);
}

fn check_lists(operator: &Operator) {
    let (pending, parked) = (list(operator, "pending"), list(operator, "parked"));
    assert_eq!(
        (&pending[0]["channel"], &pending[0]["cause"]),
        (&json!("email"), &json!("connection"))
    );
    assert!(pending[0]["next_attempt_at"].is_string() && pending[0]["ended_at"].is_null());
    assert_eq!(
        (&parked[0]["channel"], &parked[0]["attempts"]),
        (&json!("sms"), &json!(1))
    );
    assert_eq!(parked[0]["cause"], "nothing configured for sms");
    assert!(parked[0]["ended_at"].is_string());
    assert_eq!(
        operator
            .json(&["outbox", "list", "--most", "1"])
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let text = out(&operator.runs(&["outbox", "list"]));
    assert_eq!(text.lines().count(), 2);
    assert!(
        text.contains("account_changed") && text.contains("nothing configured"),
        "{text}"
    );
    let told = format!("{text}{pending}{parked}");
    let sample = AccountChanged::sample();
    for secret in [
        "claire",
        "639980001",
        &sample.token,
        sample.identifier.as_str(),
    ] {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
}

#[test]
fn a_state_that_there_is_not_is_wrong_usage() {
    let operator = Operator::migrated();
    let output = operator.runs(&["outbox", "list", "--state", "lost"]);
    assert_status(&output, 2);
    assert!(
        err(&output).contains("pending, delivered, expired, parked"),
        "{}",
        err(&output)
    );
}
