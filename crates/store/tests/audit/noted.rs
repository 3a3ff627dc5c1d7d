//! Ends of the chain that were noted elsewhere: they tell what nothing in the database can.

use std::time::Duration;

use jiff::civil::date;
use store::audit::{Noted, keeping::prune, verification::Fault};

use crate::trail::Trail;

const TABLES: [&str; 6] = [
    "audit_entry",
    "audit_personal",
    "audit_seal",
    "audit_day",
    "audit_sealer",
    "audit_pending",
];

/// A trail of three closed days and an open one, with the end of each as it was in the
/// evening, and in the middle of the first.
async fn days(trail: &Trail) -> (Noted, Vec<Noted>) {
    trail.signs_in(2).await;
    trail.seal().await;
    let noon = trail.end().await;
    let mut evenings = Vec::new();
    for _ in 0..3 {
        trail.signs_in(3).await;
        trail.seal().await;
        evenings.push(trail.end().await);
        trail.clock.advance(Duration::from_hours(24));
    }
    trail.signs_in(3).await;
    trail.seal().await;
    evenings.push(trail.end().await);
    (noon, evenings)
}

#[tokio::test]
async fn a_chain_comes_to_every_end_that_was_noted_of_it() {
    for trail in Trail::all().await {
        let nothing = trail.end().await;
        let (noon, mut noted) = days(&trail).await;
        noted.extend([nothing, noon]);
        let keys = trail.keys().await;
        assert_eq!(trail.verify_by(&keys, &noted).await.broken, None);
    }
}

/// Whoever puts yesterday's backup in the place of today leaves a chain that is whole.
#[tokio::test]
async fn an_earlier_state_that_was_put_back_does_not_come_so_far() {
    for trail in Trail::all().await {
        let (_, evenings) = days(&trail).await;
        trail.takes_triggers_away().await;
        for table in TABLES {
            let keep = format!("create table kept_{table} as select * from {table}");
            trail.sql(&keep).await;
        }
        trail.signs_in(2).await;
        trail.seal().await;
        let latest = trail.end().await;
        for table in TABLES {
            trail.sql(&format!("delete from {table}")).await;
            let restore = format!("insert into {table} select * from kept_{table}");
            trail.sql(&restore).await;
        }
        let keys = trail.keys().await;
        assert_eq!(trail.verify_by(&keys, &evenings).await.broken, None);
        let broken = trail
            .verify_by(&keys, std::slice::from_ref(&latest))
            .await
            .broken
            .unwrap();
        assert_eq!(broken.fault, Fault::EndsBeforeNoted);
        assert_eq!(broken.sequence, Some(latest.place()));
    }
}

/// Whoever has the master key as well can sign a chain of their own.
#[tokio::test]
async fn a_chain_that_was_made_anew_is_not_the_one_that_was_noted() {
    for (trail, other) in Trail::all().await.iter().zip(Trail::all().await) {
        let (_, evenings) = days(trail).await;
        let (_, others) = days(&other).await;
        let keys = other.keys().await;
        assert_eq!(other.verify_by(&keys, &others).await.broken, None);
        for (noted, place) in evenings.iter().zip(others) {
            let broken = other
                .verify_by(&keys, std::slice::from_ref(noted))
                .await
                .broken
                .unwrap();
            assert_eq!(broken.fault, Fault::NotAsNoted);
            assert_eq!(broken.sequence, Some(place.place()));
        }
    }
}

#[tokio::test]
async fn of_pruned_days_the_ends_are_compared_and_the_rest_is_said_to_be_gone() {
    for (trail, other) in Trail::all().await.iter().zip(Trail::all().await) {
        let (noon, evenings) = days(trail).await;
        let (_, others) = days(&other).await;
        let pruned = prune(trail.db(), &trail.ambient, date(2026, 9, 24)).await;
        assert_eq!(pruned.unwrap().days.len(), 2);
        trail.seal().await;
        let keys = trail.keys().await;
        let verified = trail.verify_by(&keys, &evenings).await;
        assert_eq!((verified.broken, verified.beyond_comparing), (None, 0));
        let verified = trail.verify_by(&keys, &[noon]).await;
        assert_eq!((verified.broken, verified.beyond_comparing), (None, 1));
        let broken = trail.verify_by(&keys, &others[..1]).await.broken.unwrap();
        assert_eq!(broken.fault, Fault::NotAsNoted);
    }
}
