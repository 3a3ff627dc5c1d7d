//! A throttle policy in terms that a statement and a script can compute with.

use std::time::Duration;

use domain::throttle::ThrottlePolicy;
use jiff::Timestamp;

use crate::time::millis;

/// The waits of a policy as a rule over whole milliseconds: none below `free` failures,
/// then `first`, doubled by each further failure, and `longest` once there are
/// `doublings` of them. It agrees with [`ThrottlePolicy::wait_after`] wherever the
/// policy's own waits are whole milliseconds, and never overflows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Ladder {
    pub(super) free: i64,
    pub(super) first: i64,
    pub(super) doublings: i64,
    pub(super) longest: i64,
}

impl Ladder {
    pub(super) fn of(policy: &ThrottlePolicy) -> Self {
        let rung = |doublings| {
            whole_milliseconds(policy.wait_after(policy.free.saturating_add(doublings)))
        };
        let longest = rung(u32::BITS);
        let doublings = (0..u32::BITS).find(|doublings| rung(*doublings) == longest);
        Self {
            free: policy.free.into(),
            first: rung(0),
            doublings: doublings.unwrap_or(u32::BITS).into(),
            longest,
        }
    }

    /// The wait in milliseconds, once `failures` have been counted.
    pub(super) const fn wait_after(&self, failures: i64) -> i64 {
        let doublings = failures - self.free;
        if doublings < 0 {
            return 0;
        }
        if doublings < self.doublings {
            return self.first << doublings;
        }
        self.longest
    }
}

/// When failures counted until now are forgotten, UTC milliseconds.
pub(super) fn forgotten_at(policy: &ThrottlePolicy, now: Timestamp) -> i64 {
    millis(now) + whole_milliseconds(policy.forget_after)
}

fn whole_milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).map_or(LONGEST, |milliseconds| milliseconds.min(LONGEST))
}

/// Some 140 000 years. Scripts count in doubles: up to twice this they are exact.
const LONGEST: i64 = 1 << 52;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_ladder_agrees_with_the_policy(
            free in prop_oneof![0..200_u32, any::<u32>()],
            first in prop_oneof![0..5_000_u64, 0..1_u64 << 53],
            longest in prop_oneof![0..100_000_u64, 0..1_u64 << 53],
            failures in prop_oneof![0..300_u32, any::<u32>()],
            past_free in 0..40_u32,
        ) {
            let policy = ThrottlePolicy {
                free,
                first_wait: Duration::from_millis(first),
                longest_wait: Duration::from_millis(longest),
                forget_after: Duration::from_hours(1),
            };
            for failures in [failures, free.saturating_add(past_free)] {
                let expected = whole_milliseconds(policy.wait_after(failures));
                prop_assert_eq!(Ladder::of(&policy).wait_after(failures.into()), expected);
            }
        }
    }

    #[test]
    fn the_longest_durations_do_not_overflow() {
        let policy = ThrottlePolicy {
            free: u32::MAX,
            first_wait: Duration::MAX,
            longest_wait: Duration::MAX,
            forget_after: Duration::MAX,
        };
        assert_eq!(Ladder::of(&policy).wait_after(i64::MAX), LONGEST);
        assert!(forgotten_at(&policy, Timestamp::MAX) > LONGEST);
    }
}
