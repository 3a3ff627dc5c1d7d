//! A school groups two accounts of one guardian, whose identity its officer checked.

use domain::{
    account::AccountState,
    ambient::Ambient,
    audit::{Action, Actor},
    desk::Checked,
    grouping::{self, Obstacle},
    ids::AccountId,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use super::{By, Grouped, carry_out};
use crate::{
    accounts, contacts,
    desk::{self, Desk, Person},
    entity::{account, directory_record},
    error::StoreError,
    vault::Vault,
};

/// Why a school cannot group two accounts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// One of them is no account of the school's people, or its owner changed it since.
    NoSuchAccount,
    /// They are one account, not both guardians', or their owners' names differ.
    Unlike(Obstacle),
    /// One of them is suspended or at its end, or an account in use would end for one that
    /// is not.
    State,
    /// The account that would end is of other schools too: its owner alone may end it.
    NotOfThisSchoolAlone,
}

/// Groups `other` into `kept`, in a transaction. Where it is refused nothing was done.
///
/// # Errors
/// The database's.
pub async fn group_by_school(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    vault: &Vault,
    desk: &Desk,
    (kept, other): (AccountId, AccountId),
    checked: &[Checked],
) -> Result<Result<Grouped, Refused>, StoreError> {
    let mut ids = [kept, other];
    ids.sort();
    for id in ids {
        accounts::lock(transaction, id).await?;
    }
    let kept = desk::find_person(transaction, &desk.school, kept).await?;
    let other = desk::find_person(transaction, &desk.school, other).await?;
    let (Some(kept), Some(other)) = (kept, other) else {
        return Ok(Err(Refused::NoSuchAccount));
    };
    if let Some(refused) = refused(transaction, desk, &kept, &other).await? {
        return Ok(Err(refused));
    }
    let before = account::Entity::find_by_id(other.account.id.as_uuid())
        .one(transaction)
        .await?;
    let Some(before) = before else {
        return Ok(Err(Refused::NoSuchAccount));
    };
    let grouped = Grouped {
        kept_contacts: contacts::find_all(transaction, kept.account.id).await?,
        merged_contacts: contacts::find_all(transaction, other.account.id).await?,
        kept: kept.account,
        merged: other.account,
    };
    let event = desk.event(
        Action::AccountsGrouped,
        grouped.kept.id,
        json!({ "checked": checked }),
    );
    let by = By {
        actor: Actor::Account(desk.officer),
        details: event.details,
    };
    carry_out(transaction, ambient, vault, &before, &grouped, &by).await?;
    Ok(Ok(grouped))
}

async fn refused(
    transaction: &impl ConnectionTrait,
    desk: &Desk,
    kept: &Person,
    other: &Person,
) -> Result<Option<Refused>, StoreError> {
    use AccountState::{Active, Known};
    if let Some(obstacle) = grouping::obstacle(&kept.account, &other.account) {
        return Ok(Some(Refused::Unlike(obstacle)));
    }
    let are_open = matches!(
        (kept.account.state, other.account.state),
        (Active, Active | Known) | (Known, Known)
    );
    if !are_open {
        return Ok(Some(Refused::State));
    }
    let elsewhere = directory_record::Entity::find()
        .filter(directory_record::Column::AccountId.eq(other.account.id.as_uuid()))
        .filter(directory_record::Column::SchoolUai.ne(desk.school.as_str()))
        .filter(directory_record::Column::EndedAt.is_null())
        .count(transaction)
        .await?;
    Ok((elsewhere > 0).then_some(Refused::NotOfThisSchoolAlone))
}
