//! What a seal covers: the seal before it, the event, and a commitment to what is
//! personal of it. docs/ARCHITECTURE.md tells the same to auditors, byte for byte.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use sea_orm::{QueryResult, Value as SqlValue};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::StoreError;

/// What is before the first seal.
pub(super) const NOTHING: [u8; 32] = [0; 32];

/// An event as its row holds it, without what is personal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    pub(super) id: Uuid,
    pub(super) at: i64,
    pub(super) action: String,
    pub(super) actor_kind: String,
    pub(super) actor_id: Option<String>,
    pub(super) target_kind: String,
    pub(super) target_id: Option<String>,
    pub(super) client_id: Option<String>,
    pub(super) details: Option<String>,
}

/// What is personal of an event.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Personal {
    pub(super) salt: Vec<u8>,
    pub(super) actor_id: Option<String>,
    pub(super) target_id: Option<String>,
    pub(super) network: Option<String>,
    pub(super) details: Option<String>,
}

/// The columns that [`Entry::read`] and [`Personal::read`] read, of the tables `entry` and
/// `personal`, either of which may have no row.
pub(super) const COLUMNS: &str = "\
    entry.id as entry_id, entry.at, entry.action, entry.actor_kind, \
    entry.actor_id as entry_actor_id, entry.target_kind, entry.target_id as entry_target_id, \
    entry.client_id, entry.details as entry_details, personal.event_id as personal_id, \
    personal.salt, personal.actor_id, personal.target_id, personal.network, personal.details";

impl Entry {
    /// `None` where the row is not there.
    pub(super) fn read(row: &QueryResult) -> Result<Option<Self>, StoreError> {
        let Some(id) = row.try_get("", "entry_id")? else {
            return Ok(None);
        };
        Ok(Some(Self {
            id,
            at: row.try_get("", "at")?,
            action: row.try_get("", "action")?,
            actor_kind: row.try_get("", "actor_kind")?,
            actor_id: row.try_get("", "entry_actor_id")?,
            target_kind: row.try_get("", "target_kind")?,
            target_id: row.try_get("", "entry_target_id")?,
            client_id: row.try_get("", "client_id")?,
            details: row.try_get("", "entry_details")?,
        }))
    }

    /// In the order of the table's columns.
    pub(super) fn values(self) -> Vec<SqlValue> {
        vec![
            self.id.into(),
            self.at.into(),
            self.action.into(),
            self.actor_kind.into(),
            self.actor_id.into(),
            self.target_kind.into(),
            self.target_id.into(),
            self.client_id.into(),
            self.details.into(),
        ]
    }
}

impl Personal {
    /// `None` where the row is not there.
    pub(super) fn read(row: &QueryResult) -> Result<Option<Self>, StoreError> {
        let id: Option<Uuid> = row.try_get("", "personal_id")?;
        if id.is_none() {
            return Ok(None);
        }
        Ok(Some(Self {
            salt: row.try_get("", "salt")?,
            actor_id: row.try_get("", "actor_id")?,
            target_id: row.try_get("", "target_id")?,
            network: row.try_get("", "network")?,
            details: row.try_get("", "details")?,
        }))
    }

    /// In the order of the table's columns.
    pub(super) fn values(self, event: Uuid) -> Vec<SqlValue> {
        vec![
            event.into(),
            self.salt.into(),
            self.actor_id.into(),
            self.target_id.into(),
            self.network.into(),
            self.details.into(),
        ]
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.actor_id.is_none()
            && self.target_id.is_none()
            && self.network.is_none()
            && self.details.is_none()
    }

    /// SHA-256 of the salt and of the fields as a JSON array. The salt makes it say nothing
    /// of what it stands for once the row is gone.
    pub(super) fn commitment(&self) -> [u8; 32] {
        let fields = json!([self.actor_id, self.target_id, self.network, self.details]);
        let mut digest = Sha256::new();
        digest.update(&self.salt);
        digest.update(fields.to_string());
        digest.finalize().into()
    }
}

/// An event at its place in the chain.
pub(super) struct Place<'a> {
    pub(super) sequence: i64,
    pub(super) previous: &'a [u8],
    pub(super) sealed_at: i64,
    pub(super) entry: &'a Entry,
    pub(super) commitment: Option<&'a [u8]>,
}

impl Place<'_> {
    /// SHA-256 of everything, as a JSON array of texts, numbers and nulls.
    pub(super) fn hash(&self) -> [u8; 32] {
        let entry = self.entry;
        let covered = json!([
            "preau-audit-1",
            self.sequence,
            hex(self.previous),
            self.sealed_at,
            entry.id.to_string(),
            entry.at,
            entry.action,
            entry.actor_kind,
            entry.actor_id,
            entry.target_kind,
            entry.target_id,
            entry.client_id,
            entry.details,
            self.commitment.map(hex),
        ]);
        Sha256::digest(covered.to_string()).into()
    }
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The day of an instant, UTC: what is sealed on it belongs to its head.
pub(super) fn day_of(instant: Timestamp) -> Date {
    instant.to_zoned_datetime(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            id: Uuid::nil(),
            at: 1,
            action: "account.signed_in".into(),
            actor_kind: "account".into(),
            actor_id: None,
            target_kind: "account".into(),
            target_id: None,
            client_id: None,
            details: None,
        }
    }

    #[test]
    fn every_field_is_covered() {
        let hash = |change: &dyn Fn(&mut Entry)| {
            let mut entry = entry();
            change(&mut entry);
            Place {
                sequence: 1,
                previous: &NOTHING,
                sealed_at: 1,
                entry: &entry,
                commitment: None,
            }
            .hash()
        };
        let changes: [&dyn Fn(&mut Entry); 10] = [
            &|_| {},
            &|entry| entry.id = Uuid::max(),
            &|entry| entry.at = 2,
            &|entry| entry.action = "account.signed_out".into(),
            &|entry| entry.actor_kind = "client".into(),
            &|entry| entry.actor_id = Some(String::new()),
            &|entry| entry.target_kind = "client".into(),
            &|entry| entry.target_id = Some(String::new()),
            &|entry| entry.client_id = Some(String::new()),
            &|entry| entry.details = Some(String::new()),
        ];
        let hashes: std::collections::HashSet<_> = changes.into_iter().map(hash).collect();
        assert_eq!(hashes.len(), 10);
    }

    /// What docs/ARCHITECTURE.md says that an auditor computes.
    #[test]
    fn the_covered_text_is_the_documented_one() {
        let text = r#"["preau-audit-1",1,"0000000000000000000000000000000000000000000000000000000000000000",1,"00000000-0000-0000-0000-000000000000",1,"account.signed_in","account",null,"account",null,null,null,null]"#;
        let entry = entry();
        let place = Place {
            sequence: 1,
            previous: &NOTHING,
            sealed_at: 1,
            entry: &entry,
            commitment: None,
        };
        assert_eq!(place.hash(), <[u8; 32]>::from(Sha256::digest(text)));
    }

    #[test]
    fn a_commitment_depends_on_its_salt() {
        let of = |salt: u8| Personal {
            salt: vec![salt; 32],
            actor_id: Some("somebody".into()),
            ..Personal::default()
        };
        assert_ne!(of(1).commitment(), of(2).commitment());
        assert_eq!(of(1).commitment(), of(1).commitment());
    }
}
