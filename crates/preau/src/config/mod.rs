//! The configuration: one file for each section, with its meaning, defaults and check.
//!
//! A setting comes from the TOML file, from `PREAU__SECTION__KEY` in the environment,
//! or, where it is a text, from a file that `KEY_file` names. Whatever is wrong is
//! told with the key, the fault and where the value came from.

mod accessibility;
mod audit;
mod database;
mod docs;
mod fault;
mod layers;
pub(crate) mod limits;
mod logs;
mod look;
mod messages;
mod provider;
mod redis;
mod schema;
mod secrets;
mod server;
mod traces;
mod upstream;

use std::path::{Path, PathBuf};

use figment::Figment;
use notify::settings::{DeliverySettings, MailSettings, SmsSettings};
use schemars::JsonSchema;
use serde::Deserialize;

pub use self::{
    accessibility::{AccessibilitySettings, ConformityLevel},
    audit::AuditSettings,
    database::DatabaseSettings,
    docs::documentation,
    fault::{ConfigError, Fault},
    logs::{LogFormat, LogSettings},
    look::LookSettings,
    redis::RedisSettings,
    schema::schema,
    secrets::SecretSettings,
    server::{ServerSettings, TlsSettings},
    traces::TraceSettings,
};
use self::{fault::Faults, layers::Origins};

/// Everything that an operator may set.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Préau's configuration")]
pub struct Config {
    /// Where the service is, and how it is reached.
    pub server: ServerSettings,
    /// The main store: what must not be lost.
    pub database: DatabaseSettings,
    /// The ephemeral store, where it is Redis.
    #[serde(default)]
    pub redis: RedisSettings,
    /// Keys of the service.
    pub secrets: SecretSettings,
    /// How long codes and tokens are good for, and the names of claims.
    #[serde(default)]
    pub tokens: idp::settings::TokenSettings,
    /// Single sign-on.
    #[serde(default)]
    pub session: idp::settings::SessionSettings,
    /// Password hashing: Argon2id (RFC 9106), and how many are computed at once.
    #[serde(default)]
    pub passwords: idp::settings::PasswordSettings,
    /// Rotation of signing keys.
    #[serde(default)]
    pub keys: idp::settings::KeySettings,
    /// Client registrations: which register themselves, and from where their documents may
    /// be fetched.
    #[serde(default)]
    pub clients: idp::settings::ClientSettings,
    /// The server that takes our e-mail (SMTP submission, RFC 6409). Without this section
    /// no e-mail is sent.
    #[serde(default)]
    pub mail: Option<MailSettings>,
    /// The gateway that takes our SMS, and in which form; `config/sms-brevo.example.toml`
    /// describes a known one. By default each is a POST of `{"to", "text", "id", "from"}` in
    /// JSON with a bearer token, answered by any 2xx; `id` is the same when a message comes
    /// again. Without this section no SMS is sent.
    #[serde(default)]
    pub sms: Option<SmsSettings>,
    /// How long the audit trail is kept.
    #[serde(default)]
    pub audit: AuditSettings,
    /// How much people who help themselves are sent, and which passwords are refused.
    #[serde(default)]
    pub self_service: self_service::settings::SelfServiceSettings,
    /// How messages are tried.
    #[serde(default)]
    pub delivery: DeliverySettings,
    /// Other providers that people may identify themselves with, by name: FranceConnect is
    /// `upstream.franceconnect`. Without one the pages do not speak of it.
    #[serde(default)]
    pub upstream: idp::upstream::UpstreamsSettings,
    /// The log, which goes to standard error.
    #[serde(default)]
    pub logs: LogSettings,
    /// Traces for an OpenTelemetry collector. Without this section none are made.
    #[serde(default)]
    pub traces: Option<TraceSettings>,
    /// What the accessibility statement says (RGAA 4.1).
    #[serde(default)]
    pub accessibility: AccessibilitySettings,
    /// The operator's own look.
    #[serde(default)]
    pub look: LookSettings,
}

/// Where settings are read from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The TOML file, if there is one.
    pub file: Option<PathBuf>,
    /// The environment: names and values.
    pub environment: Vec<(String, String)>,
}

impl Sources {
    /// The file and this process's environment.
    pub fn of_process(file: Option<&Path>) -> Self {
        let text = |text: std::ffi::OsString| text.into_string().ok();
        let pairs =
            std::env::vars_os().filter_map(|(name, value)| Some((text(name)?, text(value)?)));
        Self {
            file: file.map(Path::to_owned),
            environment: pairs.collect(),
        }
    }
}

impl Config {
    /// Reads and checks all settings.
    ///
    /// # Errors
    /// Every fault found, each with its key and source.
    pub fn load(sources: &Sources) -> Result<Self, ConfigError> {
        let figment = layers::figment(sources)?;
        Self::extract(&figment, &Origins::new(sources, &figment))
    }

    /// Reads and checks a TOML text, without the environment: for tests and tools.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let sources = Sources::default();
        let figment = layers::figment_of_text(text)?;
        Self::extract(&figment, &Origins::new(&sources, &figment))
    }

    fn extract(figment: &Figment, origins: &Origins<'_>) -> Result<Self, ConfigError> {
        let config: Self = figment
            .extract()
            .map_err(|error| fault::of_figment(error, origins))?;
        let mut faults = Faults::default();
        config.check(&mut faults);
        faults.into_result(origins)?;
        Ok(config)
    }

    fn check(&self, faults: &mut Faults) {
        self.server.check(faults);
        self.database.check(faults);
        self.redis.check(faults);
        self.secrets.check(faults);
        provider::check_tokens(&self.tokens, faults);
        provider::check_session(&self.session, faults);
        provider::check_passwords(&self.passwords, faults);
        provider::check_keys(&self.keys, &self.tokens, faults);
        provider::check_clients(&self.clients, faults);
        messages::check(self, faults);
        audit::check(self, faults);
        limits::check(&self.self_service, faults);
        upstream::check(&self.upstream, faults);
        self.logs.check(faults);
        if let Some(traces) = &self.traces {
            traces.check(faults);
        }
        self.accessibility.check(faults);
        self.look.check(faults);
    }

    /// The provider's part of the settings.
    pub fn provider(&self) -> idp::settings::Settings {
        idp::settings::Settings {
            tokens: self.tokens.clone(),
            session: self.session.clone(),
            passwords: self.passwords.clone(),
            keys: self.keys.clone(),
            clients: self.clients.clone(),
            upstreams: self.upstream.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
