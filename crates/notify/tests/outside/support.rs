//! What tests of messages share.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{
    ambient::Ambient,
    clock::Clock,
    contact::{Address, EmailAddress, PhoneNumber},
    entropy::SystemEntropy,
    ids::MessageId,
    secret::Secret,
};
use jiff::Timestamp;
use notify::{
    Content, Courier, Language, Message, Notifier, Outgoing, Recipient, Transport,
    messages::SignInSlowed, settings::DeliverySettings,
};
use sea_orm::EntityTrait;
use store::{Database, Vault, entity::outbox, testing::fresh_databases};
use tokio::{sync::oneshot, task::JoinHandle};

pub const ISSUER: &str = "https://compte.example.org";
pub const START: i64 = 1_788_249_600;

/// A clock that stands until a test moves it.
#[derive(Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    pub fn new() -> Self {
        Self(Arc::new(AtomicI64::new(START)))
    }

    pub fn seconds(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    pub fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// A database with a notifier that writes to it.
pub struct World {
    pub database: Database,
    pub clock: TestClock,
    pub notifier: Notifier,
}

impl World {
    fn new(database: &Database) -> Self {
        let clock = TestClock::new();
        Self {
            database: database.clone(),
            notifier: notifier_at(clock.clone()),
            clock,
        }
    }

    /// Writes a message to Claire and commits.
    pub async fn enqueue(&self) -> MessageId {
        self.enqueue_to(&claire(), &SignInSlowed::sample()).await
    }

    /// Writes a message and commits.
    pub async fn enqueue_to(&self, recipient: &Recipient, message: &impl Message) -> MessageId {
        let transaction = self.database.begin().await.unwrap();
        let written = self.notifier.enqueue(&transaction, recipient, message);
        let id = written.await.unwrap();
        transaction.commit().await.unwrap();
        id
    }

    pub async fn row(&self, id: MessageId) -> outbox::Model {
        let row = outbox::Entity::find_by_id(id.as_uuid());
        row.one(self.database.reader()).await.unwrap().unwrap()
    }
}

/// A test that waits for what does not happen ends all the same.
const LONGEST: Duration = Duration::from_mins(2);

pub async fn on_every_database(test: impl AsyncFn(World)) {
    for fresh in fresh_databases().await.unwrap() {
        eprintln!("on {:?}:", fresh.database.backend());
        let test = tokio::time::timeout(LONGEST, test(World::new(&fresh.database)));
        test.await.expect("what a test waits for happens");
    }
}

pub fn notifier() -> Notifier {
    notifier_at(TestClock::new())
}

fn notifier_at(clock: TestClock) -> Notifier {
    let ambient = Ambient::new(clock, SystemEntropy);
    let vault = Vault::new(&Secret::new(STANDARD.encode([7; 32])), &[]).unwrap();
    Notifier::new(ISSUER, "Préau", vault, ambient)
}

pub fn claires_phone() -> Recipient {
    Recipient {
        address: Address::Phone(PhoneNumber::parse("+33639980001").unwrap()),
        ..claire()
    }
}

pub fn claire() -> Recipient {
    Recipient {
        account: None,
        address: Address::Email(EmailAddress::parse("claire.martin@example.org").unwrap()),
        language: Language::French,
    }
}

/// An e-mail as a courier hands it over.
pub fn mail() -> Outgoing {
    outgoing(Content::Email {
        to: EmailAddress::parse("claire.martin@example.org").unwrap(),
        subject: "Vérifiez vos enfants à l’école".to_owned(),
        text: "Élève :\nc.martin1\n.\nFin\n".to_owned(),
        html: "<p>Élève&nbsp;: <b>c.martin1</b></p>".to_owned(),
    })
}

/// An SMS as a courier hands it over.
pub fn sms() -> Outgoing {
    outgoing(Content::Sms {
        to: PhoneNumber::parse("+33639980001").unwrap(),
        text: "Votre code : 12345678".to_owned(),
    })
}

pub fn outgoing(content: Content) -> Outgoing {
    Outgoing {
        id: MessageId::new(&Ambient::system()),
        language: Language::French,
        created_at: Timestamp::from_second(START).unwrap(),
        content,
    }
}

/// A courier at work until it is stopped.
pub struct Working {
    pub stop: oneshot::Sender<()>,
    pub done: JoinHandle<()>,
}

impl Working {
    pub fn start(world: &World, transport: Arc<dyn Transport>, settings: DeliverySettings) -> Self {
        let courier = Courier::new(&world.notifier, world.database.clone(), transport, settings);
        let (stop, stopped) = oneshot::channel();
        let done = tokio::spawn(courier.run(async {
            let _ = stopped.await;
        }));
        Self { stop, done }
    }

    pub async fn stop(self) {
        self.stop.send(()).unwrap();
        self.done.await.unwrap();
    }
}
