//! The audit trail's worker on this node, and how far it is behind, among the metrics.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
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
    audit::{self, Backlog, sealer::Sealer},
};

/// How often a worker looks: with its lease this keeps to the five seconds in which an event
/// is sealed, also where the node that sealed before is gone.
const EVERY: Duration = Duration::from_secs(1);
/// Of failures that go on, one in so many is told.
const TOLD: u32 = 60;

/// Seals until the node stops, and once more then.
pub(super) async fn seal(sealer: Sealer, stopped: impl Future<Output = ()>) {
    let mut failures = 0;
    let working = async {
        let mut round = tokio::time::interval(EVERY);
        round.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            round.tick().await;
            seal_once(&sealer, &mut failures).await;
        }
    };
    tokio::select! {
        () = working => {}
        () = stopped => {}
    }
    seal_once(&sealer, &mut failures).await;
}

async fn seal_once(sealer: &Sealer, failures: &mut u32) {
    match sealer.seal_pending().await {
        Ok(_) if *failures > 0 => {
            tracing::info!("the audit trail is sealed again");
            *failures = 0;
        }
        Ok(_) => {}
        Err(error) => {
            if failures.is_multiple_of(TOLD) {
                tracing::error!(%error, "the audit trail is not sealed: events wait");
            }
            *failures += 1;
        }
    }
}

/// What was seen of the trail when the metrics were last asked for. Every node tells the
/// same: the trail is theirs together. Clones share it.
#[derive(Clone)]
pub(super) struct TrailWatch {
    database: Database,
    ambient: Ambient,
    seen: Arc<Mutex<Option<Backlog>>>,
}

impl TrailWatch {
    pub(super) fn new(database: Database, ambient: Ambient) -> Self {
        Self {
            database,
            ambient,
            seen: Arc::default(),
        }
    }

    /// Counts anew; what cannot be counted is not shown.
    pub(super) async fn look(&self) {
        let counted = audit::backlog(self.database.reader()).await;
        if let Err(error) = &counted {
            tracing::warn!(%error, "what waits of the audit trail cannot be counted");
        }
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = counted.ok();
    }

    /// In whole seconds, 0 where none waits.
    fn age_of_oldest(&self, backlog: &Backlog) -> i64 {
        let now = self.ambient.now();
        let age = |at: Timestamp| now.duration_since(at).as_secs().max(0);
        backlog.oldest_pending.map_or(0, age)
    }
}

impl fmt::Debug for TrailWatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TrailWatch").finish_non_exhaustive()
    }
}

impl Collector for TrailWatch {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(backlog) = &*seen else { return Ok(()) };
        let mut show = |name, help, unit: Option<Unit>, value| {
            let gauge = ConstGauge::<i64>::new(value);
            let descriptor =
                encoder.encode_descriptor(name, help, unit.as_ref(), gauge.metric_type())?;
            gauge.encode(descriptor)
        };
        let pending = "Events of the audit trail that wait for their seal";
        show("audit_pending", pending, None, signed(backlog.pending))?;
        let oldest = "Age of the oldest event that waits for its seal, 0 where none does";
        let age = self.age_of_oldest(backlog);
        show("audit_oldest_pending", oldest, Some(Unit::Seconds), age)?;
        let sequence = "The last place that was given in the audit trail";
        show(
            "audit_sealed_sequence",
            sequence,
            None,
            signed(backlog.sequence),
        )
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
