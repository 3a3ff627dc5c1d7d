//! Section `redis`.

use domain::secret::Secret;
use schemars::JsonSchema;
use serde::Deserialize;

use super::fault::Faults;

/// Section `redis`: the ephemeral store of several nodes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RedisSettings {
    /// `redis://HOST:6379/0`, or `rediss://` for TLS. The ephemeral state is in the
    /// database where absent.
    #[schemars(with = "Option<String>")]
    pub url: Option<Secret>,
    /// What each key begins with: installations that share a server need different ones.
    pub prefix: String,
}

impl Default for RedisSettings {
    fn default() -> Self {
        Self {
            url: None,
            prefix: "preau".to_owned(),
        }
    }
}

impl RedisSettings {
    pub(super) fn check(&self, faults: &mut Faults) {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        let sound = (1..=40).contains(&self.prefix.len()) && self.prefix.bytes().all(plain);
        let what = "1 to 40 letters, digits, hyphens and underscores";
        faults.require(sound, "redis.prefix", what);
        let Some(url) = &self.url else { return };
        let known = ["redis://", "rediss://", "redis+unix://", "unix://"];
        let known = known.iter().any(|scheme| url.expose().starts_with(scheme));
        faults.require(known, "redis.url", "must begin with redis:// or rediss://");
    }
}
