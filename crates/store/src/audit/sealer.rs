//! The worker that chains and seals events.
//!
//! Every node has one; the one that holds the lease works. What is pending is whatever has
//! no seal yet, whenever its transaction was committed: its place in the chain is given
//! here, so that a transaction that commits late is neither lost nor put before what is
//! sealed. A round is one transaction, which holds the worker's row: a worker that dies
//! leaves nothing half done, and one that overslept its lease finds the row taken.

use std::time::Duration;

use domain::ambient::Ambient;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait,
    QueryFilter, Statement, sea_query::Expr,
};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::{
    chain::{self, COLUMNS, Entry, Personal, Place},
    heads::{self, DayHead, RunningHead},
    keys::AuditKeys,
};
use crate::{
    db::Database,
    entity::{audit_day, audit_pending, audit_seal, audit_sealer},
    error::StoreError,
    time::{instant, millis},
    vault::Vault,
};

/// For how long a worker is the one, after its last round: a node that died is replaced
/// well within the five seconds that an event may wait.
pub const LEASE: Duration = Duration::from_secs(3);

/// Events of one transaction: on SQLite everybody who writes waits for it.
const MOST_AT_ONCE: u32 = 500;

/// The one row of `audit_sealer`.
const ROW: i32 = 1;

/// A node's worker.
#[derive(Debug)]
pub struct Sealer {
    database: Database,
    vault: Vault,
    ambient: Ambient,
    keys: Mutex<AuditKeys>,
    holder: Uuid,
    lease: Duration,
}

/// What a round came to.
enum Round {
    /// Another worker holds the lease.
    Another,
    /// So many events were sealed.
    Sealed(usize),
}

impl Sealer {
    /// A worker of its own name.
    ///
    /// # Errors
    /// As [`AuditKeys::load_or_create`].
    pub async fn new(
        database: Database,
        vault: Vault,
        ambient: Ambient,
    ) -> Result<Self, StoreError> {
        let keys = AuditKeys::load_or_create(&database, &vault, &ambient).await?;
        Ok(Self {
            holder: Uuid::from_bytes(ambient.random()),
            database,
            vault,
            ambient,
            keys: Mutex::new(keys),
            lease: LEASE,
        })
    }

    /// The same with another lease.
    #[must_use]
    pub const fn with_lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// Seals whatever is pending, if this worker may; how many events. Where nothing is to
    /// be done it only reads.
    ///
    /// # Errors
    /// The database's, or [`StoreError::AuditHead`] where the end of the chain is not what
    /// a worker signed: then nothing more is sealed before somebody has looked.
    pub async fn seal_pending(&self) -> Result<usize, StoreError> {
        let mut sealed = 0;
        while self.is_there_work().await? {
            match self.round().await? {
                Round::Another | Round::Sealed(0) => break,
                Round::Sealed(events) => sealed += events,
            }
        }
        Ok(sealed)
    }

    async fn is_there_work(&self) -> Result<bool, StoreError> {
        let reader = self.database.reader();
        let row = find_row(reader).await?;
        let now = self.ambient.now();
        let is_anothers = row.holder.is_some_and(|holder| holder != self.holder);
        if is_anothers && row.held_until > millis(now) {
            return Ok(false);
        }
        let pending = audit_pending::Entity::find().one(reader).await?;
        if pending.is_some() {
            return Ok(true);
        }
        let latest = heads::find_latest(reader).await?;
        Ok(open_since(&row, latest.as_ref()).is_some() && is_over(&row, now)?)
    }

    async fn round(&self) -> Result<Round, StoreError> {
        let transaction = self.database.begin().await?;
        // One moment for the whole round: a day that ends within it is closed by the next.
        let now = self.ambient.now();
        if !self.take_lease(&transaction, now).await? {
            return Ok(Round::Another);
        }
        let mut row = find_row(&transaction).await?;
        let mut latest = heads::find_latest(&transaction).await?;
        self.check_end(&transaction, &row, latest.as_ref()).await?;
        if let Some(first) = open_since(&row, latest.as_ref())
            && is_over(&row, now)?
        {
            let head = day_head(&row, first, latest.as_ref())?;
            let keys = self.keys.lock().await;
            latest = Some(head.insert(&transaction, &keys, &row.hash).await?);
        }
        let moment = moment(now, &row, latest.as_ref())?;
        let sealed = extend(&transaction, &mut row, moment).await?;
        self.sign_end(&transaction, row, latest.as_ref()).await?;
        transaction.commit().await?;
        Ok(Round::Sealed(sealed))
    }

    /// One guarded statement, which holds the row until the transaction ends.
    async fn take_lease(
        &self,
        transaction: &DatabaseTransaction,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let until = now.saturating_add(self.lease).unwrap_or(now);
        let free = Condition::any()
            .add(audit_sealer::Column::Holder.is_null())
            .add(audit_sealer::Column::Holder.eq(self.holder))
            .add(audit_sealer::Column::HeldUntil.lte(millis(now)));
        let taken = audit_sealer::Entity::update_many()
            .col_expr(audit_sealer::Column::Holder, Expr::value(self.holder))
            .col_expr(audit_sealer::Column::HeldUntil, Expr::value(millis(until)))
            .filter(audit_sealer::Column::Id.eq(ROW))
            .filter(free)
            .exec(transaction)
            .await?;
        Ok(taken.rows_affected == 1)
    }

    /// The chain goes on from what a worker signed, or not at all: whoever cut its end and
    /// wrote the row to match must not have it signed anew.
    async fn check_end(
        &self,
        transaction: &DatabaseTransaction,
        row: &audit_sealer::Model,
        latest: Option<&audit_day::Model>,
    ) -> Result<(), StoreError> {
        let said = RunningHead::of(row, latest);
        let Some(signature) = row.signature.as_deref() else {
            let is_new = row.sequence == 0 && row.hash == chain::NOTHING && latest.is_none();
            return if is_new {
                Ok(())
            } else {
                Err(StoreError::AuditHead)
            };
        };
        let mut keys = self.keys.lock().await;
        if !keys.are_latest(transaction).await? {
            *keys = AuditKeys::find(transaction, &self.vault).await?;
        }
        match RunningHead::open(signature, &keys) {
            Some(signed) if signed == said => Ok(()),
            _ => Err(StoreError::AuditHead),
        }
    }

    async fn sign_end(
        &self,
        transaction: &DatabaseTransaction,
        row: audit_sealer::Model,
        latest: Option<&audit_day::Model>,
    ) -> Result<(), StoreError> {
        let keys = self.keys.lock().await;
        let signature = RunningHead::of(&row, latest).sign(&keys)?;
        audit_sealer::Entity::update_many()
            .col_expr(audit_sealer::Column::Sequence, Expr::value(row.sequence))
            .col_expr(audit_sealer::Column::SealedAt, Expr::value(row.sealed_at))
            .col_expr(audit_sealer::Column::Hash, Expr::value(row.hash))
            .col_expr(audit_sealer::Column::Signature, Expr::value(signature))
            .filter(audit_sealer::Column::Id.eq(ROW))
            .exec(transaction)
            .await?;
        Ok(())
    }
}

/// Gives the next places, at a moment; how many.
async fn extend(
    transaction: &DatabaseTransaction,
    row: &mut audit_sealer::Model,
    moment: i64,
) -> Result<usize, StoreError> {
    let pending = find_pending(transaction).await?;
    if pending.is_empty() {
        return Ok(0);
    }
    row.sealed_at = moment;
    let mut seals = Vec::with_capacity(pending.len());
    let mut events = Vec::with_capacity(pending.len());
    for (entry, personal) in &pending {
        row.sequence += 1;
        let commitment = personal.as_ref().map(Personal::commitment);
        let place = Place {
            sequence: row.sequence,
            previous: &row.hash,
            sealed_at: row.sealed_at,
            entry,
            commitment: commitment.as_ref().map(<[u8; 32]>::as_slice),
        };
        row.hash = place.hash().to_vec();
        events.push(entry.id);
        seals.push(audit_seal::ActiveModel {
            sequence: Set(row.sequence),
            event_id: Set(entry.id),
            sealed_at: Set(row.sealed_at),
            commitment: Set(commitment.map(|bytes| bytes.to_vec())),
            hash: Set(row.hash.clone()),
        });
    }
    audit_seal::Entity::insert_many(seals)
        .exec_without_returning(transaction)
        .await?;
    audit_pending::Entity::delete_many()
        .filter(audit_pending::Column::EventId.is_in(events))
        .exec(transaction)
        .await?;
    Ok(pending.len())
}

/// The worker's row.
pub(super) async fn find_row(
    connection: &impl ConnectionTrait,
) -> Result<audit_sealer::Model, StoreError> {
    let row = audit_sealer::Entity::find_by_id(ROW)
        .one(connection)
        .await?;
    row.ok_or(StoreError::AuditHead)
}

/// The head of the day that is over, from a place to the last one.
fn day_head(
    row: &audit_sealer::Model,
    first: i64,
    latest: Option<&audit_day::Model>,
) -> Result<DayHead, StoreError> {
    Ok(DayHead {
        day: chain::day_of(instant(row.sealed_at)?),
        first,
        last: row.sequence,
        hash: chain::hex(&row.hash),
        previous: latest.map(heads::digest),
    })
}

/// The first place that no closed day holds, if there is one.
fn open_since(row: &audit_sealer::Model, latest: Option<&audit_day::Model>) -> Option<i64> {
    let first = latest.map_or(1, |day| day.last_sequence + 1);
    (row.sequence >= first).then_some(first)
}

/// Whether the day of the last seal is over.
fn is_over(row: &audit_sealer::Model, now: Timestamp) -> Result<bool, StoreError> {
    Ok(chain::day_of(instant(row.sealed_at)?) < chain::day_of(now))
}

/// When events are sealed: never before what is sealed, nor on a day that is closed, whatever
/// this node's clock says.
fn moment(
    now: Timestamp,
    row: &audit_sealer::Model,
    latest: Option<&audit_day::Model>,
) -> Result<i64, StoreError> {
    let moment = millis(now).max(row.sealed_at);
    let Some(latest) = latest else {
        return Ok(moment);
    };
    Ok(moment.max(millis(end_of(latest)?)))
}

/// When the day after a closed one begins.
fn end_of(day: &audit_day::Model) -> Result<Timestamp, StoreError> {
    let malformed = StoreError::Malformed {
        table: "audit_day",
        what: "day",
    };
    let date: Option<jiff::civil::Date> = day.day.parse().ok();
    let next = date.and_then(|date| date.checked_add(1.day()).ok());
    let start = next.and_then(|next| next.to_zoned_datetime(TimeZone::UTC).ok());
    start.map(|start| start.timestamp()).ok_or(malformed)
}

/// What has no seal, in the order of ids, which is that of time.
async fn find_pending(
    connection: &impl ConnectionTrait,
) -> Result<Vec<(Entry, Option<Personal>)>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from audit_pending pending \
         join audit_entry entry on entry.id = pending.event_id \
         left join audit_personal personal on personal.event_id = pending.event_id \
         left join audit_seal seal on seal.event_id = pending.event_id \
         where seal.event_id is null \
         order by pending.event_id limit {MOST_AT_ONCE}"
    );
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await?;
    let mut pending = Vec::with_capacity(rows.len());
    for row in &rows {
        if let Some(entry) = Entry::read(row)? {
            pending.push((entry, Personal::read(row)?));
        }
    }
    Ok(pending)
}
