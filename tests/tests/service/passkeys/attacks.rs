//! What is done with ceremonies and devices that lie.

use std::time::Duration;

use tests::{
    Answer, Browser, Device, Person, Service,
    device::{answered, asks, asks_for},
    form::Form,
};
use tokio::task::JoinSet;

use super::{
    LIST, actions, adds, assert_refused, at_sign_in, by_passkey, has_session, with_passkey,
};

/// A form of a sign-in page in a browser, with the device's answer to its question.
async fn ready(service: &Service, device: &mut Device) -> (Browser, Form) {
    let (mut browser, page) = at_sign_in(service).await;
    let form = page.form("/cle-d-acces");
    let question = asks(&mut browser, &form).await;
    let said = device.answers(&question);
    let form = answered(&form, &question, &said);
    (browser, form)
}

/// Léo's passkey, and a device that answers so.
async fn after(change: impl FnOnce(&mut Device)) -> (Service, Browser, Answer) {
    let service = Service::start().await;
    let (_, mut device) = with_passkey(&service, Person::LEO).await;
    change(&mut device);
    let (browser, answer) = by_passkey(&service, &mut device).await;
    (service, browser, answer)
}

#[tokio::test]
async fn an_answer_for_another_site_opens_nothing() {
    for origin in [
        "https://compte.example.evil.example",
        "https://evil.example",
        "http://compte.example",
        "https://compte.example:8443",
        "https://sous.compte.example",
    ] {
        let (_, browser, answer) = after(|device| origin.clone_into(&mut device.origin)).await;
        assert_refused(&browser, &answer);
    }
}

#[tokio::test]
async fn a_device_that_does_not_know_its_owner_opens_nothing() {
    let (_, browser, answer) = after(|device| device.knows_owner = false).await;
    assert_refused(&browser, &answer);
}

#[tokio::test]
async fn a_device_that_names_another_owner_opens_nothing() {
    let (_, browser, answer) = after(|device| device.key().user_handle = vec![7; 16]).await;
    assert_refused(&browser, &answer);
}

#[tokio::test]
async fn a_counter_that_goes_back_is_refused_and_written_down() {
    let (service, browser, answer) = after(|_| ()).await;
    assert!(has_session(&browser), "{}", answer.summary());
    let (_, mut device) = with_passkey(&service, Person::ADAM).await;
    by_passkey(&service, &mut device).await;
    by_passkey(&service, &mut device).await;
    // A copy of before.
    let mut copy = device.clone();
    copy.key().counter = 0;
    let (browser, refused) = by_passkey(&service, &mut copy).await;
    assert_refused(&browser, &refused);
    assert_eq!(
        actions(&service).await,
        ["passkey.added", "passkey.added", "passkey.suspected"]
    );
    let mut adam = service.at_account(Person::ADAM).await;
    let history = adam.browser.open("/compte/historique").await;
    assert!(
        history.text().contains("elle a peut-être été copiée"),
        "{}",
        history.summary()
    );
    // The one whose counter goes on is still good.
    assert!(has_session(&by_passkey(&service, &mut device).await.0));
}

#[tokio::test]
async fn an_answer_to_another_question_opens_nothing() {
    let service = Service::start().await;
    let (_, mut device) = with_passkey(&service, Person::LEO).await;
    let (mut browser, page) = at_sign_in(&service).await;
    let form = page.form("/cle-d-acces");
    let one = asks(&mut browser, &form).await;
    let other = asks(&mut browser, &form).await;
    let said = device.answers(&one);
    let refused = browser.submit(&answered(&form, &other, &said)).await;
    assert_refused(&browser, &refused);
    for (ceremony, said) in [("", ""), ("x", "{}"), (&*"a".repeat(43), &*said)] {
        let form = form
            .clone()
            .with("ceremonie", ceremony)
            .with("reponse", said);
        let refused = browser.submit(&form).await;
        assert_refused(&browser, &refused);
    }
    // The question that it answers is still there.
    let back = browser.submit(&answered(&form, &one, &said)).await;
    assert!(has_session(&browser), "{}", back.summary());
}

#[tokio::test]
async fn an_answer_is_good_once() {
    let service = Service::start().await;
    let (_, mut device) = with_passkey(&service, Person::LEO).await;
    let (mut browser, form) = ready(&service, &mut device).await;
    let mut replayed = browser.clone();
    browser.submit(&form).await;
    assert!(has_session(&browser));
    let again = replayed.submit(&form).await;
    assert!(!has_session(&replayed), "{}", again.summary());
    // Nor in a sign-in that has not ended.
    let page = replayed.open(&service.portal().request().url()).await;
    let elsewhere = Form {
        action: page.form("/cle-d-acces").action,
        ..form
    };
    let refused = replayed.submit(&elsewhere).await;
    assert_refused(&replayed, &refused);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_answers_at_once_one_begins_a_session() {
    let service = Service::start().await;
    let (_, mut device) = with_passkey(&service, Person::LEO).await;
    let (browser, form) = ready(&service, &mut device).await;
    let mut tasks = JoinSet::new();
    for _ in 0..50 {
        let (mut browser, form) = (browser.clone(), form.clone());
        tasks.spawn(async move {
            browser.submit_only(&form).await;
            has_session(&browser)
        });
    }
    let sessions = tasks.join_all().await;
    assert_eq!(sessions.into_iter().filter(|session| *session).count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_answers_with_one_counter_one_counts() {
    let service = Service::start().await;
    let (_, mut device) = with_passkey(&service, Person::LEO).await;
    let mut copy = device.clone();
    let (mut one, first) = ready(&service, &mut device).await;
    let (mut two, second) = ready(&service, &mut copy).await;
    tokio::join!(one.submit_only(&first), two.submit_only(&second));
    assert!(
        has_session(&one) != has_session(&two),
        "one, and not the other"
    );
}

#[tokio::test]
async fn a_question_is_over_after_five_minutes() {
    let service = Service::start().await;
    let (_, mut device) = with_passkey(&service, Person::LEO).await;
    let (mut browser, form) = ready(&service, &mut device).await;
    service.advance(Duration::from_mins(5));
    let late = browser.submit(&form).await;
    assert_refused(&browser, &late);
}

#[tokio::test]
async fn a_question_is_of_its_browser_and_its_sign_in() {
    let service = Service::start().await;
    let (_, mut device) = with_passkey(&service, Person::LEO).await;
    let (_, form) = ready(&service, &mut device).await;
    let (mut thief, page) = at_sign_in(&service).await;
    let own = page.form("/cle-d-acces");
    let stolen = Form {
        action: own.action.clone(),
        ..form
    };
    let stolen = stolen.with("csrf", own.value("csrf").unwrap());
    let refused = thief.submit(&stolen).await;
    assert_refused(&thief, &refused);
    // Another sign-in of the same browser.
    let (mut browser, form) = ready(&service, &mut device).await;
    let page = browser.open(&service.portal().request().url()).await;
    let moved = Form {
        action: page.form("/cle-d-acces").action,
        ..form
    };
    let refused = browser.submit(&moved).await;
    assert_refused(&browser, &refused);
}

#[tokio::test]
async fn questions_need_the_form_of_the_page() {
    let service = Service::start().await;
    let (mut browser, page) = at_sign_in(&service).await;
    let form = page.form("/cle-d-acces");
    let forged = asks_for(&mut browser, &form.clone().with("csrf", "x")).await;
    assert_eq!(forged.status, 403, "{}", forged.summary());
    let mut crossed = browser.with_header("sec-fetch-site", "cross-site");
    let forged = asks_for(&mut crossed, &form).await;
    assert_eq!(forged.status, 403, "{}", forged.summary());
}

#[tokio::test]
async fn what_is_asked_for_one_thing_is_good_for_no_other() {
    let service = Service::start().await;
    let (mut leo, mut device) = with_passkey(&service, Person::LEO).await;
    // A passkey made for a question of the sign-in.
    let (mut browser, page) = at_sign_in(&service).await;
    let sign_in = page.form("/cle-d-acces");
    let to_prove = asks(&mut browser, &sign_in).await;
    let list = leo.browser.open(LIST).await;
    let adding = list.form("/cles-d-acces/ajout").with("nom", "Autre");
    let to_make = asks(&mut leo.browser, &adding).await;
    let mut other = Device::default();
    let made = other.makes(&to_make);
    let swapped = answered(&adding, &to_prove, &made);
    assert_eq!(leo.browser.submit(&swapped).await.status, 422);
    let said = device.answers(&to_prove);
    let to_make = asks(&mut leo.browser, &adding).await;
    let swapped = answered(&sign_in, &to_make, &said);
    let refused = browser.submit(&swapped).await;
    assert_refused(&browser, &refused);
    // What one session was asked, another cannot add: Adam's passkey would be Léo's.
    let mut adam = service.at_account(Person::ADAM).await;
    let page = adam.browser.open(LIST).await;
    let own = page.form("/cles-d-acces/ajout").with("nom", "À moi");
    let to_make = asks(&mut leo.browser, &adding).await;
    let made = other.makes(&to_make);
    let refused = adam.browser.submit(&answered(&own, &to_make, &made)).await;
    assert_eq!(refused.status, 422, "{}", refused.summary());
    assert_eq!(actions(&service).await, ["passkey.added"]);
}

#[tokio::test]
async fn a_passkey_is_of_one_account() {
    let service = Service::start().await;
    let (_, device) = with_passkey(&service, Person::LEO).await;
    let mut adam = service.at_account(Person::ADAM).await;
    // The same credential, made again for somebody else.
    let mut thief = device.clone();
    thief.makes_anew = true;
    let refused = adds(&mut adam, &mut thief, "À moi").await;
    assert_eq!(refused.status, 422, "{}", refused.summary());
    assert_eq!(actions(&service).await, ["passkey.added"]);
}

#[tokio::test]
async fn a_device_that_does_not_know_its_owner_is_not_added() {
    let service = Service::start().await;
    let mut leo = service.at_account(Person::LEO).await;
    let mut device = Device {
        knows_owner: false,
        ..Device::default()
    };
    assert_eq!(adds(&mut leo, &mut device, "Clé USB").await.status, 422);
    let mut device = Device {
        origin: "https://evil.example".into(),
        ..Device::default()
    };
    assert_eq!(adds(&mut leo, &mut device, "Clé USB").await.status, 422);
    assert!(actions(&service).await.is_empty());
}
