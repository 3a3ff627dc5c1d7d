//! What the log says of messages: never to whom, never what.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use crate::{
    servers::{MAIL_PASSWORD, MailPlace, SMS_SECRET, Server, SmsPlace},
    support::{Working, World, claire, claires_phone, on_every_database},
};
use domain::ids::MessageId;
use notify::{
    ByChannel, Message, Recipient, Transport, messages::AccountChanged, settings::DeliverySettings,
};
use serde_json::{Value, json};
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

/// Keeps the log of this process, every other test's included: a log of one thread alone
/// would miss the lines that another thread came by first.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// As in production, and what our own crates say in detail.
    fn begin() -> Self {
        let log = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new("info,notify=trace,store=trace"))
            .json()
            .flatten_event(true)
            .with_writer(log.clone());
        tracing::subscriber::set_global_default(subscriber.finish()).unwrap();
        log
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// A courier with a mail server and a gateway, both real.
struct Post {
    mail: MailPlace,
    sms: SmsPlace,
}

impl Post {
    fn courier(&self, world: &World) -> Working {
        let channels = ByChannel {
            email: Some(Arc::new(self.mail.transport())),
            sms: Some(Arc::new(self.sms.transport(&json!({})))),
        };
        let settings = DeliverySettings {
            poll_milliseconds: 10,
            first_retry: 60,
            ..DeliverySettings::default()
        };
        let transport: Arc<dyn Transport> = Arc::new(channels);
        Working::start(world, transport, settings)
    }

    async fn opens(&self, mail: Value, sms: Value) -> [Server; 2] {
        [self.mail.opens(&mail).await, self.sms.opens(&sms).await]
    }
}

async fn writes(world: &World) -> [MessageId; 2] {
    let write = async |recipient: Recipient| {
        world
            .enqueue_to(&recipient, &AccountChanged::sample())
            .await
    };
    [write(claire()).await, write(claires_phone()).await]
}

/// Waits until both messages stand so, for this cause where one is expected.
async fn until(world: &World, messages: [MessageId; 2], state: &str, cause: Option<&str>) {
    for id in messages {
        loop {
            let row = world.row(id).await;
            if row.state == state && (cause.is_none() || row.cause.as_deref() == cause) {
                break;
            }
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn the_log_of_a_delivery_names_nobody_and_tells_no_secret() {
    let log = Log::begin();
    on_every_database(async |world| {
        let post = Post {
            mail: MailPlace::new(),
            sms: SmsPlace::new(),
        };
        let courier = post.courier(&world);
        let unreached = writes(&world).await;
        until(&world, unreached, "pending", Some("connection")).await;
        // Both refuse in words that name the recipient.
        let refusing = post
            .opens(json!({ "refuse": true }), json!({ "status": 422 }))
            .await;
        let refused = writes(&world).await;
        until(&world, refused, "parked", None).await;
        for server in refusing {
            server.stop().await;
        }
        let taking = post.opens(json!({}), json!({})).await;
        let taken = writes(&world).await;
        until(&world, taken, "delivered", None).await;
        courier.stop().await;
        for server in taking {
            assert_eq!(server.stop().await.len(), 1);
        }
        let log = log.text();
        assert_eq!(
            said(&log, unreached),
            ["message comes again, connection"; 2]
        );
        assert_eq!(
            said(&log, refused),
            [
                "message given up, answer 550",
                "message given up, answer 422"
            ]
        );
        assert_eq!(said(&log, taken), ["message delivered, "; 2]);
        check_nothing_told(&log);
    })
    .await;
}

/// What the log has of these messages: one line each.
fn said(log: &str, messages: [MessageId; 2]) -> [String; 2] {
    messages.map(|id| {
        let lines: Vec<_> = log
            .lines()
            .filter(|line| line.contains(&id.to_string()))
            .collect();
        assert_eq!(lines.len(), 1, "{lines:?}");
        let line: Value = serde_json::from_str(lines[0]).unwrap();
        let cause = line["cause"].as_str().unwrap_or_default();
        format!("{}, {cause}", line["message"].as_str().unwrap())
    })
}

fn check_nothing_told(log: &str) {
    let sample = AccountChanged::sample();
    for secret in [
        "claire",
        "example.org",
        "639980001",
        sample.token.as_str(),
        sample.identifier.as_str(),
        "jeton",
        MAIL_PASSWORD,
        SMS_SECRET,
    ] {
        assert!(!log.contains(secret), "{secret} in\n{log}");
    }
}
