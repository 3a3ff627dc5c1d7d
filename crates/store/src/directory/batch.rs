//! What the lists of a file have in common: batches, transactions, what earlier lists
//! found, and the report.

use std::collections::{HashMap, HashSet};

use domain::{
    account::PersonKind,
    ambient::Ambient,
    audit::{Action, Target},
    clock::legal_date,
    school::Uai,
};
use jiff::civil::Date;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, QuerySelect,
    Select, sea_query::OnConflict,
};
use uuid::Uuid;

use super::{
    Document, Options,
    document::{Entry, PersonEntry},
    report::{List, Place, Refusal, Report},
};
use crate::{
    audit::{self, Event},
    db::Database,
    error::StoreError,
};

/// Entries of one transaction: a statement of as many rows stays under the parameters
/// that `SQLite` takes (32 766), and other writers wait for some milliseconds alone.
const BATCH: usize = 500;

/// The advisory lock of PostgreSQL under which imports take turns, batch by batch; any
/// number that nobody else uses.
const IMPORT_LOCK: i64 = 0x0050_5245_4155_0001;

/// An import under way.
pub(super) struct Import<'a> {
    pub(super) database: &'a Database,
    pub(super) ambient: &'a Ambient,
    pub(super) document: &'a Document,
    pub(super) options: &'a Options<'a>,
    /// The legal date; nobody is born after it.
    pub(super) today: Date,
    /// Identifiers that the file has used, also for people who were refused.
    pub(super) identifiers: HashSet<&'a str>,
    /// Schools found or made so far.
    pub(super) schools: HashSet<Uai>,
    /// People of the file, by identifier.
    pub(super) people: HashMap<&'a str, Person<'a>>,
    /// Records of the file.
    pub(super) records: HashMap<(&'a str, &'a str), Record>,
    /// Links of the file, by their records.
    pub(super) links: HashSet<(Uuid, Uuid)>,
    pub(super) report: Report,
}

/// A person as records need them.
#[derive(Clone, Copy)]
pub(super) struct Person<'a> {
    /// What the file says.
    pub(super) entry: &'a PersonEntry,
    /// The account that new records go to; none where it is closed.
    pub(super) account: Option<Uuid>,
}

/// A record as links need it.
#[derive(Clone, Copy)]
pub(super) struct Record {
    pub(super) id: Uuid,
    pub(super) account: Uuid,
    pub(super) kind: PersonKind,
}

impl<'a> Import<'a> {
    pub(super) fn new(
        database: &'a Database,
        ambient: &'a Ambient,
        document: &'a Document,
        options: &'a Options<'a>,
    ) -> Self {
        let report = Report {
            dry_run: options.dry_run,
            ..Report::default()
        };
        Self {
            database,
            ambient,
            document,
            options,
            today: legal_date(ambient.now()),
            identifiers: HashSet::new(),
            schools: HashSet::new(),
            people: HashMap::new(),
            records: HashMap::new(),
            links: HashSet::new(),
            report,
        }
    }

    /// Begins the transaction of a batch; in a dry run one that can only read.
    pub(super) async fn begin(&self) -> Result<DatabaseTransaction, StoreError> {
        if self.options.dry_run {
            return self.database.begin_to_read().await;
        }
        let transaction = self.database.begin().await?;
        if self.database.backend() == DbBackend::Postgres {
            let lock = format!("select pg_advisory_xact_lock({IMPORT_LOCK})");
            transaction.execute_unprepared(&lock).await?;
        }
        Ok(transaction)
    }

    /// The rows of a query, locked until the batch is written: their owners may be
    /// changing them.
    pub(super) fn locked<E: EntityTrait>(&self, query: Select<E>) -> Select<E> {
        if self.options.dry_run {
            query
        } else {
            query.lock_exclusive()
        }
    }

    /// An event in the name of whoever imports.
    pub(super) fn event(&self, action: Action, account: Uuid) -> Event {
        let account = domain::ids::AccountId::from_uuid(account);
        Event::new(action, self.options.actor.clone(), Target::Account(account))
    }

    /// Notes a refusal.
    pub(super) fn refuse(&mut self, refusal: Refusal) {
        self.report.refusals.push(refusal);
    }

    /// The readable entries of a batch with their places; the others are refused.
    pub(super) fn readable<T>(
        &mut self,
        list: List,
        first: usize,
        batch: &'a [Entry<T>],
    ) -> Vec<(Place, &'a T)> {
        let places = (first..).map(|index| Place { list, index });
        let mut readable = Vec::with_capacity(batch.len());
        for (place, entry) in places.zip(batch) {
            match &entry.0 {
                Ok(entry) => readable.push((place, entry)),
                Err(fault) => self.refuse(place.refuse_fault(fault)),
            }
        }
        readable
    }

    /// Writes down that the import took place, and gives its report.
    pub(super) async fn finish(mut self) -> Result<Report, StoreError> {
        self.report.refusals.sort_by_key(|refusal| refusal.place);
        self.report.left_out.sort_by_key(|member| member.place);
        if self.options.dry_run {
            return Ok(self.report);
        }
        let report = &self.report;
        let details = serde_json::json!({
            "schools": report.schools,
            "people": report.people,
            "records": report.records,
            "links": report.links,
            "refused": report.refusals.len(),
        });
        let event = Event::new(
            Action::DirectoryImported,
            self.options.actor.clone(),
            Target::Directory,
        );
        let transaction = self.database.begin().await?;
        audit::record(&transaction, self.ambient, event.with(details)).await?;
        transaction.commit().await?;
        Ok(self.report)
    }
}

/// A list in batches, each with the index of its first entry.
pub(super) fn batches<T>(list: &[Entry<T>]) -> impl Iterator<Item = (usize, &[Entry<T>])> {
    (0..).step_by(BATCH).zip(list.chunks(BATCH))
}

/// Inserts rows in one statement; none is no statement.
pub(super) async fn insert_all<A>(
    transaction: &DatabaseTransaction,
    rows: Vec<A>,
    on_conflict: Option<OnConflict>,
) -> Result<(), StoreError>
where
    A: ActiveModelTrait,
{
    if rows.is_empty() {
        return Ok(());
    }
    let insert = A::Entity::insert_many(rows);
    let insert = match on_conflict {
        Some(on_conflict) => insert.on_conflict(on_conflict),
        None => insert,
    };
    insert.exec_without_returning(transaction).await?;
    Ok(())
}
