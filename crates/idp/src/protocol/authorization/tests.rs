use proptest::prelude::*;
use url::form_urlencoded;

use super::*;
use crate::protocol::{
    fixtures::{self, CHALLENGE},
    parameters::Unreadable,
    prompt::NotAPrompt,
};

fn query<'a>(changes: impl IntoIterator<Item = (&'a str, &'a str)>) -> Parameters {
    let mut pairs = vec![
        ("client_id", "portail"),
        ("redirect_uri", "https://rp.example/cb"),
        ("response_type", "code"),
        ("scope", "openid profile"),
        ("state", "st"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in changes {
        pairs.retain(|(key, _)| *key != name || value == "twice");
        pairs.push((name, value));
    }
    let raw = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    Parameters::parse(raw.as_bytes()).unwrap()
}

fn read(
    parameters: &Parameters,
    registration: &Registration,
) -> Result<AuthorizationRequest, Box<Refused>> {
    let addressed = Addressed::read(parameters).unwrap();
    let proven = addressed.prove(Some(registration)).unwrap();
    proven.request(parameters, &Namespace::default(), fixtures::now())
}

fn refusal<'a>(
    changes: impl IntoIterator<Item = (&'a str, &'a str)>,
    registration: &Registration,
) -> Refusal {
    read(&query(changes), registration).unwrap_err().refusal
}

#[test]
fn a_plain_request_is_read() {
    let request = read(&query([]), &fixtures::portal()).unwrap();
    assert_eq!(request.client_id.as_str(), "portail");
    assert_eq!(request.scope.to_string(), "openid profile");
    assert_eq!(request.return_to.state.as_deref(), Some("st"));
    assert_eq!(request.return_to.response_mode, ResponseMode::Query);
    assert_eq!(request.prompt, Prompt::default());
}

#[test]
fn what_is_not_proven_is_never_redirected() {
    let portal = fixtures::portal();
    let disabled = Registration {
        enabled: false,
        ..portal.clone()
    };
    let prove = |parameters: &Parameters, registration: Option<&Registration>| {
        let addressed = Addressed::read(parameters)?;
        addressed.prove(registration).map(|_| ())
    };
    let evil = "https://rp.example/cb/../x";
    for (changes, registration, fault) in [
        (
            vec![("client_id", "")],
            Some(&portal),
            Unproven::ClientIdMissing,
        ),
        (
            vec![("client_id", "é")],
            Some(&portal),
            Unproven::ClientUnknown,
        ),
        (vec![("client_id", "ent")], None, Unproven::ClientUnknown),
        (
            vec![("client_id", "ent")],
            Some(&portal),
            Unproven::ClientUnknown,
        ),
        (vec![], Some(&disabled), Unproven::ClientDisabled),
        (
            vec![("redirect_uri", "")],
            Some(&portal),
            Unproven::RedirectUriMissing,
        ),
        (
            vec![("redirect_uri", evil)],
            Some(&portal),
            Unproven::RedirectUriNotRegistered,
        ),
        (
            vec![("redirect_uri", "twice")],
            Some(&portal),
            Unproven::Repeated(Repeated("redirect_uri")),
        ),
        (
            vec![("client_id", "twice")],
            Some(&portal),
            Unproven::Repeated(Repeated("client_id")),
        ),
    ] {
        assert_eq!(prove(&query(changes), registration), Err(fault));
    }
    assert_eq!(
        Unproven::from(Unreadable::Nul).to_string(),
        Unreadable::Nul.to_string()
    );
}

#[test]
fn each_fault_has_its_refusal() {
    let portal = fixtures::portal();
    let long_nonce = "n".repeat(MAX_NONCE_BYTES + 1);
    for (change, expected) in [
        (("request", "x"), Refusal::RequestObject),
        (("request_uri", "x"), Refusal::RequestUri),
        (("registration", "{}"), Refusal::RegistrationParameter),
        (("response_type", ""), Refusal::ResponseTypeMissing),
        (("response_type", "token"), Refusal::ResponseType),
        (("response_type", "code id_token"), Refusal::ResponseType),
        (("response_mode", "fragment"), Refusal::ResponseMode),
        (("scope", ""), Refusal::OpenidMissing),
        (("scope", "profile"), Refusal::OpenidMissing),
        (("scope", "openid \""), Refusal::ScopeMalformed),
        (("scope", "openid address"), Refusal::ScopeNotRegistered),
        (("code_challenge", ""), Refusal::MethodWithoutChallenge),
        (("code_challenge_method", ""), Refusal::ChallengeMethod),
        (("code_challenge_method", "plain"), Refusal::ChallengeMethod),
        (
            ("code_challenge", "short"),
            Refusal::Challenge(crate::protocol::pkce::NotAChallenge),
        ),
        (
            ("prompt", "none login"),
            Refusal::Prompt(NotAPrompt::NoneWithOthers),
        ),
        (("max_age", "-1"), Refusal::MaxAge),
        (("max_age", "1.5"), Refusal::MaxAge),
        (("max_age", "+1"), Refusal::MaxAge),
        (
            ("claims", "{"),
            Refusal::Claims(crate::protocol::claims_request::NotAClaimsRequest::NotAnObject),
        ),
        (("nonce", long_nonce.as_str()), Refusal::TooLong("nonce")),
        (("scope", "twice"), Refusal::Repeated(Repeated("scope"))),
        (("state", "twice"), Refusal::Repeated(Repeated("state"))),
    ] {
        assert_eq!(refusal([change], &portal), expected, "{change:?}");
    }
}

#[test]
fn a_refusal_carries_state_and_mode_where_they_are_sound() {
    let portal = fixtures::portal();
    let refused = read(
        &query([("response_mode", "form_post"), ("max_age", "x")]),
        &portal,
    )
    .unwrap_err();
    assert_eq!(refused.return_to.response_mode, ResponseMode::FormPost);
    assert_eq!(refused.return_to.state.as_deref(), Some("st"));
    let refused = read(&query([("state", "twice")]), &portal).unwrap_err();
    assert_eq!(refused.return_to.state, None);
}

#[test]
fn pkce_is_waived_for_a_confidential_client_that_sends_a_nonce() {
    let without = [("code_challenge", ""), ("code_challenge_method", "")];
    let with_nonce = without.into_iter().chain([("nonce", "n")]);
    let portal = fixtures::portal();
    assert_eq!(refusal(without, &portal), Refusal::ChallengeMissing);
    let waived = Registration {
        require_pkce: false,
        ..fixtures::portal()
    };
    assert_eq!(refusal(without, &waived), Refusal::NonceMissing);
    assert!(read(&query(with_nonce.clone()), &waived).is_ok());
    let public = Registration {
        token_endpoint_auth_method: domain::client::ClientAuthMethod::None,
        ..waived
    };
    assert_eq!(refusal(with_nonce, &public), Refusal::ChallengeMissing);
}

#[test]
fn what_can_only_be_wished_never_errs() {
    let long = "x".repeat(5000);
    let parameters = query([
        ("ui_locales", "xx fr-FR"),
        ("acr_values", "1 2"),
        ("login_hint", long.as_str()),
        ("display", "popup"),
        ("claims_locales", "se"),
        ("extra", "foobar"),
        ("scope", "openid nonsense directory:read"),
    ]);
    let request = read(&parameters, &fixtures::portal()).unwrap();
    assert_eq!(request.ui_locales, ["xx", "fr-FR"]);
    assert_eq!(request.acr_values, ["1", "2"]);
    assert_eq!(request.login_hint, None);
    assert_eq!(request.scope.to_string(), "openid");
}

#[test]
fn long_states_and_nonces_pass_unchanged() {
    let (state, nonce) = ("s".repeat(MAX_STATE_BYTES), "n".repeat(MAX_NONCE_BYTES));
    let parameters = query([("state", state.as_str()), ("nonce", nonce.as_str())]);
    let request = read(&parameters, &fixtures::portal()).unwrap();
    assert_eq!(request.return_to.state, Some(state));
    assert_eq!(request.nonce, Some(nonce));
}

#[test]
fn a_client_that_may_not_ask_people_is_told_so() {
    let credentials = Registration {
        grant_types: [GrantType::ClientCredentials].into(),
        ..fixtures::portal()
    };
    assert_eq!(refusal([], &credentials), Refusal::GrantNotAllowed);
}

#[test]
fn a_request_survives_waiting() {
    let parameters = query([
        ("prompt", "login consent"),
        ("max_age", "60"),
        ("claims", r#"{"userinfo": {"name": {"essential": true}}}"#),
    ]);
    let request = read(&parameters, &fixtures::portal()).unwrap();
    assert_eq!(request.claims_scope.to_string(), "profile");
    let kept = serde_json::to_string(&request).unwrap();
    let back: AuthorizationRequest = serde_json::from_str(&kept).unwrap();
    assert_eq!(back, request);
}

#[test]
fn the_age_of_the_registration_stands_in() {
    let portal = Registration {
        default_max_age: Some(30),
        ..fixtures::portal()
    };
    assert_eq!(read(&query([]), &portal).unwrap().max_age, Some(30));
    let asked = read(&query([("max_age", "5")]), &portal).unwrap();
    assert_eq!(asked.max_age, Some(5));
}

const NAMES: [&str; 14] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "nonce",
    "prompt",
    "max_age",
    "claims",
    "code_challenge",
    "code_challenge_method",
    "response_mode",
    "id_token_hint",
    "ui_locales",
];

proptest! {
    #[test]
    fn whatever_is_sent_goes_to_a_registered_address_or_nowhere(
        changes in proptest::collection::vec((proptest::sample::select(&NAMES[..]), "\\PC{0,30}"), 0..6)
    ) {
        let portal = fixtures::portal();
        let parameters = query(changes.iter().map(|(name, value)| (*name, value.as_str())));
        if let Ok(addressed) = Addressed::read(&parameters)
            && let Ok(proven) = addressed.prove(Some(&portal))
        {
            let answer = proven.request(&parameters, &Namespace::default(), fixtures::now());
            let to = answer.map_or_else(|refused| refused.return_to, |request| request.return_to);
            prop_assert_eq!(to.redirect_uri(), "https://rp.example/cb");
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(raw in proptest::collection::vec(any::<u8>(), 0..256)) {
        if let Ok(parameters) = Parameters::parse(&raw) {
            let _ = Addressed::read(&parameters);
        }
    }
}
