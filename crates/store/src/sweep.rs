//! Drops what has ended: rows that no answer depends on any more.

use jiff::{Timestamp, ToSpan};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait as _, QueryFilter};

use crate::{
    bonds,
    db::Database,
    entity::{
        account_change, activation, authorization_grant, idempotent_answer, initial_token,
        invitation, outbox, pending_act, proof, refresh_token, refused_birth_date, revoked_token,
        used_assertion,
    },
    error::StoreError,
    time::millis,
};

/// For how long an ended message's row is kept (docs/DATA.md), in hours: what is left
/// of it names no recipient.
const ENDED_MESSAGES_HOURS: i64 = 30 * 24;

/// For how long wrong tries of a code are counted together, in hours.
const COUNTED_HOURS: i64 = 24;

/// For how long a refused birth date and an activation that nobody goes on with are kept
/// (docs/DATA.md), in hours: a provisional password opens nothing after it.
const ACTIVATION_HOURS: i64 = 92 * 24;

/// For how long an activation is kept that stands on what an upstream vouched for, in
/// hours: it opens nothing an hour after its last step.
const VOUCHED_HOURS: i64 = 2;

/// For how long an act of a school that waited is kept after its end (docs/DATA.md), in
/// hours.
const ENDED_ACTS_HOURS: i64 = 92 * 24;

/// For how long an identity is kept that an upstream vouched for, since it last did, in
/// hours (docs/DATA.md): a year, after which it proves nothing about today.
const PIVOT_HOURS: i64 = 365 * 24;

/// Drops ended grants, refresh tokens, revocations, used assertions and messages, and
/// forgets old identities; how many rows.
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
    dropped += drop_where::<account_change::Entity>(
        connection,
        account_change::Column::ExpiresAt.lte(end),
    )
    .await?;
    dropped += drop_where::<invitation::Entity>(connection, invitation::Column::ExpiresAt.lte(end))
        .await?;
    let ended_acts = millis(now.saturating_sub(ENDED_ACTS_HOURS.hours()).unwrap_or(now));
    dropped +=
        drop_where::<pending_act::Entity>(connection, pending_act::Column::EndedAt.lte(ended_acts))
            .await?;
    dropped += drop_where::<idempotent_answer::Entity>(
        connection,
        idempotent_answer::Column::ExpiresAt.lte(end),
    )
    .await?;
    dropped +=
        drop_where::<initial_token::Entity>(connection, initial_token::Column::ExpiresAt.lte(end))
            .await?;
    dropped += sweep_proofs(connection, now).await?;
    let pivots = now.saturating_sub(PIVOT_HOURS.hours()).unwrap_or(now);
    dropped += bonds::forget_pivots(connection, pivots).await?;
    Ok(dropped)
}

/// Proofs stay for a day after their end, while their tries still count; refused birth
/// dates for as long as an officer may be asked about them.
async fn sweep_proofs(
    connection: &impl ConnectionTrait,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let before = |hours: i64| millis(now.saturating_sub(hours.hours()).unwrap_or(now));
    let proofs = proof::Column::ExpiresAt.lte(before(COUNTED_HOURS));
    let dates = refused_birth_date::Column::At.lte(before(ACTIVATION_HOURS));
    let activations = activation::Column::UpdatedAt.lte(before(ACTIVATION_HOURS));
    let vouched = activation::Column::SealedVouched
        .is_not_null()
        .and(activation::Column::UpdatedAt.lte(before(VOUCHED_HOURS)));
    let mut dropped = drop_where::<proof::Entity>(connection, proofs).await?;
    dropped += drop_where::<activation::Entity>(connection, activations.or(vouched)).await?;
    Ok(dropped + drop_where::<refused_birth_date::Entity>(connection, dates).await?)
}

async fn drop_where<E: EntityTrait>(
    connection: &impl ConnectionTrait,
    condition: sea_orm::sea_query::SimpleExpr,
) -> Result<u64, StoreError> {
    let deleted = E::delete_many().filter(condition).exec(connection).await?;
    Ok(deleted.rows_affected)
}
