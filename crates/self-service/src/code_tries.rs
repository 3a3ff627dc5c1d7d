//! A code that somebody types who is not signed in: each try is counted for the whole
//! service before it is made, so that one code cannot be tried on many accounts.

use std::{fmt::Display, time::Duration};

use web::{PageError, TextKey};

use crate::{
    limits::{self, Limit},
    state::SelfService,
};

/// For how long nobody's code is looked at, once too many were wrong in the whole service.
const BRAKE: Duration = Duration::from_mins(10);

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
    let allowed = limits::allows(app, Limit::WrongCodes, "").await;
    if !allowed.map_err(unavailable)? {
        app.counters.braked_code();
        tracing::warn!("too many wrong codes in the whole service: none is looked at");
        return Err(PageError::too_many(BRAKE));
    }
    let fault = match attempt.await.map_err(unavailable)? {
        Tried::Right(opened) => {
            give_back(app).await?;
            return Ok(Ok(opened));
        }
        Tried::Over => {
            give_back(app).await?;
            return Ok(Err(TextKey::new("recovery-code-over")));
        }
        Tried::Wrong { left: 0 } => TextKey::new("recovery-code-over"),
        Tried::Wrong { .. } => TextKey::new("recovery-code-wrong"),
    };
    app.counters.wrong_code();
    Ok(Err(fault))
}

async fn give_back(app: &SelfService) -> Result<(), PageError> {
    let given = limits::give_back(app, Limit::WrongCodes, "").await;
    given.map_err(unavailable)
}

fn unavailable(error: impl Display) -> PageError {
    tracing::error!(%error, "a store failed");
    PageError::busy(Duration::from_secs(5))
}
