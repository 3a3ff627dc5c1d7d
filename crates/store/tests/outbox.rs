//! The outbox, on every database that this run can reach.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{collections::HashSet, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{ambient::Ambient, contact::Channel, ids::MessageId, secret::Secret};
use jiff::Timestamp;
use sea_orm::{EntityTrait, PaginatorTrait};
use store::{
    Database, Vault,
    entity::outbox as rows,
    outbox::{self, LeasedMessage, MessageState, NewMessage},
    testing::fresh_databases,
};

const LEASE: Duration = Duration::from_mins(1);

struct World {
    database: Database,
    ambient: Ambient,
    vault: Vault,
    start: Timestamp,
}

impl World {
    fn new(database: &Database) -> Self {
        let ambient = Ambient::system();
        let key = Secret::new(STANDARD.encode([7; 32]));
        Self {
            database: database.clone(),
            start: ambient.now(),
            vault: Vault::new(&key, &[]).unwrap(),
            ambient,
        }
    }

    fn after(&self, time: Duration) -> Timestamp {
        self.ambient.now().checked_add(time).unwrap()
    }

    fn message(&self) -> NewMessage<'static> {
        NewMessage {
            account: None,
            channel: Channel::Email,
            template: "greeting",
            locale: "fr",
            expires_at: self.start.checked_add(Duration::from_hours(1)).unwrap(),
            payload: b"a secret link",
        }
    }

    async fn enqueue(&self) -> MessageId {
        let message = self.message();
        outbox::enqueue(self.database.writer(), &self.ambient, &self.vault, message)
            .await
            .unwrap()
    }

    async fn lease(&self, now: Timestamp, most: u32) -> Vec<LeasedMessage> {
        outbox::lease(self.database.writer(), now, LEASE, most)
            .await
            .unwrap()
    }

    async fn lease_one(&self, now: Timestamp) -> LeasedMessage {
        let mut leased = self.lease(now, 10).await;
        assert_eq!(leased.len(), 1);
        leased.remove(0)
    }

    async fn row(&self, id: MessageId) -> rows::Model {
        let row = rows::Entity::find_by_id(id.as_uuid());
        row.one(self.database.reader()).await.unwrap().unwrap()
    }
}

async fn on_every_database(test: impl AsyncFn(World)) {
    for fresh in fresh_databases().await.unwrap() {
        eprintln!("on {:?}:", fresh.database.backend());
        test(World::new(&fresh.database)).await;
    }
}

#[tokio::test]
async fn a_message_lives_and_dies_with_its_transaction() {
    on_every_database(async |world| {
        let transaction = world.database.begin().await.unwrap();
        outbox::enqueue(&transaction, &world.ambient, &world.vault, world.message())
            .await
            .unwrap();
        transaction.rollback().await.unwrap();
        assert_eq!(
            rows::Entity::find()
                .count(world.database.reader())
                .await
                .unwrap(),
            0
        );
    })
    .await;
}

#[tokio::test]
async fn what_a_message_says_is_sealed_and_opens_again() {
    on_every_database(async |world| {
        let id = world.enqueue().await;
        let row = format!("{:?}", world.row(id).await);
        assert!(!row.contains("secret link"));
        let leased = world.lease_one(world.ambient.now()).await;
        assert_eq!((leased.id, leased.attempt), (id, 1));
        assert_eq!(leased.open(&world.vault).unwrap(), b"a secret link");
    })
    .await;
}

#[tokio::test]
async fn a_leased_message_comes_back_when_the_lease_is_over() {
    on_every_database(async |world| {
        let id = world.enqueue().await;
        world.lease_one(world.ambient.now()).await;
        assert!(world.lease(world.after(LEASE / 2), 10).await.is_empty());
        let again = world.lease_one(world.after(LEASE)).await;
        assert_eq!((again.id, again.attempt), (id, 2));
    })
    .await;
}

#[tokio::test]
async fn nodes_that_ask_at_once_get_different_messages() {
    on_every_database(async |world| {
        for _ in 0..40 {
            world.enqueue().await;
        }
        let now = world.ambient.now();
        let nodes = (0..8).map(|_| {
            let database = world.database.clone();
            tokio::spawn(async move {
                outbox::lease(database.writer(), now, LEASE, 10)
                    .await
                    .unwrap()
            })
        });
        let mut seen = Vec::new();
        for node in nodes.collect::<Vec<_>>() {
            seen.extend(node.await.unwrap().into_iter().map(|leased| leased.id));
        }
        seen.extend(
            world
                .lease(now, 40)
                .await
                .into_iter()
                .map(|leased| leased.id),
        );
        assert_eq!(seen.len(), 40);
        assert_eq!(seen.into_iter().collect::<HashSet<_>>().len(), 40);
    })
    .await;
}

#[tokio::test]
async fn a_few_of_many_are_as_many_as_asked_for() {
    on_every_database(async |world| {
        for _ in 0..20 {
            world.enqueue().await;
        }
        let now = world.ambient.now();
        let mut taken = Vec::new();
        for _ in 0..7 {
            taken.push(world.lease(now, 3).await.len());
        }
        assert_eq!(taken, [3, 3, 3, 3, 3, 3, 2]);
    })
    .await;
}

#[tokio::test]
async fn no_more_messages_are_taken_than_asked_for() {
    on_every_database(async |world| {
        let due = [world.enqueue().await, world.enqueue().await];
        let now = world.ambient.now();
        let first = world.lease(now, 1).await;
        let second = world.lease(now, 10).await;
        assert_eq!((first.len(), second.len()), (1, 1));
        assert!(due.contains(&first[0].id) && first[0].id != second[0].id);
    })
    .await;
}

#[tokio::test]
async fn every_end_wipes_the_message_and_comes_once() {
    on_every_database(async |world| {
        for state in ["delivered", "expired", "parked"] {
            let id = world.enqueue().await;
            let leased = world.lease_one(world.ambient.now()).await;
            assert!(end(&world, state, &leased).await, "{state}");
            assert!(!end(&world, state, &leased).await, "{state} again");
            let row = world.row(id).await;
            assert_eq!((row.state.as_str(), row.sealed.is_none()), (state, true));
            assert!(row.ended_at.is_some());
            assert!(world.lease(world.after(LEASE * 2), 10).await.is_empty());
        }
    })
    .await;
}

async fn end(world: &World, state: &str, leased: &LeasedMessage) -> bool {
    let (connection, now) = (world.database.writer(), world.ambient.now());
    let ended = match state {
        "delivered" => outbox::delivered(connection, leased.id, now).await,
        "expired" => outbox::expired(connection, leased, now).await,
        _ => outbox::parked(connection, leased, now, "answer 550").await,
    };
    ended.unwrap()
}

#[tokio::test]
async fn a_retry_waits_for_its_time_but_not_past_the_message_s_end() {
    on_every_database(async |world| {
        world.enqueue().await;
        let leased = world.lease_one(world.ambient.now()).await;
        let now = world.ambient.now();
        let (database, hour) = (world.database.writer(), Duration::from_hours(1));
        assert!(
            outbox::retry_later(database, &leased, now, hour / 2, "answer 451")
                .await
                .unwrap()
        );
        assert!(world.lease(world.after(LEASE), 10).await.is_empty());
        let again = world.lease_one(world.after(hour / 2)).await;
        assert!(
            outbox::retry_later(database, &again, now, hour * 9, "answer 451")
                .await
                .unwrap()
        );
        let late = world.lease_one(again.expires_at).await;
        assert!(late.expires_at <= again.expires_at);
    })
    .await;
}

#[tokio::test]
async fn a_node_whose_lease_is_over_cannot_put_off_or_park_but_can_say_delivered() {
    on_every_database(async |world| {
        let id = world.enqueue().await;
        let slow = world.lease_one(world.ambient.now()).await;
        let taken = world.lease_one(world.after(LEASE)).await;
        let (connection, now) = (world.database.writer(), world.ambient.now());
        let put_off = outbox::retry_later(connection, &slow, now, LEASE, "late")
            .await
            .unwrap();
        assert!(
            !put_off
                && !outbox::parked(connection, &slow, now, "late")
                    .await
                    .unwrap()
        );
        assert!(outbox::delivered(connection, id, now).await.unwrap());
        assert!(
            !outbox::parked(connection, &taken, now, "late")
                .await
                .unwrap()
        );
        assert_eq!(world.row(id).await.state, "delivered");
    })
    .await;
}

#[tokio::test]
async fn an_operator_sees_what_waits_and_what_was_given_up_and_why() {
    on_every_database(async |world| {
        let [parked, delivered, busy] = [
            world.enqueue().await,
            world.enqueue().await,
            world.enqueue().await,
        ];
        let (connection, now) = (world.database.writer(), world.ambient.now());
        let leased = world.lease(now, 3).await;
        world.enqueue().await;
        for leased in leased {
            if leased.id == busy {
                let put_off = outbox::retry_later(connection, &leased, now, LEASE, "answer 451");
                assert!(put_off.await.unwrap());
            } else {
                let state = if leased.id == parked {
                    "parked"
                } else {
                    "delivered"
                };
                assert!(end(&world, state, &leased).await);
            }
        }
        let reader = world.database.reader();
        let backlog = outbox::backlog(reader).await.unwrap();
        assert_eq!((backlog.pending, backlog.parked), (2, 1));
        let written = outbox::list(reader, None, 10).await.unwrap();
        assert_eq!(written.len(), 4);
        assert!(written.is_sorted_by(|newer, older| newer.id > older.id));
        let waits = outbox::list(reader, Some(MessageState::Pending), 10)
            .await
            .unwrap();
        assert_eq!(
            waits.iter().map(|message| message.created_at).min(),
            backlog.oldest_pending
        );
        let cause = |id| {
            let message = written.iter().find(|message| message.id == id).unwrap();
            (message.state, message.cause.as_deref(), message.attempts)
        };
        assert_eq!(cause(parked), (MessageState::Parked, Some("answer 550"), 1));
        assert_eq!(cause(delivered), (MessageState::Delivered, None, 1));
        assert_eq!(cause(busy), (MessageState::Pending, Some("answer 451"), 1));
        let given_up = outbox::list(reader, Some(MessageState::Parked), 10)
            .await
            .unwrap();
        assert_eq!(given_up.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_empty_outbox_has_no_oldest_message() {
    on_every_database(async |world| {
        let backlog = outbox::backlog(world.database.reader()).await.unwrap();
        assert_eq!(
            (backlog.pending, backlog.parked, backlog.oldest_pending),
            (0, 0, None)
        );
    })
    .await;
}
