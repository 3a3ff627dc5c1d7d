//! Looking for people of a school: by name, class, identifier, child.

use domain::{
    account::{AccountState, PersonKind},
    ids::AccountId,
    name::{PersonName, normalise},
    school::Uai,
};
use sea_orm::{ConnectionTrait, QueryResult};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Asked, person::kind, person::malformed};
use crate::error::StoreError;

/// What is looked for; what is not said is not asked.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Search {
    /// The beginning of a name, given name or family name first, or a whole identifier.
    pub name: Option<String>,
    /// A class.
    pub class: Option<String>,
    /// The beginning of a child's name: their guardians are found.
    pub child: Option<String>,
    /// Pupils or guardians alone.
    pub kind: Option<PersonKind>,
}

impl Search {
    /// What it looks by, for the audit trail: never what was typed.
    pub fn criteria(&self) -> Vec<&'static str> {
        let said = [
            ("name", self.name.is_some()),
            ("class", self.class.is_some()),
            ("child", self.child.is_some()),
            ("kind", self.kind.is_some()),
        ];
        let said = said.into_iter().filter(|(_, is_said)| *is_said);
        said.map(|(what, _)| what).collect()
    }
}

/// Somebody who was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// Their account.
    pub account: AccountId,
    /// Pupil or guardian.
    pub kind: PersonKind,
    /// The names that the school has.
    pub name: PersonName,
    /// A pupil's class.
    pub class: Option<String>,
    /// What they sign in with.
    pub identifier: String,
    /// What their account has come to.
    pub state: AccountState,
    /// Whether the school suspended its part.
    pub is_suspended_here: bool,
    at: Cursor,
}

/// Where a list goes on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Cursor {
    family: String,
    given: String,
    record: Uuid,
}

const COLUMNS: &str = "
select record.id, record.kind, record.given_name, record.family_name,
       record.given_name_normal, record.family_name_normal, record.class_name,
       owner.id as account_id, owner.identifier, owner.state,
       (select count(*) from suspension closed
         where closed.account_id = owner.id and closed.school_uai = record.school_uai) as suspended
  from directory_record record
  join account owner on owner.id = record.account_id";

/// People of the school, by name, at most so many; and where the list goes on.
///
/// # Errors
/// The database's.
pub async fn find(
    connection: &impl ConnectionTrait,
    school: &Uai,
    search: &Search,
    after: Option<&Cursor>,
    most: usize,
) -> Result<(Vec<Found>, Option<Cursor>), StoreError> {
    let mut asked = Asked::new(COLUMNS);
    let uai = asked.value(school.as_str());
    asked.and(&format!(
        " where record.school_uai = {uai} and record.ended_at is null"
    ));
    narrow(&mut asked, search, &uai);
    if let Some(after) = after {
        let family = asked.value(after.family.as_str());
        let given = asked.value(after.given.as_str());
        let record = asked.value(after.record);
        asked.and(&format!(
            " and (record.family_name_normal, record.given_name_normal, record.id) \
             > ({family}, {given}, {record})"
        ));
    }
    // One more than is shown says whether there are more.
    asked.and(&format!(
        " order by record.family_name_normal, record.given_name_normal, record.id limit {}",
        most + 1
    ));
    let rows = asked.all(connection).await?;
    let mut found = rows.iter().map(found).collect::<Result<Vec<_>, _>>()?;
    let is_more = found.len() > most;
    found.truncate(most);
    let next = found.last().filter(|_| is_more).map(|last| last.at.clone());
    Ok((found, next))
}

fn narrow(asked: &mut Asked, search: &Search, uai: &str) {
    if let Some(name) = &search.name {
        let beginning = asked.value(normalise(name));
        let identifier = asked.value(name.trim().to_lowercase());
        asked.and(&format!(
            " and ({} or owner.identifier = {identifier})",
            begins("record", &beginning)
        ));
    }
    if let Some(class) = &search.class {
        let class = asked.value(class.as_str());
        asked.and(&format!(" and record.class_name = {class}"));
    }
    if let Some(kind) = search.kind {
        let kind = asked.value(kind.as_str());
        asked.and(&format!(" and record.kind = {kind}"));
    }
    if let Some(child) = &search.child {
        let beginning = asked.value(normalise(child));
        asked.and(&format!(
            " and exists (select 1 from record_link link \
               join directory_record child on child.id = link.pupil_record_id \
              where link.guardian_record_id = record.id and link.ended_at is null \
                and child.ended_at is null and child.school_uai = {uai} and {})",
            begins("child", &beginning)
        ));
    }
}

/// Whether a record's names begin so, whichever comes first. A school's records are few:
/// what narrows them is the school, by its index.
fn begins(record: &str, beginning: &str) -> String {
    let either = |first: &str, second: &str| {
        format!(
            "substr({record}.{first} || ' ' || {record}.{second}, 1, length({beginning})) \
             = {beginning}"
        )
    };
    format!(
        "(length({beginning}) > 0 and ({} or {}))",
        either("family_name_normal", "given_name_normal"),
        either("given_name_normal", "family_name_normal")
    )
}

fn found(row: &QueryResult) -> Result<Found, StoreError> {
    let state: String = row.try_get("", "state")?;
    let suspended: i64 = row.try_get("", "suspended")?;
    let at = Cursor {
        family: row.try_get("", "family_name_normal")?,
        given: row.try_get("", "given_name_normal")?,
        record: row.try_get("", "id")?,
    };
    Ok(Found {
        account: AccountId::from_uuid(row.try_get("", "account_id")?),
        kind: kind(row, "kind")?,
        name: PersonName {
            given: row.try_get("", "given_name")?,
            family: row.try_get("", "family_name")?,
        },
        class: row.try_get("", "class_name")?,
        identifier: row.try_get("", "identifier")?,
        state: AccountState::parse(&state, None).ok_or(malformed("account_id"))?,
        is_suspended_here: suspended > 0,
        at,
    })
}
