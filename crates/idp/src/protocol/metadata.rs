//! Provider metadata (OpenID Connect Discovery 1.0, section 3; RFC 8414, section 2):
//! one document for both, made once. It says what is true and nothing else.

use std::sync::Arc;

use domain::{
    acr::Acr,
    claims::{self, Namespace},
    client::{ClientAuthMethod, GrantType},
    signing::SigningAlgorithm,
    verified_claims::{self, TrustFramework, VERIFIED_CLAIMS},
};
use serde_json::{Value, json};

use super::{response::ResponseMode, scopes};

/// Languages of the pages, best first.
const UI_LOCALES: [&str; 2] = ["fr", "en"];

const AUTH_METHODS: [ClientAuthMethod; 4] = [
    ClientAuthMethod::ClientSecretBasic,
    ClientAuthMethod::ClientSecretPost,
    ClientAuthMethod::PrivateKeyJwt,
    ClientAuthMethod::None,
];

const GRANT_TYPES: [GrantType; 3] = [
    GrantType::AuthorizationCode,
    GrantType::RefreshToken,
    GrantType::ClientCredentials,
];

/// Where the endpoints are: absolute addresses under the issuer.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "each is the endpoint of that name")]
pub struct Endpoints {
    pub authorization: String,
    pub token: String,
    pub userinfo: String,
    pub jwks: String,
    pub introspection: String,
    pub revocation: String,
    pub end_session: String,
    pub registration: Option<String>,
}

/// The document's bytes. `reachable` are the contexts that a sign-in can reach.
pub fn document(
    issuer: &str,
    endpoints: &Endpoints,
    namespace: &Namespace,
    reachable: &[Acr],
) -> Arc<[u8]> {
    let contexts: Vec<_> = reachable.iter().map(|acr| acr.as_str()).collect();
    let algorithms = SigningAlgorithm::ALL.map(SigningAlgorithm::as_str);
    let methods = AUTH_METHODS.map(ClientAuthMethod::as_str);
    let confidential: Vec<_> = methods
        .into_iter()
        .filter(|method| *method != "none")
        .collect();
    let mut supported = claims::supported(namespace);
    supported.push(VERIFIED_CLAIMS.to_owned());
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": endpoints.authorization,
        "token_endpoint": endpoints.token,
        "userinfo_endpoint": endpoints.userinfo,
        "jwks_uri": endpoints.jwks,
        "introspection_endpoint": endpoints.introspection,
        "revocation_endpoint": endpoints.revocation,
        "end_session_endpoint": endpoints.end_session,
        "scopes_supported": scopes::of_people().collect::<Vec<_>>(),
        "response_types_supported": ["code"],
        "response_modes_supported": ResponseMode::ALL.map(ResponseMode::as_str),
        "grant_types_supported": GRANT_TYPES.map(GrantType::as_str),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "acr_values_supported": contexts,
        "subject_types_supported": ["pairwise", "public"],
        "id_token_signing_alg_values_supported": algorithms,
        "userinfo_signing_alg_values_supported": algorithms,
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_endpoint_auth_methods_supported": confidential,
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "claim_types_supported": ["normal"],
        "claims_supported": supported,
        "claims_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "ui_locales_supported": UI_LOCALES,
        "verified_claims_supported": true,
        "trust_frameworks_supported": trust_frameworks(reachable),
        "evidence_supported": verified_claims::EVIDENCE,
        "claims_in_verified_claims_supported": verified_claims::SUPPORTED,
    });
    if let Some(registration) = &endpoints.registration {
        document["registration_endpoint"] = registration.as_str().into();
    }
    to_bytes(&document)
}

/// Schools always; levels of eIDAS where another provider is configured (OpenID Connect
/// for Identity Assurance 1.0, section 8).
fn trust_frameworks(reachable: &[Acr]) -> Vec<&'static str> {
    let upstream = reachable.iter().any(|acr| acr.is_eidas());
    let eidas = upstream.then_some(TrustFramework::Eidas);
    let all = eidas.into_iter().chain([TrustFramework::Schools]);
    all.map(TrustFramework::as_str).collect()
}

fn to_bytes(document: &Value) -> Arc<[u8]> {
    document.to_string().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed() -> Value {
        let at = |path: &str| format!("https://preau.example{path}");
        let endpoints = Endpoints {
            authorization: at("/oauth2/authorize"),
            token: at("/oauth2/token"),
            userinfo: at("/oauth2/userinfo"),
            jwks: at("/oauth2/keys"),
            introspection: at("/oauth2/introspect"),
            revocation: at("/oauth2/revoke"),
            end_session: at("/oauth2/logout"),
            registration: None,
        };
        let bytes = document(
            "https://preau.example",
            &endpoints,
            &Namespace::default(),
            &Acr::OWN,
        );
        serde_json::from_slice(&bytes).unwrap()
    }

    #[test]
    fn the_document_announces_what_holds() {
        insta::assert_json_snapshot!(parsed());
    }

    #[test]
    fn what_is_announced_is_accepted() {
        let metadata = parsed();
        let listed =
            |name: &str| -> Vec<String> { serde_json::from_value(metadata[name].clone()).unwrap() };
        for mode in listed("response_modes_supported") {
            assert!(ResponseMode::parse(&mode).is_some(), "{mode}");
        }
        for method in listed("token_endpoint_auth_methods_supported") {
            let parsed: Result<ClientAuthMethod, _> = serde_json::from_value(json!(method));
            assert!(parsed.is_ok(), "{method}");
        }
        for alg in listed("id_token_signing_alg_values_supported") {
            assert!(SigningAlgorithm::parse(&alg).is_some(), "{alg}");
        }
    }
}
