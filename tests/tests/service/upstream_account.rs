//! « Mon compte » of guardians who come through FranceConnect.

use tests::{Answer, Person, Service, Visitor, france_connect::FranceConnect};

async fn at_home(service: &Service, fc: &FranceConnect, citizen: &str) -> Visitor {
    let mut visitor = service.visitor(Person::NOBODY);
    let request = service.portal().request();
    let answer = visitor.identifies_as(fc, &request, citizen).await;
    assert!(answer.location().is_some(), "{}", answer.summary());
    visitor
}

/// Chooses FranceConnect on this page and comes back as this citizen.
async fn signs_in_again(
    visitor: &mut Visitor,
    fc: &FranceConnect,
    page: &Answer,
    citizen: &str,
) -> Answer {
    let sent = visitor.chooses_france_connect(page).await;
    let url = sent.location().expect("sent on").to_string();
    let back = fc.answers(&mut fc.browser(), &url, citizen).await;
    visitor.browser.open(&back).await
}

#[tokio::test]
async fn who_has_no_password_signs_in_again_through_france_connect() {
    let (service, fc) = FranceConnect::with_service().await;
    let mut francois = at_home(&service, &fc, "francois-petit").await;
    let page = francois.browser.open("/compte/email").await;
    assert!(
        page.text().contains("confirmation-email"),
        "{}",
        page.summary()
    );

    service.advance_seconds(6 * 60);
    let page = francois.browser.open("/compte/email").await;
    assert!(!page.is_sign_in(), "a password is asked of who has none");
    assert!(page.text().contains("f.petit10"), "{}", page.summary());
    let answer = signs_in_again(&mut francois, &fc, &page, "francois-petit").await;
    assert!(
        answer.text().contains("confirmation-email"),
        "{}",
        answer.summary()
    );

    // Somebody else at the same browser does not get to it.
    service.advance_seconds(6 * 60);
    let page = francois.browser.open("/compte/email").await;
    let answer = signs_in_again(&mut francois, &fc, &page, "claire-martin").await;
    assert_eq!(answer.status, 403, "{}", answer.summary());
    assert!(
        answer.text().contains("autre-compte"),
        "{}",
        answer.summary()
    );
}

#[tokio::test]
async fn who_has_a_password_may_sign_in_again_either_way() {
    let (service, fc) = FranceConnect::with_service().await;
    let mut claire = at_home(&service, &fc, "claire-martin").await;
    service.advance_seconds(6 * 60);
    let page = claire.browser.open("/compte/email").await;
    assert!(page.is_sign_in(), "{}", page.summary());
    let answer = signs_in_again(&mut claire, &fc, &page, "claire-martin").await;
    assert!(
        answer.text().contains("confirmation-email"),
        "{}",
        answer.summary()
    );
}
