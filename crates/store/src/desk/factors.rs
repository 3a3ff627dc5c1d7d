//! A second factor that was lost is taken off.

use domain::{
    account::{Account, AccountState},
    ambient::Ambient,
    ids::AccountId,
    second_factor::Standing,
};
use sea_orm::ConnectionTrait;

use crate::{accounts, error::StoreError, passkeys, second_factors};

/// Whether an account has a second factor, or passkeys that might be one.
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
    Ok(passkeys::count(connection, account).await? > 0)
}

/// Whether there is a lost second factor to take off: the account is in use, and has one.
///
/// # Errors
/// The database's.
pub async fn has_factor_to_lose(
    connection: &impl ConnectionTrait,
    account: &Account,
) -> Result<bool, StoreError> {
    Ok(account.state == AccountState::Active && has_factor(connection, account.id).await?)
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
    second_factors::stop_asking_for_passkeys(transaction, account).await?;
    passkeys::remove_all(transaction, account).await?;
    accounts::end_sessions(transaction, account, ambient.now()).await?;
    Ok(())
}
