//! What a request may wish for: whom, how fresh, by which claims, in which language.

use serde_json::json;
use tests::{Person, Service, Visitor};

use crate::authorize::page;

async fn signed_in(service: &Service, person: Person) -> Visitor {
    let mut visitor = service.visitor(person);
    visitor.signs_in_at(&service.portal()).await;
    service.advance_seconds(5);
    visitor
}

#[tokio::test]
async fn who_is_signed_in_is_not_asked_again() {
    let service = Service::start().await;
    let mut claire = signed_in(&service, Person::CLAIRE).await;
    let first = service.client("ent").request();
    let answer = claire.browser.open(&first.url()).await;
    let tokens = service.client("ent").tokens(&first.callback(&answer)).await;
    let silent = service.portal().request().with("prompt", "none");
    let answer = claire.browser.open(&silent.url()).await;
    let again = service.portal().tokens(&silent.callback(&answer)).await;
    assert_eq!(
        tokens.id_claims()["auth_time"],
        again.id_claims()["auth_time"]
    );
    assert_eq!(tokens.id_claims()["sid"], again.id_claims()["sid"]);
}

#[tokio::test]
async fn prompt_login_asks_again_and_renews_the_time_of_authentication() {
    let service = Service::start().await;
    let mut claire = signed_in(&service, Person::CLAIRE).await;
    for prompt in ["login", "select_account", "login consent"] {
        let request = service.portal().asks_for("openid").with("prompt", prompt);
        let begun = service.clock_seconds();
        service.advance_seconds(2);
        let answer = claire.browser.open(&request.url()).await;
        assert!(answer.is_sign_in(), "{}", answer.summary());
        let answer = claire.goes_on(answer).await;
        let tokens = service.portal().tokens(&request.callback(&answer)).await;
        assert!(
            tokens.id_claims()["auth_time"].as_i64().unwrap() > begun,
            "{prompt}"
        );
    }
}

#[tokio::test]
async fn max_age_asks_again_only_when_the_sign_in_is_too_old() {
    let service = Service::start().await;
    let mut claire = signed_in(&service, Person::CLAIRE).await;
    let young = service.portal().asks_for("openid").with("max_age", "10000");
    let answer = claire.browser.open(&young.url()).await;
    let first = service
        .portal()
        .tokens(&young.callback(&answer))
        .await
        .id_claims();
    service.advance_seconds(2);
    for max_age in ["1", "0"] {
        let old = service.portal().asks_for("openid").with("max_age", max_age);
        let answer = claire.browser.open(&old.url()).await;
        assert!(answer.is_sign_in());
        let answer = claire.goes_on(answer).await;
        let second = service
            .portal()
            .tokens(&old.callback(&answer))
            .await
            .id_claims();
        assert!(second["auth_time"].as_i64() > first["auth_time"].as_i64());
        service.advance_seconds(2);
    }
    let silent = service
        .portal()
        .request()
        .with("max_age", "1")
        .with("prompt", "none");
    let answer = claire.browser.open(&silent.url()).await;
    assert_eq!(silent.callback(&answer).error(), "login_required");
}

#[tokio::test]
async fn a_hint_names_who_must_be_signed_in() {
    let service = Service::start().await;
    let portal = service.portal();
    let mut claire = service.visitor(Person::CLAIRE);
    let own = claire.signs_in_at(&portal).await.id;
    let leo = service.visitor(Person::LEO).signs_in_at(&portal).await.id;
    let silent = portal.request().with("prompt", "none");
    let ask = async |visitor: &mut Visitor, hint: &str| {
        let request = silent.clone().with("id_token_hint", hint);
        let answer = visitor.browser.open(&request.url()).await;
        request.callback(&answer).error().to_owned()
    };
    service.advance_seconds(3600 / 3);
    assert_eq!(
        ask(&mut claire, &own).await,
        "",
        "an ended token is a hint all the same"
    );
    assert_eq!(ask(&mut claire, &leo).await, "login_required");
    let elsewhere = claire.signs_in_at(&service.client("ent")).await.id;
    for unsound in [
        elsewhere.as_str(),
        "nonsense",
        &format!("{own}x"),
        &own.replace('.', ""),
    ] {
        assert_eq!(
            ask(&mut claire, unsound).await,
            "login_required",
            "{unsound}"
        );
    }
    let request = portal.request().with("id_token_hint", &leo);
    let answer = claire.browser.open(&request.url()).await;
    assert!(answer.is_sign_in());
    let answer = claire.types_password(&answer).await;
    assert_eq!(
        request.callback(&answer).error(),
        "login_required",
        "Claire is not Léo"
    );
}

#[tokio::test]
async fn a_login_hint_is_filled_in_and_believed_nowhere_else() {
    let service = Service::start().await;
    let request = service.portal().request();
    let answer = page(&service, &request.clone().with("login_hint", "c.martin1")).await;
    assert_eq!(answer.form("").value("identifiant"), Some("c.martin1"));
    for hint in ["\"><script>alert(1)</script>", "a b", &"x".repeat(5000)] {
        let answer = page(&service, &request.clone().with("login_hint", hint)).await;
        assert!(answer.is_sign_in());
        assert!(!answer.text().contains("<script>alert"));
    }
    let mut claire = signed_in(&service, Person::CLAIRE).await;
    let request = service.portal().request().with("login_hint", "n.dubois5");
    let answer = claire.browser.open(&request.url()).await;
    assert_eq!(request.callback(&answer).error(), "");
}

#[tokio::test]
async fn the_page_speaks_the_language_that_was_asked_for() {
    let service = Service::start().await;
    let request = service.portal().request();
    let english = page(&service, &request.clone().with("ui_locales", "en-GB fr")).await;
    assert!(english.text().contains("<html lang=\"en\""));
    let french = page(&service, &request.clone().with("ui_locales", "de fr-FR")).await;
    assert!(french.text().contains("<html lang=\"fr\""));
    assert!(
        page(&service, &request)
            .await
            .text()
            .contains("<html lang=\"fr\"")
    );
    let mut browser = service
        .browser()
        .with_header("accept-language", "en-US,en;q=0.9");
    assert!(
        browser
            .open(&request.url())
            .await
            .text()
            .contains("<html lang=\"en\"")
    );
}

#[tokio::test]
async fn acr_is_answered_as_asked_where_it_is_reached() {
    let service = Service::start().await;
    let mut claire = signed_in(&service, Person::CLAIRE).await;
    let essential = |value: &str| {
        let claims = json!({"id_token": {"acr": {"essential": true, "value": value}}});
        service
            .portal()
            .request()
            .with("claims", &claims.to_string())
    };
    let request = essential("urn:preau:acr:password");
    let answer = claire.browser.open(&request.url()).await;
    let tokens = service.portal().tokens(&request.callback(&answer)).await;
    assert_eq!(tokens.id_claims()["acr"], "urn:preau:acr:password");
    assert_eq!(tokens.id_claims()["amr"], json!(["pwd"]));
    let request = essential("eidas3");
    let answer = claire.browser.open(&request.url()).await;
    assert_eq!(
        request.callback(&answer).error(),
        "unmet_authentication_requirements"
    );
}

#[tokio::test]
async fn the_claims_parameter_asks_by_name() {
    let service = Service::start().await;
    let portal = service.portal();
    let claims = json!({
        "userinfo": {"name": {"essential": true}, "email": null, "address": null},
        "id_token": {"family_name": null},
    });
    let request = portal
        .asks_for("openid")
        .with("claims", &claims.to_string());
    let callback = service.visitor(Person::CLAIRE).follows(&request).await;
    let tokens = portal.tokens(&callback).await;
    assert_eq!(tokens.id_claims()["family_name"], "MARTIN");
    assert!(tokens.id_claims().get("name").is_none());
    let userinfo = portal.userinfo(&tokens.access).await.json();
    assert_eq!(userinfo["name"], "Claire MARTIN");
    assert_eq!(userinfo["email"], "claire.martin@example.org");
    for absent in ["family_name", "address", "children", "phone_number"] {
        assert!(userinfo.get(absent).is_none(), "{absent}");
    }
}

#[tokio::test]
async fn a_claims_parameter_gives_nothing_beyond_the_registration() {
    let service = Service::start().await;
    let parents = service.client("parents");
    let claims = json!({
        "userinfo": {"children": null, "email": null, "phone_number": null, "name": null},
        "id_token": {"children": null},
    });
    let request = parents
        .asks_for("openid")
        .with("claims", &claims.to_string());
    let callback = service.visitor(Person::CLAIRE).follows(&request).await;
    let tokens = parents.tokens(&callback).await;
    assert!(tokens.id_claims().get("children").is_none());
    let userinfo = parents.userinfo(&tokens.access).await.json();
    assert_eq!(userinfo["name"], "Claire MARTIN");
    for absent in ["children", "email", "phone_number"] {
        assert!(userinfo.get(absent).is_none(), "{absent}");
    }
}

#[tokio::test]
async fn the_sub_claim_names_who_must_sign_in() {
    let service = Service::start().await;
    let portal = service.portal();
    let mut claire = service.visitor(Person::CLAIRE);
    let sub = claire.signs_in_at(&portal).await.id_claims()["sub"].clone();
    let ask = |sub: &serde_json::Value| {
        let claims = json!({"id_token": {"sub": {"value": sub}}}).to_string();
        portal
            .request()
            .with("claims", &claims)
            .with("prompt", "none")
    };
    let request = ask(&sub);
    let answer = claire.browser.open(&request.url()).await;
    assert_eq!(request.callback(&answer).error(), "");
    let request = ask(&json!("another"));
    let answer = claire.browser.open(&request.url()).await;
    assert_eq!(request.callback(&answer).error(), "login_required");
}
