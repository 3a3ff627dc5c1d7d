//! « Se connecter avec une clé d'accès ».

use serde_json::json;
use tests::{Device, Person, Service, device::asks};

use super::{MFA, assert_refused, at_sign_in, by_passkey, has_session, with_passkey};

#[tokio::test]
async fn a_passkey_alone_is_two_factors_and_tokens_say_so() {
    let service = Service::start().await;
    let (_, mut device) = with_passkey(&service, Person::LEO).await;
    let portal = service.portal();
    let request = portal.request();
    let mut browser = service.browser();
    let page = browser.open(&request.url()).await;
    let before = service.clock_seconds();
    let back = device.opens(&mut browser, &page.form("/cle-d-acces")).await;
    let tokens = portal.tokens(&request.callback(&back)).await;
    let claims = tokens.id_claims();
    assert_eq!(claims["acr"], MFA);
    assert_eq!(claims["amr"], json!(["pop", "user", "mfa"]));
    assert!(claims["auth_time"].as_i64().unwrap() >= before);
    // And again, in the same browser.
    service.advance_seconds(60);
    let again = portal.request().with("prompt", "login");
    let page = browser.open(&again.url()).await;
    assert!(page.is_sign_in(), "{}", page.summary());
    let back = device.opens(&mut browser, &page.form("/cle-d-acces")).await;
    let later = portal.tokens(&again.callback(&back)).await.id_claims();
    assert!(later["auth_time"].as_i64() > claims["auth_time"].as_i64());
}

#[tokio::test]
async fn a_device_that_does_not_count_signs_in_as_often_as_it_likes() {
    let service = Service::start().await;
    let mut visitor = service.at_account(Person::LEO).await;
    let mut device = Device {
        counts: false,
        ..Device::default()
    };
    super::adds(&mut visitor, &mut device, "Tablette").await;
    for _ in 0..3 {
        let (browser, answer) = by_passkey(&service, &mut device).await;
        assert!(has_session(&browser), "{}", answer.summary());
    }
}

#[tokio::test]
async fn max_age_and_hints_are_minded_as_with_a_password() {
    let service = Service::start().await;
    let (leo, mut device) = with_passkey(&service, Person::LEO).await;
    let portal = service.portal();
    let (mut browser, _) = by_passkey(&service, &mut device).await;
    service.advance_seconds(100);
    let aged = portal.request().with("max_age", "60");
    let page = browser.open(&aged.url()).await;
    assert!(page.is_sign_in(), "{}", page.summary());
    let back = device.opens(&mut browser, &page.form("/cle-d-acces")).await;
    assert!(aged.callback(&back).error().is_empty());
    // A page of Claire's is not shown to Léo, by whatever he proves himself.
    let mut claire = service.at_account(Person::CLAIRE).await;
    service.advance_seconds(5 * 60 + 1);
    let page = claire.browser.open("/compte/email").await;
    assert!(page.is_sign_in(), "{}", page.summary());
    let form = page.form("/cle-d-acces");
    let other = device.opens(&mut claire.browser, &form).await;
    assert_eq!(other.status, 403, "{}", other.summary());
    assert_eq!(leo.person.identifier, "l.martin3");
}

#[tokio::test]
async fn who_has_a_passkey_reaches_a_level_that_is_asked_for() {
    let service = Service::start().await;
    let (mut leo, mut device) = with_passkey(&service, Person::LEO).await;
    let portal = service.portal();
    let wished = portal.request().with("acr_values", MFA);
    let page = leo.browser.open(&wished.url()).await;
    assert!(page.is_sign_in(), "{}", page.summary());
    let form = page.form("/cle-d-acces");
    let back = device.opens(&mut leo.browser, &form).await;
    let claims = portal.tokens(&wished.callback(&back)).await.id_claims();
    assert_eq!(claims["acr"], MFA);
}

#[tokio::test]
async fn an_account_that_is_not_active_answers_as_an_unknown_passkey() {
    let service = Service::start().await;
    let (_, mut device) = with_passkey(&service, Person::LEO).await;
    let mut stranger = Device::default();
    let (mut browser, page) = at_sign_in(&service).await;
    // A passkey that was never given to anybody.
    let (mut adam, mut adams) = with_passkey(&service, Person::ADAM).await;
    let page_of_adam = adam.browser.open(super::LIST).await;
    let question = asks(&mut adam.browser, &page_of_adam.form("/cles-d-acces/ajout")).await;
    stranger.makes(&question);
    let unknown = stranger
        .opens(&mut browser, &page.form("/cle-d-acces"))
        .await;
    assert_refused(&browser, &unknown);
    for state in ["suspended", "merged", "closed", "known"] {
        service.set_state(Person::LEO, state).await;
        let (mut browser, page) = at_sign_in(&service).await;
        let form = page.form("/cle-d-acces");
        let refused = device.opens(&mut browser, &form).await;
        assert_refused(&browser, &refused);
        let strip = |text: String, url: &str| {
            let name = url.split("/connexion/").nth(1).unwrap();
            let name = name.split('/').next().unwrap();
            let text = text.replace(name, "");
            let csrf = text.split(r#"name="csrf" value=""#).nth(1).unwrap();
            text.replace(&csrf[..43], "")
        };
        assert_eq!(
            strip(refused.text(), &refused.url),
            strip(unknown.text(), &unknown.url),
            "{state}"
        );
        service.advance_seconds(61);
    }
    service.set_state(Person::LEO, "active").await;
    assert!(has_session(&by_passkey(&service, &mut device).await.0));
    assert!(has_session(&by_passkey(&service, &mut adams).await.0));
}

#[tokio::test]
async fn tries_of_a_passkey_are_slowed_down() {
    let service = Service::start().await;
    let (_, mut device) = with_passkey(&service, Person::LEO).await;
    let (mut browser, page) = at_sign_in(&service).await;
    device.knows_owner = false;
    for _ in 0..5 {
        let refused = device.opens(&mut browser, &page.form("/cle-d-acces")).await;
        assert_refused(&browser, &refused);
    }
    device.knows_owner = true;
    let waits = device.opens(&mut browser, &page.form("/cle-d-acces")).await;
    assert_eq!(waits.status, 429, "{}", waits.summary());
    // The password is another way, with a count of its own.
    let mut leo = service.visitor(Person::LEO);
    leo.signs_in_at(&service.portal()).await;
    service.advance_seconds(61);
    let back = device.opens(&mut browser, &page.form("/cle-d-acces")).await;
    assert!(has_session(&browser), "{}", back.summary());
}
