//! The schema and its steps, the same on both databases.
//!
//! A step is a SQL file whose types are placeholders; docs/MIGRATIONS.md tells how
//! steps are written so that two versions can run at once (expand, then contract).

mod roles;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use sea_orm_migration::prelude::{
    MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait,
};

pub use self::roles::{Roles, grant};
use crate::{db::Database, error::StoreError};

/// All steps, in order.
struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        STEPS
            .iter()
            .map(|step| Box::new(*step) as Box<dyn MigrationTrait>)
            .collect()
    }
}

const STEPS: [Step; 14] = [
    Step {
        name: "0001_foundation",
        sql: include_str!("foundation.sql"),
    },
    Step {
        name: "0002_self_service",
        sql: include_str!("self_service.sql"),
    },
    Step {
        name: "0003_refresh_chain",
        sql: include_str!("refresh_chain.sql"),
    },
    Step {
        name: "0004_delivery",
        sql: include_str!("delivery.sql"),
    },
    Step {
        name: "0005_upstream",
        sql: include_str!("upstream.sql"),
    },
    Step {
        name: "0006_second_factor",
        sql: include_str!("second_factor.sql"),
    },
    Step {
        name: "0007_audit_chain",
        sql: include_str!("audit_chain.sql"),
    },
    Step {
        name: "0008_appointments",
        sql: include_str!("appointments.sql"),
    },
    Step {
        name: "0009_officers",
        sql: include_str!("officers.sql"),
    },
    Step {
        name: "0010_binding_codes",
        sql: include_str!("binding_codes.sql"),
    },
    Step {
        name: "0012_client_console",
        sql: include_str!("client_console.sql"),
    },
    Step {
        name: "0013_passkeys",
        sql: include_str!("passkeys.sql"),
    },
    Step {
        name: "0014_desk_answers",
        sql: include_str!("desk_answers.sql"),
    },
    Step {
        name: "0015_sectors",
        sql: include_str!("sectors.sql"),
    },
];

/// One step: a name that never changes once it was released, and its SQL.
#[derive(Clone, Copy)]
struct Step {
    name: &'static str,
    sql: &'static str,
}

impl MigrationName for Step {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    /// A step that was cut off leaves nothing behind.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = manager.get_database_backend();
        let sql = for_backend(self.sql, backend);
        for statement in statements(&sql, backend) {
            connection.execute_unprepared(&statement).await?;
        }
        Ok(())
    }
}

fn for_backend(sql: &str, backend: DbBackend) -> String {
    let types: [(&str, &str); 7] = match backend {
        DbBackend::Sqlite => [
            ("{uuid}", "blob"),
            ("{time}", "integer"),
            ("{count}", "integer"),
            ("{bool}", "integer"),
            ("{json}", "text"),
            ("{bytes}", "blob"),
            ("{options}", "strict, without rowid"),
        ],
        _ => [
            ("{uuid}", "uuid"),
            ("{time}", "bigint"),
            ("{count}", "bigint"),
            ("{bool}", "boolean"),
            ("{json}", "jsonb"),
            ("{bytes}", "bytea"),
            ("{options}", ""),
        ],
    };
    types.iter().fold(sql.to_owned(), |sql, (name, spelt)| {
        sql.replace(name, spelt)
    })
}

const FOR_SQLITE: &str = "{sqlite} ";
const FOR_POSTGRES: &str = "{postgres} ";

/// The statements for this database: those that are marked as the other's are left out.
fn statements(sql: &str, backend: DbBackend) -> impl Iterator<Item = String> {
    let (own, other) = match backend {
        DbBackend::Sqlite => (FOR_SQLITE, FOR_POSTGRES),
        _ => (FOR_POSTGRES, FOR_SQLITE),
    };
    sql.split(";\n")
        .map(str::trim)
        .filter(move |part| !part.is_empty() && !part.contains(other))
        .map(move |part| part.replace(own, ""))
}

/// Takes the schema to this version's; how many steps that took.
///
/// # Errors
/// [`StoreError::SchemaTooNew`] where a later version has been here, else the
/// database's.
pub async fn migrate(database: &Database) -> Result<usize, StoreError> {
    let before = match check(database).await {
        Ok(()) => return Ok(0),
        Err(StoreError::SchemaBehind { applied, .. }) => applied,
        Err(error) => return Err(error),
    };
    Migrator::up(database.pool(), None).await?;
    Ok(STEPS.len() - before)
}

/// Takes a new database as far as the step before this one: what an earlier version left.
///
/// # Errors
/// The database's.
pub async fn migrate_before(database: &Database, step: &str) -> Result<(), StoreError> {
    let steps = STEPS.iter().take_while(|known| known.name != step).count();
    let steps = u32::try_from(steps).unwrap_or(u32::MAX);
    Ok(Migrator::up(database.pool(), Some(steps)).await?)
}

/// Whether the schema is exactly the one that this version knows.
///
/// # Errors
/// [`StoreError::SchemaBehind`] or [`StoreError::SchemaTooNew`] where it is not.
pub async fn check(database: &Database) -> Result<(), StoreError> {
    let applied = applied(database).await?;
    if let Some(unknown) = applied
        .iter()
        .find(|name| STEPS.iter().all(|step| step.name != **name))
    {
        return Err(StoreError::SchemaTooNew {
            step: unknown.clone(),
        });
    }
    if applied.len() < STEPS.len() {
        return Err(StoreError::SchemaBehind {
            applied: applied.len(),
            known: STEPS.len(),
        });
    }
    Ok(())
}

async fn applied(database: &Database) -> Result<Vec<String>, StoreError> {
    let connection = database.writer();
    let backend = connection.get_database_backend();
    let exists = match backend {
        DbBackend::Sqlite => "select name from sqlite_master where name = 'seaql_migrations'",
        _ => {
            "select tablename as name from pg_tables \
             where tablename = 'seaql_migrations' and schemaname = current_schema()"
        }
    };
    let table = connection
        .query_one_raw(Statement::from_string(backend, exists))
        .await?;
    if table.is_none() {
        return Ok(Vec::new());
    }
    let rows = connection
        .query_all_raw(Statement::from_string(
            backend,
            "select version from seaql_migrations",
        ))
        .await?;
    rows.iter()
        .map(|row| row.try_get("", "version").map_err(StoreError::from))
        .collect()
}
