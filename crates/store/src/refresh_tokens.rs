//! Refresh tokens: rotated at each use, their reuse detected (RFC 9700, section
//! 4.14.2).
//!
//! A successor is derived from its predecessor by HMAC with a key of the service, so
//! that whoever lost an answer gets the same successor again without the service
//! having kept it: only hashes are stored. A token was used once there is a row that
//! replaces it, and there can be one alone: rotating is one INSERT.

use std::{sync::LazyLock, time::Duration};

use domain::{
    ambient::Ambient,
    client::ClientId,
    ids::{GrantId, RefreshTokenId},
    secret::{Token, TokenHash},
};
use jiff::Timestamp;
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use uuid::Uuid;

use crate::{
    error::StoreError,
    standing::{COLUMNS, Standing},
    time::{instant, millis},
    vault::hmac_sha256,
};

/// For how long after its use a token may come again because its answer was lost.
pub const GRACE: Duration = Duration::from_secs(10);

/// A refresh token as it is known, with what it belongs to.
#[derive(Clone, Debug)]
pub struct FoundToken {
    /// When it ends.
    pub expires_at: Timestamp,
    /// The grant that it belongs to, and who gave it.
    pub standing: Standing,
    id: RefreshTokenId,
    usage: Usage,
}

/// What became of a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Usage {
    /// It is the last of its family.
    Unused,
    /// It was used, its successor was not.
    Used(Timestamp),
    /// Its successor was used as well.
    Passed,
}

impl FoundToken {
    /// Whether it is the last of its family.
    pub fn is_unused(&self) -> bool {
        self.usage == Usage::Unused
    }

    /// Whether a client may refresh with it, as far as token and grant say.
    pub fn is_good_for(&self, client: &ClientId, now: Timestamp) -> bool {
        let grant = &self.standing.grant;
        grant.client == *client && grant.stands(now) && now < self.expires_at
    }

    /// Whether it had been used before and its successor has been seen since, or the
    /// grace is over: whoever presents it stole it, or was stolen from. The family must
    /// end.
    pub fn is_stolen(&self, now: Timestamp) -> bool {
        match self.usage {
            Usage::Unused => false,
            Usage::Used(at) => now > at + GRACE,
            Usage::Passed => true,
        }
    }

    fn from_row(row: &QueryResult) -> Result<Self, StoreError> {
        let used_at: Option<i64> = row.try_get("", "used_at")?;
        let passed_at: Option<i64> = row.try_get("", "passed_at")?;
        let usage = match (used_at, passed_at) {
            (None, _) => Usage::Unused,
            (Some(at), None) => Usage::Used(instant(at)?),
            (Some(_), Some(_)) => Usage::Passed,
        };
        Ok(Self {
            id: RefreshTokenId::from_uuid(row.try_get::<Uuid>("", "id")?),
            expires_at: instant(row.try_get("", "expires_at")?)?,
            standing: Standing::from_row(row)?,
            usage,
        })
    }
}

/// What rotating a token came to.
#[derive(Clone, Debug)]
pub enum Rotation {
    /// Here is the token to hand out: the successor, in the grace the same one again.
    Rotated(Token),
    /// Somebody was faster, and it is [stolen](FoundToken::is_stolen) by now.
    Reused,
    /// Its grant has ended meanwhile.
    Ended,
}

/// What is known of a presented token.
///
/// # Errors
/// The database's.
pub async fn find(
    connection: &impl ConnectionTrait,
    presented: &Token,
) -> Result<Option<FoundToken>, StoreError> {
    let backend = connection.get_database_backend();
    let values = [presented.hash().as_bytes().to_vec().into()];
    let statement = Statement::from_sql_and_values(backend, FIND.as_str(), values);
    let row = connection.query_one_raw(statement).await?;
    row.as_ref().map(FoundToken::from_row).transpose()
}

/// Writes the first token of a grant and gives it to hand out; nothing where the grant
/// does not stand.
///
/// # Errors
/// The database's.
pub async fn insert_first(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    grant: GrantId,
    expires_at: Timestamp,
) -> Result<Option<Token>, StoreError> {
    let token = Token::generate(ambient);
    let row = NewToken {
        grant,
        hash: token.hash(),
        replaces: None,
        expires_at,
    };
    let written = row.insert(connection, ambient).await?;
    Ok(written.then_some(token))
}

/// Rotates a token that is good and not stolen, as it was found a moment ago. Of many
/// at once one writes the successor; the others get the same one.
///
/// `idle` bounds the successor's life; it never outlives the grant.
///
/// # Errors
/// The database's.
pub async fn rotate(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    key: &[u8; 32],
    presented: &Token,
    found: &FoundToken,
    idle: Duration,
) -> Result<Rotation, StoreError> {
    let successor = derive(key, presented);
    if !found.is_unused() {
        return Ok(Rotation::Rotated(successor));
    }
    let now = ambient.now();
    let row = NewToken {
        grant: found.standing.grant.id,
        hash: successor.hash(),
        replaces: Some(found.id),
        expires_at: end_of_successor(found, now, idle),
    };
    if row.insert(connection, ambient).await? {
        return Ok(Rotation::Rotated(successor));
    }
    // Read anew: the first use may have been a moment ago, by another node.
    Ok(match find(connection, presented).await? {
        Some(found) if found.is_stolen(now) => Rotation::Reused,
        Some(found) if !found.is_unused() => Rotation::Rotated(successor),
        _ => Rotation::Ended,
    })
}

/// Not before its predecessor, even where idleness was shortened meanwhile: as long as
/// that one is known, so must be that it was used.
fn end_of_successor(found: &FoundToken, now: Timestamp, idle: Duration) -> Timestamp {
    let whole = found.standing.grant.expires_at;
    let end = now.checked_add(idle).unwrap_or(whole);
    end.max(found.expires_at).min(whole)
}

struct NewToken {
    grant: GrantId,
    hash: TokenHash,
    replaces: Option<RefreshTokenId>,
    expires_at: Timestamp,
}

impl NewToken {
    /// `false` where the grant does not stand, or another replaced the same token.
    async fn insert(
        self,
        connection: &impl ConnectionTrait,
        ambient: &Ambient,
    ) -> Result<bool, StoreError> {
        let values = [
            RefreshTokenId::new(ambient).as_uuid().into(),
            self.grant.as_uuid().into(),
            self.hash.as_bytes().to_vec().into(),
            self.replaces.map(|id| id.as_uuid()).into(),
            millis(ambient.now()).into(),
            millis(self.expires_at).into(),
        ];
        let backend = connection.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, INSERT, values);
        let written = connection.execute_raw(statement).await?;
        Ok(written.rows_affected() == 1)
    }
}

fn derive(key: &[u8; 32], predecessor: &Token) -> Token {
    Token::from_bytes(hmac_sha256(key, predecessor.expose().as_bytes()))
}

static FIND: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select token.id, token.expires_at, \
         next.created_at as used_at, after_next.created_at as passed_at, {} \
         from refresh_token token \
         join authorization_grant given on given.id = token.grant_id \
         join account owner on owner.id = given.account_id \
         left join refresh_token next on next.replaces = token.id \
         left join refresh_token after_next on after_next.replaces = next.id \
         where token.hash = $1",
        *COLUMNS
    )
});

/// One statement decides everything: whether the grant stands, and who is first.
const INSERT: &str = "\
    insert into refresh_token (id, grant_id, hash, replaces, created_at, expires_at) \
    select $1, id, $3, $4, $5, $6 from authorization_grant \
    where id = $2 and revoked_at is null and expires_at > $5 \
    on conflict do nothing";
