//! What a registration was: one line for each change, the newest last, also after its
//! client was deleted.

use domain::{
    ambient::Ambient,
    audit::Actor,
    client::{ClientId, Registration},
};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait as _, QueryFilter,
    QueryOrder, QuerySelect,
};
use serde_json::Value;

use super::{Origin, changes::By};
use crate::{
    entity::client_version,
    error::StoreError,
    time::{instant, millis},
};

/// What was done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    /// It was registered.
    Registered,
    /// It was changed.
    Changed,
    /// It was deleted.
    Deleted,
}

impl Act {
    /// The value in the database and in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Changed => "changed",
            Self::Deleted => "deleted",
        }
    }

    fn parse(text: &str) -> Result<Self, StoreError> {
        [Self::Registered, Self::Changed, Self::Deleted]
            .into_iter()
            .find(|act| act.as_str() == text)
            .ok_or(MALFORMED)
    }
}

const MALFORMED: StoreError = StoreError::Malformed {
    table: "client_version",
    what: "act or registration",
};

/// A change, and the registration after it.
#[derive(Clone, PartialEq, Debug)]
pub struct Version {
    /// Its number.
    pub version: i64,
    /// When.
    pub at: Timestamp,
    /// What was done.
    pub act: Act,
    /// Who did it: `account`, `client`, `operator` or `service`.
    pub actor_kind: String,
    /// Which of them.
    pub actor_id: Option<String>,
    /// The registration after it; none where it was deleted.
    pub registration: Option<Registration>,
    /// The place that managed it then.
    pub managed_by: Option<String>,
}

/// The changes of a client before a version, the newest first, at most so many.
///
/// # Errors
/// The database's, or [`StoreError::Malformed`].
pub async fn find(
    connection: &impl ConnectionTrait,
    id: &ClientId,
    before: Option<i64>,
    most: u64,
) -> Result<Vec<Version>, StoreError> {
    let rows = client_version::Entity::find()
        .filter(client_version::Column::ClientId.eq(id.as_str()))
        .filter(client_version::Column::Version.lt(before.unwrap_or(i64::MAX)))
        .order_by_desc(client_version::Column::Version)
        .limit(most)
        .all(connection)
        .await?;
    rows.into_iter().map(version).collect()
}

/// One change.
///
/// # Errors
/// As [`find`].
pub async fn find_version(
    connection: &impl ConnectionTrait,
    id: &ClientId,
    number: i64,
) -> Result<Option<Version>, StoreError> {
    let key = (id.to_string(), number);
    let row = client_version::Entity::find_by_id(key)
        .one(connection)
        .await?;
    row.map(version).transpose()
}

/// Who first brought the client of an id: itself, where one line says that it registered
/// itself. Whoever takes its deletion back vouches for it no more than before.
///
/// # Errors
/// The database's.
pub async fn origin(
    connection: &impl ConnectionTrait,
    id: &ClientId,
) -> Result<Origin, StoreError> {
    let of_itself = client_version::Entity::find()
        .filter(client_version::Column::ClientId.eq(id.as_str()))
        .filter(client_version::Column::Act.eq(Act::Registered.as_str()))
        .filter(client_version::Column::ActorKind.eq("client"))
        .filter(client_version::Column::ActorId.eq(id.as_str()))
        .count(connection)
        .await?;
    Ok(if of_itself == 0 {
        Origin::Operator
    } else {
        Origin::Dynamic
    })
}

/// The last version that a client of this id had; 0 where there never was one.
pub(super) async fn last_version(
    connection: &impl ConnectionTrait,
    id: &ClientId,
) -> Result<i64, StoreError> {
    let row = client_version::Entity::find()
        .filter(client_version::Column::ClientId.eq(id.as_str()))
        .order_by_desc(client_version::Column::Version)
        .one(connection)
        .await?;
    Ok(row.map_or(0, |row| row.version))
}

pub(super) struct Line {
    pub(super) act: Act,
    pub(super) version: i64,
    pub(super) document: Value,
}

pub(super) async fn insert(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    by: &By,
    id: &ClientId,
    line: Line,
) -> Result<(), StoreError> {
    let (actor_kind, actor_id) = match &by.actor {
        Actor::Account(account) => ("account", Some(account.to_string())),
        Actor::Client(client) => ("client", Some(client.to_string())),
        Actor::Operator => ("operator", None),
        Actor::Service => ("service", None),
    };
    let row = client_version::ActiveModel {
        client_id: Set(id.to_string()),
        version: Set(line.version),
        at: Set(millis(ambient.now())),
        act: Set(line.act.as_str().to_owned()),
        actor_kind: Set(actor_kind.to_owned()),
        actor_id: Set(actor_id),
        registration: Set(line.document),
        managed_by: Set(by.managed_by.clone()),
    };
    client_version::Entity::insert(row)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

fn version(row: client_version::Model) -> Result<Version, StoreError> {
    let registration = match row.registration {
        Value::Null => None,
        document => Some(serde_json::from_value(document).map_err(|_| MALFORMED)?),
    };
    Ok(Version {
        version: row.version,
        at: instant(row.at)?,
        act: Act::parse(&row.act)?,
        actor_kind: row.actor_kind,
        actor_id: row.actor_id,
        registration,
        managed_by: row.managed_by,
    })
}
