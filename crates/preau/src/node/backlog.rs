//! How much of the outbox waits or was given up, among the metrics.

use ::metrics::{Gauge, Key, KeyName, Recorder, Unit};
use domain::ambient::Ambient;
use jiff::Timestamp;
use metrics_exporter_prometheus::PrometheusRecorder;
use store::{
    Database,
    outbox::{self, Backlog},
};

use super::metrics::METADATA;

const PENDING: &str = "preau_outbox_pending";
const PARKED: &str = "preau_outbox_parked";
const OLDEST: &str = "preau_outbox_oldest_pending_seconds";

/// Looks into the outbox whenever the metrics are asked for. Every node tells the same:
/// the outbox is theirs together.
pub(super) struct OutboxWatch {
    pub(super) database: Database,
    pub(super) ambient: Ambient,
}

/// Where it is shown.
pub(super) struct OutboxGauges {
    watch: OutboxWatch,
    pending: Gauge,
    parked: Gauge,
    oldest: Gauge,
}

impl OutboxGauges {
    pub(super) fn new(recorder: &PrometheusRecorder, watch: OutboxWatch) -> Self {
        describe(recorder);
        let registered = |name| recorder.register_gauge(&Key::from_name(name), &METADATA);
        Self {
            watch,
            pending: registered(PENDING),
            parked: registered(PARKED),
            oldest: registered(OLDEST),
        }
    }

    /// Counts anew; what cannot be counted is no number.
    pub(super) async fn show(&self) {
        match outbox::backlog(self.watch.database.reader()).await {
            Ok(backlog) => self.set(&backlog),
            Err(error) => {
                tracing::warn!(%error, "the outbox cannot be counted");
                for gauge in [&self.pending, &self.parked, &self.oldest] {
                    gauge.set(f64::NAN);
                }
            }
        }
    }

    fn set(&self, backlog: &Backlog) {
        let now = self.watch.ambient.now();
        let age = |written: Timestamp| now.duration_since(written).as_secs_f64().max(0.0);
        self.pending.set(number(backlog.pending));
        self.parked.set(number(backlog.parked));
        self.oldest.set(backlog.oldest_pending.map_or(0.0, age));
    }
}

fn number(messages: u64) -> f64 {
    u32::try_from(messages).unwrap_or(u32::MAX).into()
}

fn describe(recorder: &PrometheusRecorder) {
    let describe = |name, unit, text: &'static str| {
        recorder.describe_gauge(KeyName::from_const_str(name), unit, text.into());
    };
    describe(PENDING, None, "Messages that wait for an attempt.");
    let parked = "Messages that were given up in the last 30 days.";
    describe(PARKED, None, parked);
    let oldest = "Age of the oldest message that waits, 0 where none does.";
    describe(OLDEST, Some(Unit::Seconds), oldest);
}
