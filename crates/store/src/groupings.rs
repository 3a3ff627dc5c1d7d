//! Grouping: a guardian's other account becomes part of the one that they keep
//! (product.md, Mon compte; guide, section 4.4.4).
//!
//! The other account is proven first, then what would move is shown, then it is done, in
//! one transaction. A proof is good for one pair of accounts, in one session, as long as
//! the other account is as it was when it was proven.
//!
//! An account that was grouped names the one that it was grouped into, and nothing
//! rewrites that: where that one is grouped onward, `merged_into` leads from each to the
//! next, as an import follows it. So each grouping stays true by itself and can be undone
//! by itself.

mod by_school;
mod factors;
mod moves;
mod undo;

use std::time::Duration;

use domain::{
    account::{Account, AccountState},
    ambient::Ambient,
    audit::{Action, Actor, Target},
    claims::Relative,
    contact::Contacts,
    grouping,
    ids::{AccountId, GroupingId, SessionId},
    secret::{Token, TokenHash},
};
use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use serde::{Deserialize, Serialize};
use serde_json::json;

pub use self::{
    by_school::{Refused, group_by_school},
    undo::{Part, Undone, find_part, undo},
};
use crate::{
    accounts,
    audit::{self, Event},
    contacts,
    entity::{account, account_grouping},
    error::StoreError,
    link_reports, people,
    proofs::{self, NewProof, Proof, Purpose},
    time::millis,
    vault::Vault,
};

/// For how long another account that was proven can be grouped.
pub const LIFETIME: Duration = Duration::from_mins(15);

const SEALED_AS: &str = "account grouping";

/// Who groups: the account to be kept, in a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Keeper {
    /// Their account.
    pub account: AccountId,
    /// Their session.
    pub session: SessionId,
    /// When they signed in.
    pub auth_time: Timestamp,
}

/// Two accounts that became one.
#[derive(Clone, PartialEq, Debug)]
pub struct Grouped {
    /// The account that stays.
    pub kept: Account,
    /// Its contacts.
    pub kept_contacts: Contacts,
    /// The account that ended, as it was before.
    pub merged: Account,
    /// Its contacts of before.
    pub merged_contacts: Contacts,
}

/// What a proof remembers of the account that was proven. Whatever changes a password,
/// a state, names or sessions changes one of them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Proven {
    other: AccountId,
    session: SessionId,
    state: String,
    updated_at: i64,
    sessions_from: i64,
}

impl Proven {
    fn of(other: &Account, session: SessionId) -> Self {
        Self {
            other: other.id,
            session,
            state: other.state.as_str().to_owned(),
            updated_at: millis(other.updated_at),
            sessions_from: millis(other.sessions_from),
        }
    }
}

/// Remembers that another account was proven, as it was read for that.
///
/// # Errors
/// The database's.
pub async fn prove(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    keeper: Keeper,
    other: &Account,
) -> Result<Token, StoreError> {
    let proven = Proven::of(other, keeper.session);
    let proof = NewProof {
        purpose: Purpose::Grouping,
        account: Some(keeper.account),
        contact: None,
        details: serde_json::to_value(proven).expect("a proof is a document"),
        lifetime: LIFETIME,
    };
    proofs::insert(connection, ambient, proof).await
}

/// The account that a proof stands for, if it can still be grouped by this keeper.
/// Changes nothing.
///
/// # Errors
/// The database's.
pub async fn find_proven(
    connection: &impl ConnectionTrait,
    token: &TokenHash,
    keeper: Keeper,
    now: Timestamp,
) -> Result<Option<Account>, StoreError> {
    let proof = proofs::find(connection, Purpose::Grouping, token, now).await?;
    let Some(proven) = proof.and_then(|proof| proven_to(keeper, proof)) else {
        return Ok(None);
    };
    let other = accounts::find_by_id(connection, proven.other).await?;
    Ok(other.filter(|other| Proven::of(other, keeper.session) == proven))
}

/// The pupils whom the kept account would gain: active links of the other one that it has
/// not itself, less those that its guardian reported.
///
/// # Errors
/// The database's.
pub async fn find_coming(
    connection: &impl ConnectionTrait,
    kept: AccountId,
    other: AccountId,
) -> Result<Vec<Relative>, StoreError> {
    let own = people::find_children(connection, kept).await?;
    let reported = link_reports::find_reported(connection, kept).await?;
    let mut coming = people::find_children(connection, other).await?;
    coming.retain(|pupil| {
        let is_own = own.iter().any(|own| own.account == pupil.account);
        !is_own && !reported.contains(&pupil.account)
    });
    Ok(coming)
}

/// Groups the account that a proof stands for into the keeper's, in a transaction.
/// `None` where the proof is spent, over or another's, or where one of the accounts is
/// not as it was proven: then nothing was done, and the transaction is to be dropped.
///
/// # Errors
/// The database's.
pub async fn group(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    vault: &Vault,
    token: &TokenHash,
    keeper: Keeper,
) -> Result<Option<Grouped>, StoreError> {
    let proof = proofs::spend(transaction, Purpose::Grouping, token, ambient.now()).await?;
    let Some(proven) = proof.and_then(|proof| proven_to(keeper, proof)) else {
        return Ok(None);
    };
    let Some((kept, before)) = locked_pair(transaction, keeper, &proven).await? else {
        return Ok(None);
    };
    let merged = accounts::from_row(&before)?;
    let grouped = Grouped {
        kept_contacts: contacts::find_all(transaction, kept.id).await?,
        merged_contacts: contacts::find_all(transaction, merged.id).await?,
        kept,
        merged,
    };
    let by = By {
        actor: Actor::Account(grouped.kept.id),
        details: json!({}),
    };
    carry_out(transaction, ambient, vault, &before, &grouped, &by).await?;
    Ok(Some(grouped))
}

fn proven_to(keeper: Keeper, proof: Proof) -> Option<Proven> {
    let proven: Proven = serde_json::from_value(proof.details).ok()?;
    let is_theirs = proof.account == Some(keeper.account) && proven.session == keeper.session;
    is_theirs.then_some(proven)
}

/// Both accounts, held until the transaction ends, if they are what was proven. Rows are
/// held in the order of their ids, so that crossing groupings follow one another.
async fn locked_pair(
    transaction: &impl ConnectionTrait,
    keeper: Keeper,
    proven: &Proven,
) -> Result<Option<(Account, account::Model)>, StoreError> {
    let mut ids = [keeper.account, proven.other];
    ids.sort();
    for id in ids {
        accounts::lock(transaction, id).await?;
    }
    let kept = accounts::find_by_id(transaction, keeper.account).await?;
    let before = account::Entity::find_by_id(proven.other.as_uuid())
        .one(transaction)
        .await?;
    let (Some(kept), Some(before)) = (kept, before) else {
        return Ok(None);
    };
    let other = accounts::from_row(&before)?;
    let is_sound = kept.upholds(keeper.auth_time)
        && Proven::of(&other, keeper.session) == *proven
        && matches!(other.state, AccountState::Active | AccountState::Known)
        && grouping::obstacle(&kept, &other).is_none();
    Ok(is_sound.then_some((kept, before)))
}

/// Who groups, and what the trail says of it beside the accounts.
struct By {
    actor: Actor,
    details: serde_json::Value,
}

async fn carry_out(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    vault: &Vault,
    before: &account::Model,
    grouped: &Grouped,
    by: &By,
) -> Result<(), StoreError> {
    let now = ambient.now();
    let pair = moves::Pair {
        kept: grouped.kept.id,
        merged: grouped.merged.id,
    };
    let snapshot = moves::snapshot(transaction, before, &grouped.merged_contacts, pair).await?;
    let sealed = serde_json::to_vec(&snapshot).expect("a snapshot is a document");
    let row = account_grouping::ActiveModel {
        id: Set(GroupingId::new(ambient).as_uuid()),
        kept_account_id: Set(pair.kept.as_uuid()),
        merged_account_id: Set(pair.merged.as_uuid()),
        at: Set(millis(now)),
        sealed_before: Set(vault.seal(SEALED_AS, &sealed)),
    };
    account_grouping::Entity::insert(row)
        .exec_without_returning(transaction)
        .await?;
    moves::remember_subjects(transaction, ambient, pair).await?;
    moves::move_records(transaction, pair, now).await?;
    moves::move_reports(transaction, pair).await?;
    moves::move_bonds(transaction, pair).await?;
    moves::move_suspensions(transaction, pair).await?;
    moves::end_merged(transaction, pair, now).await?;
    write_down(transaction, ambient, pair, by).await
}

async fn write_down(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    pair: moves::Pair,
    by: &By,
) -> Result<(), StoreError> {
    let event = |target, other: &str, account| {
        let mut details = by.details.clone();
        details[other] = json!(account);
        let target = Target::Account(target);
        Event::new(Action::AccountsGrouped, by.actor.clone(), target).with(details)
    };
    let events = [
        event(pair.kept, "merged", pair.merged),
        event(pair.merged, "into", pair.kept),
    ];
    audit::record_all(transaction, ambient, events).await
}
