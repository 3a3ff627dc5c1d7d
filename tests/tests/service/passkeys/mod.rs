//! Passkeys: a way in by themselves, a second factor, and what « Mon compte » does with them.

mod account;
mod attacks;
mod factor;
mod sign_in;

use tests::{Answer, Browser, Device, Person, Service, Visitor, service::texts};

const LIST: &str = "/compte/cles-d-acces";
const OVERVIEW: &str = "/compte/verification-en-deux-etapes";
const MFA: &str = "urn:preau:acr:mfa";

/// Adds a passkey of the device in « Mon compte »; what came of it.
async fn adds(visitor: &mut Visitor, device: &mut Device, name: &str) -> Answer {
    let page = visitor.browser.open(LIST).await;
    let form = page.form("/cles-d-acces/ajout").with("nom", name);
    device.adds(&mut visitor.browser, &form).await
}

/// Somebody with a passkey since a minute, and its device.
pub(crate) async fn with_passkey(service: &Service, person: Person) -> (Visitor, Device) {
    let mut visitor = service.at_account(person).await;
    let mut device = Device::default();
    let home = adds(&mut visitor, &mut device, "Téléphone").await;
    assert!(home.url.ends_with("/compte"), "{}", home.summary());
    service.advance_seconds(60);
    (visitor, device)
}

/// A new browser at the portal's sign-in page.
async fn at_sign_in(service: &Service) -> (Browser, Answer) {
    let mut browser = service.browser();
    let page = browser.open(&service.portal().request().url()).await;
    assert!(page.is_sign_in(), "{}", page.summary());
    (browser, page)
}

/// The device signs in by itself, in a new browser.
pub(crate) async fn by_passkey(service: &Service, device: &mut Device) -> (Browser, Answer) {
    let (mut browser, page) = at_sign_in(service).await;
    let answer = device.opens(&mut browser, &page.form("/cle-d-acces")).await;
    (browser, answer)
}

pub(crate) fn has_session(browser: &Browser) -> bool {
    browser.cookie("session").is_some()
}

/// Refused as a passkey that nobody has is.
fn assert_refused(browser: &Browser, answer: &Answer) {
    assert_eq!(answer.status, 422, "{}", answer.summary());
    assert!(answer.text().contains("Cette clé d’accès n’ouvre pas"));
    assert!(!has_session(browser));
}

async fn actions(service: &Service) -> Vec<String> {
    let statement = "select action from audit_event where action like 'passkey.%' order by at";
    texts(service.database.reader(), statement, "action").await
}

/// How many notices that passkeys were changed were written.
async fn notices(service: &Service) -> usize {
    let statement = "select template from outbox where template = 'account_changed'";
    texts(service.database.reader(), statement, "template")
        .await
        .len()
}
