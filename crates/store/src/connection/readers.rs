//! The connections of SQLite that only read.

use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::{
    DbErr, Statement,
    sqlx::{ConnectOptions, Connection as _, SqliteConnection, sqlite::SqliteConnectOptions},
};
use tokio::sync::Semaphore;

use super::sqlite::{Answer, Ask, fault, run};

/// Connections that cannot write, opened as they are needed and kept.
#[derive(Clone, Debug)]
pub(crate) struct Readers(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    options: SqliteConnectOptions,
    /// Who may read at once.
    turns: Semaphore,
    idle: Mutex<Vec<SqliteConnection>>,
}

impl Readers {
    /// At most this many, opened with options that do not let them write.
    pub(crate) fn new(options: SqliteConnectOptions, most: u32) -> Self {
        Self(Arc::new(Inner {
            options,
            turns: Semaphore::new(usize::try_from(most).unwrap_or(1).max(1)),
            idle: Mutex::default(),
        }))
    }

    /// Runs a statement. A connection whose statement was not waited for is not kept.
    pub(super) async fn run(&self, ask: Ask, statement: Statement) -> Result<Answer, DbErr> {
        let turn = tokio::time::timeout(crate::db::PATIENCE, self.0.turns.acquire()).await;
        let Ok(Ok(_turn)) = turn else {
            return Err(DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::Timeout));
        };
        let kept = self.0.idle().pop();
        let mut connection = match kept {
            Some(connection) => connection,
            None => self.0.options.connect().await.map_err(fault)?,
        };
        let answer = run(&mut connection, ask, &statement).await;
        self.0.idle().push(connection);
        answer.map_err(fault)
    }

    pub(super) async fn close(self) {
        self.0.turns.close();
        let idle = std::mem::take(&mut *self.0.idle());
        for connection in idle {
            let _ = connection.close().await;
        }
    }
}

impl Inner {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<SqliteConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
