//! Suspending acts on the school's part of an account.

use serde_json::Value;
use tests::{Answer, Person, Service, Tokens, Visitor, service::texts};

use super::{appoint, at_console, does, form_of, id_of, odile, page_of, said, trail};

async fn suspends(officer: &mut Visitor, person: &str) -> Answer {
    let form = form_of(officer, &format!("{person}/suspension")).await;
    officer
        .browser
        .submit(&form.with("motif", "court_decision"))
        .await
}

async fn state(service: &Service, identifier: &str) -> String {
    let sql = format!("select state from account where identifier = '{identifier}'");
    texts(service.database.reader(), &sql, "state")
        .await
        .remove(0)
}

async fn children(service: &Service, tokens: &Tokens) -> Vec<String> {
    relatives(service, tokens, "children").await
}

async fn relatives(service: &Service, tokens: &Tokens, claim: &str) -> Vec<String> {
    let told = service.portal().userinfo(&tokens.access).await.json();
    let all = told[claim].as_array().cloned().unwrap_or_default();
    let name = |child: &Value| child["given_name"].as_str().unwrap().to_owned();
    all.iter().map(name).collect()
}

#[tokio::test]
async fn the_only_school_shuts_the_account_and_opens_it_again() {
    let service = Service::start().await;
    let portal = service.portal();
    let mut adam = service.visitor(Person::ADAM);
    let tokens = adam.signs_in_at(&portal).await;
    let mut odile = odile(&service).await;
    service.advance_seconds(2);
    let person = page_of(&service, "a.dubois6").await;
    let page = suspends(&mut odile, &person).await;
    assert!(page.url.contains("fait=suspension"), "{}", page.summary());
    assert_eq!(state(&service, "a.dubois6").await, "suspended");
    assert!(adam.browser.open("/compte").await.is_sign_in());
    assert_eq!(portal.userinfo(&tokens.access).await.status, 401);
    let page = adam.browser.open("/compte").await;
    assert_eq!(adam.types_password(&page).await.status, 422);
    let page = does(&mut odile, &format!("{person}/retablissement")).await;
    assert!(
        page.url.contains("fait=retablissement"),
        "{}",
        page.summary()
    );
    assert_eq!(state(&service, "a.dubois6").await, "active");
    let page = adam.browser.open("/compte").await;
    assert!(adam.types_password(&page).await.url.ends_with("/compte"));
    let trail = trail(&service, "a.dubois6").await;
    assert!(trail.contains(&"account.suspended".to_owned()));
    assert!(trail.contains(&"account.reactivated".to_owned()));
}

#[tokio::test]
async fn a_guardian_of_two_schools_suspended_by_one_keeps_the_other_s_children() {
    let service = Service::start().await;
    let portal = service.portal();
    let mut nadia = service.visitor(Person::NADIA);
    let tokens = nadia.signs_in_at(&portal).await;
    assert_eq!(children(&service, &tokens).await, ["Adam", "Lina"]);
    let mut odile = odile(&service).await;
    let person = page_of(&service, "n.dubois5").await;
    suspends(&mut odile, &person).await;
    assert_eq!(state(&service, "n.dubois5").await, "active");
    assert_eq!(children(&service, &tokens).await, ["Lina"]);
    let home = nadia.browser.open("/compte/enfants").await;
    assert!(said(&home).contains("Lina") && !said(&home).contains("Adam"));
    // The other school suspends its part too: nothing is left.
    appoint(&service, Person::ALIX, Some("0750003W")).await;
    let mut other = at_console(&service, Person::ALIX).await;
    let id = id_of(&service, "n.dubois5").await;
    let there = format!("/admin/ecoles/0750003W/personnes/{id}");
    let page = other.browser.open(&there).await;
    assert!(!said(&page).contains("Suspendu"), "not that school's part");
    suspends(&mut other, &there).await;
    assert_eq!(state(&service, "n.dubois5").await, "suspended");
    does(&mut odile, &format!("{person}/retablissement")).await;
    assert_eq!(state(&service, "n.dubois5").await, "active");
    let tokens = service.visitor(Person::NADIA).signs_in_at(&portal).await;
    assert_eq!(children(&service, &tokens).await, ["Adam"]);
}

/// What a school says of a guardian counts for nothing while it has suspended its part of
/// their account: not in the child's claims either.
#[tokio::test]
async fn a_suspended_guardian_is_not_among_the_pupil_s() {
    let service = Service::start().await;
    let portal = service.portal();
    let adam = service.visitor(Person::ADAM).signs_in_at(&portal).await;
    let lina = service.visitor(Person::LINA).signs_in_at(&portal).await;
    assert_eq!(relatives(&service, &adam, "guardians").await, ["Nadia"]);
    let mut odile = odile(&service).await;
    let person = page_of(&service, "n.dubois5").await;
    suspends(&mut odile, &person).await;
    assert!(relatives(&service, &adam, "guardians").await.is_empty());
    assert_eq!(relatives(&service, &lina, "guardians").await, ["Nadia"]);
    does(&mut odile, &format!("{person}/retablissement")).await;
    assert_eq!(relatives(&service, &adam, "guardians").await, ["Nadia"]);
}

#[tokio::test]
async fn a_reason_is_needed_and_kept() {
    let service = Service::start().await;
    let mut odile = odile(&service).await;
    let person = page_of(&service, "a.dubois6").await;
    let way = format!("{person}/suspension");
    let form = form_of(&mut odile, &way).await;
    for (reason, note, fault) in [
        ("", "", "Choisissez un motif"),
        ("nonsense", "", "Choisissez un motif"),
        ("other", "", "Précisez le motif"),
    ] {
        let form = form.clone().with("motif", reason).with("precision", note);
        let page = odile.browser.submit(&form).await;
        assert_eq!(page.status, 422, "{fault}");
        assert!(said(&page).contains(fault), "{fault}");
    }
    let form = form.with("motif", "other").with("precision", "Dossier 12");
    let page = odile.browser.submit(&form).await;
    assert!(said(&page).contains("Dossier 12"), "{}", page.summary());
    assert!(said(&page).contains("Autre motif"));
    let again = odile.browser.submit(&form).await;
    assert_eq!(again.status, 409, "it is suspended already");
}

#[tokio::test]
async fn an_account_that_was_never_activated_comes_back_as_it_was() {
    let service = Service::start().await;
    let mut odile = odile(&service).await;
    let person = page_of(&service, "z.martin4").await;
    suspends(&mut odile, &person).await;
    let mut zoe = service.visitor(Person::NOBODY);
    let page = zoe.browser.open("/compte").await;
    let refused = zoe.types(&page, "z.martin4", "Prov-H3w8-t5Rn").await;
    assert_eq!(refused.status, 422);
    does(&mut odile, &format!("{person}/retablissement")).await;
    assert_eq!(state(&service, "z.martin4").await, "known");
    let opened = zoe.types(&page, "z.martin4", "Prov-H3w8-t5Rn").await;
    assert!(opened.url.contains("/activation/"), "{}", opened.summary());
}
