//! The audit trail: who did what, on whom, from where, when.
//!
//! An event is a row of the transaction that made the change. It holds no secret and
//! no full address.

use domain::{
    ambient::Ambient,
    audit::{Action, Actor, Target},
    client::ClientId,
    ids::{AccountId, EventId},
};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use serde_json::Value;

use crate::{
    entity::audit_event,
    error::StoreError,
    time::{instant, millis},
};

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

/// An event, as its account's owner may read it.
#[derive(Clone, PartialEq, Debug)]
pub struct Past {
    /// When.
    pub at: Timestamp,
    /// [`Action::as_str`]; a later version may have written one that this does not know.
    pub action: String,
    /// What did it: `account`, `client`, `operator` or `service`.
    pub actor: String,
    /// Whether it was the account itself.
    pub by_owner: bool,
    /// At which client.
    pub client: Option<String>,
    /// From which network.
    pub network: Option<String>,
    /// What else there is to say.
    pub details: Value,
}

/// What happened to an account, or was done with it, since an instant: the newest first,
/// at most so many.
///
/// # Errors
/// The database's.
pub async fn find_of_account(
    connection: &impl ConnectionTrait,
    account: AccountId,
    since: Timestamp,
    most: u64,
) -> Result<Vec<Past>, StoreError> {
    let id = account.to_string();
    let rows = audit_event::Entity::find()
        .filter(is_of(&id))
        .filter(audit_event::Column::At.gte(millis(since)))
        .order_by_desc(audit_event::Column::At)
        .order_by_desc(audit_event::Column::Id)
        .limit(most)
        .all(connection)
        .await?;
    rows.into_iter().map(|row| past(row, &id)).collect()
}

/// The sign-ins of an account since an instant, the newest first.
///
/// # Errors
/// The database's.
pub async fn find_sign_ins(
    connection: &impl ConnectionTrait,
    account: AccountId,
    since: Timestamp,
    most: u64,
) -> Result<Vec<Past>, StoreError> {
    let id = account.to_string();
    let rows = audit_event::Entity::find()
        .filter(audit_event::Column::TargetKind.eq("account"))
        .filter(audit_event::Column::TargetId.eq(&id))
        .filter(audit_event::Column::Action.eq(Action::SignedIn.as_str()))
        .filter(audit_event::Column::At.gte(millis(since)))
        .order_by_desc(audit_event::Column::At)
        .limit(most)
        .all(connection)
        .await?;
    rows.into_iter().map(|row| past(row, &id)).collect()
}

pub(crate) fn is_of(account: &str) -> Condition {
    let target = Condition::all()
        .add(audit_event::Column::TargetKind.eq("account"))
        .add(audit_event::Column::TargetId.eq(account));
    let actor = Condition::all()
        .add(audit_event::Column::ActorKind.eq("account"))
        .add(audit_event::Column::ActorId.eq(account));
    Condition::any().add(target).add(actor)
}

fn past(row: audit_event::Model, account: &str) -> Result<Past, StoreError> {
    Ok(Past {
        at: instant(row.at)?,
        action: row.action,
        by_owner: row.actor_kind == "account" && row.actor_id.as_deref() == Some(account),
        actor: row.actor_kind,
        client: row.client_id,
        network: row.network,
        details: row.details,
    })
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
