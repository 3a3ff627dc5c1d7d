//! Schools of a file.

use std::collections::{HashMap, HashSet};

use domain::school::{Uai, town_form};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::OnConflict,
};

use super::{
    batch::{Import, batches, insert_all},
    document::{Entry, SchoolEntry},
    report::List,
};
use crate::{entity::school, error::StoreError, time::millis};

/// Imports all of them.
pub(super) async fn import(import: &mut Import<'_>) -> Result<(), StoreError> {
    let document = import.document;
    for (first, batch) in batches(&document.schools) {
        import_batch(import, first, batch).await?;
    }
    Ok(())
}

/// Which of these codes are schools of the database.
pub(super) async fn find_known(
    connection: &impl ConnectionTrait,
    codes: HashSet<&Uai>,
) -> Result<HashSet<Uai>, StoreError> {
    if codes.is_empty() {
        return Ok(HashSet::new());
    }
    let rows = find(connection, codes.into_iter()).await?;
    Ok(rows
        .keys()
        .filter_map(|code| Uai::parse(code).ok())
        .collect())
}

async fn import_batch<'a>(
    import: &mut Import<'a>,
    first: usize,
    batch: &'a [Entry<SchoolEntry>],
) -> Result<(), StoreError> {
    let entries = import.readable(List::Schools, first, batch);
    let transaction = import.begin().await?;
    let before = find(&transaction, entries.iter().map(|(_, entry)| &entry.uai)).await?;
    let now = millis(import.ambient.now());
    let mut rows = Vec::new();
    for (place, entry) in entries {
        if !import.schools.insert(entry.uai.clone()) {
            import.refuse(place.refuse("uai", "the file has this school already"));
            continue;
        }
        let after = row(entry, now);
        match before.get(entry.uai.as_str()) {
            None => import.report.schools.created += 1,
            Some(before) if is_same(before, &after) => {
                import.report.schools.unchanged += 1;
                continue;
            }
            Some(_) => import.report.schools.updated += 1,
        }
        rows.push(after.into_active_model().reset_all());
    }
    if import.options.dry_run {
        return Ok(());
    }
    insert_all(&transaction, rows, Some(replace())).await?;
    Ok(transaction.commit().await?)
}

async fn find(
    connection: &impl ConnectionTrait,
    codes: impl Iterator<Item = &Uai>,
) -> Result<HashMap<String, school::Model>, StoreError> {
    let rows = school::Entity::find()
        .filter(school::Column::Uai.is_in(codes.map(Uai::as_str)))
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(|row| (row.uai.clone(), row)).collect())
}

fn row(entry: &SchoolEntry, now: i64) -> school::Model {
    school::Model {
        uai: entry.uai.to_string(),
        name: entry.name.as_str().to_owned(),
        level: entry.level.as_str().to_owned(),
        town: entry.town.as_ref().map(|town| town.as_str().to_owned()),
        town_normal: entry.town.as_ref().map(|town| town_form(town.as_str())),
        email: entry.email.as_ref().map(ToString::to_string),
        phone: entry.phone.as_ref().map(ToString::to_string),
        updated_at: now,
    }
}

fn is_same(before: &school::Model, after: &school::Model) -> bool {
    let after = school::Model {
        updated_at: before.updated_at,
        ..after.clone()
    };
    *before == after
}

fn replace() -> OnConflict {
    use school::Column::{Email, Level, Name, Phone, Town, TownNormal, Uai, UpdatedAt};
    let replaced = [Name, Level, Town, TownNormal, Email, Phone, UpdatedAt];
    OnConflict::column(Uai).update_columns(replaced).to_owned()
}
