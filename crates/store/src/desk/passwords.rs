//! A new provisional password.

use domain::{
    account::{AccountState, PersonKind},
    ambient::Ambient,
    audit::Action,
    contact::Channel,
    ids::AccountId,
    second_factor::Standing,
};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use super::{Desk, Person, hold};
use crate::{
    activations, audit, contacts,
    entity::account,
    error::StoreError,
    passkeys,
    proofs::{self, Purpose},
    second_factors,
    time::millis,
};

/// Ways in and changes under way that end with the password of before.
const ENDED: [Purpose; 6] = [
    Purpose::PasswordLink,
    Purpose::PasswordCode,
    Purpose::NewPassword,
    Purpose::EmailConfirmation,
    Purpose::PhoneConfirmation,
    Purpose::Grouping,
];

/// Gives a person of the school a new provisional password, whose account is in one of the
/// asked states: pupils may be in any use, guardians must never have activated theirs. The
/// password of before, sessions, tokens, and whatever waited end; the account is to be
/// activated (again), with a birth date. The person as they were before; none, with nothing
/// done, where there is no tie or the account is not one of these.
///
/// # Errors
/// The database's.
pub async fn give_provisional(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    desk: &Desk,
    account: AccountId,
    asked: &[AccountState],
    hash: &str,
) -> Result<Option<Person>, StoreError> {
    let Some(person) = hold(transaction, desk, account).await? else {
        return Ok(None);
    };
    let may: &[AccountState] = match person.account.kind {
        PersonKind::Pupil => &[AccountState::Known, AccountState::Active],
        PersonKind::Guardian => &[AccountState::Known],
        PersonKind::Officer | PersonKind::Administrator => &[],
    };
    let states: Vec<_> = asked
        .iter()
        .filter(|state| may.contains(state))
        .copied()
        .collect();
    let given = reset(transaction, ambient, desk, account, &states, hash).await?;
    Ok(given.then_some(person))
}

/// Makes an account that is in one of these states one that waits to be activated by this
/// provisional password; whatever was signed in or waited ends. Whether it was one.
pub(crate) async fn reset(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    desk: &Desk,
    account: AccountId,
    states: &[AccountState],
    hash: &str,
) -> Result<bool, StoreError> {
    let now = ambient.now();
    if !set_provisional(transaction, account, states, hash, now).await? {
        return Ok(false);
    }
    // Passkeys are ways in like the password, and whoever had that may have added them. Where
    // a second factor is asked for, that is taken off by its own act alone.
    if second_factors::standing(transaction, account).await? != Standing::InForce {
        passkeys::remove_all(transaction, account).await?;
    }
    end_what_was_open(transaction, account, now).await?;
    let event = desk.event(Action::ProvisionalPasswordGiven, account, json!({}));
    audit::record(transaction, ambient, event).await?;
    Ok(true)
}

async fn set_provisional(
    transaction: &impl ConnectionTrait,
    id: AccountId,
    states: &[AccountState],
    hash: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    use account::Column as C;
    let states = states.iter().map(|state| state.as_str());
    let changed = account::Entity::update_many()
        .col_expr(C::State, Expr::value(AccountState::Known.as_str()))
        .col_expr(C::PasswordState, Expr::value("provisional"))
        .col_expr(C::PasswordHash, Expr::value(hash))
        .col_expr(C::PasswordSetAt, Expr::value(millis(now)))
        .col_expr(C::SessionsFrom, Expr::value(millis(now)))
        .col_expr(C::UpdatedAt, Expr::value(millis(now)))
        .filter(C::Id.eq(id.as_uuid()))
        .filter(C::State.is_in(states))
        .exec(transaction)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Ends activations, proofs and contacts that wait: somebody else may have begun them.
pub(super) async fn end_what_was_open(
    transaction: &impl ConnectionTrait,
    account: AccountId,
    now: Timestamp,
) -> Result<(), StoreError> {
    activations::drop_of_account(transaction, account).await?;
    proofs::end_of_account(transaction, account, &ENDED, now).await?;
    for channel in [Channel::Email, Channel::Sms] {
        contacts::drop_pending(transaction, account, channel).await?;
    }
    Ok(())
}
