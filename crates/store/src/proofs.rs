//! One-time proofs: links and codes that were sent to a contact, and steps of a journey
//! whose effect is a row of this store.
//!
//! A proof is bound to a purpose, an account and, where it was sent somewhere, to that
//! contact. It is spent by one guarded statement, in the transaction of its effect. Only
//! its hash is kept.

mod codes;

use std::time::Duration;

use domain::{
    ambient::Ambient,
    ids::{AccountId, ProofId},
    secret::{Token, TokenHash},
};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::Expr,
};
use serde_json::Value;

pub use self::codes::{
    CodeTry, TRIES_PER_CODE, TRIES_PER_DAY, insert_code, insert_code_as, try_code,
};
use crate::{
    entity::proof,
    error::StoreError,
    time::{instant, millis},
};

/// What a proof opens, and nothing else.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Purpose {
    /// The code of a self-registration.
    RegistrationCode,
    /// A self-registration whose code was right.
    Registration,
    /// The link of a lost password.
    PasswordLink,
    /// The code of a lost password.
    PasswordCode,
    /// A lost password whose code was right: a new one may be set.
    NewPassword,
    /// The link that confirms an e-mail address.
    EmailConfirmation,
    /// The link by which a confirmed old address takes a change back.
    EmailCancellation,
    /// The code that confirms a phone number.
    PhoneConfirmation,
    /// Another account that was proven, to be grouped.
    Grouping,
    /// The code that binds an upstream's identity to an account.
    BindingCode,
    /// « Ce n'est pas moi ».
    Disavowal,
}

impl Purpose {
    /// The value in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RegistrationCode => "registration_code",
            Self::Registration => "registration",
            Self::PasswordLink => "password_link",
            Self::PasswordCode => "password_code",
            Self::NewPassword => "new_password",
            Self::EmailConfirmation => "email_confirmation",
            Self::EmailCancellation => "email_cancellation",
            Self::PhoneConfirmation => "phone_confirmation",
            Self::Grouping => "grouping",
            Self::BindingCode => "binding_code",
            Self::Disavowal => "disavowal",
        }
    }
}

/// A proof to be made.
#[derive(Clone, Debug)]
pub struct NewProof {
    /// What it opens.
    pub purpose: Purpose,
    /// Whose; none where a code is asked for nobody and must behave alike.
    pub account: Option<AccountId>,
    /// Where it is sent, in its comparable form.
    pub contact: Option<String>,
    /// What its effect needs.
    pub details: Value,
    /// For how long it is good.
    pub lifetime: Duration,
}

/// A proof that stands, or that was just spent.
#[derive(Clone, PartialEq, Debug)]
pub struct Proof {
    /// Its id.
    pub id: ProofId,
    /// Whose it is.
    pub account: Option<AccountId>,
    /// Where it was sent, in its comparable form.
    pub contact: Option<String>,
    /// What its effect needs.
    pub details: Value,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Makes a proof that a token opens: a link, or the next step of a journey.
///
/// # Errors
/// The database's.
pub async fn insert(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    new: NewProof,
) -> Result<Token, StoreError> {
    let token = Token::generate(ambient);
    let row = row(ProofId::new(ambient), token.hash().as_bytes(), ambient, new);
    proof::Entity::insert(row)
        .exec_without_returning(connection)
        .await?;
    Ok(token)
}

/// The proof of a token, if it can still be spent. Changes nothing.
///
/// # Errors
/// The database's.
pub async fn find(
    connection: &impl ConnectionTrait,
    purpose: Purpose,
    token: &TokenHash,
    now: Timestamp,
) -> Result<Option<Proof>, StoreError> {
    let found = proof::Entity::find()
        .filter(is_open(purpose, now))
        .filter(proof::Column::Hash.eq(token.as_bytes().to_vec()))
        .one(connection)
        .await?;
    found.map(from_row).transpose()
}

/// Spends the proof of a token: to one caller alone, on any node.
///
/// # Errors
/// The database's.
pub async fn spend(
    connection: &impl ConnectionTrait,
    purpose: Purpose,
    token: &TokenHash,
    now: Timestamp,
) -> Result<Option<Proof>, StoreError> {
    let spent = proof::Entity::update_many()
        .col_expr(proof::Column::SpentAt, Expr::value(millis(now)))
        .filter(is_open(purpose, now))
        .filter(proof::Column::Hash.eq(token.as_bytes().to_vec()))
        .exec_with_returning(connection)
        .await?;
    spent.into_iter().next().map(from_row).transpose()
}

/// Ends what is open of an account for some purposes: a newer one takes its place, or
/// what it would change has changed. How many.
///
/// # Errors
/// The database's.
pub async fn end_of_account(
    connection: &impl ConnectionTrait,
    account: AccountId,
    purposes: &[Purpose],
    now: Timestamp,
) -> Result<u64, StoreError> {
    let purposes = purposes.iter().map(|purpose| purpose.as_str());
    let ended = proof::Entity::update_many()
        .col_expr(proof::Column::SpentAt, Expr::value(millis(now)))
        .filter(proof::Column::AccountId.eq(account.as_uuid()))
        .filter(proof::Column::Purpose.is_in(purposes))
        .filter(proof::Column::SpentAt.is_null())
        .exec(connection)
        .await?;
    Ok(ended.rows_affected)
}

/// Ends whatever is open of an account that was sent to one contact, which is its
/// owner's no more. How many.
///
/// # Errors
/// The database's.
pub async fn end_of_contact(
    connection: &impl ConnectionTrait,
    account: AccountId,
    contact: &str,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let ended = proof::Entity::update_many()
        .col_expr(proof::Column::SpentAt, Expr::value(millis(now)))
        .filter(proof::Column::AccountId.eq(account.as_uuid()))
        .filter(proof::Column::Contact.eq(contact))
        .filter(proof::Column::SpentAt.is_null())
        .exec(connection)
        .await?;
    Ok(ended.rows_affected)
}

/// Ends every proof that is open of an account, save the links of « Ce n'est pas moi » for
/// changes before `since`: those take back more. How many.
///
/// # Errors
/// The database's.
pub async fn end_all_since(
    connection: &impl ConnectionTrait,
    account: AccountId,
    since: Timestamp,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let takes_back_more = Condition::all()
        .add(proof::Column::Purpose.eq(Purpose::Disavowal.as_str()))
        .add(proof::Column::CreatedAt.lt(millis(since)));
    let ended = proof::Entity::update_many()
        .col_expr(proof::Column::SpentAt, Expr::value(millis(now)))
        .filter(proof::Column::AccountId.eq(account.as_uuid()))
        .filter(proof::Column::SpentAt.is_null())
        .filter(takes_back_more.not())
        .exec(connection)
        .await?;
    Ok(ended.rows_affected)
}

fn is_open(purpose: Purpose, now: Timestamp) -> Condition {
    Condition::all()
        .add(proof::Column::Purpose.eq(purpose.as_str()))
        .add(proof::Column::SpentAt.is_null())
        .add(proof::Column::ExpiresAt.gt(millis(now)))
}

fn row(id: ProofId, hash: &[u8; 32], ambient: &Ambient, new: NewProof) -> proof::ActiveModel {
    let now = ambient.now();
    let end = now.saturating_add(new.lifetime).unwrap_or(Timestamp::MAX);
    proof::ActiveModel {
        id: Set(id.as_uuid()),
        purpose: Set(new.purpose.as_str().to_owned()),
        account_id: Set(new.account.map(|account| account.as_uuid())),
        counted_as: Set(None),
        hash: Set(hash.to_vec()),
        contact: Set(new.contact),
        details: Set(new.details),
        allowed: Set(0),
        tries: Set(0),
        created_at: Set(millis(now)),
        expires_at: Set(millis(end)),
        spent_at: Set(None),
    }
}

fn from_row(row: proof::Model) -> Result<Proof, StoreError> {
    Ok(Proof {
        id: ProofId::from_uuid(row.id),
        account: row.account_id.map(AccountId::from_uuid),
        contact: row.contact,
        details: row.details,
        created_at: instant(row.created_at)?,
        expires_at: instant(row.expires_at)?,
    })
}
