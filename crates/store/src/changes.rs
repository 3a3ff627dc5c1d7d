//! Changes of an account that its owner may take back: what its contacts were before,
//! sealed, for as long as they can be restored (product.md, Recovery).

use std::time::Duration;

use domain::{
    ambient::Ambient,
    contact::Contacts,
    ids::{AccountId, ChangeId},
};
use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};

use crate::{
    entity::account_change,
    error::StoreError,
    time::{instant, millis},
    vault::Vault,
};

const SEALED_AS: &str = "account change";

/// For how long a change can be taken back.
pub const LIFETIME: Duration = Duration::from_hours(72);

/// A change that can be taken back.
#[derive(Clone, PartialEq, Debug)]
pub struct Change {
    /// Its id.
    pub id: ChangeId,
    /// Of which account.
    pub account: AccountId,
    /// When it was made: what was set since is void.
    pub at: Timestamp,
    /// The contacts of before.
    pub before: Contacts,
}

/// Remembers what the contacts were, in the transaction of the change.
///
/// # Errors
/// The database's.
pub async fn insert(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    vault: &Vault,
    account: AccountId,
    before: &Contacts,
) -> Result<ChangeId, StoreError> {
    let id = ChangeId::new(ambient);
    let now = ambient.now();
    let plain = serde_json::to_vec(before).expect("contacts are a document");
    let row = account_change::ActiveModel {
        id: Set(id.as_uuid()),
        account_id: Set(account.as_uuid()),
        at: Set(millis(now)),
        sealed_before: Set(vault.seal(SEALED_AS, &plain)),
        expires_at: Set(millis(now + LIFETIME)),
    };
    account_change::Entity::insert(row)
        .exec_without_returning(connection)
        .await?;
    Ok(id)
}

/// The change of an id.
///
/// # Errors
/// The database's, or [`StoreError::Unsealable`].
pub async fn find_by_id(
    connection: &impl ConnectionTrait,
    vault: &Vault,
    id: ChangeId,
) -> Result<Option<Change>, StoreError> {
    let row = account_change::Entity::find_by_id(id.as_uuid())
        .one(connection)
        .await?;
    row.map(|row| from_row(vault, &row)).transpose()
}

fn from_row(vault: &Vault, row: &account_change::Model) -> Result<Change, StoreError> {
    let plain = vault.open(SEALED_AS, &row.sealed_before)?;
    let malformed = |_| StoreError::Malformed {
        table: "account_change",
        what: "sealed_before",
    };
    Ok(Change {
        id: ChangeId::from_uuid(row.id),
        account: AccountId::from_uuid(row.account_id),
        at: instant(row.at)?,
        before: serde_json::from_slice(&plain).map_err(malformed)?,
    })
}
