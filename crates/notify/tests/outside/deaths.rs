//! Servers and couriers die and come back: no message is lost, and one comes twice only
//! where nobody can know that it came, with the same id.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::{
    servers::{MailPlace, Server, SmsPlace},
    support::{Working, World, claire, claires_phone, on_every_database},
};
use async_trait::async_trait;
use domain::{contact::Channel, ids::MessageId};
use notify::{
    Message, Outgoing, Transport, messages::AccountChanged, settings::DeliverySettings,
    transport::Failure,
};
use serde_json::{Value, json};
use tokio::sync::Notify;

/// Where one channel's messages go.
struct Place {
    channel: Channel,
    mail: MailPlace,
    sms: SmsPlace,
}

impl Place {
    fn all() -> [Self; 2] {
        [Channel::Email, Channel::Sms].map(|channel| Self {
            channel,
            mail: MailPlace::new(),
            sms: SmsPlace::new(),
        })
    }

    async fn opens(&self, wishes: Value) -> Server {
        match self.channel {
            Channel::Email => self.mail.opens(&wishes).await,
            Channel::Sms => self.sms.opens(&wishes).await,
        }
    }

    fn transport(&self) -> Arc<dyn Transport> {
        match self.channel {
            Channel::Email => Arc::new(self.mail.transport()),
            Channel::Sms => Arc::new(self.sms.transport(&json!({}))),
        }
    }

    /// Writes a message with a link that ends after three days.
    async fn enqueue(&self, world: &World) -> MessageId {
        let recipient = match self.channel {
            Channel::Email => claire(),
            Channel::Sms => claires_phone(),
        };
        world
            .enqueue_to(&recipient, &AccountChanged::sample())
            .await
    }

    /// The id by which the receiver tells a second delivery.
    fn told_id(&self, id: MessageId) -> String {
        match self.channel {
            Channel::Email => format!("<{id}@compte.example.org>"),
            Channel::Sms => id.to_string(),
        }
    }
}

async fn everywhere(test: impl AsyncFn(&World, &Place)) {
    on_every_database(async |world| {
        for place in Place::all() {
            test(&world, &place).await;
        }
    })
    .await;
}

/// Looks often; what failed waits for the test to move the clock.
fn patient() -> DeliverySettings {
    DeliverySettings {
        poll_milliseconds: 10,
        first_retry: 60,
        ..DeliverySettings::default()
    }
}

/// Longer than a lease and than the first wait, shorter than the message's life.
const LATER: i64 = 3600;

/// Waits until the first attempt was written down as failed: the lease alone would hold
/// the message for longer than the first wait.
async fn fails_once(world: &World, id: MessageId) {
    while !waits(world, id).await {
        tokio::task::yield_now().await;
    }
}

async fn waits(world: &World, id: MessageId) -> bool {
    let row = world.row(id).await;
    row.state == "pending" && row.cause.is_some()
}

async fn ends(world: &World, id: MessageId) -> String {
    loop {
        let state = world.row(id).await.state;
        if state != "pending" {
            return state;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_server_that_dies_before_it_has_taken_a_message_gets_it_once_when_it_is_back() {
    everywhere(async |world, place| {
        let dying = place.opens(json!({ "die": "before", "at": 1 })).await;
        let courier = Working::start(world, place.transport(), patient());
        let id = place.enqueue(world).await;
        assert!(dying.dies().await.is_empty(), "it has taken nothing");
        fails_once(world, id).await;
        let server = place.opens(json!({})).await;
        world.clock.forward(LATER);
        assert_eq!(ends(world, id).await, "delivered");
        courier.stop().await;
        let taken = server.stop().await;
        assert_eq!(ids(&taken), [place.told_id(id)]);
    })
    .await;
}

#[tokio::test]
async fn a_server_that_dies_between_taking_and_saying_so_gets_the_same_id_again() {
    everywhere(async |world, place| {
        let dying = place.opens(json!({ "die": "after", "at": 1 })).await;
        let courier = Working::start(world, place.transport(), patient());
        let id = place.enqueue(world).await;
        let first = dying.dies().await;
        fails_once(world, id).await;
        let server = place.opens(json!({})).await;
        world.clock.forward(LATER);
        assert_eq!(ends(world, id).await, "delivered");
        courier.stop().await;
        let second = server.stop().await;
        assert_eq!(
            (ids(&first), ids(&second)),
            (vec![place.told_id(id)], vec![place.told_id(id)])
        );
        assert_eq!(
            (&first[0]["text"], &first[0]["fields"]),
            (&second[0]["text"], &second[0]["fields"])
        );
    })
    .await;
}

/// Hands messages over, and never says so: as though the process died just then.
struct Silent {
    transport: Arc<dyn Transport>,
    handed_over: Arc<Notify>,
}

#[async_trait]
impl Transport for Silent {
    async fn deliver(&self, message: &Outgoing) -> Result<(), Failure> {
        self.transport.deliver(message).await?;
        self.handed_over.notify_one();
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_courier_that_dies_between_the_answer_and_the_mark_is_followed_by_the_same_id() {
    everywhere(async |world, place| {
        let server = place.opens(json!({})).await;
        let handed_over = Arc::new(Notify::new());
        let silent = Silent {
            transport: place.transport(),
            handed_over: handed_over.clone(),
        };
        let dying = Working::start(world, Arc::new(silent), patient());
        let id = place.enqueue(world).await;
        handed_over.notified().await;
        dying.done.abort();
        assert!(dying.done.await.unwrap_err().is_cancelled());
        assert_eq!(world.row(id).await.state, "pending");
        let courier = Working::start(world, place.transport(), patient());
        world.clock.forward(LATER);
        assert_eq!(ends(world, id).await, "delivered");
        courier.stop().await;
        assert_eq!(
            ids(&server.stop().await),
            [place.told_id(id), place.told_id(id)]
        );
    })
    .await;
}

/// Counts what it is asked to deliver.
struct Counting {
    transport: Arc<dyn Transport>,
    asked: AtomicUsize,
}

#[async_trait]
impl Transport for Counting {
    async fn deliver(&self, message: &Outgoing) -> Result<(), Failure> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.transport.deliver(message).await
    }
}

#[tokio::test]
async fn two_couriers_lose_nothing_when_the_server_dies_among_forty_messages() {
    everywhere(async |world, place| {
        let mut written = Vec::new();
        for _ in 0..40 {
            written.push(place.enqueue(world).await);
        }
        let dying = place.opens(json!({ "die": "after", "at": 10 })).await;
        let few = DeliverySettings {
            concurrency: 2,
            ..patient()
        };
        let transports = [(); 2].map(|()| {
            Arc::new(Counting {
                transport: place.transport(),
                asked: AtomicUsize::new(0),
            })
        });
        let couriers = transports
            .clone()
            .map(|transport| Working::start(world, transport, few.clone()));
        let before = dying.dies().await;
        assert_eq!(before.len(), 10);
        let marked = marked_when_all_were_tried(world, &written).await;
        let server = place.opens(json!({})).await;
        world.clock.forward(LATER);
        for id in &written {
            assert_eq!(ends(world, *id).await, "delivered");
        }
        for courier in couriers {
            courier.stop().await;
        }
        for transport in transports {
            assert!(
                transport.asked.load(Ordering::SeqCst) > 0,
                "each has its share"
            );
        }
        let told = |ids: &HashSet<MessageId>| ids.iter().map(|id| place.told_id(*id)).collect();
        let (marked, written): (HashSet<String>, HashSet<String>) =
            (told(&marked), told(&written.into_iter().collect()));
        let taken: HashSet<String> = ids(&before).into_iter().collect();
        assert!(marked.is_subset(&taken), "what is marked was taken");
        let after = ids(&server.stop().await);
        let again: HashSet<String> = after.iter().cloned().collect();
        assert_eq!(again.len(), after.len(), "each once");
        assert_eq!(
            again,
            &written - &marked,
            "what was not marked, and nothing else"
        );
    })
    .await;
}

/// Waits until every message was tried; which were marked as delivered.
async fn marked_when_all_were_tried(world: &World, written: &[MessageId]) -> HashSet<MessageId> {
    let mut marked = HashSet::new();
    for id in written {
        while world.row(*id).await.state == "pending" && !waits(world, *id).await {
            tokio::task::yield_now().await;
        }
        if world.row(*id).await.state == "delivered" {
            marked.insert(*id);
        }
    }
    marked
}

#[tokio::test]
async fn a_message_whose_link_has_ended_while_the_server_was_away_is_not_sent() {
    everywhere(async |world, place| {
        let courier = Working::start(world, place.transport(), patient());
        let late = place.enqueue(world).await;
        fails_once(world, late).await;
        let lifetime = i64::try_from(AccountChanged::sample().lifetime().as_secs()).unwrap();
        world.clock.forward(lifetime);
        assert_eq!(ends(world, late).await, "expired");
        assert_eq!(world.row(late).await.sealed, None);
        let mut server = place.opens(json!({})).await;
        let fresh = place.enqueue(world).await;
        assert_eq!(server.told().await.unwrap()["id"], place.told_id(fresh));
        courier.stop().await;
        assert!(server.stop().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_message_lives_exactly_as_long_as_its_link() {
    everywhere(async |world, place| {
        let lifetime = i64::try_from(AccountChanged::sample().lifetime().as_secs()).unwrap();
        let before = world.clock.seconds();
        let written = [place.enqueue(world).await, place.enqueue(world).await];
        let end = (before + lifetime) * 1000;
        assert_eq!(world.row(written[0]).await.expires_at, end);
        let server = place.opens(json!({})).await;
        world.clock.forward(lifetime - 1);
        let one_by_one = DeliverySettings {
            concurrency: 1,
            ..patient()
        };
        let slow = Arc::new(Slow {
            transport: place.transport(),
            clock: world.clock.clone(),
        });
        let courier = Working::start(world, slow, one_by_one);
        let mut in_time = Vec::new();
        for id in written {
            match ends(world, id).await.as_str() {
                "delivered" => in_time.push(place.told_id(id)),
                other => assert_eq!(other, "expired"),
            }
        }
        courier.stop().await;
        assert_eq!(in_time.len(), 1, "the second came a second too late");
        assert_eq!(ids(&server.stop().await), in_time);
    })
    .await;
}

/// A second passes with each delivery.
struct Slow {
    transport: Arc<dyn Transport>,
    clock: crate::support::TestClock,
}

#[async_trait]
impl Transport for Slow {
    async fn deliver(&self, message: &Outgoing) -> Result<(), Failure> {
        let delivered = self.transport.deliver(message).await;
        self.clock.forward(1);
        delivered
    }
}

fn ids(told: &[Value]) -> Vec<String> {
    told.iter()
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect()
}
