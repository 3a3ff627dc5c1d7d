//! « Modifier mon mot de passe » (guide, section 4.4.1).

use tests::{Person, Service, Visitor, form::Form};

use super::{asks_for_email, confirms, link, message, said, written};

const NEW: &str = "girafe violon couloir";

async fn form(visitor: &mut Visitor, present: &str, new: &str, again: &str) -> Form {
    let page = visitor.browser.open("/compte/mot-de-passe").await;
    page.form("/compte/mot-de-passe")
        .with("mot-de-passe-actuel", present)
        .with("nouveau-mot-de-passe", new)
        .with("confirmation-mot-de-passe", again)
}

async fn changes(visitor: &mut Visitor) -> tests::Answer {
    let present = visitor.person.password;
    let form = form(visitor, present, NEW, NEW).await;
    visitor.browser.submit(&form).await
}

#[tokio::test]
async fn guide_4_4_1_a_new_password_takes_the_place_of_the_old_one() {
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    let page = claire.browser.open("/compte/mot-de-passe").await;
    for label in [
        "Modifier mon mot de passe",
        "Mot de passe actuel",
        "Nouveau mot de passe",
        "Confirmer mon mot de passe",
        "Continuer",
        "Annuler",
    ] {
        assert!(said(&page).contains(label), "{label}");
    }
    service.advance_seconds(2);
    let home = changes(&mut claire).await;
    assert!(home.url.ends_with("/compte"), "{}", home.summary());
    assert!(said(&home).contains("Votre mot de passe est changé"));
    let again = claire.browser.open("/compte").await;
    assert!(
        !said(&again).contains("Votre mot de passe est changé"),
        "it is said once"
    );
    let mut old = service.visitor(Person::CLAIRE);
    let page = old.browser.open("/compte").await;
    assert_eq!(old.types_password(&page).await.status, 422);
    let opened = old.types(&page, "c.martin1", NEW).await;
    assert!(opened.url.ends_with("/compte"), "{}", opened.summary());
}

#[tokio::test]
async fn a_new_password_ends_other_sessions_and_every_token() {
    let service = Service::start().await;
    let portal = service.portal();
    let mut elsewhere = service.visitor(Person::CLAIRE);
    let tokens = elsewhere.signs_in_at(&portal).await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    service.advance_seconds(2);
    changes(&mut claire).await;
    assert!(elsewhere.browser.open("/compte").await.is_sign_in());
    assert_eq!(portal.userinfo(&tokens.access).await.status, 401);
    let refreshed = portal.refresh(&tokens.refresh).await;
    assert_eq!(refreshed.error(), (400, "invalid_grant".to_owned()));
    let home = claire.browser.open("/compte").await;
    assert!(home.url.ends_with("/compte") && !home.is_sign_in());
}

#[tokio::test]
async fn every_confirmed_contact_is_told_of_a_new_password() {
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    changes(&mut claire).await;
    let mail = message(&service, "claire.martin@example.org", "modifié").await;
    let sms = message(&service, "+33639980001", "mot de passe").await;
    for told in [mail, sms] {
        assert!(link(&told).contains("/ce-n-est-pas-moi?jeton="));
        assert!(told.text.lines().any(|line| line == "c.martin1"));
        assert!(!told.text.contains(NEW));
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_and_changes_nothing() {
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    let right = Person::CLAIRE.password;
    for (present, new, again, fault) in [
        ("faux", NEW, NEW, "pas votre mot de passe actuel"),
        ("", NEW, NEW, "pas votre mot de passe actuel"),
        (right, "court", "court", "au moins 12"),
        (right, NEW, "girafe violon couloirs", "deux fois"),
        (right, "motdepasse123", "motdepasse123", "trop répandu"),
        (right, "Claire-martin1", "Claire-martin1", "se devine"),
    ] {
        let form = form(&mut claire, present, new, again).await;
        let page = claire.browser.submit(&form).await;
        assert_eq!(page.status, 422, "{fault}");
        assert!(said(&page).contains(fault), "{fault}");
        let typed = [present, new, again];
        for typed in typed.iter().filter(|typed| typed.len() > 5) {
            assert!(!page.text().contains(typed), "a password in a page");
        }
    }
    assert!(written(&service).await.is_empty());
    let mut still = service.at_account(Person::CLAIRE).await;
    assert_eq!(still.browser.open("/compte").await.status, 200);
}

#[tokio::test]
async fn the_present_password_is_guessed_no_faster_than_at_a_sign_in() {
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    for guess in 0..5 {
        let form = form(&mut claire, &format!("guess {guess}"), NEW, NEW).await;
        assert_eq!(claire.browser.submit(&form).await.status, 422, "{guess}");
    }
    let form = form(&mut claire, Person::CLAIRE.password, NEW, NEW).await;
    let slowed = claire.browser.submit(&form).await;
    assert_eq!(slowed.status, 429);
    assert!(!slowed.header("retry-after").is_empty());
}

#[tokio::test]
async fn an_account_without_a_password_has_none_to_change() {
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    let form = form(&mut claire, Person::CLAIRE.password, NEW, NEW).await;
    let without = "update account set password_state = 'absent', password_hash = null, \
                   password_set_at = null where identifier = 'c.martin1'";
    assert_eq!(service.sql(without).await, 1);
    let home = claire.browser.open("/compte").await;
    assert!(!said(&home).contains("Modifier mon mot de passe"));
    assert_eq!(claire.browser.get("/compte/mot-de-passe").await.status, 404);
    assert_eq!(claire.browser.submit(&form).await.status, 404);
}

#[tokio::test]
async fn a_change_of_address_that_somebody_began_dies_with_the_password() {
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    asks_for_email(&mut claire, "voleur@example.net").await;
    let mail = message(&service, "voleur@example.net", "Mise à jour").await;
    changes(&mut claire).await;
    let refused = confirms(&mut claire, &link(&mail)).await;
    assert_eq!(refused.status, 410, "{}", refused.summary());
}
