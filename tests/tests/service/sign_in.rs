//! The sign-in page: who gets in, and what a form must prove.

use tests::{Answer, Person, Service, Visitor, visitor::sign_in_form};

pub(crate) async fn sign_in_page(service: &Service, visitor: &mut Visitor) -> Answer {
    let page = visitor
        .browser
        .open(&service.portal().request().url())
        .await;
    assert!(page.is_sign_in(), "{}", page.summary());
    page
}

pub(crate) async fn try_password(
    service: &Service,
    visitor: &mut Visitor,
    password: &str,
) -> Answer {
    let page = sign_in_page(service, visitor).await;
    visitor
        .types(&page, visitor.person.identifier, password)
        .await
}

fn comparable(answer: &Answer) -> (u16, usize, Vec<String>) {
    let mut names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
    names.sort();
    (answer.status, answer.body.len(), names)
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_identifier_are_answered_alike() {
    let service = Service::start().await;
    let mut answers = Vec::new();
    for identifier in ["c.martin1", "c.martin9", "f.petit10", "p.durand8"] {
        let mut visitor = service.visitor(Person::CLAIRE);
        let page = sign_in_page(&service, &mut visitor).await;
        let answer = visitor.types(&page, identifier, "pas-le-bon-2026").await;
        answers.push(comparable(&answer));
        assert!(!answer.text().contains("pas-le-bon-2026"));
        assert_eq!(answer.form("").value("identifiant"), Some(identifier));
    }
    assert!(
        answers.windows(2).all(|pair| pair[0] == pair[1]),
        "{answers:?}"
    );
    assert_eq!(answers[0].0, 422);
}

#[tokio::test]
async fn accounts_that_may_not_sign_in_are_answered_like_a_wrong_password() {
    let service = Service::start().await;
    let mut claire = service.visitor(Person::CLAIRE);
    let wrong = comparable(&try_password(&service, &mut claire, "pas-le-bon-2026").await);
    for state in ["suspended", "merged", "closed", "known"] {
        service.set_state(Person::CLAIRE, state).await;
        let mut claire = service.visitor(Person::CLAIRE);
        let answer = try_password(&service, &mut claire, Person::CLAIRE.password).await;
        assert_eq!(comparable(&answer), wrong, "{state}");
        assert!(claire.browser.cookie("session").is_none());
        service.advance_seconds(120);
    }
}

#[tokio::test]
async fn an_identifier_is_read_without_regard_to_case_and_surrounding_spaces() {
    let service = Service::start().await;
    for typed in ["  C.Martin1 ", "c.MARTIN1\t"] {
        let mut claire = service.visitor(Person::CLAIRE);
        let page = sign_in_page(&service, &mut claire).await;
        let answer = claire.types(&page, typed, Person::CLAIRE.password).await;
        assert!(
            answer.location().is_some(),
            "{typed:?}: {}",
            answer.summary()
        );
    }
    for typed in [
        "c.martin1\0",
        "c.mаrtin1",
        "c.martin1 x",
        "ｃ.martin1",
        &"c".repeat(9000),
    ] {
        let mut claire = service.visitor(Person::CLAIRE);
        let page = sign_in_page(&service, &mut claire).await;
        let answer = claire.types(&page, typed, Person::CLAIRE.password).await;
        assert_eq!(answer.status, 422, "{}", answer.summary());
    }
}

#[tokio::test]
async fn empty_fields_are_named_and_cost_nothing() {
    let service = Service::start().await;
    for _ in 0..8 {
        let mut claire = service.visitor(Person::CLAIRE);
        let page = sign_in_page(&service, &mut claire).await;
        for (identifier, password) in [("", "x"), ("c.martin1", ""), ("", "")] {
            assert_eq!(claire.types(&page, identifier, password).await.status, 422);
        }
    }
    let mut claire = service.visitor(Person::CLAIRE);
    assert!(
        try_password(&service, &mut claire, Person::CLAIRE.password)
            .await
            .location()
            .is_some()
    );
}

#[tokio::test]
async fn a_form_proves_that_it_is_ours() {
    let service = Service::start().await;
    let mut claire = service.visitor(Person::CLAIRE);
    let page = sign_in_page(&service, &mut claire).await;
    let good = sign_in_form(&page)
        .with("identifiant", Person::CLAIRE.identifier)
        .with("mot-de-passe", Person::CLAIRE.password);
    let mut other = service.visitor(Person::CLAIRE);
    let foreign = sign_in_form(&sign_in_page(&service, &mut other).await);
    let foreign = foreign.value("csrf").unwrap().to_owned();
    for token in ["", "x", &foreign] {
        assert_eq!(
            claire
                .browser
                .submit_only(&good.clone().with("csrf", token))
                .await
                .status,
            403
        );
    }
    assert_eq!(
        claire
            .browser
            .submit_only(&good.clone().without("csrf"))
            .await
            .status,
        403
    );
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
        ("origin", "https://compte.example.evil.example"),
        ("origin", "http://compte.example"),
    ] {
        let mut posing = claire.browser.clone().with_header(name, value);
        assert_eq!(
            posing.submit_only(&good).await.status,
            403,
            "{name}: {value}"
        );
    }
    let mut bare = service.browser();
    assert_eq!(bare.submit_only(&good).await.status, 403, "no cookies");
    let mut typed = claire
        .browser
        .clone()
        .with_header("content-type", "text/plain");
    assert_eq!(typed.submit_only(&good).await.status, 415);
    let twice = [
        ("identifiant", "a"),
        ("identifiant", "b"),
        ("csrf", good.value("csrf").unwrap()),
    ];
    assert_eq!(claire.browser.post(&good.action, &twice).await.status, 400);
    for (name, value) in [
        ("origin", "null"),
        ("origin", "https://compte.example"),
        ("sec-fetch-site", "same-origin"),
    ] {
        let mut own = service.visitor(Person::CLAIRE);
        own.browser = own.browser.with_header(name, value);
        let page = sign_in_page(&service, &mut own).await;
        assert!(
            own.types_password(&page).await.location().is_some(),
            "{name}: {value}"
        );
    }
}

#[tokio::test]
async fn two_tabs_are_two_sign_ins() {
    let service = Service::start().await;
    let (portal, ent) = (service.portal(), service.client("ent"));
    let mut claire = service.visitor(Person::CLAIRE);
    let (one, two) = (portal.request(), ent.request());
    let first = claire.browser.open(&one.url()).await;
    let second = claire.browser.open(&two.url()).await;
    let from_second = claire.types_password(&second).await;
    assert_eq!(ent.redeem(&two.callback(&from_second)).await.status, 200);
    let reloaded = claire.browser.open(&first.url).await;
    assert_eq!(portal.redeem(&one.callback(&reloaded)).await.status, 200);
}

/// Before the browser has any cookie: each answer names it, and it keeps the last name.
#[tokio::test]
async fn two_tabs_begun_at_once_by_a_browser_without_cookies_both_work() {
    let service = Service::start().await;
    let (portal, ent) = (service.portal(), service.client("ent"));
    for shown_before in [false, true] {
        let mut claire = service.visitor(Person::CLAIRE);
        let (one, two) = (portal.request(), ent.request());
        let mut other_tab = claire.browser.clone();
        let first = claire.browser.get(&one.url()).await;
        let mut first = if shown_before {
            claire.browser.follow(first).await
        } else {
            first
        };
        let second = other_tab.get(&two.url()).await;
        claire.browser.receives(&second);
        if !shown_before {
            first = claire.browser.follow(first).await;
        }
        let second = claire.browser.follow(second).await;
        let wrong = claire.types(&first, "c.martin1", "x").await;
        assert_eq!(wrong.status, 422, "{}", wrong.summary());
        let from_first = claire.types_password(&first).await;
        assert_eq!(portal.redeem(&one.callback(&from_first)).await.status, 200);
        let from_second = claire.types_password(&second).await;
        assert_eq!(ent.redeem(&two.callback(&from_second)).await.status, 200);
        // Signed out, the browser is nobody that it was before.
        let waits = claire.browser.open(&portal.request().url()).await;
        assert!(waits.location().is_some(), "signed in: {}", waits.summary());
        let home = claire.browser.open("/compte").await;
        let out = home.form("/deconnexion");
        claire.browser.submit(&out).await;
        let late = claire.browser.submit(&sign_in_form(&first)).await;
        assert_eq!(late.status, 403, "{}", late.summary());
    }
}

#[tokio::test]
async fn going_back_after_the_end_leads_on() {
    let service = Service::start().await;
    let mut claire = service.visitor(Person::CLAIRE);
    let page = sign_in_page(&service, &mut claire).await;
    let form = sign_in_form(&page)
        .with("identifiant", "c.martin1")
        .with("mot-de-passe", "x");
    assert!(claire.types_password(&page).await.location().is_some());
    for answer in [
        claire.browser.open(&page.url).await,
        claire.browser.submit(&form).await,
    ] {
        assert_eq!((answer.status, answer.location()), (410, None));
        assert!(
            answer.text().contains("Portail des familles"),
            "{}",
            answer.summary()
        );
        assert!(
            answer
                .text()
                .contains("http:&#x2f;&#x2f;localhost:8081&#x2f;")
                || answer.text().contains("http://localhost:8081/")
        );
    }
}

#[tokio::test]
async fn another_browser_cannot_take_a_sign_in_over() {
    let service = Service::start().await;
    let mut claire = service.visitor(Person::CLAIRE);
    let page = sign_in_page(&service, &mut claire).await;
    let mut thief = service.visitor(Person::NADIA);
    assert_eq!(thief.browser.open(&page.url).await.status, 403);
    thief.signs_in_at(&service.client("ent")).await;
    let answer = thief.browser.open(&page.url).await;
    assert_eq!((answer.status, answer.location()), (403, None));
    let csrf = sign_in_form(&sign_in_page_of_other(&service, &mut thief).await);
    let form = sign_in_form(&page)
        .with("csrf", csrf.value("csrf").unwrap())
        .with("identifiant", Person::NADIA.identifier)
        .with("mot-de-passe", Person::NADIA.password);
    let answer = thief.browser.submit(&form).await;
    assert_eq!((answer.status, answer.location()), (403, None));
    assert!(claire.types_password(&page).await.location().is_some());
}

async fn sign_in_page_of_other(service: &Service, visitor: &mut Visitor) -> Answer {
    service.advance_seconds(1);
    let request = service.portal().request().with("prompt", "login");
    visitor.browser.open(&request.url()).await
}

#[tokio::test]
async fn a_sign_in_that_nobody_finished_ends_after_an_hour() {
    let service = Service::start().await;
    let mut claire = service.visitor(Person::CLAIRE);
    let page = sign_in_page(&service, &mut claire).await;
    service.advance_seconds(3000);
    assert!(claire.browser.open(&page.url).await.is_sign_in());
    service.advance_seconds(700);
    assert_eq!(claire.types_password(&page).await.status, 410);
    for name in ["x", "..%2f..", &"A".repeat(43), &"é".repeat(20)] {
        let answer = claire.browser.open(&format!("/connexion/{name}")).await;
        assert!(
            [404, 410].contains(&answer.status),
            "{name}: {}",
            answer.status
        );
    }
}

#[tokio::test]
async fn a_browser_that_lost_its_cookie_is_told() {
    let service = Service::start().await;
    let mut claire = service.visitor(Person::CLAIRE);
    let page = sign_in_page(&service, &mut claire).await;
    claire.browser.forget("browser");
    assert_eq!(claire.browser.open(&page.url).await.status, 403);
    assert_eq!(claire.types_password(&page).await.status, 403);
}

#[tokio::test]
async fn a_provisional_password_opens_activation_and_nothing_else() {
    let service = Service::start().await;
    let request = service.portal().request();
    let mut other = service.visitor(Person::OTHER_CLAIRE);
    let page = other.browser.open(&request.url()).await;
    let answer = other.types_password(&page).await;
    assert_eq!((answer.status, answer.location()), (200, None));
    assert!(answer.url.contains("/activation/"), "{}", answer.url);
    assert!(other.browser.cookie("session").is_none());
    let silent = request.clone().with("prompt", "none");
    let told = other.browser.open(&silent.url()).await;
    assert_eq!(silent.callback(&told).error(), "login_required");
    service.advance(std::time::Duration::from_hours(24 * 93));
    let mut late = service.visitor(Person::OTHER_CLAIRE);
    let page = late.browser.open(&request.url()).await;
    assert_eq!(
        late.types_password(&page).await.status,
        422,
        "too old to activate"
    );
}
