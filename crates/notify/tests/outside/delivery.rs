//! The courier, on every database that this run can reach.

use std::{collections::HashSet, sync::Arc};

use crate::support::{Working, on_every_database, sms};
use async_trait::async_trait;
use domain::{contact::Channel, ids::MessageId};
use notify::{
    ByChannel, MemoryInbox, Outgoing, Transport,
    settings::DeliverySettings,
    transport::{Cause, Failure},
};
use tokio::sync::{Semaphore, mpsc, oneshot};

/// Asks a test what to answer: the message, and where the answer goes.
type Asked = (Outgoing, oneshot::Sender<Result<(), Failure>>);

struct Asking(mpsc::UnboundedSender<Asked>);

#[async_trait]
impl Transport for Asking {
    async fn deliver(&self, message: &Outgoing) -> Result<(), Failure> {
        let (answer, answered) = oneshot::channel();
        self.0.send((message.clone(), answer)).unwrap();
        answered
            .await
            .unwrap_or_else(|_| panic!("the test has ended"))
    }
}

fn asking() -> (Arc<Asking>, mpsc::UnboundedReceiver<Asked>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (Arc::new(Asking(sender)), receiver)
}

/// Looks often and tries again at once.
fn eager() -> DeliverySettings {
    DeliverySettings {
        poll_milliseconds: 10,
        first_retry: 0,
        attempts: 4,
        ..DeliverySettings::default()
    }
}

const BUSY: Failure = Failure::Transient(Cause::Answer(451));
const UNKNOWN: Failure = Failure::Permanent(Cause::Answer(550));

#[tokio::test]
async fn a_nudge_after_the_commit_delivers_at_once() {
    on_every_database(async |world| {
        let (transport, mut asked) = asking();
        let hourly = DeliverySettings {
            poll_milliseconds: 3_600_000,
            ..eager()
        };
        let courier = Working::start(&world, transport, hourly);
        let id = world.enqueue().await;
        world.notifier.nudge();
        let (message, answer) = asked.recv().await.unwrap();
        assert_eq!(message.id, id);
        answer.send(Ok(())).unwrap();
        courier.stop().await;
        let row = world.row(id).await;
        assert_eq!(
            (row.state.as_str(), row.sealed, row.attempts),
            ("delivered", None, 1)
        );
    })
    .await;
}

#[tokio::test]
async fn a_node_without_room_for_messages_leaves_them_to_others() {
    on_every_database(async |world| {
        let (none, mut never) = asking();
        let nothing = DeliverySettings {
            concurrency: 0,
            ..eager()
        };
        let silent = Working::start(&world, none, nothing);
        let (transport, mut asked) = asking();
        let id = world.enqueue().await;
        world.notifier.nudge();
        let other = Working::start(&world, transport, eager());
        let (message, answer) = asked.recv().await.unwrap();
        assert_eq!(message.id, id);
        answer.send(Ok(())).unwrap();
        other.stop().await;
        silent.stop().await;
        assert!(never.try_recv().is_err());
        assert_eq!(world.row(id).await.state, "delivered");
    })
    .await;
}

#[tokio::test]
async fn two_couriers_deliver_each_message_once() {
    on_every_database(async |world| {
        let mut written = HashSet::new();
        for _ in 0..40 {
            written.insert(world.enqueue().await);
        }
        let (transport, mut asked) = asking();
        let couriers = [(); 2].map(|()| Working::start(&world, transport.clone(), eager()));
        let mut seen = Vec::new();
        while seen.len() < written.len() {
            let (message, answer) = asked.recv().await.unwrap();
            seen.push(message.id);
            answer.send(Ok(())).unwrap();
        }
        for courier in couriers {
            courier.stop().await;
        }
        assert!(asked.try_recv().is_err(), "nothing goes out twice");
        assert_eq!(seen.into_iter().collect::<HashSet<MessageId>>(), written);
        for id in written {
            assert_eq!(world.row(id).await.state, "delivered");
        }
    })
    .await;
}

#[tokio::test]
async fn a_message_that_fails_twice_comes_again_the_same() {
    on_every_database(async |world| {
        let (transport, mut asked) = asking();
        let id = world.enqueue().await;
        let courier = Working::start(&world, transport, eager());
        let mut seen = Vec::new();
        for result in [Err(BUSY), Err(BUSY), Ok(())] {
            let (message, answer) = asked.recv().await.unwrap();
            seen.push(message);
            answer.send(result).unwrap();
        }
        courier.stop().await;
        assert!(seen.iter().all(|message| *message == seen[0]));
        let row = world.row(id).await;
        assert_eq!((row.state.as_str(), row.attempts), ("delivered", 3));
    })
    .await;
}

#[tokio::test]
async fn a_refusal_for_good_parks_and_wipes_at_once() {
    on_every_database(async |world| {
        let (transport, mut asked) = asking();
        let id = world.enqueue().await;
        let courier = Working::start(&world, transport, eager());
        asked.recv().await.unwrap().1.send(Err(UNKNOWN)).unwrap();
        courier.stop().await;
        let row = world.row(id).await;
        assert_eq!(
            (row.state.as_str(), row.sealed, row.attempts),
            ("parked", None, 1)
        );
    })
    .await;
}

#[tokio::test]
async fn a_message_is_parked_after_the_last_attempt() {
    on_every_database(async |world| {
        let (transport, mut asked) = asking();
        let id = world.enqueue().await;
        let courier = Working::start(&world, transport, eager());
        for _ in 0..eager().attempts {
            asked.recv().await.unwrap().1.send(Err(BUSY)).unwrap();
        }
        courier.stop().await;
        let row = world.row(id).await;
        assert_eq!(
            (row.state.as_str(), row.sealed, row.attempts),
            ("parked", None, 4)
        );
    })
    .await;
}

#[tokio::test]
async fn a_message_past_its_end_is_wiped_undelivered() {
    on_every_database(async |world| {
        let late = world.enqueue().await;
        world.clock.forward(24 * 3600);
        let fresh = world.enqueue().await;
        let (transport, mut asked) = asking();
        let one_by_one = DeliverySettings {
            concurrency: 1,
            ..eager()
        };
        let courier = Working::start(&world, transport, one_by_one);
        let (message, answer) = asked.recv().await.unwrap();
        assert_eq!(message.id, fresh);
        answer.send(Ok(())).unwrap();
        courier.stop().await;
        let row = world.row(late).await;
        assert_eq!((row.state.as_str(), row.sealed), ("expired", None));
    })
    .await;
}

#[tokio::test]
async fn a_courier_that_is_stopped_finishes_what_it_has_begun() {
    on_every_database(async |world| {
        let (transport, mut asked) = asking();
        let id = world.enqueue().await;
        let courier = Working::start(&world, transport, eager());
        let (_, answer) = asked.recv().await.unwrap();
        courier.stop.send(()).unwrap();
        answer.send(Ok(())).unwrap();
        courier.done.await.unwrap();
        assert_eq!(world.row(id).await.state, "delivered");
    })
    .await;
}

#[tokio::test]
async fn what_a_courier_had_begun_when_it_died_comes_again_the_same() {
    on_every_database(async |world| {
        let (transport, mut asked) = asking();
        let id = world.enqueue().await;
        let dying = Working::start(&world, transport.clone(), eager());
        let (first, _unanswered) = asked.recv().await.unwrap();
        dying.done.abort();
        world.clock.forward(3600);
        let courier = Working::start(&world, transport, eager());
        let (second, answer) = asked.recv().await.unwrap();
        answer.send(Ok(())).unwrap();
        courier.stop().await;
        assert_eq!((&first, first.id), (&second, id));
        assert_eq!(world.row(id).await.state, "delivered");
    })
    .await;
}

/// Counts how many deliveries run at once.
struct Crowded {
    places: Semaphore,
    done: mpsc::UnboundedSender<()>,
}

#[async_trait]
impl Transport for Crowded {
    async fn deliver(&self, _: &Outgoing) -> Result<(), Failure> {
        let _place = self
            .places
            .try_acquire()
            .expect("no more than three at once");
        tokio::task::yield_now().await;
        self.done.send(()).unwrap();
        Ok(())
    }
}

#[tokio::test]
async fn no_more_are_on_their_way_than_is_set() {
    on_every_database(async |world| {
        for _ in 0..20 {
            world.enqueue().await;
        }
        let (done, mut each) = mpsc::unbounded_channel();
        let transport = Arc::new(Crowded {
            places: Semaphore::new(3),
            done,
        });
        let three = DeliverySettings {
            concurrency: 3,
            ..eager()
        };
        let courier = Working::start(&world, transport, three);
        for _ in 0..20 {
            each.recv().await.unwrap();
        }
        courier.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_channel_without_a_way_out_is_refused() {
    let nothing = ByChannel::default();
    let refused = nothing.deliver(&sms()).await;
    let cause = Cause::NoTransport(Channel::Sms);
    assert_eq!(refused, Err(Failure::Permanent(cause)));
}

#[tokio::test]
async fn the_inbox_keeps_the_latest_messages_once_each() {
    let ambient = domain::ambient::Ambient::system();
    let inbox = MemoryInbox::new(ambient, 2);
    let (mail, first, second) = (crate::support::mail(), sms(), sms());
    for message in [&mail, &first, &first, &second] {
        inbox.deliver(message).await.unwrap();
    }
    let kept: Vec<_> = inbox
        .messages()
        .into_iter()
        .map(|message| message.id)
        .collect();
    assert_eq!(kept, [first.id, second.id]);
}

#[tokio::test]
async fn the_inbox_tells_messages_in_the_form_of_the_contract() {
    let inbox = MemoryInbox::new(
        domain::ambient::Ambient::new(
            crate::support::TestClock::new(),
            domain::entropy::SystemEntropy,
        ),
        10,
    );
    inbox.deliver(&crate::support::mail()).await.unwrap();
    inbox.deliver(&sms()).await.unwrap();
    let told = serde_json::to_value(inbox.messages()).unwrap();
    assert_eq!(
        told,
        serde_json::json!([
            {
                "channel": "email",
                "to": "claire.martin@example.org",
                "subject": "Vérifiez vos enfants à l’école",
                "text": "Élève :\nc.martin1\n.\nFin\n",
                "html": "<p>Élève&nbsp;: <b>c.martin1</b></p>",
                "sent_at": "2026-09-01T08:00:00Z",
            },
            {
                "channel": "sms",
                "to": "+33639980001",
                "subject": null,
                "text": "Votre code : 12345678",
                "html": null,
                "sent_at": "2026-09-01T08:00:00Z",
            },
        ])
    );
}
