//! Contacts that a file gives to accounts whose owner has not chosen any.

use std::collections::HashMap;

use domain::{
    ambient::Ambient,
    contact::{Channel, ContactState},
    ids::ContactId,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::OnConflict,
};
use uuid::Uuid;

use super::document::PersonEntry;
use crate::{entity::contact, error::StoreError, time::millis};

/// Current contacts, by account and channel.
pub(super) type Contacts = HashMap<(Uuid, String), contact::Model>;

/// The current contacts of these accounts.
pub(super) async fn find_current(
    connection: &impl ConnectionTrait,
    accounts: Vec<Uuid>,
) -> Result<Contacts, StoreError> {
    if accounts.is_empty() {
        return Ok(Contacts::new());
    }
    let rows = contact::Entity::find()
        .filter(contact::Column::AccountId.is_in(accounts))
        .filter(contact::Column::Slot.eq("current"))
        .all(connection)
        .await?;
    let keyed = |row: contact::Model| ((row.account_id, row.channel.clone()), row);
    Ok(rows.into_iter().map(keyed).collect())
}

/// The rows that the entry changes.
pub(super) fn changed(
    ambient: &Ambient,
    account: Uuid,
    entry: &PersonEntry,
    before: &Contacts,
) -> Vec<contact::Model> {
    let is_news = |after: &contact::Model| {
        let key = (account, after.channel.clone());
        before
            .get(&key)
            .is_none_or(|before| !upholds(before, after))
    };
    given(ambient, account, entry).filter(is_news).collect()
}

/// The rows as statements take them.
pub(super) fn active(rows: Vec<contact::Model>) -> Vec<contact::ActiveModel> {
    let active = |row: contact::Model| row.into_active_model().reset_all();
    rows.into_iter().map(active).collect()
}

/// What happens where the account has a current contact of the channel.
pub(super) fn replace() -> OnConflict {
    use contact::Column::{
        AccountId, Channel, Comparable, ConfirmedAt, CreatedAt, Slot, State, Value,
    };
    let replaced = [Value, Comparable, State, ConfirmedAt, CreatedAt];
    OnConflict::columns([AccountId, Channel, Slot])
        .update_columns(replaced)
        .to_owned()
}

fn given(
    ambient: &Ambient,
    account: Uuid,
    entry: &PersonEntry,
) -> impl Iterator<Item = contact::Model> {
    let email = entry.email.as_ref().map(|email| {
        let address = &email.value;
        (
            Channel::Email,
            address.to_string(),
            address.comparable(),
            email.confirmed,
        )
    });
    let phone = entry.phone.as_ref().map(|phone| {
        let number = phone.value.to_string();
        (Channel::Sms, number.clone(), number, phone.confirmed)
    });
    let now = millis(ambient.now());
    [email, phone]
        .into_iter()
        .flatten()
        .map(
            move |(channel, value, comparable, confirmed)| contact::Model {
                id: ContactId::new(ambient).as_uuid(),
                account_id: account,
                channel: channel.as_str().to_owned(),
                slot: "current".to_owned(),
                value,
                comparable,
                state: state(confirmed).as_str().to_owned(),
                confirmed_at: confirmed.then_some(now),
                created_at: now,
            },
        )
}

const fn state(confirmed: bool) -> ContactState {
    if confirmed {
        ContactState::Confirmed
    } else {
        ContactState::Unconfirmed
    }
}

/// Whether the contact says as much as the file or more: what was once confirmed stays
/// so while the value is the same.
fn upholds(before: &contact::Model, after: &contact::Model) -> bool {
    before.value == after.value && (before.confirmed_at.is_some() || after.confirmed_at.is_none())
}
