//! « S'identifier avec FranceConnect ».

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::{account::PersonKind, ids::AccountId};
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
    upstream::Upstream,
};

/// An upstream on a page: the context of `upstreams.html`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Way {
    action: String,
    title: String,
    about: String,
}

impl Way {
    fn new(upstream: &Upstream, action: String) -> Self {
        Self {
            action,
            title: upstream.title().to_owned(),
            about: upstream.about().to_owned(),
        }
    }

    /// For samples of pages.
    pub fn sample() -> Self {
        Self {
            action: "/connexion/Sample/avec/franceconnect".to_owned(),
            title: "FranceConnect".to_owned(),
            about: "https://franceconnect.gouv.fr/".to_owned(),
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
    let action = |upstream: &Upstream| {
        let upstream = upstream.name();
        let transaction = name;
        Through {
            transaction,
            upstream,
        }
        .path()
        .into_owned()
    };
    let way = |upstream| Way::new(upstream, action(upstream));
    app.upstreams.iter().map(way).collect()
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
    let action = |upstream: &Upstream| {
        let upstream = upstream.name();
        ThroughToAccount { upstream }.path().into_owned()
    };
    let way = |upstream| Way::new(upstream, action(upstream));
    Ok(app.upstreams.iter().map(way).collect())
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
    send_on(&app, &visit, upstream, &name, None).await
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
    send_on(&app, &visit, upstream, &name.expose(), None).await
}

pub(super) async fn send_on(
    app: &App,
    visit: &Visit,
    upstream: &Upstream,
    name: &str,
    linking: Option<AccountId>,
) -> Result<Response, PageError> {
    let secrets = app
        .errands
        .begin(upstream, &visit.view.browser(), name, linking)
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
