//! Keeps what must not be lost, and what may.
//!
//! This crate owns the main database (entities, migrations, queries, transactions),
//! the ephemeral store, the vault that seals secrets at rest, the audit trail and the
//! directory import. It must not know HTTP, pages, or the protocols' messages.
//!
//! Functions take the connection or the transaction of their caller; who begins a
//! transaction commits it, by an explicit last call. Every UPDATE that a rule hangs on
//! says how many rows it touched.

pub mod accounts;
pub mod activations;
pub mod appointments;
pub mod assertions;
pub mod audit;
pub mod bonds;
pub mod changes;
pub mod clients;
mod connection;
pub mod consents;
pub mod contacts;
pub mod db;
pub mod desk;
pub mod directory;
pub mod entity;
pub mod ephemeral;
pub mod error;
pub mod export;
pub mod grants;
pub mod groupings;
pub mod idempotency;
pub mod invitations;
pub mod keys;
pub mod link_reports;
pub mod migration;
pub mod outbox;
pub mod passkeys;
pub mod pending_acts;
pub mod people;
pub mod proofs;
pub mod refresh_tokens;
pub mod refused_dates;
pub mod registrations;
pub mod revocations;
pub mod school_words;
pub mod schools;
pub mod second_factors;
pub mod standing;
mod suspended_part;
pub mod sweep;
pub mod testing;
pub mod time;
pub mod vault;
pub mod vouching;

pub use sea_orm::{ConnectionTrait, DatabaseTransaction};

pub use self::{
    connection::Connection,
    db::Database,
    error::StoreError,
    vault::{ServiceSecrets, Vault},
};
