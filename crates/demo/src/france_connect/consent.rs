//! The last page of a request: what the service will learn, and the button to go on.

use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use serde::Serialize;
use serde_json::Value;

use super::{
    Simulator,
    back::with_query,
    behaviour::Behaviour,
    choice::Choices,
    interaction::{Interaction, Open, Session},
    problem::Problem,
    tokens::Granted,
    visitor::{OwnForm, Visitor},
};

/// Shows what the service will learn.
pub(super) async fn get(visitor: Visitor, Path(id): Path<String>) -> Response {
    match load(&visitor, &id) {
        Ok((open, session)) => visitor.render(
            "demo/simulator-consent.html",
            ConsentPage::of(&open, &session, &visitor),
        ),
        Err(problem) => problem.page(&visitor),
    }
}

/// The person goes on: the request ends, and the service gets its code.
pub(super) async fn post(
    visitor: Visitor,
    Path(id): Path<String>,
    OwnForm(_): OwnForm,
) -> Response {
    let simulator = &visitor.simulator;
    let ended = load(&visitor, &id).and_then(|(open, session)| {
        let interactions = &simulator.memory.interactions;
        let ended = interactions.take(open.id.hash());
        Ok((ended.ok_or(Problem::SessionOver)?, session))
    });
    match ended {
        Ok((interaction, session)) => answer(simulator, interaction, session),
        Err(problem) => problem.page(&visitor),
    }
}

fn load(visitor: &Visitor, id: &str) -> Result<(Open, Session), Problem> {
    let open = Open::load(visitor, id)?;
    let person = open.interaction.person.clone();
    Ok((open, person.ok_or(Problem::SessionOver)?))
}

/// The authorization response (RFC 6749, section 4.1.2; RFC 9207).
fn answer(simulator: &Simulator, interaction: Interaction, session: Session) -> Response {
    let asked = interaction.asked;
    let (redirect_uri, mut state) = (asked.redirect_uri.clone(), asked.state);
    let code = simulator.memory.codes.add(Granted {
        client_id: asked.client_id,
        redirect_uri: asked.redirect_uri,
        scopes: asked.scopes,
        nonce: asked.nonce,
        asks_amr: asked.asks_amr,
        identity: session.identity,
        auth_time: session.auth_time,
        spent_for: None,
    });
    let mut iss = simulator.issuer.as_str();
    match simulator.mood.behaviour() {
        Behaviour::OtherState => state = "0".repeat(64),
        Behaviour::OtherIss => iss = "http://localhost:1/api/v2",
        _ => {}
    }
    let code = code.expose();
    let pairs = [("code", code.as_str()), ("state", &state), ("iss", iss)];
    Redirect::to(&with_query(&redirect_uri, &pairs)).into_response()
}

/// The context of `demo/simulator-consent.html`.
#[derive(Serialize)]
struct ConsentPage {
    service: String,
    name: String,
    /// Whether the service learns nothing but that it is the same person.
    is_anonymous: bool,
    claims: Vec<ClaimView>,
    action: String,
    way_back: String,
    choices: Choices,
}

#[derive(Serialize)]
struct ClaimView {
    name: String,
    value: String,
}

impl ConsentPage {
    fn of(open: &Open, session: &Session, visitor: &Visitor) -> Self {
        let (simulator, asked) = (&visitor.simulator, &open.interaction.asked);
        let claims = session.identity.claims(&asked.scopes).into_iter();
        Self {
            service: asked.service.clone(),
            name: session.identity.name(),
            is_anonymous: asked.is_anonymous(),
            claims: claims
                .map(|(name, value)| ClaimView::of(name, &value))
                .collect(),
            action: open.url(simulator, "/consent"),
            way_back: open.way_back(simulator),
            choices: Choices::of(open, visitor),
        }
    }
}

impl ClaimView {
    fn of(name: String, value: &Value) -> Self {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        Self { name, value }
    }
}
