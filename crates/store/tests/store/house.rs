//! What the store's tests share.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{
    account::{AccountState, PasswordState, PersonKind},
    acr::{Acr, Amr},
    ambient::Ambient,
    audit::Actor,
    client::{ClientId, Registration},
    clock::Clock,
    entropy::SystemEntropy,
    identifier::AccountIdentifier,
    ids::{AccountId, GrantId, KeyId, SessionId},
    name::PersonName,
    scope::ScopeSet,
    secret::{Secret, Token},
    signing::SigningAlgorithm,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use store::{
    Database, Vault,
    accounts::{self, NewAccount},
    clients::{
        self, Applied,
        changes::{By, Change, Replaces},
    },
    grants::{self, Grant},
    keys::StoredKey,
    refresh_tokens::{self, Rotation},
    standing,
    testing::{TestDatabase, fresh_databases},
};

/// Hashes client secrets and derives successors.
pub(crate) const KEY: [u8; 32] = [7; 32];

/// How long a refresh token lies idle.
pub(crate) const IDLE: Duration = Duration::from_hours(1);

/// A database with Claire's account and two clients, and a clock that tests move.
pub(crate) struct House {
    test: TestDatabase,
    pub(crate) ambient: Ambient,
    pub(crate) clock: TestClock,
    pub(crate) account: AccountId,
}

/// A clock that tests move.
#[derive(Clone)]
pub(crate) struct TestClock(Arc<AtomicI64>);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

impl TestClock {
    pub(crate) fn advance(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap();
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl House {
    pub(crate) async fn all() -> Vec<Self> {
        let mut houses = Vec::new();
        for test in fresh_databases().await.unwrap() {
            houses.push(Self::new(test).await);
        }
        houses
    }

    async fn new(test: TestDatabase) -> Self {
        let clock = TestClock(Arc::new(AtomicI64::new(1_790_000_000_000)));
        let ambient = Ambient::new(clock.clone(), SystemEntropy);
        let account = AccountId::new(&ambient);
        let house = Self {
            test,
            ambient,
            clock,
            account,
        };
        let writer = house.db().writer();
        assert!(
            accounts::insert(writer, &house.ambient, new_account(account))
                .await
                .unwrap()
        );
        house.apply(&registration("ent", "ENT")).await;
        house.apply(&registration("other", "Autre")).await;
        house
    }

    pub(crate) const fn db(&self) -> &Database {
        &self.test.database
    }

    pub(crate) async fn apply(&self, registration: &Registration) -> Applied {
        let transaction = self.db().begin().await.unwrap();
        let by = By::actor(Actor::Operator);
        let sound = registration.clone().sound().unwrap();
        let applied = clients::apply(&transaction, &self.ambient, &by, &sound);
        let applied = applied.await.unwrap();
        transaction.commit().await.unwrap();
        applied
    }

    pub(crate) async fn delete(&self, id: &str) {
        let writer = self.db().writer();
        let id = client(id);
        let by = By::actor(Actor::Operator);
        let deleted = clients::delete(writer, &self.ambient, &by, &id, Replaces::Whatever).await;
        assert!(matches!(deleted.unwrap(), Change::Done(_)));
    }

    pub(crate) async fn grant(&self, id: &str) -> Grant {
        let now = self.ambient.now();
        let grant = Grant {
            id: GrantId::new(&self.ambient),
            account: self.account,
            client: client(id),
            session: SessionId::new(&self.ambient),
            scope: ScopeSet::parse("openid offline_access").unwrap(),
            claims_request: Value::Null,
            auth_time: now,
            acr: Acr::Password,
            amr: vec![Amr::Pwd],
            offline: false,
            expires_at: now.checked_add(IDLE * 24).unwrap(),
            revoked: false,
        };
        grants::insert(self.db().writer(), &self.ambient, &grant)
            .await
            .unwrap();
        grant
    }

    pub(crate) async fn stands(&self, grant: GrantId) -> bool {
        let found = standing::find_by_grant(self.db().reader(), grant).await;
        found
            .unwrap()
            .is_some_and(|found| found.stands(self.ambient.now()))
    }

    pub(crate) async fn revoke(&self, grant: &Grant) -> bool {
        let writer = self.db().writer();
        grants::revoke(writer, &self.ambient, Actor::Service, grant, "test")
            .await
            .unwrap()
    }

    pub(crate) async fn first_token(&self, grant: &Grant) -> Token {
        let end = self.ambient.now().checked_add(IDLE).unwrap();
        let first = refresh_tokens::insert_first(self.db().writer(), &self.ambient, grant.id, end);
        first.await.unwrap().unwrap()
    }

    /// What the token endpoint does with a presented token.
    pub(crate) async fn rotate(&self, id: &str, token: &Token) -> Option<Rotation> {
        let now = self.ambient.now();
        let found = refresh_tokens::find(self.db().reader(), token)
            .await
            .unwrap()?;
        if !found.is_good_for(&client(id), now) {
            return None;
        }
        if found.is_stolen(now) {
            return Some(Rotation::Reused);
        }
        let writer = self.db().writer();
        let rotation =
            refresh_tokens::rotate(writer, &self.ambient, &KEY, token, &found, IDLE).await;
        Some(rotation.unwrap())
    }

    pub(crate) async fn count_tokens(&self) -> u64 {
        use sea_orm::{EntityTrait, PaginatorTrait};
        let tokens = store::entity::refresh_token::Entity::find();
        tokens.count(self.db().reader()).await.unwrap()
    }

    pub(crate) fn key(&self) -> StoredKey {
        StoredKey {
            id: KeyId::new(&self.ambient),
            algorithm: SigningAlgorithm::ES256,
            generation: 1,
            private: b"private".to_vec(),
            sign_from: self.ambient.now(),
        }
    }
}

pub(crate) async fn at_once<T, F>(tasks: usize, task: impl Fn() -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let running: Vec<_> = (0..tasks).map(|_| tokio::spawn(task())).collect();
    let mut answers = Vec::new();
    for task in running {
        answers.push(task.await.unwrap());
    }
    answers
}

pub(crate) fn vault() -> Vault {
    Vault::new(&Secret::new(STANDARD.encode([1; 32])), &[]).unwrap()
}

pub(crate) fn client(id: &str) -> ClientId {
    ClientId::parse(id).unwrap()
}

pub(crate) fn registration(id: &str, name: &str) -> Registration {
    let document = json!({
        "client_id": id, "client_name": name,
        "redirect_uris": ["https://service.example/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
    });
    serde_json::from_value(document).unwrap()
}

pub(crate) fn new_account(id: AccountId) -> NewAccount {
    NewAccount {
        id,
        kind: PersonKind::Guardian,
        identifier: AccountIdentifier::parse("c.martin1").unwrap(),
        state: AccountState::Active,
        name: PersonName {
            given: "Claire".into(),
            family: "MARTIN".into(),
        },
        birth_date: None,
        locale: "fr".into(),
        password: PasswordState::Chosen,
        password_hash: Some("hash".into()),
        additional_claims: serde_json::Map::new(),
    }
}
