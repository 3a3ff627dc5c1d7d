//! What programs register clients with: initial access tokens (RFC 7591, section 3), and
//! the registration access token of each client that came so (RFC 7592, section 3).
//! Only hashes are kept.

use domain::{
    ambient::Ambient,
    audit::{Action, Actor, Target},
    client::ClientId,
    ids::{InitialTokenId, KeyId},
    secret::{Token, TokenHash},
};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use serde_json::json;
use subtle::ConstantTimeEq as _;

use crate::{
    audit::{self, Event},
    entity::{initial_token, registration_token},
    error::StoreError,
    time::{instant, millis},
};

/// An initial access token, as administrators see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InitialToken {
    /// Its id.
    pub id: InitialTokenId,
    /// What it is for.
    pub label: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// How many clients it can still register.
    pub uses_left: u32,
}

/// Makes an initial access token.
///
/// # Errors
/// The database's.
pub async fn make_initial(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    actor: Actor,
    token: &Token,
    made: &InitialToken,
) -> Result<(), StoreError> {
    let row = initial_token::ActiveModel {
        id: Set(made.id.as_uuid()),
        hash: Set(token.hash().as_bytes().to_vec()),
        label: Set(made.label.clone()),
        created_at: Set(millis(made.created_at)),
        expires_at: Set(millis(made.expires_at)),
        uses_left: Set(i32::try_from(made.uses_left).unwrap_or(i32::MAX)),
    };
    initial_token::Entity::insert(row)
        .exec_without_returning(connection)
        .await?;
    let event = event(Action::InitialTokenMade, actor, made.id);
    audit::record(
        connection,
        ambient,
        event.with(json!({ "uses": made.uses_left })),
    )
    .await
}

/// All initial access tokens, the newest first.
///
/// # Errors
/// The database's.
pub async fn find_initial(
    connection: &impl ConnectionTrait,
) -> Result<Vec<InitialToken>, StoreError> {
    let rows = initial_token::Entity::find()
        .order_by_desc(initial_token::Column::Id)
        .all(connection)
        .await?;
    rows.into_iter().map(initial).collect()
}

/// Whether this is an initial access token that could be spent now. It is not spent by
/// that, and somebody else may do so in the next moment.
///
/// # Errors
/// The database's.
pub async fn is_initial(
    connection: &impl ConnectionTrait,
    token: &Token,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let found = initial_token::Entity::find()
        .filter(initial_token::Column::Hash.eq(token.hash().as_bytes().to_vec()))
        .filter(initial_token::Column::UsesLeft.gt(0))
        .filter(initial_token::Column::ExpiresAt.gt(millis(now)))
        .one(connection)
        .await?;
    Ok(found.is_some())
}

/// Takes one use of a token. Of many uses at once no more succeed than it has. `None`
/// where it is none, is over or spent.
///
/// # Errors
/// The database's.
pub async fn spend_initial(
    connection: &impl ConnectionTrait,
    token: &Token,
    now: Timestamp,
) -> Result<Option<InitialTokenId>, StoreError> {
    let hash = token.hash().as_bytes().to_vec();
    let changed = initial_token::Entity::update_many()
        .col_expr(
            initial_token::Column::UsesLeft,
            Expr::col(initial_token::Column::UsesLeft).sub(1),
        )
        .filter(initial_token::Column::Hash.eq(hash.clone()))
        .filter(initial_token::Column::UsesLeft.gt(0))
        .filter(initial_token::Column::ExpiresAt.gt(millis(now)))
        .exec(connection)
        .await?;
    if changed.rows_affected == 0 {
        return Ok(None);
    }
    let row = initial_token::Entity::find()
        .filter(initial_token::Column::Hash.eq(hash))
        .one(connection)
        .await?;
    Ok(row.map(|row| InitialTokenId::from_uuid(row.id)))
}

/// Withdraws a token. Whether there was one.
///
/// # Errors
/// The database's.
pub async fn remove_initial(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    actor: Actor,
    id: InitialTokenId,
) -> Result<bool, StoreError> {
    let deleted = initial_token::Entity::delete_by_id(id.as_uuid())
        .exec(connection)
        .await?;
    if deleted.rows_affected == 1 {
        let event = event(Action::InitialTokenRemoved, actor, id);
        audit::record(connection, ambient, event).await?;
    }
    Ok(deleted.rows_affected == 1)
}

/// Gives a client its registration access token, in the place of one that it had.
///
/// # Errors
/// The database's.
pub async fn set_registration(
    connection: &impl ConnectionTrait,
    id: &ClientId,
    token: TokenHash,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = registration_token::ActiveModel {
        client_id: Set(id.to_string()),
        hash: Set(token.as_bytes().to_vec()),
        created_at: Set(millis(now)),
    };
    let replaced = [
        registration_token::Column::Hash,
        registration_token::Column::CreatedAt,
    ];
    registration_token::Entity::insert(row)
        .on_conflict(
            OnConflict::column(registration_token::Column::ClientId)
                .update_columns(replaced)
                .to_owned(),
        )
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

/// Ends the registration access token of a client, if it has one.
///
/// # Errors
/// The database's.
pub async fn end_registration(
    connection: &impl ConnectionTrait,
    id: &ClientId,
) -> Result<(), StoreError> {
    registration_token::Entity::delete_by_id(id.as_str())
        .exec(connection)
        .await?;
    Ok(())
}

/// Whether this is the registration access token of this very client.
///
/// # Errors
/// The database's.
pub async fn is_registration(
    connection: &impl ConnectionTrait,
    id: &ClientId,
    token: &Token,
) -> Result<bool, StoreError> {
    let row = registration_token::Entity::find_by_id(id.as_str())
        .one(connection)
        .await?;
    let hash = token.hash();
    Ok(row.is_some_and(|row| row.hash.as_slice().ct_eq(hash.as_bytes()).into()))
}

/// An initial access token is a key to the register; the trail names it as one.
fn event(action: Action, actor: Actor, id: InitialTokenId) -> Event {
    Event::new(action, actor, Target::Key(KeyId::from_uuid(id.as_uuid())))
}

fn initial(row: initial_token::Model) -> Result<InitialToken, StoreError> {
    Ok(InitialToken {
        id: InitialTokenId::from_uuid(row.id),
        label: row.label,
        created_at: instant(row.created_at)?,
        expires_at: instant(row.expires_at)?,
        uses_left: u32::try_from(row.uses_left).unwrap_or(0),
    })
}
