//! Pruning whole days, erasing what is personal.

use std::time::Duration;

use domain::{
    audit::{Action, Actor, Target},
    ids::AccountId,
};
use jiff::civil::date;
use serde_json::json;
use store::audit::{
    self, Event,
    keeping::{erase_account, erase_before, prune},
    search::{Filter, Reading, search},
    verification::Fault,
};

use crate::trail::Trail;

/// A trail of three closed days, from 22 September 2026, and an open one.
async fn days(trail: &Trail) -> Vec<AccountId> {
    let mut accounts = Vec::new();
    for _ in 0..3 {
        accounts.push(trail.signs_in(3).await);
        trail.seal().await;
        trail.clock.advance(Duration::from_hours(24));
    }
    accounts.push(trail.signs_in(3).await);
    trail.seal().await;
    accounts
}

/// Exactly what pruning removes of it, without the event that says so.
async fn cut_the_first_day(trail: &Trail) {
    for statement in [
        "delete from audit_personal where event_id in \
         (select event_id from audit_seal where sequence <= 4)",
        "delete from audit_entry where id in \
         (select event_id from audit_seal where sequence <= 4)",
        "delete from audit_seal where sequence <= 4",
    ] {
        assert!(trail.sql(statement).await > 0);
    }
}

#[tokio::test]
async fn pruned_days_leave_their_heads_and_a_whole_chain() {
    for trail in Trail::all().await {
        days(&trail).await;
        let before = date(2026, 9, 24);
        let pruned = prune(trail.db(), &trail.ambient, before).await.unwrap();
        assert_eq!(pruned.days, [date(2026, 9, 22), date(2026, 9, 23)]);
        assert_eq!(pruned.events, 7);
        let pending = trail.verify().await;
        assert_eq!(
            (pending.pruned, pending.pending, pending.broken),
            (7, 2, None)
        );
        trail.seal().await;
        let verified = trail.verify().await;
        assert_eq!(verified.broken, None);
        assert_eq!((verified.sealed, verified.pruned, verified.days), (8, 7, 3));
        let again = prune(trail.db(), &trail.ambient, before).await.unwrap();
        assert_eq!(again.events, 0);
    }
}

#[tokio::test]
async fn the_open_day_is_never_pruned() {
    for trail in Trail::all().await {
        days(&trail).await;
        let pruned = prune(trail.db(), &trail.ambient, date(2030, 1, 1))
            .await
            .unwrap();
        assert_eq!(pruned.days.len(), 3);
        trail.seal().await;
        let verified = trail.verify().await;
        assert_eq!((verified.sealed, verified.broken), (6, None));
    }
}

#[tokio::test]
async fn events_that_were_removed_without_the_command_are_missed() {
    for trail in Trail::all().await {
        days(&trail).await;
        trail.takes_triggers_away().await;
        cut_the_first_day(&trail).await;
        assert_eq!(trail.broken().await.fault, Fault::PrunedUnrecorded);
    }
}

/// Whoever writes that a pruning went further than it did has cut no day lawfully.
#[tokio::test]
async fn a_pruning_that_was_made_up_excuses_nothing() {
    for trail in Trail::all().await {
        days(&trail).await;
        trail.takes_triggers_away().await;
        for details in [
            json!({ "day": "2026-09-24", "through_sequence": 4, "events": 4 }),
            json!({ "day": "2026-09-22", "through_sequence": 900, "events": 4 }),
        ] {
            let made_up = Event::new(Action::AuditPruned, Actor::Operator, Target::Trail);
            audit::record(trail.db().writer(), &trail.ambient, made_up.with(details))
                .await
                .unwrap();
        }
        trail.seal().await;
        cut_the_first_day(&trail).await;
        assert_eq!(trail.broken().await.fault, Fault::PrunedUnrecorded);
    }
}

/// What is personal of one event, cut from behind, is not taken for something erased.
#[tokio::test]
async fn personal_fields_that_were_cut_are_missed_beside_those_that_were_erased() {
    for trail in Trail::all().await {
        let accounts = days(&trail).await;
        erase_account(trail.db(), &trail.ambient, accounts[1])
            .await
            .unwrap();
        trail.seal().await;
        prune(trail.db(), &trail.ambient, date(2026, 9, 23))
            .await
            .unwrap();
        trail.seal().await;
        let verified = trail.verify().await;
        assert_eq!((verified.erased, verified.broken), (3, None));
        trail.takes_triggers_away().await;
        let cut = format!(
            "delete from audit_personal where event_id = \
             (select event_id from audit_personal where target_id = '{}' limit 1)",
            accounts[2]
        );
        assert_eq!(trail.sql(&cut).await, 1);
        let broken = trail.broken().await;
        assert_eq!(broken.fault, Fault::PersonalMissing);
        assert_eq!(broken.day, Some(date(2026, 9, 24)));
    }
}

/// What somebody did to others is those others' history.
#[tokio::test]
async fn whoever_is_erased_stays_the_author_of_what_happened_to_others() {
    for trail in Trail::all().await {
        let officer = AccountId::new(&trail.ambient);
        let pupil = AccountId::new(&trail.ambient);
        let given = Event::new(
            Action::ProvisionalPasswordGiven,
            Actor::Account(officer),
            Target::Account(pupil),
        );
        audit::record(trail.db().writer(), &trail.ambient, given)
            .await
            .unwrap();
        trail.seal().await;
        let erased = erase_account(trail.db(), &trail.ambient, officer).await;
        assert_eq!(erased.unwrap(), 0);
        let past = audit::find_on_account(trail.db().reader(), pupil, trail.start, 10).await;
        assert_eq!(past.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_head_of_a_pruned_day_must_stay() {
    for trail in Trail::all().await {
        days(&trail).await;
        prune(trail.db(), &trail.ambient, date(2026, 9, 24))
            .await
            .unwrap();
        trail.seal().await;
        trail.takes_triggers_away().await;
        assert_eq!(
            trail
                .sql("delete from audit_day where day = '2026-09-22'")
                .await,
            1
        );
        let broken = trail.broken().await;
        assert_eq!(broken.fault, Fault::HeadMisplaced);
        assert_eq!(broken.day, Some(date(2026, 9, 23)));
        assert_eq!(
            trail
                .sql("delete from audit_day where day = '2026-09-23'")
                .await,
            1
        );
        let broken = trail.broken().await;
        assert_eq!(
            (broken.sequence, broken.fault),
            (Some(1), Fault::SealMissing)
        );
    }
}

#[tokio::test]
async fn erased_people_are_nowhere_and_the_chain_holds() {
    for trail in Trail::all().await {
        let accounts = days(&trail).await;
        let erased = erase_account(trail.db(), &trail.ambient, accounts[1])
            .await
            .unwrap();
        assert_eq!(erased, 3);
        trail.seal().await;
        let verified = trail.verify().await;
        assert_eq!((verified.erased, verified.broken), (3, None));
        let reader = trail.db().reader();
        let past = audit::find_of_account(reader, accounts[1], trail.start, 10).await;
        assert!(past.unwrap().is_empty());
        let all = search(reader, &Filter::default(), Reading::Forward(None), 100)
            .await
            .unwrap();
        let text: String = all
            .iter()
            .map(|found| found.document().to_string())
            .collect();
        assert!(!text.contains(&accounts[1].to_string()));
        assert!(text.contains(&accounts[0].to_string()));
        assert_eq!(all.iter().filter(|found| found.is_erased()).count(), 3);
    }
}

#[tokio::test]
async fn what_is_personal_can_go_before_its_event() {
    for trail in Trail::all().await {
        days(&trail).await;
        let second_day = trail.start + Duration::from_hours(20);
        let erased = erase_before(trail.db(), &trail.ambient, second_day)
            .await
            .unwrap();
        assert_eq!(erased, 3);
        let verified = trail.verify().await;
        assert_eq!((verified.erased, verified.broken), (3, None));
        // An event that waits must be seen whole by its seal.
        trail.signs_in(1).await;
        trail.clock.advance(Duration::from_hours(1));
        let now = trail.ambient.now();
        assert_eq!(
            erase_before(trail.db(), &trail.ambient, now).await.unwrap(),
            9
        );
        trail.seal().await;
        assert_eq!(trail.verify().await.broken, None);
    }
}
