//! Invitations: officers and administrators set up their own access, once.

use domain::audit::Actor;
use store::invitations;
use tests::{Answer, Browser, Person, Service, Visitor, form::Form, service::texts};
use tokio::task::JoinSet;

const PASSWORD: &str = "girafe violon couloir 26";

async fn invites(service: &Service, person: Person) -> String {
    let account = crate::lost::account(service, person.identifier).await;
    let writer = service.database.writer();
    let made = invitations::insert(writer, &service.ambient, Actor::Operator, account).await;
    format!("/invitation?jeton={}", made.unwrap().expose())
}

fn with_password(page: &Answer) -> Form {
    page.form_with("nouveau-mot-de-passe")
        .with("nouveau-mot-de-passe", PASSWORD)
        .with("confirmation-mot-de-passe", PASSWORD)
}

async fn opens(service: &Service, link: &str) -> (Browser, Answer) {
    let mut browser = service.browser();
    let page = browser.open(link).await;
    (browser, page)
}

/// Sets an application up on the page that asks for a first factor; the end of the sign-in.
async fn sets_up(visitor: &mut Visitor, enrolment: &Answer) -> Answer {
    let text = enrolment.text();
    let key = text
        .split(r#"<p class="value secret" translate="no">"#)
        .nth(1);
    let key = key.and_then(|rest| rest.split('<').next());
    visitor.key = Some(key.unwrap().replace(' ', ""));
    let codes = visitor.types_code(enrolment).await;
    let seen = Form::all(&codes.text())
        .into_iter()
        .find(|form| form.action.ends_with("/suite"));
    visitor.browser.submit(&seen.unwrap()).await
}

#[tokio::test]
async fn an_invitation_leads_through_password_and_factor_to_a_session() {
    let service = Service::start().await;
    // An administrator who was never activated, as the command makes them.
    service
        .sql(
            "update account set state = 'known', password_state = 'absent', \
             password_hash = null, password_set_at = null where identifier = 'admin'",
        )
        .await;
    service.sql("delete from second_factor").await;
    let link = invites(&service, Person::ALIX).await;
    let mut alix = service.visitor(Person {
        password: PASSWORD,
        ..Person::ALIX
    });
    let page = alix.browser.open(&link).await;
    assert!(page.text().contains("admin") && !page.url.contains("jeton"));
    let short = page
        .form_with("nouveau-mot-de-passe")
        .with("nouveau-mot-de-passe", "short")
        .with("confirmation-mot-de-passe", "short");
    assert_eq!(alix.browser.submit(&short).await.status, 422);
    let enrolment = alix.browser.submit(&with_password(&page)).await;
    assert!(
        enrolment.url.ends_with("/verification-en-deux-etapes"),
        "{}",
        enrolment.summary()
    );
    assert!(alix.browser.cookie("session").is_none());
    let home = sets_up(&mut alix, &enrolment).await;
    assert!(home.url.ends_with("/compte"), "{}", home.summary());
    service.advance_seconds(60);
    let tokens = alix.signs_in_at(&service.portal()).await;
    assert_eq!(tokens.id_claims()["acr"], "urn:preau:acr:mfa");
    // Once.
    let (_, over) = opens(&service, &link).await;
    assert_eq!(over.status, 410, "{}", over.summary());
    assert_eq!(alix.browser.submit(&with_password(&page)).await.status, 410);
    let written = "select action from audit_event where action like 'invitation.%' order by at";
    let written = texts(service.database.reader(), written, "action").await;
    assert_eq!(written, ["invitation.made", "invitation.used"]);
}

#[tokio::test]
async fn an_invitation_replaces_a_lost_factor_and_ends_what_was_signed_in() {
    let service = Service::start().await;
    let mut before = service.at_account(Person::ODILE).await;
    service.advance_seconds(1);
    service
        .sql("update second_factor set sealed_totp = null, totp_step = null, totp_at = null")
        .await;
    let link = invites(&service, Person::ODILE).await;
    assert!(
        before
            .browser
            .open("/compte")
            .await
            .url
            .ends_with("/compte")
    );
    let mut odile = service.visitor(Person::ODILE);
    let page = odile.browser.open(&link).await;
    let enrolment = odile.browser.submit(&with_password(&page)).await;
    assert!(before.browser.open("/compte").await.is_sign_in());
    let home = sets_up(&mut odile, &enrolment).await;
    assert!(home.url.ends_with("/compte"), "{}", home.summary());
}

#[tokio::test]
async fn an_invitation_ends_with_its_day_and_with_a_newer_one() {
    let service = Service::start().await;
    let first = invites(&service, Person::ODILE).await;
    let second = invites(&service, Person::ODILE).await;
    assert_eq!(opens(&service, &first).await.1.status, 410);
    let (mut browser, page) = opens(&service, &second).await;
    assert_eq!(page.status, 200);
    service.advance_seconds(24 * 60 * 60);
    assert_eq!(opens(&service, &second).await.1.status, 410);
    assert_eq!(browser.submit(&with_password(&page)).await.status, 410);
    for other in ["", "jeton=x", &format!("jeton={}", "A".repeat(43))] {
        let (_, over) = opens(&service, &format!("/invitation?{other}")).await;
        assert_eq!(over.status, 410, "{other}");
    }
}

#[tokio::test]
async fn an_invitation_is_of_its_browser_and_of_staff_alone() {
    let service = Service::start().await;
    let link = invites(&service, Person::ODILE).await;
    let (_, page) = opens(&service, &link).await;
    let mut other = service.browser();
    other.open("/aide").await;
    assert_eq!(other.open(&page.url).await.status, 410);
    for family in [Person::CLAIRE, Person::LEO] {
        let link = invites(&service, family).await;
        assert_eq!(opens(&service, &link).await.1.status, 410);
    }
    service.set_state(Person::ODILE, "suspended").await;
    assert_eq!(opens(&service, &link).await.1.status, 410);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_used_fifty_times_at_once_is_used_once() {
    let service = Service::start().await;
    let link = invites(&service, Person::ALIX).await;
    let mut waiting = Vec::new();
    for _ in 0..50 {
        waiting.push(opens(&service, &link).await);
    }
    let mut tasks = JoinSet::new();
    for (mut browser, page) in waiting {
        let form = with_password(&page);
        tasks.spawn(async move { browser.submit_only(&form).await.status });
    }
    let statuses = tasks.join_all().await;
    let used = statuses.iter().filter(|status| **status == 303).count();
    // All password workers may be taken: then nothing is done, and the page says so.
    assert!(
        used <= 1
            && statuses
                .iter()
                .all(|status| [303, 410, 503].contains(status))
    );
    let written = "select action from audit_event where action = 'invitation.used'";
    let written = texts(service.database.reader(), written, "action").await;
    assert_eq!(written.len(), used);
}
