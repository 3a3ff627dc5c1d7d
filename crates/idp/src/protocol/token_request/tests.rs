use proptest::prelude::*;
use serde_json::json;

use super::{
    TokenRefusal::{
        CodeUnknown, GrantNotAllowed, Missing, RefreshUnknown, ScopeBeyond, ScopeMalformed,
        UnsupportedGrantType,
    },
    *,
};
use crate::protocol::{fixtures, parameters::Repeated};

const TOKEN: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn form(text: &str) -> Parameters {
    Parameters::parse(text.replace("TOKEN", TOKEN).as_bytes()).unwrap()
}

fn service() -> Registration {
    let mut document = serde_json::to_value(fixtures::portal()).unwrap();
    document["grant_types"] = json!(["client_credentials"]);
    serde_json::from_value(document).unwrap()
}

fn refusal(text: &str, registration: &Registration) -> TokenRefusal {
    TokenRequest::read(&form(text), registration).unwrap_err()
}

#[test]
fn each_grant_is_read() {
    let portal = fixtures::portal();
    let read = |text: &str| TokenRequest::read(&form(text), &portal).unwrap();
    let code = read(
        "grant_type=authorization_code&code=TOKEN&redirect_uri=https://rp.example/cb&code_verifier=v",
    );
    assert!(matches!(
        code,
        TokenRequest::Code {
            verifier: Some(_),
            ..
        }
    ));
    let refresh = read("grant_type=refresh_token&refresh_token=TOKEN&scope=openid");
    assert!(
        matches!(refresh, TokenRequest::Refresh { scope: Some(scope), .. } if scope.to_string() == "openid")
    );
    let own = TokenRequest::read(&form("grant_type=client_credentials"), &service()).unwrap();
    assert!(
        matches!(own, TokenRequest::ClientCredentials { scope } if scope.to_string() == "directory:read")
    );
}

#[test]
fn a_grant_is_offered_or_refused() {
    let (portal, service) = (fixtures::portal(), service());
    for (text, registration, expected) in [
        ("", &portal, Missing("grant_type")),
        (
            "grant_type=password&username=a",
            &portal,
            UnsupportedGrantType,
        ),
        ("grant_type=implicit", &portal, UnsupportedGrantType),
        ("grant_type=client_credentials", &portal, GrantNotAllowed),
        ("grant_type=refresh_token", &service, GrantNotAllowed),
        (
            "grant_type=a&grant_type=a",
            &portal,
            TokenRefusal::Repeated(Repeated("grant_type")),
        ),
    ] {
        assert_eq!(refusal(text, registration), expected, "{text}");
    }
}

#[test]
fn a_public_client_has_no_tokens_of_its_own() {
    let mut public = service();
    public.token_endpoint_auth_method = domain::client::ClientAuthMethod::None;
    let outcome = refusal("grant_type=client_credentials", &public);
    assert_eq!(outcome, TokenRefusal::PublicClient);
}

#[test]
fn each_grant_names_what_is_wrong() {
    let (portal, service) = (fixtures::portal(), service());
    for (grant, text, expected) in [
        ("authorization_code", "", Missing("code")),
        ("authorization_code", "code=TOKEN", Missing("redirect_uri")),
        (
            "authorization_code",
            "code=short&redirect_uri=x",
            CodeUnknown,
        ),
        ("refresh_token", "", Missing("refresh_token")),
        ("refresh_token", "refresh_token=e.y.J", RefreshUnknown),
        (
            "refresh_token",
            "refresh_token=TOKEN&scope=%22",
            ScopeMalformed,
        ),
        ("client_credentials", "scope=openid", ScopeBeyond),
        ("client_credentials", "scope=clients:write", ScopeBeyond),
    ] {
        let is_own = grant == "client_credentials";
        let registration = if is_own { &service } else { &portal };
        let text = format!("grant_type={grant}&{text}");
        assert_eq!(refusal(&text, registration), expected, "{text}");
    }
}

#[test]
fn a_refresh_gives_what_was_granted_or_less() {
    let granted = ScopeSet::parse("openid email").unwrap();
    let ask = |text| narrow(&granted, Some(ScopeSet::parse(text).unwrap()));
    assert_eq!(narrow(&granted, None), Ok(granted.clone()));
    assert_eq!(ask("openid").unwrap().to_string(), "openid");
    assert_eq!(ask("openid phone"), Err(ScopeBeyond));
}

#[test]
fn the_token_in_question_is_one() {
    assert_eq!(
        token_in_question(&form("token=x&token_type_hint=y")),
        Ok("x")
    );
    assert_eq!(token_in_question(&form("token=")), Err(Missing("token")));
}

proptest! {
    #[test]
    fn arbitrary_forms_never_panic(
        grant in proptest::sample::select(&["authorization_code", "refresh_token", "client_credentials", "x"][..]),
        rest in "[a-z_]{0,13}=[ -~]{0,60}(&(code|scope|redirect_uri|refresh_token)=[ -~]{0,60}){0,3}",
    ) {
        let raw = format!("grant_type={grant}&{rest}");
        if let Ok(form) = Parameters::parse(raw.as_bytes()) {
            for registration in [fixtures::portal(), service()] {
                let _ = TokenRequest::read(&form, &registration);
            }
            let _ = token_in_question(&form);
            let _ = crate::protocol::end_session::LogoutRequest::read(&form);
        }
    }
}
