use domain::{
    acr::{Acr, Amr},
    ambient::Ambient,
    signing::SigningAlgorithm,
};
use jiff::ToSpan;
use serde_json::Map;

use super::*;
use crate::protocol::{
    fixtures::{self, ISSUER, now},
    tokens::IdTokenClaims,
};

fn hint(sid: SessionId) -> IdTokenHint {
    let ring = fixtures::ring();
    let claims = IdTokenClaims {
        iss: ISSUER.into(),
        sub: Subject::from_claim("leo"),
        aud: ClientId::parse("portail").unwrap(),
        exp: now() + 300.seconds(),
        iat: now(),
        auth_time: now(),
        nonce: None,
        acr: Acr::Password,
        amr: vec![Amr::Pwd],
        sid,
        at_hash: None,
        person: Map::new(),
    };
    let key = ring.signer(SigningAlgorithm::EdDSA, now()).unwrap();
    let token = claims.sign(key, None).unwrap();
    IdTokenHint::verify(&ring, &token, ISSUER, now()).unwrap()
}

fn request(uri: &str) -> LogoutRequest {
    let text = format!("id_token_hint=x&state=a+b&post_logout_redirect_uri={uri}");
    LogoutRequest::read(&Parameters::parse(text.as_bytes()).unwrap()).unwrap()
}

fn end(return_to: Option<&str>) -> LogoutStep {
    LogoutStep::End {
        return_to: return_to.map(str::to_owned),
    }
}

#[test]
fn a_proven_logout_ends_the_session_and_leads_back() {
    let portal = fixtures::portal();
    let (sid, leo) = (
        SessionId::new(&Ambient::system()),
        Subject::from_claim("leo"),
    );
    let hint = hint(sid);
    let session = CurrentSession {
        id: sid,
        subject: &leo,
    };
    let again = CurrentSession {
        id: SessionId::new(&Ambient::system()),
        subject: &leo,
    };
    for session in [Some(session), Some(again), None] {
        let step = |uri| decide(&request(uri), Some(&hint), Some(&portal), session);
        assert_eq!(
            step("https://rp.example/"),
            end(Some("https://rp.example/?state=a+b"))
        );
        assert_eq!(
            step("https://rp.example/bye?x=1"),
            end(Some("https://rp.example/bye?x=1&state=a+b"))
        );
        assert_eq!(step(""), end(None));
    }
    let without_state = LogoutRequest {
        state: None,
        ..request("https://rp.example/")
    };
    let step = decide(&without_state, Some(&hint), Some(&portal), Some(session));
    assert_eq!(step, end(Some("https://rp.example/")));
}

#[test]
fn without_proof_the_person_is_asked_and_stays() {
    let (sid, leo) = (
        SessionId::new(&Ambient::system()),
        Subject::from_claim("leo"),
    );
    let (hint, portal) = (hint(sid), fixtures::portal());
    let own = Some(CurrentSession {
        id: sid,
        subject: &leo,
    });
    let disabled = Registration {
        enabled: false,
        ..fixtures::portal()
    };
    let mut ent = fixtures::portal();
    ent.client_id = ClientId::parse("ent").unwrap();
    let good = request("https://rp.example/");
    for (hint, registration, session, fault) in [
        (None, Some(&portal), own, LogoutFault::NoValidHint),
        (None, Some(&portal), None, LogoutFault::NoValidHint),
        (Some(&hint), None, own, LogoutFault::ClientUnknown),
        (
            Some(&hint),
            Some(&disabled),
            own,
            LogoutFault::ClientUnknown,
        ),
        (Some(&hint), Some(&ent), own, LogoutFault::ClientUnknown),
    ] {
        let step = decide(&good, hint, registration, session);
        assert_eq!(step, LogoutStep::Confirm(fault));
    }
    let foreign = LogoutRequest {
        client_id: Some("ent".into()),
        ..good
    };
    let step = decide(&foreign, Some(&hint), Some(&portal), own);
    assert_eq!(step, LogoutStep::Confirm(LogoutFault::ClientIdDiffers));
}

#[test]
fn nobody_is_signed_out_by_a_hint_for_another() {
    let ambient = Ambient::system();
    let zoe = Subject::from_claim("zoe");
    let session = CurrentSession {
        id: SessionId::new(&ambient),
        subject: &zoe,
    };
    let hint = hint(SessionId::new(&ambient));
    let good = request("https://rp.example/");
    let step = decide(&good, Some(&hint), Some(&fixtures::portal()), Some(session));
    assert_eq!(step, LogoutStep::Confirm(LogoutFault::OtherPerson));
}

#[test]
fn only_a_registered_address_is_led_to() {
    let hint = hint(SessionId::new(&Ambient::system()));
    let fault = LogoutStep::Confirm(LogoutFault::UriNotRegistered);
    for uri in [
        "https://rp.example",
        "https://rp.example/?x=1",
        "https://rp.example/bye",
        "https://evil.example/",
        "//rp.example/",
    ] {
        let step = decide(&request(uri), Some(&hint), Some(&fixtures::portal()), None);
        assert_eq!(step, fault, "{uri}");
    }
}

#[test]
fn without_parameters_only_a_session_is_asked_about() {
    let bare = LogoutRequest::default();
    let leo = Subject::from_claim("leo");
    let session = CurrentSession {
        id: SessionId::new(&Ambient::system()),
        subject: &leo,
    };
    assert_eq!(decide(&bare, None, None, None), end(None));
    assert_eq!(
        decide(&bare, None, None, Some(session)),
        LogoutStep::Confirm(LogoutFault::NoValidHint)
    );
}

#[test]
fn the_hint_names_the_client() {
    let hint = hint(SessionId::new(&Ambient::system()));
    assert_eq!(
        client_of(Some(&hint)).map(ClientId::as_str),
        Some("portail")
    );
    assert_eq!(client_of(None), None);
}

#[test]
fn a_repeated_parameter_is_refused() {
    let parameters = Parameters::parse(b"state=a&state=b").unwrap();
    assert_eq!(LogoutRequest::read(&parameters), Err(Repeated("state")));
}
