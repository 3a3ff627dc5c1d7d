//! Dynamic registration (RFC 7591; OpenID Connect Registration 1.0): metadata that a
//! program sends, as a registration of ours. Members that are not understood are passed
//! over, as the standards have it; what gives trust or power is never taken from them.

use std::collections::BTreeSet;

use domain::{
    claims,
    client::{
        ApplicationType, ClientAuthMethod, ClientId, GrantType, Registration, RegistrationFault,
        SubjectType,
    },
    redirect::RedirectUri,
    scope::{Scope, ScopeSet},
    signing::SigningAlgorithm,
};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

/// Why a registration is refused (RFC 7591, section 3.2.2).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DynamicFault {
    /// `invalid_redirect_uri`.
    RedirectUri(String),
    /// `invalid_client_metadata`.
    Metadata(String),
}

impl DynamicFault {
    /// The value of `error`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::RedirectUri(_) => "invalid_redirect_uri",
            Self::Metadata(_) => "invalid_client_metadata",
        }
    }

    /// The value of `error_description`.
    pub fn description(&self) -> &str {
        match self {
            Self::RedirectUri(told) | Self::Metadata(told) => told,
        }
    }

    fn metadata(told: impl Into<String>) -> Self {
        Self::Metadata(told.into())
    }
}

impl From<Vec<RegistrationFault>> for DynamicFault {
    fn from(faults: Vec<RegistrationFault>) -> Self {
        let of_redirects = faults.iter().all(|fault| fault.member() == "redirect_uris");
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        let told = told.join("; ");
        if of_redirects {
            Self::RedirectUri(told)
        } else {
            Self::Metadata(told)
        }
    }
}

/// What a program may say of itself.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Metadata {
    client_id: Option<ClientId>,
    client_name: Option<String>,
    application_type: ApplicationType,
    redirect_uris: Vec<RedirectUri>,
    post_logout_redirect_uris: Vec<RedirectUri>,
    client_uri: Option<Url>,
    logo_uri: Option<Url>,
    policy_uri: Option<Url>,
    tos_uri: Option<Url>,
    contacts: Vec<String>,
    response_types: Option<BTreeSet<String>>,
    grant_types: Option<BTreeSet<String>>,
    token_endpoint_auth_method: Option<String>,
    token_endpoint_auth_signing_alg: Option<SigningAlgorithm>,
    jwks: Option<Value>,
    jwks_uri: Option<Url>,
    scope: Option<String>,
    subject_type: SubjectType,
    sector_identifier_uri: Option<Url>,
    id_token_signed_response_alg: Option<SigningAlgorithm>,
    userinfo_signed_response_alg: Option<SigningAlgorithm>,
    default_max_age: Option<u32>,
    default_acr_values: Vec<String>,
}

/// What the metadata makes of a client: a new one, or one that registered itself before
/// (RFC 7592, section 2.2). `allowed` is all that it may ask for; of what administrators
/// added to `before` nothing is lost, and what they took away does not come back.
///
/// # Errors
/// [`DynamicFault`].
pub fn registration(
    metadata: Value,
    client_id: &ClientId,
    before: Option<&Registration>,
    allowed: &ScopeSet,
) -> Result<Registration, DynamicFault> {
    if !metadata.is_object() {
        return Err(DynamicFault::metadata("the metadata must be a JSON object"));
    }
    let metadata: Metadata = serde_json::from_value(without_nulls(metadata))
        .map_err(|error| DynamicFault::metadata(error.to_string()))?;
    if before.is_some() && metadata.client_id.as_ref() != Some(client_id) {
        return Err(DynamicFault::metadata(
            "client_id: must be that of the client",
        ));
    }
    check_links(&metadata)?;
    let grant_types = grant_types(&metadata)?;
    let method = method(&metadata)?;
    let scope = scope(&metadata, allowed, &grant_types)?;
    let mut registration = before.cloned().map_or_else(|| empty(client_id), Ok)?;
    registration.client_name = metadata.client_name.unwrap_or_else(|| name(client_id));
    registration.application_type = metadata.application_type;
    registration.redirect_uris = metadata.redirect_uris;
    registration.post_logout_redirect_uris = metadata.post_logout_redirect_uris;
    registration.client_uri = metadata.client_uri;
    registration.logo_uri = metadata.logo_uri;
    registration.policy_uri = metadata.policy_uri;
    registration.tos_uri = metadata.tos_uri;
    registration.contacts = metadata.contacts;
    registration.grant_types = grant_types;
    registration.token_endpoint_auth_method = method;
    registration.token_endpoint_auth_signing_alg = metadata.token_endpoint_auth_signing_alg;
    registration.jwks = metadata.jwks;
    registration.jwks_uri = metadata.jwks_uri;
    let askable = claims::askable(&scope);
    registration
        .purposes
        .retain(|name, _| askable.contains(name.as_str()));
    registration.scope = scope;
    registration.subject_type = metadata.subject_type;
    registration.sector_identifier_uri = metadata.sector_identifier_uri;
    registration.id_token_signed_response_alg = metadata
        .id_token_signed_response_alg
        .unwrap_or(SigningAlgorithm::RS256);
    registration.userinfo_signed_response_alg = metadata.userinfo_signed_response_alg;
    registration.default_max_age = metadata.default_max_age;
    registration.default_acr_values = metadata.default_acr_values;
    Ok(registration)
}

/// `null` means that a member is left out (RFC 7592, section 2.2).
fn without_nulls(mut metadata: Value) -> Value {
    if let Some(members) = metadata.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    metadata
}

fn empty(client_id: &ClientId) -> Result<Registration, DynamicFault> {
    let least = json!({ "client_id": client_id, "client_name": name(client_id) });
    serde_json::from_value(least).map_err(|error| DynamicFault::metadata(error.to_string()))
}

fn name(client_id: &ClientId) -> String {
    client_id.to_string()
}

/// Only the code flow and its refresh are for clients that nobody looked at.
fn grant_types(metadata: &Metadata) -> Result<BTreeSet<GrantType>, DynamicFault> {
    let response_types = metadata.response_types.iter().flatten();
    if let Some(other) = response_types.into_iter().find(|kind| *kind != "code") {
        return Err(DynamicFault::metadata(format!(
            "response_types: only code is offered, not {other}"
        )));
    }
    let Some(named) = &metadata.grant_types else {
        return Ok(BTreeSet::from([GrantType::AuthorizationCode]));
    };
    let read = named.iter().map(|grant| match grant.as_str() {
        "authorization_code" => Ok(GrantType::AuthorizationCode),
        "refresh_token" => Ok(GrantType::RefreshToken),
        other => Err(DynamicFault::metadata(format!(
            "grant_types: only authorization_code and refresh_token are offered, not {other}"
        ))),
    });
    read.collect()
}

fn method(metadata: &Metadata) -> Result<ClientAuthMethod, DynamicFault> {
    let Some(named) = &metadata.token_endpoint_auth_method else {
        return Ok(ClientAuthMethod::ClientSecretBasic);
    };
    serde_json::from_value(named.as_str().into()).map_err(|_| {
        DynamicFault::metadata(
            "token_endpoint_auth_method: client_secret_basic, client_secret_post, private_key_jwt or none",
        )
    })
}

/// What is asked for beyond what is allowed is left out (RFC 7591, section 2: the server
/// may give another set).
fn scope(
    metadata: &Metadata,
    allowed: &ScopeSet,
    grants: &BTreeSet<GrantType>,
) -> Result<ScopeSet, DynamicFault> {
    let asked = metadata.scope.as_deref().map(ScopeSet::parse).transpose();
    let asked = asked.map_err(|fault| DynamicFault::metadata(format!("scope: {fault}")))?;
    let given = asked.map_or_else(|| allowed.clone(), |asked| asked.intersection(allowed));
    if grants.contains(&GrantType::RefreshToken) {
        Ok(given)
    } else {
        Ok(given.without(Scope::OFFLINE_ACCESS))
    }
}

/// Links that people see lead to the service itself: nobody borrows another's name for
/// them (OpenID Connect Registration, section 9.1).
fn check_links(metadata: &Metadata) -> Result<(), DynamicFault> {
    let hosts = metadata.redirect_uris.iter().filter_map(RedirectUri::host);
    let hosts: BTreeSet<String> = hosts.collect();
    let links = [
        ("client_uri", &metadata.client_uri),
        ("logo_uri", &metadata.logo_uri),
        ("policy_uri", &metadata.policy_uri),
        ("tos_uri", &metadata.tos_uri),
    ];
    let is_elsewhere = |url: &Url| !url.host_str().is_some_and(|host| hosts.contains(host));
    let foreign = links
        .into_iter()
        .find(|(_, url)| url.as_ref().is_some_and(is_elsewhere));
    match foreign {
        None => Ok(()),
        Some((member, _)) => Err(DynamicFault::metadata(format!(
            "{member}: must be on the host of a redirect URI"
        ))),
    }
}

/// What the program is told of its registration (RFC 7591, section 3.2.1): the members
/// of the standards, none of those that are between administrators.
pub fn told(registration: &Registration) -> Value {
    let mut members = serde_json::to_value(registration).unwrap_or_default();
    if let Some(members) = members.as_object_mut() {
        for own in [
            "notes",
            "environment",
            "schools",
            "purposes",
            "first_party",
            "minors_legal_basis",
            "person_kinds",
            "family_in_id_token",
            "verified_claims",
            "client_assertion_audience",
            "access_token_audience",
            "access_token_signed_response_alg",
            "resource",
            "sector",
            "enabled",
            "require_pkce",
        ] {
            members.remove(own);
        }
        members.insert("response_types".to_owned(), json!(["code"]));
    }
    members
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> ClientId {
        ClientId::parse("dyn-1").unwrap()
    }

    fn allowed() -> ScopeSet {
        ScopeSet::parse("openid profile offline_access").unwrap()
    }

    fn made(metadata: Value) -> Result<Registration, DynamicFault> {
        registration(metadata, &id(), None, &allowed())
    }

    #[test]
    fn trust_and_power_are_never_taken_from_metadata() {
        let evil = made(json!({
            "redirect_uris": ["https://rp.example/cb"],
            "scope": "openid clients:write family directory:read",
            "first_party": true, "enabled": false, "require_pkce": false,
            "sector": "portail", "resource": "https://compte.example", "schools": ["0750001U"],
            "minors_legal_basis": "x", "client_id": "portail", "origin": "operator",
        }))
        .unwrap();
        assert_eq!(evil.client_id, id());
        assert_eq!(evil.scope, ScopeSet::parse("openid").unwrap());
        assert!(!evil.first_party && evil.enabled && evil.require_pkce);
        assert!(evil.sector.is_none() && evil.resource.is_none() && evil.schools.is_empty());
    }

    #[test]
    fn only_the_code_flow_is_offered() {
        for members in [
            json!({"response_types": ["id_token"]}),
            json!({"grant_types": ["implicit"]}),
            json!({"grant_types": ["client_credentials"]}),
            json!({"token_endpoint_auth_method": "client_secret_jwt"}),
            json!({"logo_uri": "https://education.example/logo.png"}),
            json!({
                "application_type": "native",
                "redirect_uris": ["com.evil.app://ent.example/cb"],
                "client_uri": "https://ent.example",
            }),
            json!([]),
        ] {
            let mut metadata = json!({"redirect_uris": ["https://rp.example/cb"]});
            match members {
                Value::Object(members) => metadata.as_object_mut().unwrap().extend(members),
                other => metadata = other,
            }
            let fault = made(metadata.clone()).unwrap_err();
            assert_eq!(fault.code(), "invalid_client_metadata", "{metadata}");
        }
    }

    #[test]
    fn what_administrators_set_outlasts_a_change_of_the_clients_own() {
        let mut before = made(json!({"redirect_uris": ["https://rp.example/cb"]})).unwrap();
        before.notes = Some("Vu avec la mairie".into());
        before.enabled = false;
        before.scope = ScopeSet::parse("openid profile").unwrap();
        for name in ["profile", "birthdate"] {
            let purpose = "Trouver la carte de lecteur".to_owned();
            before.purposes.insert(name.to_owned(), purpose);
        }
        let mut sent = told(&before);
        sent["scope"] = "openid profile email".into();
        let after = registration(sent, &id(), Some(&before), &before.scope.clone()).unwrap();
        assert_eq!(after, before);
        // What it gives up takes its purposes along.
        let mut sent = told(&before);
        sent["scope"] = "openid".into();
        let after = registration(sent, &id(), Some(&before), &before.scope).unwrap();
        assert!(after.purposes.is_empty());
    }

    #[test]
    fn what_is_told_and_sent_back_changes_nothing() {
        let before = made(json!({
            "redirect_uris": ["https://rp.example/cb"], "client_name": "Service",
            "grant_types": ["authorization_code", "refresh_token"],
            "jwks_uri": "https://rp.example/jwks", "contacts": ["a@rp.example"],
            "token_endpoint_auth_method": "private_key_jwt", "default_max_age": 60,
        }))
        .unwrap();
        let after = registration(told(&before), &id(), Some(&before), &allowed()).unwrap();
        assert_eq!(after, before);
        let other = json!({"client_id": "dyn-2", "redirect_uris": ["https://rp.example/cb"]});
        assert!(registration(other, &id(), Some(&before), &allowed()).is_err());
    }
}
