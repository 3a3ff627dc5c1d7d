//! Passkeys: public keys that open an account, and when they did.
//!
//! A use is one guarded statement that names the key, its account and the counter that the
//! answer was judged by: of two answers at once one counts, and none of a passkey that was
//! taken away meanwhile.

use domain::{
    ambient::Ambient,
    ids::{AccountId, PasskeyId},
    passkey::PasskeyName,
};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, OnConflict},
};
use serde_json::Value;

use crate::{
    entity::passkey,
    error::StoreError,
    time::{instant, millis},
};

/// A passkey of an account.
#[derive(Clone, Debug)]
pub struct Passkey {
    /// Its row.
    pub id: PasskeyId,
    /// Whose it is.
    pub account: AccountId,
    /// What its owner calls it.
    pub name: String,
    /// Since when it is the account's.
    pub since: Timestamp,
    /// When it was last used.
    pub used_at: Option<Timestamp>,
    /// What the device and the service know of it.
    pub key: PublicKey,
}

/// What a device said of a passkey that it made.
#[derive(Clone, Debug)]
pub struct PublicKey {
    /// By which it is found; the device chose it.
    pub credential_id: Vec<u8>,
    /// By which it tells whose it is; the service chose it, at random.
    pub user_handle: Vec<u8>,
    /// The key, and what the device said of itself, as `webauthn-rs` keeps it.
    pub credential: Value,
    /// How often it was used, as the device counts; 0 where it does not.
    pub counter: u32,
}

/// The account's passkeys, the oldest first.
///
/// # Errors
/// The database's, or [`StoreError::Malformed`].
pub async fn find_all(
    connection: &impl ConnectionTrait,
    account: AccountId,
) -> Result<Vec<Passkey>, StoreError> {
    let rows = of_account(account)
        .order_by_asc(passkey::Column::CreatedAt)
        .order_by_asc(passkey::Column::Id)
        .all(connection)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// How many the account has.
///
/// # Errors
/// The database's.
pub async fn count(
    connection: &impl ConnectionTrait,
    account: AccountId,
) -> Result<u64, StoreError> {
    Ok(of_account(account).count(connection).await?)
}

/// The passkey with this credential id, whosever it is.
///
/// # Errors
/// The database's, or [`StoreError::Malformed`].
pub async fn find_by_credential(
    connection: &impl ConnectionTrait,
    credential_id: &[u8],
) -> Result<Option<Passkey>, StoreError> {
    let row = passkey::Entity::find()
        .filter(passkey::Column::CredentialId.eq(credential_id.to_vec()))
        .one(connection)
        .await?;
    row.map(from_row).transpose()
}

/// Gives an account a passkey. `false` where some account has it already.
///
/// # Errors
/// The database's.
pub async fn insert(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    account: AccountId,
    name: &PasskeyName,
    key: PublicKey,
) -> Result<bool, StoreError> {
    let row = passkey::ActiveModel {
        id: Set(PasskeyId::new(ambient).as_uuid()),
        account_id: Set(account.as_uuid()),
        credential_id: Set(key.credential_id),
        user_handle: Set(key.user_handle),
        credential: Set(key.credential),
        counter: Set(i64::from(key.counter)),
        name: Set(name.as_str().to_owned()),
        created_at: Set(millis(ambient.now())),
        used_at: Set(None),
    };
    let written = passkey::Entity::insert(row)
        .on_conflict(
            OnConflict::column(passkey::Column::CredentialId)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(connection)
        .await?;
    Ok(written == 1)
}

/// Writes a use down, with what the device said of the key then. `false` where the passkey
/// was taken away meanwhile, or another use came first and the counter does not go on.
///
/// # Errors
/// The database's.
pub async fn mark_used(
    connection: &impl ConnectionTrait,
    used: &Passkey,
    credential: Value,
    counter: u32,
    now: Timestamp,
) -> Result<bool, StoreError> {
    use passkey::Column as C;
    let counter = i64::from(counter);
    // A device that does not count says 0 for ever.
    let goes_on = if counter == 0 {
        C::Counter.eq(0)
    } else {
        C::Counter.lt(counter)
    };
    let marked = passkey::Entity::update_many()
        .col_expr(C::Counter, Expr::value(counter))
        .col_expr(C::Credential, Expr::value(credential))
        .col_expr(C::UsedAt, Expr::value(millis(now)))
        .filter(C::Id.eq(used.id.as_uuid()))
        .filter(C::AccountId.eq(used.account.as_uuid()))
        .filter(goes_on)
        .exec(connection)
        .await?;
    Ok(marked.rows_affected == 1)
}

/// Takes a passkey away from an account. Whether it had it.
///
/// # Errors
/// The database's.
pub async fn remove(
    connection: &impl ConnectionTrait,
    account: AccountId,
    id: PasskeyId,
) -> Result<bool, StoreError> {
    let removed = passkey::Entity::delete_many()
        .filter(passkey::Column::Id.eq(id.as_uuid()))
        .filter(passkey::Column::AccountId.eq(account.as_uuid()))
        .exec(connection)
        .await?;
    Ok(removed.rows_affected == 1)
}

/// Takes away those that the account was given since then. Whether there were any.
///
/// # Errors
/// The database's.
pub async fn remove_since(
    connection: &impl ConnectionTrait,
    account: AccountId,
    since: Timestamp,
) -> Result<bool, StoreError> {
    let removed = passkey::Entity::delete_many()
        .filter(passkey::Column::AccountId.eq(account.as_uuid()))
        .filter(passkey::Column::CreatedAt.gte(millis(since)))
        .exec(connection)
        .await?;
    Ok(removed.rows_affected > 0)
}

/// Takes all of an account's passkeys away.
///
/// # Errors
/// The database's.
pub async fn remove_all(
    connection: &impl ConnectionTrait,
    account: AccountId,
) -> Result<(), StoreError> {
    passkey::Entity::delete_many()
        .filter(passkey::Column::AccountId.eq(account.as_uuid()))
        .exec(connection)
        .await?;
    Ok(())
}

fn of_account(account: AccountId) -> sea_orm::Select<passkey::Entity> {
    passkey::Entity::find().filter(passkey::Column::AccountId.eq(account.as_uuid()))
}

fn from_row(row: passkey::Model) -> Result<Passkey, StoreError> {
    let counter = u32::try_from(row.counter).map_err(|_| StoreError::Malformed {
        table: "passkey",
        what: "counter",
    })?;
    Ok(Passkey {
        id: PasskeyId::from_uuid(row.id),
        account: AccountId::from_uuid(row.account_id),
        name: row.name,
        since: instant(row.created_at)?,
        used_at: row.used_at.map(instant).transpose()?,
        key: PublicKey {
            credential_id: row.credential_id,
            user_handle: row.user_handle,
            credential: row.credential,
            counter,
        },
    })
}
