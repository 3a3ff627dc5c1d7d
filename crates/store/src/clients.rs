//! Client registrations and their secrets.

use domain::{
    ambient::Ambient,
    audit::{Action, Actor, Target},
    client::{ClientId, Registration},
    ids::ClientSecretId,
    secret::Secret,
};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use crate::{
    audit::{self, Event},
    entity::{client, client_secret, registry},
    error::StoreError,
    time::{instant, millis},
    vault::hmac_sha256,
};

/// A registration with what its secrets are recognised by.
#[derive(Clone, Debug)]
pub struct StoredClient {
    /// The registration.
    pub registration: Registration,
    /// Its secrets; several overlap during a rotation.
    pub secrets: Vec<StoredSecret>,
}

/// What is kept of a client's secret.
#[derive(Clone, Debug)]
pub struct StoredSecret {
    hash: Vec<u8>,
    expires_at: Option<Timestamp>,
}

impl StoredSecret {
    /// Whether the text presented is this secret, and its time is not over. Compared
    /// in constant time.
    pub fn is(&self, hash: &SecretHash, now: Timestamp) -> bool {
        let same: bool = subtle::ConstantTimeEq::ct_eq(self.hash.as_slice(), &hash.0[..]).into();
        same && self.expires_at.is_none_or(|end| now < end)
    }
}

/// The keyed hash of a client's secret. The secret is long and random, so that a fast
/// hash is enough; the key keeps a stolen table useless.
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// Hashes a secret with the service's key for client secrets.
    pub fn of(key: &[u8; 32], secret: &Secret) -> Self {
        Self(hmac_sha256(key, secret.expose().as_bytes()))
    }
}

/// All registrations, by client id.
///
/// # Errors
/// The database's, or [`StoreError::Malformed`] for a registration that this version
/// cannot read.
pub async fn find_all(connection: &impl ConnectionTrait) -> Result<Vec<StoredClient>, StoreError> {
    let rows = client::Entity::find()
        .order_by_asc(client::Column::ClientId)
        .all(connection)
        .await?;
    let secrets = client_secret::Entity::find().all(connection).await?;
    rows.into_iter()
        .map(|row| {
            let own = secrets
                .iter()
                .filter(|secret| secret.client_id == row.client_id);
            Ok(StoredClient {
                registration: registration(row.registration.clone())?,
                secrets: own.map(stored_secret).collect::<Result<_, _>>()?,
            })
        })
        .collect()
}

/// One registration.
///
/// # Errors
/// As [`find_all`].
pub async fn find_by_id(
    connection: &impl ConnectionTrait,
    id: &ClientId,
) -> Result<Option<StoredClient>, StoreError> {
    let Some(row) = client::Entity::find_by_id(id.as_str())
        .one(connection)
        .await?
    else {
        return Ok(None);
    };
    let secrets = client_secret::Entity::find()
        .filter(client_secret::Column::ClientId.eq(id.as_str()))
        .all(connection)
        .await?;
    Ok(Some(StoredClient {
        registration: registration(row.registration)?,
        secrets: secrets
            .iter()
            .map(stored_secret)
            .collect::<Result<_, _>>()?,
    }))
}

/// The version of all registrations together: it grows with every change.
///
/// # Errors
/// The database's.
pub async fn version(connection: &impl ConnectionTrait) -> Result<i64, StoreError> {
    let row = registry::Entity::find_by_id(1).one(connection).await?;
    Ok(row.map_or(0, |row| row.version))
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

/// Writes a registration that was checked; the same again changes nothing.
///
/// # Errors
/// The database's.
pub async fn apply(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    actor: Actor,
    registration: &Registration,
) -> Result<Applied, StoreError> {
    let id = &registration.client_id;
    let before = find_by_id(connection, id).await?;
    let (applied, action) = match &before {
        Some(stored) if stored.registration == *registration => return Ok(Applied::Unchanged),
        Some(_) => (Applied::Updated, Action::ClientUpdated),
        None => (Applied::Created, Action::ClientCreated),
    };
    let now = millis(ambient.now());
    let row = client::ActiveModel {
        client_id: Set(id.to_string()),
        registration: Set(document(registration)),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let replaced = [client::Column::Registration, client::Column::UpdatedAt];
    client::Entity::insert(row)
        .on_conflict(
            OnConflict::column(client::Column::ClientId)
                .update_columns(replaced)
                .to_owned(),
        )
        .exec_without_returning(connection)
        .await?;
    changed(connection, ambient, action, actor, id).await?;
    Ok(applied)
}

/// Adds a secret to a client. `false` where the client has that secret already.
///
/// # Errors
/// The database's; a foreign key fails where there is no such client.
pub async fn add_secret(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    actor: Actor,
    id: &ClientId,
    hash: &SecretHash,
) -> Result<bool, StoreError> {
    let row = client_secret::ActiveModel {
        id: Set(ClientSecretId::new(ambient).as_uuid()),
        client_id: Set(id.to_string()),
        hash: Set(hash.0.to_vec()),
        created_at: Set(millis(ambient.now())),
        expires_at: Set(None),
    };
    let unique = [client_secret::Column::ClientId, client_secret::Column::Hash];
    let written = client_secret::Entity::insert(row)
        .on_conflict(OnConflict::columns(unique).do_nothing().to_owned())
        .exec_without_returning(connection)
        .await?;
    if written == 1 {
        changed(connection, ambient, Action::ClientSecretAdded, actor, id).await?;
    }
    Ok(written == 1)
}

/// Deletes a client with its secrets, grants and consents. Whether there was one.
///
/// # Errors
/// The database's.
pub async fn delete(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    actor: Actor,
    id: &ClientId,
) -> Result<bool, StoreError> {
    let deleted = client::Entity::delete_by_id(id.as_str())
        .exec(connection)
        .await?;
    if deleted.rows_affected == 1 {
        changed(connection, ambient, Action::ClientDeleted, actor, id).await?;
    }
    Ok(deleted.rows_affected == 1)
}

async fn changed(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    action: Action,
    actor: Actor,
    id: &ClientId,
) -> Result<(), StoreError> {
    registry::Entity::update_many()
        .col_expr(
            registry::Column::Version,
            Expr::col(registry::Column::Version).add(1),
        )
        .filter(registry::Column::Singleton.eq(1))
        .exec(connection)
        .await?;
    audit::record(
        connection,
        ambient,
        Event::new(action, actor, Target::Client(id.clone())),
    )
    .await
}

fn document(registration: &Registration) -> serde_json::Value {
    serde_json::to_value(registration).expect("a registration is a JSON document")
}

fn registration(document: serde_json::Value) -> Result<Registration, StoreError> {
    serde_json::from_value(document).map_err(|_| StoreError::Malformed {
        table: "client",
        what: "registration",
    })
}

fn stored_secret(row: &client_secret::Model) -> Result<StoredSecret, StoreError> {
    Ok(StoredSecret {
        hash: row.hash.clone(),
        expires_at: row.expires_at.map(instant).transpose()?,
    })
}
