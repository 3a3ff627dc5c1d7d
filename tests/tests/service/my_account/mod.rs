//! « Mon compte »: what its owner changes and sees, from outside (guide, section 4.4).

mod attacks;
mod cancellation;
mod email;
mod footprint;
mod password;
mod phone;

use notify::transport::ReceivedMessage;
use tests::{Answer, Person, Service, Visitor, form::Form, service::eventually, service::texts};

/// What a page says, as a person reads it: a no-break space looks like any other.
fn said(page: &Answer) -> String {
    tests::form::unescape(&page.text()).replace('\u{a0}', " ")
}

/// The one message of a kind of subject that arrives at an address; the text of an SMS
/// stands for its subject.
async fn message(service: &Service, to: &str, about: &str) -> ReceivedMessage {
    let matching = || {
        let all = service.inbox.messages().into_iter();
        let ours = all.filter(|message| message.to == to);
        let about = ours.filter(|message| {
            let subject = message.subject.as_deref();
            subject.unwrap_or(&message.text).contains(about)
        });
        about.collect::<Vec<_>>()
    };
    eventually(&format!("« {about} » arrives at {to}"), async || {
        !matching().is_empty()
    })
    .await;
    matching().pop().unwrap()
}

/// Every message written so far, by its name: written in the transaction of its change,
/// so there is nothing to wait for.
async fn written(service: &Service) -> Vec<String> {
    let sql = "select template from outbox order by template";
    texts(service.database.reader(), sql, "template").await
}

/// The link to act on: the first URL, alone on its line.
fn link(message: &ReceivedMessage) -> String {
    let link = message
        .text
        .lines()
        .find(|line| line.starts_with("https://"));
    link.unwrap_or_else(|| panic!("no link in {}", message.text))
        .to_owned()
}

/// The first run of six or more digits.
fn code(message: &ReceivedMessage) -> String {
    let mut runs = message.text.split(|sign: char| !sign.is_ascii_digit());
    runs.find(|run| run.len() >= 6).unwrap().to_owned()
}

/// Fills in the form for another address and sends it.
async fn asks_for_email(visitor: &mut Visitor, address: &str) -> Answer {
    let form = email_form(visitor, address).await;
    visitor.browser.submit(&form).await
}

async fn email_form(visitor: &mut Visitor, address: &str) -> Form {
    let page = visitor.browser.open("/compte/email").await;
    page.form("/compte/email")
        .with("email", address)
        .with("confirmation-email", address)
}

/// Opens the link of a mail and presses « Envoyer », typing the password where it is asked.
async fn confirms(visitor: &mut Visitor, link: &str) -> Answer {
    let mut page = visitor.browser.open(link).await;
    if page.is_sign_in() {
        page = visitor.types_password(&page).await;
    }
    if page.status != 200 {
        return page;
    }
    let form = page.form(recapitulation(&page));
    visitor.browser.submit(&form).await
}

/// The path of the page at hand, which its form posts to.
fn recapitulation(page: &Answer) -> &str {
    let path = page.url.split("example").last().unwrap();
    assert!(path.starts_with("/compte/email/confirmation/"), "{path}");
    path
}

/// The contacts of somebody, as the store holds them.
async fn contacts(service: &Service, person: Person, channel: &str) -> Vec<String> {
    let sql = format!(
        "select contact.slot || ' ' || contact.state || ' ' || contact.value as line from contact \
         join account on account.id = contact.account_id \
         where identifier = '{}' and channel = '{channel}' order by contact.slot",
        person.identifier
    );
    texts(service.database.reader(), &sql, "line").await
}
