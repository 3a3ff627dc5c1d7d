//! Tries that are counted, slowed down, forgiven and forgotten.

use std::time::Duration;

use domain::throttle::ThrottlePolicy;
use jiff::Timestamp;
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use store::ephemeral::{Attempt, EphemeralStore, Kind, Place};

use crate::{
    after, at, at_once,
    stores::{on_every_store, sql_stores},
};

const POLICY: ThrottlePolicy = ThrottlePolicy::ACCOUNT;

const CLAIRE: Place<'static> = Place {
    kind: Kind::AccountFailures,
    key: "claire",
};

fn wait(seconds: u64) -> Attempt {
    Attempt::Wait(Duration::from_secs(seconds))
}

async fn try_at(store: &dyn EphemeralStore, seconds: u64) -> Attempt {
    store
        .reserve_attempt(CLAIRE, &POLICY, at(seconds))
        .await
        .unwrap()
}

async fn use_up_the_free_tries(store: &dyn EphemeralStore) {
    for _ in 0..POLICY.free {
        assert!(is_allowed(&try_at(store, 0).await));
    }
}

#[tokio::test]
async fn five_tries_are_free_then_waits_double_up_to_a_minute() {
    on_every_store(async |store| {
        use_up_the_free_tries(&*store).await;
        let mut now = 0;
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
            assert_eq!(try_at(&*store, now).await, wait(seconds));
            assert_eq!(try_at(&*store, now + seconds - 1).await, wait(1));
            now += seconds;
            assert!(is_allowed(&try_at(&*store, now).await));
        }
    })
    .await;
}

#[tokio::test]
async fn a_try_that_was_refused_does_not_prolong_the_wait() {
    on_every_store(async |store| {
        use_up_the_free_tries(&*store).await;
        for _ in 0..10 {
            assert_eq!(try_at(&*store, 0).await, wait(1));
        }
        assert!(is_allowed(&try_at(&*store, 1).await));
    })
    .await;
}

#[tokio::test]
async fn failures_are_forgotten_after_a_while_without_one() {
    on_every_store(async |store| {
        use_up_the_free_tries(&*store).await;
        assert!(is_allowed(&try_at(&*store, 1).await));
        let forgotten = 1 + POLICY.forget_after.as_secs();
        assert!(is_allowed(&try_at(&*store, forgotten - 1).await));
        assert_eq!(try_at(&*store, forgotten - 1).await, wait(4));
        let forgotten = forgotten - 1 + POLICY.forget_after.as_secs();
        for _ in 0..POLICY.free {
            assert!(is_allowed(&try_at(&*store, forgotten).await));
        }
        assert_eq!(try_at(&*store, forgotten).await, wait(1));
    })
    .await;
}

#[tokio::test]
async fn a_try_that_is_forgiven_was_never_counted() {
    on_every_store(async |store| {
        for _ in 0..50 {
            assert!(is_allowed(&try_at(&*store, 0).await));
            store.forgive_attempt(CLAIRE, at(0)).await.unwrap();
        }
        use_up_the_free_tries(&*store).await;
        assert_eq!(try_at(&*store, 0).await, wait(1));
        store.forgive_attempt(CLAIRE, at(0)).await.unwrap();
        assert!(is_allowed(&try_at(&*store, 0).await));
        assert_eq!(try_at(&*store, 0).await, wait(1));
    })
    .await;
}

#[tokio::test]
async fn forgiving_what_was_never_counted_changes_nothing() {
    on_every_store(async |store| {
        store.forgive_attempt(CLAIRE, at(0)).await.unwrap();
        assert!(is_allowed(&try_at(&*store, 0).await));
        for _ in 0..3 {
            store.forgive_attempt(CLAIRE, at(0)).await.unwrap();
        }
        use_up_the_free_tries(&*store).await;
        assert_eq!(try_at(&*store, 0).await, wait(1));
    })
    .await;
}

#[tokio::test]
async fn a_count_that_is_removed_starts_anew() {
    on_every_store(async |store| {
        use_up_the_free_tries(&*store).await;
        let cleared = store.remove(CLAIRE, at(0)).await.unwrap();
        assert_eq!(cleared.as_deref(), Some(""));
        assert_eq!(store.remove(CLAIRE, at(0)).await.unwrap(), None);
        use_up_the_free_tries(&*store).await;
        assert_eq!(try_at(&*store, 0).await, wait(1));
    })
    .await;
}

#[tokio::test]
async fn counts_of_other_kinds_and_keys_do_not_meet() {
    on_every_store(async |store| {
        use_up_the_free_tries(&*store).await;
        let others = [
            (Kind::KnownBrowserFailures, "claire"),
            (Kind::NetworkFailures, "claire"),
            (Kind::AccountFailures, "nadia"),
        ];
        for (kind, key) in others {
            let other = Place { kind, key };
            store.forgive_attempt(other, at(0)).await.unwrap();
            assert_eq!(store.remove(other, at(0)).await.unwrap(), None);
            let tried = store.reserve_attempt(other, &POLICY, at(0)).await.unwrap();
            assert!(is_allowed(&tried));
        }
        assert_eq!(try_at(&*store, 0).await, wait(1));
    })
    .await;
}

#[tokio::test]
async fn a_free_try_does_not_wait_for_a_clock_that_is_a_little_behind() {
    on_every_store(async |store| {
        assert!(is_allowed(&try_at(&*store, 5).await));
        assert!(is_allowed(&try_at(&*store, 4).await));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_tries_at_once_get_no_more_than_the_free_ones() {
    on_every_store(async |store| {
        let tries = at_once(
            200,
            &store,
            |store, _| async move { try_at(&*store, 0).await },
        )
        .await;
        let allowed = tries.iter().filter(|attempt| is_allowed(attempt));
        assert_eq!(allowed.count(), 5);
        assert!(
            tries
                .iter()
                .all(|attempt| is_allowed(attempt) || *attempt == wait(1))
        );
        let tries = at_once(
            50,
            &store,
            |store, _| async move { try_at(&*store, 1).await },
        )
        .await;
        let allowed = tries.iter().filter(|attempt| is_allowed(attempt));
        assert_eq!(allowed.count(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_sweep_drops_counts_that_are_forgotten() {
    for fresh in sql_stores().await {
        try_at(&*fresh.store, 0).await;
        let forgotten = POLICY.forget_after.as_secs();
        assert_eq!(fresh.store.sweep(at(forgotten - 1)).await.unwrap(), 0);
        assert_eq!(fresh.store.sweep(at(forgotten)).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn the_longest_policy_does_not_overflow() {
    let endless = ThrottlePolicy {
        free: 0,
        first_wait: Duration::MAX,
        longest_wait: Duration::MAX,
        forget_after: Duration::MAX,
    };
    on_every_store(async |store| {
        let now = at(0);
        let tried = store.reserve_attempt(CLAIRE, &endless, now).await.unwrap();
        assert!(is_allowed(&tried));
        let tried = store.reserve_attempt(CLAIRE, &endless, now).await.unwrap();
        assert!(matches!(tried, Attempt::Wait(left) if left > Duration::from_hours(876_000_000)));
    })
    .await;
}

#[tokio::test]
async fn every_store_follows_any_policy_through_any_history() {
    let cases = samples(&(policies(), prop::collection::vec(steps(), 1..40)), 40);
    on_every_store(async |store| {
        for (index, (policy, history)) in cases.iter().enumerate() {
            let key = format!("case {index}");
            let place = Place {
                kind: Kind::NetworkFailures,
                key: &key,
            };
            follow(&*store, place, policy, history).await;
        }
    })
    .await;
}

async fn follow(
    store: &dyn EphemeralStore,
    place: Place<'_>,
    policy: &ThrottlePolicy,
    history: &[Step],
) {
    let mut model = Model::default();
    let mut elapsed = Duration::ZERO;
    for (index, step) in history.iter().enumerate() {
        let told = || format!("step {index} of {history:?} under {policy:?}");
        match step {
            Step::Pass(duration) => elapsed += *duration,
            Step::PassTheWait => elapsed += model.left(policy, after(elapsed)),
            Step::PassAlmostTheWait => {
                let left = model.left(policy, after(elapsed));
                elapsed += left.saturating_sub(Duration::from_millis(1));
            }
            Step::Try => {
                let expected = model.try_at(policy, after(elapsed));
                let tried = store.reserve_attempt(place, policy, after(elapsed)).await;
                assert_eq!(tried.unwrap(), expected, "{}", told());
            }
            Step::Forgive => {
                model.forgive(after(elapsed));
                store.forgive_attempt(place, after(elapsed)).await.unwrap();
            }
        }
    }
}

/// What the trait promises, in the plainest words.
#[derive(Default)]
struct Model {
    failures: u32,
    last: Timestamp,
    forgotten: Timestamp,
}

impl Model {
    fn left(&self, policy: &ThrottlePolicy, now: Timestamp) -> Duration {
        if now >= self.forgotten {
            return Duration::ZERO;
        }
        let end = self.last + policy.wait_after(self.failures);
        Duration::try_from(end.duration_since(now)).unwrap_or_default()
    }

    fn try_at(&mut self, policy: &ThrottlePolicy, now: Timestamp) -> Attempt {
        let left = self.left(policy, now);
        if !left.is_zero() {
            return Attempt::Wait(left);
        }
        let failures = if now < self.forgotten {
            self.failures
        } else {
            0
        };
        *self = Self {
            failures: failures + 1,
            last: now,
            forgotten: now + policy.forget_after,
        };
        Attempt::Allowed {
            failures: self.failures,
        }
    }

    fn forgive(&mut self, now: Timestamp) {
        if now < self.forgotten {
            self.failures = self.failures.saturating_sub(1);
        }
    }
}

const fn is_allowed(attempt: &Attempt) -> bool {
    matches!(attempt, Attempt::Allowed { .. })
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Try,
    Forgive,
    Pass(Duration),
    PassTheWait,
    PassAlmostTheWait,
}

fn steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => Just(Step::Try),
        1 => Just(Step::Forgive),
        5 => Just(Step::PassTheWait),
        2 => Just(Step::PassAlmostTheWait),
        1 => milliseconds(0..20_000).prop_map(Step::Pass),
    ]
}

fn policies() -> impl Strategy<Value = ThrottlePolicy> {
    let forget_after = prop_oneof![milliseconds(1..20_000), Just(Duration::from_hours(24))];
    (
        0..6_u32,
        milliseconds(0..3_000),
        milliseconds(0..60_000),
        forget_after,
    )
        .prop_map(
            |(free, first_wait, longest_wait, forget_after)| ThrottlePolicy {
                free,
                first_wait,
                longest_wait,
                forget_after,
            },
        )
}

fn milliseconds(range: std::ops::Range<u64>) -> impl Strategy<Value = Duration> {
    range.prop_map(Duration::from_millis)
}

fn samples<Of: Strategy>(strategy: &Of, count: usize) -> Vec<Of::Value> {
    let mut runner = TestRunner::default();
    (0..count)
        .map(|_| strategy.new_tree(&mut runner).unwrap().current())
        .collect()
}
