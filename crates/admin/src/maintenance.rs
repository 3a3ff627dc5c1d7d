//! What the desk's acts come to by themselves: those that wait for a day and need nobody.

use std::{future::Future, time::Duration};

use idp::App;

use crate::desk::carry_out_due;

const LOOK_EVERY: Duration = Duration::from_mins(1);

/// Runs until `shutdown` completes. A failed round is logged, and the next one tries again;
/// of two nodes that look at once one does it.
pub async fn run(app: App, shutdown: impl Future<Output = ()>) {
    let looking = async {
        let mut round = tokio::time::interval(LOOK_EVERY);
        loop {
            round.tick().await;
            if let Err(error) = carry_out_due(&app).await {
                tracing::warn!(%error, "acts that are due could not be carried out");
            }
        }
    };
    tokio::select! {
        () = looking => {}
        () = shutdown => {}
    }
}
