//! What the authorization endpoint refuses, and how.

use axum::http::StatusCode;

use super::scene::{Answer, CALLBACK, Changes, ISSUER, OTHER_CALLBACK, OTHER_CLIENT, STATE, Scene};

/// An error page with that code: the browser does not go back to the service.
fn assert_page(answer: &Answer, code: &str) {
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
    assert!(answer.body.contains(code), "{code} in {}", answer.body);
    assert!(!answer.headers.contains_key("location"));
    assert!(!answer.body.contains(CALLBACK));
}

async fn assert_refused_by_page(code: &str, changes: Changes<'_>) {
    assert_page(&Scene::new().authorize(changes).await, code);
}

async fn assert_returned(changes: Changes<'_>, error: &str, description: &str) {
    let answer = Scene::new().authorize(changes).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert!(answer.location().as_str().starts_with(CALLBACK));
    let parameters = answer.parameters();
    assert_eq!(parameters["error"], error);
    assert_eq!(parameters["error_description"], description);
    assert_eq!(parameters["state"], STATE);
    assert_eq!(parameters["iss"], ISSUER);
    assert_eq!(parameters.len(), 4);
}

#[tokio::test]
async fn every_required_parameter_must_be_there() {
    for name in [
        "acr_values",
        "client_id",
        "nonce",
        "redirect_uri",
        "response_type",
        "scope",
        "state",
    ] {
        let answer = Scene::new().authorize(&[(name, None)]).await;
        assert_page(&answer, "Y030007");
        let detail = format!("{name} must be a string");
        assert!(answer.body.contains(&detail), "{}", answer.body);
    }
}

#[tokio::test]
async fn parameters_that_it_does_not_know_are_refused_even_when_empty() {
    for (name, value) in [
        (
            "code_challenge",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        ),
        ("code_challenge", ""),
        ("code_challenge_method", "S256"),
        ("login_hint", "claire"),
        ("max_age", "0"),
        ("display", "page"),
        ("response_mode", "query"),
        ("request", "x"),
        ("utm_source", "x"),
    ] {
        assert_refused_by_page("Y030007", &[(name, Some(value))]).await;
    }
}

#[tokio::test]
async fn values_of_another_shape_are_refused() {
    for (name, value) in [
        ("nonce", ""),
        ("nonce", "nonce_trop_court"),
        ("nonce", "123456789012345678901"),
        ("state", ""),
        ("state", "123456789012345678901"),
        ("client_id", ""),
        ("redirect_uri", ""),
        ("redirect_uri", "/retour"),
        ("claims", "{"),
        ("claims", "[]"),
        ("prompt", ""),
        ("prompt", "none"),
        ("prompt", "select_account"),
        ("prompt", "login none"),
    ] {
        assert_refused_by_page("Y030007", &[(name, Some(value))]).await;
    }
}

#[tokio::test]
async fn a_parameter_twice_is_refused() {
    let twice = [
        ("nonce", None),
        ("nonce", Some("n1")),
        ("nonce", Some("n2")),
    ];
    assert_refused_by_page("Y030007", &twice).await;
}

#[tokio::test]
async fn what_it_knows_leads_to_the_choice() {
    let long = "nonceatleastsixtyfourcharacterss@#&nonceatleastsixtyfourcharacterss";
    for (name, value) in [
        ("nonce", "1234567890123456789012"),
        ("nonce", long),
        ("state", "1234567890123456789012"),
        ("prompt", "login"),
        ("prompt", "consent login"),
        ("claims", "{}"),
        ("ui_locales", "fr"),
        ("idp_hint", "simulateur"),
        ("acr_values", "eidas1 eidas2"),
        ("acr_values", "inconnu"),
        ("scope", "openid"),
    ] {
        let scene = Scene::new();
        let page = scene.choice_page(&[(name, Some(value))]).await;
        let page = scene.get(&page).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("Claire MARTIN"), "{name}={value}");
    }
}

#[tokio::test]
async fn a_request_may_come_in_a_form() {
    let scene = Scene::new();
    let form = [
        ("client_id", OTHER_CLIENT),
        ("response_type", "code"),
        ("redirect_uri", OTHER_CALLBACK),
        ("scope", "openid given_name"),
        ("state", STATE),
        ("nonce", STATE),
        ("acr_values", "eidas1"),
    ];
    let answer = scene.post("/api/v2/authorize", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let answer = scene.post("/api/v2/authorize", &form[1..]).await;
    assert_page(&answer, "Y030007");
}

#[tokio::test]
async fn strangers_and_other_addresses_get_a_page() {
    assert_refused_by_page("Y04EA6EF", &[("client_id", Some("inconnu"))]).await;
    for uri in [
        "http://localhost:8080/franceconnect/callback/",
        "http://localhost:8080/franceconnect/callback?x=1",
        "http://localhost:8080/franceconnect/deconnexion",
        OTHER_CALLBACK,
    ] {
        assert_refused_by_page("Y04C013C", &[("redirect_uri", Some(uri))]).await;
    }
}

#[tokio::test]
async fn other_response_types_go_back_with_an_error() {
    let unsupported = "unsupported response_type requested";
    assert_returned(
        &[("response_type", Some("inconnu"))],
        "unsupported_response_type",
        unsupported,
    )
    .await;
    assert_returned(
        &[("response_type", Some(""))],
        "invalid_request",
        "missing required parameter 'response_type'",
    )
    .await;
    for response_type in ["id_token", "id_token token", "code token"] {
        let scene = Scene::new();
        let answer = scene
            .authorize(&[("response_type", Some(response_type))])
            .await;
        let location = answer.location();
        assert_eq!(location.query(), None, "{response_type}");
        let fragment = location.fragment().unwrap();
        assert!(
            fragment.starts_with("error=unsupported_response_type&"),
            "{fragment}"
        );
    }
}

#[tokio::test]
async fn scopes_must_hold_openid_and_be_granted() {
    let needed = "openid scope must be requested when using the acr_values parameter";
    assert_returned(&[("scope", Some(""))], "invalid_request", needed).await;
    assert_returned(&[("scope", Some("profile"))], "invalid_request", needed).await;
    for scope in ["openid idp_id", "openid dgfip_rfr", "openid address"] {
        assert_returned(
            &[("scope", Some(scope))],
            "invalid_scope",
            "requested scope is not allowed",
        )
        .await;
    }
}

#[tokio::test]
async fn the_lowest_known_level_counts() {
    for (asked, got) in [
        ("eidas2", "eidas2"),
        ("eidas3", "eidas3"),
        ("eidas3 eidas2", "eidas2"),
        ("inconnu eidas3", "eidas3"),
    ] {
        let description = format!(
            "acr_value is not valid, should be equal one of these values, \
             expected eidas1, got {got}"
        );
        assert_returned(&[("acr_values", Some(asked))], "invalid_acr", &description).await;
    }
}

#[tokio::test]
async fn an_identity_provider_that_is_not_allowed_goes_back() {
    assert_returned(
        &[("idp_hint", Some("autre"))],
        "invalid_idp_hint",
        "An idp_hint was provided but is not allowed",
    )
    .await;
}

#[tokio::test]
async fn only_who_may_ask_for_amr_does() {
    let scene = Scene::new();
    let claims = r#"{"id_token":{"amr":{"essential":true}}}"#;
    let other = [
        ("client_id", Some(OTHER_CLIENT)),
        ("redirect_uri", Some(OTHER_CALLBACK)),
        ("scope", Some("openid")),
        ("claims", Some(claims)),
    ];
    let answer = scene.authorize(&other).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.body.contains("Y100009"), "{}", answer.body);
    let preau = scene.authorize(&[("claims", Some(claims))]).await;
    assert_eq!(preau.status, StatusCode::SEE_OTHER);
}
