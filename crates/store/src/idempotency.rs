//! Answers to requests that may come again with the same `Idempotency-Key`
//! (draft-ietf-httpapi-idempotency-key-header): what was done once is answered alike and
//! not done again. Answers may hold a secret that is shown once, so they are sealed.

use domain::client::ClientId;
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use sha2::{Digest as _, Sha256};

use crate::{entity::idempotent_answer, error::StoreError, time::millis, vault::Vault};

const SEALED_AS: &str = "idempotent answer";

/// A request that may come again: whose, under which key, and what it asks.
#[derive(Clone, Debug)]
pub struct Repeatable {
    client: ClientId,
    key: Vec<u8>,
    request: Vec<u8>,
}

impl Repeatable {
    /// A client's key with the request's bytes.
    pub fn new(client: &ClientId, key: &str, request: &[u8]) -> Self {
        Self {
            client: client.clone(),
            key: Sha256::digest(key).to_vec(),
            request: Sha256::digest(request).to_vec(),
        }
    }

    fn id(&self) -> (String, Vec<u8>) {
        (self.client.to_string(), self.key.clone())
    }
}

/// What is known of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Seen {
    /// It came for the first time: do it, and [`keep`] the answer in the same
    /// transaction.
    First,
    /// It was done, and answered so.
    Before(Vec<u8>),
    /// The key was used for another request.
    Other,
}

/// Takes a key, in the transaction of what the request does: whoever comes with the same
/// key at the same time waits until it ends.
///
/// # Errors
/// The database's, or [`StoreError::Unsealable`].
pub async fn take(
    connection: &impl ConnectionTrait,
    vault: &Vault,
    request: &Repeatable,
    now: Timestamp,
    until: Timestamp,
) -> Result<Seen, StoreError> {
    let over = idempotent_answer::Entity::delete_many()
        .filter(idempotent_answer::Column::ExpiresAt.lte(millis(now)));
    over.exec(connection).await?;
    let row = idempotent_answer::ActiveModel {
        client_id: Set(request.client.to_string()),
        key_hash: Set(request.key.clone()),
        request_hash: Set(request.request.clone()),
        sealed: Set(None),
        expires_at: Set(millis(until)),
    };
    let key = [
        idempotent_answer::Column::ClientId,
        idempotent_answer::Column::KeyHash,
    ];
    let written = idempotent_answer::Entity::insert(row)
        .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
        .exec_without_returning(connection)
        .await?;
    if written == 1 {
        return Ok(Seen::First);
    }
    let row = idempotent_answer::Entity::find_by_id(request.id())
        .one(connection)
        .await?;
    match row {
        Some(row) if row.request_hash == request.request => {
            let sealed = row.sealed.unwrap_or_default();
            Ok(Seen::Before(vault.open(SEALED_AS, &sealed)?))
        }
        _ => Ok(Seen::Other),
    }
}

/// Keeps the answer under a key that was just taken.
///
/// # Errors
/// The database's.
pub async fn keep(
    connection: &impl ConnectionTrait,
    vault: &Vault,
    request: &Repeatable,
    answer: &[u8],
) -> Result<(), StoreError> {
    let (client, key) = request.id();
    idempotent_answer::Entity::update_many()
        .col_expr(
            idempotent_answer::Column::Sealed,
            Expr::value(vault.seal(SEALED_AS, answer)),
        )
        .filter(idempotent_answer::Column::ClientId.eq(client))
        .filter(idempotent_answer::Column::KeyHash.eq(key))
        .exec(connection)
        .await?;
    Ok(())
}
