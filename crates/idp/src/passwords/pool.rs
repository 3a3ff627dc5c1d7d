//! The pool: as many hashes at once as there are cores, a short queue, then no.

use std::{
    sync::{Arc, Mutex, PoisonError},
    thread::available_parallelism,
};

use argon2::Params;
use domain::{ambient::Ambient, secret::Secret};
use tokio::{sync::Semaphore, task::spawn_blocking};
use tracing::Instrument as _;

use super::{
    LONGEST_PASSWORD,
    hash::{Memory, PasswordFault, Stored, compute_for_nobody, make, parameters},
};
use crate::settings::PasswordSettings;

/// More sign-ins wait already than will be served in good time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("all password workers are taken, and the queue is full")]
pub struct Busy;

/// What a password came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It is the one.
    Right {
        /// A hash of it with the present parameters, where the stored one is weaker.
        stronger: Option<String>,
    },
    /// It is not, or there is nothing to compare it with.
    Wrong,
}

/// Computes password hashes, bounded in number, queue and memory; cheap to clone.
#[derive(Clone)]
pub struct PasswordPool {
    shared: Arc<Shared>,
}

struct Shared {
    params: Params,
    ambient: Ambient,
    /// Who may wait or work.
    admitted: Arc<Semaphore>,
    /// Who works.
    workers: Arc<Semaphore>,
    idle_memory: Mutex<Vec<Memory>>,
}

impl PasswordPool {
    /// A pool of the configured size. Memory is taken with the first hash.
    ///
    /// # Errors
    /// [`PasswordFault`] for parameters that Argon2 does not take.
    pub fn new(settings: &PasswordSettings, ambient: Ambient) -> Result<Self, PasswordFault> {
        let cores = available_parallelism().map_or(1, std::num::NonZero::get);
        let workers = if settings.workers == 0 {
            cores
        } else {
            settings.workers
        };
        let shared = Shared {
            params: parameters(settings)?,
            ambient,
            admitted: Arc::new(Semaphore::new(workers * (1 + settings.queue_per_worker))),
            workers: Arc::new(Semaphore::new(workers)),
            idle_memory: Mutex::default(),
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Checks a password against a stored hash; without one, or with one that cannot
    /// be read, it computes as long and says wrong.
    ///
    /// # Errors
    /// [`Busy`] at once, before anything is computed.
    pub async fn verify(&self, password: Secret, stored: Option<String>) -> Result<Verdict, Busy> {
        self.work(move |shared, memory| shared.judge(&password, stored.as_deref(), memory))
            .instrument(tracing::info_span!(target: "traces", "password"))
            .await
    }

    /// The hash of a new password, with the present parameters. What a password must be
    /// is its caller's to check (`domain::password`).
    ///
    /// # Errors
    /// [`Busy`] at once, before anything is computed.
    pub async fn hash(&self, password: Secret) -> Result<String, Busy> {
        self.work(move |shared, memory| make(&shared.params, &shared.ambient, &password, memory))
            .instrument(tracing::info_span!(target: "traces", "new password"))
            .await
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shared, &mut Memory) -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let shared = self.shared.clone();
        let admitted = shared
            .admitted
            .clone()
            .try_acquire_owned()
            .map_err(|_| Busy)?;
        let worker = shared
            .workers
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| Busy)?;
        let done = spawn_blocking(move || {
            let result = shared.with_memory(|memory| work(&shared, memory));
            // Given back by the work, not by the request, which may be gone before.
            drop((admitted, worker));
            result
        });
        Ok(done.await.expect("hashing does not panic"))
    }

    /// Gives memory back to the machine that no hash is using.
    pub fn release_idle_memory(&self) {
        self.shared.idle().clear();
    }
}

impl Shared {
    fn judge(&self, password: &Secret, stored: Option<&str>, memory: &mut Memory) -> Verdict {
        let fits = password.expose().len() <= LONGEST_PASSWORD;
        let stored = stored.filter(|_| fits).and_then(Stored::parse);
        let Some(stored) = stored else {
            let cost_alone = Secret::new("x");
            compute_for_nobody(&self.params, &cost_alone, memory);
            return Verdict::Wrong;
        };
        if !stored.is_of(password, memory) {
            return Verdict::Wrong;
        }
        let weaker = stored.is_weaker_than(&self.params);
        let stronger = weaker.then(|| make(&self.params, &self.ambient, password, memory));
        Verdict::Right { stronger }
    }

    fn with_memory<T>(&self, work: impl FnOnce(&mut Memory) -> T) -> T {
        let mut memory = self.idle().pop().unwrap_or_default();
        let result = work(&mut memory);
        self.idle().push(memory);
        result
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Memory>> {
        self.idle_memory
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passwords::hash;

    fn settings(workers: usize, queue_per_worker: usize) -> PasswordSettings {
        PasswordSettings {
            memory_kib: 64,
            passes: 1,
            workers,
            queue_per_worker,
            ..PasswordSettings::default()
        }
    }

    fn pool(settings: &PasswordSettings) -> PasswordPool {
        PasswordPool::new(settings, Ambient::system()).unwrap()
    }

    #[tokio::test]
    async fn only_the_password_itself_is_right() {
        let settings = settings(1, 1);
        let stored = hash(&settings, &Ambient::system(), &Secret::new("Cartable-bleu")).unwrap();
        let pool = pool(&settings);
        let verdict =
            |typed: &str, stored: Option<&String>| pool.verify(Secret::new(typed), stored.cloned());
        assert_eq!(
            verdict("Cartable-bleu", Some(&stored)).await,
            Ok(Verdict::Right { stronger: None })
        );
        assert_eq!(
            verdict("cartable-bleu", Some(&stored)).await,
            Ok(Verdict::Wrong)
        );
        assert_eq!(verdict("", Some(&stored)).await, Ok(Verdict::Wrong));
        assert_eq!(verdict("Cartable-bleu", None).await, Ok(Verdict::Wrong));
        let endless = "a".repeat(LONGEST_PASSWORD + 1);
        assert_eq!(verdict(&endless, Some(&stored)).await, Ok(Verdict::Wrong));
    }

    #[tokio::test]
    async fn a_new_hash_is_of_its_password_and_of_the_present_parameters() {
        let pool = pool(&settings(1, 1));
        let made = pool.hash(Secret::new("Cartable-bleu")).await.unwrap();
        let right = pool
            .verify(Secret::new("Cartable-bleu"), Some(made.clone()))
            .await;
        assert_eq!(right, Ok(Verdict::Right { stronger: None }));
        let wrong = pool.verify(Secret::new("cartable-bleu"), Some(made)).await;
        assert_eq!(wrong, Ok(Verdict::Wrong));
    }

    #[tokio::test]
    async fn a_weaker_hash_is_remade() {
        let weak = settings(1, 1);
        let stored = hash(&weak, &Ambient::system(), &Secret::new("Cartable-bleu")).unwrap();
        let strong = PasswordSettings {
            memory_kib: 128,
            ..weak
        };
        let verdict = pool(&strong)
            .verify(Secret::new("Cartable-bleu"), Some(stored))
            .await;
        let Ok(Verdict::Right {
            stronger: Some(remade),
        }) = verdict
        else {
            panic!("{verdict:?}");
        };
        assert!(remade.contains("m=128"));
        let again = pool(&strong)
            .verify(Secret::new("Cartable-bleu"), Some(remade))
            .await;
        assert_eq!(again, Ok(Verdict::Right { stronger: None }));
    }

    #[tokio::test]
    async fn a_flood_is_refused_at_once() {
        let pool = pool(&settings(1, 2));
        let tries = (0..50).map(|_| pool.verify(Secret::new("x"), None));
        let verdicts = futures_util::future::join_all(tries).await;
        let served = verdicts.iter().filter(|verdict| verdict.is_ok()).count();
        assert_eq!(served, 3);
    }
}
