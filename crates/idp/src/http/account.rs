//! For pages of ours that only the person who is signed in may see.

use std::time::Duration;

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
    response::{IntoResponse, Response},
};
use domain::ids::AccountId;
use jiff::Timestamp;
use web::View;

use super::visit::Visit;
use crate::{
    app::{App, unavailable},
    flow::{Step, Turn, wait},
    sessions::LiveSession,
    transactions::{Destination, Transaction},
};

/// For how long a sign-in will do to change a password, a contact or children.
pub const RECENT: Duration = Duration::from_mins(5);

/// Who is signed in. Nobody: they are led to the sign-in page, and back here after it.
#[derive(Debug)]
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
            None => Err(ask(&app, &visit, path(parts), None, None).await),
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
        let now = app.ambient.now();
        if signed_in.live.session.auth_time + RECENT >= now {
            return Ok(Self(signed_in));
        }
        let account = Some(signed_in.live.account.id);
        Err(ask(&app, &signed_in.visit, path(parts), account, Some(now)).await)
    }
}

/// Leads to the sign-in page and, after it, to a page of ours: for a link that was sent
/// to one account, whose owner alone may see what it opens.
pub async fn ask(
    app: &App,
    visit: &Visit,
    path: String,
    account: Option<AccountId>,
    since: Option<Timestamp>,
) -> Response {
    let destination = Destination::Page {
        path,
        account,
        since,
    };
    let transaction = Transaction::new(destination, Some(&visit.view.browser()), app.ambient.now());
    match wait(app, Step::first(transaction)).await {
        Ok(name) => Turn::SignIn(name).into_redirect(),
        Err(error) => unavailable(format!("{error:?}")).into_response(),
    }
}

fn path(parts: &Parts) -> String {
    let whole = parts.uri.path_and_query();
    whole.map_or_else(|| parts.uri.path().to_owned(), ToString::to_string)
}
