//! Whatever somebody does to the tables is found, and at its place.

use std::time::Duration;

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use store::{ConnectionTrait as _, StoreError, audit::verification::Fault};

use crate::trail::Trail;

/// Days of the trail that is tampered with, the last of them open.
const DAYS: i64 = 3;
/// Events of each day; on the first one more, of the key.
const EVENTS: u32 = 4;
/// The last place.
const LAST: i64 = DAYS * EVENTS as i64 + 1;

/// What somebody does.
#[derive(Clone, Copy, Debug)]
enum Act {
    CutEvent(i64),
    CutSeal(i64),
    CutBoth(i64),
    CutFrom(i64),
    ChangeEvent(i64, &'static str),
    ChangePersonal(i64, &'static str),
    CutPersonal(i64),
    ChangeSeal(i64, &'static str),
    SwapEvents(i64, i64),
    InsertPersonal,
    InsertEvent,
    InsertSeal,
    CutHead(i64),
    ChangeHead(i64, &'static str),
    TakeHeadOfAnotherDay(i64),
    MoveEnd(i64),
    CutEnd,
}

/// A column of `audit_entry`, and another value.
const ENTRY: [&str; 5] = [
    "at = at + 1",
    "action = 'account.signed_out'",
    "actor_kind = 'operator'",
    "client_id = 'ent'",
    "details = '{}'",
];
const PERSONAL: [&str; 4] = [
    "actor_id = 'another'",
    "target_id = null",
    "network = '203.0.113.0/24'",
    "details = '{\"session\":99}'",
];
const SEAL: [&str; 3] = [
    "sealed_at = sealed_at + 1",
    "commitment = hash",
    "hash = commitment",
];
const HEAD: [&str; 3] = [
    "hash = (select hash from audit_seal where sequence = 1)",
    "last_sequence = last_sequence + 1000",
    "signature = signature || 'A'",
];

fn acts() -> impl Strategy<Value = Act> {
    // Place 1 is the key's event, which has nothing personal.
    let place = 2..=LAST;
    let closed = 0..DAYS - 1;
    prop_oneof![
        place.clone().prop_map(Act::CutEvent),
        place.clone().prop_map(Act::CutSeal),
        place.clone().prop_map(Act::CutBoth),
        place.clone().prop_map(Act::CutFrom),
        (place.clone(), prop::sample::select(&ENTRY[..]))
            .prop_map(|(at, what)| Act::ChangeEvent(at, what)),
        (place.clone(), prop::sample::select(&PERSONAL[..]))
            .prop_map(|(at, what)| Act::ChangePersonal(at, what)),
        place.clone().prop_map(Act::CutPersonal),
        (place.clone(), prop::sample::select(&SEAL[..]))
            .prop_map(|(at, what)| Act::ChangeSeal(at, what)),
        (2..LAST)
            .prop_flat_map(|one| (Just(one), one + 1..=LAST))
            .prop_map(|(one, other)| Act::SwapEvents(one, other)),
        Just(Act::InsertPersonal),
        Just(Act::InsertEvent),
        Just(Act::InsertSeal),
        closed.clone().prop_map(Act::CutHead),
        (closed.clone(), prop::sample::select(&HEAD[..]))
            .prop_map(|(day, what)| Act::ChangeHead(day, what)),
        closed.prop_map(Act::TakeHeadOfAnotherDay),
        (1..LAST).prop_map(Act::MoveEnd),
        Just(Act::CutEnd),
    ]
}

/// A trail of some days, the last of them open.
async fn days(trail: &Trail) {
    for day in 0..DAYS {
        trail.signs_in(EVENTS).await;
        trail.seal().await;
        if day + 1 < DAYS {
            trail.clock.advance(Duration::from_hours(24));
        }
    }
    trail.takes_triggers_away().await;
    let whole = trail.verify().await;
    assert_eq!(whole.broken, None);
    assert_eq!((whole.sealed, whole.days), (LAST.unsigned_abs(), 2));
}

fn event_at(place: i64) -> String {
    format!("(select event_id from audit_seal where sequence = {place})")
}

fn nth_day(day: i64) -> String {
    format!("(select day from audit_day order by day limit 1 offset {day})")
}

impl Act {
    /// The statements of the act.
    fn statements(self) -> Vec<String> {
        let cut_event = |at| format!("delete from audit_entry where id = {}", event_at(at));
        let cut_seal = |at| format!("delete from audit_seal where sequence = {at}");
        match self {
            Self::CutEvent(at) => vec![cut_event(at)],
            Self::CutSeal(at) => vec![cut_seal(at)],
            Self::CutBoth(at) => vec![cut_event(at), cut_seal(at)],
            Self::CutFrom(at) => (at..=LAST)
                .flat_map(|at| [cut_event(at), cut_seal(at)])
                .collect(),
            Self::ChangeEvent(at, what) => {
                vec![format!(
                    "update audit_entry set {what} where id = {}",
                    event_at(at)
                )]
            }
            Self::ChangePersonal(at, what) => vec![format!(
                "update audit_personal set {what} where event_id = {}",
                event_at(at)
            )],
            Self::CutPersonal(at) => vec![format!(
                "delete from audit_personal where event_id = {}",
                event_at(at)
            )],
            Self::ChangeSeal(at, what) => {
                vec![format!(
                    "update audit_seal set {what} where sequence = {at}"
                )]
            }
            Self::SwapEvents(one, other) => vec![
                format!("update audit_seal set sequence = 1000 where sequence = {one}"),
                format!("update audit_seal set sequence = {one} where sequence = {other}"),
                format!("update audit_seal set sequence = {other} where sequence = 1000"),
            ],
            other => other.statements_on_rows_and_heads(),
        }
    }

    fn statements_on_rows_and_heads(self) -> Vec<String> {
        match self {
            Self::InsertPersonal => vec![format!(
                "insert into audit_personal select {}, salt, actor_id, target_id, network, details \
                 from audit_personal where event_id = {}",
                event_at(1),
                event_at(2)
            )],
            Self::InsertEvent => vec![format!(
                "insert into audit_entry select {}, at, action, actor_kind, actor_id, \
                 target_kind, target_id, client_id, details \
                 from audit_entry where id = {}",
                "salt_as_id",
                event_at(2)
            )],
            Self::InsertSeal => vec![
                "insert into audit_seal select sequence + 1, {new}, sealed_at, commitment, hash \
                 from audit_seal where sequence = {last}"
                    .replace("{last}", &LAST.to_string()),
            ],
            Self::CutHead(day) => {
                vec![format!(
                    "delete from audit_day where day = {}",
                    nth_day(day)
                )]
            }
            Self::ChangeHead(day, what) => {
                vec![format!(
                    "update audit_day set {what} where day = {}",
                    nth_day(day)
                )]
            }
            Self::TakeHeadOfAnotherDay(day) => vec![format!(
                "update audit_day set signature = (select signature from audit_day \
                 where day = {}) where day = {}",
                nth_day(1 - day),
                nth_day(day)
            )],
            Self::MoveEnd(at) => vec![format!(
                "update audit_sealer set sequence = {at}, \
                 hash = (select hash from audit_seal where sequence = {at})"
            )],
            Self::CutEnd => vec!["update audit_sealer set signature = null".to_owned()],
            other => unreachable!("{other:?}"),
        }
    }

    /// Where it is found: the place or none, and as what.
    fn is_found_at(self) -> (Option<i64>, &'static [Fault]) {
        match self {
            Self::CutEvent(at) => (Some(at), &[Fault::EventMissing]),
            Self::CutSeal(at) | Self::CutBoth(at) | Self::CutFrom(at) => {
                (Some(at), &[Fault::SealMissing])
            }
            Self::ChangeEvent(at, _) | Self::ChangeSeal(at, _) => {
                (Some(at), &[Fault::EventChanged])
            }
            Self::ChangePersonal(at, _) => (Some(at), &[Fault::PersonalChanged]),
            Self::SwapEvents(one, _) => (Some(one), &[Fault::EventChanged]),
            Self::CutPersonal(_) => (None, &[Fault::PersonalMissing]),
            Self::InsertPersonal => (Some(1), &[Fault::PersonalInserted]),
            Self::InsertEvent => (None, &[Fault::EventInserted]),
            Self::InsertSeal => (Some(LAST + 1), &[Fault::SealInserted]),
            Self::CutHead(_) => (None, &[Fault::HeadMissing, Fault::HeadMisplaced]),
            Self::ChangeHead(..) => (None, &[Fault::HeadChanged, Fault::HeadForged]),
            Self::TakeHeadOfAnotherDay(_) => (None, &[Fault::HeadChanged]),
            Self::MoveEnd(at) => (Some(at + 1), &[Fault::SealInserted]),
            Self::CutEnd => (Some(LAST), &[Fault::EndChanged]),
        }
    }
}

/// Does it, in a transaction that is undone after the look: the trail is used again.
async fn is_found(trail: &Trail, act: Act) {
    let is_sqlite = trail.db().backend() == sea_orm::DbBackend::Sqlite;
    let new = if is_sqlite {
        "randomblob(16)"
    } else {
        "gen_random_uuid()"
    };
    for table in TABLES {
        trail
            .sql(&format!(
                "create table kept_{table} as select * from {table}"
            ))
            .await;
    }
    let mut rows = 0;
    for statement in act.statements() {
        let statement = statement.replace("salt_as_id", new).replace("{new}", new);
        rows += trail.sql(&statement).await;
    }
    assert!(rows > 0, "{act:?} does something");
    let broken = trail.broken().await;
    let (place, faults) = act.is_found_at();
    let found = broken.sequence.map(u64::cast_signed);
    assert!(faults.contains(&broken.fault), "{act:?}: {broken}");
    assert_eq!(found, place, "{act:?}: {broken}");
    for table in TABLES {
        trail.sql(&format!("delete from {table}")).await;
        trail
            .sql(&format!("insert into {table} select * from kept_{table}"))
            .await;
        trail.sql(&format!("drop table kept_{table}")).await;
    }
    assert_eq!(trail.verify().await.broken, None, "after {act:?}");
}

const TABLES: [&str; 5] = [
    "audit_entry",
    "audit_personal",
    "audit_seal",
    "audit_day",
    "audit_sealer",
];

#[test]
fn whatever_is_cut_changed_inserted_or_reordered_is_found_at_its_place() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let trails = runtime.block_on(async {
        let trails = Trail::all().await;
        for trail in &trails {
            days(trail).await;
        }
        trails
    });
    let mut runner = TestRunner::new(Config {
        cases: 120,
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&acts(), |act| {
            for trail in &trails {
                runtime.block_on(is_found(trail, act));
            }
            Ok(())
        })
        .unwrap();
}

/// Whoever makes the whole chain fit what they changed does not have the key.
#[tokio::test]
async fn a_rewritten_chain_does_not_bear_our_signature() {
    for trail in Trail::all().await {
        days(&trail).await;
        // The same trail, of another service: every seal fits, every head is signed.
        let (others, own) = (Trail::all().await, trail.db().backend());
        let mut others = others.into_iter();
        let other = others.find(|other| other.db().backend() == own).unwrap();
        days(&other).await;
        let keys = trail.keys().await;
        let verified = store::audit::verification::verify(other.db(), &keys, &[]).await;
        let broken = verified.unwrap().broken.unwrap();
        assert_eq!(broken.fault, Fault::HeadForged);
    }
}

#[tokio::test]
async fn a_worker_does_not_sign_an_end_that_was_changed() {
    for trail in Trail::all().await {
        days(&trail).await;
        for statement in [
            format!("delete from audit_entry where id = {}", event_at(LAST)),
            format!("delete from audit_seal where sequence = {LAST}"),
            format!(
                "update audit_sealer set sequence = {0}, \
                 hash = (select hash from audit_seal where sequence = {0})",
                LAST - 1
            ),
        ] {
            assert_eq!(trail.sql(&statement).await, 1);
        }
        trail.signs_in(1).await;
        let refused = trail.try_to_seal().await.unwrap_err();
        assert!(matches!(refused, StoreError::AuditHead));
        assert_eq!(trail.broken().await.fault, Fault::EndChanged);
    }
}

/// What SQLite has in the place of roles.
#[tokio::test]
async fn sqlite_refuses_to_change_or_delete_what_was_written() {
    let test = store::testing::fresh_sqlite().await.unwrap();
    let trail = Trail::new(test).await;
    trail.signs_in(2).await;
    trail.seal().await;
    trail.clock.advance(Duration::from_hours(24));
    trail.seal().await;
    for table in [
        "audit_entry",
        "audit_personal",
        "audit_seal",
        "audit_day",
        "audit_key",
    ] {
        let column = match table {
            "audit_entry" => "action",
            "audit_personal" => "network",
            "audit_seal" => "sealed_at",
            "audit_day" => "signature",
            _ => "public_key",
        };
        for statement in [
            format!("delete from {table}"),
            format!("update {table} set {column} = {column}"),
        ] {
            let done = trail.db().writer().execute_unprepared(&statement).await;
            assert!(done.is_err(), "{statement}");
        }
    }
    assert_eq!(trail.verify().await.broken, None);
}
