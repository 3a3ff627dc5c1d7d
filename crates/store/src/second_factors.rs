//! Second factors: the key of an authenticator application, sealed, passkeys that are asked
//! for after the password, and recovery codes.
//!
//! A code is good once: the step that it is of is advanced by one guarded statement, a
//! recovery code is spent by one. An account that had a factor is told from one that never
//! had for good, since the first of an account that must have one is set up by whoever
//! knows the password.

use domain::{
    ambient::Ambient,
    ids::{AccountId, RecoveryCodeId},
    second_factor::{RECOVERY_CODES, RecoveryCode, Standing},
    totp::TotpKey,
};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait as _, PaginatorTrait,
    QueryFilter, QuerySelect as _,
    sea_query::{Expr, OnConflict},
};

use crate::{
    entity::{account, recovery_code, second_factor},
    error::StoreError,
    passkeys,
    time::{instant, millis},
    vault::{Vault, hmac_sha256},
};

const SEALED_AS: &str = "authenticator key";

/// The authenticator application of an account.
#[derive(Clone, Debug)]
pub struct Authenticator {
    /// What it shares with the service.
    pub key: TotpKey,
    /// Since when it is the account's.
    pub since: Timestamp,
    /// When one of its codes was last taken.
    pub used_at: Option<Timestamp>,
    sealed: String,
}

/// What the account has of a second factor.
///
/// # Errors
/// The database's.
pub async fn standing(
    connection: &impl ConnectionTrait,
    account: AccountId,
) -> Result<Standing, StoreError> {
    let row = find_row(connection, account).await?;
    Ok(match row {
        None => Standing::Never,
        Some(row) if row.sealed_totp.is_some() || row.passkeys_at.is_some() => Standing::InForce,
        Some(_) => Standing::Ended,
    })
}

/// Whether the account has an authenticator application.
///
/// # Errors
/// The database's.
pub async fn has_application(
    connection: &impl ConnectionTrait,
    account: AccountId,
) -> Result<bool, StoreError> {
    let row = find_row(connection, account).await?;
    Ok(row.is_some_and(|row| row.sealed_totp.is_some()))
}

/// The account's authenticator application, if it has one.
///
/// # Errors
/// The database's, or [`StoreError::Unsealable`].
pub async fn find(
    connection: &impl ConnectionTrait,
    vault: &Vault,
    account: AccountId,
) -> Result<Option<Authenticator>, StoreError> {
    let row = find_row(connection, account).await?;
    row.map_or(Ok(None), |row| from_row(vault, row))
}

/// How an application, or passkeys, come to be an account's second factor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Enrolment {
    /// As the first factor ever: never where there was one.
    First,
    /// By its owner in a session, in the place of the one of before.
    InForce,
}

/// Makes an application the account's second factor; `step` is that of the code which
/// proved it, and is spent. `false` where it was to be the first and the account has or had
/// one: nothing is changed then.
///
/// # Errors
/// The database's.
pub async fn insert(
    connection: &impl ConnectionTrait,
    vault: &Vault,
    account: AccountId,
    key: &TotpKey,
    step: i64,
    enrolment: Enrolment,
    now: Timestamp,
) -> Result<bool, StoreError> {
    use second_factor::Column as C;
    let conflict = match enrolment {
        Enrolment::First => keep(),
        Enrolment::InForce => OnConflict::column(C::AccountId)
            .update_columns([C::SealedTotp, C::TotpStep, C::TotpAt, C::TotpUsedAt])
            .to_owned(),
    };
    let row = row(vault, account, key, step, now);
    let written = second_factor::Entity::insert(row)
        .on_conflict(conflict)
        .exec_without_returning(connection)
        .await?;
    Ok(written == 1)
}

/// A new row, whose steps are spent up to this one.
pub(crate) fn row(
    vault: &Vault,
    account: AccountId,
    key: &TotpKey,
    step: i64,
    now: Timestamp,
) -> second_factor::ActiveModel {
    second_factor::ActiveModel {
        account_id: Set(account.as_uuid()),
        first_at: Set(millis(now)),
        sealed_totp: Set(Some(vault.seal(SEALED_AS, key.as_bytes()))),
        totp_step: Set(Some(step)),
        totp_at: Set(Some(millis(now))),
        totp_used_at: Set(None),
        passkeys_at: Set(None),
    }
}

/// Has the account's passkeys asked for after the password. `false` where they are already,
/// or where they were to be the first factor and the account has or had one: nothing is
/// changed then.
///
/// # Errors
/// The database's.
pub async fn ask_for_passkeys(
    connection: &impl ConnectionTrait,
    account: AccountId,
    enrolment: Enrolment,
    now: Timestamp,
) -> Result<bool, StoreError> {
    use second_factor::Column as C;
    let row = second_factor::ActiveModel {
        account_id: Set(account.as_uuid()),
        first_at: Set(millis(now)),
        sealed_totp: Set(None),
        totp_step: Set(None),
        totp_at: Set(None),
        totp_used_at: Set(None),
        passkeys_at: Set(Some(millis(now))),
    };
    let conflict = match enrolment {
        Enrolment::First => keep(),
        Enrolment::InForce => OnConflict::column(C::AccountId)
            .update_column(C::PasskeysAt)
            .action_and_where(Expr::col((second_factor::Entity, C::PasskeysAt)).is_null())
            .to_owned(),
    };
    let written = second_factor::Entity::insert(row)
        .on_conflict(conflict)
        .exec_without_returning(connection)
        .await?;
    Ok(written == 1)
}

/// Since when the account's passkeys are asked for after the password.
///
/// # Errors
/// The database's.
pub async fn passkeys_asked_since(
    connection: &impl ConnectionTrait,
    account: AccountId,
) -> Result<Option<Timestamp>, StoreError> {
    let row = find_row(connection, account).await?;
    row.and_then(|row| row.passkeys_at).map(instant).transpose()
}

/// Has the account's passkeys no longer asked for after the password. Whether they were.
///
/// # Errors
/// The database's.
pub async fn stop_asking_for_passkeys(
    connection: &impl ConnectionTrait,
    account: AccountId,
) -> Result<bool, StoreError> {
    use second_factor::Column as C;
    let ended = second_factor::Entity::update_many()
        .col_expr(C::PasskeysAt, Expr::value(Option::<i64>::None))
        .filter(C::AccountId.eq(account.as_uuid()))
        .filter(C::PasskeysAt.is_not_null())
        .exec(connection)
        .await?;
    Ok(ended.rows_affected == 1)
}

/// Whoever has or had a factor keeps what they have.
pub(crate) fn keep() -> OnConflict {
    OnConflict::column(second_factor::Column::AccountId)
        .do_nothing()
        .to_owned()
}

/// Takes the step of a right code: to one caller alone, on any node, and never after it or
/// a later one was taken (RFC 6238, section 5.2).
///
/// # Errors
/// The database's.
pub async fn spend_step(
    connection: &impl ConnectionTrait,
    account: AccountId,
    authenticator: &Authenticator,
    step: i64,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let spent = second_factor::Entity::update_many()
        .col_expr(second_factor::Column::TotpStep, Expr::value(step))
        .col_expr(second_factor::Column::TotpUsedAt, Expr::value(millis(now)))
        .filter(second_factor::Column::AccountId.eq(account.as_uuid()))
        // The very key that the code was compared with.
        .filter(second_factor::Column::SealedTotp.eq(&authenticator.sealed))
        .filter(second_factor::Column::TotpStep.lt(step))
        .exec(connection)
        .await?;
    Ok(spent.rows_affected == 1)
}

/// Ends the authenticator application. Whether there was one.
///
/// # Errors
/// The database's.
pub async fn remove(
    connection: &impl ConnectionTrait,
    account: AccountId,
) -> Result<bool, StoreError> {
    let everything = Condition::all();
    end_application(connection, account, everything).await
}

/// Ends what an account was given since then: whoever set it up was not its owner. Whether
/// there was anything.
///
/// # Errors
/// The database's.
pub async fn remove_since(
    connection: &impl ConnectionTrait,
    account: AccountId,
    since: Timestamp,
) -> Result<bool, StoreError> {
    let given = Condition::all().add(second_factor::Column::TotpAt.gte(millis(since)));
    let ended = end_application(connection, account, given).await?;
    let passkeys = passkeys::remove_since(connection, account, since).await?;
    let asked = passkeys_asked_since(connection, account).await?;
    if asked.is_some_and(|asked| asked >= since)
        || passkeys && passkeys::count(connection, account).await? == 0
    {
        stop_asking_for_passkeys(connection, account).await?;
    }
    let codes = recovery_code::Entity::delete_many()
        .filter(recovery_code::Column::AccountId.eq(account.as_uuid()))
        .filter(recovery_code::Column::CreatedAt.gte(millis(since)))
        .exec(connection)
        .await?;
    Ok(ended || passkeys || codes.rows_affected > 0)
}

async fn end_application(
    connection: &impl ConnectionTrait,
    account: AccountId,
    which: Condition,
) -> Result<bool, StoreError> {
    use second_factor::Column as C;
    let none = || Expr::value(Option::<i64>::None);
    let ended = second_factor::Entity::update_many()
        .col_expr(C::SealedTotp, Expr::value(Option::<String>::None))
        .col_expr(C::TotpStep, none())
        .col_expr(C::TotpAt, none())
        .col_expr(C::TotpUsedAt, none())
        .filter(C::AccountId.eq(account.as_uuid()))
        .filter(C::SealedTotp.is_not_null())
        .filter(which)
        .exec(connection)
        .await?;
    Ok(ended.rows_affected == 1)
}

/// Makes new recovery codes in the place of those before, and gives them: they cannot be
/// read again.
///
/// # Errors
/// The database's.
pub async fn replace_recovery_codes(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    key: &[u8; 32],
    account: AccountId,
) -> Result<Vec<RecoveryCode>, StoreError> {
    remove_recovery_codes(connection, account).await?;
    let now = millis(ambient.now());
    let codes: Vec<_> = (0..RECOVERY_CODES)
        .map(|_| RecoveryCode::generate(ambient))
        .collect();
    let rows = codes.iter().map(|code| recovery_code::ActiveModel {
        id: Set(RecoveryCodeId::new(ambient).as_uuid()),
        account_id: Set(account.as_uuid()),
        hash: Set(hash(key, account, code).to_vec()),
        created_at: Set(now),
        used_at: Set(None),
    });
    recovery_code::Entity::insert_many(rows)
        .exec_without_returning(connection)
        .await?;
    Ok(codes)
}

/// Ends all recovery codes of an account.
///
/// # Errors
/// The database's.
pub async fn remove_recovery_codes(
    connection: &impl ConnectionTrait,
    account: AccountId,
) -> Result<(), StoreError> {
    recovery_code::Entity::delete_many()
        .filter(recovery_code::Column::AccountId.eq(account.as_uuid()))
        .exec(connection)
        .await?;
    Ok(())
}

/// Spends a recovery code: to one caller alone, on any node. `false` where it is none of
/// the account's, or was used.
///
/// # Errors
/// The database's.
pub async fn spend_recovery_code(
    connection: &impl ConnectionTrait,
    key: &[u8; 32],
    account: AccountId,
    code: &RecoveryCode,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let spent = recovery_code::Entity::update_many()
        .col_expr(recovery_code::Column::UsedAt, Expr::value(millis(now)))
        .filter(recovery_code::Column::AccountId.eq(account.as_uuid()))
        .filter(recovery_code::Column::Hash.eq(hash(key, account, code).to_vec()))
        .filter(recovery_code::Column::UsedAt.is_null())
        .exec(connection)
        .await?;
    Ok(spent.rows_affected == 1)
}

/// Forgets that an account ever had a second factor, with all that it has of one, passkeys
/// too: an invitation lets its owner begin anew.
///
/// # Errors
/// The database's.
pub async fn forget(
    connection: &impl ConnectionTrait,
    account: AccountId,
) -> Result<(), StoreError> {
    remove_recovery_codes(connection, account).await?;
    passkeys::remove_all(connection, account).await?;
    second_factor::Entity::delete_many()
        .filter(second_factor::Column::AccountId.eq(account.as_uuid()))
        .exec(connection)
        .await?;
    Ok(())
}

/// How many recovery codes are left to an account.
///
/// # Errors
/// The database's.
pub async fn count_recovery_codes(
    connection: &impl ConnectionTrait,
    account: AccountId,
) -> Result<u64, StoreError> {
    let left = recovery_code::Entity::find()
        .filter(recovery_code::Column::AccountId.eq(account.as_uuid()))
        .filter(recovery_code::Column::UsedAt.is_null());
    Ok(left.count(connection).await?)
}

/// Whether an officer or an administrator has this key.
///
/// # Errors
/// The database's, or [`StoreError::Unsealable`].
pub async fn is_of_staff(
    connection: &impl ConnectionTrait,
    vault: &Vault,
    key: &TotpKey,
) -> Result<bool, StoreError> {
    let staff = account::Entity::find()
        .select_only()
        .column(account::Column::Id)
        .filter(account::Column::Kind.is_in(["officer", "administrator"]));
    let rows = second_factor::Entity::find()
        .filter(second_factor::Column::SealedTotp.is_not_null())
        .filter(
            second_factor::Column::AccountId.in_subquery(sea_orm::QueryTrait::into_query(staff)),
        )
        .all(connection)
        .await?;
    for row in rows {
        if from_row(vault, row)?.is_some_and(|found| found.key == *key) {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn find_row(
    connection: &impl ConnectionTrait,
    account: AccountId,
) -> Result<Option<second_factor::Model>, StoreError> {
    let row = second_factor::Entity::find_by_id(account.as_uuid());
    Ok(row.one(connection).await?)
}

fn from_row(vault: &Vault, row: second_factor::Model) -> Result<Option<Authenticator>, StoreError> {
    let (Some(sealed), Some(since)) = (row.sealed_totp, row.totp_at) else {
        return Ok(None);
    };
    let key = TotpKey::from_bytes(&vault.open(SEALED_AS, &sealed)?);
    Ok(Some(Authenticator {
        key: key.ok_or(StoreError::Malformed {
            table: "second_factor",
            what: "sealed_totp",
        })?,
        since: instant(since)?,
        used_at: row.totp_used_at.map(instant).transpose()?,
        sealed,
    }))
}

fn hash(key: &[u8; 32], account: AccountId, code: &RecoveryCode) -> [u8; 32] {
    let of = account.as_uuid();
    let message = [b"recovery code", of.as_bytes().as_slice(), code.as_bytes()].concat();
    hmac_sha256(key, &message)
}
