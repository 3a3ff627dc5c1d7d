//! Ways to the main database for single statements.
//!
//! On PostgreSQL they are the pool. On SQLite the driver's pool asks each connection
//! whether it is alive whenever it comes back, which costs as much as a statement: so
//! readers are kept here, and single statements that write are gathered and committed
//! together.

mod readers;
mod sqlite;
mod writer;

use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};

use self::sqlite::Ask;
pub(crate) use self::{readers::Readers, writer::Writer};

/// A way to the main database; cheap to clone.
#[derive(Clone, Debug)]
pub struct Connection(Way);

#[derive(Clone, Debug)]
enum Way {
    Pool(DatabaseConnection),
    Readers(Readers),
    Writer(Writer),
}

impl Connection {
    pub(crate) const fn pool(pool: DatabaseConnection) -> Self {
        Self(Way::Pool(pool))
    }

    pub(crate) const fn readers(readers: Readers) -> Self {
        Self(Way::Readers(readers))
    }

    pub(crate) const fn writer(writer: Writer) -> Self {
        Self(Way::Writer(writer))
    }

    /// Closes what can be; statements fail from then on.
    pub(crate) async fn close(self) {
        match self.0 {
            Way::Pool(pool) => drop(pool.close().await),
            Way::Readers(readers) => readers.close().await,
            Way::Writer(writer) => writer.close().await,
        }
    }
}

#[async_trait]
impl ConnectionTrait for Connection {
    fn get_database_backend(&self) -> DbBackend {
        match &self.0 {
            Way::Pool(pool) => pool.get_database_backend(),
            Way::Readers(_) | Way::Writer(_) => DbBackend::Sqlite,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match &self.0 {
            Way::Pool(pool) => pool.execute_raw(statement).await,
            Way::Readers(readers) => readers.run(Ask::Execute, statement).await?.done(),
            Way::Writer(writer) => writer.run(Ask::Execute, statement).await?.done(),
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match &self.0 {
            Way::Pool(pool) => pool.execute_unprepared(sql).await,
            Way::Readers(readers) => {
                let statement = Statement::from_string(DbBackend::Sqlite, sql);
                readers.run(Ask::Unprepared, statement).await?.done()
            }
            Way::Writer(writer) => writer.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match &self.0 {
            Way::Pool(pool) => pool.query_one_raw(statement).await,
            Way::Readers(_) | Way::Writer(_) => {
                Ok(self.query_all_raw(statement).await?.into_iter().next())
            }
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.0 {
            Way::Pool(pool) => pool.query_all_raw(statement).await,
            Way::Readers(readers) => readers.run(Ask::Rows, statement).await?.rows(),
            Way::Writer(writer) => writer.run(Ask::Rows, statement).await?.rows(),
        }
    }
}
