//! Pruning and erasing: what the role of the service may not do.
//!
//! Both are given a database that is connected as the keeper of the trail (on PostgreSQL
//! another role, docs/OPERATIONS.md), and leave an event of their own, so that what is
//! missing lawfully is told from what was cut.

use std::collections::BTreeMap;

use domain::{
    ambient::Ambient,
    audit::{Action, Actor, Target},
    ids::{AccountId, EventId},
};
use jiff::{Timestamp, civil::Date};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, QueryFilter,
    QueryOrder, QueryResult, QuerySelect, Statement, Value as SqlValue,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Event, chain::day_of, record};
use crate::{
    db::Database,
    entity::{audit_day, audit_personal, audit_seal},
    error::StoreError,
    time::instant,
};

/// Rows of one transaction that erases: on SQLite everybody who writes waits for it.
const MOST_AT_ONCE: u32 = 2000;

/// What pruning came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Pruned {
    /// Days that are gone.
    pub days: Vec<Date>,
    /// Their events.
    pub events: u64,
}

/// Removes whole days before a day, each in a transaction of its own; their heads stay.
///
/// # Errors
/// The database's.
pub async fn prune(
    keeper: &Database,
    ambient: &Ambient,
    before: Date,
) -> Result<Pruned, StoreError> {
    let mut pruned = Pruned::default();
    while let Some((day, events)) = prune_a_day(keeper, ambient, before).await? {
        pruned.days.push(day);
        pruned.events += events;
    }
    Ok(pruned)
}

/// The oldest day that is there; nothing where it is not old enough.
async fn prune_a_day(
    keeper: &Database,
    ambient: &Ambient,
    before: Date,
) -> Result<Option<(Date, u64)>, StoreError> {
    let transaction = begin(keeper).await?;
    let oldest = audit_seal::Entity::find()
        .order_by_asc(audit_seal::Column::Sequence)
        .limit(1)
        .one(&transaction)
        .await?;
    let Some(oldest) = oldest else {
        return Ok(None);
    };
    let head = audit_day::Entity::find()
        .filter(audit_day::Column::FirstSequence.lte(oldest.sequence))
        .filter(audit_day::Column::LastSequence.gte(oldest.sequence))
        .filter(audit_day::Column::Day.lt(before.to_string()))
        .one(&transaction)
        .await?;
    let Some(head) = head else {
        return Ok(None);
    };
    let day = head.day.parse().map_err(|_| StoreError::Malformed {
        table: "audit_day",
        what: "day",
    })?;
    let through: SqlValue = head.last_sequence.into();
    for delete in [
        "delete from audit_personal where event_id in \
         (select event_id from audit_seal where sequence <= $1)",
        "delete from audit_entry where id in \
         (select event_id from audit_seal where sequence <= $1)",
    ] {
        execute(&transaction, delete, [through.clone()]).await?;
    }
    let delete = "delete from audit_seal where sequence <= $1";
    let events = execute(&transaction, delete, [through]).await?;
    let details = json!({
        "day": head.day, "through_sequence": head.last_sequence, "events": events,
    });
    end(transaction, ambient, Action::AuditPruned, details).await?;
    Ok(Some((day, events)))
}

/// Erases what is personal of events before an instant; of how many.
///
/// # Errors
/// The database's.
pub async fn erase_before(
    keeper: &Database,
    ambient: &Ambient,
    before: Timestamp,
) -> Result<u64, StoreError> {
    let condition = "personal.event_id < $1";
    let value = EventId::earliest(before).as_uuid();
    let because = json!({ "before": before.to_string() });
    erase(keeper, ambient, condition, value.into(), because).await
}

/// Erases what is personal of the events of an account: what happened to it, by whomever; of
/// how many. What its owner did to others is those others' history, and stays with it.
///
/// # Errors
/// The database's.
pub async fn erase_account(
    keeper: &Database,
    ambient: &Ambient,
    account: AccountId,
) -> Result<u64, StoreError> {
    let condition = "personal.target_id = $1";
    let because = json!({ "of": "an account" });
    erase(
        keeper,
        ambient,
        condition,
        account.to_string().into(),
        because,
    )
    .await
}

/// What is not sealed yet stays until it is: a seal must have seen what it commits to. The
/// event of an erasure says how many there were of each day of sealing: what is missing beyond
/// that was cut.
async fn erase(
    keeper: &Database,
    ambient: &Ambient,
    condition: &str,
    value: SqlValue,
    because: Value,
) -> Result<u64, StoreError> {
    let mut erased = 0;
    loop {
        let transaction = begin(keeper).await?;
        let found = find_sealed(&transaction, condition, value.clone()).await?;
        if found.is_empty() {
            return Ok(erased);
        }
        let mut days: BTreeMap<String, u64> = BTreeMap::new();
        for (_, day) in &found {
            *days.entry(day.to_string()).or_default() += 1;
        }
        let events = found.into_iter().map(|(event, _)| event);
        let gone = audit_personal::Entity::delete_many()
            .filter(audit_personal::Column::EventId.is_in(events))
            .exec(&transaction)
            .await?;
        let mut details = because.clone();
        details["events"] = gone.rows_affected.into();
        details["days"] = json!(days);
        end(transaction, ambient, Action::AuditErased, details).await?;
        erased += gone.rows_affected;
    }
}

/// Sealed events with something personal, each with the day of its seal.
async fn find_sealed(
    transaction: &DatabaseTransaction,
    condition: &str,
    value: SqlValue,
) -> Result<Vec<(Uuid, Date)>, StoreError> {
    let sql = format!(
        "select personal.event_id, seal.sealed_at from audit_personal personal \
         join audit_seal seal on seal.event_id = personal.event_id \
         where {condition} limit {MOST_AT_ONCE}"
    );
    let backend = transaction.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, [value]);
    let rows = transaction.query_all_raw(statement).await?;
    let read = |row: &QueryResult| {
        let at: i64 = row.try_get("", "sealed_at")?;
        Ok((row.try_get("", "event_id")?, day_of(instant(at)?)))
    };
    rows.iter().map(read).collect()
}

/// On SQLite this tells the triggers that the keeper is at work.
async fn begin(keeper: &Database) -> Result<DatabaseTransaction, StoreError> {
    let transaction = keeper.begin().await?;
    if transaction.get_database_backend() == DbBackend::Sqlite {
        let begin = "insert into audit_keeper (at_work) values (1)";
        execute(&transaction, begin, []).await?;
    }
    Ok(transaction)
}

async fn end(
    transaction: DatabaseTransaction,
    ambient: &Ambient,
    action: Action,
    details: Value,
) -> Result<(), StoreError> {
    let event = Event::new(action, Actor::Operator, Target::Trail).with(details);
    record(&transaction, ambient, event).await?;
    if transaction.get_database_backend() == DbBackend::Sqlite {
        execute(&transaction, "delete from audit_keeper", []).await?;
    }
    transaction.commit().await?;
    Ok(())
}

async fn execute<const N: usize>(
    transaction: &DatabaseTransaction,
    sql: &str,
    values: [SqlValue; N],
) -> Result<u64, StoreError> {
    let backend = transaction.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, values);
    Ok(transaction.execute_raw(statement).await?.rows_affected())
}
