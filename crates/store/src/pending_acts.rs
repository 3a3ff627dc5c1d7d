//! Acts of a school that wait: for a second officer of it, or for a day in which the owner
//! of the account is told and can stop them (product.md, Recovery).
//!
//! An account waits for one act of a kind at a time. Whoever carries it out takes it first,
//! by one guarded statement in the transaction of its effect: so it happens once, whoever
//! presses at once, and never after somebody stopped it.

use domain::{
    account::AccountState,
    ambient::Ambient,
    audit::{Action, Actor, Target},
    desk::{Checked, LostPasswordHelp, OPEN_FOR, Outcome, PendingKind, WAIT},
    ids::{AccountId, PendingActId},
    school::Uai,
    secret::{Token, TokenHash},
};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use serde_json::json;

use crate::{
    accounts,
    audit::{self, Event},
    contacts,
    desk::{self, Desk, Person},
    entity::pending_act,
    error::StoreError,
    time::{instant, millis},
};

/// The most acts of a list.
const MOST: u64 = 200;

/// An act that waits, or that has ended.
#[derive(Clone, PartialEq, Debug)]
pub struct PendingAct {
    /// Its id.
    pub id: PendingActId,
    /// What it is.
    pub kind: PendingKind,
    /// On whose account.
    pub account: AccountId,
    /// Of which school.
    pub school: Uai,
    /// By what the officer knew who stood before them.
    pub checked: Vec<Checked>,
    /// Who asked for it.
    pub asked_by: AccountId,
    /// When.
    pub asked_at: Timestamp,
    /// From when on it needs no second officer.
    pub effective_at: Timestamp,
}

/// Asks for an act, in a transaction that holds the account. With it comes the token of the
/// link by which the owner stops it. None where one of its kind waits already.
///
/// # Errors
/// The database's.
pub async fn ask(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    desk: &Desk,
    account: AccountId,
    kind: PendingKind,
    checked: &[Checked],
) -> Result<Option<(PendingAct, Token)>, StoreError> {
    let now = ambient.now();
    end_over(transaction, account, kind, now).await?;
    let act = PendingAct {
        id: PendingActId::new(ambient),
        kind,
        account,
        school: desk.school.clone(),
        checked: checked.to_vec(),
        asked_by: desk.officer,
        asked_at: now,
        effective_at: now + WAIT,
    };
    let token = Token::generate(ambient);
    let written = pending_act::Entity::insert(row(&act, &token))
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(transaction)
        .await?;
    if written == 0 {
        return Ok(None);
    }
    let details = json!({ "act": kind.as_str(), "checked": checked });
    let event = desk.event(Action::PendingActAsked, account, details);
    audit::record(transaction, ambient, event).await?;
    Ok(Some((act, token)))
}

fn row(act: &PendingAct, token: &Token) -> pending_act::ActiveModel {
    pending_act::ActiveModel {
        id: Set(act.id.as_uuid()),
        kind: Set(act.kind.as_str().to_owned()),
        account_id: Set(act.account.as_uuid()),
        school_uai: Set(act.school.to_string()),
        checked: Set(json!(act.checked)),
        asked_by: Set(act.asked_by.as_uuid()),
        asked_at: Set(millis(act.asked_at)),
        effective_at: Set(millis(act.effective_at)),
        cancel_hash: Set(token.hash().as_bytes().to_vec()),
        outcome: Set(None),
        ended_by: Set(None),
        ended_at: Set(None),
    }
}

/// One that nobody carried out in time makes place for another.
async fn end_over(
    transaction: &impl ConnectionTrait,
    account: AccountId,
    kind: PendingKind,
    now: Timestamp,
) -> Result<(), StoreError> {
    pending_act::Entity::update_many()
        .col_expr(
            pending_act::Column::Outcome,
            Expr::value(Outcome::Cancelled.as_str()),
        )
        .col_expr(pending_act::Column::EndedAt, Expr::value(millis(now)))
        .filter(pending_act::Column::AccountId.eq(account.as_uuid()))
        .filter(pending_act::Column::Kind.eq(kind.as_str()))
        .filter(pending_act::Column::EndedAt.is_null())
        .filter(pending_act::Column::EffectiveAt.lte(millis(now - OPEN_FOR)))
        .exec(transaction)
        .await?;
    Ok(())
}

/// The acts of an account that wait and can still be carried out.
///
/// # Errors
/// The database's.
pub async fn find_of_account(
    connection: &impl ConnectionTrait,
    account: AccountId,
    now: Timestamp,
) -> Result<Vec<PendingAct>, StoreError> {
    let rows = pending_act::Entity::find()
        .filter(pending_act::Column::AccountId.eq(account.as_uuid()))
        .filter(is_open(now))
        .order_by_asc(pending_act::Column::AskedAt)
        .all(connection)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// The acts of a school that wait and can still be carried out, the oldest first.
///
/// # Errors
/// The database's.
pub async fn find_of_school(
    connection: &impl ConnectionTrait,
    school: &Uai,
    now: Timestamp,
) -> Result<Vec<PendingAct>, StoreError> {
    let rows = pending_act::Entity::find()
        .filter(pending_act::Column::SchoolUai.eq(school.as_str()))
        .filter(is_open(now))
        .order_by_asc(pending_act::Column::EffectiveAt)
        .limit(MOST)
        .all(connection)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// The act that the owner's link stops, if it can still be stopped.
///
/// # Errors
/// The database's.
pub async fn find_by_token(
    connection: &impl ConnectionTrait,
    token: &TokenHash,
    now: Timestamp,
) -> Result<Option<PendingAct>, StoreError> {
    let row = pending_act::Entity::find()
        .filter(pending_act::Column::CancelHash.eq(token.as_bytes().to_vec()))
        .filter(is_open(now))
        .one(connection)
        .await?;
    row.map(from_row).transpose()
}

/// Acts of a kind whose day is over, on any school's desk: for what needs nobody to be
/// there when it happens.
///
/// # Errors
/// The database's.
pub async fn find_due(
    connection: &impl ConnectionTrait,
    kind: PendingKind,
    now: Timestamp,
) -> Result<Vec<PendingAct>, StoreError> {
    let rows = pending_act::Entity::find()
        .filter(pending_act::Column::Kind.eq(kind.as_str()))
        .filter(is_open(now))
        .filter(pending_act::Column::EffectiveAt.lte(millis(now)))
        .limit(MOST)
        .all(connection)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// Takes an act to carry it out, once: by another officer of its school, or, once its day is
/// over, by any. None where it ended, waits for somebody else, or is another school's; then
/// nothing may be done.
///
/// # Errors
/// The database's.
pub async fn take(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    desk: &Desk,
    id: PendingActId,
) -> Result<Option<PendingAct>, StoreError> {
    let now = ambient.now();
    let by_another = pending_act::Column::AskedBy.ne(desk.officer.as_uuid());
    let its_day_is_over = pending_act::Column::EffectiveAt.lte(millis(now));
    let may = Condition::any().add(by_another).add(its_day_is_over);
    let condition = is_open(now)
        .add(pending_act::Column::Id.eq(id.as_uuid()))
        .add(pending_act::Column::SchoolUai.eq(desk.school.as_str()))
        .add(may);
    let Some(act) = end(
        transaction,
        condition,
        Outcome::Done,
        Some(desk.officer),
        now,
    )
    .await?
    else {
        return Ok(None);
    };
    let details = json!({ "act": act.kind.as_str() });
    let event = desk.event(Action::PendingActDone, act.account, details);
    audit::record(transaction, ambient, event).await?;
    Ok(Some(act))
}

/// Ends an act whose day is over and that needs nobody, once: done, or stopped by the service.
/// None where it has ended.
///
/// # Errors
/// The database's.
pub async fn end_due(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    id: PendingActId,
    outcome: Outcome,
) -> Result<Option<PendingAct>, StoreError> {
    let now = ambient.now();
    let condition = is_open(now)
        .add(pending_act::Column::Id.eq(id.as_uuid()))
        .add(pending_act::Column::EffectiveAt.lte(millis(now)));
    let Some(act) = end(transaction, condition, outcome, None, now).await? else {
        return Ok(None);
    };
    let action = match outcome {
        Outcome::Done => Action::PendingActDone,
        Outcome::Cancelled => Action::PendingActCancelled,
    };
    let event = Event::new(action, Actor::Service, Target::Account(act.account));
    let details = json!({ "act": act.kind.as_str(), "school": act.school });
    audit::record(transaction, ambient, event.with(details)).await?;
    Ok(Some(act))
}

/// Stops an act of the school. None where it has ended, or is another school's.
///
/// # Errors
/// The database's.
pub async fn cancel(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    desk: &Desk,
    id: PendingActId,
) -> Result<Option<PendingAct>, StoreError> {
    let now = ambient.now();
    let condition = is_open(now)
        .add(pending_act::Column::Id.eq(id.as_uuid()))
        .add(pending_act::Column::SchoolUai.eq(desk.school.as_str()));
    let by = Some(desk.officer);
    let Some(act) = end(transaction, condition, Outcome::Cancelled, by, now).await? else {
        return Ok(None);
    };
    let details = json!({ "act": act.kind.as_str() });
    let event = desk.event(Action::PendingActCancelled, act.account, details);
    audit::record(transaction, ambient, event).await?;
    Ok(Some(act))
}

/// Stops an act by its owner's link. None where it has ended.
///
/// # Errors
/// The database's.
pub async fn cancel_by_token(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    token: &TokenHash,
) -> Result<Option<PendingAct>, StoreError> {
    let by_link = pending_act::Column::CancelHash.eq(token.as_bytes().to_vec());
    cancel_by_owner(transaction, ambient, Condition::all().add(by_link)).await
}

/// Stops an act of an account, by its owner who is signed in. None where it has ended, or
/// is another's.
///
/// # Errors
/// The database's.
pub async fn cancel_of_account(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    account: AccountId,
    id: PendingActId,
) -> Result<Option<PendingAct>, StoreError> {
    let own = Condition::all()
        .add(pending_act::Column::Id.eq(id.as_uuid()))
        .add(pending_act::Column::AccountId.eq(account.as_uuid()));
    cancel_by_owner(transaction, ambient, own).await
}

async fn cancel_by_owner(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    which: Condition,
) -> Result<Option<PendingAct>, StoreError> {
    let now = ambient.now();
    let condition = is_open(now).add(which);
    let Some(act) = end(transaction, condition, Outcome::Cancelled, None, now).await? else {
        return Ok(None);
    };
    let event = Event::new(
        Action::PendingActCancelled,
        Actor::Account(act.account),
        Target::Account(act.account),
    );
    let details = json!({ "act": act.kind.as_str(), "school": act.school });
    audit::record(transaction, ambient, event.with(details)).await?;
    Ok(Some(act))
}

/// Carries a reset of a password out that was taken: the account waits to be activated by
/// this provisional password, and whatever was signed in ends. None, with nothing done,
/// where the tie or the account is not what it was; the transaction is to be dropped then.
///
/// # Errors
/// The database's.
pub async fn reset_password(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    desk: &Desk,
    act: &PendingAct,
    hash: &str,
) -> Result<Option<Person>, StoreError> {
    let Some(person) = desk::hold(transaction, desk, act.account).await? else {
        return Ok(None);
    };
    // A contact that was confirmed meanwhile is the better way.
    let contacts = contacts::find_all(transaction, act.account).await?;
    if LostPasswordHelp::of(&person.account, &contacts) != LostPasswordHelp::Reset {
        return Ok(None);
    }
    let states = [AccountState::Active];
    if !desk::reset(transaction, ambient, desk, act.account, &states, hash).await? {
        return Ok(None);
    }
    Ok(Some(person))
}

/// The person whose lost second factor an act takes off, held until the transaction ends.
/// None where the tie or the account is not what it was: then the act is not to be done.
///
/// # Errors
/// The database's.
pub async fn hold_for_removal(
    transaction: &impl ConnectionTrait,
    act: &PendingAct,
) -> Result<Option<Person>, StoreError> {
    accounts::lock(transaction, act.account).await?;
    let person = desk::find_person(transaction, &act.school, act.account).await?;
    let Some(person) = person else {
        return Ok(None);
    };
    let is_there = desk::has_factor_to_lose(transaction, &person.account).await?;
    Ok(is_there.then_some(person))
}

async fn end(
    transaction: &impl ConnectionTrait,
    condition: Condition,
    outcome: Outcome,
    by: Option<AccountId>,
    now: Timestamp,
) -> Result<Option<PendingAct>, StoreError> {
    let ended = pending_act::Entity::update_many()
        .col_expr(pending_act::Column::Outcome, Expr::value(outcome.as_str()))
        .col_expr(
            pending_act::Column::EndedBy,
            Expr::value(by.map(|by| by.as_uuid())),
        )
        .col_expr(pending_act::Column::EndedAt, Expr::value(millis(now)))
        .filter(condition)
        .exec_with_returning(transaction)
        .await?;
    ended.into_iter().next().map(from_row).transpose()
}

fn is_open(now: Timestamp) -> Condition {
    Condition::all()
        .add(pending_act::Column::EndedAt.is_null())
        .add(pending_act::Column::EffectiveAt.gt(millis(now - OPEN_FOR)))
}

fn from_row(row: pending_act::Model) -> Result<PendingAct, StoreError> {
    let malformed = |what| StoreError::Malformed {
        table: "pending_act",
        what,
    };
    Ok(PendingAct {
        id: PendingActId::from_uuid(row.id),
        kind: PendingKind::parse(&row.kind).ok_or(malformed("kind"))?,
        account: AccountId::from_uuid(row.account_id),
        school: Uai::parse(&row.school_uai).map_err(|_| malformed("school_uai"))?,
        checked: serde_json::from_value(row.checked).map_err(|_| malformed("checked"))?,
        asked_by: AccountId::from_uuid(row.asked_by),
        asked_at: instant(row.asked_at)?,
        effective_at: instant(row.effective_at)?,
    })
}
