//! Activations under way: what a person has done of the steps from a provisional
//! password to an account in use, kept on the account (product.md, Activation).
//!
//! Whoever signed in with the provisional password last holds the activation: every step
//! is written by its holder alone, and a second device takes up what the first one left.
//! A guardian for whom an upstream vouches needs no provisional password; what was vouched
//! for stands in the activation, sealed, and nobody else takes it up.

use domain::{
    account::{Account, AccountState, Entry, PasswordState, PersonKind},
    acr::Acr,
    ambient::Ambient,
    contact::{EmailAddress, PhoneNumber},
    ids::{AccountId, ProofId},
    secret::{Token, TokenHash},
};
use jiff::{Timestamp, ToSpan};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, UpdateMany,
    sea_query::{Expr, OnConflict},
};

use serde::{Deserialize, Serialize};

use crate::{accounts, entity::activation, error::StoreError, time::millis, vault::Vault};

const SEALED_AS: &str = "vouched identity";

/// For how long an activation counts that stands on what was vouched for, in hours: after
/// that the upstream is asked again.
const VOUCHED_HOURS: i64 = 1;

/// The steps, in their order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Step {
    /// A birth date is asked for.
    BirthDate,
    /// The new password.
    Password,
    /// The e-mail address.
    Email,
    /// The mobile number.
    Phone,
    /// The recapitulation and the terms.
    Terms,
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::BirthDate,
        Self::Password,
        Self::Email,
        Self::Phone,
        Self::Terms,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::BirthDate => "birth_date",
            Self::Password => "password",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Terms => "terms",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == text)
    }
}

/// How far an activation has come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Activation {
    /// The furthest step that may be done: all before it are.
    pub reached: Step,
    /// The hash of the password that was chosen.
    pub password_hash: Option<String>,
    /// The address that was given; none where the step was skipped, or is still to come.
    pub email: Option<EmailAddress>,
    /// The number that was given, likewise.
    pub phone: Option<PhoneNumber>,
    sealed_vouched: Option<String>,
}

impl Activation {
    /// Whether it stands on what an upstream vouched for.
    pub const fn is_vouched(&self) -> bool {
        self.sealed_vouched.is_some()
    }

    /// What the upstream vouched for, if it stands on that.
    ///
    /// # Errors
    /// [`StoreError::Unsealable`], and [`StoreError::Malformed`].
    pub fn vouched(&self, vault: &Vault) -> Result<Option<Vouched>, StoreError> {
        let Some(sealed) = &self.sealed_vouched else {
            return Ok(None);
        };
        let plain = vault.open(SEALED_AS, sealed)?;
        serde_json::from_slice(&plain).map_err(|_| malformed("sealed_vouched"))
    }
}

/// Who somebody is by an upstream's word, and how they came.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Vouched {
    /// The upstream's name in the configuration.
    pub upstream: String,
    /// Its issuer.
    pub issuer: String,
    /// Its subject, to be bound.
    pub subject: String,
    /// The level that it vouched for.
    pub acr: Acr,
    /// The pivot identity, as it came.
    pub pivot: serde_json::Value,
    /// The ID token, sealed as a session keeps it.
    pub sealed_id_token: String,
    /// Whether the name alone agrees, so that more must be proven.
    pub number: NumberProof,
}

/// Whether the mobile number that a school gave must be proven as well.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberProof {
    /// The school knows the birth date, and it is the same.
    NotNeeded,
    /// A code must reach this number; none was sent yet where there is no code.
    Needed {
        /// The number.
        number: PhoneNumber,
        /// The newest code.
        code: Option<ProofId>,
    },
    /// The code was right.
    Given {
        /// The number.
        number: PhoneNumber,
    },
}

/// What a step leaves behind.
#[derive(Clone, Debug)]
pub enum Done {
    /// A birth date was right.
    BirthDate,
    /// A password was chosen; this is its hash.
    Password(String),
    /// An address was given, or not.
    Email(Option<EmailAddress>),
    /// A number was given, or not.
    Phone(Option<PhoneNumber>),
}

/// Begins an activation, or takes up one that waits; who held it holds it no more. What
/// was done with an earlier provisional password counts for nothing. None where the
/// account does not wait to be activated; in a transaction.
///
/// # Errors
/// The database's.
pub async fn begin(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    account: AccountId,
) -> Result<Option<Token>, StoreError> {
    let now = ambient.now();
    let Some(since) = open_since(connection, account, now).await? else {
        return Ok(None);
    };
    let is_of_another_proof = Condition::any()
        .add(activation::Column::UpdatedAt.lt(millis(since)))
        .add(activation::Column::SealedVouched.is_not_null());
    activation::Entity::delete_many()
        .filter(activation::Column::AccountId.eq(account.as_uuid()))
        .filter(is_of_another_proof)
        .exec(connection)
        .await?;
    let holder = Token::generate(ambient);
    let row = first_row(account, &holder, None, now);
    let replaced = [activation::Column::Holder, activation::Column::UpdatedAt];
    activation::Entity::insert(row)
        .on_conflict(
            OnConflict::column(activation::Column::AccountId)
                .update_columns(replaced)
                .to_owned(),
        )
        .exec_without_returning(connection)
        .await?;
    Ok(Some(holder))
}

/// Begins the activation of a guardian for whom an upstream vouches; what waited of the
/// account counts for nothing. None where it does not wait to be activated; in a
/// transaction.
///
/// # Errors
/// The database's.
pub async fn begin_vouched(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    vault: &Vault,
    account: AccountId,
    vouched: &Vouched,
) -> Result<Option<Token>, StoreError> {
    accounts::lock(connection, account).await?;
    let found = accounts::find_by_id(connection, account).await?;
    if !found.as_ref().is_some_and(waits_for_its_guardian) {
        return Ok(None);
    }
    drop_of_account(connection, account).await?;
    let holder = Token::generate(ambient);
    let sealed = seal(vault, vouched);
    let row = first_row(account, &holder, Some(sealed), ambient.now());
    activation::Entity::insert(row)
        .exec_without_returning(connection)
        .await?;
    Ok(Some(holder))
}

/// Changes what was vouched for: a code was sent, or was right. `false` where nothing is
/// held.
///
/// # Errors
/// The database's.
pub async fn put_vouched(
    connection: &impl ConnectionTrait,
    vault: &Vault,
    account: AccountId,
    holder: &TokenHash,
    vouched: &Vouched,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = activation::Entity::update_many()
        .col_expr(
            activation::Column::SealedVouched,
            Expr::value(seal(vault, vouched)),
        )
        .col_expr(activation::Column::UpdatedAt, Expr::value(millis(now)))
        .filter(activation::Column::AccountId.eq(account.as_uuid()))
        .filter(activation::Column::Holder.eq(holder.as_bytes().to_vec()))
        .filter(activation::Column::SealedVouched.is_not_null())
        .exec(connection)
        .await?;
    Ok(changed.rows_affected == 1)
}

fn seal(vault: &Vault, vouched: &Vouched) -> String {
    let plain = serde_json::to_vec(vouched).expect("it is a document");
    vault.seal(SEALED_AS, &plain)
}

fn first_row(
    account: AccountId,
    holder: &Token,
    sealed_vouched: Option<String>,
    now: Timestamp,
) -> activation::ActiveModel {
    activation::ActiveModel {
        account_id: Set(account.as_uuid()),
        holder: Set(holder.hash().as_bytes().to_vec()),
        reached: Set(Step::BirthDate.as_str().to_owned()),
        password_hash: Set(None),
        email: Set(None),
        phone: Set(None),
        sealed_vouched: Set(sealed_vouched),
        updated_at: Set(millis(now)),
    }
}

fn waits_for_its_guardian(account: &Account) -> bool {
    account.state == AccountState::Known && account.kind == PersonKind::Guardian
}

/// The activation that somebody holds, with its account as it is now. None where another
/// device took it up, where it is done, or where the provisional password, or what was
/// vouched for, opens nothing any more.
///
/// # Errors
/// The database's.
pub async fn find(
    connection: &impl ConnectionTrait,
    account: AccountId,
    holder: &TokenHash,
    now: Timestamp,
) -> Result<Option<(Account, Activation)>, StoreError> {
    let row = activation::Entity::find_by_id(account.as_uuid())
        .filter(activation::Column::Holder.eq(holder.as_bytes().to_vec()))
        .one(connection)
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let found = accounts::find_by_id(connection, account).await?;
    let is_fresh =
        row.updated_at >= millis(now.saturating_sub(VOUCHED_HOURS.hours()).unwrap_or(now));
    let activation = from_row(row)?;
    let open = found.filter(|account| {
        if activation.is_vouched() {
            is_fresh && waits_for_its_guardian(account)
        } else {
            account.entry_by_password(now) == Entry::Activation
        }
    });
    Ok(open.map(|account| (account, activation)))
}

/// Writes a step down, and lets its holder go on to `next`. Doing one again changes what
/// it left, and takes nobody back. `false` where nothing is held, or the step is not
/// reached.
///
/// # Errors
/// The database's.
pub async fn save(
    connection: &impl ConnectionTrait,
    account: AccountId,
    holder: &TokenHash,
    done: &Done,
    next: Step,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let row = activation::Entity::find_by_id(account.as_uuid())
        .one(connection)
        .await?;
    let Some(reached) = row.and_then(|row| Step::parse(&row.reached)) else {
        return Ok(false);
    };
    if reached < step_of(done) {
        return Ok(false);
    }
    let changed = with_step(activation::Entity::update_many(), done)
        .col_expr(
            activation::Column::Reached,
            Expr::value(reached.max(next).as_str()),
        )
        .col_expr(activation::Column::UpdatedAt, Expr::value(millis(now)))
        .filter(activation::Column::AccountId.eq(account.as_uuid()))
        .filter(activation::Column::Holder.eq(holder.as_bytes().to_vec()))
        .filter(activation::Column::Reached.eq(reached.as_str()))
        .exec(connection)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Takes the activation of a holder who came to its end: to one caller alone.
///
/// # Errors
/// The database's.
pub async fn take(
    connection: &impl ConnectionTrait,
    account: AccountId,
    holder: &TokenHash,
) -> Result<Option<Activation>, StoreError> {
    let taken = activation::Entity::delete_many()
        .filter(activation::Column::AccountId.eq(account.as_uuid()))
        .filter(activation::Column::Holder.eq(holder.as_bytes().to_vec()))
        .filter(activation::Column::Reached.eq(Step::Terms.as_str()))
        .exec_with_returning(connection)
        .await?;
    taken.into_iter().next().map(from_row).transpose()
}

/// Drops what waits of an account: it was activated by another way, or its provisional
/// password has ended.
///
/// # Errors
/// The database's.
pub async fn drop_of_account(
    connection: &impl ConnectionTrait,
    account: AccountId,
) -> Result<(), StoreError> {
    activation::Entity::delete_by_id(account.as_uuid())
        .exec(connection)
        .await?;
    Ok(())
}

/// When the provisional password was given that opens the account's activation now; holds
/// the account until the transaction ends.
async fn open_since(
    connection: &impl ConnectionTrait,
    account: AccountId,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    accounts::lock(connection, account).await?;
    let found = accounts::find_by_id(connection, account).await?;
    Ok(found.and_then(
        |account| match (account.entry_by_password(now), account.password) {
            (Entry::Activation, PasswordState::Provisional { since }) => Some(since),
            _ => None,
        },
    ))
}

const fn step_of(done: &Done) -> Step {
    match done {
        Done::BirthDate => Step::BirthDate,
        Done::Password(_) => Step::Password,
        Done::Email(_) => Step::Email,
        Done::Phone(_) => Step::Phone,
    }
}

fn with_step(
    update: UpdateMany<activation::Entity>,
    done: &Done,
) -> UpdateMany<activation::Entity> {
    match done {
        Done::BirthDate => update,
        Done::Password(hash) => {
            update.col_expr(activation::Column::PasswordHash, Expr::value(hash.as_str()))
        }
        Done::Email(email) => {
            let email = email.as_ref().map(EmailAddress::as_str);
            update.col_expr(activation::Column::Email, Expr::value(email))
        }
        Done::Phone(phone) => {
            let phone = phone.as_ref().map(PhoneNumber::as_str);
            update.col_expr(activation::Column::Phone, Expr::value(phone))
        }
    }
}

fn from_row(row: activation::Model) -> Result<Activation, StoreError> {
    let email = row.email.as_deref().map(EmailAddress::parse).transpose();
    let phone = row.phone.as_deref().map(PhoneNumber::parse).transpose();
    Ok(Activation {
        reached: Step::parse(&row.reached).ok_or(malformed("reached"))?,
        password_hash: row.password_hash,
        email: email.map_err(|_| malformed("email"))?,
        phone: phone.map_err(|_| malformed("phone"))?,
        sealed_vouched: row.sealed_vouched,
    })
}

const fn malformed(what: &'static str) -> StoreError {
    StoreError::Malformed {
        table: "activation",
        what,
    }
}
