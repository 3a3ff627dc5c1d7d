//! Drops what has ended: rows that no answer depends on any more.

use jiff::{Timestamp, ToSpan};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::{
    db::Database,
    entity::{authorization_grant, outbox, refresh_token, revoked_token, used_assertion},
    error::StoreError,
    time::millis,
};

/// For how long an ended message's row is kept (docs/DATA.md), in hours: what is left
/// of it names no recipient.
const ENDED_MESSAGES_HOURS: i64 = 30 * 24;

/// Drops ended grants, refresh tokens, revocations, used assertions and messages; how
/// many rows.
///
/// # Errors
/// The database's.
pub async fn sweep(database: &Database, now: Timestamp) -> Result<u64, StoreError> {
    let connection = database.writer();
    let end = millis(now);
    let ended_messages = millis(
        now.saturating_sub(ENDED_MESSAGES_HOURS.hours())
            .unwrap_or(now),
    );
    let mut dropped = 0;
    dropped +=
        drop_where::<refresh_token::Entity>(connection, refresh_token::Column::ExpiresAt.lte(end))
            .await?;
    dropped += drop_where::<authorization_grant::Entity>(
        connection,
        authorization_grant::Column::ExpiresAt.lte(end),
    )
    .await?;
    dropped +=
        drop_where::<revoked_token::Entity>(connection, revoked_token::Column::ExpiresAt.lte(end))
            .await?;
    dropped += drop_where::<used_assertion::Entity>(
        connection,
        used_assertion::Column::ExpiresAt.lte(end),
    )
    .await?;
    dropped +=
        drop_where::<outbox::Entity>(connection, outbox::Column::EndedAt.lte(ended_messages))
            .await?;
    Ok(dropped)
}

async fn drop_where<E: EntityTrait>(
    connection: &impl ConnectionTrait,
    condition: sea_orm::sea_query::SimpleExpr,
) -> Result<u64, StoreError> {
    let deleted = E::delete_many().filter(condition).exec(connection).await?;
    Ok(deleted.rows_affected)
}
