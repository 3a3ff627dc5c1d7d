//! Signing out of an upstream after our own session has ended, and the way back.

use axum::{
    extract::{Path, RawQuery, State},
    response::{IntoResponse, Redirect, Response},
};
use url::Url;
use web::{Browser, PageError, View};

use super::callback::SEALED_AS;
use crate::{
    app::{App, unavailable},
    http::sign_out,
    protocol::parameters::Parameters,
    sessions::LiveSession,
};

/// Where this browser goes to be signed out of the upstream that the ended session came
/// through; then on to this address of the relying party's, if there is one. None where
/// there was no upstream, or it cannot be reached: our own session has ended anyway.
pub(in crate::http) async fn farewell(
    app: &App,
    browser: &Browser,
    ended: Option<&LiveSession>,
    then: Option<&str>,
) -> Option<Url> {
    let through = ended?.session.through.as_ref()?;
    let upstream = app.upstreams.find(&through.upstream)?;
    let id_token = app.vault.open(SEALED_AS, &through.sealed_id_token).ok()?;
    let id_token = String::from_utf8(id_token).ok()?;
    let state = match app.errands.say_farewell(browser, then).await {
        Ok(state) => state,
        Err(error) => {
            tracing::error!(%error, "a store failed");
            return None;
        }
    };
    match upstream.sign_out_url(&id_token, &state).await {
        Ok(url) => url,
        Err(fault) => {
            tracing::warn!(upstream = upstream.name(), %fault, "not signed out of an upstream");
            None
        }
    }
}

/// The way back. Without the `state` of a sign-out that this browser began it leads nowhere.
pub(in crate::http) async fn get(
    State(app): State<App>,
    Path(name): Path<String>,
    view: View,
    browser: Option<Browser>,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    app.upstreams.find(&name).ok_or_else(PageError::not_found)?;
    let query = query.unwrap_or_default();
    let parameters = Parameters::parse(query.as_bytes()).unwrap_or_default();
    let state = parameters.get("state").ok().flatten().unwrap_or_default();
    let then = app.errands.take_farewell(browser.as_ref(), state).await;
    Ok(match then.map_err(unavailable)? {
        Some(address) => Redirect::to(&address).into_response(),
        None => sign_out::over(&view),
    })
}
