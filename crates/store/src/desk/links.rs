//! Links between people of a school, as the school's records have them.

use domain::{
    account::{AccountState, PersonKind},
    ambient::Ambient,
    audit::Action,
    ids::AccountId,
    link::Relationship,
    name::PersonName,
    school::Uai,
};
use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryResult,
    sea_query::Expr,
};
use serde_json::json;

use super::{
    Asked, Desk, Person, hold,
    person::{malformed, record_ids},
};
use crate::{
    audit,
    entity::record_link,
    error::StoreError,
    people,
    time::{instant, millis},
};

/// How a link stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LinkEnd {
    /// The school's file asserts it.
    Asserted,
    /// The school ended it in the console, while its file asserts it.
    Barred,
}

/// A link of somebody, seen from them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// The account at the other end.
    pub account: AccountId,
    /// What they sign in with.
    pub identifier: String,
    /// What their account has come to.
    pub state: AccountState,
    /// Their names, as the school has them.
    pub name: PersonName,
    /// A pupil's class.
    pub class: Option<String>,
    /// What the guardian is to the pupil.
    pub relationship: Relationship,
    /// How it stands.
    pub end: LinkEnd,
    /// When the guardian reported it, if they did.
    pub reported_at: Option<Timestamp>,
}

/// The links of a person: both ends are the school's.
///
/// # Errors
/// The database's.
pub async fn find_links(
    connection: &impl ConnectionTrait,
    school: &Uai,
    person: &Person,
) -> Result<Vec<Link>, StoreError> {
    let sql = match person.account.kind {
        PersonKind::Guardian => CHILDREN,
        PersonKind::Pupil => GUARDIANS,
        PersonKind::Officer | PersonKind::Administrator => return Ok(Vec::new()),
    };
    let mut asked = Asked::new(sql);
    asked.value(person.account.id.as_uuid());
    asked.value(school.as_str());
    let rows = asked.all(connection).await?;
    let mut links: Vec<Link> = Vec::new();
    for row in &rows {
        let link = link(row)?;
        // Two files of one school may say the same; the one that stands comes first.
        if links.iter().all(|known| known.account != link.account) {
            links.push(link);
        }
    }
    Ok(links)
}

const CHILDREN: &str = "
select other.account_id, owner.identifier, owner.state, other.given_name, other.family_name,
       other.class_name, link.relationship, link.barred_at, report.reported_at
  from directory_record mine
  join record_link link on link.guardian_record_id = mine.id
       and (link.ended_at is null or link.barred_at is not null and link.filed_ended_at is null)
  join directory_record other on other.id = link.pupil_record_id and other.ended_at is null
       and other.school_uai = $2
  join account owner on owner.id = other.account_id
  left join link_report report on report.guardian_account_id = mine.account_id
       and report.pupil_account_id = other.account_id
 where mine.account_id = $1 and mine.school_uai = $2 and mine.ended_at is null
 order by case when link.barred_at is null then 0 else 1 end, other.given_name_normal, other.id";

const GUARDIANS: &str = "
select other.account_id, owner.identifier, owner.state, other.given_name, other.family_name,
       other.class_name, link.relationship, link.barred_at, report.reported_at
  from directory_record mine
  join record_link link on link.pupil_record_id = mine.id
       and (link.ended_at is null or link.barred_at is not null and link.filed_ended_at is null)
  join directory_record other on other.id = link.guardian_record_id and other.ended_at is null
       and other.school_uai = $2
  join account owner on owner.id = other.account_id
  left join link_report report on report.guardian_account_id = other.account_id
       and report.pupil_account_id = mine.account_id
 where mine.account_id = $1 and mine.school_uai = $2 and mine.ended_at is null
 order by case when link.barred_at is null then 0 else 1 end, link.legal_rank,
       other.given_name_normal, other.id";

fn link(row: &QueryResult) -> Result<Link, StoreError> {
    let state: String = row.try_get("", "state")?;
    let relationship: String = row.try_get("", "relationship")?;
    let barred: Option<i64> = row.try_get("", "barred_at")?;
    let reported: Option<i64> = row.try_get("", "reported_at")?;
    Ok(Link {
        account: AccountId::from_uuid(row.try_get("", "account_id")?),
        identifier: row.try_get("", "identifier")?,
        state: AccountState::parse(&state, None).ok_or(malformed("account_id"))?,
        name: PersonName {
            given: row.try_get("", "given_name")?,
            family: row.try_get("", "family_name")?,
        },
        class: row.try_get("", "class_name")?,
        relationship: Relationship::parse(&relationship).ok_or(malformed("relationship"))?,
        end: match barred {
            None => LinkEnd::Asserted,
            Some(_) => LinkEnd::Barred,
        },
        reported_at: reported.map(instant).transpose()?,
    })
}

/// Ends the school's link between a guardian and a pupil, whatever its file says from now
/// on. Where another school asserts it too, it stays in the account. The guardian as they
/// are; none, with nothing done, where there is no such link of the school.
///
/// # Errors
/// The database's.
pub async fn bar(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    desk: &Desk,
    guardian: AccountId,
    pupil: AccountId,
) -> Result<Option<Person>, StoreError> {
    let Some(person) = hold(transaction, desk, guardian).await? else {
        return Ok(None);
    };
    if !set_barred(transaction, desk, guardian, pupil, ambient.now()).await? {
        return Ok(None);
    }
    let details = json!({ "pupil": pupil });
    let mut events = vec![desk.event(Action::LinkBarred, guardian, details.clone())];
    if !people::is_linked(transaction, guardian, pupil).await? {
        events.push(desk.event(Action::LinkEnded, guardian, details));
    }
    audit::record_all(transaction, ambient, events).await?;
    Ok(Some(person))
}

/// Lets a link count again that the school had ended, as its file says it. The guardian as
/// they are; none, with nothing done, where there is no such link of the school, or its file
/// has ended it meanwhile.
///
/// # Errors
/// The database's.
pub async fn unbar(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    desk: &Desk,
    guardian: AccountId,
    pupil: AccountId,
) -> Result<Option<Person>, StoreError> {
    let Some(person) = hold(transaction, desk, guardian).await? else {
        return Ok(None);
    };
    if !lift_bar(transaction, desk, guardian, pupil).await? {
        return Ok(None);
    }
    let event = desk.event(Action::LinkUnbarred, guardian, json!({ "pupil": pupil }));
    audit::record(transaction, ambient, event).await?;
    Ok(Some(person))
}

/// Bars links of the school between two accounts that stand. Whether there was one.
async fn set_barred(
    transaction: &impl ConnectionTrait,
    desk: &Desk,
    guardian: AccountId,
    pupil: AccountId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    use record_link::Column as C;
    let at = millis(at);
    let barred = record_link::Entity::update_many()
        .col_expr(C::EndedAt, Expr::value(at))
        .col_expr(C::BarredAt, Expr::value(at))
        .col_expr(C::FiledEndedAt, Expr::value(Option::<i64>::None))
        .filter(between(transaction, desk, guardian, pupil).await?)
        .filter(C::EndedAt.is_null())
        .exec(transaction)
        .await?;
    Ok(barred.rows_affected > 0)
}

/// Leaves what the files say of barred links of the school between two accounts. Whether one
/// of them asserts it.
async fn lift_bar(
    transaction: &impl ConnectionTrait,
    desk: &Desk,
    guardian: AccountId,
    pupil: AccountId,
) -> Result<bool, StoreError> {
    use record_link::Column as C;
    let barred = between(transaction, desk, guardian, pupil).await?;
    let barred = barred.add(C::BarredAt.is_not_null());
    let asserted = record_link::Entity::find()
        .filter(barred.clone())
        .filter(C::FiledEndedAt.is_null())
        .count(transaction)
        .await?;
    if asserted == 0 {
        return Ok(false);
    }
    record_link::Entity::update_many()
        .col_expr(C::EndedAt, Expr::col(C::FiledEndedAt))
        .col_expr(C::BarredAt, Expr::value(Option::<i64>::None))
        .col_expr(C::FiledEndedAt, Expr::value(Option::<i64>::None))
        .filter(barred)
        .exec(transaction)
        .await?;
    Ok(true)
}

async fn between(
    transaction: &impl ConnectionTrait,
    desk: &Desk,
    guardian: AccountId,
    pupil: AccountId,
) -> Result<Condition, StoreError> {
    let guardians = record_ids(transaction, &desk.school, guardian).await?;
    let pupils = record_ids(transaction, &desk.school, pupil).await?;
    Ok(Condition::all()
        .add(record_link::Column::GuardianRecordId.is_in(guardians))
        .add(record_link::Column::PupilRecordId.is_in(pupils)))
}
