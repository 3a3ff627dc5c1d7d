//! How far sealing is behind, for metrics.

use jiff::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};

use super::sealer;
use crate::{error::StoreError, time::instant};

/// What waits for its seal, and how far the chain came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Backlog {
    /// Events that wait.
    pub pending: u64,
    /// When the oldest of them happened.
    pub oldest_pending: Option<Timestamp>,
    /// The last place that was given.
    pub sequence: u64,
}

#[derive(FromQueryResult)]
struct Counted {
    events: i64,
    oldest: Option<i64>,
}

/// Counts what waits.
///
/// # Errors
/// The database's.
pub async fn backlog(connection: &impl ConnectionTrait) -> Result<Backlog, StoreError> {
    let counting = Statement::from_string(
        connection.get_database_backend(),
        "select count(*) as events, min(entry.at) as oldest from audit_pending pending \
         join audit_entry entry on entry.id = pending.event_id",
    );
    let row = connection.query_one_raw(counting).await?;
    let counted = row.map(|row| Counted::from_query_result(&row, ""));
    let counted = counted.transpose()?.unwrap_or(Counted {
        events: 0,
        oldest: None,
    });
    let sealer = sealer::find_row(connection).await?;
    Ok(Backlog {
        pending: counted.events.unsigned_abs(),
        oldest_pending: counted.oldest.map(instant).transpose()?,
        sequence: sealer.sequence.unsigned_abs(),
    })
}
