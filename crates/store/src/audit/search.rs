//! Looking something up in the trail: for the console, the API, commands and exports.

use domain::{
    client::ClientId,
    ids::{AccountId, EventId},
};
use jiff::Timestamp;
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value as SqlValue};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    chain::{COLUMNS, Entry, Personal, hex},
    heads,
    past::details,
    rows::ACCOUNT,
};
use crate::{
    error::StoreError,
    time::{instant, millis},
};

/// Who did it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ByWhom {
    /// A person.
    Account(AccountId),
    /// A relying party.
    Client(ClientId),
    /// Any actor of this kind: `operator`, `service`, …
    Kind(String),
}

/// Which events are looked for: those for which everything that is given holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    /// A person who did it or to whom it was done.
    pub person: Option<AccountId>,
    /// Who did it.
    pub actor: Option<ByWhom>,
    /// The client at which it was done, or to whose registration.
    pub client: Option<ClientId>,
    /// What was done: an [`Action`](domain::audit::Action), by its name.
    pub action: Option<String>,
    /// Not before this.
    pub from: Option<Timestamp>,
    /// Before this.
    pub until: Option<Timestamp>,
}

/// In which order, and after which event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reading {
    /// The newest first: those older than an event.
    Backward(Option<EventId>),
    /// The oldest first: those newer than an event.
    Forward(Option<EventId>),
}

/// An event as it is found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    entry: Entry,
    personal: Option<Personal>,
    seal: Option<Seal>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Seal {
    sequence: i64,
    sealed_at: i64,
    commitment: Option<Vec<u8>>,
    hash: Vec<u8>,
}

/// An actor or a target.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Party {
    /// Its kind: `account`, `client`, …
    pub kind: String,
    /// Its id, where its kind has ids and it was not erased.
    pub id: Option<String>,
}

impl Party {
    /// The person, if it is one who was not erased.
    pub fn account(&self) -> Option<AccountId> {
        let id = self.id.as_deref().filter(|_| self.kind == ACCOUNT);
        id.and_then(|id| id.parse().ok())
    }
}

impl Found {
    /// Its id.
    pub const fn id(&self) -> EventId {
        EventId::from_uuid(self.entry.id)
    }

    /// When it happened.
    ///
    /// # Errors
    /// [`StoreError::Malformed`].
    pub fn at(&self) -> Result<Timestamp, StoreError> {
        instant(self.entry.at)
    }

    /// What happened; a later version may have written what this one does not know.
    pub fn action(&self) -> &str {
        &self.entry.action
    }

    /// Who did it.
    pub fn actor(&self) -> Party {
        let person = self.personal.as_ref().and_then(|of| of.actor_id.clone());
        Party {
            kind: self.entry.actor_kind.clone(),
            id: self.entry.actor_id.clone().or(person),
        }
    }

    /// On whom or what.
    pub fn target(&self) -> Party {
        let person = self.personal.as_ref().and_then(|of| of.target_id.clone());
        Party {
            kind: self.entry.target_kind.clone(),
            id: self.entry.target_id.clone().or(person),
        }
    }

    /// At which client.
    pub fn client(&self) -> Option<&str> {
        self.entry.client_id.as_deref()
    }

    /// From which network.
    pub fn network(&self) -> Option<&str> {
        self.personal.as_ref()?.network.as_deref()
    }

    /// What else there is to say.
    ///
    /// # Errors
    /// [`StoreError::Malformed`].
    pub fn details(&self) -> Result<Value, StoreError> {
        let personal = self.personal.as_ref().and_then(|of| of.details.as_deref());
        details(personal.or(self.entry.details.as_deref()))
    }

    /// Its place in the chain, once it is sealed.
    pub fn sequence(&self) -> Option<u64> {
        self.seal.as_ref().map(|seal| seal.sequence.unsigned_abs())
    }

    /// Whether there was something personal that is gone.
    pub fn is_erased(&self) -> bool {
        let committed = self
            .seal
            .as_ref()
            .is_some_and(|seal| seal.commitment.is_some());
        committed && self.personal.is_none()
    }

    /// As exports write it: every value as it is hashed, and the seal. `details` are texts,
    /// since a seal covers their very characters.
    pub fn document(&self) -> Value {
        let Entry {
            id,
            at,
            action,
            actor_kind,
            actor_id,
            target_kind,
            target_id,
            client_id,
            details,
        } = &self.entry;
        let personal = self.personal.as_ref().map(|of| {
            json!({
                "salt": hex(&of.salt), "actor_id": of.actor_id, "target_id": of.target_id,
                "network": of.network, "details": of.details,
            })
        });
        let seal = self.seal.as_ref().map(|seal| {
            json!({
                "sequence": seal.sequence, "sealed_at": seal.sealed_at,
                "commitment": seal.commitment.as_deref().map(hex), "hash": hex(&seal.hash),
            })
        });
        json!({
            "id": id, "at": at, "time": instant(*at).ok().map(|at| at.to_string()),
            "action": action, "actor_kind": actor_kind, "actor_id": actor_id,
            "target_kind": target_kind, "target_id": target_id, "client_id": client_id,
            "details": details, "personal": personal, "seal": seal,
        })
    }

    fn read(row: &QueryResult) -> Result<Self, StoreError> {
        let entry = Entry::read(row)?.ok_or(StoreError::Malformed {
            table: "audit_entry",
            what: "id",
        })?;
        let sequence: Option<i64> = row.try_get("", "sequence")?;
        let seal = match sequence {
            None => None,
            Some(sequence) => Some(Seal {
                sequence,
                sealed_at: row.try_get("", "sealed_at")?,
                commitment: row.try_get("", "commitment")?,
                hash: row.try_get("", "hash")?,
            }),
        };
        Ok(Self {
            entry,
            personal: Personal::read(row)?,
            seal,
        })
    }
}

/// Up to `most` events; each page goes on after the last event of the one before.
///
/// # Errors
/// The database's.
pub async fn search(
    connection: &impl ConnectionTrait,
    filter: &Filter,
    reading: Reading,
    most: u32,
) -> Result<Vec<Found>, StoreError> {
    let mut question = Question::default();
    question.filter(filter);
    let order = question.read(reading);
    let wanted = question.conditions.join(" and ");
    let wanted = if wanted.is_empty() { "1 = 1" } else { &wanted };
    let sql = format!(
        "select {COLUMNS}, seal.sequence, seal.sealed_at, seal.commitment, seal.hash \
         from audit_entry entry \
         left join audit_personal personal on personal.event_id = entry.id \
         left join audit_seal seal on seal.event_id = entry.id \
         where {wanted} order by entry.id {order} limit {most}"
    );
    let backend = connection.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, question.values);
    let rows = connection.query_all_raw(statement).await?;
    rows.iter().map(Found::read).collect()
}

/// The signed heads of all closed days, as exports write them.
///
/// # Errors
/// The database's.
pub async fn find_heads(connection: &impl ConnectionTrait) -> Result<Vec<Value>, StoreError> {
    let heads = heads::find_all(connection).await?;
    let documents = heads.iter().map(|head| {
        json!({
            "day": head.day, "first_sequence": head.first_sequence,
            "last_sequence": head.last_sequence, "hash": hex(&head.hash),
            "signature": head.signature,
        })
    });
    Ok(documents.collect())
}

/// A question to the database in the making.
#[derive(Default)]
struct Question {
    conditions: Vec<String>,
    values: Vec<SqlValue>,
}

impl Question {
    /// The name of a value.
    fn value(&mut self, value: impl Into<SqlValue>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    fn filter(&mut self, filter: &Filter) {
        if let Some(person) = filter.person {
            let id = self.value(person.to_string());
            self.conditions.push(format!(
                "entry.id in (select event_id from audit_personal where target_id = {id} \
                 union all select event_id from audit_personal where actor_id = {id})"
            ));
        }
        if let Some(actor) = &filter.actor {
            self.filter_actor(actor);
        }
        if let Some(client) = &filter.client {
            let id = self.value(client.to_string());
            self.conditions.push(format!(
                "entry.id in (select id from audit_entry where client_id = {id} \
                 union all select id from audit_entry \
                 where target_kind = 'client' and target_id = {id})"
            ));
        }
        if let Some(action) = &filter.action {
            let action = self.value(action.as_str());
            self.conditions.push(format!("entry.action = {action}"));
        }
        if let Some(from) = filter.from {
            let (id, at) = (
                self.value(EventId::earliest(from).as_uuid()),
                self.value(millis(from)),
            );
            self.conditions
                .push(format!("entry.id >= {id} and entry.at >= {at}"));
        }
        if let Some(until) = filter.until {
            let id = self.value(EventId::earliest(until).as_uuid());
            self.conditions.push(format!("entry.id < {id}"));
        }
    }

    fn filter_actor(&mut self, actor: &ByWhom) {
        let condition = match actor {
            ByWhom::Account(account) => {
                let id = self.value(account.to_string());
                format!("entry.id in (select event_id from audit_personal where actor_id = {id})")
            }
            ByWhom::Client(client) => {
                let id = self.value(client.to_string());
                format!("entry.actor_kind = 'client' and entry.actor_id = {id}")
            }
            ByWhom::Kind(kind) => {
                let kind = self.value(kind.as_str());
                format!("entry.actor_kind = {kind}")
            }
        };
        self.conditions.push(condition);
    }

    fn read(&mut self, reading: Reading) -> &'static str {
        let (order, than, event) = match reading {
            Reading::Backward(event) => ("desc", "<", event),
            Reading::Forward(event) => ("asc", ">", event),
        };
        if let Some(event) = event {
            let id: Uuid = event.as_uuid();
            let id = self.value(id);
            self.conditions.push(format!("entry.id {than} {id}"));
        }
        order
    }
}
