//! Refresh tokens: rotated at each use, their reuse detected (RFC 9700, section
//! 4.14.2).
//!
//! A successor is derived from its predecessor by HMAC with a key of the service, so
//! that whoever lost an answer gets the same successor again without the service
//! having kept it: only hashes are stored.

use std::time::Duration;

use domain::{
    ambient::Ambient,
    client::ClientId,
    ids::{GrantId, RefreshTokenId},
    secret::{Token, TokenHash},
};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr,
};

use crate::{
    entity::{authorization_grant, refresh_token},
    error::StoreError,
    grants::{self, Grant},
    time::millis,
    vault::hmac_sha256,
};

/// For how long after its use a token may come again because its answer was lost.
pub const GRACE: Duration = Duration::from_secs(10);

/// What a presented refresh token came to.
#[derive(Clone, Debug)]
pub enum Rotation {
    /// It was good: here is its successor. In the grace, the same one again.
    Rotated {
        /// The grant that it belongs to.
        grant: Box<Grant>,
        /// The token to hand out.
        successor: Token,
    },
    /// It had been used before and its successor has been seen since, or the grace is
    /// over: whoever holds it stole it, or was stolen from. The family must end.
    Reused {
        /// The grant to be revoked.
        grant: Box<Grant>,
    },
    /// It is nobody's, another client's, expired, or its grant does not stand.
    Unknown,
}

/// Writes the first token of a grant and gives it to hand out.
///
/// # Errors
/// The database's.
pub async fn insert_first(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    grant: GrantId,
    expires_at: Timestamp,
) -> Result<Token, StoreError> {
    let token = Token::generate(ambient);
    insert(connection, ambient, grant, token.hash(), expires_at).await?;
    Ok(token)
}

/// Rotates a presented token, in the caller's transaction: one guarded UPDATE spends
/// it, one INSERT keeps its successor's hash. Of many at once one rotates; the others
/// get the same successor.
///
/// `idle` bounds the successor's life; it never outlives the grant.
///
/// # Errors
/// The database's.
pub async fn rotate(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    key: &[u8; 32],
    client: &ClientId,
    presented: &Token,
    idle: Duration,
) -> Result<Rotation, StoreError> {
    let now = ambient.now();
    let Some((row, grant)) = find(connection, presented.hash()).await? else {
        return Ok(Rotation::Unknown);
    };
    if grant.client != *client || !grant.stands(now) || row.expires_at <= millis(now) {
        return Ok(Rotation::Unknown);
    }
    let successor = derive(key, presented);
    if spend(connection, &row, now).await? {
        let end = now
            .checked_add(idle)
            .unwrap_or(grant.expires_at)
            .min(grant.expires_at);
        insert(connection, ambient, grant.id, successor.hash(), end).await?;
        let grant = Box::new(grant);
        return Ok(Rotation::Rotated { grant, successor });
    }
    let grant = Box::new(grant);
    if is_lost_answer(connection, &row, &successor, now).await? {
        Ok(Rotation::Rotated { grant, successor })
    } else {
        Ok(Rotation::Reused { grant })
    }
}

/// The grant of a refresh token, whether or not the token was used; for revocation and
/// introspection.
///
/// # Errors
/// The database's.
pub async fn find_grant(
    connection: &impl ConnectionTrait,
    presented: &Token,
) -> Result<Option<FoundToken>, StoreError> {
    let found = find(connection, presented.hash()).await?;
    found
        .map(|(row, grant)| {
            Ok(FoundToken {
                usable: row.used_at.is_none(),
                expires_at: crate::time::instant(row.expires_at)?,
                grant,
            })
        })
        .transpose()
}

/// A refresh token as it is known.
#[derive(Clone, Debug)]
pub struct FoundToken {
    /// Whether it is the last of its family.
    pub usable: bool,
    /// When it ends.
    pub expires_at: Timestamp,
    /// What it belongs to.
    pub grant: Grant,
}

async fn find(
    connection: &impl ConnectionTrait,
    hash: TokenHash,
) -> Result<Option<(refresh_token::Model, Grant)>, StoreError> {
    let Some(row) = refresh_token::Entity::find()
        .filter(refresh_token::Column::Hash.eq(hash.as_bytes().to_vec()))
        .one(connection)
        .await?
    else {
        return Ok(None);
    };
    let grant = authorization_grant::Entity::find_by_id(row.grant_id)
        .one(connection)
        .await?;
    let grant = grant.map(grants::from_row).transpose()?;
    Ok(grant.map(|grant| (row, grant)))
}

async fn spend(
    connection: &impl ConnectionTrait,
    row: &refresh_token::Model,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::UsedAt, Expr::value(millis(now)))
        .filter(refresh_token::Column::Id.eq(row.id))
        .filter(refresh_token::Column::UsedAt.is_null())
        .exec(connection)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// The token was used. Whether that was just now and nobody has used its successor.
/// Read anew: the first use may have been a moment ago, by another node.
async fn is_lost_answer(
    connection: &impl ConnectionTrait,
    row: &refresh_token::Model,
    successor: &Token,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let spent = refresh_token::Entity::find_by_id(row.id)
        .one(connection)
        .await?;
    let used_at = spent.and_then(|row| row.used_at).unwrap_or_default();
    let grace = i64::try_from(GRACE.as_millis()).unwrap_or_default();
    let next = refresh_token::Entity::find()
        .filter(refresh_token::Column::Hash.eq(successor.hash().as_bytes().to_vec()))
        .one(connection)
        .await?;
    let successor_unused = next.is_some_and(|next| next.used_at.is_none());
    Ok(successor_unused && millis(now) - used_at <= grace)
}

async fn insert(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    grant: GrantId,
    hash: TokenHash,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    let row = refresh_token::ActiveModel {
        id: Set(RefreshTokenId::new(ambient).as_uuid()),
        grant_id: Set(grant.as_uuid()),
        hash: Set(hash.as_bytes().to_vec()),
        created_at: Set(millis(ambient.now())),
        expires_at: Set(millis(expires_at)),
        used_at: Set(None),
    };
    refresh_token::Entity::insert(row)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

fn derive(key: &[u8; 32], predecessor: &Token) -> Token {
    Token::from_bytes(hmac_sha256(key, predecessor.expose().as_bytes()))
}
