//! « S'identifier avec FranceConnect ».

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::account::PersonKind;
use serde::Serialize;
use web::{PageError, Posted, Route};

use super::pages::unreachable;
use crate::{
    app::{App, unavailable},
    flow::{Step, wait},
    http::{
        pages::{Nothing, open},
        routes::{Account, Through, ThroughToAccount},
        visit::Visit,
    },
    transactions::{Destination, Transaction},
    upstream::{Purpose, Upstream},
};

/// An upstream on a page: the context of `upstreams.html`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Way {
    action: String,
    title: String,
    about: String,
    official: Option<Official>,
}

/// The provider's own button.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
struct Official {
    /// Names of assets.
    picture: String,
    active: Option<String>,
    presentation: String,
}

impl Way {
    fn new(upstream: &Upstream, action: String) -> Self {
        let (picture, active) = upstream.button();
        let official = picture.map(|picture| Official {
            picture,
            active,
            presentation: upstream.presentation().to_owned(),
        });
        Self {
            action,
            title: upstream.title().to_owned(),
            about: upstream.about().to_owned(),
            official,
        }
    }

    /// For samples of pages.
    pub fn sample() -> Self {
        Self {
            action: "/connexion/Sample/avec/franceconnect".to_owned(),
            title: "FranceConnect".to_owned(),
            about: "https://franceconnect.gouv.fr/".to_owned(),
            official: None,
        }
    }
}

/// All of them; none where nobody who comes can be a guardian.
pub type Ways = Vec<Way>;

/// The ways through upstreams for whoever signs in here.
pub(in crate::http) fn ways(
    app: &App,
    visit: &Visit,
    transaction: &Transaction,
    name: &str,
) -> Ways {
    if !takes_guardians(app, visit, transaction) {
        return Ways::new();
    }
    let transaction = name;
    ways_by(app, |upstream| {
        let through = Through {
            transaction,
            upstream,
        };
        through.path().into_owned()
    })
}

/// The ways from a page beside the sign-in: back to the sign-in of this name where it
/// waits, else to « Mon compte ».
///
/// # Errors
/// A page, where the store does not answer.
pub async fn ways_from_outside(
    app: &App,
    visit: &Visit,
    name: Option<&str>,
) -> Result<Ways, PageError> {
    if let Some(name) = name {
        let found = app.transactions.find(name, visit.browser.as_ref()).await;
        if let Ok(waiting) = found.map_err(unavailable)? {
            return Ok(ways(app, visit, &waiting.transaction, name));
        }
    }
    Ok(ways_by(app, |upstream| {
        ThroughToAccount { upstream }.path().into_owned()
    }))
}

/// The ways by forms that post where this says, of an upstream's name.
pub fn ways_by(app: &App, action: impl Fn(&str) -> String) -> Ways {
    let way = |upstream: &Upstream| Way::new(upstream, action(upstream.name()));
    app.upstreams.iter().map(way).collect()
}

/// A service says whom it takes; of a page of ours, who is signed in does.
fn takes_guardians(app: &App, visit: &Visit, transaction: &Transaction) -> bool {
    match &transaction.destination {
        Destination::Client(request) => {
            let client = app.clients.find(&request.client_id);
            client.is_some_and(|client| client.registration.takes(PersonKind::Guardian))
        }
        Destination::Page { .. } => {
            let session = visit.session.as_ref();
            session.is_none_or(|live| live.account.kind == PersonKind::Guardian)
        }
    }
}

/// Sends the browser to the upstream.
pub(in crate::http) async fn post(
    State(app): State<App>,
    Path((name, upstream)): Path<(String, String)>,
    visit: Visit,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let step = open(&app, &visit, &name).await?;
    let upstream = app.upstreams.find(&upstream);
    let upstream = upstream.filter(|_| takes_guardians(&app, &visit, &step.transaction));
    let upstream = upstream.ok_or_else(PageError::not_found)?;
    send_on(&app, &visit, upstream, &name, Purpose::SignIn).await
}

/// Sends the browser to the upstream, and after it to « Mon compte ».
pub(in crate::http) async fn post_to_account(
    State(app): State<App>,
    Path(upstream): Path<String>,
    visit: Visit,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let upstream = app.upstreams.find(&upstream);
    let upstream = upstream.ok_or_else(PageError::not_found)?;
    let destination = Destination::Page {
        path: Account.path().into_owned(),
        account: None,
        since: Some(app.ambient.now()),
        acr: None,
    };
    let browser = visit.view.browser();
    let transaction = Transaction::new(destination, Some(&browser), app.ambient.now());
    let name = wait(&app, Step::first(transaction)).await?;
    send_on(&app, &visit, upstream, &name.expose(), Purpose::SignIn).await
}

pub(super) async fn send_on(
    app: &App,
    visit: &Visit,
    upstream: &Upstream,
    name: &str,
    purpose: Purpose,
) -> Result<Response, PageError> {
    let secrets = app
        .errands
        .begin(upstream, &visit.view.browser(), name, purpose)
        .await
        .map_err(unavailable)?;
    match upstream.authorization_url(&secrets).await {
        Ok(url) => Ok(Redirect::to(url.as_str()).into_response()),
        Err(fault) => {
            tracing::warn!(upstream = upstream.name(), %fault, "an upstream cannot be asked");
            Err(unreachable(upstream, name))
        }
    }
}
