//! Classes of a school, and who of a class may be given a new provisional password.

use std::collections::HashSet;

use domain::{
    account::{AccountState, PersonKind},
    identifier::AccountIdentifier,
    ids::AccountId,
    name::PersonName,
    school::Uai,
};
use sea_orm::{ConnectionTrait, QueryResult};

use super::{Asked, person::malformed};
use crate::error::StoreError;

/// A class.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Class {
    /// Its name in the school's file.
    pub name: String,
    /// How many pupils it has.
    pub pupils: u64,
    /// How many of them never activated their account.
    pub waiting: u64,
}

/// Somebody of a class: a pupil, or a pupil's guardian.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// Their account.
    pub account: AccountId,
    /// What they sign in with.
    pub identifier: AccountIdentifier,
    /// The names that the school has.
    pub name: PersonName,
    /// What their account has come to.
    pub state: AccountState,
}

/// The classes of a school, by name.
///
/// # Errors
/// The database's.
pub async fn find_classes(
    connection: &impl ConnectionTrait,
    school: &Uai,
) -> Result<Vec<Class>, StoreError> {
    let mut asked = Asked::new(CLASSES);
    asked.value(school.as_str());
    let rows = asked.all(connection).await?;
    let count = |row: &QueryResult, column| -> Result<u64, StoreError> {
        let count: i64 = row.try_get("", column)?;
        Ok(count.unsigned_abs())
    };
    let class = |row: &QueryResult| {
        Ok(Class {
            name: row.try_get("", "name")?,
            pupils: count(row, "pupils")?,
            waiting: count(row, "waiting")?,
        })
    };
    rows.iter().map(class).collect()
}

const CLASSES: &str = "
select record.class_name as name, count(distinct owner.id) as pupils,
       count(distinct case when owner.state = 'known' then owner.id end) as waiting
  from directory_record record
  join account owner on owner.id = record.account_id
 where record.school_uai = $1 and record.kind = 'pupil' and record.ended_at is null
   and record.class_name is not null
 group by record.class_name
 order by record.class_name";

/// The pupils of a class, or the guardians of its pupils, by name, each once.
///
/// # Errors
/// The database's.
pub async fn find_members(
    connection: &impl ConnectionTrait,
    school: &Uai,
    class: &str,
    kind: PersonKind,
) -> Result<Vec<Member>, StoreError> {
    let sql = match kind {
        PersonKind::Pupil => PUPILS,
        PersonKind::Guardian => GUARDIANS,
        PersonKind::Officer | PersonKind::Administrator => return Ok(Vec::new()),
    };
    let mut asked = Asked::new(sql);
    asked.value(school.as_str());
    asked.value(class);
    let rows = asked.all(connection).await?;
    let members: Vec<Member> = rows.iter().map(member).collect::<Result<_, _>>()?;
    let mut seen = HashSet::new();
    let first = |member: &Member| seen.insert(member.account);
    Ok(members.into_iter().filter(first).collect())
}

const PUPILS: &str = "
select record.given_name, record.family_name, owner.id, owner.identifier, owner.state
  from directory_record record
  join account owner on owner.id = record.account_id
 where record.school_uai = $1 and record.class_name = $2 and record.kind = 'pupil'
   and record.ended_at is null
 order by record.family_name_normal, record.given_name_normal, record.id";

const GUARDIANS: &str = "
select mine.given_name, mine.family_name, owner.id, owner.identifier, owner.state
  from directory_record pupil
  join record_link link on link.pupil_record_id = pupil.id and link.ended_at is null
  join directory_record mine on mine.id = link.guardian_record_id and mine.ended_at is null
       and mine.school_uai = $1
  join account owner on owner.id = mine.account_id
 where pupil.school_uai = $1 and pupil.class_name = $2 and pupil.kind = 'pupil'
   and pupil.ended_at is null
 order by pupil.family_name_normal, pupil.given_name_normal, mine.family_name_normal,
       mine.given_name_normal, mine.id";

fn member(row: &QueryResult) -> Result<Member, StoreError> {
    let state: String = row.try_get("", "state")?;
    let identifier: String = row.try_get("", "identifier")?;
    let identifier = AccountIdentifier::parse(&identifier);
    Ok(Member {
        account: AccountId::from_uuid(row.try_get("", "id")?),
        identifier: identifier.map_err(|_| malformed("account_id"))?,
        name: PersonName {
            given: row.try_get("", "given_name")?,
            family: row.try_get("", "family_name")?,
        },
        state: AccountState::parse(&state, None).ok_or(malformed("account_id"))?,
    })
}
