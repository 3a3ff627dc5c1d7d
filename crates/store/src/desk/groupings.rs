//! Accounts of one guardian that became one, as far as it is the school's part.

use domain::{
    ambient::Ambient,
    desk::Checked,
    ids::{AccountId, GroupingId},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{Desk, Person};
use crate::{
    entity::account_grouping,
    error::StoreError,
    groupings::{self, Grouped, Refused},
    vault::Vault,
};

/// What became of two accounts.
pub type Grouping = Result<Grouped, Refused>;

/// A school's part of a grouping that was undone.
pub type UngroupedPart = groupings::Undone;

/// Groupings into a person's account that moved records of the school, the newest first.
///
/// # Errors
/// The database's, and what is sealed.
pub async fn find_groupings(
    connection: &impl ConnectionTrait,
    vault: &Vault,
    desk: &Desk,
    person: &Person,
) -> Result<Vec<groupings::Part>, StoreError> {
    let rows = account_grouping::Entity::find()
        .filter(account_grouping::Column::KeptAccountId.eq(person.account.id.as_uuid()))
        .order_by_desc(account_grouping::Column::At)
        .all(connection)
        .await?;
    let mut parts = Vec::new();
    for row in &rows {
        parts.extend(groupings::find_part(connection, vault, desk, row).await?);
    }
    Ok(parts)
}

/// Groups one account of the school's people into another, after an officer checked who
/// their owner is.
///
/// # Errors
/// The database's.
pub async fn group(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    vault: &Vault,
    desk: &Desk,
    pair: (AccountId, AccountId),
    checked: &[Checked],
) -> Result<Grouping, StoreError> {
    groupings::group_by_school(transaction, ambient, vault, desk, pair, checked).await
}

/// Undoes the school's part of a grouping into a person's account.
///
/// # Errors
/// The database's, and what is sealed.
pub async fn ungroup(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    vault: &Vault,
    desk: &Desk,
    person: &Person,
    grouping: GroupingId,
    checked: &[Checked],
) -> Result<Option<UngroupedPart>, StoreError> {
    let parts = find_groupings(transaction, vault, desk, person).await?;
    if parts.iter().all(|part| part.id != grouping) {
        return Ok(None);
    }
    groupings::undo(transaction, ambient, vault, desk, grouping, checked).await
}
