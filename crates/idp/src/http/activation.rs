//! An activation that was opened waits in the sign-in transaction; its pages are
//! self-service's.

use axum::response::{IntoResponse, Redirect, Response};
use domain::{ids::AccountId, secret::Token};
use web::{PageError, Route};

use super::routes::Activation;
use crate::{
    app::{App, unavailable},
    flow::Step,
    transactions::Activating,
};

/// Leads to the activation. Who opened it last holds it: nobody where it could not be
/// opened any more, which its pages tell.
///
/// # Errors
/// A page, where the store does not answer.
pub(super) async fn begin(
    app: &App,
    waiting: Step,
    name: &str,
    account: AccountId,
    holder: Option<Token>,
) -> Result<Response, PageError> {
    let mut transaction = waiting.transaction;
    transaction.activating = holder.map(|holder| Activating {
        account,
        holder: holder.expose(),
    });
    if let Some(token) = &waiting.name {
        // Where another tab was first, the activation's pages ask for a sign-in again.
        let replaced = app
            .transactions
            .replace(token, waiting.version, &transaction);
        replaced.await.map_err(unavailable)?;
    }
    Ok(Redirect::to(&Activation { transaction: name }.path()).into_response())
}
