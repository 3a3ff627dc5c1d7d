//! What operators see of the outbox: how much waits, what was given up and why. Never
//! to whom or what.

use domain::{contact::Channel, ids::MessageId};
use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::{is_in, malformed};
use crate::{entity::outbox, error::StoreError, time::instant};

/// Where a message stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MessageState {
    /// It will be tried, or tried again.
    Pending,
    /// It was handed over.
    Delivered,
    /// It came too late.
    Expired,
    /// It was given up.
    Parked,
}

impl MessageState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Delivered, Self::Expired, Self::Parked];

    /// The value in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Expired => "expired",
            Self::Parked => "parked",
        }
    }

    /// Reads the value.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// How much of the outbox needs an eye.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Backlog {
    /// Messages that wait for an attempt.
    pub pending: u64,
    /// Messages that were given up, for as long as their rows are kept.
    pub parked: u64,
    /// When the oldest of those that wait was written.
    pub oldest_pending: Option<Timestamp>,
}

/// Counts what waits and what was given up, each by its own partial index.
///
/// # Errors
/// The database's, or [`StoreError::Malformed`].
pub async fn backlog(connection: &impl ConnectionTrait) -> Result<Backlog, StoreError> {
    let pending = counted(connection, MessageState::Pending).await?;
    let parked = counted(connection, MessageState::Parked).await?;
    Ok(Backlog {
        pending: count(pending.messages)?,
        parked: count(parked.messages)?,
        oldest_pending: pending.oldest.map(instant).transpose()?,
    })
}

#[derive(FromQueryResult)]
struct Counted {
    messages: i64,
    oldest: Option<i64>,
}

async fn counted(
    connection: &impl ConnectionTrait,
    state: MessageState,
) -> Result<Counted, StoreError> {
    let counted = outbox::Entity::find()
        .select_only()
        .column_as(outbox::Column::Id.count(), "messages")
        .column_as(outbox::Column::CreatedAt.min(), "oldest")
        .filter(is_in(state))
        .into_model::<Counted>()
        .one(connection)
        .await?;
    counted.ok_or(malformed("state"))
}

fn count(messages: i64) -> Result<u64, StoreError> {
    u64::try_from(messages).map_err(|_| malformed("state"))
}

/// A message as an operator sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListedMessage {
    /// Its id: what the log calls `message_id`, and part of the Message-ID of a mail.
    pub id: MessageId,
    /// By which way it goes.
    pub channel: Channel,
    /// The name of its template.
    pub template: String,
    /// Where it stands.
    pub state: MessageState,
    /// How often it was tried.
    pub attempts: u32,
    /// Why the last attempt failed, in the courier's words.
    pub cause: Option<String>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When its next attempt is due, while it waits.
    pub next_attempt_at: Option<Timestamp>,
    /// When it ended, if it has.
    pub ended_at: Option<Timestamp>,
}

/// The latest messages, or those of one state, the newest first; `most` of them. For a
/// command: without an index on the state it may read the whole table.
///
/// # Errors
/// The database's, or [`StoreError::Malformed`].
pub async fn list(
    connection: &impl ConnectionTrait,
    state: Option<MessageState>,
    most: u64,
) -> Result<Vec<ListedMessage>, StoreError> {
    let mut query = outbox::Entity::find().order_by_desc(outbox::Column::Id);
    if let Some(state) = state {
        query = query.filter(is_in(state));
    }
    let rows = query.limit(most).all(connection).await?;
    rows.into_iter().map(listed).collect()
}

/// The latest messages that were given up, the newest first; `most` of them, by their own
/// partial index.
///
/// # Errors
/// The database's, or [`StoreError::Malformed`].
pub async fn find_parked(
    connection: &impl ConnectionTrait,
    most: u64,
) -> Result<Vec<ListedMessage>, StoreError> {
    let rows = outbox::Entity::find()
        .filter(is_in(MessageState::Parked))
        .order_by_desc(outbox::Column::EndedAt)
        .limit(most)
        .all(connection)
        .await?;
    rows.into_iter().map(listed).collect()
}

fn listed(row: outbox::Model) -> Result<ListedMessage, StoreError> {
    let state = MessageState::parse(&row.state).ok_or(malformed("state"))?;
    let next = (state == MessageState::Pending).then_some(row.next_attempt_at);
    Ok(ListedMessage {
        id: MessageId::from_uuid(row.id),
        channel: Channel::parse(&row.channel).ok_or(malformed("channel"))?,
        template: row.template,
        state,
        attempts: u32::try_from(row.attempts).map_err(|_| malformed("attempts"))?,
        cause: row.cause,
        created_at: instant(row.created_at)?,
        next_attempt_at: next.map(instant).transpose()?,
        ended_at: row.ended_at.map(instant).transpose()?,
    })
}
