//! When clients and their secrets were last used: written seldom, by the caller's
//! schedule, and never within a request.

use std::collections::HashMap;

use domain::{client::ClientId, ids::ClientSecretId};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement, sea_query::Expr};

use crate::{
    entity::{client_secret, client_use},
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
