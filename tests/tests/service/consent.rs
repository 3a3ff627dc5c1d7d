//! Who agrees to what, and whom a service may not sign in.

use std::time::Duration;

use tests::{Answer, Person, Service, Visitor};

async fn page(visitor: &mut Visitor, request: &tests::Request) -> Answer {
    let mut answer = visitor.browser.open(&request.url()).await;
    if answer.is_sign_in() {
        answer = visitor.types_password(&answer).await;
    }
    answer
}

async fn agree(visitor: &mut Visitor, page: &Answer, choice: &str) -> Answer {
    visitor
        .browser
        .submit(&page.form("/autorisation").with("choix", choice))
        .await
}

#[tokio::test]
async fn consent_is_asked_once_for_each_scope() {
    let service = Service::start().await;
    let client = service.client("mediatheque");
    let mut claire = service.visitor(Person::CLAIRE);
    let first = client.asks_for("openid profile");
    let asked = page(&mut claire, &first).await;
    assert!(asked.is_consent(), "{}", asked.summary());
    for shown in [
        "Médiathèque de Clairval",
        "mediatheque.example",
        "https://mediatheque.example/donnees",
        "https://mediatheque.example/conditions",
        "Autoriser",
        "Refuser",
    ] {
        assert!(
            tests::form::unescape(&asked.text()).contains(shown),
            "{shown}"
        );
    }
    let answer = agree(&mut claire, &asked, "autoriser").await;
    assert_eq!(client.redeem(&first.callback(&answer)).await.status, 200);
    let again = client.asks_for("openid profile");
    assert_eq!(again.callback(&page(&mut claire, &again).await).error(), "");
    let silent = client.asks_for("openid profile").with("prompt", "none");
    assert_eq!(
        silent.callback(&page(&mut claire, &silent).await).error(),
        ""
    );
    let more = client.asks_for("openid profile email");
    assert!(page(&mut claire, &more).await.is_consent());
    let silent = more.clone().with("prompt", "none");
    assert_eq!(
        silent.callback(&page(&mut claire, &silent).await).error(),
        "consent_required"
    );
    let by_name = client
        .asks_for("openid profile")
        .with("claims", r#"{"userinfo":{"phone_number":null}}"#);
    assert!(
        page(&mut claire, &by_name).await.is_consent(),
        "a claim asked for by name"
    );
    // Another person has agreed to nothing.
    let mut nadia = service.visitor(Person::NADIA);
    assert!(page(&mut nadia, &first).await.is_consent());
}

#[tokio::test]
async fn who_refuses_goes_back_without_a_code() {
    let service = Service::start().await;
    let client = service.client("mediatheque");
    let mut claire = service.visitor(Person::CLAIRE);
    let request = client.request();
    let asked = page(&mut claire, &request).await;
    let answer = agree(&mut claire, &asked, "refuser").await;
    let callback = request.callback(&answer);
    assert_eq!(callback.error(), "access_denied");
    assert_eq!(callback.parameters["state"], request.value("state"));
    assert!(
        page(&mut claire, &client.request()).await.is_consent(),
        "a no is not remembered"
    );
    let stale = agree(&mut claire, &asked, "autoriser").await;
    assert_eq!(
        (stale.status, stale.location()),
        (410, None),
        "the answer was given"
    );
}

#[tokio::test]
async fn prompt_consent_asks_whom_would_not_be_asked() {
    let service = Service::start().await;
    let portal = service.portal();
    let mut claire = service.visitor(Person::CLAIRE);
    for _ in 0..2 {
        let request = portal.request().with("prompt", "consent");
        let asked = page(&mut claire, &request).await;
        assert!(asked.is_consent(), "{}", asked.summary());
        let answer = agree(&mut claire, &asked, "autoriser").await;
        assert_eq!(request.callback(&answer).error(), "");
    }
}

#[tokio::test]
async fn consent_cannot_be_given_by_another_browser_or_without_proof() {
    let service = Service::start().await;
    let client = service.client("mediatheque");
    let mut claire = service.visitor(Person::CLAIRE);
    let request = client.request();
    let asked = page(&mut claire, &request).await;
    let form = asked.form("/autorisation").with("choix", "autoriser");
    let mut nadia = service.visitor(Person::NADIA);
    nadia.signs_in_at(&service.portal()).await;
    assert_eq!(nadia.browser.submit_only(&form).await.status, 403);
    assert_eq!(
        claire
            .browser
            .submit_only(&form.clone().without("csrf"))
            .await
            .status,
        403
    );
    let mut foreign = claire
        .browser
        .clone()
        .with_header("sec-fetch-site", "cross-site");
    assert_eq!(foreign.submit_only(&form).await.status, 403);
    assert_eq!(
        claire
            .browser
            .submit_only(&form.clone().with("choix", "peut-être"))
            .await
            .status,
        400
    );
    assert!(
        page(&mut claire, &request).await.is_consent(),
        "nobody agreed"
    );
}

#[tokio::test]
async fn pupils_under_fifteen_do_not_reach_services_of_others() {
    let service = Service::start().await;
    let request = service.client("mediatheque").asks_for("openid");
    let mut lina = service.visitor(Person::LINA);
    let answer = page(&mut lina, &request).await;
    assert_eq!((answer.status, answer.location()), (200, None));
    assert!(!answer.is_consent());
    let silent = request.clone().with("prompt", "none");
    let told = page(&mut lina, &silent).await;
    assert_eq!(silent.callback(&told).error(), "access_denied");
    let back = lina.browser.submit(&answer.form("/retour")).await;
    assert_eq!(request.callback(&back).error(), "access_denied");
    // A legal basis, and the school system's own services.
    let basis = service.client("cantine").asks_for("openid");
    assert!(page(&mut lina, &basis).await.is_consent());
    assert_ne!(lina.signs_in_at(&service.portal()).await.id, "");
    // Fifteen years after her birth she may.
    service.advance(Duration::from_hours(24 * 366 * 7));
    let mut lina = service.visitor(Person::LINA);
    assert!(page(&mut lina, &request).await.is_consent());
}

#[tokio::test]
async fn a_service_for_guardians_takes_nobody_else() {
    let service = Service::start().await;
    let parents = service.client("parents");
    assert_ne!(
        service
            .visitor(Person::CLAIRE)
            .signs_in_at(&parents)
            .await
            .id,
        ""
    );
    let request = parents.request();
    let mut leo = service.visitor(Person::LEO);
    let answer = page(&mut leo, &request).await;
    assert_eq!((answer.status, answer.location()), (200, None));
    let silent = request.clone().with("prompt", "none");
    let told = page(&mut leo, &silent).await;
    assert_eq!(silent.callback(&told).error(), "account_selection_required");
    // His mother takes the chair.
    service.advance_seconds(5);
    let other = leo.browser.submit(&answer.form("/autre-compte")).await;
    assert!(other.is_sign_in(), "{}", other.summary());
    let signed_in = leo
        .types(&other, Person::CLAIRE.identifier, Person::CLAIRE.password)
        .await;
    assert_eq!(request.callback(&signed_in).error(), "");
}
