//! « Ce n'est pas moi »: an account is taken back from a thief (product.md, Recovery).

use std::time::Duration;

use notify::transport::ReceivedMessage;
use store::contacts;
use tests::{Answer, Browser, Person, Service, Tokens, form::Form};
use tokio::task::JoinSet;

use crate::lost::{
    PASSWORD, account, asks_for_password, code, confirm, email, heading, link, messages, opens,
    opens_link, sets, types_code,
};

const SECOND: &str = "tulipe marteau nuage 26";

/// A thief who reads Claire's SMS sets a password; the notices to mail and phone.
async fn stolen(service: &Service) -> Vec<ReceivedMessage> {
    let before = service.inbox.messages().len();
    let mut thief = service.browser();
    let page = asks_for_password(&mut thief, "c.martin1", "sms").await;
    let right = code(&messages(service, before + 1).await[before]);
    let new = types_code(&mut thief, &page, &right).await;
    sets(&mut thief, &new, "", PASSWORD).await;
    let mut notices = messages(service, before + 3).await.split_off(before + 1);
    notices.sort_by(|one, other| other.to.cmp(&one.to));
    notices
}

fn button(page: &Answer) -> Form {
    let text = page.text();
    let forms = Form::all(&text);
    let form = forms
        .into_iter()
        .find(|form| form.action.starts_with("/ce-n-est-pas-moi/"));
    form.unwrap_or_else(|| panic!("no button in {}", page.summary()))
}

async fn presses(browser: &mut Browser, link: &str) -> Answer {
    let page = browser.open(link).await;
    browser.submit(&button(&page)).await
}

async fn thief_signs_in(service: &Service) -> (Browser, Tokens) {
    let person = Person {
        identifier: "c.martin1",
        password: PASSWORD,
    };
    let mut thief = service.visitor(person);
    let tokens = thief.signs_in_at(&service.portal()).await;
    (thief.browser, tokens)
}

#[tokio::test]
async fn the_owner_takes_the_account_back() {
    let service = Service::start().await;
    let notices = stolen(&service).await;
    let (mut thief, tokens) = thief_signs_in(&service).await;
    confirm(&service, "c.martin1", email("thief@example.org")).await;
    let mut claire = service.browser();
    let page = claire.open(&link(&notices[0])).await;
    assert!(page.text().contains("c.martin1") && !page.url.contains("jeton"));
    let done = claire.submit(&button(&page)).await;
    assert_eq!(heading(&done), "Votre compte est repris");
    // The thief is out, everywhere.
    assert!(thief.open("/compte").await.is_sign_in());
    let portal = service.portal();
    assert_eq!(portal.refresh(&tokens.refresh).await.status, 400);
    assert_eq!(portal.userinfo(&tokens.access).await.status, 401);
    assert!(!opens(&service, Person::CLAIRE, PASSWORD).await);
    assert!(!opens(&service, Person::CLAIRE, Person::CLAIRE.password).await);
    // The contacts of before are told, and open the account again.
    let told = messages(&service, 5).await.split_off(3);
    let mut to: Vec<_> = told.iter().map(|message| &*message.to).collect();
    to.sort_unstable();
    assert_eq!(to, ["+33639980001", "claire.martin@example.org"]);
    assert!(told.iter().all(|message| {
        link(message) == "https://compte.example/mot-de-passe-perdu"
            && message.text.lines().any(|line| line == "c.martin1")
    }));
    let new = opens_link(&service, &mut claire, "c.martin1").await;
    assert_eq!(service.inbox.messages()[5].to, "claire.martin@example.org");
    sets(&mut claire, &new, "c.martin1", SECOND).await;
    assert!(opens(&service, Person::CLAIRE, SECOND).await);
}

#[tokio::test]
async fn a_link_is_good_once_and_so_are_both_of_one_change() {
    let service = Service::start().await;
    let notices = stolen(&service).await;
    let mut claire = service.browser();
    let mut other = service.browser();
    let waiting = other.open(&link(&notices[1])).await;
    presses(&mut claire, &link(&notices[0])).await;
    assert_eq!(other.submit(&button(&waiting)).await.status, 410);
    for notice in &notices {
        let again = service.browser().open(&link(notice)).await;
        assert_eq!(again.status, 410);
        assert!(!again.url.contains("jeton"));
    }
}

#[tokio::test]
async fn prefetch_opening_the_link_changes_nothing() {
    let service = Service::start().await;
    let notices = stolen(&service).await;
    for _ in 0..3 {
        let first = service.browser().get(&link(&notices[0])).await;
        assert_eq!(
            (first.status, first.header("referrer-policy")),
            (303, "no-referrer")
        );
        service.browser().open(&link(&notices[0])).await;
    }
    assert!(opens(&service, Person::CLAIRE, PASSWORD).await);
    let done = presses(&mut service.browser(), &link(&notices[0])).await;
    assert_eq!(done.status, 200);
}

#[tokio::test]
async fn three_days_are_the_most() {
    let service = Service::start().await;
    let notices = stolen(&service).await;
    service.advance(Duration::from_hours(72));
    assert_eq!(service.browser().open(&link(&notices[0])).await.status, 410);
    assert!(opens(&service, Person::CLAIRE, PASSWORD).await);
}

#[tokio::test]
async fn the_link_of_an_earlier_change_takes_back_more_and_outlives_a_later_one() {
    let service = Service::start().await;
    let first = stolen(&service).await;
    service.advance(Duration::from_mins(20));
    let second = stolen(&service).await;
    presses(&mut service.browser(), &link(&second[0])).await;
    assert!(!opens(&service, Person::CLAIRE, PASSWORD).await);
    let done = presses(&mut service.browser(), &link(&first[0])).await;
    assert_eq!(done.status, 200);
}

#[tokio::test]
async fn the_link_of_a_later_change_dies_with_an_earlier_one() {
    let service = Service::start().await;
    let first = stolen(&service).await;
    service.advance(Duration::from_mins(20));
    let second = stolen(&service).await;
    presses(&mut service.browser(), &link(&first[0])).await;
    assert_eq!(service.browser().open(&link(&second[0])).await.status, 410);
}

#[tokio::test]
async fn a_password_of_before_the_change_stays() {
    let service = Service::start().await;
    let notices = stolen(&service).await;
    // As though the change had been one of the address alone.
    let set_before = "update account set password_set_at = password_set_at - 3600000 \
                      where identifier = 'c.martin1'";
    service.sql(set_before).await;
    presses(&mut service.browser(), &link(&notices[0])).await;
    assert!(opens(&service, Person::CLAIRE, PASSWORD).await);
}

#[tokio::test]
async fn what_the_thief_asked_for_ends_too() {
    let service = Service::start().await;
    let notices = stolen(&service).await;
    let mut thief = service.browser();
    let waiting = opens_link(&service, &mut thief, "c.martin1").await;
    let id = account(&service, "c.martin1").await;
    let pending = email("thief@example.org");
    contacts::put_pending(service.database.writer(), &service.ambient, id, &pending)
        .await
        .unwrap();
    presses(&mut service.browser(), &link(&notices[0])).await;
    let late = sets(&mut thief, &waiting, "c.martin1", SECOND).await;
    assert_eq!(late.status, 410);
    let now = contacts::find_all(service.database.reader(), id).await;
    let now = now.unwrap();
    assert_eq!(now.email.pending, None);
    assert_eq!(
        now.email.confirmed(),
        Some(&email("claire.martin@example.org"))
    );
}

#[tokio::test]
async fn another_browser_and_a_form_without_proof_take_nothing_back() {
    let service = Service::start().await;
    let notices = stolen(&service).await;
    let mut claire = service.browser();
    let page = claire.open(&link(&notices[0])).await;
    assert_eq!(service.browser().submit(&button(&page)).await.status, 403);
    let mut other = service.browser();
    let own = other.open("/mot-de-passe-perdu").await;
    let csrf = own
        .form_with("identifiant")
        .value("csrf")
        .unwrap()
        .to_owned();
    let form = button(&page).with("csrf", &csrf);
    assert_eq!(other.submit(&form).await.status, 410);
    let none = button(&page).without("csrf");
    assert_eq!(claire.submit(&none).await.status, 403);
    assert!(opens(&service, Person::CLAIRE, PASSWORD).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn double_spend_of_a_disavowal_one_of_fifty_counts() {
    let service = Service::start().await;
    let notices = stolen(&service).await;
    let mut pages = Vec::new();
    for turn in 0..50 {
        let mut browser = service.browser();
        let page = browser.open(&link(&notices[turn % 2])).await;
        pages.push((browser, button(&page)));
    }
    let mut presses = JoinSet::new();
    for (mut browser, form) in pages {
        presses.spawn(async move { browser.submit(&form).await.status });
    }
    let answers = presses.join_all().await;
    let done = answers.iter().filter(|status| **status == 200).count();
    assert_eq!(done, 1, "{answers:?}");
    messages(&service, 5).await;
}

#[tokio::test]
async fn a_token_of_another_purpose_opens_neither() {
    let service = Service::start().await;
    let notices = stolen(&service).await;
    let mut claire = service.browser();
    asks_for_password(&mut claire, "c.martin1", "email").await;
    let mail = messages(&service, 4).await.remove(3);
    let token = |link: String| link.split("jeton=").nth(1).unwrap().to_owned();
    let (set, disavow) = (token(link(&mail)), token(link(&notices[0])));
    let swapped = [
        format!("/mot-de-passe/lien?jeton={disavow}"),
        format!("/ce-n-est-pas-moi?jeton={set}"),
    ];
    for link in swapped {
        assert_eq!(claire.open(&link).await.status, 410, "{link}");
    }
}
