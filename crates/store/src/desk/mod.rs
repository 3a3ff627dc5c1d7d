//! What a school's officer sees and does: of people of the school, and of what that school
//! says of them, and of nothing else (product.md, People).
//!
//! Somebody is tied to a school by a record of its files that has not ended. Every reading
//! and every act here goes through that tie, in the same statement that finds the person:
//! who has none does not exist, and the answer costs the same. Names, dates, classes,
//! contacts and links are those of the school's own records; of the account itself an
//! officer sees the identifier, the state, and that contacts are confirmed.
//!
//! Acts take a transaction, hold the account, look at the tie again, and write their event;
//! whoever began the transaction tells the owner and commits.

mod classes;
mod contacts;
mod factors;
mod groupings;
mod history;
mod links;
mod passwords;
mod person;
mod reports;
mod search;
mod suspensions;

use domain::{
    ambient::Ambient,
    audit::{Action, Actor, Target},
    ids::AccountId,
    school::Uai,
};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Value};
use serde_json::{Map, json};

pub(crate) use self::passwords::reset;
pub use self::{
    classes::{Class, Member, find_classes, find_members},
    contacts::{Correction, correct},
    factors::{has_factor, has_factor_to_lose, remove_factors},
    groupings::{Grouping, UngroupedPart, find_groupings, group, ungroup},
    history::{Shown, find_history, find_identity_change},
    links::{Link, LinkEnd, bar, find_links, unbar},
    passwords::give_provisional,
    person::{DateRefused, Person, RecordView, find_anywhere, find_person, find_refused_dates},
    reports::{ReportedLink, answer_report, count_reports, find_reports},
    search::{Cursor, Found, Search, find},
    suspensions::{Suspended, Suspension, reactivate, suspend},
};
use crate::{
    accounts,
    audit::{self, Event},
    error::StoreError,
};

/// An officer at the desk of one of their schools.
#[derive(Clone, Debug)]
pub struct Desk {
    /// Their account.
    pub officer: AccountId,
    /// The school.
    pub school: Uai,
    /// From which network: cut to its network, never whole.
    pub network: Option<String>,
}

impl Desk {
    /// An event of an act on an account, with what else there is to say: a JSON object. It
    /// names the school, whose part of the history it is.
    pub fn event(&self, action: Action, account: AccountId, details: serde_json::Value) -> Event {
        let mut members = match details {
            serde_json::Value::Object(members) => members,
            _ => Map::new(),
        };
        members.insert("school".to_owned(), json!(self.school));
        Event::new(
            action,
            Actor::Account(self.officer),
            Target::Account(account),
        )
        .from_network(self.network.clone())
        .with(members.into())
    }
}

/// Holds an account until the transaction ends, and gives the person as the school knows
/// them; none where there is no tie.
///
/// # Errors
/// The database's.
pub async fn hold(
    transaction: &impl ConnectionTrait,
    desk: &Desk,
    account: AccountId,
) -> Result<Option<Person>, StoreError> {
    accounts::lock(transaction, account).await?;
    find_person(transaction, &desk.school, account).await
}

/// Writes down that an officer opened somebody's page.
///
/// # Errors
/// The database's.
pub async fn record_seen(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    desk: &Desk,
    account: AccountId,
) -> Result<(), StoreError> {
    let event = desk.event(Action::PersonSeen, account, json!({}));
    audit::record(connection, ambient, event).await
}

/// Writes down a search: by what, and whom it showed. What was typed is not kept: it may
/// name somebody who is not there.
///
/// # Errors
/// The database's.
pub async fn record_search(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    desk: &Desk,
    search: &Search,
    shown: &[AccountId],
) -> Result<(), StoreError> {
    let details = json!({
        "by": search.criteria(),
        "shown": shown,
        "school": desk.school,
    });
    let event = Event::new(
        Action::PeopleSearched,
        Actor::Account(desk.officer),
        Target::Directory,
    )
    .from_network(desk.network.clone())
    .with_personal(details);
    audit::record(connection, ambient, event).await
}

/// A statement with its values, put together where what is asked for varies.
struct Asked {
    sql: String,
    values: Vec<Value>,
}

impl Asked {
    fn new(sql: &str) -> Self {
        Self {
            sql: sql.to_owned(),
            values: Vec::new(),
        }
    }

    /// The place of a value.
    fn value(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    fn and(&mut self, sql: &str) {
        self.sql.push_str(sql);
    }

    async fn all(self, connection: &impl ConnectionTrait) -> Result<Vec<QueryResult>, StoreError> {
        let backend = connection.get_database_backend();
        let statement = sea_orm::Statement::from_sql_and_values(backend, self.sql, self.values);
        Ok(connection.query_all_raw(statement).await?)
    }

    async fn execute(self, connection: &impl ConnectionTrait) -> Result<u64, StoreError> {
        let backend: DbBackend = connection.get_database_backend();
        let statement = sea_orm::Statement::from_sql_and_values(backend, self.sql, self.values);
        Ok(connection.execute_raw(statement).await?.rows_affected())
    }
}
