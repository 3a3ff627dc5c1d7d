//! A lost second factor is taken off.

use idp::App;
use store::{DatabaseTransaction, StoreError, accounts, pending_acts::PendingAct};

/// Takes every second factor off the account of an act that was taken, and ends whatever was
/// signed in with one.
///
/// # Errors
/// The database's.
pub(super) async fn remove_all(
    transaction: &DatabaseTransaction,
    app: &App,
    act: &PendingAct,
) -> Result<(), StoreError> {
    accounts::end_sessions(transaction, act.account, app.ambient.now()).await?;
    Ok(())
}
