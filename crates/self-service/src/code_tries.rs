//! A code that somebody types who is not signed in: each try is counted for the whole
//! service before it is made, so that one code cannot be tried on many accounts.

use std::{fmt::Display, time::Duration};

use web::{PageError, TextKey};

use crate::{brake, state::SelfService};

/// What a typed code came to.
pub(crate) enum Tried<T> {
    /// It was right, and opened this.
    Right(T),
    /// It was not; so many tries are left.
    Wrong {
        /// Tries left; at none the code has ended.
        left: u32,
    },
    /// It has ended.
    Over,
}

/// What the code opened, or what to say above the field.
pub(crate) async fn check<T, E: Display>(
    app: &SelfService,
    attempt: impl Future<Output = Result<Tried<T>, E>>,
) -> Result<Result<T, TextKey>, PageError> {
    let counted = brake::reserve(app).await?;
    let fault = match attempt.await.map_err(unavailable)? {
        Tried::Right(opened) => {
            counted.was_not().await?;
            return Ok(Ok(opened));
        }
        Tried::Over => {
            counted.was_not().await?;
            return Ok(Err(TextKey::new("recovery-code-over")));
        }
        Tried::Wrong { left: 0 } => TextKey::new("recovery-code-over"),
        Tried::Wrong { .. } => TextKey::new("recovery-code-wrong"),
    };
    counted.was_wrong();
    Ok(Err(fault))
}

fn unavailable(error: impl Display) -> PageError {
    tracing::error!(%error, "a store failed");
    PageError::busy(Duration::from_secs(5))
}
