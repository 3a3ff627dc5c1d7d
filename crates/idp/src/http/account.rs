//! For pages of ours that only the person who is signed in may see.

use std::time::Duration;

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
    response::{IntoResponse, Redirect, Response},
};
use domain::{acr::Acr, ids::AccountId};
use jiff::Timestamp;
use web::{Route, View};

use super::{routes::SignIn, visit::Visit};
use crate::{
    app::{App, unavailable},
    flow::{Step, wait},
    sessions::LiveSession,
    transactions::{Destination, Transaction},
};

/// For how long a sign-in will do to change a password, a contact or children.
pub const RECENT: Duration = Duration::from_mins(5);

/// Who is signed in. Nobody: they are led to the sign-in page, and back here after it.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The request.
    pub visit: Visit,
    /// The session, with its account.
    pub live: LiveSession,
}

impl SignedIn {
    /// The frame of the page.
    pub const fn view(&self) -> &View {
        &self.visit.view
    }
}

/// Who signed in within the last five minutes: for pages that change what protects the
/// account. Others are asked for their password again, and led back to this path by GET.
#[derive(Debug)]
pub struct RecentlySignedIn(
    /// The request and the session.
    pub SignedIn,
);

impl<S> FromRequestParts<S> for SignedIn
where
    App: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let app = App::from_ref(state);
        let mut visit = Visit::from_request_parts(parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        match visit.session.take() {
            Some(live) => {
                visit.session = Some(live.clone());
                Ok(Self { visit, live })
            }
            None => Err(ask(&app, &visit, path(parts), Asked::default()).await),
        }
    }
}

impl<S> FromRequestParts<S> for RecentlySignedIn
where
    App: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let app = App::from_ref(state);
        let signed_in = SignedIn::from_request_parts(parts, state).await?;
        match again_where_late(&app, &signed_in, RECENT, path(parts)).await {
            None => Ok(Self(signed_in)),
            Some(asked) => Err(asked),
        }
    }
}

/// The way to the sign-in, and back to this path, where the person signed in longer ago than
/// that.
pub async fn again_where_late(
    app: &App,
    signed_in: &SignedIn,
    longest: Duration,
    path: String,
) -> Option<Response> {
    let now = app.ambient.now();
    if signed_in.live.session.auth_time + longest >= now {
        return None;
    }
    let asked = Asked {
        account: Some(signed_in.live.account.id),
        since: Some(now),
        acr: None,
    };
    Some(ask(app, &signed_in.visit, path, asked).await)
}

/// What a page of ours asks of a sign-in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// Whose it must be; anybody's if none.
    pub account: Option<AccountId>,
    /// As late as this; at any time if none.
    pub since: Option<Timestamp>,
    /// What it must reach; anything if none.
    pub acr: Option<Acr>,
}

/// Leads to the sign-in page and, after it, to a page of ours: for a link that was sent
/// to one account, whose owner alone may see what it opens, or for a page that asks for a
/// level.
pub async fn ask(app: &App, visit: &Visit, path: String, asked: Asked) -> Response {
    let Asked {
        account,
        since,
        acr,
    } = asked;
    let destination = Destination::Page {
        path,
        account,
        since,
        acr,
    };
    let transaction = Transaction::new(destination, Some(&visit.view.browser()), app.ambient.now());
    match wait(app, Step::first(transaction)).await {
        Ok(transaction) => {
            let transaction = &transaction.expose();
            Redirect::to(&SignIn { transaction }.path()).into_response()
        }
        Err(error) => unavailable(format!("{error:?}")).into_response(),
    }
}

fn path(parts: &Parts) -> String {
    let whole = parts.uri.path_and_query();
    whole.map_or_else(|| parts.uri.path().to_owned(), ToString::to_string)
}
