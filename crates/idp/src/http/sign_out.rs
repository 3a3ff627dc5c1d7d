//! Ending the session: asked for here, or by a relying party that was not proven.

use axum::{
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use domain::audit::{Action, Actor, Target};
use serde::Serialize;
use store::{
    StoreError,
    audit::{self, Event},
    grants,
};
use web::{Browser, Page, PageError, Posted, Route, View, headers::Policy};

use super::{
    pages::Nothing,
    routes::{Account, SignOut},
    upstream::signed_out::farewell,
    visit::Visit,
};
use crate::{
    app::{App, unavailable},
    guard::coarse,
    sessions::LiveSession,
};

/// Asks, or says that it is over.
pub(super) async fn get(visit: Visit) -> Response {
    match &visit.session {
        Some(live) => visit.view.render(&SignOutPage::new(live, None)),
        None => visit.view.render(&SignedOutPage::new()),
    }
}

/// « Se déconnecter ».
pub(super) async fn post(
    State(app): State<App>,
    visit: Visit,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let cookie = end(&app, &visit).await?;
    let browser = renamed(&visit);
    let response = match farewell(&app, &browser, visit.session.as_ref(), None).await {
        Some(upstream) => Redirect::to(upstream.as_str()).into_response(),
        None => Redirect::to(&SignOut.path()).into_response(),
    };
    Ok(signed_out(cookie, response))
}

/// Ends the session and what hangs on it. The grants before and after: where the store
/// fails before, the session stands and the person can try again; what was granted in
/// between ends too.
pub(super) async fn end(app: &App, visit: &Visit) -> Result<Option<HeaderValue>, PageError> {
    let Some(live) = &visit.session else {
        return Ok(None);
    };
    record(app, visit, live).await.map_err(unavailable)?;
    let cookie = app.sessions.end(live).await.map_err(unavailable)?;
    let now = app.ambient.now();
    grants::end_with_session(app.database.writer(), live.session.id, now)
        .await
        .map_err(unavailable)?;
    Ok(Some(cookie))
}

async fn record(app: &App, visit: &Visit, live: &LiveSession) -> Result<(), StoreError> {
    let transaction = app.database.begin().await?;
    grants::end_with_session(&transaction, live.session.id, app.ambient.now()).await?;
    let account = live.account.id;
    let event = Event::new(
        Action::SignedOut,
        Actor::Account(account),
        Target::Account(account),
    );
    audit::record(
        &transaction,
        &app.ambient,
        event.from_network(coarse(&visit.network)),
    )
    .await?;
    transaction.commit().await?;
    Ok(())
}

/// The browser under the name that it has from now on: who knew the one of before knows
/// nothing, and what is begun after the session's end belongs to the new one.
pub(super) fn renamed(visit: &Visit) -> Browser {
    visit.view.browser().renew()
}

/// Makes the browser forget the session, and what it kept of our pages.
pub(super) fn signed_out(cookie: Option<HeaderValue>, mut response: Response) -> Response {
    const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");
    if let Some(cookie) = cookie {
        let headers = response.headers_mut();
        headers.append(header::SET_COOKIE, cookie);
        headers.insert(CLEAR_SITE_DATA, HeaderValue::from_static(r#""cache""#));
    }
    response
}

/// The confirmation, where no proven relying party asked.
pub(super) fn confirm(view: &View, live: &LiveSession, detail: Option<String>) -> Response {
    (StatusCode::OK, view.render(&SignOutPage::new(live, detail))).into_response()
}

/// It is over.
pub(super) fn over(view: &View) -> Response {
    view.render(&SignedOutPage::new())
}

#[derive(Debug, Serialize)]
struct SignOutPage {
    action: String,
    account: String,
    person: String,
    detail: Option<String>,
}

impl SignOutPage {
    fn new(live: &LiveSession, detail: Option<String>) -> Self {
        Self {
            action: SignOut.path().into_owned(),
            account: Account.path().into_owned(),
            person: live.account.name.full(),
            detail,
        }
    }
}

impl Page for SignOutPage {
    const TEMPLATE: &'static str = "idp/sign_out.html";
    const POLICY: Policy = Policy::Flow;
    const QUESTION: Option<&'static str> = Some("ordinateur-partage");

    fn samples() -> Vec<Self> {
        let sample = |detail: Option<&str>| Self {
            action: SignOut.path().into_owned(),
            account: Account.path().into_owned(),
            person: "Claire MARTIN".into(),
            detail: detail.map(str::to_owned),
        };
        vec![
            sample(None),
            sample(Some("there is no valid id_token_hint")),
        ]
    }
}

#[derive(Debug, Serialize)]
struct SignedOutPage {
    account: String,
}

impl SignedOutPage {
    fn new() -> Self {
        Self {
            account: Account.path().into_owned(),
        }
    }
}

impl Page for SignedOutPage {
    const TEMPLATE: &'static str = "idp/signed_out.html";
    const QUESTION: Option<&'static str> = Some("ordinateur-partage");

    fn samples() -> Vec<Self> {
        vec![Self::new()]
    }
}

#[cfg(test)]
mod tests {
    use web::testing::assert_renders;

    use super::*;

    #[test]
    fn the_pages_render() {
        assert_renders::<SignOutPage>();
        assert_renders::<SignedOutPage>();
    }
}
