//! The authorization endpoint (OpenID Connect Core 1.0, section 3.1.2), as strict as
//! FranceConnect's: a white-list of parameters, before anything else is looked at.

use axum::{
    body::Bytes,
    extract::RawQuery,
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use serde_json::Value;
use url::Url;
use web::form::{Fields, is_urlencoded};

use super::{
    Simulator,
    back::{Return, TECHNICAL, TURNED_BACK},
    behaviour::Behaviour,
    identity::IDENTITY_PROVIDER,
    interaction::{Asked, Interaction},
    problem::Problem,
    registration::Registration,
    tokens::LEVEL,
    visitor::Visitor,
};

const REQUIRED: [&str; 7] = [
    "client_id",
    "response_type",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "acr_values",
];
/// Taken where they come. Nothing else is: `code_challenge` and `login_hint` are refused
/// like any other word.
const OPTIONAL: [&str; 4] = ["claims", "prompt", "idp_hint", "ui_locales"];

/// Fewest characters of `nonce`, by the service's code, and of `state`, by its
/// documentation.
const SHORTEST: usize = 22;

/// Levels, the lowest first: of several the lowest counts.
const LEVELS: [&str; 3] = ["eidas1", "eidas2", "eidas3"];

/// Why a request goes no further.
enum Refusal {
    /// It is told to the person.
    Page(Problem),
    /// It is told to the service.
    Return(Return),
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Page(problem)
    }
}

/// A request in the address.
pub(super) async fn get(visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    answer(&visitor, query.as_bytes())
}

/// A request in a form, which may come from any site.
pub(super) async fn post(visitor: Visitor, headers: HeaderMap, body: Bytes) -> Response {
    if is_urlencoded(&headers) {
        answer(&visitor, &body)
    } else {
        Problem::Parameters("the body is no form".into()).page(&visitor)
    }
}

fn answer(visitor: &Visitor, parameters: &[u8]) -> Response {
    let simulator = &visitor.simulator;
    let asked = read(parameters)
        .map_err(Refusal::Page)
        .and_then(|fields| check(simulator, &fields));
    match asked {
        Ok(asked) => match hindered(simulator, &asked) {
            Some(refused) => refused.answer(simulator),
            None => begin(visitor, asked),
        },
        Err(Refusal::Page(problem)) => problem.page(visitor),
        Err(Refusal::Return(refused)) => refused.answer(simulator),
    }
}

/// Keeps the request and shows its first page.
fn begin(visitor: &Visitor, asked: Asked) -> Response {
    let browser = visitor.recognise();
    let id = visitor.simulator.memory.interactions.add(Interaction {
        asked,
        browser: browser.hash(),
        person: None,
    });
    let page = format!("/interaction/{}", id.expose());
    let mut response = Redirect::to(&visitor.simulator.url(&page)).into_response();
    visitor.remember(&browser, &mut response);
    response
}

/// The error that the simulator answers every request with, when told to.
fn hindered(simulator: &Simulator, asked: &Asked) -> Option<Return> {
    let (error, description) = match simulator.mood.behaviour() {
        Behaviour::UserCancels | Behaviour::UndefinedState => ("access_denied", TURNED_BACK),
        Behaviour::ServerError => ("server_error", TECHNICAL),
        Behaviour::TemporarilyUnavailable => ("temporarily_unavailable", TECHNICAL),
        _ => return None,
    };
    let mut refused = asked.refused(error, description);
    if simulator.mood.behaviour() == Behaviour::UndefinedState {
        "undefined".clone_into(&mut refused.state);
    }
    Some(refused)
}

/// The white-list.
fn read(parameters: &[u8]) -> Result<Fields, Problem> {
    let fields = Fields::parse(parameters).map_err(|fault| fault.to_string());
    let fields = fields.map_err(Problem::Parameters)?;
    match fault(&fields) {
        None => Ok(fields),
        Some(fault) => Err(Problem::Parameters(fault)),
    }
}

fn fault(fields: &Fields) -> Option<String> {
    let is_known = |name: &&str| REQUIRED.contains(name) || OPTIONAL.contains(name);
    if let Some(name) = fields.names().find(|name| !is_known(name)) {
        return Some(format!("property {name} should not exist"));
    }
    let missing = REQUIRED.iter().find(|name| fields.value(name).is_none());
    if let Some(name) = missing {
        return Some(format!("{name} must be a string"));
    }
    let value = |name: &str| fields.value(name).unwrap_or_default();
    let faults = [
        (
            value("client_id").is_empty(),
            "client_id should not be empty",
        ),
        (
            Url::parse(value("redirect_uri")).is_err(),
            "redirect_uri must be a URL address",
        ),
        (
            is_short(value("nonce")),
            "nonce must be longer than or equal to 22 characters",
        ),
        (
            is_short(value("state")),
            "state must be longer than or equal to 22 characters",
        ),
        (
            !fields.value("prompt").is_none_or(is_allowed_prompt),
            "prompt must be made of login and consent",
        ),
        (
            !fields.value("claims").is_none_or(is_object),
            "claims must be a json string",
        ),
    ];
    let found = faults.iter().find(|(is_fault, _)| *is_fault);
    found.map(|(_, fault)| (*fault).to_owned())
}

fn is_short(text: &str) -> bool {
    text.chars().count() < SHORTEST
}

/// `none`, `select_account` and an empty text are refused. What is allowed has no
/// effect: FranceConnect puts `login consent` in its place.
fn is_allowed_prompt(prompt: &str) -> bool {
    let mut words = prompt.split(' ');
    words.all(|word| matches!(word, "login" | "consent"))
}

fn is_object(json: &str) -> bool {
    serde_json::from_str::<Value>(json).is_ok_and(|value| value.is_object())
}

/// What the library under FranceConnect checks, in its order, and then the levels.
fn check(simulator: &Simulator, fields: &Fields) -> Result<Asked, Refusal> {
    let value = |name: &str| fields.value(name).unwrap_or_default();
    let registration = simulator.registration(value("client_id"));
    let registration = registration.ok_or(Problem::UnknownClient)?;
    if !registration.has_redirect_uri(value("redirect_uri")) {
        return Err(Problem::RedirectUri.into());
    }
    let asked = Asked {
        client_id: registration.client_id.clone(),
        service: registration.name.clone(),
        redirect_uri: value("redirect_uri").to_owned(),
        scopes: value("scope")
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
        state: value("state").to_owned(),
        nonce: value("nonce").to_owned(),
        asks_amr: fields.value("claims").is_some_and(asks_amr),
    };
    check_response_type(&asked, value("response_type"))?;
    check_scopes(&asked, registration)?;
    check_level(&asked, value("acr_values"))?;
    if asked.asks_amr && !registration.may_ask_amr {
        return Err(Problem::Amr(Box::new(asked)).into());
    }
    check_idp_hint(&asked, fields.value("idp_hint"))?;
    Ok(asked)
}

fn check_response_type(asked: &Asked, response_type: &str) -> Result<(), Refusal> {
    let mut refused = match response_type {
        "code" => return Ok(()),
        "" => asked.refused(
            "invalid_request",
            "missing required parameter 'response_type'",
        ),
        _ => asked.refused(
            "unsupported_response_type",
            "unsupported response_type requested",
        ),
    };
    let mut words = response_type.split(' ');
    refused.in_fragment = words.any(|word| matches!(word, "token" | "id_token"));
    Err(Refusal::Return(refused))
}

fn check_scopes(asked: &Asked, registration: &Registration) -> Result<(), Refusal> {
    let refuse = |error, description| Err(Refusal::Return(asked.refused(error, description)));
    if !asked.scopes.iter().any(|scope| scope == "openid") {
        return refuse(
            "invalid_request",
            "openid scope must be requested when using the acr_values parameter",
        );
    }
    if !asked.scopes.iter().all(|scope| registration.may_ask(scope)) {
        return refuse("invalid_scope", "requested scope is not allowed");
    }
    Ok(())
}

/// The lowest known level counts; where none is known, the default.
fn check_level(asked: &Asked, acr_values: &str) -> Result<(), Refusal> {
    let asks = |level: &&&str| acr_values.split(' ').any(|word| word == **level);
    let description = match LEVELS.iter().find(asks).copied() {
        None | Some(LEVEL) => return Ok(()),
        Some("eidas2") => {
            "acr_value is not valid, should be equal one of these values, expected eidas1, got eidas2"
        }
        Some(_) => {
            "acr_value is not valid, should be equal one of these values, expected eidas1, got eidas3"
        }
    };
    Err(Refusal::Return(asked.refused("invalid_acr", description)))
}

fn check_idp_hint(asked: &Asked, hint: Option<&str>) -> Result<(), Refusal> {
    match hint {
        None | Some(IDENTITY_PROVIDER) => Ok(()),
        Some(_) => Err(Refusal::Return(asked.refused(
            "invalid_idp_hint",
            "An idp_hint was provided but is not allowed",
        ))),
    }
}

/// `{"id_token":{"amr":…}}` (OpenID Connect Core 1.0, section 5.5): all that
/// FranceConnect heeds of it.
fn asks_amr(claims: &str) -> bool {
    let claims = serde_json::from_str::<Value>(claims).unwrap_or_default();
    claims["id_token"].get("amr").is_some()
}
