//! The token endpoint (OpenID Connect Core 1.0, section 3.1.3).

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use domain::secret::Token;
use serde_json::{Value, json};
use web::form::Fields;

use super::{
    Simulator,
    back_channel::{Fault, authenticate, read},
    behaviour::Behaviour,
    memory::ACCESS_TOKEN,
    registration::Registration,
    tokens::Granted,
};

/// A code for tokens, once.
pub(super) async fn post(
    State(simulator): State<Arc<Simulator>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match redeem(&simulator, &headers, &body) {
        Ok(tokens) => Json(tokens).into_response(),
        Err(fault) => fault.answer(&simulator),
    }
}

fn redeem(simulator: &Simulator, headers: &HeaderMap, body: &[u8]) -> Result<Value, Fault> {
    let fields = read(headers, body)?;
    let registration = authenticate(simulator, headers, &fields)?;
    if simulator.mood.behaviour() == Behaviour::TokenDown {
        return Err(Fault::Server);
    }
    match fields.value("grant_type") {
        Some("authorization_code") => {}
        Some(_) => return Err(Fault::GrantType),
        None => return Err(Fault::Missing("grant_type")),
    }
    let access_token = Token::generate(&simulator.settings.ambient);
    let granted = spend(simulator, registration, &fields, &access_token)?;
    let id_token = simulator.id_token(&granted, &access_token);
    let tokens = &simulator.memory.access_tokens;
    tokens.keep(access_token.hash(), simulator.issued(&granted));
    Ok(json!({
        "access_token": access_token.expose(),
        "expires_in": ACCESS_TOKEN.as_secs(),
        "id_token": id_token.map_err(|_| Fault::Server)?,
        "scope": granted.scopes.join(" "),
        "token_type": "Bearer",
    }))
}

/// Uses the code, unless somebody did: then the access token of that use ends.
fn spend(
    simulator: &Simulator,
    registration: &Registration,
    fields: &Fields,
    access_token: &Token,
) -> Result<Granted, Fault> {
    let needed = |name| fields.value(name).ok_or(Fault::Missing(name));
    let (code, redirect_uri) = (needed("code")?, needed("redirect_uri")?);
    let code = Token::parse(code).ok_or(Fault::UnknownCode)?.hash();
    if simulator.mood.behaviour() == Behaviour::CodeEnded {
        simulator.memory.codes.take(code);
    }
    let has_verifier = fields.value("code_verifier").is_some();
    let used = simulator.memory.codes.change(code, |granted| {
        check(granted, registration, redirect_uri, has_verifier)?;
        let before = granted.spent_for.replace(access_token.hash());
        Ok((before, granted.clone()))
    });
    match used.ok_or(Fault::UnknownCode)?? {
        (None, granted) => Ok(granted),
        (Some(before), _) => {
            simulator.memory.access_tokens.take(before);
            Err(Fault::SpentCode)
        }
    }
}

fn check(
    granted: &Granted,
    registration: &Registration,
    redirect_uri: &str,
    has_verifier: bool,
) -> Result<(), Fault> {
    if granted.client_id != registration.client_id {
        return Err(Fault::OtherClient);
    }
    if has_verifier {
        return Err(Fault::Pkce);
    }
    if granted.redirect_uri != redirect_uri {
        return Err(Fault::OtherRedirectUri);
    }
    Ok(())
}
