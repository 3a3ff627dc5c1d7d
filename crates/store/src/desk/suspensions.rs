//! A school suspends its part of an account, and takes that back.
//!
//! An account is shut, and all that was signed in with it ends, when every school that has
//! a record of its owner has suspended its part. Until then it opens as before, and what
//! the school asserts counts for nothing in it: a guardian suspended by one of two schools
//! has the children of the other, a pupil's claims name the other school alone.

use domain::{
    account::AccountState, ambient::Ambient, audit::Action, desk::SuspensionReason, ids::AccountId,
    school::Uai,
};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr,
    sea_query::OnConflict,
};
use serde_json::json;

use super::{Asked, Desk, Person, hold, passwords::end_what_was_open};
use crate::{
    audit,
    entity::{account, suspension},
    error::StoreError,
    suspended_part::counts,
    time::{instant, millis},
};

/// A suspension of a school's part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suspension {
    /// Why.
    pub reason: SuspensionReason,
    /// In the officer's words.
    pub note: Option<String>,
    /// Since when.
    pub at: Timestamp,
}

/// What a suspension, or its end, came to.
#[derive(Clone, PartialEq, Debug)]
pub struct Suspended {
    /// The person as they were before.
    pub person: Person,
    /// Whether the account itself was shut, or opened again.
    pub whole: bool,
}

/// The suspension of a school's part of an account.
pub(super) async fn find(
    connection: &impl ConnectionTrait,
    school: &Uai,
    id: AccountId,
) -> Result<Option<Suspension>, StoreError> {
    let row = suspension::Entity::find_by_id((id.as_uuid(), school.to_string()))
        .one(connection)
        .await?;
    row.map(from_row).transpose()
}

fn from_row(row: suspension::Model) -> Result<Suspension, StoreError> {
    Ok(Suspension {
        reason: SuspensionReason::parse(&row.reason).ok_or(malformed("reason"))?,
        note: row.note,
        at: instant(row.at)?,
    })
}

/// Suspends the school's part. None, with nothing done, where there is no tie, or it is
/// suspended already.
///
/// # Errors
/// The database's.
pub async fn suspend(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    desk: &Desk,
    account: AccountId,
    reason: SuspensionReason,
    note: Option<&str>,
) -> Result<Option<Suspended>, StoreError> {
    let Some(person) = hold(transaction, desk, account).await? else {
        return Ok(None);
    };
    let Some(before) = state_before(transaction, &person).await? else {
        return Ok(None);
    };
    let now = ambient.now();
    let row = suspension::ActiveModel {
        account_id: Set(account.as_uuid()),
        school_uai: Set(desk.school.to_string()),
        reason: Set(reason.as_str().to_owned()),
        note: Set(note.map(str::to_owned)),
        state_before: Set(before.as_str().to_owned()),
        by_account_id: Set(Some(desk.officer.as_uuid())),
        at: Set(millis(now)),
    };
    let written = suspension::Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(transaction)
        .await?;
    if written == 0 {
        return Ok(None);
    }
    let whole = shut(transaction, account, now).await?;
    if whole {
        remember(transaction, account, before).await?;
        end_what_was_open(transaction, account, now).await?;
    }
    let details = json!({ "reason": reason.as_str(), "whole": whole });
    let event = desk.event(Action::AccountSuspended, account, details);
    audit::record(transaction, ambient, event).await?;
    Ok(Some(Suspended { person, whole }))
}

/// Every school's row says what the account was when it was shut: it may have been activated,
/// or given a provisional password, since the first one.
async fn remember(
    transaction: &impl ConnectionTrait,
    account: AccountId,
    before: AccountState,
) -> Result<(), StoreError> {
    suspension::Entity::update_many()
        .col_expr(
            suspension::Column::StateBefore,
            Expr::value(before.as_str()),
        )
        .filter(suspension::Column::AccountId.eq(account.as_uuid()))
        .exec(transaction)
        .await?;
    Ok(())
}

/// What the account is when nobody suspends it; none where it cannot be suspended.
async fn state_before(
    transaction: &impl ConnectionTrait,
    person: &Person,
) -> Result<Option<AccountState>, StoreError> {
    match person.account.state {
        AccountState::Known | AccountState::Active => Ok(Some(person.account.state)),
        AccountState::Suspended => {
            let other = suspension::Entity::find()
                .filter(suspension::Column::AccountId.eq(person.account.id.as_uuid()))
                .one(transaction)
                .await?;
            let before = other.map(|row| row.state_before);
            Ok(Some(parse(before.as_deref())))
        }
        AccountState::Merged(_) | AccountState::Closed => Ok(None),
    }
}

/// An account that a command or an earlier version suspended was in use.
fn parse(before: Option<&str>) -> AccountState {
    match before {
        Some("known") => AccountState::Known,
        _ => AccountState::Active,
    }
}

/// Shuts the account, if no school is left that lets it be used.
pub(super) async fn shut(
    transaction: &impl ConnectionTrait,
    account: AccountId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut asked = Asked::new(SHUT);
    asked.value(account.as_uuid());
    asked.value(millis(now));
    Ok(asked.execute(transaction).await? == 1)
}

const SHUT: &str = concat!(
    "
update account set state = 'suspended', sessions_from = $2, updated_at = $2
 where id = $1 and state in ('known', 'active')
   and not exists (select 1 from directory_record record
                    where record.account_id = $1 and record.ended_at is null
                      and ",
    counts!("record"),
    ")"
);

/// Takes the school's suspension back; an account that was shut opens again. A school that
/// finds an account of its people shut by others may open it too: it has not suspended its
/// part. None, with nothing done, where there is no tie, or nothing to take back.
///
/// # Errors
/// The database's.
pub async fn reactivate(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    desk: &Desk,
    account: AccountId,
) -> Result<Option<Suspended>, StoreError> {
    let Some(person) = hold(transaction, desk, account).await? else {
        return Ok(None);
    };
    let removed = suspension::Entity::delete_many()
        .filter(suspension::Column::AccountId.eq(account.as_uuid()))
        .filter(suspension::Column::SchoolUai.eq(desk.school.as_str()))
        .exec_with_returning(transaction)
        .await?;
    let before = match removed.first() {
        Some(row) => parse(Some(&row.state_before)),
        None => state_before(transaction, &person)
            .await?
            .unwrap_or(AccountState::Active),
    };
    let whole = open(transaction, account, before, ambient.now()).await?;
    if removed.is_empty() && !whole {
        return Ok(None);
    }
    let event = desk.event(
        Action::AccountReactivated,
        account,
        json!({ "whole": whole }),
    );
    audit::record(transaction, ambient, event).await?;
    Ok(Some(Suspended { person, whole }))
}

async fn open(
    transaction: &impl ConnectionTrait,
    id: AccountId,
    state: AccountState,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let opened = account::Entity::update_many()
        .col_expr(account::Column::State, Expr::value(state.as_str()))
        .col_expr(account::Column::UpdatedAt, Expr::value(millis(now)))
        .filter(account::Column::Id.eq(id.as_uuid()))
        .filter(account::Column::State.eq(AccountState::Suspended.as_str()))
        .exec(transaction)
        .await?;
    Ok(opened.rows_affected == 1)
}

const fn malformed(what: &'static str) -> StoreError {
    StoreError::Malformed {
        table: "suspension",
        what,
    }
}
