//! The old address takes a change back (product.md, Accounts).

use std::time::Duration;

use tests::{Answer, Person, Service, Visitor};

use super::{asks_for_email, confirms, contacts, link, message, said};

const OLD: &str = "claire.martin@example.org";
const NEW: &str = "voleur@example.net";

/// Claire's change to another address: who asked, and the links at both.
async fn asked(service: &Service) -> (Visitor, String, String) {
    let mut thief = service.at_account(Person::CLAIRE).await;
    asks_for_email(&mut thief, NEW).await;
    let confirmation = link(&message(service, NEW, "Mise à jour").await);
    let cancellation = link(&message(service, OLD, "changement").await);
    (thief, confirmation, cancellation)
}

/// Somebody without any session opens the link and presses the button.
async fn cancels(service: &Service, link: &str) -> Answer {
    let mut anybody = service.visitor(Person::NOBODY);
    let page = anybody.browser.open(link).await;
    if page.status != 200 {
        return page;
    }
    assert!(!page.url.contains("jeton"), "the secret left the address");
    let path = page.url.split("example").last().unwrap();
    anybody.browser.submit(&page.form(path)).await
}

#[tokio::test]
async fn before_it_is_confirmed_the_change_is_dropped_and_sessions_end() {
    let service = Service::start().await;
    let (mut thief, confirmation, cancellation) = asked(&service).await;
    service.advance_seconds(2);
    let done = cancels(&service, &cancellation).await;
    assert_eq!(done.status, 200, "{}", done.summary());
    assert!(said(&done).contains("Le changement est annulé"));
    let kept = format!("current confirmed {OLD}");
    assert_eq!(contacts(&service, Person::CLAIRE, "email").await, [kept]);
    assert!(thief.browser.open("/compte").await.is_sign_in());
    assert_eq!(thief.browser.open(&confirmation).await.status, 410);
}

#[tokio::test]
async fn after_it_was_confirmed_the_old_address_is_restored() {
    let service = Service::start().await;
    let (mut thief, confirmation, cancellation) = asked(&service).await;
    confirms(&mut thief, &confirmation).await;
    let taken = format!("current confirmed {NEW}");
    assert_eq!(contacts(&service, Person::CLAIRE, "email").await, [taken]);
    service.advance_seconds(2);
    cancels(&service, &cancellation).await;
    let restored = format!("current confirmed {OLD}");
    assert_eq!(
        contacts(&service, Person::CLAIRE, "email").await,
        [restored]
    );
    assert!(thief.browser.open("/compte").await.is_sign_in());
}

#[tokio::test]
async fn it_is_good_once_and_for_three_days() {
    let service = Service::start().await;
    let (_, _, cancellation) = asked(&service).await;
    service.advance_seconds(2);
    assert_eq!(cancels(&service, &cancellation).await.status, 200);
    assert_eq!(cancels(&service, &cancellation).await.status, 410);
    let (_, _, late) = asked_again(&service).await;
    service.advance(Duration::from_hours(72));
    assert_eq!(cancels(&service, &late).await.status, 410);
    assert_eq!(contacts(&service, Person::CLAIRE, "email").await.len(), 2);
}

async fn asked_again(service: &Service) -> (Visitor, String, String) {
    let before = service.inbox.messages().len();
    let mut claire = service.at_account(Person::CLAIRE).await;
    asks_for_email(&mut claire, "encore@example.net").await;
    tests::service::eventually("both mails arrive", async || {
        service.inbox.messages().len() == before + 2
    })
    .await;
    let confirmation = link(&message(service, "encore@example.net", "Mise à jour").await);
    let cancellation = link(&message(service, OLD, "changement").await);
    (claire, confirmation, cancellation)
}

#[tokio::test]
async fn nobody_takes_back_in_another_browser_or_without_the_button() {
    let service = Service::start().await;
    let (_, _, cancellation) = asked(&service).await;
    let mut owner = service.visitor(Person::NOBODY);
    let page = owner.browser.open(&cancellation).await;
    let path = page.url.split("example").last().unwrap().to_owned();
    let form = page.form(&path);
    let forged = form.clone().without("csrf");
    assert_eq!(owner.browser.submit_only(&forged).await.status, 403);
    let mut other = service.visitor(Person::NOBODY);
    assert_eq!(other.browser.get(&path).await.status, 410);
    assert_eq!(contacts(&service, Person::CLAIRE, "email").await.len(), 2);
    assert_eq!(owner.browser.submit(&form).await.status, 200);
}

#[tokio::test]
async fn what_was_sent_to_the_thief_is_void_as_well() {
    let service = Service::start().await;
    let (mut thief, confirmation, cancellation) = asked(&service).await;
    confirms(&mut thief, &confirmation).await;
    // A change from now on is told to the thief, with « Ce n'est pas moi ».
    let page = thief.browser.open("/compte/mot-de-passe").await;
    let changed = "girafe violon couloir";
    let form = page
        .form("/compte/mot-de-passe")
        .with("mot-de-passe-actuel", Person::CLAIRE.password)
        .with("nouveau-mot-de-passe", changed)
        .with("confirmation-mot-de-passe", changed);
    thief.browser.submit(&form).await;
    let theirs = link(&message(&service, NEW, "modifié").await);
    service.advance_seconds(2);
    cancels(&service, &cancellation).await;
    let open = "select id from proof where purpose = 'disavowal' and spent_at is null \
                and contact = 'voleur@example.net'";
    let left = format!("update account set locale = locale where exists ({open})");
    assert_eq!(service.sql(&left).await, 0);
    let mut thief = service.visitor(Person::NOBODY);
    let page = thief.browser.open(&theirs).await;
    assert!(!said(&page).contains("c.martin1"), "{}", page.summary());
}
