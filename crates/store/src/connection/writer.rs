//! The one writer of SQLite: single statements that come while another is written wait,
//! and are then committed together. None is answered before it is committed, and none of
//! the main store before it is durable.

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbErr, ExecResult, RuntimeErr, Statement,
    sqlx::{self, Connection as _, SqliteConnection, SqlitePool, error::DatabaseError},
};
use tokio::sync::{Mutex, mpsc, oneshot};

use super::sqlite::{Answer, Ask, fault, run};

/// Statements that wait for the writer before their requests do.
const QUEUE: usize = 1024;
/// Statements of one commit: those behind it must not wait for long.
const MOST_AT_ONCE: usize = 64;

/// Gathers statements; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    pool: DatabaseConnection,
    hasty: Hasty,
    queue: mpsc::Sender<Job>,
    durability: Durability,
}

/// Commits without waiting for the disk; nothing once it was closed.
type Hasty = Arc<Mutex<Option<SqliteConnection>>>;

/// What a commit must survive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Durability {
    /// The machine's loss of power.
    Full,
    /// The end of the process: what is ephemeral may be lost with the machine.
    OfProcess,
}

#[derive(Debug)]
struct Job {
    ask: Ask,
    statement: Statement,
    durability: Durability,
    answer: oneshot::Sender<Result<Answer, DbErr>>,
}

impl Writer {
    /// Over a pool of one connection, which transactions use as well, in turn; and a
    /// connection that commits without waiting for the disk.
    pub(crate) fn new(
        connection: DatabaseConnection,
        pool: SqlitePool,
        hasty: SqliteConnection,
    ) -> Self {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let hasty = Arc::new(Mutex::new(Some(hasty)));
        tokio::spawn(write_all(pool, hasty.clone(), jobs));
        Self {
            pool: connection,
            hasty,
            queue,
            durability: Durability::Full,
        }
    }

    /// The same for what may be lost with the machine.
    pub(crate) fn for_ephemeral(&self) -> Self {
        Self {
            durability: Durability::OfProcess,
            ..self.clone()
        }
    }

    /// Runs a statement, alone or with others; it is committed when this returns.
    pub(super) async fn run(&self, ask: Ask, statement: Statement) -> Result<Answer, DbErr> {
        let (answer, answered) = oneshot::channel();
        let job = Job {
            ask,
            statement,
            durability: self.durability,
            answer,
        };
        self.queue.send(job).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }

    /// Runs a text alone: it may be what no transaction takes.
    pub(super) async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.pool.execute_unprepared(sql).await
    }

    /// The pool's connection last: it takes what was written into the main file.
    pub(super) async fn close(self) {
        if let Some(hasty) = self.hasty.lock().await.take() {
            let _ = hasty.close().await;
        }
        let _ = self.pool.close().await;
    }
}

fn gone() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal("the writer is gone".into()))
}

/// Writes until nobody can ask any more. The pool's connection is the right to write,
/// whichever connection does: so that neither finds the file locked by the other.
async fn write_all(pool: SqlitePool, hasty: Hasty, mut jobs: mpsc::Receiver<Job>) {
    let mut batch = Vec::new();
    while jobs.recv_many(&mut batch, MOST_AT_ONCE).await > 0 {
        match pool.acquire().await {
            Ok(mut full) => {
                // Whoever came while the connection was another's.
                while batch.len() < MOST_AT_ONCE
                    && let Ok(job) = jobs.try_recv()
                {
                    batch.push(job);
                }
                let must_last = |job: &Job| job.durability == Durability::Full;
                let mut hasty = hasty.lock().await;
                let connection = match hasty.as_mut() {
                    Some(hasty) if !batch.iter().any(must_last) => hasty,
                    _ => &mut *full,
                };
                write(connection, batch.drain(..)).await;
            }
            Err(error) => refuse(batch.drain(..), fault(error)),
        }
    }
}

async fn write(connection: &mut SqliteConnection, mut jobs: impl ExactSizeIterator<Item = Job>) {
    if jobs.len() > 1 {
        return write_together(connection, jobs).await;
    }
    if let Some(job) = jobs.next() {
        let answer = run(connection, job.ask, &job.statement).await;
        let _ = job.answer.send(answer.map_err(fault));
    }
}

/// In one transaction. A statement that breaks a rule of the schema is undone and
/// answered by itself; any other fault ends the transaction, and with it all of them.
async fn write_together(connection: &mut SqliteConnection, mut jobs: impl Iterator<Item = Job>) {
    let mut transaction = match connection.begin_with("begin immediate").await {
        Ok(transaction) => transaction,
        Err(error) => return refuse(jobs, fault(error)),
    };
    let mut written = Vec::new();
    for job in jobs.by_ref() {
        let answer = run(&mut transaction, job.ask, &job.statement).await;
        match answer {
            Err(error) if !is_own(&error) => {
                let _ = transaction.rollback().await;
                let _ = job.answer.send(Err(fault(error)));
                refuse(
                    written.into_iter().map(|(job, _)| job).chain(jobs),
                    undone(),
                );
                return;
            }
            answer => written.push((job, answer)),
        }
    }
    if let Err(error) = transaction.commit().await {
        return refuse(written.into_iter().map(|(job, _)| job), fault(error));
    }
    for (job, answer) in written {
        let _ = job.answer.send(answer.map_err(fault));
    }
}

/// Whether the statement alone failed: by a constraint, or because it is no statement.
/// Of anything else (a full disk, a file that cannot be read) SQLite may have rolled the
/// whole transaction back.
fn is_own(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    let code = code.and_then(|code| code.parse::<u32>().ok());
    // The low byte of a result code is its kind: SQLITE_ERROR, SQLITE_CONSTRAINT.
    code.is_some_and(|code| matches!(code & 0xff, 1 | 19))
}

fn undone() -> DbErr {
    DbErr::Exec(RuntimeErr::Internal(
        "undone with another statement of the same transaction".into(),
    ))
}

/// The first learns the cause, the others that they shared it.
fn refuse(jobs: impl Iterator<Item = Job>, cause: DbErr) {
    let mut cause = Some(cause);
    for job in jobs {
        let error = cause.take().unwrap_or_else(undone);
        let _ = job.answer.send(Err(error));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::{sync::Barrier, task::JoinSet};

    use crate::{ConnectionTrait, Database, testing::fresh_sqlite};

    const TASKS: u32 = 40;

    fn insert(uai: u32, name: u32) -> sea_orm::Statement {
        sea_orm::Statement::from_sql_and_values(
            sea_orm::DbBackend::Sqlite,
            "insert into school (uai, name, level, updated_at) values ($1, $2, 'college', 0) \
             returning name",
            [format!("{uai:08}").into(), name.to_string().into()],
        )
    }

    /// All inserts while somebody else has the writer; what each was told.
    async fn inserts_that_wait(
        database: &Database,
        uai: fn(u32) -> u32,
    ) -> Vec<(u32, Option<String>)> {
        let busy = database.begin().await.unwrap();
        let begun = Arc::new(Barrier::new(TASKS as usize + 1));
        let mut tasks = JoinSet::new();
        for number in 0..TASKS {
            let (database, begun) = (database.clone(), begun.clone());
            tasks.spawn(async move {
                begun.wait().await;
                let row = database.writer().query_one_raw(insert(uai(number), number));
                let name = row.await.map(|row| row.unwrap().try_get("", "name"));
                (number, name.ok().map(Result::unwrap))
            });
        }
        begun.wait().await;
        tokio::task::yield_now().await;
        busy.commit().await.unwrap();
        tasks.join_all().await
    }

    async fn count(database: &Database) -> i64 {
        let text = "select count(*) as number from school";
        let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Sqlite, text);
        let row = database.reader().query_one_raw(statement).await.unwrap();
        row.unwrap().try_get("", "number").unwrap()
    }

    #[tokio::test]
    async fn each_of_many_statements_gets_its_own_answer() {
        let test = fresh_sqlite().await.unwrap();
        for (number, name) in inserts_that_wait(&test.database, |number| number).await {
            assert_eq!(name, Some(number.to_string()));
        }
        assert_eq!(count(&test.database).await, i64::from(TASKS));
    }

    #[tokio::test]
    async fn a_statement_that_breaks_a_rule_fails_alone() {
        let test = fresh_sqlite().await.unwrap();
        let answers = inserts_that_wait(&test.database, |number| number / 2).await;
        let written = answers.iter().filter(|(_, name)| name.is_some()).count();
        assert_eq!(written, TASKS as usize / 2);
        assert_eq!(count(&test.database).await, i64::from(TASKS / 2));
    }

    #[tokio::test]
    async fn a_closed_database_answers_with_an_error() {
        let test = fresh_sqlite().await.unwrap();
        test.database.clone().close().await;
        let written = test.database.writer().execute_raw(insert(1, 1)).await;
        assert!(written.is_err());
        let read = test.database.ping().await;
        assert!(read.is_err());
    }
}
