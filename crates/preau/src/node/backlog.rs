//! How much of the outbox waits or was given up, among the metrics.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use domain::ambient::Ambient;
use jiff::Timestamp;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::gauge::ConstGauge,
    registry::Unit,
};
use store::{
    Database,
    outbox::{self, Backlog},
};

/// What was seen of the outbox when the metrics were last asked for. Every node tells the
/// same: the outbox is theirs together. Clones share it.
#[derive(Clone)]
pub(super) struct OutboxWatch {
    database: Database,
    ambient: Ambient,
    seen: Arc<Mutex<Option<Backlog>>>,
}

impl OutboxWatch {
    pub(super) fn new(database: Database, ambient: Ambient) -> Self {
        Self {
            database,
            ambient,
            seen: Arc::default(),
        }
    }

    /// Counts anew; what cannot be counted is not shown.
    pub(super) async fn look(&self) {
        let counted = outbox::backlog(self.database.reader()).await;
        if let Err(error) = &counted {
            tracing::warn!(%error, "the outbox cannot be counted");
        }
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = counted.ok();
    }

    /// In whole seconds, 0 where none waits.
    fn age_of_oldest(&self, backlog: &Backlog) -> i64 {
        let now = self.ambient.now();
        let age = |written: Timestamp| now.duration_since(written).as_secs().max(0);
        backlog.oldest_pending.map_or(0, age)
    }
}

impl fmt::Debug for OutboxWatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("OutboxWatch")
            .finish_non_exhaustive()
    }
}

impl Collector for OutboxWatch {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(backlog) = &*seen else { return Ok(()) };
        let mut show = |name, help, unit: Option<Unit>, value| {
            let gauge = ConstGauge::<i64>::new(value);
            let descriptor =
                encoder.encode_descriptor(name, help, unit.as_ref(), gauge.metric_type())?;
            gauge.encode(descriptor)
        };
        let pending = "Messages that wait for an attempt";
        show("outbox_pending", pending, None, signed(backlog.pending))?;
        let parked = "Messages that were given up in the last 30 days";
        show("outbox_parked", parked, None, signed(backlog.parked))?;
        let oldest = "Age of the oldest message that waits, 0 where none does";
        let age = self.age_of_oldest(backlog);
        show("outbox_oldest_pending", oldest, Some(Unit::Seconds), age)
    }
}

fn signed(messages: u64) -> i64 {
    i64::try_from(messages).unwrap_or(i64::MAX)
}
