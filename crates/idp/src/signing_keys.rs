//! The keys of this node: loaded from the main store, made and rotated there.
//!
//! Of each algorithm there is always a key that signs and the next one, published
//! ahead. A rotation lets the next one sign and makes another; two nodes that do so at
//! once make one, since a generation can be written once.

use std::sync::Arc;

use arc_swap::ArcSwap;
use domain::{ambient::Ambient, audit::Actor, ids::KeyId, signing::SigningAlgorithm};
use jiff::{Timestamp, ToSpan};
use store::{
    Database, StoreError, Vault,
    keys::{self, StoredKey},
};
use tokio::task::spawn_blocking;

use crate::{
    protocol::keys::{KeyFault, KeyRing, KeyTimes, PrivateKey, SigningKey},
    settings::KeySettings,
};

/// Keys cannot be made, read or written.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The store's fault.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A key is none.
    #[error("a signing key cannot be used: {0}")]
    Key(#[from] KeyFault),
}

struct Loaded {
    fingerprint: Vec<(KeyId, i64)>,
    ring: Arc<KeyRing>,
}

/// The keys of this node; cheap to clone.
#[derive(Clone)]
pub struct SigningKeys {
    database: Database,
    vault: Vault,
    ambient: Ambient,
    settings: KeySettings,
    loaded: Arc<ArcSwap<Loaded>>,
}

impl SigningKeys {
    /// Loads the keys, making those that are missing: all of them at the first start.
    ///
    /// # Errors
    /// [`KeyError`].
    pub async fn load(
        database: &Database,
        vault: &Vault,
        ambient: &Ambient,
        settings: &KeySettings,
    ) -> Result<Self, KeyError> {
        let keys = Self {
            database: database.clone(),
            vault: vault.clone(),
            ambient: ambient.clone(),
            settings: settings.clone(),
            loaded: Arc::new(ArcSwap::from_pointee(Loaded {
                fingerprint: Vec::new(),
                ring: Arc::new(KeyRing::new(Vec::new(), ambient.now())),
            })),
        };
        keys.maintain().await?;
        keys.reload().await?;
        Ok(keys)
    }

    /// The keys as this node knows them.
    pub fn ring(&self) -> Arc<KeyRing> {
        self.loaded.load().ring.clone()
    }

    /// Loads the keys again if rows or the clock have changed them. Whether they had.
    ///
    /// # Errors
    /// [`KeyError`].
    pub async fn reload(&self) -> Result<bool, KeyError> {
        let fingerprint = keys::fingerprint(self.database.reader()).await?;
        let now = self.ambient.now();
        let loaded = self.loaded.load();
        let clock_changes = loaded
            .ring
            .next_change()
            .is_some_and(|change| change <= now);
        if fingerprint == loaded.fingerprint && !clock_changes {
            return Ok(false);
        }
        let stored = keys::find_all(self.database.reader(), &self.vault).await?;
        let ring = Arc::new(KeyRing::new(self.parse(&stored)?, now));
        self.loaded.store(Arc::new(Loaded { fingerprint, ring }));
        Ok(true)
    }

    /// Makes the keys that will be needed, and deletes those that no verifier needs.
    ///
    /// # Errors
    /// [`KeyError`].
    pub async fn maintain(&self) -> Result<(), KeyError> {
        let stored = keys::find_all(self.database.writer(), &self.vault).await?;
        for algorithm in SigningAlgorithm::ALL {
            let own: Vec<_> = of_algorithm(&stored, algorithm).collect();
            self.extend(algorithm, own.last().copied()).await?;
            let now = self.ambient.now();
            let retired = |key: &&&StoredKey| {
                self.times(key, &stored)
                    .retire_at
                    .is_some_and(|end| end <= now)
            };
            for key in own.iter().filter(retired) {
                let transaction = self.database.begin().await?;
                keys::delete(&transaction, &self.ambient, key.id).await?;
                transaction.commit().await.map_err(StoreError::from)?;
            }
        }
        Ok(())
    }

    /// Lets the next key sign from now on, of one algorithm or of all. How many did.
    ///
    /// # Errors
    /// [`KeyError`].
    pub async fn rotate(
        &self,
        algorithm: Option<SigningAlgorithm>,
        actor: Actor,
    ) -> Result<usize, KeyError> {
        let stored = keys::find_all(self.database.writer(), &self.vault).await?;
        let now = self.ambient.now();
        let waiting = stored.iter().filter(|key| {
            key.sign_from > now && algorithm.is_none_or(|algorithm| key.algorithm == algorithm)
        });
        let mut rotated = 0;
        for key in waiting {
            let transaction = self.database.begin().await?;
            let began = keys::begin_to_sign(&transaction, &self.ambient, actor.clone(), key.id);
            rotated += usize::from(began.await?);
            transaction.commit().await.map_err(StoreError::from)?;
        }
        self.maintain().await?;
        self.reload().await?;
        Ok(rotated)
    }

    /// All keys with their times, for the command line.
    ///
    /// # Errors
    /// [`KeyError`].
    pub async fn list(&self) -> Result<Vec<(StoredKey, KeyTimes)>, KeyError> {
        let stored = keys::find_all(self.database.reader(), &self.vault).await?;
        let times: Vec<_> = stored.iter().map(|key| self.times(key, &stored)).collect();
        Ok(stored.into_iter().zip(times).collect())
    }

    /// Adds keys after the newest until one of them has yet to sign.
    async fn extend(
        &self,
        algorithm: SigningAlgorithm,
        newest: Option<&StoredKey>,
    ) -> Result<(), KeyError> {
        let now = self.ambient.now();
        let mut generation = newest.map_or(0, |key| key.generation);
        let mut sign_from = newest.map(|key| key.sign_from);
        while sign_from.is_none_or(|sign_from| sign_from <= now) {
            generation += 1;
            let next = sign_from.map_or(now, |_| self.rotation_after(now));
            self.make(algorithm, generation, next).await?;
            sign_from = Some(next);
        }
        Ok(())
    }

    async fn make(
        &self,
        algorithm: SigningAlgorithm,
        generation: i32,
        sign_from: Timestamp,
    ) -> Result<(), KeyError> {
        let private = spawn_blocking(move || PrivateKey::generate(algorithm));
        let private = private.await.expect("making a key does not panic")?;
        let key = StoredKey {
            id: KeyId::new(&self.ambient),
            algorithm,
            generation,
            private: private.expose_pkcs8().to_vec(),
            sign_from,
        };
        let transaction = self.database.begin().await?;
        keys::insert(&transaction, &self.ambient, &self.vault, &key).await?;
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(())
    }

    fn rotation_after(&self, now: Timestamp) -> Timestamp {
        let hours = i64::from(self.settings.rotate_after_days) * 24;
        now.checked_add(hours.hours()).unwrap_or(now)
    }

    fn parse(&self, stored: &[StoredKey]) -> Result<Vec<SigningKey>, KeyError> {
        let parse = |key: &StoredKey| {
            let private = PrivateKey::from_pkcs8(key.algorithm, key.private.clone());
            Ok(SigningKey::new(key.id, &private, self.times(key, stored))?)
        };
        stored.iter().map(parse).collect()
    }

    /// A key is published from its making, and until what it signed has ended: that is
    /// some hours after its successor began to sign.
    fn times(&self, key: &StoredKey, all: &[StoredKey]) -> KeyTimes {
        let successor =
            of_algorithm(all, key.algorithm).find(|other| other.generation == key.generation + 1);
        let kept = i64::from(self.settings.keep_hours).hours();
        KeyTimes {
            publish_from: Timestamp::UNIX_EPOCH,
            sign_from: key.sign_from,
            retire_at: successor.and_then(|next| next.sign_from.checked_add(kept).ok()),
        }
    }
}

fn of_algorithm(
    keys: &[StoredKey],
    algorithm: SigningAlgorithm,
) -> impl Iterator<Item = &StoredKey> {
    keys.iter().filter(move |key| key.algorithm == algorithm)
}
