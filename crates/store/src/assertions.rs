//! Client assertions that were used: each `jti` is good once, on every node (RFC 7523,
//! section 3).

use domain::client::ClientId;
use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, sea_query::OnConflict};

use crate::{entity::used_assertion, error::StoreError, time::millis};

/// Spends a `jti`. `false` where it was spent before.
///
/// # Errors
/// The database's.
pub async fn spend(
    connection: &impl ConnectionTrait,
    client: &ClientId,
    jti: &str,
    expires_at: Timestamp,
) -> Result<bool, StoreError> {
    let row = used_assertion::ActiveModel {
        client_id: Set(client.to_string()),
        jti: Set(jti.to_owned()),
        expires_at: Set(millis(expires_at)),
    };
    let key = [
        used_assertion::Column::ClientId,
        used_assertion::Column::Jti,
    ];
    let written = used_assertion::Entity::insert(row)
        .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
        .exec_without_returning(connection)
        .await?;
    Ok(written == 1)
}
