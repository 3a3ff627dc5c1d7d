//! Fresh databases for tests, of this crate and of others.
//!
//! SQLite in a temporary folder; PostgreSQL where `PREAU_TEST_POSTGRES` names a server
//! (a URL of a role that may create databases), which `cargo xtask test` starts.

use domain::{ambient::Ambient, secret::Secret};
use sea_orm::ConnectionTrait;

use crate::{db::Database, error::StoreError, migration};

/// A migrated database of its own, removed when dropped (SQLite) or with its server.
pub struct TestDatabase {
    /// Connected.
    pub database: Database,
    /// Where it is, to connect to it again.
    pub url: Secret,
    _folder: Option<tempfile::TempDir>,
}

/// A fresh SQLite database.
///
/// # Errors
/// The database's.
pub async fn fresh_sqlite() -> Result<TestDatabase, StoreError> {
    migrated(new_sqlite().await?).await
}

/// A fresh database on the PostgreSQL server of the tests, where there is one.
///
/// # Errors
/// The database's.
pub async fn fresh_postgres() -> Result<Option<TestDatabase>, StoreError> {
    match new_postgres().await? {
        Some(test) => migrated(test).await.map(Some),
        None => Ok(None),
    }
}

/// Fresh databases of every kind that this run can reach.
///
/// # Errors
/// The databases'.
pub async fn fresh_databases() -> Result<Vec<TestDatabase>, StoreError> {
    let mut databases = vec![fresh_sqlite().await?];
    databases.extend(fresh_postgres().await?);
    Ok(databases)
}

/// The same as an earlier version left them: without this step of the schema, and those
/// after it.
///
/// # Errors
/// The databases'.
pub async fn databases_before(step: &str) -> Result<Vec<TestDatabase>, StoreError> {
    let mut databases = vec![new_sqlite().await?];
    databases.extend(new_postgres().await?);
    for test in &databases {
        migration::migrate_before(&test.database, step).await?;
    }
    Ok(databases)
}

async fn new_sqlite() -> Result<TestDatabase, StoreError> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let url = Secret::new(format!(
        "sqlite:{}",
        folder.path().join("preau.db").display()
    ));
    connected(url, Some(folder)).await
}

async fn new_postgres() -> Result<Option<TestDatabase>, StoreError> {
    let Ok(server) = std::env::var("PREAU_TEST_POSTGRES") else {
        return Ok(None);
    };
    let random: [u8; 8] = Ambient::system().random();
    let name = format!("preau_{:016x}", u64::from_be_bytes(random));
    let admin = Database::connect(&Secret::new(server.clone()), 2).await?;
    let create = format!("create database {name}");
    admin.writer().execute_unprepared(&create).await?;
    admin.close().await;
    let (base, _) = server.rsplit_once('/').unwrap_or((server.as_str(), ""));
    let url = Secret::new(format!("{base}/{name}"));
    connected(url, None).await.map(Some)
}

async fn connected(
    url: Secret,
    folder: Option<tempfile::TempDir>,
) -> Result<TestDatabase, StoreError> {
    Ok(TestDatabase {
        database: Database::connect(&url, 8).await?,
        url,
        _folder: folder,
    })
}

async fn migrated(test: TestDatabase) -> Result<TestDatabase, StoreError> {
    migration::migrate(&test.database).await?;
    Ok(test)
}
