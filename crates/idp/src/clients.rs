//! Registrations in memory: every request needs one, and they change seldom. Each node
//! asks every second whether the registry's version moved, and reads what changed.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};

use arc_swap::ArcSwap;
use domain::{
    client::{ClientId, Environment},
    ids::ClientSecretId,
    name,
    redirect::RedirectUri,
    school::Uai,
    subject::Sector,
};
use jiff::{SignedDuration, Timestamp};
use store::{
    Database, StoreError,
    clients::{self, StoredClient, uses},
};

/// How long after a use another one is worth writing down.
const USE_AGAIN: SignedDuration = SignedDuration::from_mins(5);
/// Most uses of one round.
const MOST_USES: usize = 1000;

/// A registration, with the moment of its last use that is known here.
#[derive(Debug)]
struct Known {
    client: Arc<StoredClient>,
    /// The names under which it is searched for.
    searched: String,
    uses: Arc<Uses>,
}

/// When a client and its secrets were last noted as used: milliseconds.
#[derive(Debug, Default)]
struct Uses {
    client: AtomicI64,
    secrets: RwLock<HashMap<ClientSecretId, AtomicI64>>,
}

/// All registrations, as of a version of the registry.
#[derive(Default)]
struct Snapshot {
    version: i64,
    by_id: HashMap<ClientId, Arc<Known>>,
    /// By id.
    ordered: Vec<Arc<Known>>,
}

/// The registrations that this node knows; reloaded when the registry's version moved.
#[derive(Clone)]
pub struct Clients {
    database: Database,
    snapshot: Arc<ArcSwap<Snapshot>>,
    reloading: Arc<tokio::sync::Mutex<()>>,
    pending: Arc<Mutex<Vec<Use>>>,
}

/// A use to be written down.
struct Use {
    client: ClientId,
    secret: Option<ClientSecretId>,
    at: Timestamp,
}

/// Which registrations a list shows.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Words, each of which stands in its id, name, contacts or addresses.
    pub words: String,
    /// Those that work, or those that do not.
    pub enabled: Option<bool>,
    /// Those of one environment.
    pub environment: Option<Environment>,
    /// Those after this id.
    pub after: Option<ClientId>,
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its registrations, by id.
    pub clients: Vec<Arc<StoredClient>>,
    /// Whether there are more after it.
    pub more: bool,
}

impl Clients {
    /// Loads them.
    ///
    /// # Errors
    /// The store's.
    pub async fn load(database: Database) -> Result<Self, StoreError> {
        let clients = Self {
            database,
            snapshot: Arc::default(),
            reloading: Arc::default(),
            pending: Arc::default(),
        };
        clients.reload().await?;
        Ok(clients)
    }

    /// The registration of a client, working or not.
    pub fn find(&self, id: &ClientId) -> Option<Arc<StoredClient>> {
        let snapshot = self.snapshot.load();
        snapshot.by_id.get(id).map(|known| known.client.clone())
    }

    /// Whether an administrator gave a client this sector by name.
    pub fn has_named(&self, sector: &Sector) -> bool {
        let snapshot = self.snapshot.load();
        let mut registrations = snapshot
            .ordered
            .iter()
            .map(|known| &known.client.registration);
        registrations.any(|other| other.sector.is_some() && other.sector() == *sector)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.snapshot.load().ordered.len()
    }

    /// A page of those that a search finds, by id.
    pub fn search(&self, search: &Search, most: usize) -> Found {
        let snapshot = self.snapshot.load();
        let from = search.after.as_ref().map_or(0, |after| {
            let is_before = |known: &Arc<Known>| known.client.registration.client_id <= *after;
            snapshot.ordered.partition_point(is_before)
        });
        let words = name::folded(&search.words);
        let words: Vec<&str> = words.split_whitespace().collect();
        let fits = |known: &&Arc<Known>| known.fits(search, &words);
        let mut found = snapshot.ordered[from..].iter().filter(fits);
        let page = found.by_ref().take(most);
        let clients = page.map(|known| known.client.clone()).collect();
        Found {
            clients,
            more: found.next().is_some(),
        }
    }

    /// Notes that a client was used, by a secret or without. Nothing waits for it: it is
    /// written down in a later round, and not more than once in some minutes.
    pub fn note_use(&self, id: &ClientId, secret: Option<ClientSecretId>, now: Timestamp) {
        let snapshot = self.snapshot.load();
        let Some(known) = snapshot.by_id.get(id) else {
            return;
        };
        if !known.uses.are_worth_noting(secret, now) {
            return;
        }
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        pending.push(Use {
            client: id.clone(),
            secret,
            at: now,
        });
    }

    /// Writes down the uses that were noted.
    ///
    /// # Errors
    /// The store's; what was noted is lost then, and noted again some minutes later.
    pub async fn write_uses(&self) -> Result<(), StoreError> {
        let pending = {
            let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
            let most = pending.len().min(MOST_USES);
            pending.drain(..most).collect::<Vec<_>>()
        };
        for used in pending {
            let writer = self.database.writer();
            uses::note_client(writer, &used.client, used.at).await?;
            if let Some(secret) = used.secret {
                uses::note_secret(writer, secret, used.at).await?;
            }
        }
        Ok(())
    }

    /// Reads what changed, if anything did. Whether it had.
    ///
    /// # Errors
    /// The store's.
    pub async fn reload(&self) -> Result<bool, StoreError> {
        let _one_at_a_time = self.reloading.lock().await;
        let reader = self.database.reader();
        // The version first: a change between the reads is seen by the next look.
        let version = clients::version(reader).await?;
        let current = self.snapshot.load_full();
        if version == current.version {
            return Ok(false);
        }
        let changed = clients::find_changed_since(reader, current.version).await?;
        let mut next = current.with(changed, version);
        // Whatever was deleted left no row: the count tells.
        if u64::try_from(next.by_id.len()).ok() != Some(clients::count(reader).await?) {
            let all = clients::find_all(reader).await?;
            next = current.replaced_by(all, version);
        }
        self.snapshot.store(Arc::new(next));
        Ok(true)
    }
}

impl Snapshot {
    /// This one with newer registrations.
    fn with(&self, changed: Vec<StoredClient>, version: i64) -> Self {
        let mut by_id = self.by_id.clone();
        by_id.extend(changed.into_iter().map(|client| self.known(client)));
        Self::of(by_id, version)
    }

    /// These registrations and no others.
    fn replaced_by(&self, all: Vec<StoredClient>, version: i64) -> Self {
        let by_id = all.into_iter().map(|client| self.known(client)).collect();
        Self::of(by_id, version)
    }

    fn known(&self, client: StoredClient) -> (ClientId, Arc<Known>) {
        let id = client.registration.client_id.clone();
        let uses = self.by_id.get(&id).map(|known| known.uses.clone());
        let known = Known {
            searched: searched(&client),
            client: Arc::new(client),
            uses: uses.unwrap_or_default(),
        };
        (id, Arc::new(known))
    }

    fn of(by_id: HashMap<ClientId, Arc<Known>>, version: i64) -> Self {
        let mut ordered: Vec<_> = by_id.values().cloned().collect();
        ordered.sort_by(|a, b| {
            let (a, b) = (&a.client.registration, &b.client.registration);
            a.client_id.cmp(&b.client_id)
        });
        Self {
            version,
            by_id,
            ordered,
        }
    }
}

impl Known {
    fn fits(&self, search: &Search, words: &[&str]) -> bool {
        let registration = &self.client.registration;
        let is_state = |enabled| registration.enabled == enabled;
        let is_environment = |environment| registration.environment == environment;
        search.enabled.is_none_or(is_state)
            && search.environment.is_none_or(is_environment)
            && words.iter().all(|word| self.searched.contains(word))
    }
}

impl Uses {
    fn are_worth_noting(&self, secret: Option<ClientSecretId>, now: Timestamp) -> bool {
        let now = now.as_millisecond();
        let Some(secret) = secret else {
            return is_first_since(&self.client, now);
        };
        let secrets = self.secrets.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(noted) = secrets.get(&secret) {
            return is_first_since(noted, now);
        }
        drop(secrets);
        let mut secrets = self.secrets.write().unwrap_or_else(PoisonError::into_inner);
        is_first_since(secrets.entry(secret).or_default(), now)
    }
}

/// Whether nothing was noted for some minutes; of many at once one alone is told so.
fn is_first_since(noted: &AtomicI64, now: i64) -> bool {
    let before = noted.load(Ordering::Relaxed);
    i128::from(now - before) >= USE_AGAIN.as_millis()
        && noted
            .compare_exchange(before, now, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
}

fn searched(client: &StoredClient) -> String {
    let registration = &client.registration;
    let mut words = vec![
        registration.client_id.as_str(),
        registration.client_name.as_str(),
    ];
    words.extend(registration.contacts.iter().map(String::as_str));
    words.extend(registration.redirect_uris.iter().map(RedirectUri::as_str));
    words.extend(registration.schools.iter().map(Uai::as_str));
    name::folded(&words.join(" "))
}
