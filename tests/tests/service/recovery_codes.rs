//! Codes by SMS: how often, how long, in whose browser, for what (docs/SECURITY.md).

use std::time::Duration;

use tests::{Answer, Person, Service};
use tokio::task::JoinSet;

use crate::lost::{
    PASSWORD, asks_for_password, code, heading, messages, opens, other_than, sets, settle,
    types_code,
};

const MINUTES: u64 = 60;

fn is_new_password(page: &Answer) -> bool {
    heading(page) == "Modifier le mot de passe"
}

async fn asks_again(browser: &mut tests::Browser, page: &Answer) -> Answer {
    browser.submit(&page.form("/renvoi")).await
}

#[tokio::test]
async fn otp_brute_force_five_wrong_codes_end_a_code_over_sessions_and_spellings() {
    let service = Service::start().await;
    let mut claire = service.browser();
    let page = asks_for_password(&mut claire, "c.martin1", "sms").await;
    let right = code(&messages(&service, 1).await[0]);
    for _ in 0..4 {
        let answer = types_code(&mut claire, &page, &other_than(&right)).await;
        assert_eq!(answer.status, 422);
    }
    // Another spelling, another browser: the count goes on where it was.
    let mut other = service.browser();
    let page = asks_for_password(&mut other, " C.MARTIN1 ", "sms").await;
    let right = code(&messages(&service, 2).await[1]);
    let wrong = types_code(&mut other, &page, &other_than(&right)).await;
    assert!(wrong.text().contains("Ce code ne sert plus"));
    let late = types_code(&mut other, &page, &right).await;
    assert_eq!(late.status, 422, "the right one comes too late");
    assert!(!is_new_password(&late));
}

#[tokio::test]
async fn otp_reissue_resets_nothing_and_the_newest_code_alone_counts() {
    let service = Service::start().await;
    let mut claire = service.browser();
    let page = asks_for_password(&mut claire, "c.martin1", "sms").await;
    let first = code(&messages(&service, 1).await[0]);
    for _ in 0..3 {
        types_code(&mut claire, &page, &other_than(&first)).await;
    }
    let page = asks_again(&mut claire, &page).await;
    let second = code(&messages(&service, 2).await[1]);
    if first != second {
        assert!(!is_new_password(
            &types_code(&mut claire, &page, &first).await
        ));
    }
    let last = types_code(&mut claire, &page, &other_than(&second)).await;
    assert!(last.text().contains("Ce code ne sert plus"), "five in all");
    assert!(!is_new_password(
        &types_code(&mut claire, &page, &second).await
    ));
}

#[tokio::test]
async fn fifteen_wrong_codes_a_day_are_the_most_and_mail_stays_open() {
    let service = Service::start().await;
    let mut claire = service.browser();
    for count in 0..3 {
        let page = asks_for_password(&mut claire, "c.martin1", "sms").await;
        let right = code(&messages(&service, count + 1).await[count]);
        for _ in 0..5 {
            types_code(&mut claire, &page, &other_than(&right)).await;
        }
    }
    let page = asks_for_password(&mut claire, "c.martin1", "sms").await;
    let right = code(&messages(&service, 4).await[3]);
    assert!(!is_new_password(
        &types_code(&mut claire, &page, &right).await
    ));
    asks_for_password(&mut claire, "c.martin1", "email").await;
    messages(&service, 5).await;
    // The day slides.
    service.advance(Duration::from_hours(24));
    let page = asks_for_password(&mut claire, "c.martin1", "sms").await;
    let right = code(&messages(&service, 6).await[5]);
    assert!(is_new_password(
        &types_code(&mut claire, &page, &right).await
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn otp_brute_force_fifty_wrong_codes_at_once_count_as_five() {
    let mut service = Service::start().await;
    let second = service.second_node().await;
    let mut claire = service.browser();
    let page = asks_for_password(&mut claire, "c.martin1", "sms").await;
    let right = code(&messages(&service, 1).await[0]);
    let mut tries = JoinSet::new();
    for turn in 0..50 {
        let (mut guesser, page, wrong) = (claire.clone(), page.clone(), other_than(&right));
        if turn % 2 == 1 {
            guesser.moves_to(&second);
        }
        tries.spawn(async move { types_code(&mut guesser, &page, &wrong).await });
    }
    let answers = tries.join_all().await;
    assert!(answers.iter().all(|answer| answer.status == 422));
    let looked_at = answers
        .iter()
        .filter(|answer| answer.text().contains("Ce code n’est pas le bon"));
    assert_eq!(looked_at.count(), 4, "the fifth says that it is over");
    assert!(!is_new_password(
        &types_code(&mut claire, &page, &right).await
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn double_spend_of_otp_one_of_fifty_right_codes_opens() {
    let service = Service::start().await;
    let mut claire = service.browser();
    let page = asks_for_password(&mut claire, "c.martin1", "sms").await;
    let right = code(&messages(&service, 1).await[0]);
    let mut tries = JoinSet::new();
    for _ in 0..50 {
        let (mut browser, page, right) = (claire.clone(), page.clone(), right.clone());
        tries.spawn(async move { types_code(&mut browser, &page, &right).await });
    }
    let answers = tries.join_all().await;
    let opened = answers.iter().filter(|answer| is_new_password(answer));
    assert_eq!(opened.count(), 1);
}

#[tokio::test]
async fn otp_lifetime_is_thirty_minutes() {
    let service = Service::start().await;
    for (wait, opens) in [(29 * MINUTES, true), (30 * MINUTES, false)] {
        let mut claire = service.browser();
        let before = service.inbox.messages().len();
        let page = asks_for_password(&mut claire, "c.martin1", "sms").await;
        let right = code(&messages(&service, before + 1).await[before]);
        service.advance_seconds(wait);
        let answer = types_code(&mut claire, &page, &right).await;
        assert_eq!(is_new_password(&answer), opens, "{wait}");
    }
}

#[tokio::test]
async fn otp_bound_to_its_request_another_browser_and_another_account_are_refused() {
    let service = Service::start().await;
    let mut claire = service.browser();
    let page = asks_for_password(&mut claire, "c.martin1", "sms").await;
    let right = code(&messages(&service, 1).await[0]);
    // In a browser that did not ask, at the very address.
    let mut thief = service.browser();
    thief.open("/mot-de-passe-perdu").await;
    let form = page.form_with("code").with("code", &right);
    let csrf = thief.open("/mot-de-passe-perdu").await;
    let csrf = csrf.form_with("identifiant");
    let stolen = form.with("csrf", csrf.value("csrf").unwrap());
    assert_eq!(thief.submit(&stolen).await.status, 410);
    // In a journey for another account.
    let other = asks_for_password(&mut thief, "n.dubois5", "sms").await;
    assert!(!is_new_password(
        &types_code(&mut thief, &other, &right).await
    ));
    // Its owner goes on.
    let new = types_code(&mut claire, &page, &right).await;
    assert!(is_new_password(&new));
    sets(&mut claire, &new, "", PASSWORD).await;
    assert!(opens(&service, Person::CLAIRE, PASSWORD).await);
}

#[tokio::test]
async fn otp_leak_the_code_stands_in_no_answer() {
    let service = Service::start().await;
    let mut claire = service.browser();
    let start = claire.open("/mot-de-passe-perdu").await;
    let form = start
        .form_with("identifiant")
        .with("identifiant", "c.martin1")
        .with("choix", "sms")
        .with("debug", "true")
        .with("return_code", "1");
    let redirect = claire.submit_only(&form).await;
    let page = claire.follow(redirect.clone()).await;
    let right = code(&messages(&service, 1).await[0]);
    for answer in [&redirect, &page] {
        assert!(!answer.text().contains(&right));
        assert!(!format!("{:?}", answer.headers).contains(&right));
    }
}

#[tokio::test]
async fn otp_brute_force_across_accounts_trips_the_brake_of_the_whole_service() {
    let service = Service::start().await;
    let mut page = None;
    let mut guesser = service.browser();
    // One code may take five tries; each thousandth wrong one stands for another account.
    let mut braked = false;
    for guess in 0..1002_u32 {
        if guess % 5 == 0 {
            guesser = service.browser();
            let who = format!("x.inconnu{guess}");
            page = Some(asks_for_password(&mut guesser, &who, "sms").await);
        }
        let answer = types_code(&mut guesser, page.as_ref().unwrap(), "12345678").await;
        braked = answer.status == 429;
        assert_eq!(braked, guess >= 1000, "{guess}");
    }
    assert!(braked);
    // Those who have the right code wait as well, and mail stays open.
    let mut claire = service.browser();
    let page = asks_for_password(&mut claire, "c.martin1", "sms").await;
    let right = code(&messages(&service, 1).await[0]);
    assert_eq!(types_code(&mut claire, &page, &right).await.status, 429);
    service.advance_seconds(10 * MINUTES);
    assert!(is_new_password(
        &types_code(&mut claire, &page, &right).await
    ));
}

#[tokio::test]
async fn right_codes_are_not_counted_as_wrong() {
    let service = Service::start().await;
    for count in 0..16 {
        // Ten messages in ten minutes are the most to one number.
        service.advance_seconds(10 * MINUTES);
        let mut claire = service.browser();
        let page = asks_for_password(&mut claire, "c.martin1", "sms").await;
        let right = code(&messages(&service, count + 1).await[count]);
        assert!(is_new_password(
            &types_code(&mut claire, &page, &right).await
        ));
    }
}

#[tokio::test]
async fn sms_pumping_goes_nowhere_but_to_numbers_that_were_allowed() {
    let service = Service::start().await;
    for number in [
        "+33899123456",
        "+12025550123",
        "+88213123456",
        "+33123456789",
    ] {
        crate::lost::confirm(&service, "c.martin1", crate::lost::phone(number)).await;
        let page = asks_for_password(&mut service.browser(), "c.martin1", "sms").await;
        assert!(page.text().contains("Code reçu par SMS"), "{number}");
        crate::lost::asks_for_identifier_by_sms(&mut service.browser(), number).await;
    }
    assert!(settle(&service).await.is_empty());
}
