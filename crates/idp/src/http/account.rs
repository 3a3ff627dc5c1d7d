//! For pages of ours that only the person who is signed in may see.

use axum::{
    extract::FromRequestParts,
    http::request::Parts,
    response::{IntoResponse, Response},
};
use web::View;

use super::visit::Visit;
use crate::{
    app::{App, unavailable},
    flow::{Step, Turn, wait},
    sessions::LiveSession,
    transactions::{Destination, Transaction},
};

/// Who is signed in. Nobody: they are led to the sign-in page, and back here after it.
#[derive(Debug)]
pub struct SignedIn {
    /// The frame of the page.
    pub view: View,
    /// The session, with its account.
    pub live: LiveSession,
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let visit = Visit::from_request_parts(parts, app)
            .await
            .map_err(IntoResponse::into_response)?;
        match visit.session {
            Some(live) => Ok(Self {
                view: visit.view,
                live,
            }),
            None => Err(ask(app, &visit, parts.uri.path()).await),
        }
    }
}

async fn ask(app: &App, visit: &Visit, path: &str) -> Response {
    let destination = Destination::Page(path.to_owned());
    let transaction = Transaction::new(destination, Some(&visit.view.browser()), app.ambient.now());
    match wait(app, Step::first(transaction)).await {
        Ok(name) => Turn::SignIn(name).into_redirect(),
        Err(error) => unavailable(format!("{error:?}")).into_response(),
    }
}
