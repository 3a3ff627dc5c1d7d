//! Consents: scopes that a person allowed a client that is not first-party.

use domain::{
    ambient::Ambient,
    audit::{Action, Actor, Target},
    client::ClientId,
    ids::AccountId,
    scope::ScopeSet,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::OnConflict,
};

use crate::{
    accounts,
    audit::{self, Event},
    entity::consent,
    error::StoreError,
    time::millis,
};

/// What the person allowed the client so far.
///
/// # Errors
/// The database's.
pub async fn find(
    connection: &impl ConnectionTrait,
    account: AccountId,
    client: &ClientId,
) -> Result<ScopeSet, StoreError> {
    let key = (account.as_uuid(), client.to_string());
    let row = consent::Entity::find_by_id(key).one(connection).await?;
    let scope = row.map(|row| row.scope).unwrap_or_default();
    ScopeSet::parse(&scope).map_err(|_| StoreError::Malformed {
        table: "consent",
        what: "scope",
    })
}

/// All that an account allowed, by client.
///
/// # Errors
/// The database's.
pub async fn find_of_account(
    connection: &impl ConnectionTrait,
    account: AccountId,
) -> Result<Vec<(ClientId, ScopeSet)>, StoreError> {
    let malformed = |what| StoreError::Malformed {
        table: "consent",
        what,
    };
    let rows = consent::Entity::find()
        .filter(consent::Column::AccountId.eq(account.as_uuid()))
        .all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            let client = ClientId::parse(&row.client_id).map_err(|_| malformed("client_id"))?;
            let scope = ScopeSet::parse(&row.scope).map_err(|_| malformed("scope"))?;
            Ok((client, scope))
        })
        .collect()
}

/// Takes a consent back. Whether there was one.
///
/// # Errors
/// The database's.
pub async fn withdraw(
    connection: &impl ConnectionTrait,
    account: AccountId,
    client: &ClientId,
) -> Result<bool, StoreError> {
    let key = (account.as_uuid(), client.to_string());
    let deleted = consent::Entity::delete_by_id(key).exec(connection).await?;
    Ok(deleted.rows_affected == 1)
}

/// Remembers that the person allowed these scopes, beside those of before; in a
/// transaction.
///
/// # Errors
/// The database's.
pub async fn give(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    account: AccountId,
    client: &ClientId,
    scope: &ScopeSet,
) -> Result<(), StoreError> {
    accounts::lock(connection, account).await?;
    let all = find(connection, account, client).await?.union(scope);
    let row = consent::ActiveModel {
        account_id: Set(account.as_uuid()),
        client_id: Set(client.to_string()),
        scope: Set(all.to_string()),
        given_at: Set(millis(ambient.now())),
    };
    let key = [consent::Column::AccountId, consent::Column::ClientId];
    let replaced = [consent::Column::Scope, consent::Column::GivenAt];
    consent::Entity::insert(row)
        .on_conflict(OnConflict::columns(key).update_columns(replaced).to_owned())
        .exec_without_returning(connection)
        .await?;
    let event = Event::new(
        Action::ConsentGiven,
        Actor::Account(account),
        Target::Client(client.clone()),
    );
    audit::record(connection, ambient, event.at_client(client)).await
}
