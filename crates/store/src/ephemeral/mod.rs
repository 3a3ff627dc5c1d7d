//! The ephemeral store: what may be lost with at worst a new sign-in.
//!
//! One trait of a few operations, each atomic on every node: one statement in the
//! database ([`SqlEphemeral`]) or one script in Redis ([`RedisEphemeral`]). What a
//! value means is its caller's affair; here it is text under a kind and a key.

mod ladder;
mod redis;
mod sql;

use std::time::Duration;

use async_trait::async_trait;
use domain::throttle::ThrottlePolicy;
use jiff::Timestamp;

pub use self::{redis::RedisEphemeral, sql::SqlEphemeral};

/// What kind of thing an entry is: a name of its own in every key, so that a value of
/// one kind, presented as another, is unknown.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// An authorization request that waits for a person.
    SignInTransaction,
    /// A single sign-on session.
    Session,
    /// An authorization code.
    Code,
    /// Failures of an account from browsers that it does not know.
    AccountFailures,
    /// Failures of an account from one browser that signed in to it before.
    KnownBrowserFailures,
    /// Failures from one network.
    NetworkFailures,
    /// Wrong codes for an account's second factor, from browsers that it does not know.
    FactorFailures,
    /// Wrong codes for it from one browser that signed in to it before.
    KnownBrowserFactorFailures,
    /// What waits between the steps of a recovery or a registration.
    Journey,
    /// A request to another provider, until its answer comes.
    Upstream,
    /// A question to a device that has or makes a passkey, until its answer comes.
    Passkey,
    /// Messages to one contact.
    ContactMessages,
    /// Messages asked for from one network.
    NetworkMessages,
    /// SMS of registrations, of the whole service.
    RegistrationSms,
    /// SMS of recovery, of the whole service.
    RecoverySms,
    /// Wrong codes, of the whole service.
    WrongCodes,
}

impl Kind {
    /// The name in keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignInTransaction => "sign_in",
            Self::Session => "session",
            Self::Code => "code",
            Self::AccountFailures => "account_failures",
            Self::KnownBrowserFailures => "known_browser_failures",
            Self::NetworkFailures => "network_failures",
            Self::FactorFailures => "factor_failures",
            Self::KnownBrowserFactorFailures => "known_browser_factor_failures",
            Self::Journey => "journey",
            Self::Upstream => "upstream",
            Self::Passkey => "passkey",
            Self::ContactMessages => "contact_messages",
            Self::NetworkMessages => "network_messages",
            Self::RegistrationSms => "registration_sms",
            Self::RecoverySms => "recovery_sms",
            Self::WrongCodes => "wrong_codes",
        }
    }

    /// Whether it is counted by [`EphemeralStore::reserve_attempt`] and
    /// [`EphemeralStore::forgive_attempt`]; all others hold values, for the other
    /// operations. [`EphemeralStore::remove`] is for both.
    const fn is_counter(self) -> bool {
        match self {
            Self::SignInTransaction
            | Self::Session
            | Self::Code
            | Self::Journey
            | Self::Upstream
            | Self::Passkey => false,
            Self::AccountFailures
            | Self::KnownBrowserFailures
            | Self::NetworkFailures
            | Self::FactorFailures
            | Self::KnownBrowserFactorFailures
            | Self::ContactMessages
            | Self::NetworkMessages
            | Self::RegistrationSms
            | Self::RecoverySms
            | Self::WrongCodes => true,
        }
    }
}

/// Where an entry is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place<'a> {
    /// Its kind.
    pub kind: Kind,
    /// Its key: a hash of what was handed out, never the value itself.
    pub key: &'a str,
}

/// An entry as it was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The value.
    pub value: String,
    /// Grows by one with each replacement.
    pub version: i64,
    /// Whether somebody spent it.
    pub spent: bool,
}

/// What became of a one-time entry that somebody presented.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Spent {
    /// Nobody had: here it is. No one else gets this answer, on any node.
    First(String),
    /// Somebody had before: here it is too, to undo what came of it, never to act on.
    Again(String),
    /// There is none, or its time is over.
    Unknown,
}

/// Whether a try may be made now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Attempt {
    /// Yes, and it has been counted as a failure until it is forgiven.
    Allowed {
        /// Failures counted, this one included.
        failures: u32,
    },
    /// No: this long from now.
    Wait(Duration),
}

/// The store cannot be reached, or answered nonsense. Callers fail closed.
#[derive(Debug, thiserror::Error)]
pub enum EphemeralError {
    /// The database.
    #[error("ephemeral store (database): {0}")]
    Database(#[from] sea_orm::DbErr),
    /// Redis.
    #[error("ephemeral store (redis): {0}")]
    Redis(#[from] ::redis::RedisError),
    /// An entry that this version did not write.
    #[error("ephemeral store: an entry of kind {0} is malformed")]
    Malformed(&'static str),
}

/// The operations. Each is atomic over all nodes. Expired entries are absent at once,
/// whether or not they have been swept.
#[async_trait]
pub trait EphemeralStore: Send + Sync + 'static {
    /// Puts a new entry. `false` where the place is taken by one that has not expired:
    /// nothing is changed then.
    async fn insert(
        &self,
        place: Place<'_>,
        value: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool, EphemeralError>;

    /// Reads an entry, spent or not.
    async fn find(&self, place: Place<'_>, now: Timestamp)
    -> Result<Option<Entry>, EphemeralError>;

    /// Replaces an entry that still has the version read and is not spent, and gives
    /// it a new end. `false` where somebody replaced, spent or removed it meanwhile.
    async fn replace(
        &self,
        place: Place<'_>,
        version: i64,
        value: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool, EphemeralError>;

    /// Spends a one-time entry. It stays, marked, until `keep_until`, so that a second
    /// use is seen; a second use does not prolong it.
    async fn spend(
        &self,
        place: Place<'_>,
        now: Timestamp,
        keep_until: Timestamp,
    ) -> Result<Spent, EphemeralError>;

    /// Removes an entry and gives what it held: to one caller alone. Of a counter, which
    /// is cleared by it, that is the empty text.
    async fn remove(
        &self,
        place: Place<'_>,
        now: Timestamp,
    ) -> Result<Option<String>, EphemeralError>;

    /// Reserves a try under a policy: counts a failure beforehand, so that tries made
    /// at once cannot outrun the count. While a wait is running nothing is counted.
    ///
    /// With `n` failures counted so far, the try is allowed when
    /// `policy.wait_after(n)` has passed since the last one that was.
    async fn reserve_attempt(
        &self,
        place: Place<'_>,
        policy: &ThrottlePolicy,
        now: Timestamp,
    ) -> Result<Attempt, EphemeralError>;

    /// Takes one reserved failure back: the try succeeded.
    async fn forgive_attempt(&self, place: Place<'_>, now: Timestamp)
    -> Result<(), EphemeralError>;

    /// Drops entries whose time is over; how many. Redis does it by itself.
    async fn sweep(&self, now: Timestamp) -> Result<u64, EphemeralError>;

    /// Answers when the store can be reached.
    async fn ping(&self) -> Result<(), EphemeralError>;
}
