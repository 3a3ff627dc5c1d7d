//! Values that tests of several modules share.

use domain::{
    account::{Account, AccountState, PasswordState, PersonKind},
    ambient::Ambient,
    claims::Namespace,
    client::Registration,
    identifier::AccountIdentifier,
    ids::{AccountId, KeyId},
    name::PersonName,
    signing::SigningAlgorithm,
};
use jiff::{Timestamp, ToSpan, civil::Date};
use serde_json::json;
use url::form_urlencoded;

use super::{
    authorization::{Addressed, AuthorizationRequest},
    keys::{KeyRing, KeyTimes, PrivateKey, SigningKey},
    parameters::Parameters,
};

/// The challenge of RFC 7636, appendix B.
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const ISSUER: &str = "https://preau.example";

pub(crate) fn now() -> Timestamp {
    "2026-11-24T10:00:00Z".parse().unwrap()
}

pub(crate) fn portal() -> Registration {
    serde_json::from_value(json!({
        "client_id": "portail",
        "client_name": "Portail",
        "redirect_uris": ["https://rp.example/cb"],
        "post_logout_redirect_uris": ["https://rp.example/", "https://rp.example/bye?x=1"],
        "scope": "openid profile email phone offline_access family directory:read",
        "grant_types": ["authorization_code", "refresh_token"],
        "first_party": true,
    }))
    .unwrap()
}

pub(crate) fn request(
    registration: &Registration,
    changes: &[(&str, &str)],
) -> AuthorizationRequest {
    let mut pairs = vec![
        ("client_id", "portail"),
        ("redirect_uri", "https://rp.example/cb"),
        ("response_type", "code"),
        ("scope", "openid"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in changes {
        pairs.retain(|(key, _)| key != name);
        pairs.push((name, value));
    }
    let raw = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    let parameters = Parameters::parse(raw.as_bytes()).unwrap();
    let addressed = Addressed::read(&parameters).unwrap();
    let proven = addressed.prove(Some(registration)).unwrap();
    proven
        .request(&parameters, &Namespace::default(), now())
        .unwrap()
}

pub(crate) fn pupil(birth_date: Date) -> Account {
    Account {
        id: AccountId::new(&Ambient::system()),
        kind: PersonKind::Pupil,
        identifier: AccountIdentifier::parse("l.martin3").unwrap(),
        state: AccountState::Active,
        name: PersonName {
            given: "Léo".into(),
            family: "MARTIN".into(),
        },
        birth_date: Some(birth_date),
        locale: "fr".into(),
        password: PasswordState::Chosen,
        sessions_from: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

/// A key for each algorithm, signing for a day already.
pub(crate) fn ring() -> KeyRing {
    let begin = now() - 24.hours();
    let times = KeyTimes {
        publish_from: begin,
        sign_from: begin,
        retire_at: None,
    };
    let key = |algorithm| {
        let private = PrivateKey::generate(algorithm).unwrap();
        SigningKey::new(KeyId::new(&Ambient::system()), &private, times).unwrap()
    };
    KeyRing::new(SigningAlgorithm::ALL.map(key).into(), now())
}
