//! Directory records of a file.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::{account::PersonKind, ids::RecordId, name::normalise};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter,
    sea_query::{ExprTrait, OnConflict},
};
use uuid::Uuid;

use super::{
    batch::{Import, Record, batches, insert_all},
    document::{Entry, PersonEntry, RecordEntry},
    people::{self, Accounts},
    report::{List, Place, Refusal},
    schools,
};
use crate::{
    entity::{account, directory_record},
    error::StoreError,
    time::millis,
};

/// Imports all of them.
pub(super) async fn import(import: &mut Import<'_>) -> Result<(), StoreError> {
    let document = import.document;
    for (first, batch) in batches(&document.records) {
        import_batch(import, first, batch).await?;
    }
    Ok(())
}

/// Records by source and key.
pub(super) type Records = HashMap<(String, String), directory_record::Model>;

/// The records of these sources and keys.
pub(super) async fn find(
    connection: &impl ConnectionTrait,
    wanted: impl Iterator<Item = (&str, &str)>,
) -> Result<Records, StoreError> {
    let mut keys: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (source, key) in wanted {
        keys.entry(source).or_default().push(key);
    }
    if keys.is_empty() {
        return Ok(Records::new());
    }
    let of_source = |(source, keys): (&str, Vec<&str>)| {
        let source = directory_record::Column::Source.eq(source);
        source.and(directory_record::Column::SourceKey.is_in(keys))
    };
    let any = keys
        .into_iter()
        .map(of_source)
        .fold(Condition::any(), Condition::add);
    let rows = directory_record::Entity::find()
        .filter(any)
        .all(connection)
        .await?;
    let keyed = |row: directory_record::Model| ((row.source.clone(), row.source_key.clone()), row);
    Ok(rows.into_iter().map(keyed).collect())
}

async fn import_batch<'a>(
    import: &mut Import<'a>,
    first: usize,
    batch: &'a [Entry<RecordEntry>],
) -> Result<(), StoreError> {
    let entries = import.readable(List::Records, first, batch);
    let transaction = import.begin().await?;
    find_schools(import, &transaction, &entries).await?;
    let keys = entries.iter().map(|(_, entry)| name_of(entry));
    let before = find(&transaction, keys).await?;
    let owners = Owners::find(import, &transaction, &entries).await?;
    let mut rows = Vec::new();
    for (place, entry) in entries {
        let (source, key) = name_of(entry);
        let before = before.get(&(source.to_owned(), key.to_owned()));
        match plan(import, place, entry, &owners, before) {
            Ok(after) => {
                let record = Record {
                    id: after.id,
                    account: after.account_id,
                    kind: entry.kind,
                };
                import.records.insert((source, key), record);
                rows.extend(count(import, before, after));
            }
            Err(refusal) => import.refuse(refusal),
        }
    }
    if import.options.dry_run {
        return Ok(());
    }
    let active = |row: directory_record::Model| row.into_active_model().reset_all();
    let rows = rows.into_iter().map(active).collect();
    insert_all(&transaction, rows, Some(replace())).await?;
    Ok(transaction.commit().await?)
}

fn name_of(entry: &RecordEntry) -> (&str, &str) {
    (entry.source.as_str(), entry.key.as_str())
}

/// Completes the known schools by those of the batch that are not in the file.
async fn find_schools(
    import: &mut Import<'_>,
    connection: &impl ConnectionTrait,
    entries: &[(Place, &RecordEntry)],
) -> Result<(), StoreError> {
    let named: HashSet<_> = entries.iter().map(|(_, entry)| &entry.school).collect();
    let missing = named
        .into_iter()
        .filter(|code| !import.schools.contains(code));
    let found = schools::find_known(connection, missing.collect()).await?;
    import.schools.extend(found);
    Ok(())
}

/// Those of the batch's people who are not in the file.
struct Owners {
    accounts: Accounts,
    homes: HashMap<Uuid, Option<Uuid>>,
}

/// What a record takes from its person.
struct Owner<'a> {
    account: Option<Uuid>,
    kind: &'a str,
    given_name: &'a str,
    family_name: &'a str,
    birth_date: Option<String>,
    entry: Option<&'a PersonEntry>,
}

impl Owners {
    async fn find(
        import: &Import<'_>,
        connection: &impl ConnectionTrait,
        entries: &[(Place, &RecordEntry)],
    ) -> Result<Self, StoreError> {
        let named: HashSet<_> = entries
            .iter()
            .map(|(_, entry)| entry.person.as_str())
            .collect();
        let missing: Vec<_> = named
            .into_iter()
            .filter(|person| !import.people.contains_key(person))
            .collect();
        let mut homes = HashMap::new();
        if missing.is_empty() {
            let accounts = Accounts::new();
            return Ok(Self { accounts, homes });
        }
        let accounts = people::find_accounts(import, connection, missing.into_iter()).await?;
        for row in accounts.values() {
            homes.insert(row.id, people::home(connection, row).await?);
        }
        Ok(Self { accounts, homes })
    }

    fn owner<'a>(&'a self, import: &Import<'a>, person: &str) -> Option<Owner<'a>> {
        if let Some(person) = import.people.get(person) {
            return Some(Owner {
                account: person.account,
                kind: person.entry.kind.as_str(),
                given_name: person.entry.given_name.as_str(),
                family_name: person.entry.family_name.as_str(),
                birth_date: person
                    .entry
                    .birth_date
                    .map(|birth| birth.date().to_string()),
                entry: Some(person.entry),
            });
        }
        let row = self.accounts.get(person)?;
        Some(self.stored(row))
    }

    fn stored<'a>(&'a self, row: &'a account::Model) -> Owner<'a> {
        Owner {
            account: self.homes.get(&row.id).copied().flatten(),
            kind: &row.kind,
            given_name: &row.given_name,
            family_name: &row.family_name,
            birth_date: row.birth_date.clone(),
            entry: None,
        }
    }
}

/// The row that the entry asks for.
fn plan<'a>(
    import: &Import<'a>,
    place: Place,
    entry: &RecordEntry,
    owners: &'a Owners,
    before: Option<&directory_record::Model>,
) -> Result<directory_record::Model, Refusal> {
    check(import, place, entry, before)?;
    let owner = owners.owner(import, entry.person.as_str()).ok_or_else(|| {
        place.refuse(
            "person",
            "there is no such account, or its entry was refused",
        )
    })?;
    if owner.kind != entry.kind.as_str() {
        return Err(place.refuse("kind", "the person is of another kind"));
    }
    let account = before.map(|row| row.account_id).or(owner.account);
    let account = account.ok_or_else(|| place.refuse("person", "the account is closed"))?;
    let now = millis(import.ambient.now());
    let id = before.map_or_else(|| RecordId::new(import.ambient).as_uuid(), |row| row.id);
    let created_at = before.map_or(now, |row| row.created_at);
    let given_name = entry
        .given_name
        .as_ref()
        .map_or(owner.given_name, |name| name.as_str());
    let family_name = entry
        .family_name
        .as_ref()
        .map_or(owner.family_name, |name| name.as_str());
    let birth_date = entry.birth_date.map(|birth| birth.date().to_string());
    let (email, phone) = contacts(entry, owner.entry);
    let mut after = directory_record::Model {
        id,
        source: entry.source.as_str().to_owned(),
        source_key: entry.key.as_str().to_owned(),
        school_uai: entry.school.to_string(),
        kind: entry.kind.as_str().to_owned(),
        account_id: account,
        given_name_normal: normalise(given_name),
        family_name_normal: normalise(family_name),
        given_name: given_name.to_owned(),
        family_name: family_name.to_owned(),
        birth_date: birth_date.or(owner.birth_date),
        email,
        phone,
        class_name: entry.class.as_ref().map(|class| class.as_str().to_owned()),
        filed_email: None,
        filed_phone: None,
        corrected_at: None,
        ended_at: None,
        created_at,
        updated_at: now,
    };
    if let Some(before) = before {
        keep_corrected(before, &mut after);
    }
    Ok(after)
}

/// A contact that the school corrected in the console stays, as long as its file says what
/// it said then; a file that says something new is newer than the correction. Address and
/// number each stand for themselves.
fn keep_corrected(before: &directory_record::Model, after: &mut directory_record::Model) {
    if before.corrected_at.is_none() {
        return;
    }
    let (email, phone) = (after.email.take(), after.phone.take());
    let filed = before.filed_email.as_deref();
    after.email = in_force(email.as_deref(), filed, before.email.as_deref());
    let filed = before.filed_phone.as_deref();
    after.phone = in_force(phone.as_deref(), filed, before.phone.as_deref());
    if (&after.email, &after.phone) != (&email, &phone) {
        after.filed_email = email;
        after.filed_phone = phone;
        after.corrected_at = before.corrected_at;
    }
}

/// What counts of a contact of a corrected record: what is there, unless the file changed
/// its mind.
fn in_force(says: Option<&str>, said: Option<&str>, stands: Option<&str>) -> Option<String> {
    let counts = if says == said { stands } else { says };
    counts.map(str::to_owned)
}

/// What can be said of an entry without its person.
fn check(
    import: &Import<'_>,
    place: Place,
    entry: &RecordEntry,
    before: Option<&directory_record::Model>,
) -> Result<(), Refusal> {
    let fault = if import.records.contains_key(&name_of(entry)) {
        ("key", "the file has this record already")
    } else if !matches!(entry.kind, PersonKind::Pupil | PersonKind::Guardian) {
        ("kind", "a record is a pupil's or a guardian's")
    } else if before.is_some_and(|before| before.kind != entry.kind.as_str()) {
        ("kind", "the record is of another kind")
    } else if !import.schools.contains(&entry.school) {
        (
            "school",
            "there is no such school, or its entry was refused",
        )
    } else if entry
        .birth_date
        .is_some_and(|birth| birth.date() > import.today)
    {
        ("birth_date", "lies in the future")
    } else {
        return Ok(());
    };
    Err(place.refuse(fault.0, fault.1))
}

/// The contacts of a record: its own, else those that the file gives its person.
fn contacts(entry: &RecordEntry, person: Option<&PersonEntry>) -> (Option<String>, Option<String>) {
    let of_person = person.and_then(|person| person.email.as_ref());
    let email = entry.email.as_ref().or(of_person.map(|email| &email.value));
    let of_person = person.and_then(|person| person.phone.as_ref());
    let phone = entry.phone.as_ref().or(of_person.map(|phone| &phone.value));
    (
        email.map(ToString::to_string),
        phone.map(ToString::to_string),
    )
}

/// Counts the entry; the row, where it is to be written.
fn count(
    import: &mut Import<'_>,
    before: Option<&directory_record::Model>,
    after: directory_record::Model,
) -> Option<directory_record::Model> {
    let counts = &mut import.report.records;
    match before {
        None => counts.created += 1,
        Some(before) if is_same(before, &after) => {
            counts.unchanged += 1;
            return None;
        }
        Some(_) => counts.updated += 1,
    }
    Some(after)
}

fn is_same(before: &directory_record::Model, after: &directory_record::Model) -> bool {
    let after = directory_record::Model {
        updated_at: before.updated_at,
        ..after.clone()
    };
    *before == after
}

/// What happens where there is such a record: it stays with its account.
fn replace() -> OnConflict {
    use directory_record::Column as C;
    OnConflict::columns([C::Source, C::SourceKey])
        .update_columns([
            C::SchoolUai,
            C::GivenName,
            C::FamilyName,
            C::GivenNameNormal,
            C::FamilyNameNormal,
            C::BirthDate,
            C::Email,
            C::Phone,
            C::ClassName,
            C::FiledEmail,
            C::FiledPhone,
            C::CorrectedAt,
            C::EndedAt,
            C::UpdatedAt,
        ])
        .to_owned()
}
