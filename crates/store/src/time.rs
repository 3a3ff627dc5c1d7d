//! Times and dates as columns hold them.

use jiff::{Timestamp, civil::Date};

use crate::error::StoreError;

/// An instant as a column holds it: UTC milliseconds since the epoch.
pub fn millis(instant: Timestamp) -> i64 {
    instant.as_millisecond()
}

/// The instant that a column holds.
///
/// # Errors
/// [`StoreError::Malformed`] outside of years −9999 to 9999.
pub fn instant(millis: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(millis).map_err(|_| StoreError::Malformed {
        table: "any",
        what: "time out of range",
    })
}

/// The date that a column holds, as `YYYY-MM-DD`.
///
/// # Errors
/// [`StoreError::Malformed`].
pub fn date(text: Option<&str>) -> Result<Option<Date>, StoreError> {
    let malformed = |_| StoreError::Malformed {
        table: "any",
        what: "not a date",
    };
    text.map(|text| text.parse().map_err(malformed)).transpose()
}
