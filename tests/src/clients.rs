//! Registrations of the tests, beside those of the demo.

use demo::{clients, ports::Ports};
use domain::{
    client::{ClientAuthMethod, Registration},
    secret::Secret,
};
use serde_json::{Value, json};

use crate::{
    assertion::public_keys, door::Door, relying_party::Proof, relying_party::RelyingParty,
};

/// A registration with what opens it.
pub struct TestClient {
    /// The registration.
    pub registration: Registration,
    /// Its secret, if it has one.
    pub secret: Option<Secret>,
}

/// All of them.
pub fn all() -> Vec<TestClient> {
    let ports = Ports::from_first(8080).expect("a port of the demo");
    let demo = clients::clients(ports)
        .into_iter()
        .map(|client| TestClient {
            registration: client.registration,
            secret: client.secret,
        });
    demo.chain(own().into_iter().map(read)).collect()
}

/// A client by its id, at a node.
pub fn party(id: &str, door: &Door) -> RelyingParty {
    let client = all()
        .into_iter()
        .find(|client| client.registration.client_id.as_str() == id);
    let client = client.unwrap_or_else(|| panic!("no client {id}"));
    let secret = client.secret.map(|secret| secret.expose().to_owned());
    let proof = match (client.registration.token_endpoint_auth_method, secret) {
        (ClientAuthMethod::ClientSecretBasic, Some(secret)) => Proof::Basic(secret),
        (ClientAuthMethod::ClientSecretPost, Some(secret)) => Proof::Post(secret),
        (ClientAuthMethod::PrivateKeyJwt, None) => Proof::Key,
        (ClientAuthMethod::None, None) => Proof::None,
        (method, _) => panic!("{id} has not what {method:?} needs"),
    };
    let redirect_uri = client.registration.redirect_uris.first();
    RelyingParty {
        door: door.clone(),
        id: id.to_owned(),
        redirect_uri: redirect_uri
            .map(|uri| uri.as_str().to_owned())
            .unwrap_or_default(),
        scope: client.registration.scope.to_string(),
        proof,
    }
}

fn read(mut members: Value) -> TestClient {
    let id = members["client_id"].as_str().expect("an id").to_owned();
    let registration = members.as_object_mut().expect("a registration");
    registration
        .entry("client_name")
        .or_insert_with(|| id.clone().into());
    let registration: Registration =
        serde_json::from_value(members).unwrap_or_else(|error| panic!("{id}: {error}"));
    assert_eq!(registration.check(), Ok(()), "{id}");
    let has_secret = registration.token_endpoint_auth_method.has_secret();
    let secret = has_secret.then(|| Secret::new(format!("{id}-secret-of-the-tests")));
    TestClient {
        registration,
        secret,
    }
}

const PEOPLE: &str = "openid profile email phone address offline_access family";

#[expect(clippy::too_many_lines, reason = "a table of registrations")]
fn own() -> Vec<Value> {
    let code = json!(["authorization_code", "refresh_token"]);
    vec![
        // Not first-party: people are asked.
        json!({
            "client_id": "mediatheque", "client_name": "Médiathèque de Clairval",
            "redirect_uris": ["https://mediatheque.example/cb"],
            "token_endpoint_auth_method": "client_secret_post", "grant_types": code,
            "scope": "openid profile email phone offline_access",
            "policy_uri": "https://mediatheque.example/donnees",
            "tos_uri": "https://mediatheque.example/conditions",
        }),
        // Not first-party, with a legal basis for young pupils.
        json!({
            "client_id": "cantine", "redirect_uris": ["https://cantine.example/cb"],
            "scope": "openid profile", "minors_legal_basis": "mission d'intérêt public",
        }),
        // Without PKCE, and so with a nonce.
        json!({
            "client_id": "ancien", "redirect_uris": ["https://ancien.example/cb"],
            "require_pkce": false, "first_party": true, "scope": "openid profile",
        }),
        // Signs assertions.
        json!({
            "client_id": "cle", "redirect_uris": ["https://cle.example/cb"],
            "token_endpoint_auth_method": "private_key_jwt", "jwks": public_keys(),
            "first_party": true, "grant_types": code, "scope": PEOPLE,
        }),
        // Signs assertions for the token endpoint.
        json!({
            "client_id": "cle-ancienne", "redirect_uris": ["https://cle-ancienne.example/cb"],
            "token_endpoint_auth_method": "private_key_jwt", "jwks": public_keys(),
            "client_assertion_audience": "token_endpoint", "first_party": true,
            "grant_types": ["authorization_code", "client_credentials"],
        }),
        // Everything signed, by keys other than the usual ones.
        json!({
            "client_id": "signe", "redirect_uris": ["https://signe.example/cb"],
            "first_party": true, "scope": PEOPLE, "grant_types": code,
            "id_token_signed_response_alg": "EdDSA",
            "access_token_signed_response_alg": "RS256",
            "userinfo_signed_response_alg": "ES256", "family_in_id_token": true,
        }),
        // For guardians alone.
        json!({
            "client_id": "parents", "redirect_uris": ["https://parents.example/cb"],
            "first_party": true, "scope": "openid profile", "person_kinds": ["guardian"],
        }),
        // On a person's machine.
        json!({
            "client_id": "bureau", "application_type": "native",
            "redirect_uris": ["http://127.0.0.1/cb", "http://[::1]/cb", "org.example.bureau:/cb"],
            "sector": "bureau", "token_endpoint_auth_method": "none", "first_party": true,
        }),
        // A protected resource, and a program that calls it.
        json!({
            "client_id": "ressource", "grant_types": ["client_credentials"],
            "resource": "https://api.example", "scope": "directory:read",
        }),
        json!({
            "client_id": "robot", "grant_types": ["client_credentials"],
            "access_token_audience": ["https://api.example"], "scope": "directory:read",
        }),
        // Switched off.
        json!({
            "client_id": "ferme", "redirect_uris": ["https://ferme.example/cb"],
            "enabled": false, "first_party": true,
        }),
        // Every scope there is, two redirect URIs, one with a query.
        json!({
            "client_id": "complet",
            "redirect_uris": ["https://complet.example/cb", "https://complet.example/cb?a=b&c"],
            "post_logout_redirect_uris": [
                "https://complet.example/adieu", "https://complet.example/adieu?a=b"
            ],
            "first_party": true, "grant_types": code, "scope": PEOPLE,
        }),
        // What somebody vouched for, but of no date.
        json!({
            "client_id": "preuves", "redirect_uris": ["https://preuves.example/cb"],
            "first_party": true, "scope": "openid profile",
            "verified_claims": ["family_name", "given_name"],
        }),
        // One subject for all: two clients.
        json!({
            "client_id": "public-1", "redirect_uris": ["https://public1.example/cb"],
            "first_party": true, "subject_type": "public",
        }),
        json!({
            "client_id": "public-2", "redirect_uris": ["https://public2.example/cb"],
            "first_party": true, "subject_type": "public",
        }),
    ]
}
