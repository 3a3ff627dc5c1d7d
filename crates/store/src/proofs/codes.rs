//! Codes: few digits, so tries are counted, and the count is kept where no new browser,
//! spelling or resend escapes it.

use domain::{
    ambient::Ambient,
    code::OneTimeCode,
    ids::{AccountId, ProofId},
};
use jiff::{Timestamp, ToSpan};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter,
    QueryOrder, sea_query::Expr,
};
use subtle::ConstantTimeEq;

use super::{NewProof, Proof, Purpose, from_row, is_open, row};
use crate::{accounts, entity::proof, error::StoreError, time::millis, vault::hmac_sha256};

/// Wrong tries that end a code (product.md, Recovery).
pub const TRIES_PER_CODE: i32 = 5;

/// Wrong tries after which no further code is good, over a sliding day.
pub const TRIES_PER_DAY: i32 = 15;

const DAY_HOURS: i64 = 24;

/// What a typed code came to.
#[derive(Clone, PartialEq, Debug)]
pub enum CodeTry {
    /// It was right, and is spent.
    Right(Proof),
    /// It was not; so many tries are left.
    Wrong {
        /// Tries left; at none the code has ended.
        left: u32,
    },
    /// The code has ended: used, too old, replaced by a newer one, or tried too often.
    Over,
}

/// Makes a code in place of those that were open. `counted_as` names whose tries are
/// counted together, also where there is no such account: a hash of an identifier or a
/// number in its one form. Asking again gives no new tries to a code that was tried.
///
/// # Errors
/// The database's.
pub async fn insert_code(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    key: &[u8; 32],
    counted_as: &[u8; 32],
    new: NewProof,
) -> Result<(ProofId, OneTimeCode), StoreError> {
    let id = ProofId::new(ambient);
    let code = insert_code_as(connection, ambient, key, counted_as, id, new).await?;
    Ok((id, code))
}

/// The same under an id that was given out before: the page that asks for the code comes
/// at once, whatever there is to do.
///
/// # Errors
/// The database's.
pub async fn insert_code_as(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    key: &[u8; 32],
    counted_as: &[u8; 32],
    id: ProofId,
    new: NewProof,
) -> Result<OneTimeCode, StoreError> {
    // For nobody's code as well: whether there is an account must not show in the work.
    let locked = new.account.unwrap_or_else(|| AccountId::new(ambient));
    accounts::lock(connection, locked).await?;
    let now = ambient.now();
    let allowed = allowance(connection, new.purpose, counted_as, now).await?;
    end_open(connection, new.purpose, counted_as, now).await?;
    let code = OneTimeCode::generate(ambient);
    let mut row = row(id, &hash(key, id, &code), ambient, new);
    row.counted_as = Set(Some(counted_as.to_vec()));
    row.allowed = Set(allowed);
    proof::Entity::insert(row)
        .exec_without_returning(connection)
        .await?;
    Ok(code)
}

/// Tries a code; a wrong try is counted, so commit whatever comes. The try is reserved
/// before anything is compared: tries made at once cannot outrun the count.
///
/// # Errors
/// The database's.
pub async fn try_code(
    connection: &impl ConnectionTrait,
    key: &[u8; 32],
    purpose: Purpose,
    id: ProofId,
    typed: Option<&OneTimeCode>,
    now: Timestamp,
) -> Result<CodeTry, StoreError> {
    let tries = proof::Column::Tries;
    let reserved = proof::Entity::update_many()
        .col_expr(tries, Expr::col(tries).add(1))
        .filter(is_open(purpose, now))
        .filter(proof::Column::Id.eq(id.as_uuid()))
        .filter(Expr::col(tries).lt(Expr::col(proof::Column::Allowed)))
        .exec_with_returning(connection)
        .await?;
    let Some(found) = reserved.into_iter().next() else {
        return Ok(CodeTry::Over);
    };
    let hashed = typed.map(|typed| hash(key, id, typed));
    let right = hashed.is_some_and(|hashed| hashed.ct_eq(&found.hash).into());
    if !right || found.account_id.is_none() {
        let left = u32::try_from(found.allowed - found.tries).unwrap_or_default();
        return Ok(CodeTry::Wrong { left });
    }
    proof::Entity::update_many()
        .col_expr(proof::Column::SpentAt, Expr::value(millis(now)))
        .col_expr(tries, Expr::col(tries).sub(1))
        .filter(proof::Column::Id.eq(id.as_uuid()))
        .exec(connection)
        .await?;
    from_row(found).map(CodeTry::Right)
}

/// How many wrong tries a new code may take: what a code that is open has left, else
/// five, and never past the day's.
async fn allowance(
    connection: &impl ConnectionTrait,
    purpose: Purpose,
    counted_as: &[u8; 32],
    now: Timestamp,
) -> Result<i32, StoreError> {
    let since = now.saturating_sub(DAY_HOURS.hours()).unwrap_or(now);
    let codes = proof::Entity::find()
        .filter(proof::Column::Purpose.eq(purpose.as_str()))
        .filter(proof::Column::CountedAs.eq(counted_as.to_vec()))
        .filter(proof::Column::CreatedAt.gt(millis(since)))
        .order_by_desc(proof::Column::CreatedAt)
        .all(connection)
        .await?;
    let used: i32 = codes.iter().map(|code| code.tries).sum();
    let open = codes
        .iter()
        .find(|code| code.spent_at.is_none() && code.expires_at > millis(now));
    let left = open.map(|code| code.allowed - code.tries);
    let fresh = left.filter(|left| *left > 0).unwrap_or(TRIES_PER_CODE);
    Ok(Ord::clamp(TRIES_PER_DAY - used, 0, fresh))
}

async fn end_open(
    connection: &impl ConnectionTrait,
    purpose: Purpose,
    counted_as: &[u8; 32],
    now: Timestamp,
) -> Result<(), StoreError> {
    proof::Entity::update_many()
        .col_expr(proof::Column::SpentAt, Expr::value(millis(now)))
        .filter(is_open(purpose, now))
        .filter(proof::Column::CountedAs.eq(counted_as.to_vec()))
        .exec(connection)
        .await?;
    Ok(())
}

/// Keyed, since eight digits are guessed in no time; with the id, so that equal codes
/// look different.
fn hash(key: &[u8; 32], id: ProofId, code: &OneTimeCode) -> [u8; 32] {
    let message = [id.as_uuid().as_bytes(), code.expose().as_bytes()].concat();
    hmac_sha256(key, &message)
}
