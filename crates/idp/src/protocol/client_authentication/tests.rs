use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::protocol::{
    fixtures::{self, ISSUER},
    parameters::Repeated,
};

const AUDIENCES: AssertionAudiences<'_> = AssertionAudiences {
    issuer: ISSUER,
    token_endpoint: "https://preau.example/oauth2/token",
};

fn form(text: &str) -> Parameters {
    Parameters::parse(text.as_bytes()).unwrap()
}

fn basic(text: &str) -> String {
    format!("Basic {}", STANDARD.encode(text))
}

fn registered(method: &str) -> Registration {
    let mut document = serde_json::to_value(fixtures::portal()).unwrap();
    document["token_endpoint_auth_method"] = json!(method);
    serde_json::from_value(document).unwrap()
}

fn outcome(header: Option<&str>, body: &str, method: &str) -> Result<Proof, TokenRefusal> {
    Credentials::present(header, &form(body))?.check(
        Some(&registered(method)),
        AUDIENCES,
        fixtures::now(),
    )
}

#[test]
fn the_registered_method_is_the_only_one() {
    let header = basic("portail:s3cret");
    let by_header = (Some(header.as_str()), "");
    let by_form = (None, "client_id=portail&client_secret=s3cret");
    let by_name = (None, "client_id=portail");
    let secret = || Ok(Proof::Secret(Secret::new("s3cret")));
    let differs = || Err(TokenRefusal::MethodDiffers);
    for ((header, body), method, expected) in [
        (by_header, "client_secret_basic", secret()),
        (by_header, "client_secret_post", differs()),
        (by_header, "private_key_jwt", differs()),
        (by_header, "none", differs()),
        (by_form, "client_secret_basic", differs()),
        (by_form, "client_secret_post", secret()),
        (by_form, "none", differs()),
        (by_name, "client_secret_basic", differs()),
        (by_name, "client_secret_post", differs()),
        (by_name, "private_key_jwt", differs()),
        (by_name, "none", Ok(Proof::Public)),
    ] {
        assert_eq!(outcome(header, body, method), expected, "{body} {method}");
    }
}

#[test]
fn two_methods_at_once_are_refused() {
    let header = basic("portail:s3cret");
    let jwt = "client_assertion=a.b.c&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
    for (header, body) in [
        (Some(header.as_str()), "client_secret=x".to_owned()),
        (Some(header.as_str()), jwt.to_owned()),
        (None, format!("client_id=portail&client_secret=x&{jwt}")),
    ] {
        let presented = Credentials::present(header, &form(&body));
        assert_eq!(presented, Err(TokenRefusal::SeveralMethods), "{body}");
    }
}

#[test]
fn what_is_missing_or_malformed_is_named() {
    let other = basic("ent:s3cret");
    let (no_colon, empty) = (basic("portail"), basic("portail:"));
    let percent = basic("portail:%zz");
    for (header, body, expected) in [
        (None, "", TokenRefusal::NoCredentials),
        (None, "client_id=", TokenRefusal::NoCredentials),
        (None, "client_id=%C3%A9", TokenRefusal::ClientUnknown),
        (Some("Bearer x"), "", TokenRefusal::BasicMalformed),
        (Some("Basic"), "", TokenRefusal::BasicMalformed),
        (Some("Basic !!!"), "", TokenRefusal::BasicMalformed),
        (Some(no_colon.as_str()), "", TokenRefusal::BasicMalformed),
        (Some(percent.as_str()), "", TokenRefusal::BasicMalformed),
        (Some(empty.as_str()), "", TokenRefusal::SecretEmpty),
        (Some(other.as_str()), "", TokenRefusal::ClientUnknown),
        (
            Some(other.as_str()),
            "client_id=portail",
            TokenRefusal::ClientIdDiffers,
        ),
        (
            None,
            "client_id=portail&client_secret=",
            TokenRefusal::MethodDiffers,
        ),
        (
            None,
            "client_id=a&client_id=a",
            TokenRefusal::Repeated(Repeated("client_id")),
        ),
        (None, "client_assertion=a.b.c", TokenRefusal::AssertionType),
        (
            None,
            "client_assertion=a.b.c&client_assertion_type=x",
            TokenRefusal::AssertionType,
        ),
        (
            None,
            "client_assertion_type=x",
            TokenRefusal::Missing("client_assertion"),
        ),
    ] {
        assert_eq!(
            outcome(header, body, "client_secret_basic"),
            Err(expected),
            "{header:?} {body}"
        );
    }
}

#[test]
fn name_and_secret_are_decoded_as_in_a_form() {
    let presented =
        Credentials::present(Some(&basic("portail:a%3Ab+c")), &Parameters::default()).unwrap();
    assert_eq!(
        presented,
        Credentials::Basic {
            client_id: ClientId::parse("portail").unwrap(),
            secret: Secret::new("a:b c"),
        }
    );
}

#[test]
fn a_client_that_is_switched_off_proves_nothing() {
    let off = Registration {
        enabled: false,
        ..registered("none")
    };
    let presented = Credentials::present(None, &form("client_id=portail")).unwrap();
    assert_eq!(
        presented.check(Some(&off), AUDIENCES, fixtures::now()),
        Err(TokenRefusal::ClientDisabled)
    );
}

proptest! {
    #[test]
    fn arbitrary_headers_never_panic(header in "\\PC{0,80}", body in "[a-z_=&%.]{0,80}") {
        if let Ok(form) = Parameters::parse(body.as_bytes()) {
            let _ = Credentials::present(Some(&header), &form);
            let _ = Credentials::present(Some(&format!("Basic {header}")), &form);
            let _ = Credentials::present(None, &form);
        }
    }
}
