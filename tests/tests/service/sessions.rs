//! Single sign-on sessions: how they begin, whom they hold, how they end.

use std::time::Duration;

use tests::{Person, Service, Visitor};

async fn is_signed_in(service: &Service, visitor: &mut Visitor) -> bool {
    let request = service.portal().asks_for("openid").with("prompt", "none");
    let answer = visitor.browser.open(&request.url()).await;
    match request.callback(&answer).error() {
        "" => true,
        "login_required" => false,
        other => panic!("{other}"),
    }
}

async fn signed_in(service: &Service, person: Person) -> Visitor {
    let mut visitor = service.visitor(person);
    visitor.signs_in_at(&service.portal()).await;
    visitor
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used() {
    let service = Service::start().await;
    let mut claire = signed_in(&service, Person::CLAIRE).await;
    for _ in 0..4 {
        service.advance(Duration::from_mins(25));
        assert!(is_signed_in(&service, &mut claire).await);
    }
    service.advance(Duration::from_mins(32));
    assert!(!is_signed_in(&service, &mut claire).await);
}

#[tokio::test]
async fn a_session_ends_after_half_a_day_whatever_its_use() {
    let service = Service::start().await;
    let mut claire = signed_in(&service, Person::CLAIRE).await;
    for _ in 0..28 {
        service.advance(Duration::from_mins(25));
        assert!(is_signed_in(&service, &mut claire).await);
    }
    service.advance(Duration::from_mins(21));
    assert!(!is_signed_in(&service, &mut claire).await);
}

#[tokio::test]
async fn a_sign_in_renews_the_cookie_and_ends_the_old_one() {
    let service = Service::start().await;
    let mut claire = service.visitor(Person::CLAIRE);
    claire.browser.get("/compte").await;
    claire.browser.plant("session", &"A".repeat(43));
    let first = claire.signs_in_at(&service.portal()).await;
    let old = claire.browser.cookie("session").unwrap().to_owned();
    assert_ne!(old, "A".repeat(43), "nobody can bring a session along");
    service.advance_seconds(2);
    let request = service.portal().request().with("prompt", "login");
    let second = service
        .portal()
        .tokens(&claire.follows(&request).await)
        .await;
    assert_ne!(claire.browser.cookie("session").unwrap(), old);
    assert_eq!(
        first.id_claims()["sid"],
        second.id_claims()["sid"],
        "the session goes on"
    );
    let mut thief = service.visitor(Person::CLAIRE);
    thief.browser.plant("session", &old);
    assert!(!is_signed_in(&service, &mut thief).await);
}

#[tokio::test]
async fn another_person_at_the_same_computer_ends_what_the_former_left() {
    let service = Service::start().await;
    let portal = service.portal();
    let mut leo = service.visitor(Person::LEO);
    let bound = portal
        .tokens(&leo.follows(&portal.asks_for("openid profile")).await)
        .await;
    let leo_sid = bound.id_claims()["sid"].clone();
    service.advance_seconds(2);
    let request = portal.asks_for("openid profile").with("prompt", "login");
    leo.person = Person::CLAIRE;
    let claire = portal.tokens(&leo.follows(&request).await).await;
    assert_ne!(claire.id_claims()["sid"], leo_sid);
    assert_eq!(
        portal.userinfo(&claire.access).await.json()["given_name"],
        "Claire"
    );
    assert_eq!(portal.userinfo(&bound.access).await.status, 401);
}

#[tokio::test]
async fn ending_all_sessions_of_an_account_ends_them_at_once() {
    let service = Service::start().await;
    let portal = service.portal();
    let mut claire = service.visitor(Person::CLAIRE);
    let tokens = claire.signs_in_at(&portal).await;
    let now = (service.clock_seconds() + 1) * 1000;
    service
        .sql(&format!(
            "update account set sessions_from = {now} where identifier = 'c.martin1'"
        ))
        .await;
    assert!(!is_signed_in(&service, &mut claire).await);
    assert_eq!(portal.userinfo(&tokens.access).await.status, 401);
    assert_eq!(
        portal.refresh(&tokens.refresh).await.error(),
        (400, "invalid_grant".to_owned())
    );
    service.advance_seconds(5);
    assert_eq!(claire.signs_in_at(&portal).await.answer.status, 200);
}

#[tokio::test]
async fn a_session_is_shared_by_all_nodes() {
    let mut service = Service::start().await;
    let other = service.second_node().await;
    let portal = service.portal();
    let mut claire = service.visitor(Person::CLAIRE);
    let request = portal.request();
    let page = claire.browser.open(&request.url()).await;
    claire.browser.moves_to(&other);
    let answer = claire.types_password(&page).await;
    let tokens = portal.tokens(&request.callback(&answer)).await;
    assert_eq!(portal.at(&other).userinfo(&tokens.access).await.status, 200);
    let refreshed = tests::Tokens::read(portal.at(&other).refresh(&tokens.refresh).await);
    portal.revoke(&refreshed.refresh).await;
    assert_eq!(
        portal.at(&other).userinfo(&refreshed.access).await.status,
        401
    );
    claire.browser.moves_to(&service.door);
    assert!(is_signed_in(&service, &mut claire).await);
}

#[tokio::test]
async fn my_account_asks_who_is_there_and_leads_back() {
    let service = Service::start().await;
    let mut claire = service.visitor(Person::CLAIRE);
    let page = claire.browser.open("/compte").await;
    assert!(page.is_sign_in(), "{}", page.summary());
    let account = claire.types_password(&page).await;
    assert_eq!(account.status, 200);
    assert!(account.url.ends_with("/compte"));
    assert!(account.text().contains("Claire") && account.text().contains("Mon compte"));
}

#[tokio::test]
async fn cookies_are_bound_to_the_host_exactly_where_the_issuer_is_https() {
    let secure = Service::start().await;
    let mut claire = secure.visitor(Person::CLAIRE);
    let answer = claire.browser.get(&secure.portal().request().url()).await;
    let cookie = answer.header("set-cookie").to_owned();
    assert!(cookie.starts_with("__Host-preau-browser="), "{cookie}");
    for attribute in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(
        answer
            .header("strict-transport-security")
            .contains("max-age")
    );
    let plain = Service::with(|config| {
        "http://localhost:8123".clone_into(&mut config.server.issuer);
    })
    .await;
    let mut claire = plain.visitor(Person::CLAIRE);
    let answer = claire.browser.get(&plain.portal().request().url()).await;
    let cookie = answer.header("set-cookie").to_owned();
    assert!(
        cookie.starts_with("preau-8123-browser=") && !cookie.contains("Secure"),
        "{cookie}"
    );
    assert!(answer.header("strict-transport-security").is_empty());
    assert_eq!(claire.signs_in_at(&plain.portal()).await.answer.status, 200);
}

#[tokio::test]
async fn a_weak_hash_is_made_strong_at_the_next_sign_in() {
    let service = Service::with(|config| config.passwords.passes = 2).await;
    let weak = "select identifier from account where password_hash like '%t=1,%' \
                and identifier = 'c.martin1'";
    let count = async || {
        service
            .sql(&format!(
                "update account set locale = locale where identifier in ({weak})"
            ))
            .await
    };
    assert_eq!(count().await, 1);
    service
        .visitor(Person::CLAIRE)
        .signs_in_at(&service.portal())
        .await;
    assert_eq!(count().await, 0);
    service
        .visitor(Person::CLAIRE)
        .signs_in_at(&service.portal())
        .await;
}
