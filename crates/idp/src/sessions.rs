//! Single sign-on sessions: a cookie, an entry of the ephemeral store, and the word of
//! the account.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue};
use domain::{
    account::Account,
    acr::{Acr, Amr},
    ambient::Ambient,
    client::ClientId,
    ids::{AccountId, SessionId},
    secret::Token,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{
    Database, StoreError, accounts,
    ephemeral::{EphemeralError, EphemeralStore, Kind, Place},
};
use web::{
    Site,
    cookies::{Cookies, Lifetime},
};

use crate::{device::Device, entry::Means, settings::SessionSettings};

const COOKIE: &str = "session";

/// Use is written down at most this often, in seconds: reading a page must not write.
const TOUCH_AFTER: i64 = 60;

/// A session.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Session {
    /// Its name in tokens (`sid`). The cookie's value is another.
    pub id: SessionId,
    /// Whose it is.
    pub account: AccountId,
    /// When the person authenticated last.
    pub auth_time: Timestamp,
    /// How.
    pub acr: Acr,
    /// By which methods.
    pub amr: Vec<Amr>,
    /// When it began.
    pub began_at: Timestamp,
    /// When it was used last, to [`TOUCH_AFTER`] seconds.
    pub seen_at: Timestamp,
    /// Relying parties that people were signed in to through it.
    pub clients: Vec<ClientId>,
    /// With what the person came.
    #[serde(default)]
    pub device: Device,
    /// The upstream that the person came through, to be signed out of with it.
    #[serde(default)]
    pub through: Option<Through>,
}

/// A session to come: its sign-in is written down, with what finds it, before it begins.
#[derive(Debug)]
pub struct Opening {
    /// What it will be called.
    pub id: SessionId,
    token: Token,
}

impl Opening {
    /// Where it will be found: a hash of what the cookie will say.
    pub fn key(&self) -> String {
        self.token.hash().encode()
    }
}

/// A session at an upstream.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Through {
    /// The upstream's name.
    pub upstream: String,
    /// Its ID token, sealed.
    pub sealed_id_token: String,
}

/// A session that the browser named, that has not ended, with its account.
#[derive(Clone, Debug)]
pub struct LiveSession {
    /// The session.
    pub session: Session,
    /// Its account, read just now; it upholds the session.
    pub account: Account,
    key: String,
    version: i64,
}

impl LiveSession {
    /// Whether the sign-in reached this.
    pub fn reaches(&self, acr: Acr) -> bool {
        let mut fulfilled = self.session.acr.fulfilled_by(&self.session.amr);
        fulfilled.any(|reached| reached == acr)
    }
}

/// Begins, finds and ends sessions.
#[derive(Clone)]
pub struct Sessions {
    database: Database,
    ephemeral: Arc<dyn EphemeralStore>,
    ambient: Ambient,
    cookies: Cookies,
    settings: SessionSettings,
}

impl Sessions {
    /// Of a site.
    pub fn new(
        site: &Site,
        database: Database,
        ephemeral: Arc<dyn EphemeralStore>,
        settings: SessionSettings,
    ) -> Self {
        Self {
            database,
            ephemeral,
            ambient: site.ambient.clone(),
            cookies: site.cookies.clone(),
            settings,
        }
    }

    /// The session that the browser's cookie names, if it stands: not idle, not too
    /// old, and upheld by its account.
    ///
    /// # Errors
    /// The stores'.
    pub async fn find(&self, headers: &HeaderMap) -> Result<Option<LiveSession>, StoreError> {
        let Some(token) = self.cookies.read(headers, COOKIE).and_then(Token::parse) else {
            return Ok(None);
        };
        let now = self.ambient.now();
        let key = token.hash().encode();
        let Some(entry) = self.ephemeral.find(place(&key), now).await? else {
            return Ok(None);
        };
        let Ok(session) = serde_json::from_str::<Session>(&entry.value) else {
            return Ok(None);
        };
        let account = accounts::find_by_id(self.database.reader(), session.account).await?;
        let stands = |account: &Account| {
            account.upholds(session.auth_time) && is_enough(account, &session.amr)
        };
        let Some(account) = account.filter(stands) else {
            return Ok(None);
        };
        let live = LiveSession {
            session,
            account,
            key,
            version: entry.version,
        };
        Ok(Some(self.touched(live, now).await?))
    }

    /// Names a session to come. The cookie's value is new at every sign-in; the session
    /// goes on under its own name where the same person signed in again.
    pub fn open(&self, account: &Account, before: Option<&LiveSession>) -> Opening {
        let same = before.filter(|live| live.session.account == account.id);
        Opening {
            id: same.map_or_else(|| SessionId::new(&self.ambient), |live| live.session.id),
            token: Token::generate(&self.ambient),
        }
    }

    /// Begins a session and gives the cookie that names it. The person proved who they are
    /// by these means, at that instant.
    ///
    /// # Errors
    /// The ephemeral store's.
    pub async fn begin(
        &self,
        opening: Opening,
        account: &Account,
        (means, at): (Means, Timestamp),
        device: Device,
        before: Option<&LiveSession>,
    ) -> Result<HeaderValue, EphemeralError> {
        let now = self.ambient.now();
        let same = before.filter(|live| live.session.account == account.id);
        let session = Session {
            id: opening.id,
            account: account.id,
            auth_time: at,
            acr: means.acr,
            amr: means.amr,
            began_at: now,
            seen_at: now,
            clients: same
                .map(|live| live.session.clients.clone())
                .unwrap_or_default(),
            device,
            // Whoever came through an upstream and then proved themselves here as well
            // is still signed in there.
            through: means
                .through
                .or_else(|| same.and_then(|live| live.session.through.clone())),
        };
        let key = opening.key();
        let (value, end) = (text(&session), self.end_of(&session));
        let begun = self.ephemeral.insert(place(&key), &value, now, end);
        match before {
            Some(before) => {
                let ended = self.ephemeral.remove(place(&before.key), now);
                tokio::try_join!(begun, ended)?;
            }
            None => _ = begun.await?,
        }
        let value = opening.token.expose();
        Ok(self.cookies.set(COOKIE, &value, Lifetime::BrowserSession))
    }

    /// The session of an account under a key, if it stands: for the list of one's own.
    ///
    /// # Errors
    /// The ephemeral store's.
    pub async fn find_by_key(
        &self,
        account: &Account,
        key: &str,
    ) -> Result<Option<Session>, EphemeralError> {
        let found = self.ephemeral.find(place(key), self.ambient.now()).await?;
        let session = found.and_then(|entry| serde_json::from_str::<Session>(&entry.value).ok());
        Ok(session
            .filter(|session| session.account == account.id && account.upholds(session.auth_time)))
    }

    /// Ends the session under a key. What hangs on it in the main store is its caller's
    /// to end.
    ///
    /// # Errors
    /// The ephemeral store's.
    pub async fn end_by_key(&self, key: &str) -> Result<(), EphemeralError> {
        let ended = self.ephemeral.remove(place(key), self.ambient.now()).await;
        ended.map(|_| ())
    }

    /// Ends a session, and gives the cookie that makes the browser forget it. What
    /// hangs on it in the main store is its caller's to end.
    ///
    /// # Errors
    /// The ephemeral store's.
    pub async fn end(&self, live: &LiveSession) -> Result<HeaderValue, EphemeralError> {
        self.ephemeral
            .remove(place(&live.key), self.ambient.now())
            .await?;
        Ok(self.cookies.clear(COOKIE))
    }

    /// Remembers that a client's people were signed in through the session, so that a
    /// logout reaches it. `false` where the session has ended meanwhile: then nothing
    /// may be given in it.
    ///
    /// # Errors
    /// The ephemeral store's.
    pub async fn add_client(
        &self,
        live: &LiveSession,
        client: &ClientId,
    ) -> Result<bool, EphemeralError> {
        let now = self.ambient.now();
        // Where it must be written anyway, it stands if it still is what was read.
        if !live.session.clients.contains(client) {
            let mut session = live.session.clone();
            session.clients.push(client.clone());
            if self.replace(&live.key, live.version, &session, now).await? {
                return Ok(true);
            }
        }
        // Two tabs may add their clients at once: the one that came late reads again.
        for _ in 0..TRIES {
            let Some(entry) = self.ephemeral.find(place(&live.key), now).await? else {
                return Ok(false);
            };
            let mut session: Session = serde_json::from_str(&entry.value)
                .map_err(|_| EphemeralError::Malformed("session"))?;
            if session.clients.contains(client) {
                return Ok(true);
            }
            session.clients.push(client.clone());
            if self
                .replace(&live.key, entry.version, &session, now)
                .await?
            {
                return Ok(true);
            }
        }
        Ok(true)
    }

    async fn touched(
        &self,
        mut live: LiveSession,
        now: Timestamp,
    ) -> Result<LiveSession, EphemeralError> {
        if now.as_second() - live.session.seen_at.as_second() < TOUCH_AFTER {
            return Ok(live);
        }
        live.session.seen_at = now;
        if self
            .replace(&live.key, live.version, &live.session, now)
            .await?
        {
            live.version += 1;
        }
        Ok(live)
    }

    async fn replace(
        &self,
        key: &str,
        version: i64,
        session: &Session,
        now: Timestamp,
    ) -> Result<bool, EphemeralError> {
        self.ephemeral
            .replace(
                place(key),
                version,
                &text(session),
                now,
                self.end_of(session),
            )
            .await
    }

    fn end_of(&self, session: &Session) -> Timestamp {
        let idle = session.seen_at + self.settings.idle.duration();
        let whole = session.began_at + self.settings.whole.duration();
        idle.min(whole)
    }
}

/// An account that must have a second factor has no session without.
fn is_enough(account: &Account, amr: &[Amr]) -> bool {
    !account.kind.must_have_second_factor() || amr.contains(&Amr::Mfa)
}

/// How often two tabs may get in each other's way before one gives up.
const TRIES: usize = 5;

const fn place(key: &str) -> Place<'_> {
    Place {
        kind: Kind::Session,
        key,
    }
}

fn text(session: &Session) -> String {
    serde_json::to_string(session).expect("a session is a JSON document")
}
