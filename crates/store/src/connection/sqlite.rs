//! One statement on one connection of SQLite.

use sea_orm::{
    DbErr, ExecResult, QueryResult, RuntimeErr, Statement,
    sqlx::{self, AssertSqlSafe, Executor, Sqlite, SqliteConnection, query::Query},
};
use sea_query_sqlx::SqlxValues;

/// What is asked of a statement.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ask {
    /// How many rows it touched.
    Execute,
    /// The same of a text without values, which may be several statements.
    Unprepared,
    /// Its rows.
    Rows,
}

/// What a statement came to.
#[derive(Debug)]
pub(super) enum Answer {
    Done(ExecResult),
    Rows(Vec<QueryResult>),
}

impl Answer {
    pub(super) fn done(self) -> Result<ExecResult, DbErr> {
        match self {
            Self::Done(result) => Ok(result),
            Self::Rows(_) => Err(other_than_asked()),
        }
    }

    pub(super) fn rows(self) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Rows(rows) => Ok(rows),
            Self::Done(_) => Err(other_than_asked()),
        }
    }
}

fn other_than_asked() -> DbErr {
    DbErr::Query(RuntimeErr::Internal(
        "the answer to another question".into(),
    ))
}

/// Runs a statement to its end.
pub(super) async fn run(
    connection: &mut SqliteConnection,
    ask: Ask,
    statement: &Statement,
) -> Result<Answer, sqlx::Error> {
    Ok(match ask {
        Ask::Execute => Answer::Done(query(statement).execute(connection).await?.into()),
        Ask::Unprepared => {
            let text = AssertSqlSafe(statement.sql.as_str());
            Answer::Done(connection.execute(text).await?.into())
        }
        Ask::Rows => {
            let rows = query(statement).fetch_all(connection).await?;
            Answer::Rows(rows.into_iter().map(Into::into).collect())
        }
    })
}

fn query(statement: &Statement) -> Query<'_, Sqlite, SqlxValues> {
    let values = statement.values.clone();
    let values = values.unwrap_or_else(|| sea_orm::Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(statement.sql.as_str()), SqlxValues(values))
}

/// The driver's error, as the rest of the crate knows errors.
pub(super) fn fault(error: sqlx::Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(error.into()))
}
