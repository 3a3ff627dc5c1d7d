//! How an event is inserted: into three tables, by one statement.
//!
//! PostgreSQL takes one statement with three inserts. SQLite inserts into the view
//! `audit_event`, whose trigger does the same.

use std::fmt::Write as _;

use domain::{
    ambient::Ambient,
    audit::{Actor, Target},
    ids::EventId,
};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DbBackend, EntityTrait, Statement, Value as SqlValue,
};
use uuid::Uuid;

use super::{
    Event,
    chain::{Entry, Personal},
};
use crate::{entity::audit_event, error::StoreError, time::millis};

/// Events of one statement: a database takes so many values and no more.
const MOST_AT_ONCE: usize = 500;

/// The kind of actors and targets who are people.
pub(super) const ACCOUNT: &str = "account";

/// An event, and what is personal of it.
pub(super) struct Row {
    entry: Entry,
    personal: Option<Personal>,
}

impl Row {
    pub(super) fn new(ambient: &Ambient, event: Event) -> Self {
        let (actor_kind, actor_id) = actor(event.actor);
        let (target_kind, target_id) = target(event.target);
        let are_personal = event.personal || target_kind == ACCOUNT;
        let details = (!event.details.is_null()).then(|| event.details.to_string());
        let (about_people, about_things) = if are_personal {
            (details, None)
        } else {
            (None, details)
        };
        let (actor_person, actor_thing) = split(actor_kind, actor_id);
        let (target_person, target_thing) = split(target_kind, target_id);
        let personal = Personal {
            salt: ambient.random::<32>().to_vec(),
            actor_id: actor_person,
            target_id: target_person,
            network: event.network,
            details: about_people,
        };
        let entry = Entry {
            id: EventId::new(ambient).as_uuid(),
            at: millis(ambient.now()),
            action: event.action.as_str().to_owned(),
            actor_kind: actor_kind.to_owned(),
            actor_id: actor_thing,
            target_kind: target_kind.to_owned(),
            target_id: target_thing,
            client_id: event.client.map(|client| client.to_string()),
            details: about_things,
        };
        Self {
            entry,
            personal: (!personal.is_empty()).then_some(personal),
        }
    }
}

fn actor(actor: Actor) -> (&'static str, Option<String>) {
    match actor {
        Actor::Account(account) => (ACCOUNT, Some(account.to_string())),
        Actor::Client(client) => ("client", Some(client.to_string())),
        Actor::Operator => ("operator", None),
        Actor::Service => ("service", None),
    }
}

fn target(target: Target) -> (&'static str, Option<String>) {
    match target {
        Target::Account(account) => (ACCOUNT, Some(account.to_string())),
        Target::Client(client) => ("client", Some(client.to_string())),
        Target::Key(key) => ("key", Some(key.to_string())),
        Target::Directory => ("directory", None),
        Target::Trail => ("audit", None),
    }
}

/// A person's id, or a thing's.
fn split(kind: &str, id: Option<String>) -> (Option<String>, Option<String>) {
    if kind == ACCOUNT {
        (id, None)
    } else {
        (None, id)
    }
}

pub(super) async fn insert(
    connection: &impl ConnectionTrait,
    mut rows: Vec<Row>,
) -> Result<(), StoreError> {
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(MOST_AT_ONCE));
        match connection.get_database_backend() {
            DbBackend::Sqlite => insert_through_the_view(connection, rows).await?,
            backend => {
                let (sql, values) = three_inserts(rows);
                let statement = Statement::from_sql_and_values(backend, sql, values);
                connection.execute_raw(statement).await?;
            }
        }
        rows = rest;
    }
    Ok(())
}

async fn insert_through_the_view(
    connection: &impl ConnectionTrait,
    rows: Vec<Row>,
) -> Result<(), StoreError> {
    let rows = rows.into_iter().map(|Row { entry, personal }| {
        let personal = personal.unwrap_or_default();
        audit_event::ActiveModel {
            id: Set(entry.id),
            at: Set(entry.at),
            action: Set(entry.action),
            actor_kind: Set(entry.actor_kind),
            actor_id: Set(entry.actor_id.or(personal.actor_id)),
            target_kind: Set(entry.target_kind),
            target_id: Set(entry.target_id.or(personal.target_id)),
            client_id: Set(entry.client_id),
            network: Set(personal.network),
            details: Set(entry.details),
            salt: Set(Some(personal.salt)),
            personal_details: Set(personal.details),
        }
    });
    audit_event::Entity::insert_many(rows)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

/// One statement, whose parts see nothing of each other and need not.
fn three_inserts(rows: Vec<Row>) -> (String, Vec<SqlValue>) {
    let mut inserts = Inserts::default();
    let mut personal = Inserts::default();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.entry.id).collect();
    for Row {
        entry,
        personal: of_people,
    } in rows
    {
        let id = entry.id;
        inserts.add(entry.values());
        if let Some(of_people) = of_people {
            personal.add(of_people.values(id));
        }
    }
    let mut values = Vec::new();
    let mut sql = format!(
        "with entry as (insert into audit_entry (id, at, action, actor_kind, actor_id, \
         target_kind, target_id, client_id, details) values {})",
        inserts.text(&mut values)
    );
    if !personal.0.is_empty() {
        let text = personal.text(&mut values);
        let _ = write!(
            sql,
            ", personal as (insert into audit_personal (event_id, salt, actor_id, target_id, \
             network, details) values {text})"
        );
    }
    let mut pending = Inserts::default();
    for id in ids {
        pending.add(vec![id.into()]);
    }
    let text = pending.text(&mut values);
    let _ = write!(sql, " insert into audit_pending (event_id) values {text}");
    (sql, values)
}

/// The rows of one of the inserts.
#[derive(Default)]
struct Inserts(Vec<Vec<SqlValue>>);

impl Inserts {
    fn add(&mut self, row: Vec<SqlValue>) {
        self.0.push(row);
    }

    /// `($1, $2), ($3, $4)`, after the values that are there already.
    fn text(self, values: &mut Vec<SqlValue>) -> String {
        let mut rows = Vec::new();
        for row in self.0 {
            let first = values.len() + 1;
            let names = (first..first + row.len()).map(|number| format!("${number}"));
            rows.push(format!("({})", names.collect::<Vec<_>>().join(", ")));
            values.extend(row);
        }
        rows.join(", ")
    }
}
