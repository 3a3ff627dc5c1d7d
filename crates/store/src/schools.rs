//! Schools and how they are reached: public, and never who goes there.

use domain::school::{Uai, town_form};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{entity::school, error::StoreError};

/// A school as whoever looks for it sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SchoolContact {
    /// Its code.
    pub uai: String,
    /// Its name.
    pub name: String,
    /// Its town.
    pub town: Option<String>,
    /// Its e-mail address.
    pub email: Option<String>,
    /// Its phone number.
    pub phone: Option<String>,
}

/// Sorts after whatever goes on from a beginning, in every collation.
const LAST: &str = "zzzzzzzzzzzzzzzz";

/// Schools of the towns that begin so, at most `most`, by town and name.
///
/// # Errors
/// The database's.
pub async fn find_by_town(
    connection: &impl ConnectionTrait,
    town: &str,
    most: u64,
) -> Result<Vec<SchoolContact>, StoreError> {
    let beginning = town_form(town);
    if beginning.is_empty() {
        return Ok(Vec::new());
    }
    let end = format!("{beginning}{LAST}");
    let rows = school::Entity::find()
        .filter(school::Column::TownNormal.between(beginning.as_str(), end.as_str()))
        .filter(school::Column::TownNormal.starts_with(beginning.as_str()))
        .order_by_asc(school::Column::TownNormal)
        .order_by_asc(school::Column::Name)
        .order_by_asc(school::Column::Uai)
        .limit(most)
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(from_row).collect())
}

/// The school of a code.
///
/// # Errors
/// The database's.
pub async fn find_by_uai(
    connection: &impl ConnectionTrait,
    uai: &Uai,
) -> Result<Option<SchoolContact>, StoreError> {
    let row = school::Entity::find_by_id(uai.as_str())
        .one(connection)
        .await?;
    Ok(row.map(from_row))
}

fn from_row(row: school::Model) -> SchoolContact {
    SchoolContact {
        uai: row.uai,
        name: row.name,
        town: row.town,
        email: row.email,
        phone: row.phone,
    }
}
