//! Sign-out (OpenID Connect RP-Initiated Logout 1.0): the browser's session ends, without
//! a question, and other services keep theirs.

use axum::{
    extract::RawQuery,
    response::{IntoResponse, Redirect, Response},
};
use serde_json::{Map, Value};
use web::form::Fields;

use super::{
    Simulator, back::with_query, behaviour::Behaviour, problem::Problem,
    registration::Registration, visitor::Visitor,
};

const TAKEN: [&str; 6] = [
    "id_token_hint",
    "post_logout_redirect_uri",
    "state",
    "client_id",
    "logout_hint",
    "ui_locales",
];

/// The page for whoever goes back nowhere.
pub(super) const OVER: &str = "/session/end/success";

/// Says that it is over.
pub(super) async fn over(visitor: Visitor) -> Response {
    visitor.render("demo/simulator-signed-out.html", ())
}

/// Ends the session and goes back to the service, or says that it has ended.
pub(super) async fn get(visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let next = match check(&visitor.simulator, &query) {
        Ok(next) => next,
        Err(problem) => return problem.page(&visitor),
    };
    if let Some(browser) = &visitor.browser {
        visitor.simulator.memory.sessions.take(browser.hash());
    }
    let mut response = match next {
        Some(url) => Redirect::to(&url).into_response(),
        None => Redirect::to(&visitor.simulator.url(OVER)).into_response(),
    };
    visitor.forget(&mut response);
    response
}

/// Where to go next, if anywhere.
fn check(simulator: &Simulator, query: &str) -> Result<Option<String>, Problem> {
    let fields = read(query)?;
    if simulator.mood.behaviour() == Behaviour::SignOutFails {
        return Err(Problem::SignOut);
    }
    let registration = asker(simulator, &fields)?;
    let Some(next) = fields.value("post_logout_redirect_uri") else {
        return Ok(None);
    };
    if !registration.has_post_logout_redirect_uri(next) {
        return Err(Problem::SignOutUri);
    }
    let state = fields.value("state").map(|state| ("state", state));
    Ok(Some(match state {
        Some(state) => with_query(next, &[state]),
        None => next.to_owned(),
    }))
}

/// The white-list.
fn read(query: &str) -> Result<Fields, Problem> {
    let fields = Fields::parse(query.as_bytes()).map_err(|fault| fault.to_string());
    let fields = fields.map_err(Problem::SignOutParameters)?;
    let unknown = fields.names().find(|name| !TAKEN.contains(name));
    if let Some(name) = unknown {
        let fault = format!("property {name} should not exist");
        return Err(Problem::SignOutParameters(fault));
    }
    Ok(fields)
}

/// The service whose ID token the hint is. It may have ended long ago: it lived a minute.
fn asker<'s>(simulator: &'s Simulator, fields: &Fields) -> Result<&'s Registration, Problem> {
    let hint = fields.value("id_token_hint");
    let hint =
        hint.ok_or_else(|| Problem::SignOutParameters("id_token_hint must be a string".into()));
    let claims = simulator.keys.claims_of(hint?);
    let claims = claims.ok_or(Problem::SignOutHint("could not validate id_token_hint"))?;
    let own = text(&claims, "iss") == Some(simulator.issuer.as_str());
    let audience = text(&claims, "aud").filter(|_| own);
    let registration = audience.and_then(|audience| simulator.registration(audience));
    let registration = registration.ok_or(Problem::SignOutHint("unexpected issuer or audience"))?;
    match fields.value("client_id") {
        Some(id) if id != registration.client_id => Err(Problem::SignOutHint(
            "client_id does not match the provided id_token_hint",
        )),
        _ => Ok(registration),
    }
}

fn text<'c>(claims: &'c Map<String, Value>, name: &str) -> Option<&'c str> {
    claims.get(name)?.as_str()
}
