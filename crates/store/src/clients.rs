//! Client registrations and their secrets: what stands now. What is done with them is in
//! [`changes`], what was before in [`history`].

pub mod changes;
pub mod history;
pub mod tokens;
pub mod uses;

use std::collections::HashMap;

use domain::{
    client::{ClientId, Registration},
    ids::ClientSecretId,
    secret::Secret,
};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

pub use self::changes::{Applied, add_secret, apply, delete};
use crate::{
    entity::{client, client_secret, registry},
    error::StoreError,
    time::instant,
    vault::hmac_sha256,
};

/// Who brought a registration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// An operator or administrator, who vouches for it.
    Operator,
    /// A program, by dynamic registration: nobody looked at it.
    Dynamic,
}

impl Origin {
    /// The value in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Dynamic => "dynamic",
        }
    }

    fn parse(text: &str) -> Result<Self, StoreError> {
        [Self::Operator, Self::Dynamic]
            .into_iter()
            .find(|origin| origin.as_str() == text)
            .ok_or(malformed("origin"))
    }
}

/// A registration with what its secrets are recognised by.
#[derive(Clone, Debug)]
pub struct StoredClient {
    /// The registration.
    pub registration: Registration,
    /// Its secrets, the oldest first; several overlap during a rotation.
    pub secrets: Vec<StoredSecret>,
    /// Grows with each change of the registration: what a change may be bound to.
    pub version: i64,
    /// The place that manages it, such as a file's path; none for the console's own.
    pub managed_by: Option<String>,
    /// Who brought it.
    pub origin: Origin,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When the registration last changed.
    pub updated_at: Timestamp,
}

/// What is kept of a client's secret.
#[derive(Clone, Debug)]
pub struct StoredSecret {
    /// Its id.
    pub id: ClientSecretId,
    /// What administrators call it.
    pub label: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working, if it does by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, within some minutes.
    pub last_used_at: Option<Timestamp>,
    hash: Vec<u8>,
}

impl StoredSecret {
    /// Whether the text presented is this secret, and its time is not over. Compared
    /// in constant time.
    pub fn is(&self, hash: &SecretHash, now: Timestamp) -> bool {
        self.is_same(hash) && self.works(now)
    }

    /// Whether the text presented is this secret, whatever its time.
    pub fn is_same(&self, hash: &SecretHash) -> bool {
        subtle::ConstantTimeEq::ct_eq(self.hash.as_slice(), &hash.0[..]).into()
    }

    /// Whether its time is not over.
    pub fn works(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
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

/// All registrations, by client id. One that this version cannot read, because a later
/// one wrote it, stands there as stopped and with nothing but its id: the others go on.
///
/// # Errors
/// The database's.
pub async fn find_all(connection: &impl ConnectionTrait) -> Result<Vec<StoredClient>, StoreError> {
    find_changed_since(connection, -1).await
}

/// The registrations that changed, or whose secrets did, after a version of the registry.
///
/// # Errors
/// As [`find_all`].
pub async fn find_changed_since(
    connection: &impl ConnectionTrait,
    version: i64,
) -> Result<Vec<StoredClient>, StoreError> {
    let rows = client::Entity::find()
        .filter(client::Column::RegistryVersion.gt(version))
        .order_by_asc(client::Column::ClientId)
        .all(connection)
        .await?;
    let mut secrets = client_secret::Entity::find().order_by_asc(client_secret::Column::Id);
    // Few: their secrets by name; many: one pass over all.
    if rows.len() <= 100 {
        let ids = rows.iter().map(|row| row.client_id.as_str());
        secrets = secrets.filter(client_secret::Column::ClientId.is_in(ids));
    }
    let mut by_client: HashMap<String, Vec<client_secret::Model>> = HashMap::new();
    for secret in secrets.all(connection).await? {
        let own = by_client.entry(secret.client_id.clone()).or_default();
        own.push(secret);
    }
    let mut with_secrets = |row: client::Model| {
        let own = by_client.remove(&row.client_id).unwrap_or_default();
        let id = row.client_id.clone();
        stored(row, &own).or_else(|error| {
            tracing::error!(client = id, %error, "a client cannot be read and counts as disabled");
            stopped(&id)
        })
    };
    Ok(rows
        .into_iter()
        .filter_map(|row| with_secrets(row).ok())
        .collect())
}

/// How many registrations there are.
///
/// # Errors
/// The database's.
pub async fn count(connection: &impl ConnectionTrait) -> Result<u64, StoreError> {
    Ok(client::Entity::find().count(connection).await?)
}

/// How many there are of one origin.
///
/// # Errors
/// The database's.
pub async fn count_of(
    connection: &impl ConnectionTrait,
    origin: Origin,
) -> Result<u64, StoreError> {
    let of_origin = client::Column::Origin.eq(origin.as_str());
    let query = client::Entity::find().filter(of_origin);
    Ok(query.count(connection).await?)
}

/// One registration.
///
/// # Errors
/// The database's, or [`StoreError::Malformed`] for a registration that this version
/// cannot read: nobody writes over what they cannot read.
pub async fn find_by_id(
    connection: &impl ConnectionTrait,
    id: &ClientId,
) -> Result<Option<StoredClient>, StoreError> {
    let row = client::Entity::find_by_id(id.as_str())
        .one(connection)
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let secrets = client_secret::Entity::find()
        .filter(client_secret::Column::ClientId.eq(id.as_str()))
        .order_by_asc(client_secret::Column::Id)
        .all(connection)
        .await?;
    stored(row, &secrets).map(Some)
}

/// The version of all registrations together: it grows with every change.
///
/// # Errors
/// The database's.
pub async fn version(connection: &impl ConnectionTrait) -> Result<i64, StoreError> {
    let row = registry::Entity::find_by_id(1).one(connection).await?;
    Ok(row.map_or(0, |row| row.version))
}

/// A registration as rows and answers hold it: the same members in the same order,
/// whoever wrote them.
pub fn document(registration: &Registration) -> serde_json::Value {
    serde_json::to_value(registration).expect("a registration is a JSON document")
}

fn registration(document: serde_json::Value) -> Result<Registration, StoreError> {
    serde_json::from_value(document).map_err(|_| malformed("registration"))
}

const fn malformed(what: &'static str) -> StoreError {
    StoreError::Malformed {
        table: "client",
        what,
    }
}

fn stored(
    row: client::Model,
    secrets: &[client_secret::Model],
) -> Result<StoredClient, StoreError> {
    Ok(StoredClient {
        registration: registration(row.registration)?,
        secrets: secrets
            .iter()
            .map(stored_secret)
            .collect::<Result<_, _>>()?,
        version: row.version,
        managed_by: row.managed_by,
        origin: Origin::parse(&row.origin)?,
        created_at: instant(row.created_at)?,
        updated_at: instant(row.updated_at)?,
    })
}

/// What stands for a client that cannot be read.
fn stopped(id: &str) -> Result<StoredClient, StoreError> {
    let document = serde_json::json!({
        "client_id": id, "client_name": id, "enabled": false, "grant_types": [],
    });
    Ok(StoredClient {
        registration: registration(document)?,
        secrets: Vec::new(),
        version: 0,
        managed_by: None,
        origin: Origin::Dynamic,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
    })
}

fn stored_secret(row: &client_secret::Model) -> Result<StoredSecret, StoreError> {
    Ok(StoredSecret {
        id: ClientSecretId::from_uuid(row.id),
        label: row.label.clone(),
        created_at: instant(row.created_at)?,
        expires_at: row.expires_at.map(instant).transpose()?,
        last_used_at: row.last_used_at.map(instant).transpose()?,
        hash: row.hash.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_origin_is_never_the_trusted_one() {
        for origin in [Origin::Operator, Origin::Dynamic] {
            assert_eq!(Origin::parse(origin.as_str()).unwrap(), origin);
        }
        assert!(Origin::parse("federated").is_err());
    }
}
