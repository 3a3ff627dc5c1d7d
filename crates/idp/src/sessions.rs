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

use crate::{entry::Means, settings::SessionSettings};

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
    /// The upstream that the person came through, to be signed out of with it.
    #[serde(default)]
    pub through: Option<Through>,
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
        let Some(account) = account.filter(|account| account.upholds(session.auth_time)) else {
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

    /// Begins a session and gives the cookie that names it. The cookie's value is new
    /// at every sign-in; the session goes on under its own name where the same person
    /// signed in again.
    ///
    /// # Errors
    /// The ephemeral store's.
    pub async fn begin(
        &self,
        account: &Account,
        means: Means,
        before: Option<&LiveSession>,
    ) -> Result<(LiveSession, HeaderValue), EphemeralError> {
        let now = self.ambient.now();
        let same = before.filter(|live| live.session.account == account.id);
        let session = Session {
            id: same.map_or_else(|| SessionId::new(&self.ambient), |live| live.session.id),
            account: account.id,
            auth_time: now,
            acr: means.acr,
            amr: means.amr,
            began_at: now,
            seen_at: now,
            clients: same
                .map(|live| live.session.clients.clone())
                .unwrap_or_default(),
            // Whoever came through an upstream and then proved themselves here as well
            // is still signed in there.
            through: means
                .through
                .or_else(|| same.and_then(|live| live.session.through.clone())),
        };
        let token = Token::generate(&self.ambient);
        let key = token.hash().encode();
        self.ephemeral
            .insert(place(&key), &text(&session), now, self.end_of(&session))
            .await?;
        if let Some(before) = before {
            self.ephemeral.remove(place(&before.key), now).await?;
        }
        let cookie = self
            .cookies
            .set(COOKIE, &token.expose(), Lifetime::BrowserSession);
        let live = LiveSession {
            session,
            account: account.clone(),
            key,
            version: 1,
        };
        Ok((live, cookie))
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
