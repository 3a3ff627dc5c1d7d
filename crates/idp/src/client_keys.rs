//! Key sets that clients keep at an address of their own (`jwks_uri`): fetched when a
//! client authenticates, kept for a while, and fetched anew for an unknown key, but not
//! as often as whoever sends unknown keys would like.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::ambient::Ambient;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::sync::Mutex as AsyncMutex;
use url::Url;

use crate::fetcher::{Fetcher, Reason, Unfetchable};

/// For how long keys are used without asking again.
const FRESH: SignedDuration = SignedDuration::from_mins(10);
/// How long after a fetch an unknown key is worth another.
const AGAIN: SignedDuration = SignedDuration::from_mins(1);
/// How long after a failure the next try waits.
const PAUSE: SignedDuration = SignedDuration::from_secs(5);
/// Most addresses that are remembered.
const MOST: usize = 10_000;

/// The keys of clients, by address.
#[derive(Clone)]
pub struct ClientKeys {
    fetcher: Fetcher,
    ambient: Ambient,
    slots: Arc<Mutex<HashMap<Url, Arc<Slot>>>>,
}

/// What is known of one address. Whoever fetches holds it, and the others wait for what
/// that brings.
type Slot = AsyncMutex<Known>;

#[derive(Default)]
struct Known {
    keys: Option<Arc<Value>>,
    fetched_at: Option<Timestamp>,
    failed_at: Option<Timestamp>,
}

/// Why an administrator who asked got no keys.
#[derive(Debug, thiserror::Error)]
pub enum NoKeys {
    /// Nothing came.
    #[error(transparent)]
    Unfetched(#[from] Reason),
    /// What came is no key set (RFC 7517, section 5).
    #[error("the answer has no array `keys`")]
    NoSet,
}

/// How new keys must be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// Those that are known, as long as they are fresh.
    Known,
    /// Newer ones, for the known have no key that fits.
    Newer,
}

impl ClientKeys {
    /// None known yet.
    pub fn new(fetcher: Fetcher, ambient: Ambient) -> Self {
        Self {
            fetcher,
            ambient,
            slots: Arc::default(),
        }
    }

    /// The key set at an address. A set that was fetched before is used for as long as
    /// the address cannot be read.
    ///
    /// # Errors
    /// [`Unfetchable`].
    pub async fn find(&self, url: &Url, wanted: Wanted) -> Result<Arc<Value>, Unfetchable> {
        let slot = self.slot(url);
        let mut known = slot.lock().await;
        let now = self.ambient.now();
        if known.may_ask(wanted, now) {
            match self.fetcher.json(url).await {
                Ok(keys) if keys["keys"].is_array() => *known = Known::fetched(keys.into(), now),
                _ => known.failed_at = Some(now),
            }
        }
        known.keys.clone().ok_or(Unfetchable)
    }

    /// The key set as its address gives it this moment, whatever is known of it: for an
    /// administrator who looks whether it can be read. Clients that authenticate meanwhile
    /// do not wait for it.
    ///
    /// # Errors
    /// [`NoKeys`].
    pub async fn ask(&self, url: &Url) -> Result<Arc<Value>, NoKeys> {
        let now = self.ambient.now();
        let keys = Arc::new(self.fetcher.ask(url).await?);
        if !keys["keys"].is_array() {
            return Err(NoKeys::NoSet);
        }
        *self.slot(url).lock().await = Known::fetched(keys.clone(), now);
        Ok(keys)
    }

    fn slot(&self, url: &Url) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= MOST && !slots.contains_key(url) {
            slots.clear();
        }
        slots.entry(url.clone()).or_default().clone()
    }
}

impl Known {
    const fn fetched(keys: Arc<Value>, at: Timestamp) -> Self {
        Self {
            keys: Some(keys),
            fetched_at: Some(at),
            failed_at: None,
        }
    }

    fn may_ask(&self, wanted: Wanted, now: Timestamp) -> bool {
        let since = |at: Option<Timestamp>| at.map(|at| now.duration_since(at));
        if since(self.failed_at).is_some_and(|passed| passed < PAUSE) {
            return false;
        }
        let wait = match wanted {
            Wanted::Known => FRESH,
            Wanted::Newer => AGAIN,
        };
        since(self.fetched_at).is_none_or(|passed| passed >= wait)
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;

    use super::*;

    #[test]
    fn unknown_keys_and_failures_are_not_asked_for_at_will() {
        let now: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
        let mut known = Known::default();
        assert!(known.may_ask(Wanted::Known, now));
        known.failed_at = Some(now);
        assert!(!known.may_ask(Wanted::Newer, now + 4.seconds()));
        assert!(known.may_ask(Wanted::Known, now + 5.seconds()));
        known = Known {
            fetched_at: Some(now),
            ..Known::default()
        };
        assert!(!known.may_ask(Wanted::Newer, now + 59.seconds()));
        assert!(known.may_ask(Wanted::Newer, now + 60.seconds()));
        assert!(!known.may_ask(Wanted::Known, now + 9.minutes()));
        assert!(known.may_ask(Wanted::Known, now + 10.minutes()));
    }
}
