//! Delivers what the outbox holds.

use std::{sync::Arc, time::Duration};

use domain::ambient::Ambient;
use store::{
    Database, StoreError, Vault,
    outbox::{self, LeasedMessage},
};
use tokio::{pin, select, sync::Notify, task::JoinSet, time};
use tracing::Instrument as _;

use crate::{
    content::Outgoing,
    notifier::Notifier,
    recipient::Language,
    settings::DeliverySettings,
    transport::{Cause, Failure, Transport},
};

/// How much longer a lease is than the longest attempt: time to write down how it went.
const MARGIN: Duration = Duration::from_secs(30);

/// Delivers due messages, each at least once, until it is told to stop. Any number of
/// couriers may work on one database.
pub struct Courier {
    round: Arc<Round>,
    due: Arc<Notify>,
}

/// What every delivery needs.
struct Round {
    database: Database,
    vault: Vault,
    ambient: Ambient,
    transport: Arc<dyn Transport>,
    settings: DeliverySettings,
}

impl Courier {
    /// A courier of the messages that the notifier writes.
    pub fn new(
        notifier: &Notifier,
        database: Database,
        transport: Arc<dyn Transport>,
        settings: DeliverySettings,
    ) -> Self {
        Self {
            round: Arc::new(Round {
                database,
                vault: notifier.vault.clone(),
                ambient: notifier.ambient.clone(),
                transport,
                settings,
            }),
            due: notifier.due.clone(),
        }
    }

    /// Delivers until `shutdown` is ready, then finishes what it has begun, which takes
    /// no longer than one attempt.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        pin!(shutdown);
        let places = self.round.settings.concurrency as usize;
        let mut begun = JoinSet::new();
        loop {
            self.begin(&mut begun, places).await;
            let is_full = begun.len() >= places;
            select! {
                biased;
                () = &mut shutdown => break,
                Some(ended) = begun.join_next(), if !begun.is_empty() => note_panic(ended),
                () = self.due.notified(), if !is_full => {}
                () = time::sleep(self.round.settings.poll()), if !is_full => {}
            }
        }
        while let Some(ended) = begun.join_next().await {
            note_panic(ended);
        }
    }

    /// Takes as many messages as there are free places, and begins on them at once: a
    /// lease runs from when it is given.
    async fn begin(&self, begun: &mut JoinSet<()>, places: usize) {
        let free = u32::try_from(places.saturating_sub(begun.len())).unwrap_or(u32::MAX);
        if free == 0 {
            return;
        }
        match self.round.lease(free).await {
            Ok(leased) => {
                for message in leased {
                    let round = self.round.clone();
                    begun.spawn(async move { round.deliver(&message).await });
                }
            }
            Err(error) => tracing::error!(%error, "the outbox cannot be read"),
        }
    }
}

fn note_panic(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(
            panicked = error.is_panic(),
            "a delivery broke off; its message comes again"
        );
    }
}

/// What became of an attempt.
enum Ending {
    Delivered,
    Expired,
    Parked(Cause),
    RetryLater(Cause, Duration),
}

impl Round {
    async fn lease(&self, most: u32) -> Result<Vec<LeasedMessage>, StoreError> {
        let lease = self.settings.attempt() + MARGIN;
        outbox::lease(self.database.writer(), self.ambient.now(), lease, most).await
    }

    async fn deliver(&self, message: &LeasedMessage) {
        let ending = self.attempt(message).await;
        log(message, &ending);
        match self.write_down(message, &ending).await {
            Ok(true) => {}
            Ok(false) => tracing::warn!(
                message_id = %message.id,
                template = message.template,
                attempt = message.attempt,
                "another node had taken the message over"
            ),
            Err(error) => tracing::error!(
                %error,
                message_id = %message.id,
                template = message.template,
                attempt = message.attempt,
                "what became of the message cannot be written; it comes again"
            ),
        }
    }

    async fn attempt(&self, message: &LeasedMessage) -> Ending {
        if message.expires_at <= self.ambient.now() {
            return Ending::Expired;
        }
        match self.hand_over(message).await {
            Ok(()) => Ending::Delivered,
            Err(Failure::Permanent(cause)) => Ending::Parked(cause),
            Err(Failure::Transient(cause)) if message.attempt >= self.settings.attempts => {
                Ending::Parked(cause)
            }
            Err(Failure::Transient(cause)) => {
                let random = u32::from_be_bytes(self.ambient.random());
                Ending::RetryLater(cause, self.settings.backoff(message.attempt, random))
            }
        }
    }

    async fn hand_over(&self, message: &LeasedMessage) -> Result<(), Failure> {
        // Another node may have the key, or the version, that this one lacks.
        let unreadable = Failure::Transient(Cause::Unreadable);
        let payload = message.open(&self.vault).map_err(|_| unreadable)?;
        let outgoing = Outgoing {
            id: message.id,
            language: Language::of_tag(&message.locale),
            created_at: message.created_at,
            content: serde_json::from_slice(&payload).map_err(|_| unreadable)?,
        };
        let span = tracing::info_span!(target: "traces", "deliver", template = message.template);
        time::timeout(self.settings.attempt(), self.transport.deliver(&outgoing))
            .instrument(span)
            .await
            .unwrap_or(Err(Failure::Transient(Cause::TimedOut)))
    }

    async fn write_down(
        &self,
        message: &LeasedMessage,
        ending: &Ending,
    ) -> Result<bool, StoreError> {
        let (connection, now) = (self.database.writer(), self.ambient.now());
        match ending {
            Ending::Delivered => outbox::delivered(connection, message.id, now).await,
            Ending::Expired => outbox::expired(connection, message, now).await,
            Ending::Parked(cause) => {
                outbox::parked(connection, message, now, &cause.to_string()).await
            }
            Ending::RetryLater(cause, backoff) => {
                let cause = cause.to_string();
                outbox::retry_later(connection, message, now, *backoff, &cause).await
            }
        }
    }
}

/// Says how an attempt went; never to whom, never what.
fn log(message: &LeasedMessage, ending: &Ending) {
    let (message_id, template, attempt) = (message.id, &message.template, message.attempt);
    match ending {
        Ending::Delivered => {
            tracing::info!(%message_id, template, attempt, "message delivered");
        }
        Ending::Expired => {
            tracing::warn!(%message_id, template, attempt, "message expired undelivered");
        }
        Ending::Parked(cause) => {
            tracing::error!(%message_id, template, attempt, %cause, "message given up");
        }
        Ending::RetryLater(cause, backoff) => {
            let wait = backoff.as_secs();
            tracing::warn!(%message_id, template, attempt, %cause, wait, "message comes again");
        }
    }
}
