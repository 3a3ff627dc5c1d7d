//! Links that guardians reported, and what the school answers (guide, section 4.4.5).
//!
//! Each school that asserts a link answers for itself, and once: what another one answered
//! takes nothing from its list. Who ended its part of the link asserts it no longer.

use domain::{
    ambient::Ambient, audit::Action, desk::ReportAnswer, ids::AccountId, name::PersonName,
    school::Uai,
};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryResult,
    sea_query::{Expr, OnConflict},
};
use serde_json::json;

use super::{Asked, Desk, Person, hold, links::bar};
use crate::{
    audit,
    entity::{link_report, link_report_answer},
    error::StoreError,
    people,
    time::{instant, millis},
};

/// The most reports of a list.
const MOST: usize = 200;

/// A report that the school has not answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReportedLink {
    /// Who reported it.
    pub guardian: AccountId,
    /// The guardian's names, as the school has them.
    pub guardian_name: PersonName,
    /// The pupil.
    pub pupil: AccountId,
    /// The pupil's names, as the school has them.
    pub pupil_name: PersonName,
    /// The pupil's class.
    pub class: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// Reports of links that the school asserts, oldest first, which it has not answered.
///
/// # Errors
/// The database's.
pub async fn find_reports(
    connection: &impl ConnectionTrait,
    school: &Uai,
) -> Result<Vec<ReportedLink>, StoreError> {
    let mut asked = Asked::new(REPORTS);
    asked.value(school.as_str());
    let rows = asked.all(connection).await?;
    let mut reports: Vec<ReportedLink> = Vec::new();
    for row in &rows {
        let report = report(row)?;
        let is_known =
            |known: &ReportedLink| known.guardian == report.guardian && known.pupil == report.pupil;
        if !reports.iter().any(is_known) {
            reports.push(report);
        }
    }
    reports.truncate(MOST);
    Ok(reports)
}

/// How many there are.
///
/// # Errors
/// The database's.
pub async fn count_reports(
    connection: &impl ConnectionTrait,
    school: &Uai,
) -> Result<usize, StoreError> {
    Ok(find_reports(connection, school).await?.len())
}

/// An end that was answered is none where the school asserts the link all the same. The
/// columns of the report itself are those of a node of the version before.
const REPORTS: &str = "
select guardian.account_id as guardian_id, guardian.given_name as guardian_given,
       guardian.family_name as guardian_family, pupil.account_id as pupil_id,
       pupil.given_name as pupil_given, pupil.family_name as pupil_family, pupil.class_name,
       report.reported_at
  from directory_record pupil
  join link_report report on report.pupil_account_id = pupil.account_id
       and (report.answered_by_school is null or report.answered_by_school <> $1
            or report.answer <> 'upheld')
  join directory_record guardian on guardian.account_id = report.guardian_account_id
       and guardian.school_uai = $1 and guardian.ended_at is null
  join record_link link on link.guardian_record_id = guardian.id
       and link.pupil_record_id = pupil.id and link.ended_at is null
 where pupil.school_uai = $1 and pupil.kind = 'pupil' and pupil.ended_at is null
   and not exists (select 1 from link_report_answer answer
                    where answer.guardian_account_id = report.guardian_account_id
                      and answer.pupil_account_id = report.pupil_account_id
                      and answer.school_uai = $1 and answer.answer = 'upheld')
 order by report.reported_at, pupil.id";

fn report(row: &QueryResult) -> Result<ReportedLink, StoreError> {
    let name = |given: &str, family: &str| -> Result<PersonName, StoreError> {
        Ok(PersonName {
            given: row.try_get("", given)?,
            family: row.try_get("", family)?,
        })
    };
    Ok(ReportedLink {
        guardian: AccountId::from_uuid(row.try_get("", "guardian_id")?),
        guardian_name: name("guardian_given", "guardian_family")?,
        pupil: AccountId::from_uuid(row.try_get("", "pupil_id")?),
        pupil_name: name("pupil_given", "pupil_family")?,
        class: row.try_get("", "class_name")?,
        at: instant(row.try_get("", "reported_at")?)?,
    })
}

/// Answers a report of a link of the school. Ended: the school's link is barred, and where
/// no school asserts it any more there is nothing left to report. Upheld: the guardian is
/// told, and asked again at the next sign-in; the link stays hidden until they take their
/// word back. None, with nothing done, where there is no such report.
///
/// # Errors
/// The database's.
pub async fn answer_report(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    desk: &Desk,
    guardian: AccountId,
    pupil: AccountId,
    answer: ReportAnswer,
) -> Result<Option<Person>, StoreError> {
    let Some(person) = hold(transaction, desk, guardian).await? else {
        return Ok(None);
    };
    let reports = find_reports(transaction, &desk.school).await?;
    let is_open = |report: &ReportedLink| report.guardian == guardian && report.pupil == pupil;
    if !reports.iter().any(is_open) {
        return Ok(None);
    }
    let details = json!({ "pupil": pupil, "answer": answer.as_str() });
    let event = desk.event(Action::LinkReportAnswered, guardian, details);
    audit::record(transaction, ambient, event).await?;
    mark(transaction, ambient, desk, guardian, pupil, answer).await?;
    if answer == ReportAnswer::Ended {
        bar(transaction, ambient, desk, guardian, pupil).await?;
        forget_if_ended(transaction, guardian, pupil).await?;
    }
    Ok(Some(person))
}

async fn mark(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    desk: &Desk,
    guardian: AccountId,
    pupil: AccountId,
    answer: ReportAnswer,
) -> Result<(), StoreError> {
    use link_report::Column as C;
    let mut update = link_report::Entity::update_many()
        .col_expr(C::Answer, Expr::value(answer.as_str()))
        .col_expr(C::AnsweredAt, Expr::value(millis(ambient.now())))
        .col_expr(C::AnsweredBySchool, Expr::value(desk.school.as_str()))
        .filter(C::GuardianAccountId.eq(guardian.as_uuid()))
        .filter(C::PupilAccountId.eq(pupil.as_uuid()));
    if answer == ReportAnswer::Upheld {
        update = update.col_expr(C::AskedAt, Expr::value(Option::<i64>::None));
    }
    update.exec(transaction).await?;
    let row = link_report_answer::ActiveModel {
        guardian_account_id: Set(guardian.as_uuid()),
        pupil_account_id: Set(pupil.as_uuid()),
        school_uai: Set(desk.school.as_str().to_owned()),
        answer: Set(answer.as_str().to_owned()),
        answered_at: Set(millis(ambient.now())),
    };
    link_report_answer::Entity::insert(row)
        .on_conflict(replace())
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

fn replace() -> OnConflict {
    use link_report_answer::Column::{
        Answer, AnsweredAt, GuardianAccountId, PupilAccountId, SchoolUai,
    };
    OnConflict::columns([GuardianAccountId, PupilAccountId, SchoolUai])
        .update_columns([Answer, AnsweredAt])
        .to_owned()
}

/// A word against a link that no school asserts is not needed any more; where one does, it
/// goes on hiding it.
async fn forget_if_ended(
    transaction: &impl ConnectionTrait,
    guardian: AccountId,
    pupil: AccountId,
) -> Result<(), StoreError> {
    if people::is_linked(transaction, guardian, pupil).await? {
        return Ok(());
    }
    link_report::Entity::delete_by_id((guardian.as_uuid(), pupil.as_uuid()))
        .exec(transaction)
        .await?;
    Ok(())
}
