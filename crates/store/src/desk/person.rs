//! One person, as one school knows them.

use domain::{
    account::{Account, PersonKind},
    contact::{EmailAddress, PhoneNumber},
    identifier::AccountIdentifier,
    ids::{AccountId, RecordId},
    name::PersonName,
    school::Uai,
};
use jiff::{Timestamp, ToSpan, civil::Date};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IdenStatic, Iterable, QueryFilter,
    QueryOrder, QueryResult,
};

use super::{
    Asked,
    suspensions::{self, Suspension},
};
use crate::{
    accounts,
    entity::{account, directory_record},
    error::StoreError,
    standing::columns_of,
    time::{date, instant, millis},
};

/// For how long a refused birth date is told, in hours: as long as it is kept.
const REFUSED_HOURS: i64 = 92 * 24;

/// A record of the school.
#[derive(Clone, PartialEq, Debug)]
pub struct RecordView {
    /// Its id.
    pub id: RecordId,
    /// The names that the school has.
    pub name: PersonName,
    /// The birth date that the school has.
    pub birth_date: Option<Date>,
    /// A pupil's class.
    pub class: Option<String>,
    /// The address that the school has.
    pub email: Option<EmailAddress>,
    /// The number that the school has.
    pub phone: Option<PhoneNumber>,
    /// The address and the number that the school's file has, where the console corrected one
    /// of them.
    pub filed: (Option<EmailAddress>, Option<PhoneNumber>),
    /// When its contacts were corrected in the console, if they were.
    pub corrected_at: Option<Timestamp>,
}

/// Somebody tied to a school.
#[derive(Clone, PartialEq, Debug)]
pub struct Person {
    /// Their account: identifier and state, for the school; the rest for the rules.
    pub account: Account,
    /// The school's records of them: one at least.
    pub records: Vec<RecordView>,
    /// The school's suspension of its part.
    pub suspension: Option<Suspension>,
}

impl Person {
    /// The names that the school has.
    pub fn name(&self) -> &PersonName {
        let record = self.records.first();
        record.map_or(&self.account.name, |record| &record.name)
    }

    /// The classes that the school has.
    pub fn classes(&self) -> impl Iterator<Item = &str> {
        self.records
            .iter()
            .filter_map(|record| record.class.as_deref())
    }
}

/// The person of an account, if the school has a record of them. Nobody of that id, and
/// somebody of another school, are one answer of one statement.
///
/// # Errors
/// The database's.
pub async fn find_person(
    connection: &impl ConnectionTrait,
    school: &Uai,
    id: AccountId,
) -> Result<Option<Person>, StoreError> {
    let mut asked = Asked::new(&format!(
        "select {}, {} from directory_record record \
         join account owner on owner.id = record.account_id",
        prefixed::<directory_record::Entity>("record"),
        columns_of::<account::Entity>("owner"),
    ));
    let account = asked.value(id.as_uuid());
    let uai = asked.value(school.as_str());
    asked.and(&format!(
        " where record.account_id = {account} and record.school_uai = {uai} \
         and record.ended_at is null order by record.created_at, record.id"
    ));
    let rows = asked.all(connection).await?;
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    let owner = account::Model::from_query_result(first, "owner_")?;
    let records = rows.iter().map(record_view).collect::<Result<_, _>>()?;
    Ok(Some(Person {
        account: accounts::from_row(&owner)?,
        records,
        suspension: suspensions::find(connection, school, id).await?,
    }))
}

/// One of the schools that have a record of somebody, and their account, by identifier: for
/// who helps where no school does.
///
/// # Errors
/// The database's.
pub async fn find_anywhere(
    connection: &impl ConnectionTrait,
    identifier: &AccountIdentifier,
) -> Result<Option<(Uai, AccountId)>, StoreError> {
    let mut asked = Asked::new(
        "select record.school_uai, owner.id from account owner \
         join directory_record record on record.account_id = owner.id",
    );
    let identifier = asked.value(identifier.as_str());
    asked.and(&format!(
        " where owner.identifier = {identifier} and record.ended_at is null \
         order by record.created_at, record.id limit 1"
    ));
    let rows = asked.all(connection).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let school: String = row.try_get("", "school_uai")?;
    let school = Uai::parse(&school).map_err(|_| malformed("school_uai"))?;
    Ok(Some((school, AccountId::from_uuid(row.try_get("", "id")?))))
}

fn prefixed<E: EntityTrait>(alias: &str) -> String {
    let columns = E::Column::iter().map(|column| {
        let column = column.as_str();
        format!("{alias}.{column} as {alias}_{column}")
    });
    columns.collect::<Vec<_>>().join(", ")
}

fn record_view(row: &QueryResult) -> Result<RecordView, StoreError> {
    let row = directory_record::Model::from_query_result(row, "record_")?;
    let email = |text: Option<String>| {
        let parsed = text.as_deref().map(EmailAddress::parse).transpose();
        parsed.map_err(|_| malformed("email"))
    };
    let phone = |text: Option<String>| {
        let parsed = text.as_deref().map(PhoneNumber::parse).transpose();
        parsed.map_err(|_| malformed("phone"))
    };
    Ok(RecordView {
        id: RecordId::from_uuid(row.id),
        name: PersonName {
            given: row.given_name,
            family: row.family_name,
        },
        birth_date: date(row.birth_date.as_deref())?,
        class: row.class_name,
        email: email(row.email)?,
        phone: phone(row.phone)?,
        filed: (email(row.filed_email)?, phone(row.filed_phone)?),
        corrected_at: row.corrected_at.map(instant).transpose()?,
    })
}

pub(super) const fn malformed(what: &'static str) -> StoreError {
    StoreError::Malformed {
        table: "directory_record",
        what,
    }
}

/// A birth date that was typed for somebody's activation and did not fit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DateRefused {
    /// What was typed.
    pub typed: Date,
    /// When.
    pub at: Timestamp,
    /// Whose it should have been, where that can be said: a pupil of the school.
    pub pupil: Option<PersonName>,
}

/// The dates that were refused for a person's activation, the newest first; of pupils of
/// other schools nothing is said.
///
/// # Errors
/// The database's.
pub async fn find_refused_dates(
    connection: &impl ConnectionTrait,
    school: &Uai,
    person: &Person,
    now: Timestamp,
) -> Result<Vec<DateRefused>, StoreError> {
    let since = now.saturating_sub(REFUSED_HOURS.hours()).unwrap_or(now);
    let mut asked = Asked::new(REFUSED);
    asked.value(person.account.id.as_uuid());
    asked.value(school.as_str());
    asked.value(millis(since));
    let rows = asked.all(connection).await?;
    rows.iter().map(refused).collect()
}

/// Each date once: a pupil may have two records at a school.
const REFUSED: &str = "
select refused.typed, refused.at,
       (select min(pupil.given_name) from directory_record pupil
         where pupil.account_id = refused.pupil_account_id and pupil.school_uai = $2
           and pupil.ended_at is null) as given_name,
       (select min(pupil.family_name) from directory_record pupil
         where pupil.account_id = refused.pupil_account_id and pupil.school_uai = $2
           and pupil.ended_at is null) as family_name
  from refused_birth_date refused
 where refused.account_id = $1 and refused.at >= $3
   and (refused.pupil_account_id is null
        or exists (select 1 from directory_record pupil
                    where pupil.account_id = refused.pupil_account_id
                      and pupil.school_uai = $2 and pupil.ended_at is null))
 order by refused.at desc, refused.id
 limit 20";

fn refused(row: &QueryResult) -> Result<DateRefused, StoreError> {
    let typed: String = row.try_get("", "typed")?;
    let given: Option<String> = row.try_get("", "given_name")?;
    let family: Option<String> = row.try_get("", "family_name")?;
    let name = |(given, family)| PersonName { given, family };
    Ok(DateRefused {
        typed: date(Some(&typed))?.unwrap_or_default(),
        at: instant(row.try_get("", "at")?)?,
        pupil: given.zip(family).map(name),
    })
}

/// The school's records of an account that have not ended.
pub(super) async fn record_ids(
    connection: &impl ConnectionTrait,
    school: &Uai,
    account: AccountId,
) -> Result<Vec<uuid::Uuid>, StoreError> {
    let rows = directory_record::Entity::find()
        .filter(directory_record::Column::AccountId.eq(account.as_uuid()))
        .filter(directory_record::Column::SchoolUai.eq(school.as_str()))
        .filter(directory_record::Column::EndedAt.is_null())
        .order_by_asc(directory_record::Column::Id)
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// What a row says of whose account it is.
pub(super) fn kind(row: &QueryResult, column: &str) -> Result<PersonKind, StoreError> {
    let text: String = row.try_get("", column)?;
    PersonKind::parse(&text).ok_or(malformed("kind"))
}
