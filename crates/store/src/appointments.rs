//! Appointments: who is administrator, auditor, or officer of which school.

use domain::{
    account::Account,
    ambient::Ambient,
    audit::{Action, Actor, Target},
    ids::{AccountId, AppointmentId},
    permission::{Powers, Role},
    school::Uai,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::OnConflict,
};
use serde_json::json;

use crate::{
    accounts,
    audit::{self, Event},
    entity::{account, appointment},
    error::StoreError,
    time::millis,
};

/// To what somebody is appointed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Appointment {
    /// Administrator of the service.
    Administrator,
    /// Auditor of the service.
    Auditor,
    /// Officer of a school.
    Officer(Uai),
}

impl Appointment {
    /// The role.
    pub const fn role(&self) -> Role {
        match self {
            Self::Administrator => Role::Administrator,
            Self::Auditor => Role::Auditor,
            Self::Officer(_) => Role::Officer,
        }
    }

    /// The school, of an officer.
    pub const fn school(&self) -> Option<&Uai> {
        match self {
            Self::Officer(school) => Some(school),
            Self::Administrator | Self::Auditor => None,
        }
    }
}

/// All that an account was appointed to.
///
/// # Errors
/// The database's; [`StoreError::Malformed`] where a row breaks what the schema holds.
pub async fn powers_of(
    connection: &impl ConnectionTrait,
    account: AccountId,
) -> Result<Powers, StoreError> {
    let rows = appointment::Entity::find()
        .filter(appointment::Column::AccountId.eq(account.as_uuid()))
        .all(connection)
        .await?;
    rows.into_iter().try_fold(Powers::default(), |powers, row| {
        let role = Role::parse(&row.role).ok_or(malformed("role"))?;
        match row.school_uai {
            None => Ok(powers.with(role)),
            Some(uai) => {
                let school = Uai::parse(&uai).map_err(|_| malformed("school_uai"))?;
                Ok(powers.at_school(school))
            }
        }
    })
}

/// Appoints somebody. `false` where they were already.
///
/// # Errors
/// The database's; a foreign key fails where there is no such school.
pub async fn insert(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    actor: Actor,
    account: AccountId,
    to: &Appointment,
) -> Result<bool, StoreError> {
    let written = appointment::Entity::insert(row(ambient, account, to))
        .on_conflict(keep())
        .exec_without_returning(connection)
        .await?;
    if written == 1 {
        let event = event(Action::AppointmentMade, actor, account, to);
        audit::record(connection, ambient, event).await?;
    }
    Ok(written == 1)
}

/// What came of ending an appointment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// It is over.
    Done,
    /// There was none.
    NotThere,
    /// The last administrator stays: nobody could appoint another.
    LastAdministrator,
}

/// Ends an appointment, in a transaction.
///
/// # Errors
/// The database's.
pub async fn end(
    transaction: &DatabaseTransaction,
    ambient: &Ambient,
    actor: Actor,
    account: AccountId,
    to: &Appointment,
) -> Result<End, StoreError> {
    if *to == Appointment::Administrator && is_last_administrator(transaction, account).await? {
        return Ok(End::LastAdministrator);
    }
    let school = match to.school() {
        Some(school) => appointment::Column::SchoolUai.eq(school.as_str()),
        None => appointment::Column::SchoolUai.is_null(),
    };
    let deleted = appointment::Entity::delete_many()
        .filter(appointment::Column::AccountId.eq(account.as_uuid()))
        .filter(appointment::Column::Role.eq(to.role().as_str()))
        .filter(school)
        .exec(transaction)
        .await?;
    if deleted.rows_affected == 0 {
        return Ok(End::NotThere);
    }
    let event = event(Action::AppointmentEnded, actor, account, to);
    audit::record(transaction, ambient, event).await?;
    Ok(End::Done)
}

/// Whether nobody else is administrator. Whoever would end another's appointment at once
/// waits for this transaction, and looks anew.
async fn is_last_administrator(
    transaction: &DatabaseTransaction,
    account: AccountId,
) -> Result<bool, StoreError> {
    let mut administrators = appointment::Entity::find()
        .filter(appointment::Column::Role.eq(Role::Administrator.as_str()))
        .order_by_asc(appointment::Column::Id);
    // SQLite has one writer at a time.
    if transaction.get_database_backend() != DbBackend::Sqlite {
        administrators = administrators.lock_exclusive();
    }
    let administrators = administrators.all(transaction).await?;
    let others = administrators
        .iter()
        .filter(|row| row.account_id != account.as_uuid());
    Ok(others.count() == 0)
}

/// Somebody who was appointed to something.
#[derive(Clone, PartialEq, Debug)]
pub struct Appointed {
    /// Their account.
    pub account: Account,
    /// To what.
    pub powers: Powers,
}

/// Who is appointed to anything, or to a school alone, by identifier, from after one on: at
/// most so many.
///
/// # Errors
/// The database's.
pub async fn find_appointed(
    connection: &impl ConnectionTrait,
    school: Option<&Uai>,
    after: Option<&str>,
    most: u64,
) -> Result<Vec<Appointed>, StoreError> {
    let mut who = appointment::Entity::find()
        .select_only()
        .column(appointment::Column::AccountId);
    if let Some(school) = school {
        who = who.filter(appointment::Column::SchoolUai.eq(school.as_str()));
    }
    let mut query = account::Entity::find()
        .filter(account::Column::Id.in_subquery(who.into_query()))
        .order_by_asc(account::Column::Identifier)
        .limit(most);
    if let Some(after) = after {
        query = query.filter(account::Column::Identifier.gt(after));
    }
    let mut appointed = Vec::new();
    for row in query.all(connection).await? {
        let account = accounts::from_row(&row)?;
        let powers = powers_of(connection, account.id).await?;
        appointed.push(Appointed { account, powers });
    }
    Ok(appointed)
}

/// The row of an appointment.
pub(crate) fn row(
    ambient: &Ambient,
    account: AccountId,
    to: &Appointment,
) -> appointment::ActiveModel {
    appointment::ActiveModel {
        id: Set(AppointmentId::new(ambient).as_uuid()),
        account_id: Set(account.as_uuid()),
        role: Set(to.role().as_str().to_owned()),
        school_uai: Set(to.school().map(|school| school.as_str().to_owned())),
        created_at: Set(millis(ambient.now())),
    }
}

/// Whoever was appointed before stays so: either unique index holds the rule.
pub(crate) fn keep() -> OnConflict {
    OnConflict::new().do_nothing().to_owned()
}

fn event(action: Action, actor: Actor, account: AccountId, to: &Appointment) -> Event {
    let details = json!({
        "role": to.role().as_str(),
        "school": to.school().map(Uai::as_str),
    });
    Event::new(action, actor, Target::Account(account)).with(details)
}

const fn malformed(what: &'static str) -> StoreError {
    StoreError::Malformed {
        table: "appointment",
        what,
    }
}
