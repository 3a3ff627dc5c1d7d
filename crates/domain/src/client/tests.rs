use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{school::Uai, subject::Sector};

fn registration(members: &serde_json::Value) -> Registration {
    let mut document = json!({
        "client_id": "ent",
        "client_name": "ENT",
        "redirect_uris": ["https://ent.example/callback"],
    });
    let object = document.as_object_mut().unwrap();
    object.extend(members.as_object().unwrap().clone());
    serde_json::from_value(document).unwrap()
}

#[test]
fn a_plain_registration_is_sound_and_asks_for_pkce() {
    let ent = registration(&json!({}));
    assert_eq!(ent.check(), Ok(()));
    assert!(ent.require_pkce);
    assert_eq!(ent.sector(), Sector::Host("ent.example".into()));
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table is as long as it is")]
fn each_fault_is_named() {
    let table = [
        (json!({"client_name": " "}), RegistrationFault::Name),
        (
            json!({"redirect_uris": []}),
            RegistrationFault::NoRedirectUri,
        ),
        (json!({"grant_types": []}), RegistrationFault::NoGrant),
        (
            json!({"grant_types": ["refresh_token", "client_credentials"]}),
            RegistrationFault::RefreshAlone,
        ),
        (
            json!({"token_endpoint_auth_method": "none", "require_pkce": false}),
            RegistrationFault::PublicWithoutPkce,
        ),
        (
            json!({"token_endpoint_auth_method": "none", "grant_types": ["authorization_code", "client_credentials"]}),
            RegistrationFault::PublicCredentials,
        ),
        (
            json!({"token_endpoint_auth_method": "private_key_jwt"}),
            RegistrationFault::NoKeys,
        ),
        (
            json!({"jwks": {"keys": [{"kty": "oct", "k": "AAAA"}]}}),
            RegistrationFault::PrivateKeys,
        ),
        (
            json!({"scope": "openid offline_access"}),
            RegistrationFault::OfflineWithoutRefresh,
        ),
        (json!({"sector": ""}), RegistrationFault::SectorEmpty),
        (
            json!({"scope": "openid profile", "verified_claims": ["address"]}),
            RegistrationFault::VerifiedClaim("address".into()),
        ),
        (
            json!({"verified_claims": ["birthdate"]}),
            RegistrationFault::VerifiedWithoutProfile,
        ),
        (
            json!({"jwks_uri": "http://ent.example/jwks"}),
            RegistrationFault::Link { member: "jwks_uri" },
        ),
        (
            json!({"jwks": {"keys": [{"kty": "EC"}]}, "jwks_uri": "https://ent.example/jwks"}),
            RegistrationFault::KeysTwice,
        ),
        (
            json!({"contacts": ["dsi@mairie.example", "la mairie"]}),
            RegistrationFault::Contact {
                contact: "la mairie".into(),
            },
        ),
        (
            json!({"purposes": {"family": "Suivre les devoirs"}}),
            RegistrationFault::PurposeOfNothing {
                name: "family".into(),
            },
        ),
        (
            json!({"scope": "openid family", "purposes": {"children": " "}}),
            RegistrationFault::PurposeText {
                name: "children".into(),
            },
        ),
        (
            json!({"notes": "é".repeat(4001)}),
            RegistrationFault::TooLong {
                member: "notes",
                most: 4000,
                unit: "characters",
            },
        ),
        (
            json!({"redirect_uris": ["https://a.example/cb", "https://b.example/cb"]}),
            RegistrationFault::SectorNeeded,
        ),
        (
            json!({"logo_uri": "http://ent.example/logo.png"}),
            RegistrationFault::Link { member: "logo_uri" },
        ),
    ];
    for (members, fault) in table {
        assert_eq!(
            registration(&members).check(),
            Err(vec![fault]),
            "{members}"
        );
    }
}

#[test]
fn misspelt_members_are_refused() {
    let document = json!({"client_id": "ent", "client_name": "ENT", "redirect_uri": []});
    assert!(serde_json::from_value::<Registration>(document).is_err());
}

#[test]
fn a_registration_survives_being_stored() {
    let ent = registration(&json!({"scope": "openid family", "first_party": true}));
    let stored = serde_json::to_value(&ent).unwrap();
    assert_eq!(serde_json::from_value::<Registration>(stored).unwrap(), ent);
}

#[test]
fn a_client_id_is_never_as_long_as_a_subject() {
    assert!(ClientId::parse(&"a".repeat(40)).is_ok());
    assert_eq!(ClientId::parse(&"a".repeat(41)), Err(NotAClientId));
    assert_eq!(ClientId::parse("a b"), Err(NotAClientId));
}

#[test]
fn a_fault_names_the_member_that_must_be_mended() {
    let wrong = registration(&json!({"client_name": "", "notes": "x".repeat(5000)}));
    for fault in wrong.check().unwrap_err() {
        let told = format!("{}: {}", fault.member(), fault.advice());
        assert_eq!(told, fault.to_string());
    }
}

#[test]
fn a_town_takes_people_of_its_own_schools_alone() {
    let uai = |code| Uai::parse(code).unwrap();
    let town = registration(&json!({"schools": ["0750002v", "0750003W"]}));
    assert!(town.takes_of(&BTreeSet::from([uai("0750001U"), uai("0750002V")])));
    assert!(!town.takes_of(&BTreeSet::from([uai("0750001U")])));
    assert!(!town.takes_of(&BTreeSet::new()));
    assert!(registration(&json!({})).takes_of(&BTreeSet::new()));
}

#[test]
fn keys_and_sector_may_stand_elsewhere() {
    let remote = registration(&json!({
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks_uri": "https://ent.example/jwks",
        "sector_identifier_uri": "https://groupe.example/clients.json",
        "redirect_uris": ["https://a.example/cb", "https://b.example/cb"],
    }));
    assert_eq!(remote.check(), Ok(()));
    assert_eq!(remote.sector(), Sector::Host("groupe.example".into()));
}

#[test]
fn an_administrator_may_name_the_sector_of_a_host() {
    let sector = |name: &str| registration(&json!({"sector": name})).sector();
    assert_eq!(sector("ent.example"), Sector::Host("ent.example".into()));
    for name in [
        "portail",
        "Service de M. Durand",
        "Ent.Example",
        "localhost",
    ] {
        assert_eq!(sector(name), Sector::Named(name.into()));
    }
}

#[test]
fn the_persons_own_machine_is_nobodys_sector() {
    for uri in [
        "http://127.0.0.1/cb",
        "http://[::1]:9/cb",
        "http://localhost/cb",
    ] {
        let native = registration(&json!({"application_type": "native", "redirect_uris": [uri]}));
        assert_eq!(native.sector(), Sector::Client(native.client_id.clone()));
    }
    let mixed = registration(&json!({
        "application_type": "native",
        "redirect_uris": ["http://127.0.0.1/cb", "https://ent.example/cb"],
    }));
    assert_eq!(mixed.check(), Err(vec![RegistrationFault::SectorNeeded]));
}

proptest! {
    #[test]
    fn a_scheme_of_its_own_borrows_nobodys_sector(
        host in "[a-z0-9.-]{0,20}",
        rest in "(:[0-9]{1,4})?(/[a-z/]{0,8})?",
    ) {
        let uri = format!("com.evil.app://{host}{rest}");
        let native = registration(&json!({"application_type": "native", "redirect_uris": [uri]}));
        if native.check().is_ok() {
            prop_assert_eq!(native.sector(), Sector::Client(native.client_id.clone()));
            prop_assert_eq!(native.redirect_uris[0].host(), None);
            prop_assert_eq!(native.home(), None);
        }
    }
}
