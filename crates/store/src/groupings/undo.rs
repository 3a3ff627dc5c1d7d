//! A grouping is undone, as far as it is one school's part: the records of that school go
//! back to the account that they came from, which opens again as it was. Records of other
//! schools stay where the grouping put them, until those schools say otherwise.

use domain::{
    account::{Account, AccountState},
    ambient::Ambient,
    audit::Action,
    contact::Contacts,
    desk::Checked,
    ids::{AccountId, GroupingId},
};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use serde_json::json;
use uuid::Uuid;

use super::{
    SEALED_AS, factors,
    moves::{Bond, Pair, Snapshot},
};
use crate::{
    accounts, audit, bonds, contacts,
    desk::Desk,
    entity::{
        account, account_grouping, bond, client, consent, directory_record, link_report,
        subject_change, suspension,
    },
    error::StoreError,
    time::{instant, millis},
    vault::Vault,
};

/// A school's part of a grouping.
#[derive(Clone, PartialEq, Debug)]
pub struct Part {
    /// The grouping.
    pub id: GroupingId,
    /// When it was.
    pub at: Timestamp,
    /// The account that was grouped, as it is now.
    pub merged: Account,
}

/// A grouping of which a school's part was undone.
#[derive(Clone, PartialEq, Debug)]
pub struct Undone {
    /// The account that had the records until now.
    pub kept: Account,
    /// The account that has them again, as it is now.
    pub merged: Account,
    /// The contacts that it has again.
    pub merged_contacts: Contacts,
}

/// The school's part of a grouping into an account; none where it has none there.
///
/// # Errors
/// The database's, and what is sealed.
pub async fn find_part(
    connection: &impl ConnectionTrait,
    vault: &Vault,
    desk: &Desk,
    row: &account_grouping::Model,
) -> Result<Option<Part>, StoreError> {
    let snapshot = open(vault, row)?;
    if records_of(connection, desk, row, &snapshot)
        .await?
        .is_empty()
    {
        return Ok(None);
    }
    let merged = accounts::find_by_id(connection, AccountId::from_uuid(row.merged_account_id));
    let Some(merged) = merged.await? else {
        return Ok(None);
    };
    Ok(Some(Part {
        id: GroupingId::from_uuid(row.id),
        at: instant(row.at)?,
        merged,
    }))
}

fn open(vault: &Vault, row: &account_grouping::Model) -> Result<Snapshot, StoreError> {
    let plain = vault.open(SEALED_AS, &row.sealed_before)?;
    serde_json::from_slice(&plain).map_err(|_| StoreError::Malformed {
        table: "account_grouping",
        what: "sealed_before",
    })
}

/// Records of the school that the grouping moved, and that are where it put them.
async fn records_of(
    connection: &impl ConnectionTrait,
    desk: &Desk,
    row: &account_grouping::Model,
    snapshot: &Snapshot,
) -> Result<Vec<Uuid>, StoreError> {
    let records = directory_record::Entity::find()
        .select_only()
        .column(directory_record::Column::Id)
        .filter(directory_record::Column::AccountId.eq(row.kept_account_id))
        .filter(directory_record::Column::SchoolUai.eq(desk.school.as_str()))
        .filter(directory_record::Column::Id.is_in(snapshot.records.iter().copied()))
        .into_tuple::<Uuid>()
        .all(connection)
        .await?;
    Ok(records)
}

/// Undoes the school's part of a grouping, in a transaction. None, with nothing done, where
/// it has none, or the account that was grouped is neither open nor grouped into this one.
///
/// # Errors
/// The database's, and what is sealed.
pub async fn undo(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    vault: &Vault,
    desk: &Desk,
    id: GroupingId,
    checked: &[Checked],
) -> Result<Option<Undone>, StoreError> {
    let Some((row, pair)) = locked(transaction, id).await? else {
        return Ok(None);
    };
    let mut snapshot = open(vault, &row)?;
    let records = records_of(transaction, desk, &row, &snapshot).await?;
    let merged = accounts::find_by_id(transaction, pair.merged).await?;
    let kept = accounts::find_by_id(transaction, pair.kept).await?;
    let (Some(merged), Some(kept)) = (merged, kept) else {
        return Ok(None);
    };
    let is_merged_here = merged.state == AccountState::Merged(pair.kept);
    let is_open = matches!(merged.state, AccountState::Known | AccountState::Active);
    if records.is_empty() || !(is_merged_here || is_open) {
        return Ok(None);
    }
    if is_merged_here {
        let last = last_before(transaction, vault, pair).await?;
        reopen(
            transaction,
            ambient,
            pair,
            last.as_ref().unwrap_or(&snapshot),
        )
        .await?;
    }
    give_back(transaction, ambient, desk, pair, &snapshot, &records).await?;
    snapshot.records.retain(|record| !records.contains(record));
    keep_what_is_left(transaction, vault, &row, &snapshot).await?;
    write_down(transaction, ambient, desk, pair, checked).await?;
    let merged = accounts::find_by_id(transaction, pair.merged).await?;
    let Some(merged) = merged else {
        return Ok(None);
    };
    Ok(Some(Undone {
        kept,
        merged_contacts: contacts::find_all(transaction, merged.id).await?,
        merged,
    }))
}

/// The grouping, with both accounts held: rows are held in the order of their ids.
async fn locked(
    transaction: &impl ConnectionTrait,
    id: GroupingId,
) -> Result<Option<(account_grouping::Model, Pair)>, StoreError> {
    let find = async || {
        account_grouping::Entity::find_by_id(id.as_uuid())
            .one(transaction)
            .await
    };
    let Some(row) = find().await? else {
        return Ok(None);
    };
    let pair = Pair {
        kept: AccountId::from_uuid(row.kept_account_id),
        merged: AccountId::from_uuid(row.merged_account_id),
    };
    let mut ids = [pair.kept, pair.merged];
    ids.sort();
    for id in ids {
        accounts::lock(transaction, id).await?;
    }
    // Read again: another undoing may have been faster.
    Ok(find().await?.map(|row| (row, pair)))
}

/// What the account was when it last ended. Not what this grouping remembers, where another
/// school undid its part of it, and the account was in use and was grouped once more.
async fn last_before(
    transaction: &impl ConnectionTrait,
    vault: &Vault,
    pair: Pair,
) -> Result<Option<Snapshot>, StoreError> {
    let last = account_grouping::Entity::find()
        .filter(account_grouping::Column::MergedAccountId.eq(pair.merged.as_uuid()))
        .order_by_desc(account_grouping::Column::At)
        .order_by_desc(account_grouping::Column::Id)
        .one(transaction)
        .await?;
    last.map(|row| open(vault, &row)).transpose()
}

/// Opens the account again as it was, with all that is asked for beside its password. Whoever
/// was signed in to it then is so no more.
async fn reopen(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    pair: Pair,
    snapshot: &Snapshot,
) -> Result<(), StoreError> {
    use account::Column as C;
    let now = millis(ambient.now());
    account::Entity::update_many()
        .col_expr(C::State, Expr::value(snapshot.state.as_str()))
        .col_expr(C::MergedInto, Expr::value(Option::<Uuid>::None))
        .col_expr(
            C::PasswordState,
            Expr::value(snapshot.password_state.as_str()),
        )
        .col_expr(
            C::PasswordHash,
            Expr::value(snapshot.password_hash.as_deref()),
        )
        .col_expr(C::PasswordSetAt, Expr::value(snapshot.password_set_at))
        .col_expr(C::SessionsFrom, Expr::value(now))
        .col_expr(C::UpdatedAt, Expr::value(now))
        .filter(C::Id.eq(pair.merged.as_uuid()))
        .exec(transaction)
        .await?;
    let mut contacts = snapshot.contacts.clone();
    contacts.email.pending = None;
    contacts.phone.pending = None;
    contacts::replace_all(transaction, ambient, pair.merged, &contacts).await?;
    factors::restore(transaction, pair.merged.as_uuid(), &snapshot.factors).await?;
    restore_consents(transaction, pair, snapshot).await?;
    restore_bonds(transaction, ambient, pair, snapshot).await?;
    // Services go on knowing this person by the subject of before.
    subject_change::Entity::delete_many()
        .filter(subject_change::Column::FromAccountId.eq(pair.merged.as_uuid()))
        .exec(transaction)
        .await?;
    Ok(())
}

async fn restore_consents(
    transaction: &impl ConnectionTrait,
    pair: Pair,
    snapshot: &Snapshot,
) -> Result<(), StoreError> {
    let named = snapshot.consents.iter().map(|consent| &consent.client);
    let clients = client::Entity::find()
        .filter(client::Column::ClientId.is_in(named))
        .all(transaction)
        .await?;
    let is_registered = |name: &str| clients.iter().any(|client| client.client_id == name);
    let rows = snapshot
        .consents
        .iter()
        .filter(|consent| is_registered(&consent.client))
        .map(|consent| consent::ActiveModel {
            account_id: Set(pair.merged.as_uuid()),
            client_id: Set(consent.client.clone()),
            scope: Set(consent.scope.clone()),
            given_at: Set(consent.given_at),
        });
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return Ok(());
    }
    consent::Entity::insert_many(rows)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// Bonds go back that moved along, and that their owner did not end since; those that ended
/// with the account come again. Whoever signs in through one that goes back may have done so
/// at the kept account, where nobody remembers which session began by it: all end.
async fn restore_bonds(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    pair: Pair,
    snapshot: &Snapshot,
) -> Result<(), StoreError> {
    let mut moved = 0;
    for bond in &snapshot.bonds {
        if bond.ended {
            bind_again(transaction, ambient, pair, bond).await?;
        } else {
            moved += move_back(transaction, pair, bond).await?;
        }
    }
    if moved > 0 {
        accounts::end_sessions(transaction, pair.kept, ambient.now()).await?;
    }
    Ok(())
}

async fn move_back(
    transaction: &impl ConnectionTrait,
    pair: Pair,
    bond: &Bond,
) -> Result<u64, StoreError> {
    let moved = bond::Entity::update_many()
        .col_expr(bond::Column::AccountId, Expr::value(pair.merged.as_uuid()))
        .filter(bond::Column::AccountId.eq(pair.kept.as_uuid()))
        .filter(bond::Column::Issuer.eq(bond.issuer.as_str()))
        .filter(bond::Column::Subject.eq(bond.subject.as_str()))
        .exec(transaction)
        .await?;
    Ok(moved.rows_affected)
}

/// Without the identity that was vouched for: it is kept for as long as somebody vouches for
/// it, and the next sign-in does. A subject that was bound elsewhere since stays there.
async fn bind_again(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    pair: Pair,
    bond: &Bond,
) -> Result<(), StoreError> {
    let mut row = bonds::row(ambient, pair.merged, &bond.issuer, &bond.subject);
    row.created_at = Set(bond.created_at);
    row.used_at = Set(bond.used_at);
    bond::Entity::insert(row)
        .on_conflict(bonds::keep())
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// Records go back, and with them the word of their guardian against links and the school's
/// suspension.
async fn give_back(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    desk: &Desk,
    pair: Pair,
    snapshot: &Snapshot,
    records: &[Uuid],
) -> Result<(), StoreError> {
    let merged = || Expr::value(pair.merged.as_uuid());
    directory_record::Entity::update_many()
        .col_expr(directory_record::Column::AccountId, merged())
        .filter(directory_record::Column::AccountId.eq(pair.kept.as_uuid()))
        .filter(directory_record::Column::Id.is_in(records.iter().copied()))
        .exec(transaction)
        .await?;
    for report in &snapshot.reports {
        link_report::Entity::update_many()
            .col_expr(link_report::Column::GuardianAccountId, merged())
            .filter(link_report::Column::GuardianAccountId.eq(pair.kept.as_uuid()))
            .filter(link_report::Column::PupilAccountId.eq(report.pupil))
            .filter(link_report::Column::ReportedAt.eq(report.reported_at))
            .exec(transaction)
            .await?;
    }
    if snapshot
        .suspensions
        .iter()
        .any(|uai| *uai == desk.school.as_str())
    {
        suspension::Entity::update_many()
            .col_expr(suspension::Column::AccountId, merged())
            .filter(suspension::Column::AccountId.eq(pair.kept.as_uuid()))
            .filter(suspension::Column::SchoolUai.eq(desk.school.as_str()))
            .exec(transaction)
            .await?;
    }
    account::Entity::update_many()
        .col_expr(
            account::Column::UpdatedAt,
            Expr::value(millis(ambient.now())),
        )
        .filter(account::Column::Id.is_in([pair.kept.as_uuid(), pair.merged.as_uuid()]))
        .exec(transaction)
        .await?;
    Ok(())
}

/// A grouping of which nothing is left is none; what is left belongs to other schools.
async fn keep_what_is_left(
    transaction: &impl ConnectionTrait,
    vault: &Vault,
    row: &account_grouping::Model,
    snapshot: &Snapshot,
) -> Result<(), StoreError> {
    if snapshot.records.is_empty() {
        account_grouping::Entity::delete_by_id(row.id)
            .exec(transaction)
            .await?;
        return Ok(());
    }
    let plain = serde_json::to_vec(snapshot).expect("a snapshot is a document");
    account_grouping::Entity::update_many()
        .col_expr(
            account_grouping::Column::SealedBefore,
            Expr::value(vault.seal(SEALED_AS, &plain)),
        )
        .filter(account_grouping::Column::Id.eq(row.id))
        .exec(transaction)
        .await?;
    Ok(())
}

async fn write_down(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    desk: &Desk,
    pair: Pair,
    checked: &[Checked],
) -> Result<(), StoreError> {
    let event = |account, other: &str, id: AccountId| {
        let mut details = json!({ "checked": checked });
        details[other] = json!(id);
        desk.event(Action::GroupingUndone, account, details)
    };
    let events = [
        event(pair.kept, "merged", pair.merged),
        event(pair.merged, "from", pair.kept),
    ];
    audit::record_all(transaction, ambient, events).await
}
