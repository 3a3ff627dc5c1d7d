//! What is done with registrations: one module for the command, the API, the console and
//! clients that register themselves. Each act belongs to a transaction that its caller
//! commits, so that several are all done or none.

use domain::{
    ambient::Ambient,
    audit::Actor,
    client::{ClientId, Registration, RegistrationFault, SoundRegistration},
    ids::ClientSecretId,
    scope::ScopeSet,
    secret::{Secret, Token},
};
use jiff::Timestamp;
use serde_json::Value;
use store::{
    Database, DatabaseTransaction, StoreError,
    clients::{
        self, Applied, SecretHash, StoredClient,
        changes::{self, By, Change, NewSecret},
        history,
    },
};
use url::Url;

use crate::fetcher::Fetcher;

/// Scopes that give power over Préau itself, by its API.
pub const POWERS: [&str; 3] = ["clients:read", "clients:write", "audit:read"];

/// Most secrets of one client that overlap.
pub const MOST_SECRETS: usize = 10;
/// Fewest signs of a secret that somebody else made: it is kept under a fast hash.
pub const SHORTEST_SECRET: usize = 20;
/// Most signs of a secret's label.
pub const LONGEST_LABEL: usize = 100;

/// Why an act was not done.
#[derive(Debug, thiserror::Error)]
pub enum RegistrarFault {
    /// The registration is not sound.
    #[error("{}", told(.0))]
    Unsound(Vec<RegistrationFault>),
    /// The sector's document cannot be read, or does not list a redirect URI (OpenID
    /// Connect Registration, section 5).
    #[error("sector_identifier_uri: {0}")]
    Sector(String),
    /// The id is taken.
    #[error("client_id: there is a client {0} already")]
    Taken(ClientId),
    /// The id of a change cannot change.
    #[error("client_id: it never changes; register another client instead of renaming {0}")]
    Renamed(ClientId),
    /// There is no such client, version or secret.
    #[error("there is no such client")]
    Unknown,
    /// Somebody else changed it since; this is its version now.
    #[error("the registration was changed meanwhile")]
    Conflict(i64),
    /// A place manages it: a change here would be undone by the next one from there.
    #[error("the registration is managed by {0}: change it there, or release it first")]
    Managed(String),
    /// The client's method of authentication has no secret.
    #[error("a client of {0} has no secret")]
    NoSecrets(&'static str),
    /// As many secrets as it may have.
    #[error("the client has {MOST_SECRETS} secrets: remove one first")]
    TooManySecrets,
    /// A secret that can be guessed.
    #[error("client_secret: a random text of {SHORTEST_SECRET} characters or more")]
    WeakSecret,
    /// A label that is none.
    #[error("label: 1 to {LONGEST_LABEL} characters, none of them a control character")]
    Label,
    /// An end that lies behind.
    #[error("expires_at: must lie ahead")]
    PastEnd,
    /// A power over Préau that whoever asks does not have.
    #[error("scope: {0} gives a power that you do not have yourself")]
    BeyondOwnPower(String),
    /// The store's fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn told(faults: &[RegistrationFault]) -> String {
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    faults.join("\n")
}

impl From<Vec<RegistrationFault>> for RegistrarFault {
    fn from(faults: Vec<RegistrationFault>) -> Self {
        Self::Unsound(faults)
    }
}

/// What the acts need.
#[derive(Clone)]
pub struct Registrar {
    database: Database,
    ambient: Ambient,
    key: [u8; 32],
    fetcher: Fetcher,
}

/// Who acts.
#[derive(Clone, Debug)]
pub struct Author {
    /// As history and trail name them.
    pub actor: Actor,
    /// The powers over Préau that they may hand on; all of them where `None`.
    pub powers: Option<ScopeSet>,
}

impl Author {
    /// Somebody who may hand on every power.
    pub const fn trusted(actor: Actor) -> Self {
        Self {
            actor,
            powers: None,
        }
    }
}

/// A secret that was made, to be shown this once.
#[derive(Debug)]
pub struct MadeSecret {
    /// Its id.
    pub id: ClientSecretId,
    /// The secret.
    pub secret: Secret,
}

/// How a secret shall be.
#[derive(Clone, Debug, Default)]
pub struct SecretWish {
    /// What administrators call it.
    pub label: Option<String>,
    /// When it shall stop working by itself.
    pub expires_at: Option<Timestamp>,
    /// The secret itself, where somebody else made it.
    pub secret: Option<Secret>,
}

impl Registrar {
    /// With the service's key for client secrets.
    pub const fn new(
        database: Database,
        ambient: Ambient,
        key: [u8; 32],
        fetcher: Fetcher,
    ) -> Self {
        Self {
            database,
            ambient,
            key,
            fetcher,
        }
    }

    /// Checks a registration, as far as that can be done before a transaction: with the
    /// document of its sector, which is asked for here.
    ///
    /// # Errors
    /// [`RegistrarFault::Unsound`] or [`RegistrarFault::Sector`].
    pub async fn check(
        &self,
        registration: Registration,
    ) -> Result<SoundRegistration, RegistrarFault> {
        let sound = registration.sound()?;
        if let Some(url) = &sound.sector_identifier_uri {
            self.check_sector(url, &sound).await?;
        }
        Ok(sound)
    }

    async fn check_sector(&self, url: &Url, sound: &Registration) -> Result<(), RegistrarFault> {
        let document = self.fetcher.json(url).await;
        let document =
            document.map_err(|fault| RegistrarFault::Sector(format!("{url} {fault}")))?;
        let listed = document.as_array().map_or(&[][..], Vec::as_slice);
        let lists = |uri: &str| listed.iter().any(|entry| entry == &Value::from(uri));
        let missing = sound.redirect_uris.iter().find(|uri| !lists(uri.as_str()));
        match missing {
            None => Ok(()),
            Some(uri) => Err(RegistrarFault::Sector(format!(
                "{url} must be an array that lists {uri} too"
            ))),
        }
    }

    /// Begins acts of an author that are all done, or none.
    ///
    /// # Errors
    /// The store's.
    pub async fn begin(&self, author: Author) -> Result<Acts<'_>, RegistrarFault> {
        Ok(Acts {
            registrar: self,
            author,
            transaction: self.database.begin().await?,
        })
    }
}

/// Acts under way.
pub struct Acts<'a> {
    registrar: &'a Registrar,
    author: Author,
    transaction: DatabaseTransaction,
}

impl Acts<'_> {
    /// The transaction, for what else belongs to it.
    pub const fn transaction(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// Makes it so.
    ///
    /// # Errors
    /// The store's.
    pub async fn commit(self) -> Result<(), RegistrarFault> {
        self.transaction.commit().await.map_err(StoreError::from)?;
        Ok(())
    }

    /// The client as it stands within these acts.
    ///
    /// # Errors
    /// [`RegistrarFault::Unknown`], or the store's.
    pub async fn find(&self, id: &ClientId) -> Result<StoredClient, RegistrarFault> {
        let found = clients::find_by_id(&self.transaction, id).await?;
        found.ok_or(RegistrarFault::Unknown)
    }

    /// Registers a client; its first version.
    ///
    /// # Errors
    /// [`RegistrarFault`].
    pub async fn register(
        &self,
        registration: &SoundRegistration,
        by: &By,
    ) -> Result<i64, RegistrarFault> {
        self.check_powers(registration)?;
        let ambient = &self.registrar.ambient;
        let version = changes::register(&self.transaction, ambient, by, registration).await?;
        version.ok_or_else(|| RegistrarFault::Taken(registration.client_id.clone()))
    }

    /// Changes a client that no file manages, made from a version of it; its version
    /// after.
    ///
    /// # Errors
    /// [`RegistrarFault`].
    pub async fn change(
        &self,
        id: &ClientId,
        registration: &SoundRegistration,
        from: Option<i64>,
    ) -> Result<i64, RegistrarFault> {
        if *id != registration.client_id {
            return Err(RegistrarFault::Renamed(id.clone()));
        }
        let before = self.find(id).await?;
        if let Some(place) = before.managed_by.clone() {
            return Err(RegistrarFault::Managed(place));
        }
        self.check_powers(&before.registration)?;
        self.check_powers(registration)?;
        self.write(&before, registration, from).await
    }

    /// Lets a client work or stops it, whoever manages it: this cannot wait.
    ///
    /// # Errors
    /// [`RegistrarFault`].
    pub async fn enable(
        &self,
        id: &ClientId,
        enabled: bool,
        from: Option<i64>,
    ) -> Result<i64, RegistrarFault> {
        let before = self.find(id).await?;
        if enabled {
            self.check_powers(&before.registration)?;
        }
        let mut registration = before.registration.clone();
        registration.enabled = enabled;
        self.write(&before, &registration.sound()?, from).await
    }

    /// Takes a client out of the hands of the file that manages it.
    ///
    /// # Errors
    /// [`RegistrarFault`].
    pub async fn release(&self, id: &ClientId, from: Option<i64>) -> Result<i64, RegistrarFault> {
        let mut before = self.find(id).await?;
        before.managed_by = None;
        let sound = before.registration.clone().sound()?;
        self.write(&before, &sound, from).await
    }

    /// Makes a registration again what it was after a change of its history; also one
    /// that was deleted since, whose secrets are not remembered.
    ///
    /// # Errors
    /// [`RegistrarFault`].
    pub async fn restore(
        &self,
        id: &ClientId,
        number: i64,
        from: Option<i64>,
    ) -> Result<i64, RegistrarFault> {
        let found = history::find_version(&self.transaction, id, number).await?;
        let past = found.and_then(|version| version.registration);
        let sound = past.ok_or(RegistrarFault::Unknown)?.sound()?;
        match self.find(id).await {
            Err(RegistrarFault::Unknown) => {
                let by = By::actor(self.author.actor.clone());
                self.register(&sound, &by).await
            }
            Err(fault) => Err(fault),
            Ok(_) => self.change(id, &sound, from).await,
        }
    }

    /// Deletes a client that no file manages.
    ///
    /// # Errors
    /// [`RegistrarFault`].
    pub async fn delete(&self, id: &ClientId, from: Option<i64>) -> Result<(), RegistrarFault> {
        let before = self.find(id).await?;
        if let Some(place) = &before.managed_by {
            return Err(RegistrarFault::Managed(place.clone()));
        }
        self.remove(&before, from).await
    }

    /// Writes a registration as a place has it, new or not.
    ///
    /// # Errors
    /// [`RegistrarFault`].
    pub async fn apply(
        &self,
        registration: &SoundRegistration,
        place: &str,
    ) -> Result<Applied, RegistrarFault> {
        let (ambient, id) = (&self.registrar.ambient, &registration.client_id);
        let before = clients::find_by_id(&self.transaction, id).await?;
        // A file that moved says nothing new.
        let known = before.and_then(|client| client.managed_by);
        let by = By {
            managed_by: Some(known.unwrap_or_else(|| place.to_owned())),
            ..By::actor(self.author.actor.clone())
        };
        Ok(clients::apply(&self.transaction, ambient, &by, registration).await?)
    }

    /// Deletes a client, whatever manages it.
    ///
    /// # Errors
    /// [`RegistrarFault`].
    pub async fn remove(
        &self,
        before: &StoredClient,
        from: Option<i64>,
    ) -> Result<(), RegistrarFault> {
        let (ambient, id) = (&self.registrar.ambient, &before.registration.client_id);
        let by = before.by(self.author.actor.clone());
        let changed = changes::delete(&self.transaction, ambient, &by, id, from).await?;
        outcome(changed).map(|_| ())
    }

    /// Adds a secret; it is handed out this once.
    ///
    /// # Errors
    /// [`RegistrarFault`].
    pub async fn add_secret(
        &self,
        id: &ClientId,
        wish: SecretWish,
    ) -> Result<MadeSecret, RegistrarFault> {
        let client = self.find(id).await?;
        self.check_powers(&client.registration)?;
        let method = client.registration.token_endpoint_auth_method;
        if !method.has_secret() {
            return Err(RegistrarFault::NoSecrets(method.as_str()));
        }
        if client.secrets.len() >= MOST_SECRETS {
            return Err(RegistrarFault::TooManySecrets);
        }
        self.check_wish(&wish)?;
        let ambient = &self.registrar.ambient;
        let made = || Secret::new(Token::generate(ambient).expose());
        let secret = wish.secret.unwrap_or_else(made);
        let hash = SecretHash::of(&self.registrar.key, &secret);
        let new = NewSecret {
            hash: &hash,
            label: wish.label.as_deref(),
            expires_at: wish.expires_at,
        };
        let actor = self.author.actor.clone();
        let added = clients::add_secret(&self.transaction, ambient, actor, id, &new).await?;
        let known = || client.secrets.iter().find(|known| known.is_same(&hash));
        let secret_id = added.or_else(|| known().map(|known| known.id));
        Ok(MadeSecret {
            id: secret_id.ok_or(RegistrarFault::Unknown)?,
            secret,
        })
    }

    /// Removes one secret.
    ///
    /// # Errors
    /// [`RegistrarFault`].
    pub async fn remove_secret(
        &self,
        id: &ClientId,
        secret: ClientSecretId,
    ) -> Result<(), RegistrarFault> {
        let (ambient, actor) = (&self.registrar.ambient, self.author.actor.clone());
        let removed = changes::remove_secret(&self.transaction, ambient, actor, id, secret).await?;
        removed.then_some(()).ok_or(RegistrarFault::Unknown)
    }

    fn check_wish(&self, wish: &SecretWish) -> Result<(), RegistrarFault> {
        let is_label = |label: &String| {
            (1..=LONGEST_LABEL).contains(&label.trim().chars().count())
                && !label.chars().any(char::is_control)
        };
        let now = self.registrar.ambient.now();
        if !wish.label.as_ref().is_none_or(is_label) {
            return Err(RegistrarFault::Label);
        }
        if wish.expires_at.is_some_and(|end| end <= now) {
            return Err(RegistrarFault::PastEnd);
        }
        let is_weak = |secret: &Secret| secret.expose().len() < SHORTEST_SECRET;
        if wish.secret.as_ref().is_some_and(is_weak) {
            return Err(RegistrarFault::WeakSecret);
        }
        Ok(())
    }

    /// Nobody hands on a power over Préau that they do not have, nor takes one by giving
    /// themselves the keys of a client that has it.
    fn check_powers(&self, registration: &Registration) -> Result<(), RegistrarFault> {
        let Some(own) = &self.author.powers else {
            return Ok(());
        };
        let beyond = POWERS
            .into_iter()
            .find(|power| registration.scope.contains(power) && !own.contains(power));
        match beyond {
            None => Ok(()),
            Some(power) => Err(RegistrarFault::BeyondOwnPower(power.to_owned())),
        }
    }

    async fn write(
        &self,
        before: &StoredClient,
        registration: &SoundRegistration,
        from: Option<i64>,
    ) -> Result<i64, RegistrarFault> {
        let by = before.by(self.author.actor.clone());
        let ambient = &self.registrar.ambient;
        let changed = changes::change(&self.transaction, ambient, &by, registration, from).await?;
        outcome(changed)
    }
}

const fn outcome(change: Change) -> Result<i64, RegistrarFault> {
    match change {
        Change::Done(version) | Change::Nothing(version) => Ok(version),
        Change::Conflict(version) => Err(RegistrarFault::Conflict(version)),
        Change::Unknown => Err(RegistrarFault::Unknown),
    }
}
