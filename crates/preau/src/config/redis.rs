//! Section `redis`.

use domain::secret::Secret;
use schemars::JsonSchema;
use serde::Deserialize;

use super::fault::Faults;

/// Section `redis`: the ephemeral store of several nodes.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RedisSettings {
    /// `redis://HOST:6379/0`, or `rediss://` for TLS. The ephemeral state is in the
    /// database where absent.
    #[schemars(with = "Option<String>")]
    pub url: Option<Secret>,
}

impl RedisSettings {
    pub(super) fn check(&self, faults: &mut Faults) {
        let Some(url) = &self.url else { return };
        let known = ["redis://", "rediss://", "redis+unix://", "unix://"];
        let known = known.iter().any(|scheme| url.expose().starts_with(scheme));
        faults.require(known, "redis.url", "must begin with redis:// or rediss://");
    }
}
