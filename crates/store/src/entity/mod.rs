//! Rows, as sea-orm maps them. The schema's own words: migration/*.sql; what a
//! column is for: docs/DATA.md.
#![expect(missing_docs, reason = "a column means what docs/DATA.md says of it")]

pub mod account;
pub mod account_change;
pub mod account_grouping;
pub mod activation;
pub mod appointment;
pub mod audit_day;
pub mod audit_entry;
pub mod audit_event;
pub mod audit_key;
pub mod audit_pending;
pub mod audit_personal;
pub mod audit_seal;
pub mod audit_sealer;
pub mod authorization_grant;
pub mod bond;
pub mod client;
pub mod client_secret;
pub mod client_use;
pub mod client_version;
pub mod consent;
pub mod contact;
pub mod directory_record;
pub mod idempotent_answer;
pub mod initial_token;
pub mod invitation;
pub mod link_report;
pub mod outbox;
pub mod passkey;
pub mod pending_act;
pub mod proof;
pub mod record_link;
pub mod recovery_code;
pub mod refresh_token;
pub mod refused_birth_date;
pub mod registration_token;
pub mod registry;
pub mod revoked_token;
pub mod school;
pub mod second_factor;
pub mod service_secret;
pub mod signing_key;
pub mod subject_change;
pub mod suspension;
pub mod used_assertion;
