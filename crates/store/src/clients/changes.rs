//! What is done with a registration: each act in a transaction of its caller, with its
//! line of the history, its audit event, and the registry's new version by which every
//! node sees it.

use domain::{
    ambient::Ambient,
    audit::{Action, Actor, Target},
    client::{ClientId, SoundRegistration},
    ids::ClientSecretId,
};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use serde_json::{Value, json};

use super::{
    Origin, SecretHash, StoredClient, document, find_by_id,
    history::{self, Act},
};
use crate::{
    audit::{self, Event},
    entity::{client, client_secret, registry},
    error::StoreError,
    time::millis,
};

/// Who changes registrations, and from which place they are managed.
#[derive(Clone, Debug)]
pub struct By {
    /// Who.
    pub actor: Actor,
    /// The place that manages them from now on.
    pub managed_by: Option<String>,
    /// Who vouches for them.
    pub origin: Origin,
}

impl By {
    /// Somebody who vouches for what they write, from no file.
    pub const fn actor(actor: Actor) -> Self {
        Self {
            actor,
            managed_by: None,
            origin: Origin::Operator,
        }
    }
}

/// What a change may take the place of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Replaces {
    /// This version alone: whoever changed it since is not overwritten unseen.
    Version(i64),
    /// Nothing: the client was deleted, and is not to be overwritten if it came back.
    Nothing,
    /// Whatever stands: for who read that while holding the registry ([`hold`]), and for
    /// who has the last word.
    Whatever,
}

impl Replaces {
    const fn may_replace(self, standing: i64) -> bool {
        match self {
            Self::Version(version) => version == standing,
            Self::Nothing => false,
            Self::Whatever => true,
        }
    }
}

/// What became of a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// It is so now, in this version.
    Done(i64),
    /// It was so before.
    Nothing(i64),
    /// It was changed by somebody else since: this is its version now.
    Conflict(i64),
    /// There is no such client.
    Unknown,
}

/// Holds the registry until the transaction ends: what is read of registrations from here
/// on stands until then, and nobody else's change comes between.
///
/// # Errors
/// The database's.
pub async fn hold(connection: &impl ConnectionTrait) -> Result<(), StoreError> {
    registry::Entity::find_by_id(1)
        .lock_exclusive()
        .one(connection)
        .await?;
    Ok(())
}

/// Registers a client. `None` where the id is taken.
///
/// # Errors
/// The database's.
pub async fn register(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    by: &By,
    registration: &SoundRegistration,
) -> Result<Option<i64>, StoreError> {
    let id = &registration.client_id;
    let registry_version = next_version(connection).await?;
    let version = history::last_version(connection, id).await? + 1;
    let now = millis(ambient.now());
    let row = client::ActiveModel {
        client_id: Set(id.to_string()),
        registration: Set(document(registration)),
        created_at: Set(now),
        updated_at: Set(now),
        version: Set(version),
        registry_version: Set(registry_version),
        managed_by: Set(by.managed_by.clone()),
        origin: Set(by.origin.as_str().to_owned()),
    };
    let written = client::Entity::insert(row)
        .on_conflict(
            OnConflict::column(client::Column::ClientId)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(connection)
        .await?;
    if written == 0 {
        return Ok(None);
    }
    let line = (Act::Registered, version, Some(registration));
    record(connection, ambient, by, id, line).await?;
    Ok(Some(version))
}

/// Changes a registration, if what stands is what the change may take the place of.
///
/// # Errors
/// The database's.
pub async fn change(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    by: &By,
    registration: &SoundRegistration,
    replaces: Replaces,
) -> Result<Change, StoreError> {
    let id = &registration.client_id;
    let registry_version = next_version(connection).await?;
    let Some(before) = find_by_id(connection, id).await? else {
        return Ok(Change::Unknown);
    };
    if !replaces.may_replace(before.version) {
        return Ok(Change::Conflict(before.version));
    }
    if before.registration == **registration && before.managed_by == by.managed_by {
        return Ok(Change::Nothing(before.version));
    }
    let version = before.version + 1;
    client::Entity::update_many()
        .col_expr(
            client::Column::Registration,
            Expr::value(document(registration)),
        )
        .col_expr(
            client::Column::UpdatedAt,
            Expr::value(millis(ambient.now())),
        )
        .col_expr(client::Column::Version, Expr::value(version))
        .col_expr(
            client::Column::RegistryVersion,
            Expr::value(registry_version),
        )
        .col_expr(
            client::Column::ManagedBy,
            Expr::value(by.managed_by.clone()),
        )
        .filter(client::Column::ClientId.eq(id.as_str()))
        .exec(connection)
        .await?;
    let line = (Act::Changed, version, Some(registration));
    record(connection, ambient, by, id, line).await?;
    Ok(Change::Done(version))
}

/// Deletes a client with its secrets, grants and consents, under the rule of [`change`].
///
/// # Errors
/// The database's.
pub async fn delete(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    by: &By,
    id: &ClientId,
    replaces: Replaces,
) -> Result<Change, StoreError> {
    next_version(connection).await?;
    let Some(before) = find_by_id(connection, id).await? else {
        return Ok(Change::Unknown);
    };
    if !replaces.may_replace(before.version) {
        return Ok(Change::Conflict(before.version));
    }
    client::Entity::delete_by_id(id.as_str())
        .exec(connection)
        .await?;
    let version = before.version + 1;
    record(connection, ambient, by, id, (Act::Deleted, version, None)).await?;
    Ok(Change::Done(version))
}

/// What applying a registration changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Applied {
    /// There was none.
    Created,
    /// There was another.
    Updated,
    /// There was the same.
    Unchanged,
}

/// Writes a registration, new or not; the same again changes nothing.
///
/// # Errors
/// The database's.
pub async fn apply(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    by: &By,
    registration: &SoundRegistration,
) -> Result<Applied, StoreError> {
    Ok(
        match change(connection, ambient, by, registration, Replaces::Whatever).await? {
            Change::Done(_) | Change::Conflict(_) => Applied::Updated,
            Change::Nothing(_) => Applied::Unchanged,
            Change::Unknown => {
                register(connection, ambient, by, registration).await?;
                Applied::Created
            }
        },
    )
}

/// A secret to be added.
pub struct NewSecret<'a> {
    /// What is kept of it.
    pub hash: &'a SecretHash,
    /// What administrators call it.
    pub label: Option<&'a str>,
    /// When it shall stop working by itself.
    pub expires_at: Option<Timestamp>,
}

impl<'a> NewSecret<'a> {
    /// One without label and end.
    pub const fn plain(hash: &'a SecretHash) -> Self {
        Self {
            hash,
            label: None,
            expires_at: None,
        }
    }
}

/// Adds a secret to a client. `None` where the client has that secret already.
///
/// # Errors
/// The database's; a foreign key fails where there is no such client.
pub async fn add_secret(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    actor: Actor,
    id: &ClientId,
    secret: &NewSecret<'_>,
) -> Result<Option<ClientSecretId>, StoreError> {
    let registry_version = next_version(connection).await?;
    let secret_id = ClientSecretId::new(ambient);
    let row = client_secret::ActiveModel {
        id: Set(secret_id.as_uuid()),
        client_id: Set(id.to_string()),
        hash: Set(secret.hash.0.to_vec()),
        created_at: Set(millis(ambient.now())),
        expires_at: Set(secret.expires_at.map(millis)),
        label: Set(secret.label.map(str::to_owned)),
        last_used_at: Set(None),
    };
    let unique = [client_secret::Column::ClientId, client_secret::Column::Hash];
    let written = client_secret::Entity::insert(row)
        .on_conflict(OnConflict::columns(unique).do_nothing().to_owned())
        .exec_without_returning(connection)
        .await?;
    if written == 0 {
        return Ok(None);
    }
    touch(connection, id, registry_version).await?;
    let event = secret_event(Action::ClientSecretAdded, actor, id, secret_id);
    audit::record(connection, ambient, event).await?;
    Ok(Some(secret_id))
}

/// Removes one secret: it works nowhere any more. Whether there was such a one.
///
/// # Errors
/// The database's.
pub async fn remove_secret(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    actor: Actor,
    id: &ClientId,
    secret: ClientSecretId,
) -> Result<bool, StoreError> {
    let registry_version = next_version(connection).await?;
    let deleted = client_secret::Entity::delete_many()
        .filter(client_secret::Column::Id.eq(secret.as_uuid()))
        .filter(client_secret::Column::ClientId.eq(id.as_str()))
        .exec(connection)
        .await?;
    if deleted.rows_affected == 0 {
        return Ok(false);
    }
    touch(connection, id, registry_version).await?;
    let event = secret_event(Action::ClientSecretRemoved, actor, id, secret);
    audit::record(connection, ambient, event).await?;
    Ok(true)
}

fn secret_event(action: Action, actor: Actor, id: &ClientId, secret: ClientSecretId) -> Event {
    let target = Target::Client(id.clone());
    Event::new(action, actor, target).with(json!({ "secret": secret.to_string() }))
}

/// The registry's next version. Its one row is held until the transaction ends, so that
/// versions are seen in the order in which they were given.
async fn next_version(connection: &impl ConnectionTrait) -> Result<i64, StoreError> {
    registry::Entity::update_many()
        .col_expr(
            registry::Column::Version,
            Expr::col(registry::Column::Version).add(1),
        )
        .filter(registry::Column::Singleton.eq(1))
        .exec(connection)
        .await?;
    super::version(connection).await
}

async fn touch(
    connection: &impl ConnectionTrait,
    id: &ClientId,
    registry_version: i64,
) -> Result<(), StoreError> {
    client::Entity::update_many()
        .col_expr(
            client::Column::RegistryVersion,
            Expr::value(registry_version),
        )
        .filter(client::Column::ClientId.eq(id.as_str()))
        .exec(connection)
        .await?;
    Ok(())
}

async fn record(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    by: &By,
    id: &ClientId,
    (act, version, after): (Act, i64, Option<&SoundRegistration>),
) -> Result<(), StoreError> {
    let document = after.map_or(Value::Null, |registration| document(registration));
    let line = history::Line {
        act,
        version,
        document,
    };
    history::insert(connection, ambient, by, id, line).await?;
    let action = match act {
        Act::Registered => Action::ClientCreated,
        Act::Changed => Action::ClientUpdated,
        Act::Deleted => Action::ClientDeleted,
    };
    let mut details = json!({ "version": version });
    if let Some(place) = &by.managed_by {
        details["managed_by"] = place.as_str().into();
    }
    let event = Event::new(action, by.actor.clone(), Target::Client(id.clone())).with(details);
    audit::record(connection, ambient, event).await
}

impl StoredClient {
    /// The same place and origin as the client has, for a change by somebody.
    pub fn by(&self, actor: Actor) -> By {
        By {
            actor,
            managed_by: self.managed_by.clone(),
            origin: self.origin,
        }
    }
}
