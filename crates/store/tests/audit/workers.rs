//! Writers and workers at once, transactions that commit late, workers that die.

use std::time::Duration;

use domain::ids::AccountId;
use store::audit;
use tokio::task::JoinSet;

use crate::trail::{Trail, record_sign_in, sign_in};

const WRITERS: u32 = 50;
const EVENTS: u32 = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_writers_and_workers_that_are_killed_leave_a_whole_chain() {
    for trail in Trail::all().await {
        let mut writers = JoinSet::new();
        for _ in 0..WRITERS {
            let (database, ambient) = (trail.db().clone(), trail.ambient.clone());
            let account = AccountId::new(&ambient);
            writers.spawn(async move {
                for number in 0..EVENTS {
                    record_sign_in(&database, &ambient, account, number)
                        .await
                        .unwrap();
                    tokio::task::yield_now().await;
                }
            });
        }
        let mut killed: u32 = 0;
        while !writers.is_empty() {
            let worker = trail.worker().await;
            let at_work = tokio::spawn(async move {
                loop {
                    // A worker may meet what the one before left locked for a moment.
                    let _ = worker.seal_pending().await;
                    tokio::task::yield_now().await;
                }
            });
            let lifetime = u64::from(trail.ambient.random::<1>()[0]) / 8;
            let ended = tokio::time::timeout(Duration::from_millis(lifetime), writers.join_next());
            if let Ok(Some(ended)) = ended.await {
                ended.unwrap();
            }
            at_work.abort();
            killed += 1;
        }
        assert!(killed > 1);
        trail.clock.advance(Duration::from_mins(1));
        trail.seal().await;
        let verified = trail.verify().await;
        assert_eq!(verified.broken, None);
        let events = u64::from(WRITERS * EVENTS) + 1;
        assert_eq!((verified.sealed, verified.pending), (events, 0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_at_once_seal_each_event_once() {
    for trail in Trail::all().await {
        trail.signs_in(700).await;
        let (one, other) = (trail.worker().await, trail.worker().await);
        let work = |worker: audit::sealer::Sealer| {
            tokio::spawn(async move {
                let mut sealed = 0;
                for _ in 0..20 {
                    sealed += worker.seal_pending().await.unwrap();
                }
                sealed
            })
        };
        let (one, other) = (work(one), work(other));
        assert_eq!(one.await.unwrap() + other.await.unwrap(), 701);
        let verified = trail.verify().await;
        assert_eq!((verified.sealed, verified.broken), (701, None));
    }
}

#[tokio::test]
async fn a_worker_is_alone_while_its_lease_lasts_and_replaced_after_it() {
    for trail in Trail::all().await {
        trail.signs_in(1).await;
        assert_eq!(trail.seal().await, 2);
        trail.signs_in(1).await;
        let other = trail.worker().await;
        assert_eq!(other.seal_pending().await.unwrap(), 0, "another's turn");
        trail.clock.advance(audit::sealer::LEASE);
        assert_eq!(other.seal_pending().await.unwrap(), 1, "its holder is gone");
    }
}

/// The order of ids is that of time, but not that of commits.
#[tokio::test]
async fn a_transaction_that_commits_late_is_neither_lost_nor_put_before() {
    for trail in Trail::all().await {
        if trail.db().backend() == sea_orm::DbBackend::Sqlite {
            // One writer: nothing commits after what began later.
            continue;
        }
        let account = AccountId::new(&trail.ambient);
        let late = trail.db().begin().await.unwrap();
        audit::record(&late, &trail.ambient, sign_in(account, 0))
            .await
            .unwrap();
        trail.clock.advance(Duration::from_secs(1));
        trail.signs_in(3).await;
        assert_eq!(trail.seal().await, 4);
        late.commit().await.unwrap();
        assert_eq!(trail.seal().await, 1);
        let verified = trail.verify().await;
        assert_eq!((verified.sealed, verified.broken), (5, None));
    }
}

#[tokio::test]
async fn a_transaction_that_is_undone_leaves_no_event() {
    for trail in Trail::all().await {
        let account = AccountId::new(&trail.ambient);
        let undone = trail.db().begin().await.unwrap();
        audit::record(&undone, &trail.ambient, sign_in(account, 0))
            .await
            .unwrap();
        undone.rollback().await.unwrap();
        assert_eq!(trail.seal().await, 1);
        assert_eq!(trail.verify().await.broken, None);
    }
}
