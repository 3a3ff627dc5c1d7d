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
    http::{
        pages::{Nothing, open},
        routes::Through,
        visit::Visit,
    },
    transactions::{Destination, Transaction},
};

/// An upstream on the sign-in page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(in crate::http) struct Way {
    pub(in crate::http) action: String,
    pub(in crate::http) title: String,
    pub(in crate::http) about: String,
}

/// All of them; none where nobody who comes can be a guardian.
pub(in crate::http) type Ways = Vec<Way>;

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
    let way = |upstream: &crate::upstream::Upstream| Way {
        action: Through {
            transaction: name,
            upstream: upstream.name(),
        }
        .path()
        .into_owned(),
        title: upstream.title().to_owned(),
        about: upstream.about().to_owned(),
    };
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
    let secrets = app
        .errands
        .begin(upstream, &visit.view.browser(), &name)
        .await
        .map_err(unavailable)?;
    match upstream.authorization_url(&secrets).await {
        Ok(url) => Ok(Redirect::to(url.as_str()).into_response()),
        Err(fault) => {
            tracing::warn!(upstream = upstream.name(), %fault, "an upstream cannot be asked");
            Err(unreachable(upstream, &name))
        }
    }
}
