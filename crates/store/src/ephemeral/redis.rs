//! The ephemeral store in Redis.

use std::{fmt, sync::Arc, time::Duration};

use ::redis::{
    Client, FromRedisValue, Script, ScriptInvocation,
    aio::{ConnectionManager, ConnectionManagerConfig},
    cmd,
};
use async_trait::async_trait;
use domain::{secret::Secret, throttle::ThrottlePolicy};
use jiff::Timestamp;

use super::{
    Attempt, Entry, EphemeralError, EphemeralStore, Place, Spent,
    ladder::{Ladder, forgotten_at},
};
use crate::time::millis;

/// The ephemeral state in Redis, shared by all nodes that reach it.
///
/// Each operation is one script, which Redis runs alone. An entry is one hash: of a
/// value `v`, its version `n` and how often it was spent `s`; of a counter its failures
/// `f` and the last try `l`; of both the end `e`, which is compared with the caller's
/// time. Redis drops the hash itself once that much of its own time has passed.
///
/// Where Redis cannot be reached or does not answer in time, each operation is
/// [`EphemeralError::Redis`] within seconds, and the next one tries anew.
#[derive(Clone)]
pub struct RedisEphemeral {
    connection: ConnectionManager,
    scripts: Arc<Scripts>,
    prefix: Arc<str>,
}

impl RedisEphemeral {
    /// Connects to `redis://` or `rediss://` (TLS), with the password in the URL.
    pub async fn connect(url: &Secret) -> Result<Self, EphemeralError> {
        let client = Client::open(url.expose())?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE))
            .set_number_of_retries(RETRIES)
            .set_max_delay(LONGEST_DELAY);
        Ok(Self {
            connection: ConnectionManager::new_with_config(client, config).await?,
            scripts: Arc::new(Scripts::new()),
            prefix: Arc::from("preau"),
        })
    }

    /// Begins each key with this instead of `preau`: for installations that share a
    /// server and must not meet.
    #[must_use]
    pub fn with_prefix(mut self, prefix: &str) -> Self {
        self.prefix = Arc::from(prefix);
        self
    }

    fn key_of(&self, place: Place<'_>) -> String {
        format!("{}:{}:{}", self.prefix, place.kind.as_str(), place.key)
    }

    async fn run<T: FromRedisValue>(
        &self,
        invocation: &ScriptInvocation<'_>,
    ) -> Result<T, EphemeralError> {
        Ok(invocation
            .invoke_async(&mut self.connection.clone())
            .await?)
    }
}

#[async_trait]
impl EphemeralStore for RedisEphemeral {
    async fn insert(
        &self,
        place: Place<'_>,
        value: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool, EphemeralError> {
        let mut script = self.scripts.insert.key(self.key_of(place));
        script
            .arg(millis(now))
            .arg(value)
            .arg(millis(expires_at))
            .arg(millis(expires_at) - millis(now));
        self.run(&script).await
    }

    async fn find(
        &self,
        place: Place<'_>,
        now: Timestamp,
    ) -> Result<Option<Entry>, EphemeralError> {
        let mut read = cmd("HMGET");
        read.arg(self.key_of(place)).arg(&["v", "n", "s", "e"]);
        let fields = read.query_async(&mut self.connection.clone()).await?;
        match fields {
            (None::<String>, None::<i64>, None::<i64>, None::<i64>) => Ok(None),
            (Some(value), Some(version), Some(spent), Some(expires_at)) => {
                let entry = Entry {
                    value,
                    version,
                    spent: spent > 0,
                };
                Ok((expires_at > millis(now)).then_some(entry))
            }
            _ => Err(EphemeralError::Malformed(place.kind.as_str())),
        }
    }

    async fn replace(
        &self,
        place: Place<'_>,
        version: i64,
        value: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool, EphemeralError> {
        let mut script = self.scripts.replace.key(self.key_of(place));
        script
            .arg(millis(now))
            .arg(version)
            .arg(value)
            .arg(millis(expires_at))
            .arg(millis(expires_at) - millis(now));
        self.run(&script).await
    }

    async fn spend(
        &self,
        place: Place<'_>,
        now: Timestamp,
        keep_until: Timestamp,
    ) -> Result<Spent, EphemeralError> {
        let mut script = self.scripts.spend.key(self.key_of(place));
        script
            .arg(millis(now))
            .arg(millis(keep_until))
            .arg(millis(keep_until) - millis(now));
        match self.run(&script).await? {
            (0_i64, None::<String>) => Ok(Spent::Unknown),
            (1, Some(value)) => Ok(Spent::First(value)),
            (2.., Some(value)) => Ok(Spent::Again(value)),
            _ => Err(EphemeralError::Malformed(place.kind.as_str())),
        }
    }

    async fn remove(
        &self,
        place: Place<'_>,
        now: Timestamp,
    ) -> Result<Option<String>, EphemeralError> {
        let mut script = self.scripts.remove.key(self.key_of(place));
        self.run(script.arg(millis(now))).await
    }

    async fn reserve_attempt(
        &self,
        place: Place<'_>,
        policy: &ThrottlePolicy,
        now: Timestamp,
    ) -> Result<Attempt, EphemeralError> {
        let ladder = Ladder::of(policy);
        let expires_at = forgotten_at(policy, now);
        let mut script = self.scripts.reserve.key(self.key_of(place));
        script
            .arg(millis(now))
            .arg(expires_at)
            .arg(expires_at - millis(now))
            .arg(ladder.free)
            .arg(ladder.first)
            .arg(ladder.doublings)
            .arg(ladder.longest);
        match self.run::<(u64, u32)>(&script).await? {
            (0, failures) => Ok(Attempt::Allowed { failures }),
            (left, _) => Ok(Attempt::Wait(Duration::from_millis(left))),
        }
    }

    async fn forgive_attempt(
        &self,
        place: Place<'_>,
        now: Timestamp,
    ) -> Result<(), EphemeralError> {
        let mut script = self.scripts.forgive.key(self.key_of(place));
        self.run(script.arg(millis(now))).await
    }

    async fn sweep(&self, _now: Timestamp) -> Result<u64, EphemeralError> {
        Ok(0)
    }

    async fn ping(&self) -> Result<(), EphemeralError> {
        Ok(cmd("PING")
            .query_async(&mut self.connection.clone())
            .await?)
    }
}

impl fmt::Debug for RedisEphemeral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The connection knows the password.
        f.debug_struct("RedisEphemeral")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

struct Scripts {
    insert: Script,
    replace: Script,
    spend: Script,
    remove: Script,
    reserve: Script,
    forgive: Script,
}

impl Scripts {
    fn new() -> Self {
        Self {
            insert: Script::new(include_str!("redis/insert.lua")),
            replace: Script::new(include_str!("redis/replace.lua")),
            spend: Script::new(include_str!("redis/spend.lua")),
            remove: Script::new(include_str!("redis/remove.lua")),
            reserve: Script::new(include_str!("redis/reserve.lua")),
            forgive: Script::new(include_str!("redis/forgive.lua")),
        }
    }
}

/// How long a connection may take, and then an answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Requests wait while a connection is made anew, so only a blink is tried again.
const RETRIES: usize = 1;

/// The longest pause before that.
const LONGEST_DELAY: Duration = Duration::from_millis(200);
