//! Accounts and their passwords.

use domain::{
    account::{Account, AccountState, PasswordState, PersonKind},
    ambient::Ambient,
    identifier::AccountIdentifier,
    ids::AccountId,
    name::PersonName,
};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter,
    QuerySelect, UpdateMany, sea_query::Expr,
};

use crate::{
    entity::account,
    error::StoreError,
    time::{date, instant, millis},
};

/// An account with the hash that its password is checked against.
#[derive(Clone, Debug)]
pub struct AccountWithHash {
    /// The account.
    pub account: Account,
    /// An Argon2id hash in PHC form; absent where no password was ever set.
    pub password_hash: Option<String>,
}

/// The account of an identifier.
///
/// # Errors
/// The database's.
pub async fn find_by_identifier(
    connection: &impl ConnectionTrait,
    identifier: &AccountIdentifier,
) -> Result<Option<AccountWithHash>, StoreError> {
    let row = account::Entity::find()
        .filter(account::Column::Identifier.eq(identifier.as_str()))
        .one(connection)
        .await?;
    row.map(with_hash).transpose()
}

/// The account of an id.
///
/// # Errors
/// The database's.
pub async fn find_by_id(
    connection: &impl ConnectionTrait,
    id: AccountId,
) -> Result<Option<Account>, StoreError> {
    let row = account::Entity::find_by_id(id.as_uuid())
        .one(connection)
        .await?;
    row.as_ref().map(from_row).transpose()
}

/// The account of an id, with its hash.
///
/// # Errors
/// The database's.
pub async fn find_with_hash(
    connection: &impl ConnectionTrait,
    id: AccountId,
) -> Result<Option<AccountWithHash>, StoreError> {
    let row = account::Entity::find_by_id(id.as_uuid())
        .one(connection)
        .await?;
    row.map(with_hash).transpose()
}

/// Holds the account's row until the transaction ends, so that acts on one account that
/// come at once follow one another. SQLite has one writer anyway.
///
/// # Errors
/// The database's.
pub async fn lock(connection: &impl ConnectionTrait, id: AccountId) -> Result<(), StoreError> {
    if connection.get_database_backend() != DbBackend::Sqlite {
        account::Entity::find_by_id(id.as_uuid())
            .lock_exclusive()
            .one(connection)
            .await?;
    }
    Ok(())
}

/// Activates an account that never was: with the password that its owner chose, or
/// without one. `false` where it is not waiting to be activated.
///
/// # Errors
/// The database's.
pub async fn activate(
    connection: &impl ConnectionTrait,
    id: AccountId,
    password_hash: Option<&str>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = with_password(account::Entity::update_many(), password_hash, now)
        .col_expr(
            account::Column::State,
            Expr::value(AccountState::Active.as_str()),
        )
        .filter(account::Column::Id.eq(id.as_uuid()))
        .filter(account::Column::State.eq(AccountState::Known.as_str()))
        .exec(connection)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Sets the password of an active account and ends all its sessions and grants. `false`
/// where it is not active.
///
/// # Errors
/// The database's.
pub async fn set_password(
    connection: &impl ConnectionTrait,
    id: AccountId,
    password_hash: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = with_password(account::Entity::update_many(), Some(password_hash), now)
        .col_expr(account::Column::SessionsFrom, Expr::value(millis(now)))
        .filter(account::Column::Id.eq(id.as_uuid()))
        .filter(account::Column::State.eq(AccountState::Active.as_str()))
        .exec(connection)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Voids a chosen password that was set at `since` or later, by a hash that nobody knows
/// the password of: recovery by a confirmed contact opens the account again. Whether
/// there was one.
///
/// # Errors
/// The database's.
pub async fn void_password(
    connection: &impl ConnectionTrait,
    id: AccountId,
    since: Timestamp,
    nobodys_hash: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = with_password(account::Entity::update_many(), Some(nobodys_hash), now)
        .filter(account::Column::Id.eq(id.as_uuid()))
        .filter(account::Column::PasswordState.eq("chosen"))
        .filter(account::Column::PasswordSetAt.gte(millis(since)))
        .exec(connection)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Ends a provisional password: it opens nothing any more. Whether there was one.
///
/// # Errors
/// The database's.
pub async fn end_provisional(
    connection: &impl ConnectionTrait,
    id: AccountId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = with_password(account::Entity::update_many(), None, now)
        .filter(account::Column::Id.eq(id.as_uuid()))
        .filter(account::Column::PasswordState.eq("provisional"))
        .exec(connection)
        .await?;
    Ok(changed.rows_affected == 1)
}

fn with_password(
    update: UpdateMany<account::Entity>,
    hash: Option<&str>,
    now: Timestamp,
) -> UpdateMany<account::Entity> {
    let state = if hash.is_some() { "chosen" } else { "absent" };
    update
        .col_expr(account::Column::PasswordState, Expr::value(state))
        .col_expr(account::Column::PasswordHash, Expr::value(hash))
        .col_expr(
            account::Column::PasswordSetAt,
            Expr::value(hash.map(|_| millis(now))),
        )
        .col_expr(account::Column::UpdatedAt, Expr::value(millis(now)))
}

/// Replaces a hash by one of the same password with stronger parameters, unless the
/// password was changed meanwhile. Whether it was replaced.
///
/// # Errors
/// The database's.
pub async fn strengthen_hash(
    connection: &impl ConnectionTrait,
    id: AccountId,
    from: &str,
    to: &str,
) -> Result<bool, StoreError> {
    let changed = account::Entity::update_many()
        .col_expr(account::Column::PasswordHash, Expr::value(to))
        .filter(account::Column::Id.eq(id.as_uuid()))
        .filter(account::Column::PasswordHash.eq(from))
        .exec(connection)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Ends every session and grant of the account whose sign-in was before now: they are
/// checked against this instant. Whether there is such an account.
///
/// # Errors
/// The database's.
pub async fn end_sessions(
    connection: &impl ConnectionTrait,
    id: AccountId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = account::Entity::update_many()
        .col_expr(account::Column::SessionsFrom, Expr::value(millis(now)))
        .filter(account::Column::Id.eq(id.as_uuid()))
        .exec(connection)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Chooses the language of messages. Whether it was another until now.
///
/// # Errors
/// The database's.
pub async fn set_locale(
    connection: &impl ConnectionTrait,
    id: AccountId,
    locale: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = account::Entity::update_many()
        .col_expr(account::Column::Locale, Expr::value(locale))
        .col_expr(account::Column::UpdatedAt, Expr::value(millis(now)))
        .filter(account::Column::Id.eq(id.as_uuid()))
        .filter(account::Column::Locale.ne(locale))
        .exec(connection)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// A new account, as commands and imports make them.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Its id.
    pub id: AccountId,
    /// Whose it is.
    pub kind: PersonKind,
    /// Its identifier.
    pub identifier: AccountIdentifier,
    /// [`AccountState::Known`] or [`AccountState::Active`].
    pub state: AccountState,
    /// Its owner's names.
    pub name: PersonName,
    /// Its owner's birth date.
    pub birth_date: Option<jiff::civil::Date>,
    /// `fr` or `en`.
    pub locale: String,
    /// Its password's state.
    pub password: PasswordState,
    /// The hash, where there is a password.
    pub password_hash: Option<String>,
    /// Standard claims beyond those of families (staff, test persons).
    pub additional_claims: serde_json::Map<String, serde_json::Value>,
}

impl NewAccount {
    /// The row, for an insert of one or of many.
    pub(crate) fn into_row(self, ambient: &Ambient) -> account::ActiveModel {
        let now = millis(ambient.now());
        let (password_state, password_set_at) = match self.password {
            PasswordState::Absent => ("absent", None),
            PasswordState::Provisional { since } => ("provisional", Some(millis(since))),
            PasswordState::Chosen => ("chosen", Some(now)),
        };
        account::ActiveModel {
            id: Set(self.id.as_uuid()),
            kind: Set(self.kind.as_str().to_owned()),
            identifier: Set(self.identifier.to_string()),
            state: Set(self.state.as_str().to_owned()),
            merged_into: Set(None),
            given_name_normal: Set(domain::name::normalise(&self.name.given)),
            family_name_normal: Set(domain::name::normalise(&self.name.family)),
            given_name: Set(self.name.given),
            family_name: Set(self.name.family),
            birth_date: Set(self.birth_date.map(|date| date.to_string())),
            locale: Set(self.locale),
            password_state: Set(password_state.to_owned()),
            password_hash: Set(self.password_hash),
            password_set_at: Set(password_set_at),
            sessions_from: Set(0),
            additional_claims: Set(self.additional_claims.into()),
            created_at: Set(now),
            updated_at: Set(now),
        }
    }
}

/// Writes a new account. `false` where the identifier was given before.
///
/// # Errors
/// The database's.
pub async fn insert(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    new: NewAccount,
) -> Result<bool, StoreError> {
    let written = account::Entity::insert(new.into_row(ambient))
        .on_conflict(
            sea_orm::sea_query::OnConflict::column(account::Column::Identifier)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(connection)
        .await?;
    Ok(written == 1)
}

/// An account, from its row.
///
/// # Errors
/// [`StoreError::Malformed`] where the row breaks what the schema holds.
pub(crate) fn from_row(row: &account::Model) -> Result<Account, StoreError> {
    let merged_into = row.merged_into.map(AccountId::from_uuid);
    Ok(Account {
        id: AccountId::from_uuid(row.id),
        kind: PersonKind::parse(&row.kind).ok_or(malformed("kind"))?,
        identifier: AccountIdentifier::parse(&row.identifier)
            .map_err(|_| malformed("identifier"))?,
        state: AccountState::parse(&row.state, merged_into).ok_or(malformed("state"))?,
        name: PersonName {
            given: row.given_name.clone(),
            family: row.family_name.clone(),
        },
        birth_date: date(row.birth_date.as_deref())?,
        locale: row.locale.clone(),
        password: password_state(row)?,
        sessions_from: instant(row.sessions_from)?,
        updated_at: instant(row.updated_at)?,
    })
}

fn with_hash(row: account::Model) -> Result<AccountWithHash, StoreError> {
    Ok(AccountWithHash {
        account: from_row(&row)?,
        password_hash: row.password_hash,
    })
}

fn password_state(row: &account::Model) -> Result<PasswordState, StoreError> {
    match (row.password_state.as_str(), row.password_set_at) {
        ("absent", None) => Ok(PasswordState::Absent),
        ("chosen", Some(_)) => Ok(PasswordState::Chosen),
        ("provisional", Some(since)) => Ok(PasswordState::Provisional {
            since: instant(since)?,
        }),
        _ => Err(malformed("password_state")),
    }
}

const fn malformed(what: &'static str) -> StoreError {
    StoreError::Malformed {
        table: "account",
        what,
    }
}
