//! What claims say about a person, read fresh.

use std::collections::BTreeSet;

use domain::{
    account::{Account, PersonKind},
    claims::{CurrentContact, PersonFacts, Relative, Wanted},
    contact::{Channel, ContactState},
    ids::AccountId,
    link::Relationship,
    name::PersonName,
    school::{School, SchoolLevel, Uai},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, Statement};
use serde_json::{Map, Value};

use crate::{
    accounts, appointments,
    entity::{account, contact},
    error::StoreError,
    suspended_part::counts,
    time::date,
};

/// A person as the row of their account has them.
#[derive(Clone, Debug)]
pub struct Person {
    /// Their account.
    pub account: Account,
    additional: Map<String, Value>,
}

impl Person {
    pub(crate) fn from_row(row: account::Model) -> Result<Self, StoreError> {
        Ok(Self {
            account: accounts::from_row(&row)?,
            additional: additional(row.additional_claims)?,
        })
    }

    fn into_facts(self) -> PersonFacts {
        let account = self.account;
        PersonFacts {
            account: account.id,
            kind: account.kind,
            name: account.name,
            birth_date: account.birth_date,
            email: None,
            phone: None,
            locale: account.locale,
            updated_at: account.updated_at,
            additional: self.additional,
            schools: Vec::new(),
            children: Vec::new(),
            guardians: Vec::new(),
        }
    }
}

/// The person of an account.
///
/// # Errors
/// The database's.
pub async fn find_by_id(
    connection: &impl ConnectionTrait,
    id: AccountId,
) -> Result<Option<Person>, StoreError> {
    let row = account::Entity::find_by_id(id.as_uuid())
        .one(connection)
        .await?;
    row.map(Person::from_row).transpose()
}

/// The facts of a person that the wanted claims need: each of contacts, links and
/// schools costs a read, and is left empty where no claim asks for it.
///
/// # Errors
/// The database's.
pub async fn find_facts(
    connection: &impl ConnectionTrait,
    person: Person,
    wanted: &Wanted,
) -> Result<PersonFacts, StoreError> {
    let mut facts = person.into_facts();
    if wanted.needs_contacts() {
        add_contacts(connection, &mut facts).await?;
    }
    if wanted.needs_family() {
        add_family(connection, &mut facts).await?;
    }
    Ok(facts)
}

/// All facts of the person of an account, for pages of their own.
///
/// # Errors
/// The database's.
pub async fn find_whole(
    connection: &impl ConnectionTrait,
    id: AccountId,
) -> Result<Option<PersonFacts>, StoreError> {
    let Some(person) = find_by_id(connection, id).await? else {
        return Ok(None);
    };
    let mut facts = person.into_facts();
    add_contacts(connection, &mut facts).await?;
    add_family(connection, &mut facts).await?;
    Ok(Some(facts))
}

/// The schools of a person: their own, those of their children, and those that they are
/// officer of.
///
/// # Errors
/// The database's.
pub async fn find_schools(
    connection: &impl ConnectionTrait,
    id: AccountId,
) -> Result<BTreeSet<Uai>, StoreError> {
    let own = schools(connection, id).await?.into_iter();
    let children = find_children(connection, id).await?.into_iter();
    let theirs = children.flat_map(|child| child.schools);
    let officer = appointments::powers_of(connection, id).await?;
    let officer = officer.schools().iter().cloned();
    let known = own.chain(theirs).map(|school| school.uai);
    Ok(known.chain(officer).collect())
}

async fn add_contacts(
    connection: &impl ConnectionTrait,
    facts: &mut PersonFacts,
) -> Result<(), StoreError> {
    let contacts = contact::Entity::find()
        .filter(contact::Column::AccountId.eq(facts.account.as_uuid()))
        .filter(contact::Column::Slot.eq("current"))
        .all(connection)
        .await?;
    facts.email = current(&contacts, Channel::Email);
    facts.phone = current(&contacts, Channel::Sms);
    Ok(())
}

async fn add_family(
    connection: &impl ConnectionTrait,
    facts: &mut PersonFacts,
) -> Result<(), StoreError> {
    match facts.kind {
        PersonKind::Guardian => {
            facts.children = find_children(connection, facts.account).await?;
        }
        PersonKind::Pupil => {
            facts.guardians = find_guardians(connection, facts.account).await?;
            facts.schools = schools(connection, facts.account).await?;
        }
        PersonKind::Officer | PersonKind::Administrator => {}
    }
    Ok(())
}

/// The children of a guardian's account: active links that the guardian did not report.
///
/// # Errors
/// The database's.
pub async fn find_children(
    connection: &impl ConnectionTrait,
    guardian: AccountId,
) -> Result<Vec<Relative>, StoreError> {
    from_rows(relatives(connection, CHILDREN, guardian).await?)
}

/// The guardians of a pupil's account, by the same rule.
///
/// # Errors
/// The database's.
pub async fn find_guardians(
    connection: &impl ConnectionTrait,
    pupil: AccountId,
) -> Result<Vec<Relative>, StoreError> {
    from_rows(relatives(connection, GUARDIANS, pupil).await?)
}

/// Whether any school asserts that one account represents the other, whatever its guardian
/// says of it.
///
/// # Errors
/// The database's.
pub async fn is_linked(
    connection: &impl ConnectionTrait,
    guardian: AccountId,
    pupil: AccountId,
) -> Result<bool, StoreError> {
    let statement = Statement::from_sql_and_values(
        connection.get_database_backend(),
        LINKED,
        [guardian.as_uuid().into(), pupil.as_uuid().into()],
    );
    Ok(connection.query_one_raw(statement).await?.is_some())
}

const LINKED: &str = "
select 1 as found
  from directory_record mine
  join record_link link on link.guardian_record_id = mine.id and link.ended_at is null
  join directory_record theirs on theirs.id = link.pupil_record_id and theirs.ended_at is null
 where mine.account_id = $1 and mine.ended_at is null and theirs.account_id = $2
 limit 1";

/// Children of a guardian's account, a row for each school of each: links that a source
/// still asserts, between records that have not ended, of pupils whose account is in
/// use, less those that the guardian reported, and those of a school that suspended its part
/// of the guardian's account.
const CHILDREN: &str = concat!(
    "
select pupil.id as account_id, pupil.given_name, pupil.family_name, pupil.birth_date,
       link.relationship, school.uai, school.name as school_name, school.level
  from directory_record mine
  join record_link link on link.guardian_record_id = mine.id and link.ended_at is null
  join directory_record theirs on theirs.id = link.pupil_record_id and theirs.ended_at is null
  join account pupil on pupil.id = theirs.account_id and pupil.state in ('known', 'active', 'suspended')
  join school on school.uai = theirs.school_uai
 where mine.account_id = $1 and mine.ended_at is null
   and not exists (select 1 from link_report report
                    where report.guardian_account_id = $1
                      and report.pupil_account_id = pupil.id)
   and ",
    counts!("mine"),
    "
 order by pupil.birth_date, pupil.given_name, pupil.id, school.uai"
);

/// Guardians of a pupil's account, by the same rule seen from the other end.
const GUARDIANS: &str = concat!(
    "
select guardian.id as account_id, guardian.given_name, guardian.family_name,
       guardian.birth_date, link.relationship,
       null as uai, null as school_name, null as level
  from directory_record mine
  join record_link link on link.pupil_record_id = mine.id and link.ended_at is null
  join directory_record theirs on theirs.id = link.guardian_record_id and theirs.ended_at is null
  join account guardian on guardian.id = theirs.account_id and guardian.state in ('known', 'active', 'suspended')
 where mine.account_id = $1 and mine.ended_at is null
   and not exists (select 1 from link_report report
                    where report.guardian_account_id = guardian.id
                      and report.pupil_account_id = $1)
   and ",
    counts!("theirs"),
    "
 order by link.legal_rank, guardian.given_name, guardian.id"
);

/// Schools of a pupil's account, less those that suspended their part of it.
const SCHOOLS: &str = concat!(
    "
select distinct school.uai, school.name as school_name, school.level
  from directory_record mine
  join school on school.uai = mine.school_uai
 where mine.account_id = $1 and mine.ended_at is null
   and ",
    counts!("mine"),
    "
 order by school.uai"
);

#[derive(FromQueryResult)]
struct RelativeRow {
    account_id: uuid::Uuid,
    given_name: String,
    family_name: String,
    birth_date: Option<String>,
    relationship: String,
    uai: Option<String>,
    school_name: Option<String>,
    level: Option<String>,
}

#[derive(FromQueryResult)]
struct SchoolRow {
    uai: String,
    school_name: String,
    level: String,
}

async fn relatives(
    connection: &impl ConnectionTrait,
    sql: &str,
    account: AccountId,
) -> Result<Vec<RelativeRow>, StoreError> {
    let statement = statement(connection, sql, account);
    Ok(RelativeRow::find_by_statement(statement)
        .all(connection)
        .await?)
}

async fn schools(
    connection: &impl ConnectionTrait,
    account: AccountId,
) -> Result<Vec<School>, StoreError> {
    let statement = statement(connection, SCHOOLS, account);
    let rows = SchoolRow::find_by_statement(statement)
        .all(connection)
        .await?;
    rows.into_iter()
        .map(|row| school(&row.uai, row.school_name, &row.level))
        .collect()
}

fn statement(connection: &impl ConnectionTrait, sql: &str, account: AccountId) -> Statement {
    Statement::from_sql_and_values(
        connection.get_database_backend(),
        sql,
        [account.as_uuid().into()],
    )
}

/// One relative for each account, in the order of the rows, with the schools of all its
/// rows.
fn from_rows(rows: Vec<RelativeRow>) -> Result<Vec<Relative>, StoreError> {
    let mut relatives: Vec<Relative> = Vec::new();
    for row in rows {
        let account = AccountId::from_uuid(row.account_id);
        let school = row_school(&row)?;
        let known = relatives
            .iter()
            .position(|relative| relative.account == account);
        let index = if let Some(index) = known {
            index
        } else {
            relatives.push(relative(account, row)?);
            relatives.len() - 1
        };
        let schools = &mut relatives[index].schools;
        schools.extend(school.filter(|school| !schools.contains(school)));
    }
    Ok(relatives)
}

fn relative(account: AccountId, row: RelativeRow) -> Result<Relative, StoreError> {
    Ok(Relative {
        account,
        relationship: Relationship::parse(&row.relationship).ok_or(StoreError::Malformed {
            table: "record_link",
            what: "relationship",
        })?,
        birth_date: date(row.birth_date.as_deref())?,
        name: PersonName {
            given: row.given_name,
            family: row.family_name,
        },
        schools: Vec::new(),
    })
}

fn row_school(row: &RelativeRow) -> Result<Option<School>, StoreError> {
    match (&row.uai, &row.school_name, &row.level) {
        (Some(uai), Some(name), Some(level)) => school(uai, name.clone(), level).map(Some),
        _ => Ok(None),
    }
}

fn school(uai: &str, name: String, level: &str) -> Result<School, StoreError> {
    let malformed = |what| StoreError::Malformed {
        table: "school",
        what,
    };
    Ok(School {
        uai: Uai::parse(uai).map_err(|_| malformed("uai"))?,
        name,
        level: SchoolLevel::parse(level).ok_or(malformed("level"))?,
    })
}

fn current(contacts: &[contact::Model], channel: Channel) -> Option<CurrentContact> {
    let row = contacts
        .iter()
        .find(|row| row.channel == channel.as_str())?;
    let state = if row.state == ContactState::Confirmed.as_str() {
        ContactState::Confirmed
    } else {
        ContactState::Unconfirmed
    };
    Some(CurrentContact {
        value: row.value.clone(),
        state,
    })
}

fn additional(claims: Value) -> Result<Map<String, Value>, StoreError> {
    match claims {
        Value::Object(claims) => Ok(claims),
        _ => Err(StoreError::Malformed {
            table: "account",
            what: "additional_claims",
        }),
    }
}
