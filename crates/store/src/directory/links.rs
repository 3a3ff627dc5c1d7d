//! Links of a file.

use std::collections::HashMap;

use domain::{account::PersonKind, audit::Action, ids::LinkId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, QueryFilter, Statement, sea_query::OnConflict,
};
use serde_json::json;
use uuid::Uuid;

use super::{
    batch::{Import, Record, batches, insert_all},
    document::{Entry, LinkEntry, RecordReference},
    records::{self, Records},
    report::{List, Place, Refusal},
};
use crate::{
    audit::{self, Event},
    entity::record_link,
    error::StoreError,
    time::millis,
};

/// Imports all of them.
pub(super) async fn import(import: &mut Import<'_>) -> Result<(), StoreError> {
    let document = import.document;
    for (first, batch) in batches(&document.links) {
        import_batch(import, first, batch).await?;
    }
    Ok(())
}

/// Both ends of a link.
#[derive(Clone, Copy)]
struct Ends {
    guardian: Record,
    pupil: Record,
}

impl Ends {
    const fn pair(self) -> (Uuid, Uuid) {
        (self.guardian.id, self.pupil.id)
    }
}

/// What a batch writes.
#[derive(Default)]
struct Plan {
    rows: Vec<record_link::ActiveModel>,
    added: Vec<(Ends, &'static str)>,
    ended: Vec<Ends>,
}

async fn import_batch<'a>(
    import: &mut Import<'a>,
    first: usize,
    batch: &'a [Entry<LinkEntry>],
) -> Result<(), StoreError> {
    let entries = import.readable(List::Links, first, batch);
    let transaction = import.begin().await?;
    let stored = find_records(import, &transaction, &entries).await?;
    let mut linked = Vec::new();
    for (place, entry) in entries {
        match ends(import, place, entry, &stored) {
            Ok(ends) if import.links.insert(ends.pair()) => linked.push((entry, ends)),
            Ok(_) => import.refuse(place.refuse("", "the file has this link already")),
            Err(refusal) => import.refuse(refusal),
        }
    }
    let before = find(import, &transaction, &linked).await?;
    let mut plan = Plan::default();
    for (entry, ends) in linked {
        plan_link(import, &mut plan, entry, ends, before.get(&ends.pair()));
    }
    if import.options.dry_run {
        return Ok(());
    }
    plan.write(import, &transaction).await?;
    Ok(transaction.commit().await?)
}

/// Those of the batch's records that are not in the file.
async fn find_records(
    import: &Import<'_>,
    connection: &impl ConnectionTrait,
    entries: &[(Place, &LinkEntry)],
) -> Result<Records, StoreError> {
    let both = entries
        .iter()
        .flat_map(|(_, entry)| [&entry.guardian, &entry.pupil]);
    let missing = both
        .map(name_of)
        .filter(|name| !import.records.contains_key(name));
    records::find(connection, missing).await
}

fn name_of(reference: &RecordReference) -> (&str, &str) {
    (reference.source.as_str(), reference.key.as_str())
}

fn ends(
    import: &Import<'_>,
    place: Place,
    entry: &LinkEntry,
    stored: &Records,
) -> Result<Ends, Refusal> {
    let end = |member, reference, kind| {
        let record = find_record(import, stored, reference).ok_or_else(|| {
            place.refuse(member, "there is no such record, or its entry was refused")
        })?;
        if record.kind == kind {
            Ok(record)
        } else {
            Err(place.refuse(member, "the record is of another kind"))
        }
    };
    Ok(Ends {
        guardian: end("guardian", &entry.guardian, PersonKind::Guardian)?,
        pupil: end("pupil", &entry.pupil, PersonKind::Pupil)?,
    })
}

fn find_record(
    import: &Import<'_>,
    stored: &Records,
    reference: &RecordReference,
) -> Option<Record> {
    let (source, key) = name_of(reference);
    if let Some(record) = import.records.get(&(source, key)) {
        return Some(*record);
    }
    let row = stored.get(&(source.to_owned(), key.to_owned()))?;
    Some(Record {
        id: row.id,
        account: row.account_id,
        kind: PersonKind::parse(&row.kind)?,
    })
}

/// The links of the batch, held: an officer may be ending one.
async fn find(
    import: &Import<'_>,
    connection: &impl ConnectionTrait,
    linked: &[(&LinkEntry, Ends)],
) -> Result<HashMap<(Uuid, Uuid), record_link::Model>, StoreError> {
    let guardians = linked.iter().map(|(_, ends)| ends.guardian.id);
    let query =
        record_link::Entity::find().filter(record_link::Column::GuardianRecordId.is_in(guardians));
    let rows = import.locked(query).all(connection).await?;
    let keyed = |row: record_link::Model| ((row.guardian_record_id, row.pupil_record_id), row);
    Ok(rows.into_iter().map(keyed).collect())
}

fn plan_link(
    import: &mut Import<'_>,
    plan: &mut Plan,
    entry: &LinkEntry,
    ends: Ends,
    before: Option<&record_link::Model>,
) {
    let stands = before.is_some_and(is_filed);
    let is_same = before.is_some_and(|row| {
        let facts = (row.relationship.as_str(), row.legal_rank);
        stands && facts == (entry.relationship.as_str(), entry.rank)
    });
    let counts = &mut import.report.links;
    if (entry.ended && !stands) || (!entry.ended && is_same) {
        counts.unchanged += 1;
        return;
    }
    match before {
        None => counts.created += 1,
        Some(_) => counts.updated += 1,
    }
    // What the school ended in the console stays ended: what its file says of it counts once
    // the school lets the link count again.
    let is_free = before.is_none_or(|row| row.barred_at.is_none());
    if is_free && entry.ended {
        plan.ended.push(ends);
    } else if is_free && !stands {
        plan.added.push((ends, entry.relationship.as_str()));
    }
    let row = row(import, entry, ends, before);
    plan.rows.push(row.into_active_model().reset_all());
}

/// Whether the file last said that there is this link.
const fn is_filed(row: &record_link::Model) -> bool {
    match row.barred_at {
        Some(_) => row.filed_ended_at.is_none(),
        None => row.ended_at.is_none(),
    }
}

fn row(
    import: &Import<'_>,
    entry: &LinkEntry,
    ends: Ends,
    before: Option<&record_link::Model>,
) -> record_link::Model {
    let now = millis(import.ambient.now());
    let filed_end = entry.ended.then_some(now);
    let barred = before.filter(|row| row.barred_at.is_some());
    record_link::Model {
        id: before.map_or_else(|| LinkId::new(import.ambient).as_uuid(), |row| row.id),
        guardian_record_id: ends.guardian.id,
        pupil_record_id: ends.pupil.id,
        relationship: entry.relationship.as_str().to_owned(),
        legal_rank: entry.rank,
        ended_at: barred.map_or(filed_end, |row| row.ended_at),
        barred_at: barred.and_then(|row| row.barred_at),
        filed_ended_at: barred.and(filed_end),
        created_at: before.map_or(now, |row| row.created_at),
        updated_at: now,
    }
}

fn replace() -> OnConflict {
    use record_link::Column::{
        EndedAt, FiledEndedAt, GuardianRecordId, LegalRank, PupilRecordId, Relationship, UpdatedAt,
    };
    OnConflict::columns([GuardianRecordId, PupilRecordId])
        .update_columns([Relationship, LegalRank, EndedAt, FiledEndedAt, UpdatedAt])
        .to_owned()
}

impl Plan {
    async fn write(
        self,
        import: &Import<'_>,
        transaction: &DatabaseTransaction,
    ) -> Result<(), StoreError> {
        insert_all(transaction, self.rows, Some(replace())).await?;
        let added = self.added.iter().map(|(ends, relationship)| {
            let details = json!({ "pupil": ends.pupil.account, "relationship": relationship });
            import
                .event(Action::LinkAdded, ends.guardian.account)
                .with(details)
        });
        let mut events: Vec<Event> = added.collect();
        for ends in self.ended {
            if !is_still_linked(transaction, ends).await? {
                let event = import.event(Action::LinkEnded, ends.guardian.account);
                events.push(event.with(json!({ "pupil": ends.pupil.account })));
            }
        }
        audit::record_all(transaction, import.ambient, events).await
    }
}

/// Another source may assert what this one has ended.
async fn is_still_linked(
    connection: &impl ConnectionTrait,
    ends: Ends,
) -> Result<bool, StoreError> {
    let statement = Statement::from_sql_and_values(
        connection.get_database_backend(),
        "select 1
           from directory_record guardian
           join record_link link on link.guardian_record_id = guardian.id and link.ended_at is null
           join directory_record pupil on pupil.id = link.pupil_record_id and pupil.ended_at is null
          where guardian.account_id = $1 and guardian.ended_at is null and pupil.account_id = $2
          limit 1",
        [ends.guardian.account.into(), ends.pupil.account.into()],
    );
    Ok(connection.query_one_raw(statement).await?.is_some())
}
