//! Section `database`.

use domain::secret::Secret;
use schemars::JsonSchema;
use serde::Deserialize;

use super::fault::Faults;

/// Section `database`: the main store.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DatabaseSettings {
    /// `sqlite:/var/lib/preau/preau.db`, or `postgres://USER:PASSWORD@HOST/DATABASE`.
    #[schemars(with = "String")]
    pub url: Secret,
    /// Connections to PostgreSQL; readers beside the one writer of SQLite.
    #[serde(default = "default_connections")]
    pub connections: u32,
}

impl DatabaseSettings {
    pub(super) fn check(&self, faults: &mut Faults) {
        let scheme = self.url.expose().split(':').next();
        let known = matches!(scheme, Some("sqlite" | "postgres" | "postgresql"));
        faults.require(
            known,
            "database.url",
            "must begin with sqlite: or postgres:",
        );
        let some = (1..=1000).contains(&self.connections);
        faults.require(some, "database.connections", "must be from 1 to 1000");
    }
}

const fn default_connections() -> u32 {
    8
}
