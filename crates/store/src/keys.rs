//! Signing keys, sealed.

use domain::{
    ambient::Ambient,
    audit::{Action, Actor, Target},
    ids::KeyId,
    signing::SigningAlgorithm,
};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, OnConflict},
};

use crate::{
    audit::{self, Event},
    entity::signing_key,
    error::StoreError,
    time::{instant, millis},
    vault::Vault,
};

const SIGNING_KEY: &str = "signing key";

/// A signing key as it is kept. Of one algorithm, the latest generation whose
/// `sign_from` has come signs; the others are published for verifiers.
#[derive(Clone)]
pub struct StoredKey {
    /// Its id, which is the `kid`.
    pub id: KeyId,
    /// Its algorithm.
    pub algorithm: SigningAlgorithm,
    /// 1 for the first key of the algorithm, then one more each.
    pub generation: i32,
    /// The private key, as the protocol writes it.
    pub private: Vec<u8>,
    /// From when on it signs.
    pub sign_from: Timestamp,
}

impl std::fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StoredKey({} {})", self.algorithm, self.id)
    }
}

/// All keys, oldest generation first.
///
/// # Errors
/// The database's, or [`StoreError::Unsealable`].
pub async fn find_all(
    connection: &impl ConnectionTrait,
    vault: &Vault,
) -> Result<Vec<StoredKey>, StoreError> {
    let rows = signing_key::Entity::find()
        .order_by_asc(signing_key::Column::Algorithm)
        .order_by_asc(signing_key::Column::Generation)
        .all(connection)
        .await?;
    rows.iter().map(|row| from_row(row, vault)).collect()
}

/// What tells one state of all keys from another without opening them: each key's id
/// and when it signs from.
///
/// # Errors
/// The database's.
pub async fn fingerprint(
    connection: &impl ConnectionTrait,
) -> Result<Vec<(KeyId, i64)>, StoreError> {
    let rows = signing_key::Entity::find()
        .order_by_asc(signing_key::Column::Id)
        .all(connection)
        .await?;
    let pairs = rows
        .iter()
        .map(|row| (KeyId::from_uuid(row.id), row.sign_from));
    Ok(pairs.collect())
}

/// Writes a new key. `false` where another node made that generation first: then its
/// key is the one.
///
/// # Errors
/// The database's.
pub async fn insert(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    vault: &Vault,
    key: &StoredKey,
) -> Result<bool, StoreError> {
    let row = signing_key::ActiveModel {
        id: Set(key.id.as_uuid()),
        algorithm: Set(key.algorithm.as_str().to_owned()),
        generation: Set(key.generation),
        sealed: Set(vault.seal(SIGNING_KEY, &key.private)),
        sign_from: Set(millis(key.sign_from)),
        created_at: Set(millis(ambient.now())),
    };
    let unique = [
        signing_key::Column::Algorithm,
        signing_key::Column::Generation,
    ];
    let written = signing_key::Entity::insert(row)
        .on_conflict(OnConflict::columns(unique).do_nothing().to_owned())
        .exec_without_returning(connection)
        .await?;
    if written == 1 {
        let event = Event::new(Action::KeyCreated, Actor::Service, Target::Key(key.id));
        audit::record(connection, ambient, event).await?;
    }
    Ok(written == 1)
}

/// Lets a key that waits sign from now on. `false` where it signs already.
///
/// # Errors
/// The database's.
pub async fn begin_to_sign(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    actor: Actor,
    id: KeyId,
) -> Result<bool, StoreError> {
    let now = millis(ambient.now());
    let changed = signing_key::Entity::update_many()
        .col_expr(signing_key::Column::SignFrom, Expr::value(now))
        .filter(signing_key::Column::Id.eq(id.as_uuid()))
        .filter(signing_key::Column::SignFrom.gt(now))
        .exec(connection)
        .await?;
    if changed.rows_affected == 1 {
        let event = Event::new(Action::KeyRotated, actor, Target::Key(id));
        audit::record(connection, ambient, event).await?;
    }
    Ok(changed.rows_affected == 1)
}

/// Deletes a key that no verifier needs any more. Whether there was one.
///
/// # Errors
/// The database's.
pub async fn delete(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    id: KeyId,
) -> Result<bool, StoreError> {
    let deleted = signing_key::Entity::delete_by_id(id.as_uuid())
        .exec(connection)
        .await?;
    if deleted.rows_affected == 1 {
        let event = Event::new(Action::KeyDeleted, Actor::Service, Target::Key(id));
        audit::record(connection, ambient, event).await?;
    }
    Ok(deleted.rows_affected == 1)
}

fn from_row(row: &signing_key::Model, vault: &Vault) -> Result<StoredKey, StoreError> {
    Ok(StoredKey {
        id: KeyId::from_uuid(row.id),
        algorithm: SigningAlgorithm::parse(&row.algorithm).ok_or(StoreError::Malformed {
            table: "signing_key",
            what: "algorithm",
        })?,
        generation: row.generation,
        private: vault.open(SIGNING_KEY, &row.sealed)?,
        sign_from: instant(row.sign_from)?,
    })
}
