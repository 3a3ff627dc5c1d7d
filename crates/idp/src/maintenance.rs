//! What a node does by itself: looks for new keys and registrations, rotates keys on
//! schedule, drops what has ended.

use std::{fmt::Display, future::Future, time::Duration};

use crate::app::App;

const SWEEP_EVERY: Duration = Duration::from_mins(1);

/// Runs until `shutdown` completes. A failed round is logged, and the next one tries
/// again: a node whose database is away keeps answering what it can. A long sweep does
/// not hold up the look for changes.
pub async fn run(app: App, shutdown: impl Future<Output = ()>) {
    let look_every = app
        .settings
        .keys
        .reload
        .duration()
        .max(Duration::from_millis(100));
    let looking = async {
        let mut round = tokio::time::interval(look_every);
        loop {
            round.tick().await;
            look_for_changes(&app).await;
        }
    };
    let sweeping = async {
        let mut round = tokio::time::interval(SWEEP_EVERY);
        loop {
            round.tick().await;
            clean_up(&app).await;
        }
    };
    tokio::select! {
        () = looking => {}
        () = sweeping => {}
        () = shutdown => {}
    }
}

async fn look_for_changes(app: &App) {
    report("registrations", app.clients.reload().await);
    report("keys", app.keys.reload().await);
    report("last uses", app.clients.write_uses().await);
}

async fn clean_up(app: &App) {
    let now = app.ambient.now();
    report("key rotation", app.keys.maintain().await);
    report("sweep", store::sweep::sweep(&app.database, now).await);
    report("ephemeral sweep", app.ephemeral.sweep(now).await);
    app.passwords.release_idle_memory();
}

fn report<T, E: Display>(what: &'static str, result: Result<T, E>) {
    if let Err(error) = result {
        tracing::warn!(%error, what, "a round of maintenance failed");
    }
}
