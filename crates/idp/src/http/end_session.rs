//! RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0).

use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use web::{PageError, Route, TextKey, form::is_urlencoded};

use super::{
    pages::not_a_form,
    routes::EndSession,
    sign_out::{confirm, end, over, renamed, signed_out},
    upstream::signed_out::farewell,
    visit::Visit,
};
use crate::{
    app::App,
    protocol::{
        end_session::{CurrentSession, LogoutRequest, LogoutStep, client_of, decide},
        parameters::Parameters,
        tokens::IdTokenHint,
    },
};

/// Ends the session at once where the relying party proved itself, else asks.
pub(super) async fn get(
    State(app): State<App>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let request = read(query.unwrap_or_default().as_bytes())?;
    visit.view.prefer_locales(&request.ui_locales.join(" "));
    match step(&app, &visit, &request) {
        LogoutStep::End { return_to } => {
            let cookie = end(&app, &visit).await?;
            let browser = renamed(&visit);
            let (ended, then) = (visit.session.as_ref(), return_to.as_deref());
            let upstream = farewell(&app, &browser, ended, then).await;
            let response = match (upstream, return_to) {
                (Some(upstream), _) => Redirect::to(upstream.as_str()).into_response(),
                (None, Some(address)) => Redirect::to(&address).into_response(),
                (None, None) => over(&visit.view),
            };
            Ok(signed_out(cookie, response))
        }
        LogoutStep::Confirm(fault) => {
            tracing::info!(?fault, "a logout must be confirmed");
            match &visit.session {
                Some(live) => Ok(confirm(&visit.view, live, Some(fault.to_string()))),
                None => Ok(over(&visit.view)),
            }
        }
    }
}

/// The session's cookie does not come with a post from another site: the browser comes
/// back by itself, with the same parameters in the address.
pub(super) async fn post(headers: HeaderMap, body: Bytes) -> Result<Response, PageError> {
    if !is_urlencoded(&headers) {
        return Err(not_a_form());
    }
    read(&body)?;
    let query = std::str::from_utf8(&body).map_err(|_| unreadable("not UTF-8"))?;
    let address = format!("{}?{query}", EndSession.path());
    // What is no legal part of an address would make an illegal header.
    if address.bytes().all(|b| b.is_ascii_graphic()) {
        Ok(Redirect::to(&address).into_response())
    } else {
        Err(unreadable("the body is not urlencoded"))
    }
}

fn step(app: &App, visit: &Visit, request: &LogoutRequest) -> LogoutStep {
    let hint = request.id_token_hint.as_ref().and_then(|hint| {
        IdTokenHint::verify(&app.keys.ring(), hint, app.issuer(), app.ambient.now()).ok()
    });
    let client = client_of(hint.as_ref()).and_then(|client| app.clients.find(client));
    let registration = client.as_ref().map(|client| &client.registration);
    let subject = match (&visit.session, registration) {
        (Some(live), Some(registration)) => Some((
            live.session.id,
            app.subjects.of(&registration.sector(), live.account.id),
        )),
        (Some(live), None) => {
            // Nobody's subject: there is no client to compare it at.
            let nobody = domain::subject::Subject::from_claim("");
            Some((live.session.id, nobody))
        }
        (None, _) => None,
    };
    let session = subject
        .as_ref()
        .map(|(id, subject)| CurrentSession { id: *id, subject });
    decide(request, hint.as_ref(), registration, session)
}

fn read(raw: &[u8]) -> Result<LogoutRequest, PageError> {
    let parameters = Parameters::parse(raw).map_err(|fault| unreadable(&fault.to_string()))?;
    LogoutRequest::read(&parameters).map_err(|fault| unreadable(&fault.to_string()))
}

fn unreadable(detail: &str) -> PageError {
    let title = TextKey::new("error-bad-request-title");
    let text = TextKey::new("error-bad-request-text");
    PageError::new(StatusCode::BAD_REQUEST, "demande", title, text).detail(detail)
}
