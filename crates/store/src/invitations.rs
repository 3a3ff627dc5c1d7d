//! Invitations: links with which an officer or administrator sets up their own access, by
//! a password and a second factor. An invitation is given by an operator or an
//! administrator; it is good once, for a day, and the newest alone.

use std::time::Duration;

use domain::{
    ambient::Ambient,
    audit::{Action, Actor, Target},
    ids::{AccountId, InvitationId},
    secret::{Token, TokenHash},
};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::Expr,
};

use crate::{
    audit::{self, Event},
    entity::invitation,
    error::StoreError,
    time::millis,
};

/// For how long an invitation is good.
pub const LIFETIME: Duration = Duration::from_hours(24);

/// Makes an invitation, in a transaction with what it is for; those before end.
///
/// # Errors
/// The database's.
pub async fn insert(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    actor: Actor,
    account: AccountId,
) -> Result<Token, StoreError> {
    let now = ambient.now();
    invitation::Entity::delete_many()
        .filter(invitation::Column::AccountId.eq(account.as_uuid()))
        .exec(connection)
        .await?;
    let token = Token::generate(ambient);
    let row = invitation::ActiveModel {
        id: Set(InvitationId::new(ambient).as_uuid()),
        account_id: Set(account.as_uuid()),
        hash: Set(token.hash().as_bytes().to_vec()),
        created_at: Set(millis(now)),
        expires_at: Set(millis(now + LIFETIME)),
        spent_at: Set(None),
    };
    invitation::Entity::insert(row)
        .exec_without_returning(connection)
        .await?;
    let event = Event::new(Action::InvitationMade, actor, Target::Account(account));
    audit::record(connection, ambient, event).await?;
    Ok(token)
}

/// Whose invitation this is, if it can still be spent. Changes nothing.
///
/// # Errors
/// The database's.
pub async fn find(
    connection: &impl ConnectionTrait,
    token: &TokenHash,
    now: Timestamp,
) -> Result<Option<AccountId>, StoreError> {
    let found = invitation::Entity::find()
        .filter(is_open(token, now))
        .one(connection)
        .await?;
    Ok(found.map(|row| AccountId::from_uuid(row.account_id)))
}

/// Spends an invitation: to one caller alone, on any node.
///
/// # Errors
/// The database's.
pub async fn spend(
    connection: &impl ConnectionTrait,
    token: &TokenHash,
    now: Timestamp,
) -> Result<Option<AccountId>, StoreError> {
    let spent = invitation::Entity::update_many()
        .col_expr(invitation::Column::SpentAt, Expr::value(millis(now)))
        .filter(is_open(token, now))
        .exec_with_returning(connection)
        .await?;
    let spent = spent.into_iter().next();
    Ok(spent.map(|row| AccountId::from_uuid(row.account_id)))
}

fn is_open(token: &TokenHash, now: Timestamp) -> Condition {
    Condition::all()
        .add(invitation::Column::Hash.eq(token.as_bytes().to_vec()))
        .add(invitation::Column::SpentAt.is_null())
        .add(invitation::Column::ExpiresAt.gt(millis(now)))
}
