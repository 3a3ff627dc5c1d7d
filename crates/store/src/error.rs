//! What can go wrong in the store.

/// The store failed, or refuses to go on. Never an answer to input: what a caller can
/// cause is an `Option` or an enumeration of the function's own.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, or refused a statement.
    #[error("database: {0}")]
    Database(#[from] sea_orm::DbErr),
    /// The ephemeral store cannot be reached.
    #[error(transparent)]
    Ephemeral(#[from] crate::ephemeral::EphemeralError),
    /// The schema lacks steps that this version needs.
    #[error(
        "the database's schema is at step {applied} of {known}: run `preau migrate` with the same configuration, then start again"
    )]
    SchemaBehind {
        /// Steps that it has.
        applied: usize,
        /// Steps that this version knows.
        known: usize,
    },
    /// A later version of Préau has changed the schema.
    #[error(
        "the database's schema has the step {step}, which this version does not know: run the version that made it, or a later one"
    )]
    SchemaTooNew {
        /// The first unknown step.
        step: String,
    },
    /// `database.url` is neither SQLite's nor PostgreSQL's.
    #[error("database.url must begin with sqlite: or postgres: ({0})")]
    Url(String),
    /// A sealed value does not open: wrong key, or altered.
    #[error("a sealed value ({0}) does not open with the configured keys")]
    Unsealable(&'static str),
    /// A row holds what this version does not understand.
    #[error("table {table}: a row is malformed ({what})")]
    Malformed {
        /// The table.
        table: &'static str,
        /// What is wrong.
        what: &'static str,
    },
    /// A key of the audit trail cannot be made, read or used.
    #[error("a key of the audit trail cannot be used: {0}")]
    AuditKey(String),
    /// The end of the audit trail is not what a worker signed: somebody changed it.
    #[error(
        "the end of the audit trail is not what was signed: nothing more is sealed; `preau audit verify` says what is broken"
    )]
    AuditHead,
    /// Roles were named for a database that has none.
    #[error("SQLite has no roles: rights are those of the file")]
    NoRoles,
}
