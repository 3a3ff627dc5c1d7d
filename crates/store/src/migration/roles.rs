//! The rights of PostgreSQL's roles (docs/OPERATIONS.md, « Roles of the database »).

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::{db::Database, error::StoreError};

/// Roles that exist already, beside the one that migrates and owns the tables.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Roles {
    /// The one that `database.url` of nodes connects as.
    pub service: Option<String>,
    /// The one that prunes and erases.
    pub keeper: Option<String>,
}

/// Tables of the trail that the service adds to and never changes.
const KEPT: &str = "audit_entry, audit_personal, audit_seal, audit_day, audit_key, audit_event";

/// What the service may do: everything with everything, but with the trail.
const OF_THE_SERVICE: [&str; 4] = [
    "grant select, insert, update, delete on all tables in schema {schema} to {role}",
    "revoke update, delete, truncate on {kept} from {role}",
    "revoke insert, delete, truncate on audit_sealer from {role}",
    "revoke insert, update, delete, truncate on seaql_migrations from {role}",
];

/// What the keeper may do: read the trail, remove from it, and write that it did.
const OF_THE_KEEPER: [&str; 4] = [
    "grant select on {kept}, audit_pending, audit_sealer, seaql_migrations to {role}",
    "grant delete on audit_entry, audit_personal, audit_seal to {role}",
    "grant insert on audit_entry, audit_personal, audit_pending to {role}",
    "revoke update, truncate on {kept} from {role}",
];

/// Gives roles their rights, as the owner of the tables, and takes from them what they
/// should not have. Doing it again changes nothing.
///
/// # Errors
/// [`StoreError::NoRoles`] on SQLite, else the database's: there must be such a role.
pub async fn grant(database: &Database, roles: &Roles) -> Result<(), StoreError> {
    if database.backend() == DbBackend::Sqlite {
        return Err(StoreError::NoRoles);
    }
    let transaction = database.begin().await?;
    let asked = "select current_schema() as schema";
    let asked = Statement::from_string(DbBackend::Postgres, asked);
    let row = transaction.query_one_raw(asked).await?;
    let schema: Option<String> = row.map(|row| row.try_get("", "schema")).transpose()?;
    let schema = quoted(&schema.unwrap_or_default());
    let given = [
        (&roles.service, OF_THE_SERVICE),
        (&roles.keeper, OF_THE_KEEPER),
    ];
    for (role, rights) in given {
        let Some(role) = role.as_deref().map(quoted) else {
            continue;
        };
        let usage = "grant usage on schema {schema} to {role}";
        for right in [usage].into_iter().chain(rights) {
            let right = right.replace("{schema}", &schema).replace("{kept}", KEPT);
            let right = right.replace("{role}", &role);
            transaction.execute_unprepared(&right).await?;
        }
    }
    transaction.commit().await?;
    Ok(())
}

/// A name as SQL takes any name.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
