//! One suite over every ephemeral store: `SQLite` always, PostgreSQL and Redis where
//! `PREAU_TEST_POSTGRES` and `PREAU_TEST_REDIS` name servers, as `cargo xtask test` does.

#![expect(
    clippy::unwrap_used,
    reason = "a test's helpers fail like the test itself"
)]

#[path = "ephemeral/attempts.rs"]
mod attempts;
#[path = "ephemeral/entries.rs"]
mod entries;
#[path = "ephemeral/outages.rs"]
mod outages;
#[path = "ephemeral/stores.rs"]
mod stores;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use store::ephemeral::EphemeralStore;
use tokio::{sync::Barrier, task::JoinSet};

/// This many seconds after the tests' beginning of time.
fn at(seconds: u64) -> Timestamp {
    after(Duration::from_secs(seconds))
}

fn after(duration: Duration) -> Timestamp {
    let start: Timestamp = "2026-09-01T08:00:00Z".parse().unwrap();
    start + duration
}

/// The answers of as many tasks, which all `act` at once.
async fn at_once<Answer, Acting>(
    tasks: usize,
    store: &Arc<dyn EphemeralStore>,
    act: impl Fn(Arc<dyn EphemeralStore>, usize) -> Acting,
) -> Vec<Answer>
where
    Answer: Send + 'static,
    Acting: Future<Output = Answer> + Send + 'static,
{
    let ready = Arc::new(Barrier::new(tasks));
    let mut running = JoinSet::new();
    for index in 0..tasks {
        let ready = Arc::clone(&ready);
        let acting = act(Arc::clone(store), index);
        running.spawn(async move {
            ready.wait().await;
            acting.await
        });
    }
    running.join_all().await
}
