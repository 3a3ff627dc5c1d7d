//! A second factor that was lost is taken off.

use domain::{ambient::Ambient, ids::AccountId, second_factor::Standing};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

use crate::{accounts, entity::passkey, error::StoreError, second_factors};

/// Whether an account has a second factor in force.
///
/// # Errors
/// The database's.
pub async fn has_factor(
    connection: &impl ConnectionTrait,
    account: AccountId,
) -> Result<bool, StoreError> {
    if second_factors::standing(connection, account).await? == Standing::InForce {
        return Ok(true);
    }
    let passkeys = passkey::Entity::find()
        .filter(passkey::Column::AccountId.eq(account.as_uuid()))
        .count(connection)
        .await?;
    Ok(passkeys > 0)
}

/// Takes every second factor off an account, in the transaction of the act that asked for
/// it, and ends whatever was signed in: application, recovery codes, passkeys. The password
/// stays.
///
/// # Errors
/// The database's.
pub async fn remove_factors(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    account: AccountId,
) -> Result<(), StoreError> {
    accounts::lock(transaction, account).await?;
    second_factors::remove(transaction, account).await?;
    second_factors::remove_recovery_codes(transaction, account).await?;
    passkey::Entity::delete_many()
        .filter(passkey::Column::AccountId.eq(account.as_uuid()))
        .exec(transaction)
        .await?;
    accounts::end_sessions(transaction, account, ambient.now()).await?;
    Ok(())
}
