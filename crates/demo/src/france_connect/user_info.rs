//! `UserInfo` (OpenID Connect Core 1.0, section 5.3): always a signed JWT, by GET alone,
//! and again while the access token lives.

use std::sync::Arc;

use axum::{
    Json,
    extract::{RawQuery, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use domain::secret::Token;
use web::form::Fields;

use super::{Simulator, back_channel::Fault, behaviour::Behaviour, tokens::UserInfo};

/// The person whom an access token is about.
pub(super) async fn get(
    State(simulator): State<Arc<Simulator>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    match tell(&simulator, &headers, &query) {
        Ok(UserInfo::Jwt(jwt)) => (
            [(header::CONTENT_TYPE, "application/jwt; charset=utf-8")],
            jwt,
        )
            .into_response(),
        Ok(UserInfo::Json(claims)) => Json(claims).into_response(),
        Err(fault) => fault.answer(&simulator),
    }
}

fn tell(simulator: &Simulator, headers: &HeaderMap, query: &str) -> Result<UserInfo, Fault> {
    let behaviour = simulator.mood.behaviour();
    if behaviour == Behaviour::UserInfoDown {
        return Err(Fault::Server);
    }
    let sent = access_token(headers, query).ok_or(Fault::NoAccessToken)?;
    let name = Token::parse(&sent).ok_or(Fault::UnknownAccessToken)?.hash();
    let tokens = &simulator.memory.access_tokens;
    if behaviour == Behaviour::AccessTokenEnded {
        tokens.take(name);
    }
    let issued = tokens.find(name).ok_or(Fault::UnknownAccessToken)?;
    simulator.user_info(&issued).map_err(|_| Fault::Server)
}

/// From the header, or from the address, where FranceConnect takes it too.
fn access_token(headers: &HeaderMap, query: &str) -> Option<String> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        return scheme
            .eq_ignore_ascii_case("bearer")
            .then(|| token.to_owned());
    }
    let fields = Fields::parse(query.as_bytes()).ok()?;
    fields.value("access_token").map(str::to_owned)
}
