//! What schools say of a person's civil status, each in its file: what they can vouch for.

use domain::{ids::AccountId, name::PersonName};
use jiff::{Timestamp, civil::Date};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr,
};

use crate::{
    entity::directory_record,
    error::StoreError,
    suspended_part::counts,
    time::{date, instant},
};

/// One school's word, which stands today.
#[derive(Clone, PartialEq, Debug)]
pub struct SchoolWord {
    /// Names.
    pub name: PersonName,
    /// Birth date, where the school knows it.
    pub birth_date: Option<Date>,
    /// Since when it says so.
    pub at: Timestamp,
}

/// All of them of an account's records that have not ended, less those of a school that
/// suspended its part of the account.
///
/// # Errors
/// The database's.
pub async fn find_by_account(
    connection: &impl ConnectionTrait,
    account: AccountId,
) -> Result<Vec<SchoolWord>, StoreError> {
    let records = directory_record::Entity::find()
        .filter(directory_record::Column::AccountId.eq(account.as_uuid()))
        .filter(directory_record::Column::EndedAt.is_null())
        .filter(Expr::cust(counts!("directory_record")))
        .order_by_asc(directory_record::Column::Id)
        .all(connection)
        .await?;
    records.into_iter().map(from_row).collect()
}

fn from_row(record: directory_record::Model) -> Result<SchoolWord, StoreError> {
    Ok(SchoolWord {
        name: PersonName {
            given: record.given_name,
            family: record.family_name,
        },
        birth_date: date(record.birth_date.as_deref())?,
        at: instant(record.updated_at)?,
    })
}
