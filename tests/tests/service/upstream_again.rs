//! Signing in again through FranceConnect, and signing out of it.

use demo::france_connect::Behaviour;
use tests::{Answer, Person, Service, Visitor, france_connect::FranceConnect};
use url::Url;

const CLAIRE: &str = "claire-martin";

async fn claire(service: &Service, fc: &FranceConnect) -> (Visitor, Answer) {
    let mut claire = service.visitor(Person::CLAIRE);
    let request = service.portal().request();
    let answer = claire.identifies_as(fc, &request, CLAIRE).await;
    (claire, answer)
}

fn parameter(url: &str, name: &str) -> String {
    let url = Url::parse(url).unwrap();
    let mut pairs = url.query_pairs();
    let found = pairs.find(|(key, _)| key == name);
    found
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// A relying party that asks again whoever has no password (`prompt=login`, `max_age`) is
/// answered through FranceConnect alone; another person still says so.
#[tokio::test]
async fn whoever_has_no_password_signs_in_again_through_france_connect_alone() {
    let (service, fc) = FranceConnect::with_service().await;
    let portal = service.portal();
    let mut francois = service.visitor(Person::NOBODY);
    let request = portal.request();
    let answer = francois
        .identifies_as(&fc, &request, "francois-petit")
        .await;
    let first = portal.tokens(&request.callback(&answer)).await;
    service.advance_seconds(30);
    let is_alone = |page: &Answer| {
        let text = page.text();
        text.contains("S’identifier avec FranceConnect") && !text.contains("name=\"mot-de-passe\"")
    };
    for (name, value) in [("prompt", "login"), ("max_age", "10")] {
        let request = portal.request().with(name, value);
        let page = francois.browser.open(&request.url()).await;
        assert!(is_alone(&page), "{name}: {}", page.summary());
        assert!(page.text().contains("f.petit10"));
        let answer = francois
            .identifies_as(&fc, &request, "francois-petit")
            .await;
        let again = portal.tokens(&request.callback(&answer)).await;
        let time = |tokens: &tests::Tokens| tokens.id_claims()["auth_time"].as_i64().unwrap();
        assert!(time(&again) > time(&first), "{name}");
        service.advance_seconds(30);
    }
    // Somebody else, or whoever is named, has all the ways.
    for (name, value) in [("prompt", "select_account"), ("prompt", "login")] {
        let request = portal
            .request()
            .with(name, value)
            .with("login_hint", "c.martin1");
        let page = francois.browser.open(&request.url()).await;
        assert!(page.is_sign_in() && !is_alone(&page), "{value}");
    }
    let page = francois
        .browser
        .open(&portal.request().with("prompt", "login").url())
        .await;
    let page = francois.browser.submit(&page.form("/autre-compte")).await;
    assert!(page.is_sign_in() && !is_alone(&page), "{}", page.summary());
    // Whoever has a password is asked for it.
    let mut claire = service.visitor(Person::CLAIRE);
    claire.signs_in_at(&portal).await;
    let page = claire
        .browser
        .open(&portal.request().with("prompt", "login").url())
        .await;
    assert!(page.is_sign_in() && !is_alone(&page));
}

#[tokio::test]
async fn a_sign_out_goes_on_at_france_connect_and_comes_back_once() {
    let (service, fc) = FranceConnect::with_service().await;
    let client = service.client("complet");
    let request = client.asks_for("openid");
    let mut claire = service.visitor(Person::CLAIRE);
    let answer = claire.identifies_as(&fc, &request, CLAIRE).await;
    let tokens = client.tokens(&request.callback(&answer)).await;
    let query = tests::door::encode(&[
        ("id_token_hint", tokens.id.as_str()),
        ("post_logout_redirect_uri", "https://complet.example/adieu"),
        ("state", "la-suite"),
    ]);
    let sent = claire.browser.get(&format!("/oauth2/logout?{query}")).await;
    let url = sent.location().unwrap().to_string();
    assert!(url.contains("/api/v2/session/end?id_token_hint="), "{url}");
    // Our own session has ended before, whatever happens there.
    assert!(claire.browser.cookie("session").is_none());
    assert!(client.userinfo(&tokens.access).await.status >= 400);
    let mut there = fc.browser();
    let back = fc.answers(&mut there, &url, CLAIRE).await;
    assert!(
        back.starts_with("https://compte.example/franceconnect/deconnexion?state="),
        "{back}"
    );
    for unknown in [
        "",
        "?state=undefined",
        &format!("?state={}", "0".repeat(64)),
    ] {
        let page = claire
            .browser
            .get(&format!("/franceconnect/deconnexion{unknown}"))
            .await;
        assert_eq!((page.status, page.location()), (200, None), "{unknown}");
    }
    // In another browser it leads nowhere, and is not spoilt for this one.
    let mut mallory = service.visitor(Person::NOBODY);
    mallory.browser.open("/compte").await;
    for other in [&mut mallory.browser, &mut service.browser()] {
        let page = other.get(&back).await;
        assert_eq!((page.status, page.location()), (200, None));
    }
    let answer = claire.browser.get(&back).await;
    let on = answer.location().map(String::from);
    assert_eq!(
        on.as_deref(),
        Some("https://complet.example/adieu?state=la-suite")
    );
    let again = claire.browser.get(&back).await;
    assert_eq!((again.status, again.location()), (200, None));
}

#[tokio::test]
async fn leaving_by_our_own_button_leaves_france_connect_too() {
    let (service, fc) = FranceConnect::with_service().await;
    let (mut claire, _) = claire(&service, &fc).await;
    let page = claire.browser.open("/deconnexion").await;
    let sent = claire.browser.submit_only(&page.form("/deconnexion")).await;
    let url = sent.location().unwrap().to_string();
    assert!(url.contains("/session/end?"), "{url}");
    // The ID token was kept sealed.
    let kept = "select value as value from ephemeral";
    for value in tests::service::texts(service.database.reader(), kept, "value").await {
        assert!(!value.contains(&parameter(&url, "id_token_hint")));
    }
    let back = fc.answers(&mut fc.browser(), &url, CLAIRE).await;
    let page = claire.browser.open(&back).await;
    assert_eq!((page.status, page.location()), (200, None));
}

/// Our session ends first, whatever becomes of the sign-out there.
#[tokio::test]
async fn a_sign_out_that_fails_there_has_ended_our_session() {
    let (service, fc) = FranceConnect::with_service().await;
    let (mut claire, _) = claire(&service, &fc).await;
    for behaviour in [Behaviour::SignOutFails, Behaviour::Down] {
        fc.behaves(behaviour).await;
        let page = claire.browser.open("/deconnexion").await;
        let left = claire.browser.submit_only(&page.form("/deconnexion")).await;
        assert!(claire.browser.cookie("session").is_none(), "{behaviour:?}");
        let there = left.location().unwrap();
        if there.path().ends_with("/session/end") {
            let failed = fc.browser().open(there.as_str()).await;
            assert!(failed.status >= 400, "{behaviour:?}: {}", failed.summary());
        }
        let home = claire.browser.open("/compte").await;
        assert!(home.is_sign_in(), "{behaviour:?}: {}", home.summary());
        fc.behaves(Behaviour::Normal).await;
        let page = claire.browser.open("/compte").await;
        let sent = claire.chooses_france_connect(&page).await;
        let there = sent.location().unwrap();
        let back = fc.answers(&mut fc.browser(), there.as_str(), CLAIRE).await;
        claire.browser.open(&back).await;
    }
}
