//! The FranceConnect simulator: FranceConnect v2 (its lower level, `eidas1`) as its
//! documentation and its published sources describe it, for the demo and the tests.
//!
//! The same paths, parameters, refusals, claims and life times; what it signs it signs
//! with keys of its own, made at the start. There are no passwords: whoever comes chooses
//! who they are. `/` is a page that makes it misbehave.
//!
//! Where it is stricter than the service: a `state` of fewer than 22 characters is
//! refused, as the documentation has it, though the service takes any. Where it is
//! simpler: sign-out goes straight back, without a page that sends itself by a script.

mod assertion;
mod authorize;
mod back;
mod back_channel;
mod behaviour;
mod choice;
mod citizens;
mod consent;
mod control;
mod free_form;
mod identity;
mod interaction;
mod keys;
mod logout;
mod memory;
mod metadata;
mod problem;
mod registration;
mod revocation;
mod scopes;
#[cfg(test)]
mod tests;
mod token;
mod tokens;
mod user_info;
mod visitor;

use std::{sync::Arc, time::Duration};

use axum::{Router, extract::DefaultBodyLimit, middleware::from_fn_with_state, routing};
use domain::ambient::Ambient;

pub use self::{
    behaviour::Behaviour,
    citizens::{CLAIRE_SUB, FRANCOIS_SUB, PAUL_SUB, UNKNOWN_SUB},
    keys::KeyFault,
    registration::{
        CALLBACK_PATH, PREAU_CLIENT_ID, PREAU_CLIENT_SECRET, Registration, SIGNED_OUT_PATH,
    },
};
use self::{behaviour::Mood, keys::Keys, memory::Memory, registration::find};
use crate::look::{Forms, Look, SiteFacts};

/// Where the service stands under the simulator's origin; the issuer ends so too.
pub const PREFIX: &str = "/api/v2";

/// How long an answer takes while the simulator is slow.
pub const SLOW: Duration = Duration::from_secs(10);

/// Most bytes of a form.
const LONGEST_FORM: usize = 64 * 1024;

/// What is done with a signed answer before it is sent.
pub type Seal = Box<dyn Fn(Signed, String) -> String + Send + Sync>;

/// Which answer was signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signed {
    /// The ID token.
    IdToken,
    /// `UserInfo`.
    UserInfo,
}

/// What a simulator is made from.
pub struct SimulatorSettings {
    /// Its own origin, without a final slash.
    pub origin: String,
    /// The services that may ask it.
    pub registrations: Vec<Registration>,
    /// How long an answer takes while it is slow.
    pub slowness: Duration,
    /// Encrypts what it signed, as FranceConnect+ does; `None` as FranceConnect.
    pub seal: Option<Seal>,
    /// The time and randomness. Signing keys come from OpenSSL's own.
    pub ambient: Ambient,
}

/// The simulator's site.
///
/// # Errors
/// [`KeyFault`] where OpenSSL makes no keys.
pub fn router(settings: SimulatorSettings) -> Result<Router, KeyFault> {
    let look = Look::new(&SiteFacts {
        name: "simulateur-fc",
        title: [
            "Simulateur FranceConnect — démonstration",
            "FranceConnect simulator — demonstration",
        ],
        origin: &settings.origin,
        forms: Forms::LeadAnywhere,
        mark: include_str!("../../../../templates/demo/simulator.svg"),
    });
    let simulator = Arc::new(Simulator {
        issuer: format!("{}{PREFIX}", settings.origin),
        keys: Keys::generate()?,
        memory: Memory::new(&settings.ambient),
        mood: Mood::default(),
        look: look.clone(),
        settings,
    });
    let pages = Router::new()
        .nest(PREFIX, service(&simulator))
        .route("/", routing::get(control::get))
        .route(
            "/comportement",
            routing::get(control::get).post(control::post),
        )
        .route("/cles", routing::post(control::rotate))
        .fallback(problem::not_found)
        .layer(DefaultBodyLimit::max(LONGEST_FORM))
        .with_state(simulator);
    Ok(look.dress(pages))
}

/// What FranceConnect serves under its issuer.
fn service(simulator: &Arc<Simulator>) -> Router<Arc<Simulator>> {
    Router::new()
        .merge(protocol())
        .merge(interaction())
        .layer(from_fn_with_state(simulator.clone(), behaviour::hinder))
}

/// What services and their servers ask for.
fn protocol() -> Router<Arc<Simulator>> {
    Router::new()
        .route(
            "/.well-known/openid-configuration",
            routing::get(metadata::discovery),
        )
        .route("/jwks", routing::get(metadata::key_set))
        .route(
            "/authorize",
            routing::get(authorize::get).post(authorize::post),
        )
        .route("/token", routing::post(token::post))
        .route("/token/revocation", routing::post(revocation::post))
        // The service routes GET alone: a POST finds nothing.
        .route(
            "/userinfo",
            routing::get(user_info::get).fallback(problem::not_found),
        )
        .route("/session/end", routing::get(logout::get))
        .route(logout::OVER, routing::get(logout::over))
}

/// What people see between the request and its answer.
fn interaction() -> Router<Arc<Simulator>> {
    Router::new()
        .route(
            "/interaction/{id}",
            routing::get(choice::get).post(choice::post),
        )
        .route(
            "/interaction/{id}/identite",
            routing::get(free_form::get).post(free_form::post),
        )
        .route(
            "/interaction/{id}/consent",
            routing::get(consent::get).post(consent::post),
        )
        .route("/redirect-to-sp-with-error", routing::get(back::get))
}

/// The simulator's state.
struct Simulator {
    settings: SimulatorSettings,
    issuer: String,
    keys: Keys,
    memory: Memory,
    mood: Mood,
    look: Arc<Look>,
}

impl Simulator {
    fn registration(&self, client_id: &str) -> Option<&Registration> {
        find(&self.settings.registrations, client_id)
    }

    fn sealed(&self, which: Signed, token: String) -> String {
        match &self.settings.seal {
            Some(seal) => seal(which, token),
            None => token,
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }

    /// The seconds since the epoch, as tokens have them.
    fn seconds(&self) -> i64 {
        self.settings.ambient.now().as_second()
    }

    /// A name for one error, by which FranceConnect's support would find it.
    fn error_id(&self) -> String {
        let bytes = self.settings.ambient.random();
        uuid::Builder::from_random_bytes(bytes)
            .into_uuid()
            .to_string()
    }
}
