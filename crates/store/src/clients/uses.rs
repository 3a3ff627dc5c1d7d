//! When clients and their secrets were last used: written seldom, by the caller's
//! schedule, and never within a request.

use std::collections::HashMap;

use domain::{client::ClientId, ids::ClientSecretId};
use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder as _, QuerySelect as _,
    QueryTrait as _, Statement, sea_query::Expr,
};

use super::{Origin, malformed};
use crate::{
    entity::{client, client_secret, client_use, registration_token},
    error::StoreError,
    time::{instant, millis},
};

/// Writes that a client was used at an instant. A client that is gone meanwhile is
/// passed over.
///
/// # Errors
/// The database's.
pub async fn note_client(
    connection: &impl ConnectionTrait,
    id: &ClientId,
    at: Timestamp,
) -> Result<(), StoreError> {
    let values = [id.as_str().into(), millis(at).into()];
    let backend = connection.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, NOTE_CLIENT, values);
    connection.execute_raw(statement).await?;
    Ok(())
}

const NOTE_CLIENT: &str = "
insert into client_use (client_id, last_used_at)
select client_id, $2 from client where client_id = $1
    on conflict (client_id) do update set last_used_at = excluded.last_used_at";

/// Writes that a secret was used at an instant.
///
/// # Errors
/// The database's.
pub async fn note_secret(
    connection: &impl ConnectionTrait,
    id: ClientSecretId,
    at: Timestamp,
) -> Result<(), StoreError> {
    client_secret::Entity::update_many()
        .col_expr(client_secret::Column::LastUsedAt, Expr::value(millis(at)))
        .filter(client_secret::Column::Id.eq(id.as_uuid()))
        .exec(connection)
        .await?;
    Ok(())
}

/// Clients that registered themselves and still manage themselves, and that were neither
/// used nor changed since an instant; at most so many. Whatever somebody took in hand is
/// not among them.
///
/// # Errors
/// The database's, or [`StoreError::Malformed`].
pub async fn find_unused(
    connection: &impl ConnectionTrait,
    since: Timestamp,
    most: u64,
) -> Result<Vec<ClientId>, StoreError> {
    let since = millis(since);
    let used = client_use::Entity::find()
        .select_only()
        .column(client_use::Column::ClientId)
        .filter(client_use::Column::LastUsedAt.gte(since))
        .into_query();
    let managing = registration_token::Entity::find()
        .select_only()
        .column(registration_token::Column::ClientId)
        .into_query();
    let rows = client::Entity::find()
        .filter(client::Column::Origin.eq(Origin::Dynamic.as_str()))
        .filter(client::Column::ManagedBy.is_null())
        .filter(client::Column::UpdatedAt.lt(since))
        .filter(client::Column::ClientId.in_subquery(managing))
        .filter(client::Column::ClientId.not_in_subquery(used))
        .order_by_asc(client::Column::ClientId)
        .limit(most)
        .all(connection)
        .await?;
    rows.iter()
        .map(|row| ClientId::parse(&row.client_id).map_err(|_| malformed("client_id")))
        .collect()
}

/// When each of these clients was last used, within some minutes.
///
/// # Errors
/// The database's.
pub async fn find(
    connection: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = &ClientId>,
) -> Result<HashMap<String, Timestamp>, StoreError> {
    let ids: Vec<&str> = ids.into_iter().map(ClientId::as_str).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = client_use::Entity::find()
        .filter(client_use::Column::ClientId.is_in(ids))
        .all(connection)
        .await?;
    rows.into_iter()
        .map(|row| Ok((row.client_id, instant(row.last_used_at)?)))
        .collect()
}
