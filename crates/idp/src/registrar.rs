//! What is done with registrations: one module for the command, the API, the console and
//! clients that register themselves. Each act belongs to a transaction that its caller
//! commits, so that several are all done or none.

mod fault;
mod wishes;

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
        changes::{self, By, Change, NewSecret, Replaces},
        history, tokens, uses,
    },
};
use url::Url;

pub use self::{
    fault::{RegistrarFault, Unfit},
    wishes::{
        InitialTokenWish, LONGEST_LABEL, MOST_DAYS, MOST_USES, MadeInitialToken, MadeSecret,
        SHORTEST_SECRET, SecretWish,
    },
};
use crate::fetcher::Fetcher;

/// Scopes that give power over Préau itself, by its API.
pub const POWERS: [&str; 3] = ["clients:read", "clients:write", "audit:read"];

/// Most secrets of one client that overlap.
pub const MOST_SECRETS: usize = 10;

/// Most unused clients that are deleted in one transaction.
const MOST_DROPPED: u64 = 100;

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
    /// [`RegistrarFault::Unsound`], or [`RegistrarFault::Unfit`] for the sector.
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
        let document = document.map_err(|fault| Unfit::sector(format!("{url} {fault}")))?;
        let listed = document.as_array().map_or(&[][..], Vec::as_slice);
        let lists = |uri: &str| listed.iter().any(|entry| entry == &Value::from(uri));
        let missing = sound.redirect_uris.iter().find(|uri| !lists(uri.as_str()));
        match missing {
            None => Ok(()),
            Some(uri) => {
                let advice = format!("{url} must be an array that lists {uri} too");
                Err(Unfit::sector(advice).into())
            }
        }
    }

    /// Deletes clients that registered themselves and that were neither used nor changed
    /// since an instant, some of them at a time; how many.
    ///
    /// # Errors
    /// The store's.
    pub async fn drop_unused(&self, since: Timestamp) -> Result<usize, RegistrarFault> {
        let reader = self.database.reader();
        let unused = uses::find_unused(reader, since, MOST_DROPPED).await?;
        if unused.is_empty() {
            return Ok(0);
        }
        let acts = self.begin(Author::trusted(Actor::Service)).await?;
        // Again, since meanwhile another node may have dropped them, or somebody used one.
        let unused = uses::find_unused(acts.transaction(), since, MOST_DROPPED).await?;
        for id in &unused {
            match acts.delete(id, Replaces::Whatever).await {
                Ok(()) | Err(RegistrarFault::Unknown) => {}
                Err(fault) => return Err(fault),
            }
        }
        acts.commit().await?;
        Ok(unused.len())
    }

    /// Begins acts of an author that are all done, or none. They hold the registry: what
    /// they read of registrations stands until they end. Whatever asks other machines
    /// comes before.
    ///
    /// # Errors
    /// The store's.
    pub async fn begin(&self, author: Author) -> Result<Acts<'_>, RegistrarFault> {
        let transaction = self.database.begin().await?;
        changes::hold(&transaction).await?;
        Ok(Acts {
            registrar: self,
            author,
            transaction,
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

    /// Changes a client that no file manages; its version after. Its registration access token
    /// ends with that: whoever changes a client themselves hands it another one.
    ///
    /// # Errors
    /// [`RegistrarFault`].
    pub async fn change(
        &self,
        id: &ClientId,
        registration: &SoundRegistration,
        replaces: Replaces,
    ) -> Result<i64, RegistrarFault> {
        if *id != registration.client_id {
            let advice =
                format!("it never changes; register another client instead of renaming {id}");
            return Err(Unfit::new("client_id", advice).into());
        }
        let before = self.find(id).await?;
        if let Some(place) = before.managed_by.clone() {
            return Err(RegistrarFault::Managed(place));
        }
        self.check_powers(&before.registration)?;
        self.check_powers(registration)?;
        let version = self.write(&before, registration, replaces).await?;
        if version != before.version {
            tokens::end_registration(&self.transaction, id).await?;
        }
        Ok(version)
    }

    /// Lets a client work or stops it, whoever manages it: this cannot wait.
    ///
    /// # Errors
    /// [`RegistrarFault`].
    pub async fn enable(&self, id: &ClientId, enabled: bool) -> Result<i64, RegistrarFault> {
        let before = self.find(id).await?;
        if enabled {
            self.check_powers(&before.registration)?;
        }
        let mut registration = before.registration.clone();
        registration.enabled = enabled;
        let sound = registration.sound()?;
        self.write(&before, &sound, Replaces::Whatever).await
    }

    /// Takes a client out of the hands of the file that manages it.
    ///
    /// # Errors
    /// [`RegistrarFault`].
    pub async fn release(&self, id: &ClientId) -> Result<i64, RegistrarFault> {
        let mut before = self.find(id).await?;
        before.managed_by = None;
        let sound = before.registration.clone().sound()?;
        self.write(&before, &sound, Replaces::Whatever).await
    }

    /// Makes a registration again what it was after a change of its history; also one
    /// that was deleted since, whose secrets are not remembered.
    ///
    /// # Errors
    /// [`RegistrarFault`]; [`RegistrarFault::Conflict`] too where a version was to be
    /// replaced that was deleted meanwhile.
    pub async fn restore(
        &self,
        id: &ClientId,
        number: i64,
        replaces: Replaces,
    ) -> Result<i64, RegistrarFault> {
        let found = history::find_version(&self.transaction, id, number).await?;
        let past = found.and_then(|version| version.registration);
        let sound = past.ok_or(RegistrarFault::Unknown)?.sound()?;
        match clients::find_by_id(&self.transaction, id).await? {
            Some(_) => self.change(id, &sound, replaces).await,
            None if matches!(replaces, Replaces::Version(_)) => {
                let last = history::find(&self.transaction, id, None, 1).await?;
                let last = last.first().map_or(0, |line| line.version);
                Err(RegistrarFault::Conflict(last))
            }
            None => {
                let by = By {
                    origin: history::origin(&self.transaction, id).await?,
                    ..By::actor(self.author.actor.clone())
                };
                self.register(&sound, &by).await
            }
        }
    }

    /// Deletes a client that no file manages.
    ///
    /// # Errors
    /// [`RegistrarFault`].
    pub async fn delete(&self, id: &ClientId, replaces: Replaces) -> Result<(), RegistrarFault> {
        let before = self.find(id).await?;
        if let Some(place) = &before.managed_by {
            return Err(RegistrarFault::Managed(place.clone()));
        }
        self.remove(&before, replaces).await
    }

    /// Writes a registration as a place has it, new or not. A place that names no sector
    /// leaves the one that the client has: nobody's subjects change by what is left out.
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
        let sector = before
            .as_ref()
            .and_then(|client| client.registration.sector.clone());
        let registration = with_sector(registration, sector)?;
        // A file that moved says nothing new.
        let known = before.and_then(|client| client.managed_by);
        let by = By {
            managed_by: Some(known.unwrap_or_else(|| place.to_owned())),
            ..By::actor(self.author.actor.clone())
        };
        let applied = clients::apply(&self.transaction, ambient, &by, &registration).await?;
        if applied == Applied::Updated {
            tokens::end_registration(&self.transaction, id).await?;
        }
        Ok(applied)
    }

    /// Deletes a client, whatever manages it.
    ///
    /// # Errors
    /// [`RegistrarFault`].
    pub async fn remove(
        &self,
        before: &StoredClient,
        replaces: Replaces,
    ) -> Result<(), RegistrarFault> {
        let (ambient, id) = (&self.registrar.ambient, &before.registration.client_id);
        let by = before.by(self.author.actor.clone());
        let changed = changes::delete(&self.transaction, ambient, &by, id, replaces).await?;
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
        let ambient = &self.registrar.ambient;
        wish.check(ambient.now())?;
        let made = || Secret::new(Token::generate(ambient).expose());
        let secret = wish.secret.unwrap_or_else(made);
        let hash = SecretHash::of(&self.registrar.key, &secret);
        // A secret that the client has already is no more of them.
        if let Some(known) = client.secrets.iter().find(|known| known.is_same(&hash)) {
            let id = known.id;
            return Ok(MadeSecret { id, secret });
        }
        if client.secrets.len() >= MOST_SECRETS {
            return Err(RegistrarFault::TooManySecrets);
        }
        let new = NewSecret {
            hash: &hash,
            label: wish.label.as_deref(),
            expires_at: wish.expires_at,
        };
        let actor = self.author.actor.clone();
        let added = clients::add_secret(&self.transaction, ambient, actor, id, &new).await?;
        Ok(MadeSecret {
            id: added.ok_or(RegistrarFault::Unknown)?,
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
        replaces: Replaces,
    ) -> Result<i64, RegistrarFault> {
        let by = before.by(self.author.actor.clone());
        let ambient = &self.registrar.ambient;
        let changed =
            changes::change(&self.transaction, ambient, &by, registration, replaces).await?;
        outcome(changed)
    }
}

fn with_sector(
    registration: &SoundRegistration,
    sector: Option<String>,
) -> Result<SoundRegistration, Vec<RegistrationFault>> {
    let mut registration = registration.clone().into_inner();
    registration.sector = registration.sector.or(sector);
    registration.sound()
}

const fn outcome(change: Change) -> Result<i64, RegistrarFault> {
    match change {
        Change::Done(version) | Change::Nothing(version) => Ok(version),
        Change::Conflict(version) => Err(RegistrarFault::Conflict(version)),
        Change::Unknown => Err(RegistrarFault::Unknown),
    }
}
