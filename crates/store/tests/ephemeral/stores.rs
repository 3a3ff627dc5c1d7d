//! The stores that a run can reach, each empty and alone.

use std::sync::Arc;

use domain::{ambient::Ambient, secret::Secret};
use store::{
    ephemeral::{EphemeralStore, RedisEphemeral, SqlEphemeral},
    testing::{TestDatabase, fresh_postgres, fresh_sqlite},
};

/// A store of its own, empty; its database goes when this is dropped.
pub(crate) struct TestStore {
    pub(crate) name: &'static str,
    pub(crate) store: Arc<dyn EphemeralStore>,
    _database: Option<TestDatabase>,
}

/// Runs a test on an empty store of every kind, one after the other.
pub(crate) async fn on_every_store(test: impl AsyncFn(Arc<dyn EphemeralStore>)) {
    for fresh in stores().await {
        eprintln!("on {}:", fresh.name);
        test(fresh.store).await;
    }
}

/// `SQLite` always; PostgreSQL and Redis where the environment names their servers.
pub(crate) async fn stores() -> Vec<TestStore> {
    let mut stores = sql_stores().await;
    if let Some(url) = redis_url() {
        stores.push(redis_store(&url).await);
    }
    stores
}

/// Those in a database.
pub(crate) async fn sql_stores() -> Vec<TestStore> {
    let mut stores = vec![sql_store("SQLite", fresh_sqlite().await.unwrap())];
    match fresh_postgres().await.unwrap() {
        Some(database) => stores.push(sql_store("PostgreSQL", database)),
        None => eprintln!("not on PostgreSQL: PREAU_TEST_POSTGRES is not set"),
    }
    stores
}

/// The server of the run, where there is one.
pub(crate) fn redis_url() -> Option<Secret> {
    let url = std::env::var("PREAU_TEST_REDIS").ok();
    if url.is_none() {
        eprintln!("not on Redis: PREAU_TEST_REDIS is not set");
    }
    url.map(Secret::new)
}

/// A prefix that no other test has.
pub(crate) fn random_prefix() -> String {
    let random: [u8; 8] = Ambient::system().random();
    format!("test-{:016x}", u64::from_be_bytes(random))
}

fn sql_store(name: &'static str, database: TestDatabase) -> TestStore {
    TestStore {
        name,
        store: Arc::new(SqlEphemeral::new(database.database.clone())),
        _database: Some(database),
    }
}

async fn redis_store(url: &Secret) -> TestStore {
    let redis = RedisEphemeral::connect(url).await.unwrap();
    TestStore {
        name: "Redis",
        store: Arc::new(redis.with_prefix(&random_prefix())),
        _database: None,
    }
}
