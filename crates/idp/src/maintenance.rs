//! What a node does by itself: looks for new keys and registrations, rotates keys on
//! schedule, drops what has ended.

use std::{fmt::Display, future::Future, time::Duration};

use jiff::{SignedDuration, Timestamp};

use crate::{app::App, registrar::RegistrarFault};

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
    report("unused clients", drop_unused_clients(app).await);
    report("ephemeral sweep", app.ephemeral.sweep(now).await);
    app.passwords.release_idle_memory();
}

/// Clients that register themselves and never come would fill the room that there is for
/// them.
async fn drop_unused_clients(app: &App) -> Result<(), RegistrarFault> {
    let days = app.settings.clients.dynamic_unused_days;
    if days == 0 {
        return Ok(());
    }
    let kept = SignedDuration::from_hours(24 * i64::from(days));
    let since = app.ambient.now().saturating_sub(kept);
    let since = since.unwrap_or(Timestamp::MIN);
    let dropped = app.registrar.drop_unused(since).await?;
    if dropped > 0 {
        tracing::info!(dropped, "clients that nobody used were deleted");
    }
    Ok(())
}

fn report<T, E: Display>(what: &'static str, result: Result<T, E>) {
    if let Err(error) = result {
        tracing::warn!(%error, what, "a round of maintenance failed");
    }
}
