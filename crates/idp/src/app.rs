//! The provider's state: one struct that every handler gets.

use std::{fmt::Display, ops::Deref, sync::Arc, time::Duration};

use domain::{acr::Acr, ambient::Ambient, claims::Namespace, subject::Subjects};
use notify::Notifier;
use store::{Database, ServiceSecrets, StoreError, Vault, ephemeral::EphemeralStore};
use web::{PageError, Site};

use crate::{
    client_keys::ClientKeys,
    clients::Clients,
    counters::Counters,
    enrolment::ISSUER,
    guard::Guard,
    passkeys::Passkeys,
    passwords::{PasswordFault, PasswordPool},
    registrar::Registrar,
    sessions::Sessions,
    settings::Settings,
    signing_keys::SigningKeys,
    transactions::Transactions,
    upstream::{Errands, UnusableUpstream, Upstreams},
};

/// What the provider is made from.
pub struct Parts {
    /// Pages, cookies, URLs, time, randomness.
    pub site: Arc<Site>,
    /// The main store.
    pub database: Database,
    /// The ephemeral store.
    pub ephemeral: Arc<dyn EphemeralStore>,
    /// Opens what is sealed.
    pub vault: Vault,
    /// The service's own keys.
    pub secrets: ServiceSecrets,
    /// The operator's settings.
    pub settings: Settings,
    /// Writes messages.
    pub notifier: Notifier,
}

/// The provider cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A store's fault.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The configured parameters of password hashes are none.
    #[error(transparent)]
    Passwords(#[from] PasswordFault),
    /// Keys cannot be made or read.
    #[error(transparent)]
    Keys(#[from] crate::signing_keys::KeyError),
    /// An upstream cannot be used as it is configured.
    #[error(transparent)]
    Upstream(#[from] UnusableUpstream),
    /// A network that is none.
    #[error("clients.allowed_networks: {0} is no network")]
    Network(String),
}

/// The provider; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<State>);

/// What [`App`] holds.
pub struct State {
    /// Pages, cookies, URLs, time, randomness.
    pub site: Arc<Site>,
    /// Time and randomness.
    pub ambient: Ambient,
    /// The main store.
    pub database: Database,
    /// The ephemeral store.
    pub ephemeral: Arc<dyn EphemeralStore>,
    /// Seals messages.
    pub vault: Vault,
    /// The service's own keys.
    pub secrets: ServiceSecrets,
    /// The operator's settings.
    pub settings: Settings,
    /// The prefix of our own claims.
    pub namespace: Namespace,
    /// Derives subjects.
    pub subjects: Subjects,
    /// Registrations.
    pub clients: Clients,
    /// What is done with them.
    pub registrar: Registrar,
    /// Keys that clients keep elsewhere.
    pub client_keys: ClientKeys,
    /// Sessions.
    pub sessions: Sessions,
    /// Sign-ins under way.
    pub transactions: Transactions,
    /// Computes password hashes.
    pub passwords: PasswordPool,
    /// Asks for passkeys; none where the issuer's host is an address.
    pub passkeys: Option<Passkeys>,
    /// Slows down who guesses.
    pub guard: Guard,
    /// Signs and publishes.
    pub keys: SigningKeys,
    /// Writes messages.
    pub notifier: Notifier,
    /// Counts attacks.
    pub counters: Arc<Counters>,
    /// Other providers with which people may identify themselves.
    pub upstreams: Upstreams,
    /// Requests to them under way.
    pub errands: Errands,
    /// The contexts that a sign-in can reach.
    pub reachable: Vec<Acr>,
}

impl App {
    /// Loads registrations and keys, making keys at the first start.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start(parts: Parts) -> Result<Self, StartError> {
        let Parts {
            site,
            database,
            ephemeral,
            vault,
            secrets,
            settings,
            notifier,
        } = parts;
        let ambient = site.ambient.clone();
        let session = settings.session.clone();
        let keys = SigningKeys::load(&database, &vault, &ambient, &settings.keys).await?;
        let upstreams = Upstreams::new(&settings.upstreams, site.urls.issuer(), &ambient)?;
        let fetcher = settings.clients.fetcher().map_err(StartError::Network)?;
        let registrar = Registrar::new(
            database.clone(),
            ambient.clone(),
            secrets.client_secrets,
            fetcher.clone(),
        );
        Ok(Self(Arc::new(State {
            registrar,
            client_keys: ClientKeys::new(fetcher, ambient.clone()),
            reachable: upstreams.reachable(),
            errands: Errands::new(ephemeral.clone(), ambient.clone()),
            upstreams,
            clients: Clients::load(database.clone()).await?,
            sessions: Sessions::new(&site, database.clone(), ephemeral.clone(), session.clone()),
            transactions: Transactions::new(ephemeral.clone(), ambient.clone(), session.sign_in),
            passwords: PasswordPool::new(&settings.passwords, ambient.clone())?,
            passkeys: Passkeys::new(
                site.urls.issuer(),
                ISSUER,
                ephemeral.clone(),
                ambient.clone(),
            ),
            guard: Guard::new(
                ephemeral.clone(),
                ambient.clone(),
                site.cookies.clone(),
                secrets.cookies,
            ),
            namespace: settings.tokens.namespace(),
            subjects: Subjects::new(secrets.subjects),
            keys,
            site,
            ambient,
            database,
            ephemeral,
            vault,
            secrets,
            settings,
            notifier,
            counters: Arc::default(),
        })))
    }
}

impl Deref for App {
    type Target = State;

    fn deref(&self) -> &State {
        &self.0
    }
}

impl State {
    /// The issuer (OpenID Connect Discovery 1.0, section 3), exactly as configured.
    pub fn issuer(&self) -> &str {
        self.site.urls.issuer()
    }
}

/// The page for a store that does not answer: nothing was done, and it says so.
pub fn unavailable(error: impl Display) -> PageError {
    tracing::error!(%error, "a store failed");
    PageError::busy(Duration::from_secs(5))
}
