//! Who comes, in which browser, from where: what every page of a sign-in needs.

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{HeaderMap, request::Parts},
};
use web::{Browser, ClientAddress, PageError, View};

use crate::{
    app::{App, unavailable},
    sessions::LiveSession,
};

/// One request of a person's browser.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The frame of the page.
    pub view: View,
    /// The browser, if it has told its name.
    pub browser: Option<Browser>,
    /// The session that stands, if any.
    pub session: Option<LiveSession>,
    /// The headers, for cookies.
    pub headers: HeaderMap,
    /// The network that the request came from.
    pub network: String,
}

impl<S> FromRequestParts<S> for Visit
where
    App: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        let app = App::from_ref(state);
        let view = View::from_request_parts(parts, state).await?;
        let browser = Option::<Browser>::from_request_parts(parts, state).await;
        let browser = browser.unwrap_or_else(|never| match never {});
        let address = ClientAddress::from_request_parts(parts, state).await?;
        let session = app
            .sessions
            .find(&parts.headers)
            .await
            .map_err(unavailable)?;
        Ok(Self {
            view,
            browser,
            session,
            headers: parts.headers.clone(),
            network: address.network_key(),
        })
    }
}
