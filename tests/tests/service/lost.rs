//! What people do who have lost something: the steps that tests of recovery share.

use domain::{
    contact::{Address, ContactState, Current, EmailAddress, PhoneNumber},
    identifier::AccountIdentifier,
    ids::AccountId,
};
use notify::transport::ReceivedMessage;
use store::{accounts, contacts};
use tests::{Answer, Browser, Person, Service, service::eventually};

pub(crate) const PASSWORD: &str = "girafe violon couloir 26";

/// Waits for this many messages in all, and gives them.
pub(crate) async fn messages(service: &Service, count: usize) -> Vec<ReceivedMessage> {
    eventually(&format!("{count} messages arrive"), async || {
        service.inbox.messages().len() >= count
    })
    .await;
    let messages = service.inbox.messages();
    assert_eq!(messages.len(), count, "{messages:?}");
    messages
}

/// Lets somebody else get a message, after which those of before would have come.
pub(crate) async fn settle(service: &Service) -> Vec<ReceivedMessage> {
    let mut leo = service.browser();
    asks_for_identifier(&mut leo, "leo.martin@example.org").await;
    let is_leos = |message: &ReceivedMessage| {
        message.to == "leo.martin@example.org" && message.text.contains("\nl.martin3\n")
    };
    eventually("Léo's identifier arrives", async || {
        service.inbox.messages().iter().any(is_leos)
    })
    .await;
    let mut messages = service.inbox.messages();
    messages.retain(|message| !is_leos(message));
    messages
}

/// The link to act on.
pub(crate) fn link(message: &ReceivedMessage) -> String {
    let lines = message.text.lines();
    let mut urls = lines.filter(|line| line.starts_with("https://"));
    urls.next().expect("a link").to_owned()
}

/// The code.
pub(crate) fn code(message: &ReceivedMessage) -> String {
    let runs = message.text.split(|c: char| !c.is_ascii_digit());
    let mut runs = runs.filter(|run| run.len() >= 6);
    runs.next().expect("a code").to_owned()
}

/// A code that is not this one.
pub(crate) fn other_than(code: &str) -> String {
    let number: u32 = code.parse().unwrap();
    format!("{:08}", (number + 1) % 100_000_000)
}

pub(crate) async fn asks_for_identifier(browser: &mut Browser, email: &str) -> Answer {
    let page = browser.open("/identifiant-perdu/email").await;
    let form = page.form("/identifiant-perdu/email").with("email", email);
    browser.submit(&form).await
}

pub(crate) async fn asks_for_identifier_by_sms(browser: &mut Browser, number: &str) -> Answer {
    let page = browser.open("/identifiant-perdu/sms").await;
    let form = page.form("/identifiant-perdu/sms");
    browser.submit(&form.with("telephone", number)).await
}

/// Names an identifier and presses one of the buttons, `email` or `sms`.
pub(crate) async fn asks_for_password(
    browser: &mut Browser,
    identifier: &str,
    choice: &str,
) -> Answer {
    let page = browser.open("/mot-de-passe-perdu").await;
    let form = page.form("/mot-de-passe-perdu");
    let form = form.with("identifiant", identifier).with("choix", choice);
    browser.submit(&form).await
}

/// Types a code into its page.
pub(crate) async fn types_code(browser: &mut Browser, page: &Answer, code: &str) -> Answer {
    let form = page.form_with("code");
    browser.submit(&form.with("code", code)).await
}

/// Types a new password twice, and the identifier where it is asked for.
pub(crate) async fn sets(
    browser: &mut Browser,
    page: &Answer,
    identifier: &str,
    password: &str,
) -> Answer {
    let form = page
        .form_with("nouveau-mot-de-passe")
        .with("nouveau-mot-de-passe", password)
        .with("confirmation-mot-de-passe", password);
    let asks = form.value("identifiant").is_some();
    let form = if asks {
        form.with("identifiant", identifier)
    } else {
        form
    };
    browser.submit(&form).await
}

/// Asks for the link of somebody who gets one, and opens it: the page for a new password.
pub(crate) async fn opens_link(service: &Service, browser: &mut Browser, who: &str) -> Answer {
    let before = service.inbox.messages().len();
    asks_for_password(browser, who, "email").await;
    let messages = messages(service, before + 1).await;
    browser.open(&link(&messages[before])).await
}

pub(crate) fn heading(page: &Answer) -> String {
    let text = page.text();
    let heading = text.split("<h1>").nth(1).unwrap_or_default();
    let heading = heading.split("</h1>").next().unwrap_or_default();
    heading.replace('\u{a0}', " ")
}

pub(crate) async fn account(service: &Service, identifier: &str) -> AccountId {
    let identifier = AccountIdentifier::parse(identifier).unwrap();
    let found = accounts::find_by_identifier(service.database.reader(), &identifier).await;
    found.unwrap().unwrap().account.id
}

/// Gives an account a confirmed address.
pub(crate) async fn confirm(service: &Service, identifier: &str, address: Address) {
    let account = account(service, identifier).await;
    let state = ContactState::Confirmed;
    let current = Current { address, state };
    contacts::put_current(
        service.database.writer(),
        &service.ambient,
        account,
        &current,
    )
    .await
    .unwrap();
}

pub(crate) fn email(text: &str) -> Address {
    EmailAddress::parse(text).unwrap().into()
}

pub(crate) fn phone(text: &str) -> Address {
    PhoneNumber::parse(text).unwrap().into()
}

/// Whether a password opens a session.
pub(crate) async fn opens(service: &Service, person: Person, password: &str) -> bool {
    let mut visitor = service.visitor(person);
    let page = visitor.browser.open("/compte").await;
    let answer = visitor.types(&page, person.identifier, password).await;
    visitor.browser.cookie("session").is_some() && answer.status == 200
}
