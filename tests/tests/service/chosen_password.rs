//! « Choisir un mot de passe »: a guardian who came through FranceConnect.

use tests::{Answer, Person, Service, Visitor, france_connect::FranceConnect};

const CITIZEN: &str = "francois-petit";
const NEW: &str = "girafe violon couloir";
const CHOOSE: &str = "/compte/choisir-un-mot-de-passe";

/// Chooses FranceConnect on this sign-in page, and comes back as François.
async fn identifies(visitor: &mut Visitor, fc: &FranceConnect, page: &Answer) -> Answer {
    let sent = visitor.chooses_france_connect(page).await;
    let there = sent.location().unwrap();
    let mut browser = fc.browser();
    let back = fc.answers(&mut browser, there.as_str(), CITIZEN).await;
    visitor.browser.open(&back).await
}

async fn at_home(service: &Service, fc: &FranceConnect) -> (Visitor, Answer) {
    let mut visitor = service.visitor(Person::NOBODY);
    let page = visitor.browser.open("/compte").await;
    let home = identifies(&mut visitor, fc, &page).await;
    assert!(home.url.ends_with("/compte"), "{}", home.summary());
    (visitor, home)
}

#[tokio::test]
async fn who_has_none_may_choose_one_and_signs_in_with_it() {
    let (service, fc) = FranceConnect::with_service().await;
    let (mut francois, home) = at_home(&service, &fc).await;
    let text = home.text();
    assert!(text.contains("Choisir un mot de passe"));
    assert!(!text.contains("Modifier mon mot de passe"));
    // Five minutes later FranceConnect is asked again, and leads on.
    service.advance_seconds(301);
    let again = francois.browser.open(CHOOSE).await;
    assert!(again.url.contains("/connexion/"), "{}", again.summary());
    let page = identifies(&mut francois, &fc, &again).await;
    assert!(page.url.ends_with(CHOOSE), "{}", page.summary());
    let form = page
        .form(CHOOSE)
        .with("nouveau-mot-de-passe", NEW)
        .with("confirmation-mot-de-passe", NEW);
    let home = francois.browser.submit(&form).await;
    assert!(home.url.ends_with("/compte"), "{}", home.summary());
    assert!(home.text().contains("Modifier mon mot de passe"));
    // The session stays what it was.
    let wished = service.portal().request().with("acr_values", "eidas1");
    let answer = francois.browser.open(&wished.url()).await;
    let tokens = service.portal().tokens(&wished.callback(&answer)).await;
    assert_eq!(tokens.id_claims()["acr"], "eidas1");
    // The form is good once.
    assert_eq!(francois.browser.open(CHOOSE).await.status, 404);
    assert_eq!(francois.browser.submit(&form).await.status, 404);

    let mut by_password = service.visitor(Person {
        identifier: "f.petit10",
        password: NEW,
    });
    let tokens = by_password.signs_in_at(&service.portal()).await;
    assert_eq!(tokens.id_claims()["acr"], "urn:preau:acr:password");
}

#[tokio::test]
async fn who_has_a_password_changes_it_elsewhere() {
    let service = Service::start().await;
    let mut claire = service.visitor(Person::CLAIRE);
    let page = claire.browser.open("/compte").await;
    let home = claire.types_password(&page).await;
    assert!(!home.text().contains("Choisir un mot de passe"));
    assert_eq!(claire.browser.open(CHOOSE).await.status, 404);
}

#[tokio::test]
async fn an_operator_may_turn_it_off() {
    let (service, fc) =
        FranceConnect::with(|config| config.self_service.choose_password = false).await;
    let (mut francois, home) = at_home(&service, &fc).await;
    assert!(!home.text().contains("Choisir un mot de passe"));
    assert_eq!(francois.browser.open(CHOOSE).await.status, 404);
}
