//! The audit trail: who did what, on whom, from where, when.
//!
//! An event is a row of the transaction that made the change. It holds no secret and
//! no full address.

use domain::{
    ambient::Ambient,
    audit::{Action, Actor, Target},
    client::ClientId,
    ids::EventId,
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use serde_json::Value;

use crate::{entity::audit_event, error::StoreError, time::millis};

/// An event to be written.
#[derive(Clone, Debug)]
pub struct Event {
    /// What happened.
    pub action: Action,
    /// Who did it.
    pub actor: Actor,
    /// On whom or what.
    pub target: Target,
    /// At which client, if any.
    pub client: Option<ClientId>,
    /// From which network: an address cut to its network, never whole.
    pub network: Option<String>,
    /// What else there is to say; no secret, no address.
    pub details: Value,
}

impl Event {
    /// An event with nothing more to say.
    pub const fn new(action: Action, actor: Actor, target: Target) -> Self {
        Self {
            action,
            actor,
            target,
            client: None,
            network: None,
            details: Value::Null,
        }
    }

    /// At a client.
    #[must_use]
    pub fn at_client(mut self, client: &ClientId) -> Self {
        self.client = Some(client.clone());
        self
    }

    /// From a network.
    #[must_use]
    pub fn from_network(mut self, network: impl Into<Option<String>>) -> Self {
        self.network = network.into();
        self
    }

    /// With details.
    #[must_use]
    pub fn with(mut self, details: Value) -> Self {
        self.details = details;
        self
    }
}

/// Writes an event, in the transaction of the change.
///
/// # Errors
/// The database's.
pub async fn record(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    event: Event,
) -> Result<(), StoreError> {
    record_all(connection, ambient, [event]).await
}

/// Writes several events in one statement.
///
/// # Errors
/// The database's.
pub async fn record_all(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    events: impl IntoIterator<Item = Event>,
) -> Result<(), StoreError> {
    let rows: Vec<_> = events
        .into_iter()
        .map(|event| row(ambient, event))
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    audit_event::Entity::insert_many(rows)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

fn row(ambient: &Ambient, event: Event) -> audit_event::ActiveModel {
    let (actor_kind, actor_id) = match event.actor {
        Actor::Account(account) => ("account", Some(account.to_string())),
        Actor::Client(client) => ("client", Some(client.to_string())),
        Actor::Operator => ("operator", None),
        Actor::Service => ("service", None),
    };
    let (target_kind, target_id) = match event.target {
        Target::Account(account) => ("account", Some(account.to_string())),
        Target::Client(client) => ("client", Some(client.to_string())),
        Target::Key(key) => ("key", Some(key.to_string())),
        Target::Directory => ("directory", None),
    };
    audit_event::ActiveModel {
        id: Set(EventId::new(ambient).as_uuid()),
        at: Set(millis(ambient.now())),
        action: Set(event.action.as_str().to_owned()),
        actor_kind: Set(actor_kind.to_owned()),
        actor_id: Set(actor_id),
        target_kind: Set(target_kind.to_owned()),
        target_id: Set(target_id),
        client_id: Set(event.client.map(|client| client.to_string())),
        network: Set(event.network),
        details: Set(event.details),
    }
}
