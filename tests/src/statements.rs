//! The SQL statements that the service ran, so that a test can ask for their plans.

use std::{
    collections::BTreeSet,
    fmt::Debug,
    sync::{Mutex, Once, PoisonError},
};

use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer,
    filter::filter_fn,
    layer::{Context, SubscriberExt},
    util::SubscriberInitExt,
};

static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
static COUNTED: Mutex<Counts> = Mutex::new(Counts {
    reads: 0,
    writes: 0,
});

/// Tables that a node looks at by itself, whatever is asked of it.
const OF_THE_NODE: [&str; 10] = [
    "registry",
    // When clients and their secrets were last used.
    "client_use",
    "client_secret",
    "signing_key",
    "outbox",
    "seaql_migrations",
    // The worker of the audit trail.
    "audit_pending",
    "audit_seal",
    "audit_day",
    "audit_key",
];

/// How many statements ran.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// That read.
    pub reads: usize,
    /// That write.
    pub writes: usize,
}

/// Statements since this was asked last, of the whole process; without what a node does
/// by itself. For a test that is alone in its process.
pub fn take_counts() -> Counts {
    std::mem::take(&mut COUNTED.lock().unwrap_or_else(PoisonError::into_inner))
}

fn count(text: &str) {
    let lower = text.to_ascii_lowercase();
    let mut counted = COUNTED.lock().unwrap_or_else(PoisonError::into_inner);
    if OF_THE_NODE.iter().any(|table| lower.contains(table)) {
        return;
    }
    if lower.starts_with("select") {
        counted.reads += 1;
    } else if ["insert", "update", "delete"]
        .iter()
        .any(|verb| lower.starts_with(verb))
    {
        counted.writes += 1;
    }
}

/// Begins to write statements down, once in a process.
pub fn record() {
    static BEGUN: Once = Once::new();
    BEGUN.call_once(|| {
        let queries = filter_fn(is_query);
        let begun = tracing_subscriber::registry()
            .with(Recorder.with_filter(queries))
            .try_init();
        begun.expect("nobody else observes this process");
    });
}

/// All statements so far, of all tests of this process.
pub fn seen() -> BTreeSet<String> {
    SEEN.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn is_query(metadata: &Metadata<'_>) -> bool {
    metadata.target() == "sqlx::query" && *metadata.level() <= Level::DEBUG
}

struct Recorder;

impl<S: Subscriber> Layer<S> for Recorder {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut statement = Statement::default();
        event.record(&mut statement);
        let text = if statement.whole.trim().is_empty() {
            statement.summary
        } else {
            statement.whole
        };
        count(text.trim());
        SEEN.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(text.trim().to_owned());
    }
}

#[derive(Default)]
struct Statement {
    summary: String,
    whole: String,
}

impl Visit for Statement {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.clone_into(&mut self.whole),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}
