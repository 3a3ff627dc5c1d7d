//! A person comes in: the sign-in is written down, the session begins, the browser is
//! remembered.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    account::Account,
    acr::{Acr, Amr},
    audit::{Action, Actor, Target},
};
use serde_json::json;
use store::{
    StoreError,
    audit::{self, Event},
    grants,
};
use web::{PageError, Route};

use crate::{
    app::{App, unavailable},
    device::Device,
    guard::coarse,
    http::visit::Visit,
    sessions::{Opening, Through},
};

/// How a person proved who they are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Means {
    /// What it reached.
    pub acr: Acr,
    /// By which methods.
    pub amr: Vec<Amr>,
    /// Through which upstream, if any.
    pub through: Option<Through>,
}

impl Means {
    /// By password alone.
    pub fn password() -> Self {
        Self {
            acr: Acr::Password,
            amr: vec![Amr::Pwd],
            through: None,
        }
    }

    /// Through an upstream, which vouched for this level.
    pub fn upstream(acr: Acr, through: Through) -> Self {
        Self {
            acr,
            amr: vec![Amr::Fc],
            through: Some(through),
        }
    }
}

/// The cookies of a person who came in.
#[derive(Debug)]
#[must_use = "without its cookies the session is nobody's"]
pub struct Entered([HeaderValue; 2]);

impl Entered {
    /// Sends the browser on, with its cookies.
    pub fn leading_to(self, route: &impl Route) -> Response {
        let mut response = Redirect::to(&route.path()).into_response();
        for cookie in self.0 {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }
}

/// Begins a session for who proved to be the account's owner just now.
///
/// # Errors
/// A page, where a store does not answer.
pub async fn begin_session(
    app: &App,
    visit: &Visit,
    account: &Account,
    means: Means,
) -> Result<Entered, PageError> {
    let before = visit.session.as_ref();
    let opening = app.sessions.open(account, before);
    // Written down first: nobody is signed in without a trace.
    record(app, visit, account, &opening)
        .await
        .map_err(unavailable)?;
    let device = Device::of(&visit.headers);
    let session_cookie = app
        .sessions
        .begin(opening, account, means, device, before)
        .await
        .map_err(unavailable)?;
    let known_cookie = app.guard.remember(&visit.headers, account.id);
    Ok(Entered([session_cookie, known_cookie]))
}

/// Writes the sign-in down, and ends what hung on another person's session in this
/// browser: two people share a computer, never a session.
async fn record(
    app: &App,
    visit: &Visit,
    account: &Account,
    opening: &Opening,
) -> Result<(), StoreError> {
    let event = Event::new(
        Action::SignedIn,
        Actor::Account(account.id),
        Target::Account(account.id),
    );
    // By this its owner finds the session in the list of their own, and can end it.
    let event = event
        .from_network(coarse(&visit.network))
        .with(json!({ "session": opening.id, "key": opening.key() }));
    let other = visit
        .session
        .as_ref()
        .filter(|live| live.account.id != account.id);
    let Some(other) = other else {
        // One statement needs no transaction around it.
        return audit::record(app.database.writer(), &app.ambient, event).await;
    };
    let transaction = app.database.begin().await?;
    grants::end_with_session(&transaction, other.session.id, app.ambient.now()).await?;
    audit::record(&transaction, &app.ambient, event).await?;
    transaction.commit().await?;
    Ok(())
}
