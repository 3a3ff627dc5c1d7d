//! The authorization endpoint: what a request must be.

use tests::{Answer, Person, Request, Service};

/// The error that a request is answered with at its redirect URI, by somebody unknown.
async fn refusal(service: &Service, request: &Request) -> String {
    let answer = service.browser().open(&request.url()).await;
    let callback = request.callback(&answer);
    assert_eq!(callback.parameters["iss"], service.door.issuer());
    assert_eq!(
        callback.parameters.get("state").map_or("", String::as_str),
        request.value("state")
    );
    assert!(!callback.parameters.contains_key("code"));
    let known = ["error", "error_description", "state", "iss"];
    assert!(
        callback
            .parameters
            .keys()
            .all(|name| known.contains(&name.as_str()))
    );
    callback.error().to_owned()
}

pub(crate) async fn page(service: &Service, request: &Request) -> Answer {
    service.browser().open(&request.url()).await
}

#[tokio::test]
async fn an_answer_repeats_the_state_and_names_the_issuer() {
    let service = Service::start().await;
    let state = "é & = + %20 \" < ".repeat(8);
    let request = service.portal().request().with("state", &state);
    let callback = service.visitor(Person::CLAIRE).follows(&request).await;
    assert_eq!(callback.parameters["state"], state);
    assert_eq!(callback.parameters["iss"], service.door.issuer());
    assert_eq!(callback.parameters.len(), 3);
    let nonce = service.portal().tokens(&callback).await.id_claims()["nonce"].clone();
    assert_eq!(nonce, callback.nonce);
}

#[tokio::test]
async fn a_request_without_state_is_answered_without() {
    let service = Service::start().await;
    let request = service.portal().request().without("state");
    let callback = service.visitor(Person::CLAIRE).follows(&request).await;
    assert!(!callback.parameters.contains_key("state"));
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_told_to_its_client() {
    let service = Service::start().await;
    let sound = || service.portal().request();
    let long = "x".repeat(5000);
    let table = [
        (sound().without("response_type"), "invalid_request"),
        (
            sound().with("response_type", "token"),
            "unsupported_response_type",
        ),
        (
            sound().with("response_type", "id_token"),
            "unsupported_response_type",
        ),
        (
            sound().with("response_type", "code id_token"),
            "unsupported_response_type",
        ),
        (sound().with("response_mode", "fragment"), "invalid_request"),
        (
            sound().with("response_mode", "query.jwt"),
            "invalid_request",
        ),
        (sound().without("scope"), "invalid_scope"),
        (sound().with("scope", "profile"), "invalid_scope"),
        (sound().with("scope", "openid address"), "invalid_scope"),
        (sound().with("scope", "openid \"x\""), "invalid_scope"),
        (sound().without_pkce(), "invalid_request"),
        (
            sound().with("code_challenge_method", "plain"),
            "invalid_request",
        ),
        (sound().without("code_challenge_method"), "invalid_request"),
        (sound().without("code_challenge"), "invalid_request"),
        (sound().with("code_challenge", "short"), "invalid_request"),
        (sound().with("prompt", "none login"), "invalid_request"),
        (sound().with("prompt", "surprise"), "invalid_request"),
        (sound().with("max_age", "soon"), "invalid_request"),
        (sound().with("max_age", "-1"), "invalid_request"),
        (sound().with("claims", "{"), "invalid_request"),
        (sound().with("claims", "[]"), "invalid_request"),
        (sound().with("nonce", &long), "invalid_request"),
        (sound().with("request", "e30.e30."), "request_not_supported"),
        (
            sound().with("request_uri", "https://portal.example/r"),
            "request_uri_not_supported",
        ),
        (
            sound().with("registration", "{}"),
            "registration_not_supported",
        ),
        (sound().with("prompt", "none"), "login_required"),
    ];
    for (request, error) in table {
        assert_eq!(
            refusal(&service, &request).await,
            error,
            "{}",
            request.url()
        );
    }
}

#[tokio::test]
async fn each_parameter_stands_there_once() {
    let service = Service::start().await;
    let repeated = [
        "response_type",
        "response_mode",
        "scope",
        "nonce",
        "prompt",
        "max_age",
        "claims",
        "login_hint",
        "id_token_hint",
        "acr_values",
        "ui_locales",
        "display",
        "code_challenge",
        "code_challenge_method",
        "request",
        "request_uri",
    ];
    for name in repeated {
        let request = service.portal().request();
        let value = if name == "response_mode" {
            "query"
        } else {
            request.value(name)
        }
        .to_owned();
        let request = request.and(name, &value).and(name, &value);
        assert_eq!(
            refusal(&service, &request).await,
            "invalid_request",
            "{name}"
        );
    }
    let request = service.portal().request().and("state", "other");
    let answer = service.browser().open(&request.url()).await;
    let callback = request.callback(&answer);
    assert_eq!(callback.error(), "invalid_request");
    assert!(!callback.parameters.contains_key("state"));
}

#[tokio::test]
async fn what_nobody_knows_is_passed_over() {
    let service = Service::start().await;
    let request = service.portal().request();
    let request = request
        .and("extra", "foobar")
        .and("extra", "again")
        .with("scope", "openid profile whatever:read")
        .with("display", "page")
        .with("claims_locales", "se")
        .with("ui_locales", "se x-klingon")
        .with("acr_values", "1 2")
        .with("login_hint", "buffy@compte.example");
    let callback = service.visitor(Person::CLAIRE).follows(&request).await;
    let tokens = service.portal().tokens(&callback).await;
    assert_eq!(tokens.answer.json()["scope"], "openid profile");
    assert_eq!(tokens.id_claims()["acr"], "urn:preau:acr:password");
}

#[tokio::test]
async fn a_client_without_pkce_sends_a_nonce() {
    let service = Service::start().await;
    let ancien = service.client("ancien");
    let bare = ancien.request().without_pkce();
    assert_eq!(
        refusal(&service, &bare.clone().without("nonce")).await,
        "invalid_request"
    );
    let callback = service.visitor(Person::CLAIRE).follows(&bare).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", callback.code()),
        ("redirect_uri", ancien.redirect_uri.as_str()),
    ];
    assert_eq!(ancien.token(&form).await.status, 200);
    let with_key = service
        .visitor(Person::CLAIRE)
        .follows(&ancien.request().without("nonce"))
        .await;
    let tokens = ancien.tokens(&with_key).await;
    assert!(tokens.id_claims().get("nonce").is_none());
}

#[tokio::test]
async fn an_answer_may_come_by_form() {
    let service = Service::start().await;
    let portal = service.portal();
    let mut claire = service.visitor(Person::CLAIRE);
    let state = "\"><script>alert(1)</script>";
    let request = portal
        .request()
        .with("response_mode", "form_post")
        .with("state", state);
    let answer = claire.browser.open(&request.url()).await;
    let answer = claire.goes_on(answer).await;
    assert_eq!(answer.status, 200);
    assert!(!answer.text().contains("<script>alert"));
    assert_eq!(answer.header("referrer-policy"), "strict-origin");
    let callback = request.callback(&answer);
    assert_eq!(callback.parameters["state"], state);
    assert_eq!(callback.parameters["iss"], service.door.issuer());
    assert_eq!(portal.redeem(&callback).await.status, 200);
    let request = portal
        .request()
        .with("response_mode", "form_post")
        .with("prompt", "none");
    let answer = service.browser().open(&request.url()).await;
    assert_eq!(request.callback(&answer).error(), "login_required");
}

#[tokio::test]
async fn a_request_may_be_posted() {
    let service = Service::start().await;
    let portal = service.portal();
    let mut claire = service.visitor(Person::CLAIRE);
    let request = portal.request();
    let answer = claire
        .browser
        .post(request.endpoint(), &request.parameters())
        .await;
    assert_eq!(answer.status, 303);
    let page = claire.browser.follow(answer).await;
    let answer = claire.goes_on(page).await;
    assert_eq!(portal.redeem(&request.callback(&answer)).await.status, 200);
    // The session's cookie does not come with a post from another site.
    let session = claire.browser.cookie("session").unwrap().to_owned();
    claire.browser.forget("session");
    let request = portal.request().with("prompt", "none");
    let answer = claire
        .browser
        .post(request.endpoint(), &request.parameters())
        .await;
    claire.browser.plant("session", &session);
    let answer = claire.browser.follow(answer).await;
    assert_eq!(request.callback(&answer).error(), "");
    let json = claire
        .browser
        .clone()
        .with_header("content-type", "application/json");
    assert_eq!(
        json.clone()
            .post(request.endpoint(), &request.parameters())
            .await
            .status,
        415
    );
    assert_eq!(
        claire.browser.post(request.endpoint(), &[]).await.status,
        400
    );
}

#[tokio::test]
async fn a_client_that_is_switched_off_midway_gets_nobody() {
    let service = Service::start().await;
    let portal = service.portal();
    let mut claire = service.visitor(Person::CLAIRE);
    let page = claire.browser.open(&portal.request().url()).await;
    service
        .change_client("portail", |client| client.enabled = false)
        .await;
    let door = service.door.clone();
    tests::service::eventually("the client is off", async || {
        door.get(&portal.request().url()).await.status == 400
    })
    .await;
    let answer = claire.types_password(&page).await;
    assert_eq!((answer.status, answer.location()), (403, None));
}

#[tokio::test]
async fn a_request_that_cannot_be_read_gets_a_page() {
    let service = Service::start().await;
    let door = &service.door;
    let base = service.portal().request().url();
    for raw in [
        "&state=%FF",
        "&state=%",
        "&state=%zz",
        "&x=%00",
        &"&a=b".repeat(200),
    ] {
        let answer = door.get(&format!("{base}{raw}")).await;
        assert_eq!((answer.status, answer.location()), (400, None), "{raw}");
    }
    let long = format!("{base}&x={}", "y".repeat(60_000));
    assert!([400, 414, 431].contains(&door.get(&long).await.status));
}
