//! The ephemeral store in two tables of the main database.

use std::time::Duration;

use async_trait::async_trait;
use domain::throttle::ThrottlePolicy;
use jiff::Timestamp;
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};

use super::{
    Attempt, Entry, EphemeralError, EphemeralStore, Place, Spent,
    ladder::{Ladder, forgotten_at},
};
use crate::{connection::Connection, db::Database, time::millis};

/// The ephemeral state in the main database: for installations without Redis, and for
/// as many nodes as share that database.
///
/// Each operation is one statement, so that the database itself decides who was first.
/// Every error is [`EphemeralError::Database`].
#[derive(Clone, Debug)]
pub struct SqlEphemeral {
    database: Database,
}

impl SqlEphemeral {
    /// The tables of a database that has been migrated.
    pub const fn new(database: Database) -> Self {
        Self { database }
    }

    async fn change(
        &self,
        sql: &str,
        place: Place<'_>,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<u64, EphemeralError> {
        let statement = self.statement(sql, about(place, values));
        let result = self.database.ephemeral().execute_raw(statement).await?;
        Ok(result.rows_affected())
    }

    async fn row(
        &self,
        connection: &Connection,
        sql: &str,
        place: Place<'_>,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Option<QueryResult>, EphemeralError> {
        let statement = self.statement(sql, about(place, values));
        Ok(connection.query_one_raw(statement).await?)
    }

    fn statement(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
        Statement::from_sql_and_values(self.database.backend(), sql, values)
    }

    /// How long a try that was refused must wait. Nothing is decided here: where the
    /// count was cleared since, the answer is to ask again at once.
    async fn wait_left(
        &self,
        place: Place<'_>,
        ladder: &Ladder,
        now: i64,
    ) -> Result<Attempt, EphemeralError> {
        let row = self
            .row(self.database.reader(), COUNTED, place, [now.into()])
            .await?;
        let left = match row {
            Some(row) => left_of(&row, ladder, now)?,
            None => 0,
        };
        let left = u64::try_from(left).unwrap_or(0).max(1);
        Ok(Attempt::Wait(Duration::from_millis(left)))
    }

    async fn sweep_table(&self, sql: &str, now: Timestamp) -> Result<u64, EphemeralError> {
        let statement = self.statement(sql, [millis(now).into()]);
        let result = self.database.ephemeral().execute_raw(statement).await?;
        Ok(result.rows_affected())
    }
}

#[async_trait]
impl EphemeralStore for SqlEphemeral {
    async fn insert(
        &self,
        place: Place<'_>,
        value: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool, EphemeralError> {
        let values = [millis(now).into(), value.into(), millis(expires_at).into()];
        Ok(self.change(INSERT, place, values).await? == 1)
    }

    async fn find(
        &self,
        place: Place<'_>,
        now: Timestamp,
    ) -> Result<Option<Entry>, EphemeralError> {
        let row = self
            .row(self.database.reader(), FIND, place, [millis(now).into()])
            .await?;
        row.map(|row| {
            Ok(Entry {
                value: row.try_get("", "value")?,
                version: row.try_get("", "version")?,
                spent: row.try_get::<i64>("", "spent")? > 0,
            })
        })
        .transpose()
    }

    async fn replace(
        &self,
        place: Place<'_>,
        version: i64,
        value: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool, EphemeralError> {
        let values = [
            millis(now).into(),
            version.into(),
            value.into(),
            millis(expires_at).into(),
        ];
        Ok(self.change(REPLACE, place, values).await? == 1)
    }

    async fn spend(
        &self,
        place: Place<'_>,
        now: Timestamp,
        keep_until: Timestamp,
    ) -> Result<Spent, EphemeralError> {
        let values = [millis(now).into(), millis(keep_until).into()];
        let row = self
            .row(self.database.ephemeral(), SPEND, place, values)
            .await?;
        let Some(row) = row else {
            return Ok(Spent::Unknown);
        };
        let times: i64 = row.try_get("", "spent")?;
        let value = row.try_get("", "value")?;
        Ok(if times == 1 {
            Spent::First(value)
        } else {
            Spent::Again(value)
        })
    }

    async fn remove(
        &self,
        place: Place<'_>,
        now: Timestamp,
    ) -> Result<Option<String>, EphemeralError> {
        let sql = if place.kind.is_counter() {
            CLEAR
        } else {
            REMOVE
        };
        let row = self.row(self.database.ephemeral(), sql, place, []).await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let expires_at: i64 = row.try_get("", "expires_at")?;
        let value = row.try_get("", "value")?;
        Ok((expires_at > millis(now)).then_some(value))
    }

    async fn reserve_attempt(
        &self,
        place: Place<'_>,
        policy: &ThrottlePolicy,
        now: Timestamp,
    ) -> Result<Attempt, EphemeralError> {
        let ladder = Ladder::of(policy);
        let values = [
            millis(now),
            forgotten_at(policy, now),
            ladder.free,
            ladder.first,
            ladder.doublings,
            ladder.longest,
        ];
        let row = self
            .row(
                self.database.ephemeral(),
                RESERVE,
                place,
                values.map(Value::from),
            )
            .await?;
        let Some(row) = row else {
            return self.wait_left(place, &ladder, millis(now)).await;
        };
        let failures: i64 = row.try_get("", "failures")?;
        Ok(Attempt::Allowed {
            failures: u32::try_from(failures).unwrap_or(u32::MAX),
        })
    }

    async fn forgive_attempt(
        &self,
        place: Place<'_>,
        now: Timestamp,
    ) -> Result<(), EphemeralError> {
        self.change(FORGIVE, place, [millis(now).into()]).await?;
        Ok(())
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, EphemeralError> {
        let entries = self.sweep_table(SWEEP_ENTRIES, now).await?;
        let counters = self.sweep_table(SWEEP_COUNTERS, now).await?;
        Ok(entries + counters)
    }

    async fn ping(&self) -> Result<(), EphemeralError> {
        let statement = Statement::from_string(self.database.backend(), "select 1");
        self.database.ephemeral().query_one_raw(statement).await?;
        Ok(())
    }
}

fn about(place: Place<'_>, values: impl IntoIterator<Item = Value>) -> impl Iterator<Item = Value> {
    [place.kind.as_str().into(), place.key.into()]
        .into_iter()
        .chain(values)
}

fn left_of(row: &QueryResult, ladder: &Ladder, now: i64) -> Result<i64, EphemeralError> {
    let failures: i64 = row.try_get("", "failures")?;
    let last_at: i64 = row.try_get("", "last_at")?;
    Ok(last_at + ladder.wait_after(failures) - now)
}

// One text for both databases. $1 is the kind, $2 the key and $3 the caller's time.

const INSERT: &str = "\
    insert into ephemeral (kind, key, value, version, spent, expires_at) \
    values ($1, $2, $4, 1, 0, $5) \
    on conflict (kind, key) do update \
    set value = excluded.value, version = 1, spent = 0, expires_at = excluded.expires_at \
    where ephemeral.expires_at <= $3";

const FIND: &str = "\
    select value, version, spent from ephemeral \
    where kind = $1 and key = $2 and expires_at > $3";

const REPLACE: &str = "\
    update ephemeral set value = $5, version = version + 1, expires_at = $6 \
    where kind = $1 and key = $2 and version = $4 and spent = 0 and expires_at > $3";

const SPEND: &str = "\
    update ephemeral \
    set spent = spent + 1, expires_at = case when spent = 0 then $4 else expires_at end \
    where kind = $1 and key = $2 and expires_at > $3 \
    returning value, spent";

const REMOVE: &str = "\
    delete from ephemeral where kind = $1 and key = $2 returning value, expires_at";

const CLEAR: &str = "\
    delete from attempt where kind = $1 and key = $2 returning '' as value, expires_at";

/// Compares the time since the last try, never the end of a wait: nodes whose clocks
/// differ a little must not refuse a try that is free.
const RESERVE: &str = "\
    insert into attempt (kind, key, failures, last_at, expires_at) \
    values ($1, $2, 1, $3, $4) \
    on conflict (kind, key) do update \
    set failures = case when attempt.expires_at <= $3 then 1 else attempt.failures + 1 end, \
        last_at = excluded.last_at, \
        expires_at = excluded.expires_at \
    where case \
        when attempt.expires_at <= $3 or attempt.failures < $5 then true \
        when attempt.failures - $5 < $7 \
            then $3 - attempt.last_at >= ($6 << cast(attempt.failures - $5 as integer)) \
        else $3 - attempt.last_at >= $8 \
    end \
    returning failures";

const COUNTED: &str = "\
    select failures, last_at from attempt \
    where kind = $1 and key = $2 and expires_at > $3";

const FORGIVE: &str = "\
    update attempt set failures = failures - 1 \
    where kind = $1 and key = $2 and failures > 0 and expires_at > $3";

const SWEEP_ENTRIES: &str = "delete from ephemeral where expires_at <= $1";

const SWEEP_COUNTERS: &str = "delete from attempt where expires_at <= $1";
