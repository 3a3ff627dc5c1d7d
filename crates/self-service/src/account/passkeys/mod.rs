//! « Clés d'accès »: the passkeys of an account.
//!
//! - `list`: which there are;
//! - `adding`: another one;
//! - `removal`: one fewer, unless it is needed.

mod adding;
mod list;
mod removal;

use axum::{
    Router,
    response::Redirect,
    routing::{get, post},
};
use domain::{
    account::{Account, PasswordState},
    passkey::{Left, Removal},
};
use store::{ConnectionTrait, StoreError, bonds, second_factors};
use web::Route;

use super::routes::{AddPasskey, PasskeyQuestion, Passkeys, RemovePasskey};
use crate::state::SelfService;

pub(super) fn routes() -> Router<SelfService> {
    Router::new()
        .route(Passkeys::PATTERN, get(list::get))
        .route(AddPasskey::PATTERN, post(adding::post).get(back))
        .route(PasskeyQuestion::PATTERN, post(adding::ask).get(back))
        .route(
            RemovePasskey::PATTERN,
            get(removal::get).post(removal::post),
        )
}

/// Where somebody is led who had to sign in again.
async fn back() -> Redirect {
    Redirect::to(&Passkeys.path())
}

/// Whether one of so many passkeys may be taken away from an account.
async fn removal_of_one(
    connection: &impl ConnectionTrait,
    account: &Account,
    of: usize,
) -> Result<Removal, StoreError> {
    let application = second_factors::has_application(connection, account.id).await?;
    let has_password = account.password == PasswordState::Chosen;
    let other_way_in = has_password
        || !bonds::find_by_account(connection, account.id)
            .await?
            .is_empty();
    Ok(Removal::leaving(Left {
        kind: account.kind,
        passkeys: of.saturating_sub(1).try_into().unwrap_or(u64::MAX),
        application,
        other_way_in,
    }))
}
