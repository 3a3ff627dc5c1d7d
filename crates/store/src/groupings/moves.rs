//! What a grouping moves, what it ends, and what it remembers to be undone by.

use domain::{
    ambient::Ambient,
    contact::Contacts,
    ids::{AccountId, ChangeId},
};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    Statement, sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::factors::{self, Factors};
use crate::{
    entity::{
        account, account_change, activation, authorization_grant, bond, consent, contact,
        directory_record, link_report, passkey, proof, recovery_code, second_factor,
        subject_change, suspension,
    },
    error::StoreError,
    time::millis,
};

/// The account that stays, and the one that ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub(super) kept: AccountId,
    pub(super) merged: AccountId,
}

/// What an account was before it was grouped: enough for an officer to undo it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Snapshot {
    pub(super) state: String,
    pub(super) password_state: String,
    pub(super) password_hash: Option<String>,
    pub(super) password_set_at: Option<i64>,
    pub(super) contacts: Contacts,
    /// Records that moved, and were not given back.
    pub(super) records: Vec<Uuid>,
    pub(super) reports: Vec<Report>,
    pub(super) consents: Vec<Consent>,
    pub(super) bonds: Vec<Bond>,
    /// Schools whose suspension moved.
    #[serde(default)]
    pub(super) suspensions: Vec<String>,
    /// What is beside the password.
    #[serde(default)]
    pub(super) factors: Factors,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Bond {
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) created_at: i64,
    pub(super) used_at: Option<i64>,
    /// Whether it ended with the account, since the kept one had one of its issuer.
    #[serde(default)]
    pub(super) ended: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Report {
    pub(super) pupil: Uuid,
    pub(super) reported_at: i64,
    asked_at: Option<i64>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Consent {
    pub(super) client: String,
    pub(super) scope: String,
    pub(super) given_at: i64,
}

/// Reads what the account is, before anything moves.
pub(super) async fn snapshot(
    transaction: &impl ConnectionTrait,
    before: &account::Model,
    contacts: &Contacts,
    pair: Pair,
) -> Result<Snapshot, StoreError> {
    let records = directory_record::Entity::find()
        .select_only()
        .column(directory_record::Column::Id)
        .filter(directory_record::Column::AccountId.eq(before.id))
        .into_tuple::<Uuid>()
        .all(transaction)
        .await?;
    let reports = link_report::Entity::find()
        .filter(link_report::Column::GuardianAccountId.eq(before.id))
        .all(transaction)
        .await?;
    let consents = consent::Entity::find()
        .filter(consent::Column::AccountId.eq(before.id))
        .all(transaction)
        .await?;
    Ok(Snapshot {
        state: before.state.clone(),
        password_state: before.password_state.clone(),
        password_hash: before.password_hash.clone(),
        password_set_at: before.password_set_at,
        contacts: contacts.clone(),
        records,
        reports: reports.iter().map(Report::of).collect(),
        consents: consents.into_iter().map(Consent::of).collect(),
        bonds: bonds(transaction, pair).await?,
        suspensions: moving_suspensions(transaction, pair).await?,
        factors: factors::find(transaction, before.id).await?,
    })
}

/// The bonds of the merged account; where the kept one has one of the same issuer, they end.
async fn bonds(transaction: &impl ConnectionTrait, pair: Pair) -> Result<Vec<Bond>, StoreError> {
    let of = async |account: AccountId| {
        bond::Entity::find()
            .filter(bond::Column::AccountId.eq(account.as_uuid()))
            .all(transaction)
            .await
    };
    let kept = of(pair.kept).await?;
    let merged = of(pair.merged).await?.into_iter();
    let bond = |row: bond::Model| Bond {
        ended: kept.iter().any(|own| own.issuer == row.issuer),
        issuer: row.issuer,
        subject: row.subject,
        created_at: row.created_at,
        used_at: row.used_at,
    };
    Ok(merged.map(bond).collect())
}

impl Report {
    fn of(row: &link_report::Model) -> Self {
        Self {
            pupil: row.pupil_account_id,
            reported_at: row.reported_at,
            asked_at: row.asked_at,
        }
    }
}

impl Consent {
    fn of(row: consent::Model) -> Self {
        Self {
            client: row.client_id,
            scope: row.scope,
            given_at: row.given_at,
        }
    }
}

/// Notes for every client that knows the merged account, or one that was grouped into it
/// before, that its subject has another one now.
pub(super) async fn remember_subjects(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    pair: Pair,
) -> Result<(), StoreError> {
    let backend = transaction.get_database_backend();
    let values = [pair.merged.as_uuid().into()];
    let statement = Statement::from_sql_and_values(backend, KNOWN_TO, values);
    let rows = transaction.query_all_raw(statement).await?;
    let clients: Result<Vec<String>, _> = rows.iter().map(|row| row.try_get("", "id")).collect();
    let now = millis(ambient.now());
    let row = |client| subject_change::ActiveModel {
        id: Set(ChangeId::new(ambient).as_uuid()),
        client_id: Set(client),
        from_account_id: Set(pair.merged.as_uuid()),
        to_account_id: Set(pair.kept.as_uuid()),
        at: Set(now),
        told_at: Set(None),
    };
    let rows: Vec<_> = clients?.into_iter().map(row).collect();
    if !rows.is_empty() {
        subject_change::Entity::insert_many(rows)
            .exec_without_returning(transaction)
            .await?;
    }
    Ok(())
}

const KNOWN_TO: &str = "
select client_id as id from authorization_grant where account_id = $1
union select client_id from consent where account_id = $1
union select client_id from subject_change where to_account_id = $1";

pub(super) async fn move_records(
    transaction: &impl ConnectionTrait,
    pair: Pair,
    now: Timestamp,
) -> Result<(), StoreError> {
    directory_record::Entity::update_many()
        .col_expr(
            directory_record::Column::AccountId,
            Expr::value(pair.kept.as_uuid()),
        )
        .filter(directory_record::Column::AccountId.eq(pair.merged.as_uuid()))
        .exec(transaction)
        .await?;
    // What services are told of this person changed; and whoever was shown what the kept
    // account would bring into a third one is shown it again.
    account::Entity::update_many()
        .col_expr(account::Column::UpdatedAt, Expr::value(millis(now)))
        .filter(account::Column::Id.eq(pair.kept.as_uuid()))
        .exec(transaction)
        .await?;
    Ok(())
}

/// A word against a link counts whichever account it was said in; where both said it,
/// that of the kept account stays.
pub(super) async fn move_reports(
    transaction: &impl ConnectionTrait,
    pair: Pair,
) -> Result<(), StoreError> {
    let backend = transaction.get_database_backend();
    let values = [pair.kept.as_uuid().into(), pair.merged.as_uuid().into()];
    let statement = Statement::from_sql_and_values(backend, MOVE_REPORTS, values);
    transaction.execute_raw(statement).await?;
    link_report::Entity::delete_many()
        .filter(link_report::Column::GuardianAccountId.eq(pair.merged.as_uuid()))
        .exec(transaction)
        .await?;
    Ok(())
}

const MOVE_REPORTS: &str = "
update link_report set guardian_account_id = $1
 where guardian_account_id = $2
   and pupil_account_id not in
       (select pupil_account_id from link_report where guardian_account_id = $1)";

/// The subjects of other providers that opened the merged account open the kept one; of an
/// issuer that it is bound to already, its own stays alone.
pub(super) async fn move_bonds(
    transaction: &impl ConnectionTrait,
    pair: Pair,
) -> Result<(), StoreError> {
    let backend = transaction.get_database_backend();
    let values = [pair.kept.as_uuid().into(), pair.merged.as_uuid().into()];
    let statement = Statement::from_sql_and_values(backend, MOVE_BONDS, values);
    transaction.execute_raw(statement).await?;
    delete::<bond::Entity>(transaction, bond::Column::AccountId, pair.merged.as_uuid()).await
}

const MOVE_BONDS: &str = "
update bond set account_id = $1
 where account_id = $2
   and issuer not in (select issuer from bond where account_id = $1)";

/// Schools that suspended their part of the merged account, and not of the kept one.
async fn moving_suspensions(
    transaction: &impl ConnectionTrait,
    pair: Pair,
) -> Result<Vec<String>, StoreError> {
    let of = async |account: AccountId| {
        suspension::Entity::find()
            .filter(suspension::Column::AccountId.eq(account.as_uuid()))
            .all(transaction)
            .await
    };
    let kept = of(pair.kept).await?;
    let merged = of(pair.merged).await?.into_iter();
    let moving = merged.filter(|row| kept.iter().all(|own| own.school_uai != row.school_uai));
    Ok(moving.map(|row| row.school_uai).collect())
}

/// A school that suspended its part goes on suspending it: what it asserts of either account
/// counts for nothing until it says so.
pub(super) async fn move_suspensions(
    transaction: &impl ConnectionTrait,
    pair: Pair,
) -> Result<(), StoreError> {
    let backend = transaction.get_database_backend();
    let values = [pair.kept.as_uuid().into(), pair.merged.as_uuid().into()];
    let statement = Statement::from_sql_and_values(backend, MOVE_SUSPENSIONS, values);
    transaction.execute_raw(statement).await?;
    delete::<suspension::Entity>(
        transaction,
        suspension::Column::AccountId,
        pair.merged.as_uuid(),
    )
    .await
}

const MOVE_SUSPENSIONS: &str = "
update suspension set account_id = $1
 where account_id = $2
   and school_uai not in (select school_uai from suspension where account_id = $1)";

/// Ends the merged account, and all that opens it or could.
pub(super) async fn end_merged(
    transaction: &impl ConnectionTrait,
    pair: Pair,
    now: Timestamp,
) -> Result<(), StoreError> {
    let merged = pair.merged.as_uuid();
    let none = || Expr::value(Option::<String>::None);
    account::Entity::update_many()
        .col_expr(account::Column::State, Expr::value("merged"))
        .col_expr(
            account::Column::MergedInto,
            Expr::value(pair.kept.as_uuid()),
        )
        .col_expr(account::Column::PasswordState, Expr::value("absent"))
        .col_expr(account::Column::PasswordHash, none())
        .col_expr(
            account::Column::PasswordSetAt,
            Expr::value(Option::<i64>::None),
        )
        .col_expr(account::Column::SessionsFrom, Expr::value(millis(now)))
        .col_expr(account::Column::UpdatedAt, Expr::value(millis(now)))
        .filter(account::Column::Id.eq(merged))
        .exec(transaction)
        .await?;
    delete::<contact::Entity>(transaction, contact::Column::AccountId, merged).await?;
    delete::<consent::Entity>(transaction, consent::Column::AccountId, merged).await?;
    delete::<activation::Entity>(transaction, activation::Column::AccountId, merged).await?;
    delete::<second_factor::Entity>(transaction, second_factor::Column::AccountId, merged).await?;
    delete::<recovery_code::Entity>(transaction, recovery_code::Column::AccountId, merged).await?;
    delete::<passkey::Entity>(transaction, passkey::Column::AccountId, merged).await?;
    delete::<account_change::Entity>(transaction, account_change::Column::AccountId, merged)
        .await?;
    end_what_is_open(transaction, merged, now).await
}

async fn end_what_is_open(
    transaction: &impl ConnectionTrait,
    merged: Uuid,
    now: Timestamp,
) -> Result<(), StoreError> {
    authorization_grant::Entity::update_many()
        .col_expr(
            authorization_grant::Column::RevokedAt,
            Expr::value(millis(now)),
        )
        .filter(authorization_grant::Column::AccountId.eq(merged))
        .filter(authorization_grant::Column::RevokedAt.is_null())
        .exec(transaction)
        .await?;
    proof::Entity::update_many()
        .col_expr(proof::Column::SpentAt, Expr::value(millis(now)))
        .filter(proof::Column::AccountId.eq(merged))
        .filter(proof::Column::SpentAt.is_null())
        .exec(transaction)
        .await?;
    Ok(())
}

async fn delete<E: EntityTrait>(
    transaction: &impl ConnectionTrait,
    column: E::Column,
    merged: Uuid,
) -> Result<(), StoreError> {
    E::delete_many()
        .filter(column.eq(merged))
        .exec(transaction)
        .await?;
    Ok(())
}
