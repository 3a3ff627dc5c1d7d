//! What FranceConnect tells about itself (OpenID Connect Discovery 1.0, section 3).

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{Simulator, scopes::SCOPES, tokens::LEVEL};

/// How long both documents may be kept.
const KEPT: &str = "public, max-age=600";

/// The metadata.
pub(super) async fn discovery(State(simulator): State<Arc<Simulator>>) -> Response {
    kept(document(&simulator))
}

/// The public keys.
pub(super) async fn key_set(State(simulator): State<Arc<Simulator>>) -> Response {
    kept(simulator.keys.key_set())
}

fn kept(document: Value) -> Response {
    ([(header::CACHE_CONTROL, KEPT)], Json(document)).into_response()
}

fn document(simulator: &Simulator) -> Value {
    let algorithms = ["HS256", "ES256", "RS256"];
    let methods = ["client_secret_post", "private_key_jwt"];
    json!({
        "issuer": simulator.issuer,
        "authorization_endpoint": simulator.url("/authorize"),
        "token_endpoint": simulator.url("/token"),
        "userinfo_endpoint": simulator.url("/userinfo"),
        "jwks_uri": simulator.url("/jwks"),
        "end_session_endpoint": simulator.url("/session/end"),
        "revocation_endpoint": simulator.url("/token/revocation"),
        "acr_values_supported": [LEVEL],
        "authorization_response_iss_parameter_supported": true,
        "claim_types_supported": ["normal"],
        "claims_parameter_supported": true,
        "claims_supported": claims(),
        "code_challenge_methods_supported": ["S256"],
        "grant_types_supported": ["authorization_code"],
        "id_token_signing_alg_values_supported": algorithms,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "response_modes_supported": ["form_post", "fragment", "query"],
        "response_types_supported": ["code"],
        "scopes_supported": SCOPES.map(|(scope, _)| scope),
        "subject_types_supported": ["pairwise"],
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": ["ES256", "RS256"],
        "userinfo_signing_alg_values_supported": algorithms,
    })
}

fn claims() -> Vec<&'static str> {
    let of_tokens = ["amr", "sid", "auth_time", "iss", "acr"];
    let of_people = SCOPES.iter().flat_map(|(_, claims)| claims.iter().copied());
    let mut claims: Vec<_> = of_people.chain(of_tokens).collect();
    claims.sort_unstable();
    claims.dedup();
    claims
}
