//! How guessing is slowed down, and floods are borne.

use tests::{Person, Service};

use crate::sign_in::{sign_in_page, try_password};

#[tokio::test]
async fn five_failures_are_free_then_waits_double_whoever_is_named() {
    let service = Service::start().await;
    for person in [Person::CLAIRE, Person::NOBODY] {
        for _ in 0..5 {
            let mut somebody = service.visitor(person);
            assert_eq!(try_password(&service, &mut somebody, "x").await.status, 422);
        }
        for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
            let mut somebody = service.visitor(person);
            let page = sign_in_page(&service, &mut somebody).await;
            let answer = somebody.types(&page, person.identifier, "x").await;
            assert_eq!(
                (answer.status, answer.header("retry-after")),
                (429, wait.to_string().as_str()),
                "{}",
                person.identifier
            );
            service.advance_seconds(wait);
            let answer = somebody.types(&page, person.identifier, "x").await;
            assert_eq!(answer.status, 422, "after {wait} s");
        }
    }
}

#[tokio::test]
async fn nobody_is_locked_out_and_a_success_clears_the_count() {
    let service = Service::start().await;
    for _ in 0..7 {
        let mut guesser = service.visitor(Person::CLAIRE);
        try_password(&service, &mut guesser, "x").await;
        service.advance_seconds(61);
    }
    let mut claire = service.visitor(Person::CLAIRE);
    assert!(
        try_password(&service, &mut claire, Person::CLAIRE.password)
            .await
            .location()
            .is_some()
    );
    for _ in 0..5 {
        let mut guesser = service.visitor(Person::CLAIRE);
        assert_eq!(try_password(&service, &mut guesser, "x").await.status, 422);
    }
}

#[tokio::test]
async fn a_browser_that_is_known_has_a_count_of_its_own() {
    let service = Service::start().await;
    let mut claire = service.visitor(Person::CLAIRE);
    claire.signs_in_at(&service.portal()).await;
    claire.browser.forget("session");
    for _ in 0..8 {
        let mut guesser = service.visitor(Person::CLAIRE);
        try_password(&service, &mut guesser, "x").await;
    }
    let mut stranger = service.visitor(Person::CLAIRE);
    let refused = try_password(&service, &mut stranger, Person::CLAIRE.password).await;
    assert_eq!(refused.status, 429);
    let page = sign_in_page(&service, &mut claire).await;
    let copied = claire.browser.cookie("known").unwrap().to_owned();
    assert!(claire.types_password(&page).await.location().is_some());
    // The mark is of one account, and nobody can make one.
    let mut nadia = service.visitor(Person::NADIA);
    nadia.browser.plant("known", &copied);
    for _ in 0..5 {
        assert_eq!(try_password(&service, &mut nadia, "x").await.status, 422);
    }
    assert_eq!(try_password(&service, &mut nadia, "x").await.status, 429);
    stranger.browser.plant("known", &"A".repeat(59));
    assert_eq!(try_password(&service, &mut stranger, "x").await.status, 429);
    // It slows down as well, by itself.
    claire.browser.forget("session");
    for _ in 0..5 {
        assert_eq!(try_password(&service, &mut claire, "x").await.status, 422);
    }
    assert_eq!(try_password(&service, &mut claire, "x").await.status, 429);
}

#[tokio::test]
async fn a_network_is_slowed_down_after_a_hundred_failures() {
    let service = Service::start().await;
    let mut guesser = service.visitor(Person::NOBODY);
    guesser.browser = guesser.browser.from_address("2001:db8:7:7::1");
    let page = sign_in_page(&service, &mut guesser).await;
    for guess in 0..100 {
        let answer = guesser
            .types(&page, &format!("x.inconnu{guess}"), "x")
            .await;
        assert_eq!(answer.status, 422, "{guess}");
    }
    let mut neighbour = guesser.clone();
    neighbour.browser = neighbour.browser.from_address("2001:db8:7:7:ffff::9");
    let answer = neighbour.types(&page, "x.autre1", "x").await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "1"));
    let mut elsewhere = guesser.clone();
    elsewhere.browser = elsewhere.browser.from_address("2001:db8:7:8::1");
    assert_eq!(elsewhere.types(&page, "x.autre2", "x").await.status, 422);
    service.advance_seconds(700);
    assert_eq!(
        guesser.types(&page, "x.autre3", "x").await.status,
        422,
        "forgotten"
    );
}

#[tokio::test]
async fn its_owner_is_told_once_and_nobody_else() {
    let service = Service::start().await;
    for person in [Person::CLAIRE, Person::NADIA, Person::NOBODY] {
        for _ in 0..7 {
            let mut guesser = service.visitor(person);
            try_password(&service, &mut guesser, "x").await;
            service.advance_seconds(61);
        }
    }
    tests::service::eventually("a message arrives", async || {
        !service.inbox.messages().is_empty()
    })
    .await;
    let messages = service.inbox.messages();
    assert_eq!(messages.len(), 1, "Nadia's address is not proven");
    assert_eq!(messages[0].to, "claire.martin@example.org");
    assert!(messages[0].text.contains("c.martin1"));
}

#[tokio::test]
async fn a_flood_of_sign_ins_is_told_to_come_again_while_others_are_served() {
    let service = Service::with(|config| {
        config.passwords.memory_kib = 64 * 1024;
        config.passwords.passes = 3;
        config.passwords.workers = 1;
        config.passwords.queue_per_worker = 1;
    })
    .await;
    let mut flood = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let mut nobody = service.visitor(Person::NOBODY);
        let page = sign_in_page(&service, &mut nobody).await;
        flood.spawn(async move { nobody.types(&page, "x.inconnu9", "x").await });
    }
    let begun = std::time::Duration::from_secs(5);
    let metadata = tokio::time::timeout(begun, service.door.get("/oauth2/jwks")).await;
    assert_eq!(metadata.unwrap().status, 200);
    let answers = flood.join_all().await;
    let busy: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == 503)
        .collect();
    assert!(!busy.is_empty());
    assert!(
        busy.iter()
            .all(|answer| answer.header("retry-after") == "3")
    );
    assert!(
        answers
            .iter()
            .all(|answer| [422, 429, 503].contains(&answer.status))
    );
}
