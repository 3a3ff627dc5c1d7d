//! Slows down who guesses passwords, and never locks anybody out (product.md, Signing
//! in).
//!
//! Three counts: of the account, of the network, and of the account from a browser
//! that signed in to it before, which a signed cookie tells. A try is counted as a
//! failure before anything is computed, and forgiven when it was right. Codes of a second
//! factor are counted apart from passwords, in the same way.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use axum::http::{HeaderMap, HeaderValue};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{ambient::Ambient, ids::AccountId, throttle::ThrottlePolicy};
use sha2::{Digest, Sha256};
use store::{
    ephemeral::{Attempt, EphemeralError, EphemeralStore, Kind, Place},
    vault::hmac_sha256,
};
use subtle::ConstantTimeEq;
use web::cookies::{Cookies, Lifetime};

const COOKIE: &str = "known";
const KNOWN_FOR: std::time::Duration = std::time::Duration::from_hours(365 * 24);
/// Accounts that one browser is remembered for: a family's.
const MOST_KNOWN: usize = 8;
const NONCE: usize = 12;
const MARK: usize = NONCE + 32;

/// Counts tries and remembers browsers.
#[derive(Clone)]
pub struct Guard {
    ephemeral: Arc<dyn EphemeralStore>,
    ambient: Ambient,
    cookies: Cookies,
    key: [u8; 32],
}

/// A try that was counted.
#[derive(Debug)]
pub struct Reserved {
    account: Count,
    network: Count,
    /// Failures so far, this try included.
    pub failures: u32,
    /// Failures that are answered without delay.
    free: u32,
}

impl Reserved {
    /// Whether this try is the one after which browsers that do not know the account
    /// begin to wait: its owner is told then, once.
    pub fn begins_to_slow_strangers(&self) -> bool {
        let strangers = [Kind::AccountFailures, Kind::FactorFailures];
        strangers.contains(&self.account.kind) && self.failures == self.free
    }
}

#[derive(Debug)]
struct Count {
    kind: Kind,
    key: String,
}

impl Count {
    fn place(&self) -> Place<'_> {
        Place {
            kind: self.kind,
            key: &self.key,
        }
    }
}

/// Whether a try may go on.
#[derive(Debug)]
pub enum Admission {
    /// It may.
    Go(Reserved),
    /// Not before this long.
    Wait(std::time::Duration),
}

impl Guard {
    /// With the service's key for cookies.
    pub fn new(
        ephemeral: Arc<dyn EphemeralStore>,
        ambient: Ambient,
        cookies: Cookies,
        key: [u8; 32],
    ) -> Self {
        Self {
            ephemeral,
            ambient,
            cookies,
            key: hmac_sha256(&key, b"known browser"),
        }
    }

    /// Reserves a try. `typed` is the identifier in its normal form, whether or not
    /// anybody has it; `account` is whose it is.
    ///
    /// # Errors
    /// The ephemeral store's.
    pub async fn reserve(
        &self,
        headers: &HeaderMap,
        network: &str,
        typed: &str,
        account: Option<AccountId>,
    ) -> Result<Admission, EphemeralError> {
        let kinds = (Kind::AccountFailures, Kind::KnownBrowserFailures);
        let count = self.account_count(headers, typed, account, kinds);
        self.reserve_both(network, count, &ThrottlePolicy::ACCOUNT)
            .await
    }

    /// Reserves a try of a code for an account's second factor.
    ///
    /// # Errors
    /// The ephemeral store's.
    pub async fn reserve_factor(
        &self,
        headers: &HeaderMap,
        network: &str,
        account: AccountId,
    ) -> Result<Admission, EphemeralError> {
        let kinds = (Kind::FactorFailures, Kind::KnownBrowserFactorFailures);
        let count = self.account_count(headers, &account.to_string(), Some(account), kinds);
        self.reserve_both(network, count, &ThrottlePolicy::SECOND_FACTOR)
            .await
    }

    async fn reserve_both(
        &self,
        network: &str,
        account: Count,
        policy: &ThrottlePolicy,
    ) -> Result<Admission, EphemeralError> {
        let now = self.ambient.now();
        let network = Count {
            kind: Kind::NetworkFailures,
            key: digest(network),
        };
        let attempt = self
            .ephemeral
            .reserve_attempt(network.place(), &ThrottlePolicy::NETWORK, now)
            .await?;
        if let Attempt::Wait(wait) = attempt {
            return Ok(Admission::Wait(wait));
        }
        let attempt = self
            .ephemeral
            .reserve_attempt(account.place(), policy, now)
            .await?;
        match attempt {
            Attempt::Allowed { failures } => Ok(Admission::Go(Reserved {
                account,
                network,
                failures,
                free: policy.free,
            })),
            Attempt::Wait(wait) => {
                // The network's count is for tries that were made.
                self.ephemeral.forgive_attempt(network.place(), now).await?;
                Ok(Admission::Wait(wait))
            }
        }
    }

    /// The try was right: the account's count is cleared, the network's goes back.
    ///
    /// # Errors
    /// The ephemeral store's.
    pub async fn forgive(&self, reserved: Reserved) -> Result<(), EphemeralError> {
        let now = self.ambient.now();
        // Both at once: a store that gathers writes commits them together.
        let forgiven = self
            .ephemeral
            .forgive_attempt(reserved.network.place(), now);
        let cleared = self.ephemeral.remove(reserved.account.place(), now);
        tokio::try_join!(forgiven, cleared)?;
        Ok(())
    }

    /// The try was not made after all: both counts go back by one.
    ///
    /// # Errors
    /// The ephemeral store's.
    pub async fn take_back(&self, reserved: Reserved) -> Result<(), EphemeralError> {
        let now = self.ambient.now();
        let network = self
            .ephemeral
            .forgive_attempt(reserved.network.place(), now);
        let account = self
            .ephemeral
            .forgive_attempt(reserved.account.place(), now);
        tokio::try_join!(network, account)?;
        Ok(())
    }

    /// The cookie by which the browser is known to have signed in to the account,
    /// beside those that it was known for already.
    pub fn remember(&self, headers: &HeaderMap, account: AccountId) -> HeaderValue {
        let nonce: [u8; NONCE] = self.ambient.random();
        let mut value = self.mark(&nonce, account).to_vec();
        let others = self.marks(headers);
        let others = others.iter().filter(|mark| !self.is_of(mark, account));
        value.extend(others.take(MOST_KNOWN - 1).flatten());
        let value = URL_SAFE_NO_PAD.encode(value);
        self.cookies.set(COOKIE, &value, Lifetime::For(KNOWN_FOR))
    }

    /// The count of the account, of the first kind, or of the second where the browser is
    /// known to it.
    fn account_count(
        &self,
        headers: &HeaderMap,
        typed: &str,
        account: Option<AccountId>,
        (strangers, known_browser): (Kind, Kind),
    ) -> Count {
        let marks = self.marks(headers);
        let known = account.and_then(|account| marks.iter().find(|mark| self.is_of(mark, account)));
        match known {
            Some(mark) => Count {
                kind: known_browser,
                key: URL_SAFE_NO_PAD.encode(Sha256::digest(mark)),
            },
            None => Count {
                kind: strangers,
                key: digest(typed),
            },
        }
    }

    fn marks(&self, headers: &HeaderMap) -> Vec<[u8; MARK]> {
        let value = self.cookies.read(headers, COOKIE).unwrap_or_default();
        let bytes = URL_SAFE_NO_PAD.decode(value).unwrap_or_default();
        let marks = bytes.chunks_exact(MARK).take(MOST_KNOWN);
        marks.filter_map(|mark| mark.try_into().ok()).collect()
    }

    fn mark(&self, nonce: &[u8], account: AccountId) -> [u8; MARK] {
        let message = [nonce, account.as_uuid().as_bytes()].concat();
        let mut mark = [0; MARK];
        mark[..NONCE].copy_from_slice(nonce);
        mark[NONCE..].copy_from_slice(&hmac_sha256(&self.key, &message));
        mark
    }

    fn is_of(&self, mark: &[u8; MARK], account: AccountId) -> bool {
        self.mark(&mark[..NONCE], account).ct_eq(mark).into()
    }
}

/// A network cut down for the audit trail: /24 of IPv4, /48 of IPv6. Enough to tell a
/// school from a far country, too little to tell a household.
pub fn coarse(network: &str) -> Option<String> {
    let address = network.split('/').next()?;
    match address.parse().ok()? {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            Some(format!("{a}.{b}.{c}.0/24"))
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            let network = Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0);
            Some(format!("{network}/48"))
        }
    }
}

/// Keys of counts are hashes: neither identifiers nor addresses stand in the store.
fn digest(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}
