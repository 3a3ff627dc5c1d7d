//! Bonds: which subject of which other provider signs in to which account. The key is
//! the issuer with its subject, never a name or an address (OpenID Connect Core, section
//! 5.7); an account has one bond of an issuer at most, which both are rules of the schema.

use domain::{
    ambient::Ambient,
    ids::{AccountId, BondId},
};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, OnConflict},
};

use crate::{
    entity::bond,
    error::StoreError,
    time::{instant, millis},
    vault::Vault,
};

const SEALED_AS: &str = "pivot identity";

/// A bond.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bond {
    /// Its id.
    pub id: BondId,
    /// The other provider.
    pub issuer: String,
    /// Its subject.
    pub subject: String,
    /// The account that the subject signs in to.
    pub account: AccountId,
    /// Since when.
    pub created_at: Timestamp,
    /// When somebody last signed in through it.
    pub used_at: Option<Timestamp>,
    /// When the provider last vouched for the identity that is kept.
    pub asserted_at: Option<Timestamp>,
    sealed_pivot: Option<String>,
}

impl Bond {
    /// The identity that the provider last vouched for, as it was kept.
    ///
    /// # Errors
    /// [`StoreError::Unsealable`].
    pub fn pivot(&self, vault: &Vault) -> Result<Option<Vec<u8>>, StoreError> {
        let sealed = self.sealed_pivot.as_deref();
        sealed
            .map(|sealed| vault.open(SEALED_AS, sealed))
            .transpose()
    }
}

/// The bond of a subject.
///
/// # Errors
/// The database's.
pub async fn find_by_subject(
    connection: &impl ConnectionTrait,
    issuer: &str,
    subject: &str,
) -> Result<Option<Bond>, StoreError> {
    let row = bond::Entity::find()
        .filter(bond::Column::Issuer.eq(issuer))
        .filter(bond::Column::Subject.eq(subject))
        .one(connection)
        .await?;
    row.map(from_row).transpose()
}

/// The bonds of an account, oldest first.
///
/// # Errors
/// The database's.
pub async fn find_by_account(
    connection: &impl ConnectionTrait,
    account: AccountId,
) -> Result<Vec<Bond>, StoreError> {
    let rows = bond::Entity::find()
        .filter(bond::Column::AccountId.eq(account.as_uuid()))
        .order_by_asc(bond::Column::CreatedAt)
        .all(connection)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// Whom an account is bound to.
#[derive(Clone, Copy, Debug)]
pub struct BoundBy<'a> {
    /// The other provider.
    pub issuer: &'a str,
    /// Its subject.
    pub subject: &'a str,
    /// The identity that it vouched for, to be kept sealed.
    pub pivot: &'a [u8],
}

/// Binds a subject to an account, in the transaction of what that opens; its owner signs
/// in through the bond at once. `false` where the subject is bound, or the account has a
/// bond of this issuer: nothing is changed then.
///
/// # Errors
/// The database's.
pub async fn insert(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    vault: &Vault,
    account: AccountId,
    by: &BoundBy<'_>,
) -> Result<bool, StoreError> {
    let now = millis(ambient.now());
    let mut row = row(ambient, account, by.issuer, by.subject);
    row.sealed_pivot = Set(Some(vault.seal(SEALED_AS, by.pivot)));
    row.asserted_at = Set(Some(now));
    row.used_at = Set(Some(now));
    let written = bond::Entity::insert(row)
        .on_conflict(keep())
        .exec_without_returning(connection)
        .await?;
    Ok(written == 1)
}

/// Ends the bond of an account to an issuer. Whether there was one.
///
/// # Errors
/// The database's.
pub async fn remove(
    connection: &impl ConnectionTrait,
    account: AccountId,
    issuer: &str,
) -> Result<bool, StoreError> {
    let removed = bond::Entity::delete_many()
        .filter(bond::Column::AccountId.eq(account.as_uuid()))
        .filter(bond::Column::Issuer.eq(issuer))
        .exec(connection)
        .await?;
    Ok(removed.rows_affected == 1)
}

/// Ends the bonds that an account was given since then: whoever made them was not its
/// owner. How many there were.
///
/// # Errors
/// The database's.
pub async fn remove_since(
    connection: &impl ConnectionTrait,
    account: AccountId,
    since: Timestamp,
) -> Result<u64, StoreError> {
    let removed = bond::Entity::delete_many()
        .filter(bond::Column::AccountId.eq(account.as_uuid()))
        .filter(bond::Column::CreatedAt.gte(millis(since)))
        .exec(connection)
        .await?;
    Ok(removed.rows_affected)
}

/// Writes down that somebody signed in through the bond. `false` where it has ended
/// meanwhile.
///
/// # Errors
/// The database's.
pub async fn mark_used(
    connection: &impl ConnectionTrait,
    id: BondId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = bond::Entity::update_many()
        .col_expr(bond::Column::UsedAt, Expr::value(millis(now)))
        .filter(bond::Column::Id.eq(id.as_uuid()))
        .exec(connection)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Keeps the identity that the provider vouches for now, in the place of the one of
/// before.
///
/// # Errors
/// The database's.
pub async fn keep_pivot(
    connection: &impl ConnectionTrait,
    vault: &Vault,
    id: BondId,
    pivot: &[u8],
    now: Timestamp,
) -> Result<(), StoreError> {
    bond::Entity::update_many()
        .col_expr(
            bond::Column::SealedPivot,
            Expr::value(vault.seal(SEALED_AS, pivot)),
        )
        .col_expr(bond::Column::AssertedAt, Expr::value(millis(now)))
        .filter(bond::Column::Id.eq(id.as_uuid()))
        .exec(connection)
        .await?;
    Ok(())
}

/// Forgets identities that nobody vouched for since then: the bonds stay. How many.
///
/// # Errors
/// The database's.
pub async fn forget_pivots(
    connection: &impl ConnectionTrait,
    since: Timestamp,
) -> Result<u64, StoreError> {
    let changed = bond::Entity::update_many()
        .col_expr(bond::Column::SealedPivot, Expr::value(None::<String>))
        .col_expr(bond::Column::AssertedAt, Expr::value(None::<i64>))
        .filter(bond::Column::AssertedAt.lt(millis(since)))
        .exec(connection)
        .await?;
    Ok(changed.rows_affected)
}

/// Gives bonds of other issuers to this one: for the demo, whose simulator moves with
/// its port.
///
/// # Errors
/// The database's.
pub async fn move_all(connection: &impl ConnectionTrait, issuer: &str) -> Result<u64, StoreError> {
    let changed = bond::Entity::update_many()
        .col_expr(bond::Column::Issuer, Expr::value(issuer))
        .filter(bond::Column::Issuer.ne(issuer))
        .exec(connection)
        .await?;
    Ok(changed.rows_affected)
}

/// A new bond's row.
pub(crate) fn row(
    ambient: &Ambient,
    account: AccountId,
    issuer: &str,
    subject: &str,
) -> bond::ActiveModel {
    bond::ActiveModel {
        id: Set(BondId::new(ambient).as_uuid()),
        issuer: Set(issuer.to_owned()),
        subject: Set(subject.to_owned()),
        account_id: Set(account.as_uuid()),
        sealed_pivot: Set(None),
        asserted_at: Set(None),
        created_at: Set(millis(ambient.now())),
        used_at: Set(None),
    }
}

/// Whatever is bound already stays so.
pub(crate) fn keep() -> OnConflict {
    OnConflict::new().do_nothing().to_owned()
}

fn from_row(row: bond::Model) -> Result<Bond, StoreError> {
    Ok(Bond {
        id: BondId::from_uuid(row.id),
        issuer: row.issuer,
        subject: row.subject,
        account: AccountId::from_uuid(row.account_id),
        created_at: instant(row.created_at)?,
        used_at: row.used_at.map(instant).transpose()?,
        asserted_at: row.asserted_at.map(instant).transpose()?,
        sealed_pivot: row.sealed_pivot,
    })
}
