//! Section `audit`.

use domain::secret::Secret;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Config, fault::Faults};

/// Section `audit`: how long the audit trail is kept, and by whom it is pruned.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AuditSettings {
    /// For how many days events are kept. `preau audit prune` removes whole days (UTC) past
    /// them; nothing removes them by itself.
    pub retention_days: u32,
    /// After how many days `preau audit prune` erases what is personal of an event: account
    /// ids, network, details. As long as the event unless set.
    pub personal_days: Option<u32>,
    /// The database again, as the role that may prune and erase: for `preau audit prune` and
    /// `preau audit erase` alone, so it does not belong in the configuration of nodes. The
    /// same as `database.url` unless set.
    #[schemars(with = "Option<String>")]
    pub keeper_url: Option<Secret>,
}

impl Default for AuditSettings {
    fn default() -> Self {
        Self {
            retention_days: 365,
            personal_days: None,
            keeper_url: None,
        }
    }
}

/// A century: more days are a mistake.
const MOST_DAYS: u32 = 36_500;

pub(super) fn check(config: &Config, faults: &mut Faults) {
    let audit = &config.audit;
    let some = (1..=MOST_DAYS).contains(&audit.retention_days);
    let what = format_args!(
        "must be from 1 to {MOST_DAYS}, not {}",
        audit.retention_days
    );
    faults.require(some, "audit.retention_days", what);
    if let Some(days) = audit.personal_days {
        let fits = (1..=audit.retention_days).contains(&days);
        let what = format_args!("must be from 1 to audit.retention_days, not {days}");
        faults.require(fits, "audit.personal_days", what);
    }
    let scheme = |url: &Secret| url.expose().split(':').next().map(|name| name == "sqlite");
    if let Some(url) = &audit.keeper_url {
        let fits = scheme(url) == scheme(&config.database.url);
        let what = "must be the database of database.url, as another role";
        faults.require(fits, "audit.keeper_url", what);
    }
}
