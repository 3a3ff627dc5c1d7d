//! What a node counts of attacks, for the operator's alarms (docs/SECURITY.md, Codes by
//! SMS). The binary shows it with its metrics.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts since the node started.
#[derive(Debug, Default)]
pub struct Counters {
    wrong_codes: AtomicU64,
    braked_codes: AtomicU64,
}

impl Counters {
    /// A typed code was wrong.
    pub fn wrong_code(&self) {
        self.wrong_codes.fetch_add(1, Ordering::Relaxed);
    }

    /// A code was not looked at, since the whole service saw too many wrong ones.
    pub fn braked_code(&self) {
        self.braked_codes.fetch_add(1, Ordering::Relaxed);
    }

    /// Wrong codes so far.
    pub fn wrong_codes(&self) -> u64 {
        self.wrong_codes.load(Ordering::Relaxed)
    }

    /// Codes that were not looked at so far: more than none is an alarm.
    pub fn braked_codes(&self) -> u64 {
        self.braked_codes.load(Ordering::Relaxed)
    }
}
