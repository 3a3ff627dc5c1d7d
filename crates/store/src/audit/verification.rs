//! Whether the trail is whole, and where it first is not.
//!
//! Everything is read once, in the order of the chain, in one moment of the database, so
//! that a worker may go on sealing meanwhile. What was pruned is known by the heads of its
//! days; what was erased by its commitments.

use std::{collections::BTreeMap, fmt};

use domain::ids::EventId;
use jiff::civil::Date;
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryResult, Statement};
use serde::Serialize;
use uuid::Uuid;

use super::{
    chain::{self, COLUMNS, Entry, Personal, Place},
    heads::{self, DayHead, RunningHead},
    keys::AuditKeys,
    noted::Noted,
    recorded::Recorded,
    sealer,
};
use crate::{
    db::Database,
    entity::{audit_day, audit_sealer},
    error::StoreError,
    time::instant,
};

/// Seals that are read at once.
const PAGE: usize = 1000;

/// What verifying came to.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Verified {
    /// Events that are sealed and there.
    pub sealed: u64,
    /// Events that wait for their seal.
    pub pending: u64,
    /// Events that were pruned with their days.
    pub pruned: u64,
    /// Sealed events of which what is personal was erased.
    pub erased: u64,
    /// Days with a signed head, pruned ones too.
    pub days: u64,
    /// The last place that was given.
    pub sequence: u64,
    /// The last seal, in hexadecimal: who keeps it elsewhere can say later that the chain
    /// had come so far ([`Noted`]).
    pub hash: String,
    /// Noted ends that were within pruned days, where nothing is left to compare them with.
    pub beyond_comparing: u64,
    /// The first place that is broken, if any is.
    pub broken: Option<Broken>,
}

/// A broken place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Broken {
    /// Where in the chain, if the fault is there.
    pub sequence: Option<u64>,
    /// On which day's head, if the fault is there.
    pub day: Option<Date>,
    /// At which event, where it is known.
    pub event: Option<EventId>,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// There is no such seal, though there are later ones or a worker gave this place.
    SealMissing,
    /// There is a seal after the last one that a worker signed.
    SealInserted,
    /// The event of a seal is not there.
    EventMissing,
    /// Event, seal or order are not what was sealed.
    EventChanged,
    /// What is personal of the event is not what was sealed.
    PersonalChanged,
    /// More of what was personal is missing than any erasure took.
    PersonalMissing,
    /// There is something personal, where nothing was when it was sealed, or of no event.
    PersonalInserted,
    /// An event is neither sealed nor does it wait for it.
    EventInserted,
    /// A closed day has no head.
    HeadMissing,
    /// A day's head is not the one that was signed.
    HeadChanged,
    /// A day's head is not signed by a key of ours.
    HeadForged,
    /// A day's head does not fit the seals of the day, or the head before.
    HeadMisplaced,
    /// What tells how far the worker came is not what was signed.
    EndChanged,
    /// Events were removed that no pruning removed.
    PrunedUnrecorded,
    /// The seal is not the one that was noted elsewhere.
    NotAsNoted,
    /// The chain ends before a place that was noted elsewhere.
    EndsBeforeNoted,
}

impl Fault {
    /// In words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SealMissing => "its seal is missing",
            Self::SealInserted => "the seal was inserted after the end of the chain",
            Self::EventMissing => "its event is missing",
            Self::EventChanged => "event, seal or order are not what was sealed",
            Self::PersonalChanged => "what is personal of the event is not what was sealed",
            Self::PersonalMissing => "more of what was personal is missing than was erased",
            Self::PersonalInserted => "personal fields stand where none were sealed",
            Self::EventInserted => "the event is neither sealed nor waits for its seal",
            Self::HeadMissing => "the head of the day is missing",
            Self::HeadChanged => "the head of the day is not what was signed",
            Self::HeadForged => "the head of the day bears no signature of ours",
            Self::HeadMisplaced => "the head of the day does not fit its seals or the head before",
            Self::EndChanged => "the end of the chain is not what was signed",
            Self::PrunedUnrecorded => "the events before were removed, and no pruning says so",
            Self::NotAsNoted => "the seal is not the one that was noted elsewhere",
            Self::EndsBeforeNoted => "the chain had come as far as this once, and does not now",
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(sequence) = self.sequence {
            write!(f, "place {sequence}: ")?;
        }
        if let Some(day) = self.day {
            write!(f, "day {day}: ")?;
        }
        if let Some(event) = self.event {
            write!(f, "event {event}: ")?;
        }
        f.write_str(self.fault.as_str())
    }
}

/// Reads the whole trail, which must come to every end that was noted elsewhere. With an
/// auditor's public keys, nothing that the database says of keys is believed.
///
/// # Errors
/// The database's. What is broken is no error.
pub async fn verify(
    database: &Database,
    keys: &AuditKeys,
    noted: &[Noted],
) -> Result<Verified, StoreError> {
    let transaction = database.begin_to_read_one_moment().await?;
    let row = sealer::find_row(&transaction).await?;
    let heads = heads::find_all(&transaction).await?;
    let mut walk = Walk {
        keys,
        row: &row,
        heads: &heads,
        noted,
        recorded: Recorded::find(&transaction).await?,
        missing: BTreeMap::new(),
        next_head: 0,
        next: 1,
        hash: chain::NOTHING.to_vec(),
        day: None,
        verified: Verified::default(),
    };
    let outcome = walk.go(&transaction).await?;
    let mut verified = walk.verified;
    verified.broken = outcome.err();
    verified.pending = count_pending(&transaction).await?;
    verified.sequence = row.sequence.unsigned_abs();
    verified.hash = chain::hex(&row.hash);
    verified.days = heads.len() as u64;
    transaction.rollback().await?;
    Ok(verified)
}

/// How far along the chain we are.
struct Walk<'a> {
    keys: &'a AuditKeys,
    row: &'a audit_sealer::Model,
    heads: &'a [audit_day::Model],
    noted: &'a [Noted],
    recorded: Recorded,
    /// Of how many events of each day what was personal is missing.
    missing: BTreeMap<Date, u64>,
    /// The first head that was not looked at.
    next_head: usize,
    /// The place that comes next.
    next: i64,
    /// The seal before it.
    hash: Vec<u8>,
    /// The day of that seal.
    day: Option<Date>,
    verified: Verified,
}

/// A seal as it was read, with whatever of its event is there.
struct Sealed {
    sequence: i64,
    event: Uuid,
    at: i64,
    commitment: Option<Vec<u8>>,
    hash: Vec<u8>,
    entry: Option<Entry>,
    personal: Option<Personal>,
}

/// Nothing is broken so far, or this is.
type Whole = Result<(), Broken>;

impl Walk<'_> {
    async fn go(&mut self, transaction: &DatabaseTransaction) -> Result<Whole, StoreError> {
        let begun = self.begin(transaction).await?;
        if begun.is_err() {
            return Ok(begun);
        }
        loop {
            let page = find_page(transaction, self.next - 1).await?;
            for sealed in &page {
                if let Err(broken) = self.take(sealed)? {
                    return Ok(Err(broken));
                }
            }
            if page.len() < PAGE {
                break;
            }
        }
        if let Err(broken) = self.end() {
            return Ok(Err(broken));
        }
        if let Some(day) = self.recorded.first_cut(&self.missing) {
            return Ok(Err(Broken {
                sequence: None,
                day: Some(day),
                event: None,
                fault: Fault::PersonalMissing,
            }));
        }
        find_strays(transaction).await
    }

    /// Passes over the days that were pruned.
    async fn begin(&mut self, transaction: &DatabaseTransaction) -> Result<Whole, StoreError> {
        let first = find_page(transaction, 0)
            .await?
            .first()
            .map(|seal| seal.sequence);
        let first = first.unwrap_or(self.row.sequence + 1);
        while let Some(head) = self.heads.get(self.next_head)
            && head.last_sequence < first
        {
            if let Err(broken) = self.check_head(head) {
                return Ok(Err(broken));
            }
            if let Err(broken) = self.compare(head.last_sequence, &head.hash) {
                return Ok(Err(broken));
            }
            self.verified.beyond_comparing += self.noted_within(head);
            self.next = head.last_sequence + 1;
            self.hash.clone_from(&head.hash);
            self.day = None;
            self.next_head += 1;
        }
        self.verified.pruned = (self.next - 1).unsigned_abs();
        let mut pruned = self.heads.iter().take(self.next_head);
        if pruned
            .next_back()
            .is_some_and(|head| !self.recorded.is_pruned(head))
        {
            return Ok(Err(at_place(1, Fault::PrunedUnrecorded)));
        }
        Ok(Ok(()))
    }

    /// A head by itself: its signature, its columns, and what was before it.
    fn check_head(&self, row: &audit_day::Model) -> Whole {
        let broken = |fault| Err(at_day(row, fault));
        let Some(head) = DayHead::open(row, self.keys) else {
            return broken(Fault::HeadForged);
        };
        if !head.says_the_same(row) {
            return broken(Fault::HeadChanged);
        }
        let before = self
            .next_head
            .checked_sub(1)
            .and_then(|at| self.heads.get(at));
        let follows = before.map_or(1, |before| before.last_sequence + 1);
        if head.first != follows || head.previous != before.map(heads::digest) {
            return broken(Fault::HeadMisplaced);
        }
        Ok(())
    }

    /// A seal beside what was noted of its place.
    fn compare(&self, sequence: i64, hash: &[u8]) -> Whole {
        let mut of_place = self.noted.iter().filter(|noted| noted.is_at(sequence));
        if of_place.all(|noted| noted.is(hash)) {
            Ok(())
        } else {
            Err(at_place(sequence, Fault::NotAsNoted))
        }
    }

    /// How many were noted of a pruned day before its end.
    fn noted_within(&self, head: &audit_day::Model) -> u64 {
        let within = head.first_sequence.unsigned_abs()..head.last_sequence.unsigned_abs();
        let noted = self.noted.iter();
        noted
            .filter(|noted| within.contains(&noted.place()))
            .count() as u64
    }

    fn take(&mut self, sealed: &Sealed) -> Result<Whole, StoreError> {
        if sealed.sequence != self.next {
            return Ok(Err(at_place(self.next, Fault::SealMissing)));
        }
        let day = chain::day_of(instant(sealed.at)?);
        if let Err(broken) = self.check_seal(sealed, day) {
            return Ok(Err(broken));
        }
        let before = self.day.replace(day);
        if let Some(before) = before
            && before != day
            && let Err(broken) = self.close(before)
        {
            return Ok(Err(broken));
        }
        self.next += 1;
        self.hash.clone_from(&sealed.hash);
        self.verified.sealed += 1;
        Ok(Ok(()))
    }

    fn check_seal(&mut self, sealed: &Sealed, day: Date) -> Whole {
        let broken = |fault| {
            Err(Broken {
                event: Some(EventId::from_uuid(sealed.event)),
                ..at_place(sealed.sequence, fault)
            })
        };
        if sealed.sequence > self.row.sequence {
            return broken(Fault::SealInserted);
        }
        let Some(entry) = &sealed.entry else {
            return broken(Fault::EventMissing);
        };
        let place = Place {
            sequence: sealed.sequence,
            previous: &self.hash,
            sealed_at: sealed.at,
            entry,
            commitment: sealed.commitment.as_deref(),
        };
        if place.hash().as_slice() != sealed.hash {
            return broken(Fault::EventChanged);
        }
        self.compare(sealed.sequence, &sealed.hash)?;
        match (&sealed.commitment, &sealed.personal) {
            (Some(commitment), Some(personal)) if personal.commitment() != **commitment => {
                broken(Fault::PersonalChanged)
            }
            (None, Some(_)) => broken(Fault::PersonalInserted),
            (Some(_), None) => {
                self.verified.erased += 1;
                *self.missing.entry(day).or_default() += 1;
                Ok(())
            }
            (Some(_), Some(_)) | (None, None) => Ok(()),
        }
    }

    /// The day of the seals before `next` is over: its head says what they came to.
    fn close(&mut self, day: Date) -> Whole {
        let head = self.heads.get(self.next_head);
        let Some(head) = head.filter(|head| head.first_sequence < self.next) else {
            return Err(Broken {
                day: Some(day),
                sequence: None,
                ..at_place(self.next, Fault::HeadMissing)
            });
        };
        self.check_head(head)?;
        let fits = head.day == day.to_string()
            && head.last_sequence == self.next - 1
            && head.hash == self.hash;
        if !fits {
            return Err(at_day(head, Fault::HeadMisplaced));
        }
        self.next_head += 1;
        Ok(())
    }

    /// The last day, if it is closed, and what the worker signed last.
    fn end(&mut self) -> Whole {
        if self.next <= self.row.sequence {
            return Err(at_place(self.next, Fault::SealMissing));
        }
        let next = self.next.unsigned_abs();
        let missed = self
            .noted
            .iter()
            .map(Noted::place)
            .filter(|place| *place >= next);
        if let Some(place) = missed.min() {
            return Err(Broken {
                sequence: Some(place),
                ..at_place(self.next, Fault::EndsBeforeNoted)
            });
        }
        if let Some(day) = self.day
            && self.next_head < self.heads.len()
        {
            self.close(day)?;
        }
        if let Some(head) = self.heads.get(self.next_head) {
            return Err(at_day(head, Fault::HeadMisplaced));
        }
        self.check_end()
    }

    fn check_end(&self) -> Whole {
        let latest = self.heads.last();
        let broken = Err(at_place(self.row.sequence, Fault::EndChanged));
        let Some(signature) = &self.row.signature else {
            let is_new = self.next == 1 && latest.is_none() && self.row.hash == chain::NOTHING;
            return if is_new { Ok(()) } else { broken };
        };
        let Some(signed) = RunningHead::open(signature, self.keys) else {
            return broken;
        };
        let said = RunningHead::of(self.row, latest);
        if signed.day != said.day {
            return Err(Broken {
                day: latest.and_then(|head| head.day.parse().ok()),
                sequence: None,
                ..at_place(self.row.sequence, Fault::HeadMissing)
            });
        }
        if signed != said || self.row.hash != self.hash {
            return broken;
        }
        Ok(())
    }
}

fn at_place(sequence: i64, fault: Fault) -> Broken {
    Broken {
        sequence: Some(sequence.unsigned_abs()),
        day: None,
        event: None,
        fault,
    }
}

fn at_day(head: &audit_day::Model, fault: Fault) -> Broken {
    Broken {
        sequence: None,
        day: head.day.parse().ok(),
        event: None,
        fault,
    }
}

async fn find_page(
    transaction: &DatabaseTransaction,
    after: i64,
) -> Result<Vec<Sealed>, StoreError> {
    let sql = format!(
        "select {COLUMNS}, seal.sequence, seal.event_id as sealed_event, seal.sealed_at, \
         seal.commitment, seal.hash from audit_seal seal \
         left join audit_entry entry on entry.id = seal.event_id \
         left join audit_personal personal on personal.event_id = seal.event_id \
         where seal.sequence > $1 order by seal.sequence limit {PAGE}"
    );
    let backend = transaction.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, [after.into()]);
    let rows = transaction.query_all_raw(statement).await?;
    rows.iter().map(read).collect()
}

fn read(row: &QueryResult) -> Result<Sealed, StoreError> {
    Ok(Sealed {
        sequence: row.try_get("", "sequence")?,
        event: row.try_get("", "sealed_event")?,
        at: row.try_get("", "sealed_at")?,
        commitment: row.try_get("", "commitment")?,
        hash: row.try_get("", "hash")?,
        entry: Entry::read(row)?,
        personal: Personal::read(row)?,
    })
}

/// Events, and personal fields, that belong nowhere.
async fn find_strays(transaction: &DatabaseTransaction) -> Result<Whole, StoreError> {
    let questions = [
        (
            "select entry.id as stray from audit_entry entry \
             left join audit_seal seal on seal.event_id = entry.id \
             left join audit_pending pending on pending.event_id = entry.id \
             where seal.event_id is null and pending.event_id is null \
             order by entry.id limit 1",
            Fault::EventInserted,
        ),
        (
            "select pending.event_id as stray from audit_pending pending \
             left join audit_entry entry on entry.id = pending.event_id \
             where entry.id is null order by pending.event_id limit 1",
            Fault::EventMissing,
        ),
        (
            "select personal.event_id as stray from audit_personal personal \
             left join audit_entry entry on entry.id = personal.event_id \
             where entry.id is null order by personal.event_id limit 1",
            Fault::PersonalInserted,
        ),
    ];
    for (sql, fault) in questions {
        let statement = Statement::from_string(transaction.get_database_backend(), sql);
        if let Some(row) = transaction.query_one_raw(statement).await? {
            return Ok(Err(Broken {
                sequence: None,
                day: None,
                event: Some(EventId::from_uuid(row.try_get("", "stray")?)),
                fault,
            }));
        }
    }
    Ok(Ok(()))
}

async fn count_pending(transaction: &DatabaseTransaction) -> Result<u64, StoreError> {
    let sql = "select count(*) as events from audit_pending pending \
               join audit_entry entry on entry.id = pending.event_id \
               left join audit_seal seal on seal.event_id = entry.id \
               where seal.event_id is null";
    let statement = Statement::from_string(transaction.get_database_backend(), sql);
    let row = transaction.query_one_raw(statement).await?;
    let events: Option<i64> = row.map(|row| row.try_get("", "events")).transpose()?;
    Ok(events.unwrap_or(0).unsigned_abs())
}
