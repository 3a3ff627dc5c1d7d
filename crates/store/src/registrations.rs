//! Whom a self-registration may be about (product.md, Activation).

use domain::{
    account::{Account, AccountState},
    contact::{Address, PhoneNumber},
    name::{self, PersonName},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::{
    accounts, contacts,
    entity::{account, directory_record},
    error::StoreError,
};

/// Namesakes with one number are few; a file that says otherwise is not followed.
const MOST: u64 = 20;

/// Guardians of a name whom a number belongs to.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Candidates {
    /// Never activated, with this number in a school's file.
    pub known: Vec<Account>,
    /// Active, with this number confirmed.
    pub active: Vec<Account>,
}

/// Finds them; names compare in their normal form.
///
/// # Errors
/// The database's.
pub async fn find_candidates(
    connection: &impl ConnectionTrait,
    name: &PersonName,
    number: &PhoneNumber,
) -> Result<Candidates, StoreError> {
    let by_file = named_in_files(connection, name, number).await?;
    let by_contact = contacts::find_owners(connection, &Address::Phone(number.clone())).await?;
    let is_meant = |account: &Account| {
        account.kind == domain::account::PersonKind::Guardian && account.name.is_same_as(name)
    };
    Ok(Candidates {
        known: by_file
            .into_iter()
            .filter(|account| account.state == AccountState::Known && is_meant(account))
            .collect(),
        active: by_contact
            .into_iter()
            .filter(|account| account.state == AccountState::Active && is_meant(account))
            .collect(),
    })
}

async fn named_in_files(
    connection: &impl ConnectionTrait,
    name: &PersonName,
    number: &PhoneNumber,
) -> Result<Vec<Account>, StoreError> {
    let owners = directory_record::Entity::find()
        .select_only()
        .column(directory_record::Column::AccountId)
        .filter(directory_record::Column::FamilyNameNormal.eq(name::normalise(&name.family)))
        .filter(directory_record::Column::GivenNameNormal.eq(name::normalise(&name.given)))
        .filter(directory_record::Column::Kind.eq("guardian"))
        .filter(directory_record::Column::Phone.eq(number.as_str()))
        .filter(directory_record::Column::EndedAt.is_null())
        .distinct()
        .limit(MOST)
        .into_tuple::<uuid::Uuid>()
        .all(connection)
        .await?;
    let rows = account::Entity::find()
        .filter(account::Column::Id.is_in(owners))
        .all(connection)
        .await?;
    rows.iter().map(accounts::from_row).collect()
}
