//! Messages to be delivered: rows of the transaction that causes them.
//!
//! Any node delivers any message. A node takes a message under a *lease*: one guarded
//! UPDATE puts its next attempt off, so that no other node takes it meanwhile, and a
//! node that dies gives it back by time. A message is therefore delivered at least
//! once; its Message-ID, which comes from the row's id, is the same each time.
//!
//! What a message says and to whom is sealed, and wiped with the message's end.

mod backlog;

use std::time::Duration;

use domain::{
    ambient::Ambient,
    contact::Channel,
    ids::{AccountId, MessageId},
};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{
        CommonTableExpression, Expr, ExprTrait, IntoTableRef, LockBehavior, LockType, Order, Query,
        SelectStatement, SimpleExpr,
    },
};

pub use self::backlog::{Backlog, ListedMessage, MessageState, backlog, find_parked, list};
use crate::{
    entity::outbox,
    error::StoreError,
    time::{instant, millis},
    vault::Vault,
};

/// What the vault knows the payload as.
const PAYLOAD: &str = "message";

/// A message to be written.
#[derive(Clone, Copy, Debug)]
pub struct NewMessage<'a> {
    /// Whose account it is about, if any.
    pub account: Option<AccountId>,
    /// By which way it goes.
    pub channel: Channel,
    /// The name of its template: what logs call it.
    pub template: &'a str,
    /// Its language: `fr` or `en`.
    pub locale: &'a str,
    /// After this it is not worth delivering.
    pub expires_at: Timestamp,
    /// What it says and to whom; sealed here.
    pub payload: &'a [u8],
}

/// Writes a message, in the transaction of the change that it tells of.
///
/// # Errors
/// The database's.
pub async fn enqueue(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    vault: &Vault,
    new: NewMessage<'_>,
) -> Result<MessageId, StoreError> {
    let id = MessageId::new(ambient);
    let now = millis(ambient.now());
    let row = outbox::ActiveModel {
        id: Set(id.as_uuid()),
        account_id: Set(new.account.map(|account| account.as_uuid())),
        channel: Set(new.channel.as_str().to_owned()),
        template: Set(new.template.to_owned()),
        locale: Set(new.locale.to_owned()),
        sealed: Set(Some(vault.seal(PAYLOAD, new.payload))),
        state: Set(MessageState::Pending.as_str().to_owned()),
        attempts: Set(0),
        next_attempt_at: Set(now),
        expires_at: Set(millis(new.expires_at)),
        created_at: Set(now),
        ended_at: Set(None),
        cause: Set(None),
    };
    outbox::Entity::insert(row)
        .exec_without_returning(connection)
        .await?;
    Ok(id)
}

/// A message that this process alone may deliver until its lease ends.
#[derive(Clone, Debug)]
pub struct LeasedMessage {
    /// Its id.
    pub id: MessageId,
    /// By which way it goes.
    pub channel: Channel,
    /// The name of its template.
    pub template: String,
    /// Its language: `fr` or `en`.
    pub locale: String,
    /// Which attempt this is, from 1. It marks the lease too: a later one counts higher.
    pub attempt: u32,
    /// After this it is not worth delivering.
    pub expires_at: Timestamp,
    /// When it was written.
    pub created_at: Timestamp,
    sealed: String,
}

impl LeasedMessage {
    /// What it says and to whom.
    ///
    /// # Errors
    /// [`StoreError::Unsealable`].
    pub fn open(&self, vault: &Vault) -> Result<Vec<u8>, StoreError> {
        vault.open(PAYLOAD, &self.sealed)
    }
}

/// Takes up to `most` messages that are due, for the length of `lease`, the longest due
/// first. Nodes that ask at once get different messages.
///
/// # Errors
/// The database's, or [`StoreError::Malformed`].
pub async fn lease(
    connection: &impl ConnectionTrait,
    now: Timestamp,
    lease: Duration,
    most: u32,
) -> Result<Vec<LeasedMessage>, StoreError> {
    let end = millis(now.saturating_add(lease).unwrap_or(Timestamp::MAX));
    let mut update = outbox::Entity::update_many()
        .col_expr(outbox::Column::NextAttemptAt, Expr::value(end))
        .col_expr(
            outbox::Column::Attempts,
            Expr::col(outbox::Column::Attempts).add(1),
        )
        .filter(outbox::Column::Id.in_subquery(ids_of(DUE)))
        .filter(is_pending())
        .filter(outbox::Column::NextAttemptAt.lte(millis(now)));
    update.query().with_cte(due(now, most));
    let rows = update.exec_with_returning(connection).await?;
    let mut leased = rows
        .into_iter()
        .map(from_row)
        .collect::<Result<Vec<_>, _>>()?;
    leased.sort_by_key(|message| message.id);
    Ok(leased)
}

/// The message was handed over. Whether it had not ended yet.
///
/// It counts whoever holds the lease: what was handed over must not go out again.
///
/// # Errors
/// The database's.
pub async fn delivered(
    connection: &impl ConnectionTrait,
    id: MessageId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let which = outbox::Column::Id.eq(id.as_uuid());
    end(connection, MessageState::Delivered, None, now, which).await
}

/// The message came too late. Whether this lease still held.
///
/// # Errors
/// The database's.
pub async fn expired(
    connection: &impl ConnectionTrait,
    leased: &LeasedMessage,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let which = is_leased(leased);
    end(connection, MessageState::Expired, None, now, which).await
}

/// The message cannot be delivered, however often one tries. `cause` is kept for
/// operators: it names nobody. Whether this lease still held.
///
/// # Errors
/// The database's.
pub async fn parked(
    connection: &impl ConnectionTrait,
    leased: &LeasedMessage,
    now: Timestamp,
    cause: &str,
) -> Result<bool, StoreError> {
    let which = is_leased(leased);
    end(connection, MessageState::Parked, Some(cause), now, which).await
}

/// The attempt failed; the next may come after `backoff`, or at the message's end,
/// which wipes it. `cause` is kept as that of [`parked`]. Whether this lease still held.
///
/// # Errors
/// The database's.
pub async fn retry_later(
    connection: &impl ConnectionTrait,
    leased: &LeasedMessage,
    now: Timestamp,
    backoff: Duration,
    cause: &str,
) -> Result<bool, StoreError> {
    let next = now.saturating_add(backoff).unwrap_or(Timestamp::MAX);
    let next = millis(next.min(leased.expires_at));
    let changed = outbox::Entity::update_many()
        .col_expr(outbox::Column::NextAttemptAt, Expr::value(next))
        .col_expr(outbox::Column::Cause, Expr::value(cause))
        .filter(is_leased(leased))
        .filter(is_pending())
        .exec(connection)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// The name under which the lease's UPDATE knows the messages that are due.
const DUE: &str = "due";

/// The messages that are due. PostgreSQL passes over rows that another node is taking;
/// SQLite has one writer anyway.
///
/// Materialised: as a plain subquery, PostgreSQL may run it once for each row, and every
/// run passes over what the one before took, whatever its limit.
fn due(now: Timestamp, most: u32) -> CommonTableExpression {
    let chosen = ids_of(outbox::Entity)
        .and_where(is_pending())
        .and_where(outbox::Column::NextAttemptAt.lte(millis(now)))
        .order_by(outbox::Column::NextAttemptAt, Order::Asc)
        .limit(most.into())
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .take();
    CommonTableExpression::new()
        .table_name(DUE)
        .column(outbox::Column::Id)
        .materialized(true)
        .query(chosen)
        .to_owned()
}

fn ids_of(table: impl IntoTableRef) -> SelectStatement {
    Query::select()
        .column(outbox::Column::Id)
        .from(table)
        .take()
}

fn is_pending() -> SimpleExpr {
    is_in(MessageState::Pending)
}

/// A literal, not a parameter: only so does a plan see that a partial index applies.
fn is_in(state: MessageState) -> SimpleExpr {
    let literal = SimpleExpr::Constant(state.as_str().into());
    outbox::Column::State.into_expr().eq(literal)
}

/// A lease that has passed to another node has a higher attempt.
fn is_leased(leased: &LeasedMessage) -> SimpleExpr {
    outbox::Column::Id
        .eq(leased.id.as_uuid())
        .and(outbox::Column::Attempts.eq(leased.attempt))
}

async fn end(
    connection: &impl ConnectionTrait,
    state: MessageState,
    cause: Option<&str>,
    now: Timestamp,
    which: SimpleExpr,
) -> Result<bool, StoreError> {
    let mut update = outbox::Entity::update_many();
    if let Some(cause) = cause {
        update = update.col_expr(outbox::Column::Cause, Expr::value(cause));
    }
    let changed = update
        .col_expr(outbox::Column::State, Expr::value(state.as_str()))
        .col_expr(outbox::Column::Sealed, Expr::value(None::<String>))
        .col_expr(outbox::Column::EndedAt, Expr::value(millis(now)))
        .filter(which)
        .filter(is_pending())
        .exec(connection)
        .await?;
    Ok(changed.rows_affected == 1)
}

fn from_row(row: outbox::Model) -> Result<LeasedMessage, StoreError> {
    Ok(LeasedMessage {
        id: MessageId::from_uuid(row.id),
        channel: Channel::parse(&row.channel).ok_or(malformed("channel"))?,
        template: row.template,
        locale: row.locale,
        attempt: u32::try_from(row.attempts).map_err(|_| malformed("attempts"))?,
        expires_at: instant(row.expires_at)?,
        created_at: instant(row.created_at)?,
        sealed: row.sealed.ok_or(malformed("sealed"))?,
    })
}

const fn malformed(what: &'static str) -> StoreError {
    StoreError::Malformed {
        table: "outbox",
        what,
    }
}
