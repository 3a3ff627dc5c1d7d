//! A clock that tests move.

use std::sync::{Arc, Mutex};

use domain::{ambient::Ambient, clock::Clock, entropy::SystemEntropy};
use jiff::{SignedDuration, Timestamp};

/// Stands still until it is told to move.
#[derive(Clone)]
pub(in crate::france_connect) struct HandClock(Arc<Mutex<Timestamp>>);

impl HandClock {
    pub(in crate::france_connect) fn ambient() -> (Self, Ambient) {
        let start = Timestamp::from_second(1_800_000_000).unwrap();
        let clock = Self(Arc::new(Mutex::new(start)));
        (clock.clone(), Ambient::new(clock, SystemEntropy))
    }

    pub(in crate::france_connect) fn pass(&self, time: SignedDuration) {
        *self.0.lock().unwrap() += time;
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}
