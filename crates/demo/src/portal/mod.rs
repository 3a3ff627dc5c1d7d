//! The portal: a relying party like any other, written on the openidconnect crate.
//!
//! It knows of the provider what discovery tells, and of people what a verified ID
//! token and `UserInfo` say. Its sessions are its own.

mod claims;
mod family;
mod fault;
mod home;
mod provider;
mod session;
mod sign_in;
#[cfg(test)]
mod testing;
mod visits;

use std::{fmt, sync::Arc, time::Duration};

use axum::{Router, extract::FromRequestParts, http::request::Parts, response::Response, routing};
use domain::{
    ambient::Ambient,
    secret::{Secret, Token},
};
use tokio::{sync::Mutex, time::sleep};
use web::cookies::Lifetime;

#[cfg(test)]
pub(crate) use self::testing::assert_sound;
use self::{fault::Fault, provider::Provider, visits::Visits};
use crate::{
    http_client::HttpClient,
    look::{Forms, Language, Look, SiteFacts},
    people::DemoPerson,
};

/// How often discovery is tried before a page says that the provider does not answer,
/// and how long between two tries.
const TRIES: u32 = 4;
const BETWEEN_TRIES: Duration = Duration::from_millis(250);

/// What a portal is made from.
pub struct PortalSettings {
    /// The provider's issuer.
    pub issuer: String,
    /// The portal's own origin, without a final slash.
    pub origin: String,
    /// Its client id at the provider.
    pub client_id: String,
    /// Its secret there.
    pub client_secret: Secret,
    /// The people whom the first page lists.
    pub people: Vec<DemoPerson>,
    /// The time and randomness.
    pub ambient: Ambient,
}

/// The HTTP client could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the portal has no HTTP client: {0}")]
pub struct NoHttpClient(String);

/// The portal's site. The process must have a rustls provider installed.
///
/// # Errors
/// [`NoHttpClient`].
pub fn router(settings: PortalSettings) -> Result<Router, NoHttpClient> {
    let look = Look::new(&SiteFacts {
        name: "portail",
        title: ["Portail des familles", "Family portal"],
        origin: &settings.origin,
        forms: Forms::LeadTo(&settings.issuer),
        mark: include_str!("../../../../templates/demo/portal.svg"),
    });
    let portal = Arc::new(Portal {
        visits: Visits::new(settings.ambient.clone()),
        http: HttpClient::new().map_err(|error| NoHttpClient(error.to_string()))?,
        provider: Mutex::new(None),
        look: look.clone(),
        settings,
    });
    let pages = Router::new()
        .route("/", routing::get(home::get))
        .route("/connexion", routing::get(sign_in::get))
        .route("/callback", routing::get(sign_in::callback))
        .route("/actualiser", routing::post(session::refresh))
        .route("/deconnexion", routing::post(session::sign_out))
        .fallback(not_found)
        .with_state(portal);
    Ok(look.dress(pages))
}

async fn not_found(visitor: Visitor) -> Response {
    visitor.show(&Fault::NotFound)
}

/// The portal's state.
struct Portal {
    settings: PortalSettings,
    look: Arc<Look>,
    visits: Visits,
    http: HttpClient,
    provider: Mutex<Option<Arc<Provider>>>,
}

impl Portal {
    /// The provider, discovered at first use.
    async fn provider(&self) -> Result<Arc<Provider>, Fault> {
        let mut known = self.provider.lock().await;
        if let Some(provider) = &*known {
            return Ok(provider.clone());
        }
        let provider = Arc::new(self.discover().await?);
        *known = Some(provider.clone());
        Ok(provider)
    }

    /// The provider, discovered again: its keys have changed.
    async fn provider_anew(&self) -> Result<Arc<Provider>, Fault> {
        *self.provider.lock().await = None;
        self.provider().await
    }

    async fn discover(&self) -> Result<Provider, Fault> {
        let mut tried = 1;
        loop {
            match Provider::discover(&self.settings, &self.http).await {
                Err(fault) if tried < TRIES => {
                    tracing::info!(%fault, tried, "the portal tries discovery again");
                    tried += 1;
                    sleep(BETWEEN_TRIES).await;
                }
                outcome => return outcome,
            }
        }
    }
}

/// Who asks: the portal they came to, their browser's session and language.
struct Visitor {
    portal: Arc<Portal>,
    token: Option<Token>,
    language: Language,
}

impl Visitor {
    /// A page of the portal.
    fn render(&self, template: &str, page: impl serde::Serialize) -> Response {
        let look = &self.portal.look;
        let mut response = look.render(template, self.language.locale, page);
        self.language.keep(look, &mut response);
        response
    }

    /// The page of a fault, which is logged here, once.
    fn show(&self, fault: &Fault) -> Response {
        if matches!(fault, Fault::NotFound) {
            tracing::debug!("no such page at the portal");
        } else {
            tracing::warn!(%fault, "the portal shows a fault");
        }
        fault.render(&self.portal.look, self.language.locale)
    }

    /// Gives the browser its session.
    fn remember(&self, token: &Token, response: &mut Response) {
        let cookies = &self.portal.look.cookies;
        let cookie = cookies.set(SESSION, &token.expose(), Lifetime::BrowserSession);
        response
            .headers_mut()
            .append(axum::http::header::SET_COOKIE, cookie);
    }
}

impl fmt::Debug for Visitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Visitor")
    }
}

const SESSION: &str = "session";

impl FromRequestParts<Arc<Portal>> for Visitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        portal: &Arc<Portal>,
    ) -> Result<Self, Self::Rejection> {
        let token = portal.look.cookies.read(&parts.headers, SESSION);
        Ok(Self {
            token: token.and_then(Token::parse),
            language: Language::read(parts, &portal.look),
            portal: portal.clone(),
        })
    }
}
