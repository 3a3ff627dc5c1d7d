//! What tests of messages share.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
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
use notify::{Content, Language, Message, Notifier, Outgoing, Recipient, messages::SignInSlowed};
use sea_orm::EntityTrait;
use store::{Database, Vault, entity::outbox, testing::fresh_databases};

pub const START: i64 = 1_788_249_600;

/// A clock that stands until a test moves it.
#[derive(Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    pub fn new() -> Self {
        Self(Arc::new(AtomicI64::new(START)))
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
        let ambient = Ambient::new(clock.clone(), SystemEntropy);
        let vault = Vault::new(&Secret::new(STANDARD.encode([7; 32])), &[]).unwrap();
        Self {
            database: database.clone(),
            notifier: Notifier::new("https://compte.example.org", "Préau", vault, ambient),
            clock,
        }
    }

    /// Writes a message to Claire and commits.
    pub async fn enqueue(&self) -> MessageId {
        let transaction = self.database.begin().await.unwrap();
        let message = SignInSlowed::sample();
        let id = self
            .notifier
            .enqueue(&transaction, &claire(), &message)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        id
    }

    pub async fn row(&self, id: MessageId) -> outbox::Model {
        let row = outbox::Entity::find_by_id(id.as_uuid());
        row.one(self.database.reader()).await.unwrap().unwrap()
    }
}

pub async fn on_every_database(test: impl AsyncFn(World)) {
    for fresh in fresh_databases().await.unwrap() {
        eprintln!("on {:?}:", fresh.database.backend());
        test(World::new(&fresh.database)).await;
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

fn outgoing(content: Content) -> Outgoing {
    Outgoing {
        id: MessageId::new(&Ambient::system()),
        created_at: Timestamp::from_second(START).unwrap(),
        content,
    }
}
