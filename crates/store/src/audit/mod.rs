//! The audit trail: who did what, on whom, from where, when.
//!
//! An event is inserted by the transaction that made the change. It holds no secret and
//! no full address, and what is personal of it stands apart, so that it can be erased. No
//! request waits for more: one worker on one node gives events their sequence and seals
//! them in a chain, a moment later.
//!
//! - `rows`: how an event is inserted, in one statement;
//! - `chain`: what a seal covers; pure;
//! - `keys`, `heads`: who signs what the chain came to, and when;
//! - [`sealer`]: the worker;
//! - [`verification`]: whether the chain is whole, and where it first is not;
//! - `noted`: an end of it that was written down elsewhere;
//! - `recorded`: what the trail says that went lawfully;
//! - [`keeping`]: pruning and erasing, under another database role;
//! - [`search`]: looking something up;
//! - [`asking`]: what people type for that, and that they did.

pub mod asking;
mod backlog;
mod chain;
mod heads;
pub mod keeping;
mod keys;
mod noted;
mod past;
mod recorded;
mod rows;
pub mod sealer;
pub mod search;
pub mod verification;

use domain::{
    ambient::Ambient,
    audit::{Action, Actor, Target},
    client::ClientId,
};
use sea_orm::ConnectionTrait;
use serde_json::Value;

pub(crate) use self::past::{find_actions_on_account, find_all_of_account};
pub use self::{
    backlog::{Backlog, backlog},
    keys::AuditKeys,
    noted::{NotNoted, Noted},
    past::{Past, find_of_account, find_on_account, find_sign_ins},
};
use crate::error::StoreError;

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
    /// Whether the details are about people. They always are where the target is one.
    pub personal: bool,
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
            personal: false,
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

    /// With details that are about people though the target is none.
    #[must_use]
    pub fn with_personal(mut self, details: Value) -> Self {
        self.personal = true;
        self.with(details)
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

/// Writes several events, in one statement as long as they are few.
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
        .map(|event| rows::Row::new(ambient, event))
        .collect();
    rows::insert(connection, rows).await
}
