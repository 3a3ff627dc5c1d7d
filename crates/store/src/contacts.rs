//! E-mail addresses and phone numbers of accounts.

use domain::{
    account::Account,
    ambient::Ambient,
    contact::{Address, Channel, ContactState, Contacts, Current, EmailAddress, PhoneNumber},
    ids::{AccountId, ContactId},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, OnConflict},
};

use crate::{
    accounts,
    entity::{account, contact},
    error::StoreError,
    time::millis,
};

const CURRENT: &str = "current";
const PENDING: &str = "pending";

const KEY: [contact::Column; 3] = [
    contact::Column::AccountId,
    contact::Column::Channel,
    contact::Column::Slot,
];

const REPLACED: [contact::Column; 5] = [
    contact::Column::Value,
    contact::Column::Comparable,
    contact::Column::State,
    contact::Column::ConfirmedAt,
    contact::Column::CreatedAt,
];

/// All contacts of an account.
///
/// # Errors
/// The database's.
pub async fn find_all(
    connection: &impl ConnectionTrait,
    account: AccountId,
) -> Result<Contacts, StoreError> {
    let rows = contact::Entity::find()
        .filter(contact::Column::AccountId.eq(account.as_uuid()))
        .all(connection)
        .await?;
    let mut contacts = Contacts::default();
    for row in rows {
        let channel = Channel::parse(&row.channel).ok_or(malformed("channel"))?;
        let address = address(channel, &row.value)?;
        let slots = contacts.of_mut(channel);
        if row.slot == PENDING {
            slots.pending = Some(address);
        } else {
            let state = ContactState::parse(&row.state).ok_or(malformed("state"))?;
            slots.current = Some(Current { address, state });
        }
    }
    Ok(contacts)
}

/// The accounts that an address is confirmed for, in the order of their identifiers: one
/// may serve a family.
///
/// # Errors
/// The database's.
pub async fn find_owners(
    connection: &impl ConnectionTrait,
    address: &Address,
) -> Result<Vec<Account>, StoreError> {
    let owners = contact::Entity::find()
        .select_only()
        .column(contact::Column::AccountId)
        .filter(contact::Column::Channel.eq(address.channel().as_str()))
        .filter(contact::Column::Comparable.eq(address.comparable()))
        .filter(contact::Column::Slot.eq(CURRENT))
        .filter(contact::Column::State.eq(ContactState::Confirmed.as_str()))
        .into_query();
    let rows = account::Entity::find()
        .filter(account::Column::Id.in_subquery(owners))
        .order_by_asc(account::Column::Identifier)
        .all(connection)
        .await?;
    rows.iter().map(accounts::from_row).collect()
}

/// Puts a contact in force, in place of what was.
///
/// # Errors
/// The database's.
pub async fn put_current(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    account: AccountId,
    current: &Current,
) -> Result<(), StoreError> {
    put(
        connection,
        ambient,
        account,
        &current.address,
        CURRENT,
        current.state,
    )
    .await
}

/// Lets a contact wait until it is confirmed, in place of what waited.
///
/// # Errors
/// The database's.
pub async fn put_pending(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    account: AccountId,
    address: &Address,
) -> Result<(), StoreError> {
    put(
        connection,
        ambient,
        account,
        address,
        PENDING,
        ContactState::Unconfirmed,
    )
    .await
}

/// Confirms an address that waits: the pending one takes the place of the one in force,
/// or the one in force becomes confirmed. `false` where it does not wait any more.
///
/// # Errors
/// The database's.
pub async fn confirm(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    account: AccountId,
    address: &Address,
) -> Result<bool, StoreError> {
    let confirmed = Current {
        address: address.clone(),
        state: ContactState::Confirmed,
    };
    let waited = contact::Entity::delete_many()
        .filter(is_of(account, address.channel()))
        .filter(contact::Column::Slot.eq(PENDING))
        .filter(contact::Column::Comparable.eq(address.comparable()))
        .exec(connection)
        .await?;
    if waited.rows_affected == 1 {
        put_current(connection, ambient, account, &confirmed).await?;
        return Ok(true);
    }
    let changed = contact::Entity::update_many()
        .col_expr(
            contact::Column::State,
            Expr::value(ContactState::Confirmed.as_str()),
        )
        .col_expr(
            contact::Column::ConfirmedAt,
            Expr::value(millis(ambient.now())),
        )
        .filter(is_of(account, address.channel()))
        .filter(contact::Column::Slot.eq(CURRENT))
        .filter(contact::Column::Comparable.eq(address.comparable()))
        .filter(contact::Column::State.eq(ContactState::Unconfirmed.as_str()))
        .exec(connection)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Drops the contact of a channel that waits. Whether there was one.
///
/// # Errors
/// The database's.
pub async fn drop_pending(
    connection: &impl ConnectionTrait,
    account: AccountId,
    channel: Channel,
) -> Result<bool, StoreError> {
    let dropped = contact::Entity::delete_many()
        .filter(is_of(account, channel))
        .filter(contact::Column::Slot.eq(PENDING))
        .exec(connection)
        .await?;
    Ok(dropped.rows_affected == 1)
}

/// Replaces all contacts of an account: by what they were, or by none.
///
/// # Errors
/// The database's.
pub async fn replace_all(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    account: AccountId,
    contacts: &Contacts,
) -> Result<(), StoreError> {
    contact::Entity::delete_many()
        .filter(contact::Column::AccountId.eq(account.as_uuid()))
        .exec(connection)
        .await?;
    for slots in [&contacts.email, &contacts.phone] {
        if let Some(current) = &slots.current {
            put_current(connection, ambient, account, current).await?;
        }
        if let Some(pending) = &slots.pending {
            put_pending(connection, ambient, account, pending).await?;
        }
    }
    Ok(())
}

async fn put(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    account: AccountId,
    address: &Address,
    slot: &'static str,
    state: ContactState,
) -> Result<(), StoreError> {
    let now = ambient.now();
    let confirmed_at = (state == ContactState::Confirmed).then_some(now);
    let row = contact::ActiveModel {
        id: Set(ContactId::new(ambient).as_uuid()),
        account_id: Set(account.as_uuid()),
        channel: Set(address.channel().as_str().to_owned()),
        slot: Set(slot.to_owned()),
        value: Set(address.as_str().to_owned()),
        comparable: Set(address.comparable()),
        state: Set(state.as_str().to_owned()),
        confirmed_at: Set(confirmed_at.map(millis)),
        created_at: Set(millis(now)),
    };
    contact::Entity::insert(row)
        .on_conflict(OnConflict::columns(KEY).update_columns(REPLACED).to_owned())
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

fn is_of(account: AccountId, channel: Channel) -> sea_orm::Condition {
    sea_orm::Condition::all()
        .add(contact::Column::AccountId.eq(account.as_uuid()))
        .add(contact::Column::Channel.eq(channel.as_str()))
}

fn address(channel: Channel, value: &str) -> Result<Address, StoreError> {
    let parsed = match channel {
        Channel::Email => EmailAddress::parse(value).map(Address::Email),
        Channel::Sms => PhoneNumber::parse(value).map(Address::Phone),
    };
    parsed.map_err(|_| malformed("value"))
}

const fn malformed(what: &'static str) -> StoreError {
    StoreError::Malformed {
        table: "contact",
        what,
    }
}
