//! What an operator may set of the provider.

use std::time::Duration;

use domain::{claims::Namespace, scope::ScopeSet};
use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{fetcher::Fetcher, upstream::UpstreamsSettings};

/// Seconds, as configuration files hold them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Seconds(pub u64);

impl Seconds {
    /// As a duration.
    pub const fn duration(self) -> Duration {
        Duration::from_secs(self.0)
    }
}

/// Section `tokens`: how long things live (contract.md, Values), and claim names.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TokenSettings {
    /// Seconds that an authorization code is good for; at most 60 (RFC 9700; FAPI 2.0).
    pub code: Seconds,
    /// Seconds that an ID token is good for.
    pub id_token: Seconds,
    /// Seconds that an access token is good for.
    pub access_token: Seconds,
    /// Seconds after which an unused refresh token ends.
    pub refresh_token_idle: Seconds,
    /// Seconds after which a refresh token's whole family ends.
    pub refresh_token_whole: Seconds,
    /// Prefix of claims that are not registered with IANA (`person_type`, `children`,
    /// `guardians`, `schools`); empty for none.
    pub claim_namespace: String,
}

impl Default for TokenSettings {
    fn default() -> Self {
        Self {
            code: Seconds(60),
            id_token: Seconds(5 * 60),
            access_token: Seconds(10 * 60),
            refresh_token_idle: Seconds(30 * 24 * 3600),
            refresh_token_whole: Seconds(180 * 24 * 3600),
            claim_namespace: String::new(),
        }
    }
}

impl TokenSettings {
    /// The prefix as claims use it.
    pub fn namespace(&self) -> Namespace {
        Namespace::new(self.claim_namespace.clone())
    }
}

/// Section `session`: single sign-on.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SessionSettings {
    /// Seconds without use after which a session ends.
    pub idle: Seconds,
    /// Seconds after which a session ends, whatever its use.
    pub whole: Seconds,
    /// Seconds that a person has to finish a sign-in that was begun.
    pub sign_in: Seconds,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            idle: Seconds(30 * 60),
            whole: Seconds(12 * 3600),
            sign_in: Seconds(60 * 60),
        }
    }
}

/// Section `passwords`: Argon2id (RFC 9106), and how many are computed at once.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordSettings {
    /// Memory of one hash, in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
    /// Hashes computed at once; 0 for one for each core.
    pub workers: usize,
    /// Sign-ins that may wait for a worker, for each worker; past that the answer is 503.
    pub queue_per_worker: usize,
}

impl Default for PasswordSettings {
    fn default() -> Self {
        Self {
            memory_kib: 19 * 1024,
            passes: 2,
            lanes: 1,
            workers: 0,
            queue_per_worker: 32,
        }
    }
}

/// Section `keys`: rotation of signing keys.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KeySettings {
    /// Days that a key signs for before the next one does.
    pub rotate_after_days: u32,
    /// Hours that a key is still published for after it signed last: longer than any
    /// token lives and any relying party caches.
    pub keep_hours: u32,
    /// Seconds between two looks for new keys and changed registrations.
    pub reload: Seconds,
}

impl Default for KeySettings {
    fn default() -> Self {
        Self {
            rotate_after_days: 90,
            keep_hours: 48,
            reload: Seconds(1),
        }
    }
}

/// Who may register clients without an administrator (RFC 7591).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DynamicRegistration {
    /// Nobody: the endpoint does not exist.
    #[default]
    Off,
    /// Whoever has an initial access token (`preau client initial-token`).
    InitialToken,
    /// Everybody, within limits.
    Open,
}

/// Section `clients`: registrations.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ClientSettings {
    /// Who may register clients without an administrator (RFC 7591, RFC 7592).
    pub dynamic_registration: DynamicRegistration,
    /// What clients that registered so may ask for.
    pub dynamic_scopes: ScopeSet,
    /// Most clients that there may be of that kind.
    pub dynamic_most: u32,
    /// Days after which such a client is deleted that was not used, nor changed, for so
    /// long, unless an administrator has changed it; 0 keeps them all.
    pub dynamic_unused_days: u32,
    /// Networks, beside public hosts, from which `jwks_uri` and `sector_identifier_uri`
    /// may be fetched, also by plain http: such as `10.1.0.0/16`. None unless named.
    pub allowed_networks: Vec<String>,
    /// Seconds that such an address has to answer.
    pub fetch_timeout: Seconds,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self {
            dynamic_registration: DynamicRegistration::Off,
            dynamic_scopes: ScopeSet::parse("openid profile email phone address offline_access")
                .unwrap_or_default(),
            dynamic_most: 1000,
            dynamic_unused_days: 30,
            allowed_networks: Vec::new(),
            fetch_timeout: Seconds(3),
        }
    }
}

impl ClientSettings {
    /// The way out to addresses that registrations name.
    ///
    /// # Errors
    /// The network that is none.
    pub fn fetcher(&self) -> Result<Fetcher, String> {
        let networks = self.allowed_networks.iter().map(|text| {
            let network = text.parse::<IpNet>();
            network.map_err(|_| text.clone())
        });
        let networks = networks.collect::<Result<_, _>>()?;
        Ok(Fetcher::new(networks, self.fetch_timeout.duration()))
    }
}

/// All of the provider's settings.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Section `tokens`.
    pub tokens: TokenSettings,
    /// Section `session`.
    pub session: SessionSettings,
    /// Section `passwords`.
    pub passwords: PasswordSettings,
    /// Section `keys`.
    pub keys: KeySettings,
    /// Section `clients`.
    pub clients: ClientSettings,
    /// Sections `upstream.NAME`.
    pub upstreams: UpstreamsSettings,
}
