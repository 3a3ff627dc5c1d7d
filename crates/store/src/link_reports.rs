//! « Je ne suis pas le représentant légal de cet élève »: a guardian's word against a
//! link, and what they say of it at the next sign-in (guide, section 4.4.5).
//!
//! The word is kept by accounts, not by records: whatever a school's file says again, the
//! link stays hidden until the guardian takes the word back.

use domain::{
    ambient::Ambient,
    audit::{Action, Actor, Target},
    ids::AccountId,
    name::PersonName,
};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult,
    QueryFilter, Statement, sea_query::Expr,
};
use serde_json::json;

use crate::{
    accounts,
    audit::{self, Event},
    entity::link_report,
    error::StoreError,
    people,
    time::millis,
};

/// What became of a report.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reported {
    /// The link is gone from account and claims.
    Done,
    /// It is the only link of the account, and stays (guide, section 4.4.5).
    OnlyLink,
    /// There is no such link, or it was reported before.
    NotTheirs,
}

/// A report that its guardian was not asked about yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenReport {
    /// The pupil's account.
    pub pupil: AccountId,
    /// The pupil's names.
    pub name: PersonName,
    /// Names of schools that answered that the link is right, and assert it.
    pub upheld_by: Vec<String>,
}

/// Reports the link of a guardian to a pupil, in a transaction. Two reports at once on
/// the last two links follow one another, and the second finds one link left.
///
/// # Errors
/// The database's.
pub async fn report(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    guardian: AccountId,
    pupil: AccountId,
) -> Result<Reported, StoreError> {
    accounts::lock(transaction, guardian).await?;
    let children = people::find_children(transaction, guardian).await?;
    if children.iter().all(|child| child.account != pupil) {
        return Ok(Reported::NotTheirs);
    }
    if children.len() == 1 {
        return Ok(Reported::OnlyLink);
    }
    let row = link_report::ActiveModel {
        guardian_account_id: Set(guardian.as_uuid()),
        pupil_account_id: Set(pupil.as_uuid()),
        reported_at: Set(millis(ambient.now())),
        asked_at: Set(None),
        answer: Set(None),
        answered_at: Set(None),
        answered_by_school: Set(None),
    };
    link_report::Entity::insert(row)
        .exec_without_returning(transaction)
        .await?;
    write_down(transaction, ambient, Action::LinkReported, guardian, pupil).await?;
    Ok(Reported::Done)
}

/// The pupils whose links a guardian reported.
///
/// # Errors
/// The database's.
pub async fn find_reported(
    connection: &impl ConnectionTrait,
    guardian: AccountId,
) -> Result<Vec<AccountId>, StoreError> {
    let rows = link_report::Entity::find()
        .filter(link_report::Column::GuardianAccountId.eq(guardian.as_uuid()))
        .all(connection)
        .await?;
    let pupil = |row: link_report::Model| AccountId::from_uuid(row.pupil_account_id);
    Ok(rows.into_iter().map(pupil).collect())
}

/// Reports of before this sign-in that are to be asked about: oldest first, of links that
/// a school still asserts.
///
/// # Errors
/// The database's.
pub async fn find_open(
    connection: &impl ConnectionTrait,
    guardian: AccountId,
    signed_in_at: Timestamp,
) -> Result<Vec<OpenReport>, StoreError> {
    let values = [guardian.as_uuid().into(), millis(signed_in_at).into()];
    let backend = connection.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, OPEN, values);
    let rows = OpenRow::find_by_statement(statement)
        .all(connection)
        .await?;
    let mut open = Vec::new();
    for row in rows {
        let upheld_by = upholding(connection, guardian, row.pupil_id).await?;
        open.push(from_row(row, upheld_by));
    }
    Ok(open)
}

async fn upholding(
    connection: &impl ConnectionTrait,
    guardian: AccountId,
    pupil: uuid::Uuid,
) -> Result<Vec<String>, StoreError> {
    let values = [guardian.as_uuid().into(), pupil.into()];
    let backend = connection.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, UPHOLDING, values);
    let rows = connection.query_all_raw(statement).await?;
    let names: Result<_, _> = rows.iter().map(|row| row.try_get("", "name")).collect();
    Ok(names?)
}

/// Upholds a report that was asked about: it is not asked about again. `false` where it
/// was answered before.
///
/// # Errors
/// The database's.
pub async fn keep(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    guardian: AccountId,
    pupil: AccountId,
    signed_in_at: Timestamp,
) -> Result<bool, StoreError> {
    let kept = link_report::Entity::update_many()
        .col_expr(
            link_report::Column::AskedAt,
            Expr::value(millis(ambient.now())),
        )
        .filter(is_open(guardian, pupil, signed_in_at))
        .exec(transaction)
        .await?;
    if kept.rows_affected == 1 {
        write_down(
            transaction,
            ambient,
            Action::LinkReportKept,
            guardian,
            pupil,
        )
        .await?;
    }
    Ok(kept.rows_affected == 1)
}

/// Takes a report back that was asked about: the link counts again. `false` where it was
/// answered before.
///
/// # Errors
/// The database's.
pub async fn restore(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    guardian: AccountId,
    pupil: AccountId,
    signed_in_at: Timestamp,
) -> Result<bool, StoreError> {
    let removed = link_report::Entity::delete_many()
        .filter(is_open(guardian, pupil, signed_in_at))
        .exec(transaction)
        .await?;
    if removed.rows_affected == 1 {
        write_down(transaction, ambient, Action::LinkRestored, guardian, pupil).await?;
    }
    Ok(removed.rows_affected == 1)
}

const OPEN: &str = "
select pupil.id as pupil_id, pupil.given_name, pupil.family_name
  from link_report report
  join account pupil on pupil.id = report.pupil_account_id
 where report.guardian_account_id = $1 and report.asked_at is null and report.reported_at < $2
   and pupil.state in ('known', 'active', 'suspended')
   and exists (select 1 from directory_record mine
                 join record_link link on link.guardian_record_id = mine.id and link.ended_at is null
                 join directory_record theirs on theirs.id = link.pupil_record_id
                      and theirs.ended_at is null
                where mine.account_id = $1 and mine.ended_at is null
                  and theirs.account_id = pupil.id)
 order by report.reported_at, pupil.id";

const UPHOLDING: &str = "
select school.name
  from link_report_answer answer
  join school on school.uai = answer.school_uai
 where answer.guardian_account_id = $1 and answer.pupil_account_id = $2
   and answer.answer = 'upheld'
   and exists (select 1 from directory_record mine
                 join record_link link on link.guardian_record_id = mine.id and link.ended_at is null
                 join directory_record theirs on theirs.id = link.pupil_record_id
                      and theirs.ended_at is null
                where mine.account_id = $1 and mine.ended_at is null
                  and mine.school_uai = answer.school_uai and theirs.account_id = $2)
 order by school.name, school.uai";

#[derive(FromQueryResult)]
struct OpenRow {
    pupil_id: uuid::Uuid,
    given_name: String,
    family_name: String,
}

fn from_row(row: OpenRow, upheld_by: Vec<String>) -> OpenReport {
    OpenReport {
        pupil: AccountId::from_uuid(row.pupil_id),
        name: PersonName {
            given: row.given_name,
            family: row.family_name,
        },
        upheld_by,
    }
}

fn is_open(guardian: AccountId, pupil: AccountId, signed_in_at: Timestamp) -> Condition {
    Condition::all()
        .add(link_report::Column::GuardianAccountId.eq(guardian.as_uuid()))
        .add(link_report::Column::PupilAccountId.eq(pupil.as_uuid()))
        .add(link_report::Column::AskedAt.is_null())
        .add(link_report::Column::ReportedAt.lt(millis(signed_in_at)))
}

async fn write_down(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    action: Action,
    guardian: AccountId,
    pupil: AccountId,
) -> Result<(), StoreError> {
    let event = Event::new(action, Actor::Account(guardian), Target::Account(guardian));
    let event = event.with(json!({ "pupil": pupil }));
    audit::record(transaction, ambient, event).await
}
