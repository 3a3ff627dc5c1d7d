//! The audit trail's chain, on every database of the run: whatever is done to it from
//! behind is found at its place, and whatever is done to its worker breaks nothing.

#![expect(
    clippy::unwrap_used,
    reason = "a test's helpers fail like the test itself"
)]

#[path = "audit/keeping.rs"]
mod keeping;
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
        let verified = audit::verification::verify(trail.db(), &auditor).await;
        assert_eq!(verified.unwrap().broken, None);
        let strangers = Trail::new(fresh_databases().await.unwrap().remove(0)).await;
        let broken = audit::verification::verify(trail.db(), &strangers.keys().await).await;
        let broken = broken.unwrap().broken.unwrap();
        assert_eq!(broken.fault, audit::verification::Fault::HeadForged);
    }
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

#[tokio::test]
async fn an_event_is_found_by_everything_that_it_says() {
    for trail in Trail::all().await {
        let (claire, adam) = (
            AccountId::new(&trail.ambient),
            AccountId::new(&trail.ambient),
        );
        let ent = client("ent");
        let events = [
            Event::new(
                Action::SignedIn,
                Actor::Account(claire),
                Target::Account(claire),
            ),
            Event::new(
                Action::LinkReported,
                Actor::Account(claire),
                Target::Account(adam),
            ),
            Event::new(
                Action::ClientUpdated,
                Actor::Operator,
                Target::Client(ent.clone()),
            ),
            Event::new(
                Action::GrantRevoked,
                Actor::Client(ent.clone()),
                Target::Account(adam),
            )
            .at_client(&ent),
            Event::new(Action::AuditSearched, Actor::Account(claire), Target::Trail)
                .with_personal(json!({"person": adam})),
        ];
        for event in events {
            audit::record(trail.db().writer(), &trail.ambient, event)
                .await
                .unwrap();
            trail.clock.advance(Duration::from_secs(1));
        }
        trail.seal().await;
        let found = async |filter: Filter| -> Vec<String> {
            let reading = Reading::Forward(None);
            let found = search(trail.db().reader(), &filter, reading, 100)
                .await
                .unwrap();
            found
                .iter()
                .map(|found| found.action().to_owned())
                .collect()
        };
        let of = |change: &dyn Fn(&mut Filter)| {
            let mut filter = Filter::default();
            change(&mut filter);
            filter
        };
        let person = found(of(&|filter| filter.person = Some(adam))).await;
        assert_eq!(person, ["link.reported", "grant.revoked"]);
        let actor = ByWhom::Account(claire);
        let actor = found(of(&|filter| filter.actor = Some(actor.clone()))).await;
        assert_eq!(
            actor,
            ["account.signed_in", "link.reported", "audit.searched"]
        );
        let actor = ByWhom::Client(ent.clone());
        let actor = found(of(&|filter| filter.actor = Some(actor.clone()))).await;
        assert_eq!(actor, ["grant.revoked"]);
        let operator = ByWhom::Kind("operator".into());
        let operator = found(of(&|filter| filter.actor = Some(operator.clone()))).await;
        assert_eq!(operator, ["client.updated"]);
        let at_client = found(of(&|filter| filter.client = Some(ent.clone()))).await;
        assert_eq!(at_client, ["client.updated", "grant.revoked"]);
        let action = found(of(&|filter| {
            filter.action = Some("account.signed_in".into())
        }))
        .await;
        assert_eq!(action, ["account.signed_in"]);
        let second = trail.start + Duration::from_secs(1);
        let third = second + Duration::from_secs(1);
        let during = found(of(&|filter| {
            filter.from = Some(second);
            filter.until = Some(third);
        }))
        .await;
        assert_eq!(during, ["link.reported"]);
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
