//! What the chain came to, signed: at the end of each day, and after each round of the
//! worker.

use jiff::civil::Date;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, QueryOrder};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{chain::hex, keys::AuditKeys};
use crate::{
    entity::{audit_day, audit_sealer},
    error::StoreError,
};

/// The `typ` of a day's head.
const DAY: &str = "preau-audit-day";
/// The `typ` of the running head.
const RUNNING: &str = "preau-audit-head";

/// The head of a closed day, as it is signed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct DayHead {
    /// The day, UTC.
    pub(super) day: Date,
    /// The first place of the day.
    pub(super) first: i64,
    /// The last one.
    pub(super) last: i64,
    /// The last seal.
    pub(super) hash: String,
    /// The digest of the head of the day before that had one.
    pub(super) previous: Option<String>,
}

/// How far the worker came, as it is signed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct RunningHead {
    /// The last place.
    pub(super) sequence: i64,
    /// When it was given.
    pub(super) sealed_at: i64,
    /// Its seal.
    pub(super) hash: String,
    /// The digest of the latest day's head.
    pub(super) day: Option<String>,
}

impl DayHead {
    /// Signs it and writes it down; its row.
    pub(super) async fn insert(
        self,
        connection: &impl ConnectionTrait,
        keys: &AuditKeys,
        hash: &[u8],
    ) -> Result<audit_day::Model, StoreError> {
        let signature = keys.sign(DAY, &self)?;
        let row = audit_day::Model {
            day: self.day.to_string(),
            first_sequence: self.first,
            last_sequence: self.last,
            hash: hash.to_vec(),
            signature,
        };
        let written = audit_day::ActiveModel {
            day: Set(row.day.clone()),
            first_sequence: Set(row.first_sequence),
            last_sequence: Set(row.last_sequence),
            hash: Set(row.hash.clone()),
            signature: Set(row.signature.clone()),
        };
        audit_day::Entity::insert(written)
            .exec_without_returning(connection)
            .await?;
        Ok(row)
    }

    /// What a row's signature covers, if it is ours.
    pub(super) fn open(row: &audit_day::Model, keys: &AuditKeys) -> Option<Self> {
        keys.open(DAY, &row.signature)
    }

    /// Whether the row's columns say the same.
    pub(super) fn says_the_same(&self, row: &audit_day::Model) -> bool {
        self.day.to_string() == row.day
            && self.first == row.first_sequence
            && self.last == row.last_sequence
            && self.hash == hex(&row.hash)
    }
}

impl RunningHead {
    /// What a worker's row says, without its signature.
    pub(super) fn of(row: &audit_sealer::Model, latest: Option<&audit_day::Model>) -> Self {
        Self {
            sequence: row.sequence,
            sealed_at: row.sealed_at,
            hash: hex(&row.hash),
            day: latest.map(digest),
        }
    }

    pub(super) fn sign(&self, keys: &AuditKeys) -> Result<String, StoreError> {
        keys.sign(RUNNING, self)
    }

    /// What the signature covers, if it is ours.
    pub(super) fn open(signature: &str, keys: &AuditKeys) -> Option<Self> {
        keys.open(RUNNING, signature)
    }
}

/// By what a later head names this one.
pub(super) fn digest(row: &audit_day::Model) -> String {
    hex(&Sha256::digest(&row.signature))
}

/// The heads of all days, oldest first.
pub(super) async fn find_all(
    connection: &impl ConnectionTrait,
) -> Result<Vec<audit_day::Model>, StoreError> {
    let all = audit_day::Entity::find().order_by_asc(audit_day::Column::FirstSequence);
    Ok(all.all(connection).await?)
}

/// The head of the latest closed day.
pub(super) async fn find_latest(
    connection: &impl ConnectionTrait,
) -> Result<Option<audit_day::Model>, StoreError> {
    let all = audit_day::Entity::find().order_by_desc(audit_day::Column::LastSequence);
    Ok(all.one(connection).await?)
}
