//! Imports of school directories: the project's own JSON.
//!
//! A file is one object with up to four lists, each of which may be left out. Members
//! that are not named here are refused; a question mark marks those that may be left
//! out. Dates are `YYYY-MM-DD`, phone numbers E.164, e-mail addresses `name@host`.
//!
//! | list | an entry's members |
//! | --- | --- |
//! | `schools` | `uai`, `name`, `level` (`ecole`, `college`, `lycee`), `town`?, `email`?, `phone`? |
//! | `people` | `identifier`, `kind` (`pupil`, `guardian`, `officer`, `administrator`), `given_name`, `family_name`, `birth_date`?, `state`? (`known`, `active`; `known` if left out), `locale`? (`fr`, `en`), `password`? (`{"hash": "$argon2id$…"}` or `{"plain": "…"}`), `provisional`? (whether that password only opens activation), `email`? and `phone`? (`{"value": …, "confirmed": …}`), `claims`?, `bonds`? (each `{"upstream": …, "sub": …}`: a subject of a configured upstream that signs in to the account), `schools`? (UAI codes: where an officer is appointed) |
//! | `records` | `source`, `key`, `school` (a UAI code), `kind` (`pupil`, `guardian`), `person` (an identifier), `given_name`?, `family_name`?, `birth_date`?, `email`?, `phone`?, `class`? |
//! | `links` | `guardian` and `pupil` (each `{"source": …, "key": …}` or `"source/key"` of a record), `relationship` (`mother`, `father`, `guardian`, `other`), `rank`? (1 or 2; 1 if left out), `ended`? |
//!
//! `claims` holds standard claims beyond these, for staff and test persons:
//! `middle_name`, `nickname`, `preferred_username`, `profile`, `picture`, `website`,
//! `gender`, `zoneinfo`, and `address` with the members of OpenID Connect Core, section
//! 5.1.1. What a record leaves out of names, birth date and contacts is its person's
//! as the file has it; of a person who is not in the file, the account's names and
//! birth date.
//!
//! What an import does:
//! - The same file again changes nothing.
//! - It changes records, links, and an account's names, birth date and claims; what
//!   the file leaves out of an account stays.
//! - It never changes what an owner chose: the password, the contacts and the language
//!   of an account that is not merely known. A known account takes new contacts from
//!   the file, a password if it has none, and may be made active; no state is ever
//!   taken back. A password that a known account has stays, since the school may have
//!   given a newer one meanwhile.
//! - `bonds` are taken up for an account that is new or merely known, never for one in
//!   use; a subject that is bound already stays where it is. A bond of an upstream that
//!   is not configured is left out of its entry, and told.
//! - An administrator's or officer's account that is new or merely known is appointed
//!   as the file says; of one in use, appointments are the administrators' to change, so
//!   that no file gives back what they ended. A school that is not known is left out of
//!   its entry, and told.
//! - `totp_secret` becomes the second factor of an account that is new or merely known,
//!   and of an officer or administrator who never had one; whoever has or had a second
//!   factor keeps what they have.
//! - Accounts that were merged or closed stay as they are. A record stays with the
//!   account to which a grouping gave it; a new record of a merged account goes to the
//!   account it was merged into.
//! - A record that comes (again) has not ended. A link that the file does not name
//!   stays as it is; `"ended": true` ends it, and naming it again takes it up again.
//! - An entry that is refused is reported with where it stands in the file, and all
//!   that does not depend on it goes on.
//!
//! Rows are written in batches, each in a transaction of its own with its audit
//! events, in the order schools, people, records, links: an import that was cut off
//! leaves sound rows, and running it again completes it.

mod batch;
mod contacts;
mod document;
mod fields;
mod links;
mod people;
mod records;
mod report;
mod schools;

use domain::{ambient::Ambient, audit::Actor, secret::Secret, totp::TotpKey};

pub use self::{
    document::{
        Address, BondEntry, Claims, ContactEntry, Document, Entry, EntryState, Language, LinkEntry,
        Password, PersonEntry, RecordEntry, RecordReference, SchoolEntry,
    },
    fields::{AuthenticatorKey, BirthDate, KeyText, Name, PasswordHash, SourceName, Text},
    report::{Counts, Refusal, Report},
};
use crate::{db::Database, error::StoreError, vault::Vault};

/// How an import goes.
pub struct Options<'a> {
    /// Whether nothing is written; the report is the same.
    pub dry_run: bool,
    /// In whose name.
    pub actor: Actor,
    /// Hashes a plain password into PHC form (Argon2id). Called outside of
    /// transactions, on the calling task; never in a dry run.
    pub hash: &'a (dyn Fn(&Secret) -> String + Send + Sync),
    /// The issuer of a configured upstream, by its name.
    pub issuer_of: &'a (dyn Fn(&str) -> Option<String> + Send + Sync),
    /// Seals what must be read again.
    pub vault: &'a Vault,
    /// A key that everybody knows: it becomes nobody's second factor.
    pub known_key: Option<&'a TotpKey>,
}

/// Imports a document; what it changed and what it refused.
///
/// # Errors
/// The database's alone: batches before the failing one stay, and the import can be
/// run again.
pub async fn import(
    database: &Database,
    ambient: &Ambient,
    document: Document,
    options: Options<'_>,
) -> Result<Report, StoreError> {
    let mut import = batch::Import::new(database, ambient, &document, &options);
    schools::import(&mut import).await?;
    people::import(&mut import).await?;
    records::import(&mut import).await?;
    links::import(&mut import).await?;
    import.finish().await
}
