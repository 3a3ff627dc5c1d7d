//! Grants: what one authorization by one person gave to one client. Every token of the
//! authorization names its grant, and ends with it.

use domain::{
    acr::{Acr, Amr},
    ambient::Ambient,
    audit::{Action, Actor, Target},
    client::ClientId,
    ids::{AccountId, GrantId, SessionId},
    scope::ScopeSet,
};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};
use serde_json::Value;

use crate::{
    audit::{self, Event},
    entity::authorization_grant,
    error::StoreError,
    time::{instant, millis},
};

/// A grant.
#[derive(Clone, PartialEq, Debug)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Who gave it.
    pub account: AccountId,
    /// To whom.
    pub client: ClientId,
    /// In which session.
    pub session: SessionId,
    /// For what.
    pub scope: ScopeSet,
    /// The `claims` parameter of the request, as the protocol keeps it.
    pub claims_request: Value,
    /// When the person authenticated.
    pub auth_time: Timestamp,
    /// How.
    pub acr: Acr,
    /// By which methods.
    pub amr: Vec<Amr>,
    /// Whether it outlives the session (`offline_access`).
    pub offline: bool,
    /// When the last of its tokens can end.
    pub expires_at: Timestamp,
    /// Whether it was revoked.
    pub revoked: bool,
}

impl Grant {
    /// Whether tokens of it may still be used or issued, as far as the grant itself
    /// says; the account has its own word ([`domain::account::Account::upholds`]).
    pub fn stands(&self, now: Timestamp) -> bool {
        !self.revoked && now < self.expires_at
    }
}

/// Writes a new grant.
///
/// # Errors
/// The database's.
pub async fn insert(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    grant: &Grant,
) -> Result<(), StoreError> {
    let row = authorization_grant::ActiveModel {
        id: Set(grant.id.as_uuid()),
        account_id: Set(grant.account.as_uuid()),
        client_id: Set(grant.client.to_string()),
        session_id: Set(grant.session.as_uuid()),
        scope: Set(grant.scope.to_string()),
        claims_request: Set(grant.claims_request.clone()),
        auth_time: Set(millis(grant.auth_time)),
        acr: Set(grant.acr.as_str().to_owned()),
        amr: Set(amr_text(&grant.amr)),
        offline: Set(grant.offline),
        created_at: Set(millis(ambient.now())),
        expires_at: Set(millis(grant.expires_at)),
        revoked_at: Set(None),
    };
    authorization_grant::Entity::insert(row)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

/// The grant of an id.
///
/// # Errors
/// The database's.
pub async fn find_by_id(
    connection: &impl ConnectionTrait,
    id: GrantId,
) -> Result<Option<Grant>, StoreError> {
    let row = authorization_grant::Entity::find_by_id(id.as_uuid())
        .one(connection)
        .await?;
    row.map(from_row).transpose()
}

/// Revokes a grant: all its tokens end. Whether it stood until now.
///
/// # Errors
/// The database's.
pub async fn revoke(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    actor: Actor,
    grant: &Grant,
    reason: &'static str,
) -> Result<bool, StoreError> {
    let changed = authorization_grant::Entity::update_many()
        .col_expr(
            authorization_grant::Column::RevokedAt,
            Expr::value(millis(ambient.now())),
        )
        .filter(authorization_grant::Column::Id.eq(grant.id.as_uuid()))
        .filter(authorization_grant::Column::RevokedAt.is_null())
        .exec(connection)
        .await?;
    if changed.rows_affected == 1 {
        let event = Event::new(Action::GrantRevoked, actor, Target::Account(grant.account))
            .at_client(&grant.client)
            .with(serde_json::json!({ "reason": reason }));
        audit::record(connection, ambient, event).await?;
    }
    Ok(changed.rows_affected == 1)
}

/// Ends what hangs on a session that was ended: its grants without `offline_access`.
/// How many there were.
///
/// # Errors
/// The database's.
pub async fn end_with_session(
    connection: &impl ConnectionTrait,
    session: SessionId,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let changed = authorization_grant::Entity::update_many()
        .col_expr(
            authorization_grant::Column::RevokedAt,
            Expr::value(millis(now)),
        )
        .filter(authorization_grant::Column::SessionId.eq(session.as_uuid()))
        .filter(authorization_grant::Column::Offline.eq(false))
        .filter(authorization_grant::Column::RevokedAt.is_null())
        .exec(connection)
        .await?;
    Ok(changed.rows_affected)
}

/// The grants of an account that have not ended, the newest first.
///
/// # Errors
/// The database's.
pub async fn find_of_account(
    connection: &impl ConnectionTrait,
    account: AccountId,
    now: Timestamp,
) -> Result<Vec<Grant>, StoreError> {
    let rows = authorization_grant::Entity::find()
        .filter(authorization_grant::Column::AccountId.eq(account.as_uuid()))
        .filter(authorization_grant::Column::RevokedAt.is_null())
        .filter(authorization_grant::Column::ExpiresAt.gt(millis(now)))
        .order_by_desc(authorization_grant::Column::CreatedAt)
        .all(connection)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// Ends all that an account gave to a client. How many grants there were.
///
/// # Errors
/// The database's.
pub async fn end_at_client(
    connection: &impl ConnectionTrait,
    account: AccountId,
    client: &ClientId,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let changed = authorization_grant::Entity::update_many()
        .col_expr(
            authorization_grant::Column::RevokedAt,
            Expr::value(millis(now)),
        )
        .filter(authorization_grant::Column::AccountId.eq(account.as_uuid()))
        .filter(authorization_grant::Column::ClientId.eq(client.to_string()))
        .filter(authorization_grant::Column::RevokedAt.is_null())
        .exec(connection)
        .await?;
    Ok(changed.rows_affected)
}

pub(crate) fn from_row(row: authorization_grant::Model) -> Result<Grant, StoreError> {
    Ok(Grant {
        id: GrantId::from_uuid(row.id),
        account: AccountId::from_uuid(row.account_id),
        client: ClientId::parse(&row.client_id).map_err(|_| malformed("client_id"))?,
        session: SessionId::from_uuid(row.session_id),
        scope: ScopeSet::parse(&row.scope).map_err(|_| malformed("scope"))?,
        claims_request: row.claims_request,
        auth_time: instant(row.auth_time)?,
        acr: parse_word(&row.acr).ok_or(malformed("acr"))?,
        amr: parse_amr(&row.amr)?,
        offline: row.offline,
        expires_at: instant(row.expires_at)?,
        revoked: row.revoked_at.is_some(),
    })
}

fn amr_text(amr: &[Amr]) -> String {
    let words: Vec<_> = amr.iter().map(|method| method.as_str()).collect();
    words.join(" ")
}

fn parse_amr(text: &str) -> Result<Vec<Amr>, StoreError> {
    text.split_whitespace()
        .map(|word| parse_word(word).ok_or(malformed("amr")))
        .collect()
}

fn parse_word<T: serde::de::DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(Value::from(word)).ok()
}

const fn malformed(what: &'static str) -> StoreError {
    StoreError::Malformed {
        table: "authorization_grant",
        what,
    }
}
