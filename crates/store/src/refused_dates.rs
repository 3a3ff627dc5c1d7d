//! Birth dates that did not fit: counted on the account, and kept so that officers see
//! which one was refused (product.md, Activation).

use domain::{
    ambient::Ambient,
    audit::{Action, Actor, Target},
    ids::AccountId,
};
use jiff::{Timestamp, civil::Date};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    accounts, activations,
    audit::{self, Event},
    entity::refused_birth_date,
    error::StoreError,
    time::millis,
};

/// Wrong tries that end a provisional password, and a self-registration.
pub const TRIES: usize = 3;

/// A date that was typed, and whose it should have been, where that can be said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refused {
    /// The pupil whose date it is not.
    pub pupil: Option<AccountId>,
    /// What was typed.
    pub typed: Date,
}

/// How many wrong tries there were since an instant: the dates of one form are one try.
///
/// # Errors
/// The database's.
pub async fn count_since(
    connection: &impl ConnectionTrait,
    account: AccountId,
    since: Timestamp,
) -> Result<usize, StoreError> {
    let rows = refused_birth_date::Entity::find()
        .filter(refused_birth_date::Column::AccountId.eq(account.as_uuid()))
        .filter(refused_birth_date::Column::At.gte(millis(since)))
        .order_by_asc(refused_birth_date::Column::At)
        .all(connection)
        .await?;
    let mut times: Vec<_> = rows.iter().map(|row| row.at).collect();
    times.dedup();
    Ok(times.len())
}

/// Counts a wrong try, in a transaction that holds the account ([`accounts::lock`]), and
/// says how many are left; at none the account's provisional password has ended, if it
/// had one. Commit whatever comes.
///
/// # Errors
/// The database's.
pub async fn record(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    account: AccountId,
    since: Timestamp,
    refused: &[Refused],
) -> Result<usize, StoreError> {
    let at = instant_of_its_own(connection, account, ambient.now()).await?;
    let rows = refused
        .iter()
        .map(|refused| row(ambient, account, refused, at));
    refused_birth_date::Entity::insert_many(rows)
        .exec_without_returning(connection)
        .await?;
    let tries = count_since(connection, account, since).await?;
    let left = TRIES.saturating_sub(tries);
    let event = Event::new(
        Action::BirthDateRefused,
        Actor::Service,
        Target::Account(account),
    );
    audit::record(
        connection,
        ambient,
        event.with(json!({ "tries_left": left })),
    )
    .await?;
    if left == 0 {
        end(connection, ambient, account).await?;
    }
    Ok(left)
}

async fn end(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    account: AccountId,
) -> Result<(), StoreError> {
    activations::drop_of_account(connection, account).await?;
    if accounts::end_provisional(connection, account, ambient.now()).await? {
        let action = Action::ProvisionalPasswordEnded;
        let event = Event::new(action, Actor::Service, Target::Account(account));
        audit::record(connection, ambient, event).await?;
    }
    Ok(())
}

/// Tries are told apart by their instants.
async fn instant_of_its_own(
    connection: &impl ConnectionTrait,
    account: AccountId,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let last = refused_birth_date::Entity::find()
        .filter(refused_birth_date::Column::AccountId.eq(account.as_uuid()))
        .order_by_desc(refused_birth_date::Column::At)
        .one(connection)
        .await?;
    Ok(last.map_or(millis(now), |last| millis(now).max(last.at + 1)))
}

fn row(
    ambient: &Ambient,
    account: AccountId,
    refused: &Refused,
    at: i64,
) -> refused_birth_date::ActiveModel {
    refused_birth_date::ActiveModel {
        id: Set(Uuid::from_bytes(ambient.random())),
        account_id: Set(account.as_uuid()),
        pupil_account_id: Set(refused.pupil.map(|pupil| pupil.as_uuid())),
        typed: Set(refused.typed.to_string()),
        at: Set(at),
    }
}
