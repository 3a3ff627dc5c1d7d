//! The audit trail's chain, on every database of the run: whatever is done to it from
//! behind is found at its place, and whatever is done to its worker breaks nothing.

#![expect(
    clippy::unwrap_used,
    reason = "a test's helpers fail like the test itself"
)]

#[path = "audit/keeping.rs"]
mod keeping;
#[path = "audit/noted.rs"]
mod noted;
#[path = "audit/roles.rs"]
mod roles;
#[path = "audit/tampering.rs"]
mod tampering;
#[path = "audit/trail.rs"]
mod trail;
#[path = "audit/upgrade.rs"]
mod upgrade;
#[path = "audit/workers.rs"]
mod workers;

use std::time::Duration;

use domain::{
    audit::{Action, Actor, Target},
    ids::AccountId,
};
use serde_json::json;
use store::{
    audit::{
        self, Event,
        search::{ByWhom, Filter, Reading, search},
    },
    testing::fresh_databases,
};

use self::trail::{Trail, client};

#[tokio::test]
async fn what_was_inserted_is_sealed_in_its_order_and_verified() {
    for trail in Trail::all().await {
        assert_eq!(trail.verify().await.sequence, 0, "an empty trail is whole");
        let account = trail.signs_in(5).await;
        let verified = trail.verify().await;
        // One more: the event of the trail's own key.
        assert_eq!((verified.sealed, verified.pending), (0, 6));
        assert_eq!(trail.seal().await, 6);
        assert_eq!(trail.seal().await, 0);
        let verified = trail.verify().await;
        assert_eq!((verified.sealed, verified.pending), (6, 0));
        assert_eq!(verified.broken, None);
        let past = audit::find_of_account(trail.db().reader(), account, trail.start, 10)
            .await
            .unwrap();
        assert_eq!(past.len(), 5);
        assert!(past.iter().all(|past| past.by_owner));
        assert_eq!(past[0].details["session"], 4);
        assert_eq!(past[0].network.as_deref(), Some("198.18.0.0/24"));
    }
}

#[tokio::test]
async fn each_closed_day_has_a_head_that_public_keys_verify() {
    for trail in Trail::all().await {
        for _ in 0..3 {
            trail.signs_in(2).await;
            trail.seal().await;
            trail.clock.advance(Duration::from_hours(24));
        }
        trail.seal().await;
        let verified = trail.verify().await;
        assert_eq!((verified.days, verified.broken), (3, None));
        let public = trail.keys().await.public();
        let auditor = audit::AuditKeys::from_public(&public).unwrap();
        let verified = audit::verification::verify(trail.db(), &auditor, &[]).await;
        assert_eq!(verified.unwrap().broken, None);
        let strangers = Trail::new(fresh_databases().await.unwrap().remove(0)).await;
        let broken = audit::verification::verify(trail.db(), &strangers.keys().await, &[]).await;
        let broken = broken.unwrap().broken.unwrap();
        assert_eq!(broken.fault, audit::verification::Fault::HeadForged);
    }
}

/// Midnight falls between any two looks at the clock of a round.
#[tokio::test]
async fn a_day_that_ends_within_a_round_is_closed_by_its_own_head() {
    const NIGHTS: u32 = 9;
    for trail in Trail::all().await {
        for looks in 0..NIGHTS {
            let noon = until_midnight(&trail) + Duration::from_hours(12);
            trail.clock.advance(noon);
            trail.signs_in(1).await;
            trail.seal().await;
            // The day is open: its last event comes so many looks before its end.
            let before = Duration::from_secs(looks.into());
            let evening = until_midnight(&trail).checked_sub(before).unwrap();
            trail.clock.advance(evening);
            trail.clock.steps(Duration::from_secs(1));
            trail.signs_in(1).await;
            trail.seal().await;
            trail.clock.steps(Duration::ZERO);
            assert_eq!(trail.verify().await.broken, None, "{looks} looks before");
        }
        trail.clock.advance(Duration::from_hours(24));
        trail.signs_in(1).await;
        trail.seal().await;
        let verified = trail.verify().await;
        assert_eq!(verified.broken, None);
        assert!(verified.days >= NIGHTS.into(), "{}", verified.days);
    }
}

fn until_midnight(trail: &Trail) -> Duration {
    let now = trail
        .ambient
        .now()
        .to_zoned_datetime(jiff::tz::TimeZone::UTC);
    let midnight = now.tomorrow().unwrap().start_of_day().unwrap();
    now.duration_until(&midnight).unsigned_abs()
}

#[tokio::test]
async fn a_later_key_signs_and_the_earlier_one_still_verifies() {
    for trail in Trail::all().await {
        trail.signs_in(1).await;
        trail.seal().await;
        trail.clock.advance(Duration::from_hours(24));
        trail.seal().await;
        audit::AuditKeys::rotate(trail.db(), &trail.vault, &trail.ambient)
            .await
            .unwrap();
        trail.signs_in(1).await;
        assert!(trail.seal().await > 0);
        let verified = trail.verify().await;
        assert_eq!((verified.days, verified.broken), (1, None));
    }
}

#[tokio::test]
async fn a_clock_that_goes_back_does_not_break_the_chain() {
    for trail in Trail::all().await {
        trail.signs_in(1).await;
        trail.seal().await;
        trail.clock.advance(Duration::from_hours(24));
        trail.seal().await;
        trail.clock.go_back(Duration::from_hours(30));
        trail.signs_in(1).await;
        trail.seal().await;
        trail.clock.advance(Duration::from_hours(72));
        trail.signs_in(1).await;
        trail.seal().await;
        assert_eq!(trail.verify().await.broken, None);
    }
}

/// Claire signs in, reports her link to Adam, and searches the trail; an operator changes a
/// client, which revokes Adam's grant: each a second after another.
async fn everything_happens(trail: &Trail) -> [AccountId; 2] {
    let [claire, adam] = [(); 2].map(|()| AccountId::new(&trail.ambient));
    let ent = client("ent");
    let by_claire = |action, target| Event::new(action, Actor::Account(claire), target);
    let revoked = Event::new(
        Action::GrantRevoked,
        Actor::Client(ent.clone()),
        Target::Account(adam),
    );
    let events = [
        by_claire(Action::SignedIn, Target::Account(claire)),
        by_claire(Action::LinkReported, Target::Account(adam)),
        Event::new(
            Action::ClientUpdated,
            Actor::Operator,
            Target::Client(ent.clone()),
        ),
        revoked.at_client(&ent),
        by_claire(Action::AuditSearched, Target::Trail).with_personal(json!({ "person": adam })),
    ];
    for event in events {
        audit::record(trail.db().writer(), &trail.ambient, event)
            .await
            .unwrap();
        trail.clock.advance(Duration::from_secs(1));
    }
    trail.seal().await;
    [claire, adam]
}

/// The actions of what a filter finds, the oldest first.
async fn found(trail: &Trail, change: impl FnOnce(&mut Filter)) -> Vec<String> {
    let mut filter = Filter::default();
    change(&mut filter);
    let found = search(trail.db().reader(), &filter, Reading::Forward(None), 100).await;
    let found = found.unwrap();
    found
        .iter()
        .map(|found| found.action().to_owned())
        .collect()
}

#[tokio::test]
async fn an_event_is_found_by_the_people_of_it() {
    for trail in Trail::all().await {
        let [claire, adam] = everything_happens(&trail).await;
        let person = found(&trail, |filter| filter.person = Some(adam)).await;
        assert_eq!(person, ["link.reported", "grant.revoked"]);
        let by = |actor| {
            found(&trail, move |filter: &mut Filter| {
                filter.actor = Some(actor);
            })
        };
        let by_claire = ["account.signed_in", "link.reported", "audit.searched"];
        assert_eq!(by(ByWhom::Account(claire)).await, by_claire);
        assert_eq!(by(ByWhom::Client(client("ent"))).await, ["grant.revoked"]);
        assert_eq!(
            by(ByWhom::Kind("operator".into())).await,
            ["client.updated"]
        );
    }
}

#[tokio::test]
async fn an_event_is_found_by_client_action_and_time() {
    for trail in Trail::all().await {
        everything_happens(&trail).await;
        let at_client = found(&trail, |filter| filter.client = Some(client("ent"))).await;
        assert_eq!(at_client, ["client.updated", "grant.revoked"]);
        let signed_in = "account.signed_in".to_owned();
        let action = found(&trail, |filter| filter.action = Some(signed_in)).await;
        assert_eq!(action, ["account.signed_in"]);
        let second = trail.start + Duration::from_secs(1);
        let during = found(&trail, |filter| {
            filter.from = Some(second);
            filter.until = Some(second + Duration::from_secs(1));
        });
        assert_eq!(during.await, ["link.reported"]);
    }
}

#[tokio::test]
async fn pages_of_a_search_follow_one_another() {
    for trail in Trail::all().await {
        trail.signs_in(10).await;
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let filter = Filter::default();
            let reader = trail.db().reader();
            let page = search(reader, &filter, Reading::Backward(after), 3)
                .await
                .unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.id());
            seen.extend(page.iter().map(audit::search::Found::id));
        }
        assert_eq!(seen.len(), 11);
        assert!(seen.is_sorted_by(|one, next| one > next));
    }
}

#[tokio::test]
async fn hundreds_of_events_are_inserted_at_once() {
    for trail in Trail::all().await {
        let account = AccountId::new(&trail.ambient);
        let event = |number: u32| {
            let target = Target::Account(account);
            let event = Event::new(Action::AccountUpdated, Actor::Operator, target);
            event.with(json!({ "number": number }))
        };
        let events = (0..1234).map(event);
        audit::record_all(trail.db().writer(), &trail.ambient, events)
            .await
            .unwrap();
        assert_eq!(trail.seal().await, 1235);
        assert_eq!(trail.verify().await.broken, None);
    }
}
