//! RP-initiated logout, and leaving by our own button.

use tests::{Answer, Person, RelyingParty, Service, Tokens, Visitor, door::encode};

const ADIEU: &str = "https://complet.example/adieu";

async fn signed_in(service: &Service) -> (Visitor, RelyingParty, Tokens) {
    let client = service.client("complet");
    let mut claire = service.visitor(Person::CLAIRE);
    let tokens = claire.signs_in_at(&client).await;
    (claire, client, tokens)
}

async fn logout(visitor: &mut Visitor, parameters: &[(&str, &str)]) -> Answer {
    let query = encode(parameters);
    visitor
        .browser
        .get(&format!("/oauth2/logout?{query}"))
        .await
}

async fn is_signed_in(visitor: &mut Visitor, client: &RelyingParty) -> bool {
    let request = client.asks_for("openid").with("prompt", "none");
    let answer = visitor.browser.open(&request.url()).await;
    request.callback(&answer).error().is_empty()
}

/// What came of a logout: where it led, and whether the person is signed in still.
async fn outcome(service: &Service, parameters: &[(&str, &str)]) -> (u16, Option<String>, bool) {
    let (mut claire, client, tokens) = signed_in(service).await;
    let filled: Vec<_> = parameters
        .iter()
        .map(|(name, value)| {
            (
                *name,
                if *value == "HINT" {
                    tokens.id.as_str()
                } else {
                    *value
                },
            )
        })
        .collect();
    let answer = logout(&mut claire, &filled).await;
    let location = answer.location().map(String::from);
    (
        answer.status,
        location,
        is_signed_in(&mut claire, &client).await,
    )
}

#[tokio::test]
async fn a_proven_logout_leads_back_with_the_state_alone() {
    let service = Service::start().await;
    let state = "x".repeat(128);
    let uri = ("post_logout_redirect_uri", ADIEU);
    let hint = ("id_token_hint", "HINT");
    let query = (
        "post_logout_redirect_uri",
        "https://complet.example/adieu?a=b",
    );
    let back = |query: String| (303, Some(format!("{ADIEU}{query}")), false);
    let with_state = [hint, uri, ("state", state.as_str())];
    assert_eq!(
        outcome(&service, &with_state).await,
        back(format!("?state={state}"))
    );
    assert_eq!(outcome(&service, &[hint, uri]).await, back(String::new()));
    let named = [hint, uri, ("client_id", "complet"), ("ui_locales", "en")];
    assert_eq!(outcome(&service, &named).await, back(String::new()));
    let own_query = [hint, query, ("state", "s")];
    assert_eq!(
        outcome(&service, &own_query).await,
        back("?a=b&state=s".to_owned())
    );
    assert_eq!(outcome(&service, &[hint]).await, (200, None, false));
}

#[tokio::test]
async fn what_is_not_proven_is_asked_and_leads_nowhere() {
    let service = Service::start().await;
    let uri = ("post_logout_redirect_uri", ADIEU);
    let hint = ("id_token_hint", "HINT");
    let unsound: [&[(&str, &str)]; 13] = [
        &[],
        &[("state", "s")],
        &[uri],
        &[uri, ("client_id", "complet")],
        &[("id_token_hint", "nonsense"), uri],
        &[("id_token_hint", "eyJhbGciOiJub25lIn0.e30."), uri],
        &[
            hint,
            (
                "post_logout_redirect_uri",
                "https://complet.example/adieu?x=y",
            ),
        ],
        &[
            hint,
            ("post_logout_redirect_uri", "https://complet.example/adieu/"),
        ],
        &[
            hint,
            ("post_logout_redirect_uri", "https://complet.example/cb"),
        ],
        &[hint, ("post_logout_redirect_uri", "https://evil.example/")],
        &[hint, ("post_logout_redirect_uri", "//evil.example")],
        &[hint, ("post_logout_redirect_uri", "javascript:alert(1)")],
        &[hint, uri, ("client_id", "portail")],
    ];
    for parameters in unsound {
        assert_eq!(
            outcome(&service, parameters).await,
            (200, None, true),
            "{parameters:?}"
        );
    }
    let twice = outcome(&service, &[hint, hint]).await;
    assert_eq!(twice, (400, None, true));
}

#[tokio::test]
async fn a_changed_hint_is_none_and_another_s_hint_ends_nobody() {
    let service = Service::start().await;
    let (mut claire, client, tokens) = signed_in(&service).await;
    let changed = tokens.id.replace('.', ".x");
    let uri = ("post_logout_redirect_uri", ADIEU);
    for hint in [
        changed.as_str(),
        tokens.access.as_str(),
        tokens.refresh.as_str(),
    ] {
        let answer = logout(&mut claire, &[("id_token_hint", hint), uri]).await;
        assert_eq!((answer.status, answer.location()), (200, None));
    }
    let nadia = service.visitor(Person::NADIA).signs_in_at(&client).await.id;
    let answer = logout(&mut claire, &[("id_token_hint", &nadia), uri]).await;
    assert_eq!((answer.status, answer.location()), (200, None));
    assert!(is_signed_in(&mut claire, &client).await);
}

#[tokio::test]
async fn an_old_hint_still_proves_and_who_is_signed_out_is_led_back() {
    let service = Service::start().await;
    let (mut claire, _, tokens) = signed_in(&service).await;
    service.advance_seconds(1200);
    let request = [
        ("id_token_hint", tokens.id.as_str()),
        ("post_logout_redirect_uri", ADIEU),
    ];
    for _ in 0..2 {
        let answer = logout(&mut claire, &request).await;
        assert_eq!(answer.location().map(String::from), Some(ADIEU.to_owned()));
    }
    let bare = logout(&mut claire, &[]).await;
    assert_eq!((bare.status, bare.location()), (200, None));
}

#[tokio::test]
async fn who_confirms_is_signed_out_and_stays_here() {
    let service = Service::start().await;
    let (mut claire, client, _) = signed_in(&service).await;
    let asked = logout(&mut claire, &[("post_logout_redirect_uri", ADIEU)]).await;
    assert!(asked.text().contains("Se déconnecter"));
    let form = asked.form("/deconnexion");
    let mut foreign = claire
        .browser
        .clone()
        .with_header("origin", "https://evil.example");
    assert_eq!(foreign.submit_only(&form).await.status, 403);
    assert_eq!(
        claire
            .browser
            .submit_only(&form.clone().without("csrf"))
            .await
            .status,
        403
    );
    assert!(is_signed_in(&mut claire, &client).await);
    let done = claire.browser.submit(&form).await;
    assert_eq!((done.status, done.location()), (200, None));
    assert!(!is_signed_in(&mut claire, &client).await);
    assert!(claire.browser.cookie("session").is_none());
}

#[tokio::test]
async fn a_logout_may_be_posted() {
    let service = Service::start().await;
    let (mut claire, client, tokens) = signed_in(&service).await;
    let form = [
        ("id_token_hint", tokens.id.as_str()),
        ("post_logout_redirect_uri", ADIEU),
        ("state", "é&"),
    ];
    let answer = claire.browser.post("/oauth2/logout", &form).await;
    assert_eq!(answer.status, 303);
    let answer = claire.browser.follow(answer).await;
    assert_eq!(
        answer.location().map(String::from),
        Some(format!("{ADIEU}?state=%C3%A9%26"))
    );
    assert!(!is_signed_in(&mut claire, &client).await);
}

#[tokio::test]
async fn a_logout_ends_the_session_s_tokens_but_not_offline_ones() {
    let service = Service::start().await;
    let (mut claire, client, offline) = signed_in(&service).await;
    let bound = client
        .tokens(&claire.follows(&client.asks_for("openid profile")).await)
        .await;
    let elsewhere = claire
        .follows(&service.client("ent").asks_for("openid"))
        .await;
    let elsewhere = service.client("ent").tokens(&elsewhere).await;
    let waiting = claire.follows(&client.asks_for("openid")).await;
    logout(&mut claire, &[("id_token_hint", &offline.id)]).await;
    assert_eq!(client.userinfo(&bound.access).await.status, 401);
    assert_eq!(
        service
            .client("ent")
            .userinfo(&elsewhere.access)
            .await
            .status,
        401
    );
    assert_eq!(
        client.redeem(&waiting).await.error(),
        (400, "invalid_grant".to_owned())
    );
    assert_eq!(client.userinfo(&offline.access).await.status, 200);
    assert_eq!(client.refresh(&offline.refresh).await.status, 200);
}
