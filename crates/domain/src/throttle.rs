//! How long a person waits after failed tries (product.md, Signing in).

use std::time::Duration;

/// How tries under one key are slowed down. Never a lock-out: the wait is bounded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ThrottlePolicy {
    /// Failures answered without delay.
    pub free: u32,
    /// The wait after the first failure past `free`; it doubles with each further one.
    pub first_wait: Duration,
    /// The longest wait.
    pub longest_wait: Duration,
    /// After this long without a failure the count starts anew.
    pub forget_after: Duration,
}

impl ThrottlePolicy {
    /// Of one account, from browsers that it does not know.
    pub const ACCOUNT: Self = Self {
        free: 5,
        first_wait: Duration::from_secs(1),
        longest_wait: Duration::from_mins(1),
        forget_after: Duration::from_hours(24),
    };

    /// Of one network: a whole school may sit behind one address.
    pub const NETWORK: Self = Self {
        free: 100,
        first_wait: Duration::from_secs(1),
        longest_wait: Duration::from_mins(1),
        forget_after: Duration::from_mins(10),
    };

    /// Of codes for one account's second factor, after a right password. Three of a million
    /// codes are right at a time: what goes on for a year at this pace finds one in forty.
    pub const SECOND_FACTOR: Self = Self {
        free: 5,
        first_wait: Duration::from_secs(30),
        longest_wait: Duration::from_hours(1),
        forget_after: Duration::from_hours(24),
    };

    /// The wait that must pass before the next try, once `failures` have been counted:
    /// none up to and including `free - 1`, then 1, 2, 4 … seconds for [`Self::ACCOUNT`].
    pub fn wait_after(&self, failures: u32) -> Duration {
        let Some(doublings) = failures.checked_sub(self.free) else {
            return Duration::ZERO;
        };
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        self.first_wait
            .saturating_mul(factor)
            .min(self.longest_wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_tries_are_free_then_waits_double_up_to_a_minute() {
        let waits: Vec<u64> = (0..14)
            .map(|failures| ThrottlePolicy::ACCOUNT.wait_after(failures).as_secs())
            .collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }

    #[test]
    fn the_wait_never_overflows() {
        assert_eq!(ThrottlePolicy::ACCOUNT.wait_after(u32::MAX).as_secs(), 60);
    }
}
