//! E-mail addresses and phone numbers of accounts.

use domain::{
    contact::{EmailAddress, PhoneNumber},
    ids::AccountId,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::{entity::contact, error::StoreError};

/// An address that its owner has confirmed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Confirmed {
    /// An e-mail address.
    Email(EmailAddress),
    /// A phone number.
    Phone(PhoneNumber),
}

/// The confirmed contacts of an account: where notices go.
///
/// # Errors
/// The database's.
pub async fn find_confirmed(
    connection: &impl ConnectionTrait,
    account: AccountId,
) -> Result<Vec<Confirmed>, StoreError> {
    let rows = contact::Entity::find()
        .filter(contact::Column::AccountId.eq(account.as_uuid()))
        .filter(contact::Column::Slot.eq("current"))
        .filter(contact::Column::State.eq("confirmed"))
        .order_by_asc(contact::Column::Channel)
        .all(connection)
        .await?;
    rows.iter().map(confirmed).collect()
}

fn confirmed(row: &contact::Model) -> Result<Confirmed, StoreError> {
    let malformed = StoreError::Malformed {
        table: "contact",
        what: "value",
    };
    let parsed = match row.channel.as_str() {
        "email" => EmailAddress::parse(&row.value).map(Confirmed::Email),
        _ => PhoneNumber::parse(&row.value).map(Confirmed::Phone),
    };
    parsed.map_err(|_| malformed)
}
