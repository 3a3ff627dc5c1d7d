//! The authorization endpoint (RFC 6749, section 3.1; OpenID Connect Core, section
//! 3.1.2).

use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use web::{PageError, Route, form::is_urlencoded};

use super::{
    pages::{not_a_form, unproven},
    routes::SignIn,
    visit::Visit,
};
use crate::{
    app::App,
    flow::{Step, advance, send, wait},
    protocol::{
        authorization::{Addressed, AuthorizationRequest},
        parameters::Parameters,
        refusal::Unproven,
    },
    transactions::{Destination, Transaction},
};

/// A request in the address.
pub(super) async fn get(
    State(app): State<App>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    match read(&app, &visit, query.unwrap_or_default().as_bytes())? {
        Request::Good(request) => {
            let browser = visit.view.browser();
            let destination = Destination::Client(request);
            let now = app.ambient.now();
            let step = Step::first(Transaction::new(destination, Some(&browser), now));
            let turn = advance(&app, &visit.view, visit.session.as_ref(), step).await?;
            Ok(turn.into_redirect())
        }
        Request::Answered(response) => Ok(response),
    }
}

/// A request in a form. The session's cookie does not come with a post from another
/// site, so the request waits and the browser comes back by itself.
pub(super) async fn post(
    State(app): State<App>,
    visit: Visit,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, PageError> {
    if !is_urlencoded(&headers) {
        return Err(not_a_form());
    }
    match read(&app, &visit, &body)? {
        Request::Good(request) => {
            let destination = Destination::Client(request);
            let step = Step::first(Transaction::new(destination, None, app.ambient.now()));
            let name = wait(&app, step).await?;
            let transaction = &name.expose();
            Ok(Redirect::to(&SignIn { transaction }.path()).into_response())
        }
        Request::Answered(response) => Ok(response),
    }
}

enum Request {
    Good(Box<AuthorizationRequest>),
    Answered(Response),
}

fn read(app: &App, visit: &Visit, raw: &[u8]) -> Result<Request, PageError> {
    let refuse = |fault: Unproven| unproven(&fault);
    let parameters = Parameters::parse(raw).map_err(|fault| refuse(fault.into()))?;
    let addressed = Addressed::read(&parameters).map_err(refuse)?;
    let client = app.clients.find(addressed.client_id());
    let registration = client.as_ref().map(|client| &client.registration);
    let proven = addressed.prove(registration).map_err(refuse)?;
    match proven.request(&parameters, &app.namespace, app.ambient.now()) {
        Ok(request) => Ok(Request::Good(Box::new(request))),
        Err(refused) => {
            tracing::info!(
                client = %addressed.client_id(),
                refusal = ?refused.refusal,
                "an authorization request was refused"
            );
            let answer = refused.return_to.error(&refused.refusal, app.issuer());
            Ok(Request::Answered(send(&visit.view, answer)))
        }
    }
}
