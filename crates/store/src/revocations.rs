//! Access tokens that ended before their time and hang on no grant
//! (`client_credentials`): their ids, until they would have ended anyway.

use domain::ids::TokenId;
use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, sea_query::OnConflict};

use crate::{entity::revoked_token, error::StoreError, time::millis};

/// Remembers that the token ended.
///
/// # Errors
/// The database's.
pub async fn insert(
    connection: &impl ConnectionTrait,
    token: TokenId,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    let row = revoked_token::ActiveModel {
        id: Set(token.as_uuid()),
        expires_at: Set(millis(expires_at)),
    };
    revoked_token::Entity::insert(row)
        .on_conflict(
            OnConflict::column(revoked_token::Column::Id)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

/// Whether the token was ended.
///
/// # Errors
/// The database's.
pub async fn contains(
    connection: &impl ConnectionTrait,
    token: TokenId,
) -> Result<bool, StoreError> {
    let row = revoked_token::Entity::find_by_id(token.as_uuid())
        .one(connection)
        .await?;
    Ok(row.is_some())
}
