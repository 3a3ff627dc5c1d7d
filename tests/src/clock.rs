//! A clock that tests move.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use domain::{ambient::Ambient, clock::Clock};
use jiff::{Timestamp, ToSpan};

/// Begins at the machine's time, then goes on by a millisecond with each look at it, so
/// that of two events one is always the later, and by whatever a test moves it.
#[derive(Clone)]
pub struct TestClock(Arc<Inner>);

struct Inner {
    begin: Timestamp,
    moved: AtomicI64,
}

impl TestClock {
    /// A clock that shows the machine's time now.
    #[expect(
        clippy::new_without_default,
        reason = "each has a beginning of its own"
    )]
    pub fn new() -> Self {
        Self::at(Ambient::system().now())
    }

    /// A clock that shows this time.
    pub fn at(begin: Timestamp) -> Self {
        Self(Arc::new(Inner {
            begin,
            moved: AtomicI64::new(0),
        }))
    }

    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).expect("tests move the clock by years at most");
        self.0.moved.fetch_add(by, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        self.0.begin + self.0.moved.fetch_add(1, Ordering::SeqCst).milliseconds()
    }
}
