//! A trail with its worker, on a database of its own.

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
    audit::{Action, Actor, Target},
    client::ClientId,
    clock::Clock,
    entropy::SystemEntropy,
    ids::AccountId,
    secret::Secret,
};
use jiff::Timestamp;
use serde_json::json;
use store::{
    ConnectionTrait as _, Database, StoreError, Vault,
    audit::{
        self, AuditKeys, Event, Noted,
        sealer::Sealer,
        verification::{Broken, Verified, verify},
    },
    testing::{TestDatabase, fresh_databases},
};

/// Noon, so that hours may pass on one day.
const NOON: i64 = 1_790_078_400_000;

pub(crate) struct Trail {
    pub(crate) test: TestDatabase,
    pub(crate) ambient: Ambient,
    pub(crate) clock: TestClock,
    pub(crate) vault: Vault,
    /// When the clock began.
    pub(crate) start: Timestamp,
    sealer: Sealer,
}

/// A clock that tests move, and that goes on by itself at each look where they say so.
#[derive(Clone)]
pub(crate) struct TestClock(Arc<AtomicI64>, Arc<AtomicI64>);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let step = self.1.load(Ordering::SeqCst);
        Timestamp::from_millisecond(self.0.fetch_add(step, Ordering::SeqCst)).unwrap()
    }
}

impl TestClock {
    pub(crate) fn advance(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap();
        self.0.fetch_add(millis, Ordering::SeqCst);
    }

    /// From now on each look at it takes so long.
    pub(crate) fn steps(&self, by: Duration) {
        self.1
            .store(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    pub(crate) fn go_back(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap();
        self.0.fetch_sub(millis, Ordering::SeqCst);
    }
}

impl Trail {
    pub(crate) async fn all() -> Vec<Self> {
        let mut trails = Vec::new();
        for test in fresh_databases().await.unwrap() {
            trails.push(Self::new(test).await);
        }
        trails
    }

    pub(crate) async fn new(test: TestDatabase) -> Self {
        let clock = TestClock(Arc::new(AtomicI64::new(NOON)), Arc::default());
        let ambient = Ambient::new(clock.clone(), SystemEntropy);
        let vault = Vault::new(&Secret::new(STANDARD.encode([1; 32])), &[]).unwrap();
        let sealer = Sealer::new(test.database.clone(), vault.clone(), ambient.clone());
        Self {
            sealer: sealer.await.unwrap(),
            start: clock.now(),
            test,
            ambient,
            clock,
            vault,
        }
    }

    pub(crate) const fn db(&self) -> &Database {
        &self.test.database
    }

    /// Somebody signs in so many times, a millisecond after another.
    pub(crate) async fn signs_in(&self, times: u32) -> AccountId {
        let account = AccountId::new(&self.ambient);
        for number in 0..times {
            self.clock.advance(Duration::from_millis(1));
            record_sign_in(self.db(), &self.ambient, account, number)
                .await
                .unwrap();
        }
        account
    }

    pub(crate) async fn seal(&self) -> usize {
        self.sealer.seal_pending().await.unwrap()
    }

    pub(crate) async fn try_to_seal(&self) -> Result<usize, StoreError> {
        self.sealer.seal_pending().await
    }

    /// Another worker, whose lease is over at once.
    pub(crate) async fn worker(&self) -> Sealer {
        let database = Database::connect(&self.test.url, 4).await.unwrap();
        let sealer = Sealer::new(database, self.vault.clone(), self.ambient.clone());
        sealer.await.unwrap().with_lease(Duration::ZERO)
    }

    pub(crate) async fn keys(&self) -> AuditKeys {
        AuditKeys::find(self.db().reader(), &self.vault)
            .await
            .unwrap()
    }

    pub(crate) async fn verify(&self) -> Verified {
        verify(self.db(), &self.keys().await, &[]).await.unwrap()
    }

    /// Whether the chain still comes to ends that were noted, with these keys.
    pub(crate) async fn verify_by(&self, keys: &AuditKeys, noted: &[Noted]) -> Verified {
        verify(self.db(), keys, noted).await.unwrap()
    }

    /// The end of the chain, as an operator keeps it elsewhere.
    pub(crate) async fn end(&self) -> Noted {
        let verified = self.verify().await;
        let printed = format!("{}:{}", verified.sequence, verified.hash);
        printed.parse().unwrap()
    }

    pub(crate) async fn broken(&self) -> Broken {
        let broken = self.verify().await.broken;
        broken.expect("what was done is found")
    }

    /// As somebody does who has the database and may do everything there.
    pub(crate) async fn sql(&self, statement: &str) -> u64 {
        let done = self.db().writer().execute_unprepared(statement).await;
        done.unwrap_or_else(|error| panic!("{statement}: {error}"))
            .rows_affected()
    }

    /// The same without the triggers that SQLite has in the place of roles.
    pub(crate) async fn takes_triggers_away(&self) {
        if self.db().backend() != sea_orm::DbBackend::Sqlite {
            return;
        }
        for table in ["entry", "personal", "seal", "day", "key"] {
            for rule in ["stays", "is_kept"] {
                self.sql(&format!("drop trigger if exists audit_{table}_{rule}"))
                    .await;
            }
        }
    }
}

pub(crate) async fn record_sign_in(
    database: &Database,
    ambient: &Ambient,
    account: AccountId,
    number: u32,
) -> Result<(), StoreError> {
    audit::record(database.writer(), ambient, sign_in(account, number)).await
}

pub(crate) fn sign_in(account: AccountId, number: u32) -> Event {
    let event = Event::new(
        Action::SignedIn,
        Actor::Account(account),
        Target::Account(account),
    );
    event
        .from_network("198.18.0.0/24".to_owned())
        .with(json!({ "session": number }))
}

pub(crate) fn client(id: &str) -> ClientId {
    ClientId::parse(id).unwrap()
}
