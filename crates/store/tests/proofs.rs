//! One-time proofs on every database that this run can reach.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{sync::Arc, time::Duration};

use domain::{
    account::{AccountState, PasswordState, PersonKind},
    ambient::Ambient,
    code::OneTimeCode,
    identifier::AccountIdentifier,
    ids::{AccountId, ProofId},
    name::PersonName,
};
use jiff::{Timestamp, ToSpan};
use serde_json::json;
use store::{
    Database,
    accounts::{self, NewAccount},
    proofs::{self, CodeTry, NewProof, Purpose, TRIES_PER_CODE, TRIES_PER_DAY},
    testing::fresh_databases,
};
use tokio::{sync::Barrier, task::JoinSet};

const KEY: [u8; 32] = [7; 32];
const COUNTED_AS: [u8; 32] = [8; 32];
const MANY: usize = 50;

/// A database with one account.
struct World {
    database: Database,
    ambient: Ambient,
    account: AccountId,
}

impl World {
    async fn new(database: &Database) -> Self {
        let ambient = Ambient::system();
        let account = AccountId::new(&ambient);
        let new = NewAccount {
            id: account,
            kind: PersonKind::Guardian,
            identifier: AccountIdentifier::parse("c.martin1").unwrap(),
            state: AccountState::Active,
            name: PersonName {
                given: "Claire".into(),
                family: "MARTIN".into(),
            },
            birth_date: None,
            locale: "fr".into(),
            password: PasswordState::Chosen,
            password_hash: Some("hash".into()),
            additional_claims: serde_json::Map::new(),
        };
        let written = accounts::insert(database.writer(), &ambient, new).await;
        assert!(written.unwrap());
        Self {
            database: database.clone(),
            ambient,
            account,
        }
    }

    fn now(&self) -> Timestamp {
        self.ambient.now()
    }

    fn proof(&self, purpose: Purpose) -> NewProof {
        NewProof {
            purpose,
            account: Some(self.account),
            contact: Some("+33639980001".into()),
            details: json!({}),
            lifetime: Duration::from_mins(30),
        }
    }

    async fn code_of(&self, account: Option<AccountId>) -> (ProofId, OneTimeCode) {
        let new = NewProof {
            account,
            ..self.proof(Purpose::PasswordCode)
        };
        let transaction = self.database.begin().await.unwrap();
        let made = proofs::insert_code(&transaction, &self.ambient, &KEY, &COUNTED_AS, new).await;
        transaction.commit().await.unwrap();
        made.unwrap()
    }

    async fn code(&self) -> (ProofId, OneTimeCode) {
        self.code_of(Some(self.account)).await
    }

    async fn tries(&self, id: ProofId, typed: &OneTimeCode) -> CodeTry {
        tries(
            &self.database,
            Purpose::PasswordCode,
            id,
            Some(typed),
            self.now(),
        )
        .await
    }

    async fn fails(&self, id: ProofId, right: &OneTimeCode, times: i32) {
        for _ in 0..times {
            let tried = self.tries(id, &other_than(right)).await;
            assert!(matches!(tried, CodeTry::Wrong { .. }), "{tried:?}");
        }
    }
}

async fn tries(
    database: &Database,
    purpose: Purpose,
    id: ProofId,
    typed: Option<&OneTimeCode>,
    now: Timestamp,
) -> CodeTry {
    let transaction = database.begin().await.unwrap();
    let tried = proofs::try_code(&transaction, &KEY, purpose, id, typed, now).await;
    transaction.commit().await.unwrap();
    tried.unwrap()
}

fn other_than(code: &OneTimeCode) -> OneTimeCode {
    let number: u32 = code.expose().parse().unwrap();
    let other = format!("{:08}", (number + 1) % 100_000_000);
    OneTimeCode::parse_as_written(&other).unwrap()
}

async fn worlds() -> Vec<(store::testing::TestDatabase, World)> {
    let mut worlds = Vec::new();
    for test in fresh_databases().await.unwrap() {
        let world = World::new(&test.database).await;
        worlds.push((test, world));
    }
    worlds
}

#[tokio::test]
async fn a_right_code_is_good_once() {
    for (_test, world) in worlds().await {
        let (id, code) = world.code().await;
        let CodeTry::Right(proof) = world.tries(id, &code).await else {
            panic!("the code is right");
        };
        assert_eq!(proof.account, Some(world.account));
        assert_eq!(proof.contact.as_deref(), Some("+33639980001"));
        assert_eq!(world.tries(id, &code).await, CodeTry::Over);
    }
}

#[tokio::test]
async fn five_wrong_tries_end_a_code_and_what_is_no_code_is_one() {
    for (_test, world) in worlds().await {
        let (id, code) = world.code().await;
        for left in (1..5).rev() {
            let tried = world.tries(id, &other_than(&code)).await;
            assert_eq!(tried, CodeTry::Wrong { left });
        }
        let purpose = Purpose::PasswordCode;
        let none = tries(&world.database, purpose, id, None, world.now()).await;
        assert_eq!(none, CodeTry::Wrong { left: 0 });
        assert_eq!(world.tries(id, &code).await, CodeTry::Over);
    }
}

#[tokio::test]
async fn another_code_ends_the_one_before_and_takes_over_its_tries() {
    for (_test, world) in worlds().await {
        let (first, code) = world.code().await;
        world.fails(first, &code, 3).await;
        let (second, newer) = world.code().await;
        assert_eq!(world.tries(first, &code).await, CodeTry::Over);
        assert_eq!(
            world.tries(second, &other_than(&newer)).await,
            CodeTry::Wrong { left: 1 }
        );
        assert!(matches!(
            world.tries(second, &newer).await,
            CodeTry::Right(_)
        ));
    }
}

#[tokio::test]
async fn a_day_has_fifteen_wrong_tries() {
    for (_test, world) in worlds().await {
        for _ in 0..TRIES_PER_DAY / TRIES_PER_CODE {
            let (id, code) = world.code().await;
            world.fails(id, &code, TRIES_PER_CODE).await;
        }
        let (id, code) = world.code().await;
        assert_eq!(world.tries(id, &code).await, CodeTry::Over);
    }
}

#[tokio::test]
async fn a_code_has_its_time_its_purpose_and_an_owner() {
    for (_test, world) in worlds().await {
        let (id, code) = world.code().await;
        let late = world.now() + 31.minutes();
        let purpose = Purpose::PasswordCode;
        let tried = tries(&world.database, purpose, id, Some(&code), late).await;
        assert_eq!(tried, CodeTry::Over);
        let other = Purpose::PhoneConfirmation;
        let tried = tries(&world.database, other, id, Some(&code), world.now()).await;
        assert_eq!(tried, CodeTry::Over);
        let (nobodys, code) = world.code_of(None).await;
        assert_eq!(
            world.tries(nobodys, &code).await,
            CodeTry::Wrong { left: 4 },
            "nobody's code opens nothing"
        );
    }
}

/// The answers of fifty tasks that try at once.
async fn at_once(world: &World, id: ProofId, typed: &OneTimeCode) -> Vec<CodeTry> {
    let ready = Arc::new(Barrier::new(MANY));
    let mut running = JoinSet::new();
    for _ in 0..MANY {
        let (ready, database, typed) = (ready.clone(), world.database.clone(), typed.clone());
        let now = world.now();
        running.spawn(async move {
            ready.wait().await;
            tries(&database, Purpose::PasswordCode, id, Some(&typed), now).await
        });
    }
    running.join_all().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_wrong_tries_at_once_are_five() {
    for (_test, world) in worlds().await {
        let (id, code) = world.code().await;
        let answers = at_once(&world, id, &other_than(&code)).await;
        let mut left: Vec<_> = answers
            .iter()
            .filter_map(|answer| match answer {
                CodeTry::Wrong { left } => Some(*left),
                _ => None,
            })
            .collect();
        left.sort_unstable();
        assert_eq!(left, [0, 1, 2, 3, 4], "each try is one");
        assert_eq!(world.tries(id, &code).await, CodeTry::Over);
        // They count for the day.
        let (id, code) = world.code().await;
        world.fails(id, &code, TRIES_PER_CODE).await;
        let (id, code) = world.code().await;
        world.fails(id, &code, TRIES_PER_CODE).await;
        let (id, code) = world.code().await;
        assert_eq!(world.tries(id, &code).await, CodeTry::Over);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_fifty_right_tries_at_once_is_right() {
    for (_test, world) in worlds().await {
        let (id, code) = world.code().await;
        let answers = at_once(&world, id, &code).await;
        let right = answers
            .iter()
            .filter(|one| matches!(one, CodeTry::Right(_)));
        assert_eq!(right.count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_codes_asked_for_at_once_leave_one_and_no_more_tries() {
    for (_test, world) in worlds().await {
        let (first, code) = world.code().await;
        world.fails(first, &code, 3).await;
        let world = Arc::new(world);
        let mut running = JoinSet::new();
        for _ in 0..MANY {
            let world = world.clone();
            running.spawn(async move { world.code().await });
        }
        let made = running.join_all().await;
        let mut open = 0;
        for (id, code) in made {
            let tried = world.tries(id, &other_than(&code)).await;
            if tried != CodeTry::Over {
                assert_eq!(tried, CodeTry::Wrong { left: 1 });
                open += 1;
            }
        }
        assert_eq!(open, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_fifty_uses_of_a_link_spends_it() {
    for (_test, world) in worlds().await {
        let new = world.proof(Purpose::PasswordLink);
        let token = proofs::insert(world.database.writer(), &world.ambient, new).await;
        let hash = token.unwrap().hash();
        let mut running = JoinSet::new();
        for _ in 0..MANY {
            let (database, now) = (world.database.clone(), world.now());
            running.spawn(async move {
                let purpose = Purpose::PasswordLink;
                let spent = proofs::spend(database.writer(), purpose, &hash, now).await;
                spent.unwrap().is_some()
            });
        }
        let spent = running.join_all().await;
        assert_eq!(spent.iter().filter(|spent| **spent).count(), 1);
    }
}

#[tokio::test]
async fn all_ends_since_a_change_but_the_links_that_take_back_more() {
    for (_test, world) in worlds().await {
        let writer = world.database.writer();
        let insert = |purpose| proofs::insert(writer, &world.ambient, world.proof(purpose));
        let earlier = insert(Purpose::Disavowal).await.unwrap();
        let link = insert(Purpose::PasswordLink).await.unwrap();
        // Rows tell instants to a millisecond.
        let before = world.now();
        while world.now().as_millisecond() <= before.as_millisecond() {
            tokio::task::yield_now().await;
        }
        let since = world.now();
        let later = insert(Purpose::Disavowal).await.unwrap();
        let now = world.now();
        let ended = proofs::end_all_since(writer, world.account, since, now).await;
        assert_eq!(ended.unwrap(), 2);
        for (purpose, token, stands) in [
            (Purpose::Disavowal, earlier, true),
            (Purpose::PasswordLink, link, false),
            (Purpose::Disavowal, later, false),
        ] {
            let found = proofs::find(writer, purpose, &token.hash(), now).await;
            assert_eq!(found.unwrap().is_some(), stands, "{purpose:?}");
        }
    }
}

#[tokio::test]
async fn a_password_is_voided_only_where_it_was_set_since() {
    for (_test, world) in worlds().await {
        let (writer, now) = (world.database.writer(), world.now());
        let void = |since| accounts::void_password(writer, world.account, since, "nobody's", now);
        assert!(!void(now + 1.hours()).await.unwrap());
        assert!(void(now - 1.hours()).await.unwrap());
        let found = accounts::find_with_hash(writer, world.account).await;
        let found = found.unwrap().unwrap();
        assert_eq!(found.password_hash.as_deref(), Some("nobody's"));
        assert_eq!(found.account.password, PasswordState::Chosen);
    }
}
