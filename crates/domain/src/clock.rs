//! The time, as an argument.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// Tells the time. Production uses [`SystemClock`], tests one that they move.
pub trait Clock: Send + Sync + 'static {
    /// The current instant, UTC.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The civil date in metropolitan France at an instant: ages and school deadlines
/// follow the legal date, not the server's zone.
#[must_use]
pub fn legal_date(now: Timestamp) -> Date {
    let paris = TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC);
    paris.to_datetime(now).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_legal_date_is_the_one_in_paris() {
        let late: Timestamp = "2026-06-30T22:30:00Z".parse().unwrap();
        assert_eq!(legal_date(late), jiff::civil::date(2026, 7, 1));
    }
}
