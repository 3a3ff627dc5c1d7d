//! The brake of the whole service on codes: whoever tries one code on many accounts from
//! many addresses meets it, whatever page they try it on (docs/SECURITY.md, Recovery).

use std::time::Duration;

use idp::app::unavailable;
use web::PageError;

use crate::{
    limits::{self, Limit},
    state::SelfService,
};

/// For how long nobody's code is looked at, once too many were wrong in the whole service.
const BRAKE: Duration = Duration::from_mins(10);

/// A try that may be made. It counts as a wrong one until it is known to be none.
#[must_use = "a try that was not wrong is given back"]
pub(crate) struct Try<'a>(&'a SelfService);

/// Counts a try before it is made: tries at once cannot outrun the count.
///
/// # Errors
/// A page, where none is looked at, or the store does not answer.
pub(crate) async fn reserve(app: &SelfService) -> Result<Try<'_>, PageError> {
    let allowed = limits::allows(app, Limit::WrongCodes, "").await;
    if allowed.map_err(unavailable)? {
        return Ok(Try(app));
    }
    app.counters.braked_code();
    tracing::warn!("too many wrong codes in the whole service: none is looked at");
    Err(PageError::too_many(BRAKE))
}

impl Try<'_> {
    /// It was a code, and the wrong one.
    pub(crate) fn was_wrong(self) {
        self.0.counters.wrong_code();
    }

    /// It was right, or there was no code to be wrong about.
    ///
    /// # Errors
    /// A page, where the store does not answer.
    pub(crate) async fn was_not(self) -> Result<(), PageError> {
        let given = limits::give_back(self.0, Limit::WrongCodes, "").await;
        given.map_err(unavailable)
    }
}
