//! The main database: one writer and several readers on SQLite, one pool on PostgreSQL.

use std::{str::FromStr, time::Duration};

use domain::secret::Secret;
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend,
    IsolationLevel, SqliteTransactionMode, SqlxPostgresConnector, SqlxSqliteConnector, Statement,
    TransactionOptions, TransactionTrait,
    sqlx::{
        ConnectOptions as _, Connection as _,
        postgres::{PgConnectOptions, PgPoolOptions},
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
    },
};

use crate::{
    connection::{Connection, Readers, Writer},
    error::StoreError,
};

/// How long a statement waits for a connection, or on SQLite for another process that
/// writes: past that the request fails rather than piling up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// A connection to PostgreSQL that lay idle for this long may have been cut: it is asked
/// before it is used. One that was used a moment ago is not, since asking costs as much
/// as a statement.
const IDLE: Duration = Duration::from_secs(5);

/// The main store's connections; cheap to clone.
#[derive(Clone, Debug)]
pub struct Database {
    reader: Connection,
    writer: Connection,
    ephemeral: Connection,
    /// For transactions that write.
    pool: DatabaseConnection,
    /// For those that only read.
    reading: DatabaseConnection,
}

impl Database {
    /// Connects. `connections` bounds the pool of PostgreSQL, and SQLite's readers.
    ///
    /// # Errors
    /// [`StoreError::Url`] for another scheme, else the database's.
    pub async fn connect(url: &Secret, connections: u32) -> Result<Self, StoreError> {
        let text = url.expose();
        match text.split(':').next() {
            Some("sqlite") => Self::connect_sqlite(text, connections).await,
            Some("postgres" | "postgresql") => Self::connect_postgres(text, connections).await,
            scheme => Err(StoreError::Url(scheme.unwrap_or_default().to_owned())),
        }
    }

    async fn connect_sqlite(url: &str, readers: u32) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::from_str(url)
            .map_err(|_| StoreError::Url("sqlite:FILE expected".into()))?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(PATIENCE)
            .statement_cache_capacity(200)
            .log_slow_statements(tracing_level(), Duration::from_secs(1));
        // A file does not go away between two statements, and each look whether it has
        // costs as much as a statement.
        let one = || {
            SqlitePoolOptions::new()
                .acquire_timeout(PATIENCE)
                .test_before_acquire(false)
                .max_connections(1)
        };
        let pool = one().min_connections(1);
        let pool = pool.connect_with(options.clone()).await;
        let pool = pool.map_err(sqlx_error)?;
        let options_to_read = options.clone().pragma("query_only", "on");
        let reading = one().connect_lazy_with(options_to_read.clone());
        let connection = SqlxSqliteConnector::from_sqlx_sqlite_pool(pool.clone());
        let hasty = options.synchronous(SqliteSynchronous::Normal);
        let hasty = hasty.connect().await.map_err(sqlx_error)?;
        let writer = Writer::new(connection.clone(), pool, hasty);
        Ok(Self {
            reader: Connection::readers(Readers::new(options_to_read, readers)),
            ephemeral: Connection::writer(writer.for_ephemeral()),
            writer: Connection::writer(writer),
            pool: connection,
            reading: SqlxSqliteConnector::from_sqlx_sqlite_pool(reading),
        })
    }

    async fn connect_postgres(url: &str, connections: u32) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url)
            .map_err(|_| StoreError::Url("postgres://USER@HOST/DATABASE expected".into()))?
            .application_name("preau")
            .statement_cache_capacity(200)
            .log_slow_statements(tracing_level(), Duration::from_secs(1));
        let pool = PgPoolOptions::new()
            .max_connections(connections.max(2))
            .acquire_timeout(PATIENCE)
            .test_before_acquire(false)
            .before_acquire(|connection, is| {
                Box::pin(async move {
                    if is.idle_for >= IDLE {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_with(options)
            .await
            .map_err(sqlx_error)?;
        let pool = SqlxPostgresConnector::from_sqlx_postgres_pool(pool);
        Ok(Self {
            reader: Connection::pool(pool.clone()),
            writer: Connection::pool(pool.clone()),
            ephemeral: Connection::pool(pool.clone()),
            reading: pool.clone(),
            pool,
        })
    }

    /// For reading alone. On SQLite these connections cannot write.
    pub const fn reader(&self) -> &Connection {
        &self.reader
    }

    /// For single statements that write. On SQLite those that come at once are
    /// committed together; each is durable when it is answered.
    pub const fn writer(&self) -> &Connection {
        &self.writer
    }

    /// For single statements on what may be lost with the machine, though not with the
    /// process: on SQLite their commits do not wait for the disk (`synchronous=normal`).
    pub(crate) const fn ephemeral(&self) -> &Connection {
        &self.ephemeral
    }

    /// The pool itself, for migrations.
    pub(crate) const fn pool(&self) -> &DatabaseConnection {
        &self.pool
    }

    /// Begins the request's transaction: dropped means rolled back. IMMEDIATE on
    /// SQLite, so that two writers wait for each other instead of failing halfway.
    ///
    /// # Errors
    /// The database's.
    pub async fn begin(&self) -> Result<DatabaseTransaction, StoreError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.pool.begin_with_options(options).await?)
    }

    /// Begins a transaction that only reads: on SQLite it cannot write.
    ///
    /// # Errors
    /// The database's.
    pub async fn begin_to_read(&self) -> Result<DatabaseTransaction, StoreError> {
        Ok(self.reading.begin().await?)
    }

    /// Begins a transaction that only reads, and sees all the time what was committed when
    /// it began to.
    ///
    /// # Errors
    /// The database's.
    pub async fn begin_to_read_one_moment(&self) -> Result<DatabaseTransaction, StoreError> {
        if self.backend() == DbBackend::Sqlite {
            return self.begin_to_read().await;
        }
        let isolation = Some(IsolationLevel::RepeatableRead);
        let access = Some(AccessMode::ReadOnly);
        Ok(self.reading.begin_with_config(isolation, access).await?)
    }

    /// Answers when the database can be reached.
    ///
    /// # Errors
    /// The database's.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let statement = Statement::from_string(self.backend(), "select 1");
        self.reader.query_one_raw(statement).await?;
        Ok(())
    }

    /// Which database it is.
    pub fn backend(&self) -> DbBackend {
        self.pool.get_database_backend()
    }

    /// Closes the connections, after the last request.
    pub async fn close(self) {
        let _ = self.reading.close().await;
        self.reader.close().await;
        self.writer.close().await;
    }
}

const fn tracing_level() -> log::LevelFilter {
    log::LevelFilter::Warn
}

fn sqlx_error(error: sqlx::Error) -> StoreError {
    StoreError::Database(sea_orm::DbErr::Conn(sea_orm::RuntimeErr::SqlxError(
        error.into(),
    )))
}
