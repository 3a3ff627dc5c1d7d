//! The revocation endpoint (RFC 7009), with FranceConnect's white-list.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use domain::secret::Token;

use super::{
    Simulator,
    back_channel::{Fault, authenticate, read},
};

const TAKEN: [&str; 3] = ["token", "client_id", "client_secret"];

/// Ends an access token of the service that asks. Whether there was one is not told.
pub(super) async fn post(
    State(simulator): State<Arc<Simulator>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match revoke(&simulator, &headers, &body) {
        Ok(()) => StatusCode::OK.into_response(),
        Err(fault) => fault.answer(&simulator),
    }
}

fn revoke(simulator: &Simulator, headers: &HeaderMap, body: &[u8]) -> Result<(), Fault> {
    let fields = read(headers, body)?;
    if fields.names().any(|name| !TAKEN.contains(&name)) {
        return Err(Fault::Forbidden);
    }
    let registration = authenticate(simulator, headers, &fields)?;
    let token = fields.value("token").ok_or(Fault::Missing("token"))?;
    let Some(name) = Token::parse(token).map(|token| token.hash()) else {
        return Ok(());
    };
    let tokens = &simulator.memory.access_tokens;
    let owner = tokens.find(name).map(|issued| issued.client_id);
    if owner.as_deref() == Some(&registration.client_id) {
        tokens.take(name);
    }
    Ok(())
}
