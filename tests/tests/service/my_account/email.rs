//! « Modifier mon adresse mail » (guide, section 4.4.2): its three cases.

use http::Method;
use tests::{Person, Service, door::header_map};

use super::{
    asks_for_email, confirms, contacts, email_form, link, message, recapitulation, said, written,
};

const CLAIRES: &str = "claire.martin@example.org";
const NADIAS: &str = "nadia.dubois@example.org";
const NEW: &str = "nouvelle@example.net";

#[tokio::test]
async fn guide_4_4_2_the_first_address_is_written_to_alone_and_confirmed() {
    let service = Service::start().await;
    let mut adam = service.at_account(Person::ADAM).await;
    let home = asks_for_email(&mut adam, NEW).await;
    assert!(home.url.ends_with("/compte"), "{}", home.summary());
    for words in [
        "La modification de votre adresse de messagerie a bien été prise en compte",
        "courriers indésirables",
        NEW,
        "email non confirmé",
    ] {
        assert!(said(&home).contains(words), "{words}");
    }
    assert_eq!(written(&service).await, ["confirm_email"]);
    let mail = message(&service, NEW, "Mise à jour").await;
    assert!(mail.text.lines().any(|line| line == "a.dubois6"));
    let page = adam.browser.open(&link(&mail)).await;
    for words in [
        "Mise à jour de l’adresse mail",
        "Ancienne adresse mail",
        "Aucune",
        "Nouvelle adresse mail",
        NEW,
        "a.dubois6",
    ] {
        assert!(said(&page).contains(words), "{words}");
    }
    assert!(!page.url.contains("jeton"), "the secret left the address");
    let home = adam.browser.submit(&page.form(recapitulation(&page))).await;
    assert!(said(&home).contains("Votre adresse mail est confirmée"));
    assert!(!said(&home).contains("email non confirmé"));
    let confirmed = format!("current confirmed {NEW}");
    assert_eq!(contacts(&service, Person::ADAM, "email").await, [confirmed]);
    // Nobody was confirmed before, so there is nobody to be told.
    assert_eq!(written(&service).await, ["confirm_email"]);
}

#[tokio::test]
async fn guide_4_4_2_an_unconfirmed_address_learns_nothing_of_the_account() {
    let service = Service::start().await;
    let mut nadia = service.at_account(Person::NADIA).await;
    let home = asks_for_email(&mut nadia, NEW).await;
    assert!(said(&home).contains("email non confirmé"));
    assert!(said(&home).contains("une adresse email est en attente de confirmation"));
    assert_eq!(written(&service).await, ["confirm_email", "email_left_out"]);
    let old = message(&service, NADIAS, "Une autre adresse").await;
    let html = old.html.clone().unwrap();
    for told in [&old.text, &html] {
        for secret in ["n.dubois5", "Nadia", "DUBOIS", NEW, "jeton=", "/compte"] {
            assert!(!told.contains(secret), "{secret}");
        }
    }
    let mail = message(&service, NEW, "Mise à jour").await;
    let home = confirms(&mut nadia, &link(&mail)).await;
    assert!(said(&home).contains("Votre adresse mail est confirmée"));
    let confirmed = format!("current confirmed {NEW}");
    assert_eq!(
        contacts(&service, Person::NADIA, "email").await,
        [confirmed]
    );
}

#[tokio::test]
async fn guide_4_4_2_a_confirmed_address_stays_until_the_new_one_is_confirmed() {
    let service = Service::start().await;
    let portal = service.portal();
    let tokens = service.visitor(Person::CLAIRE).signs_in_at(&portal).await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    let home = asks_for_email(&mut claire, NEW).await;
    assert!(said(&home).contains("une adresse email est en attente de confirmation"));
    assert!(!said(&home).contains("email non confirmé"));
    let email = async || portal.userinfo(&tokens.access).await.json()["email"].clone();
    assert_eq!(email().await, CLAIRES);
    let old = message(&service, CLAIRES, "changement").await;
    assert!(link(&old).contains("/compte/email/annulation?jeton="));
    assert!(old.text.lines().any(|line| line == "c.martin1"));
    let mail = message(&service, NEW, "Mise à jour").await;
    let home = confirms(&mut claire, &link(&mail)).await;
    assert!(said(&home).contains("Votre adresse mail est confirmée"));
    assert_eq!(email().await, NEW);
    // Those of before are told, and only they: the new one did it.
    let told = message(&service, CLAIRES, "modifié").await;
    assert!(link(&told).contains("/ce-n-est-pas-moi?jeton="));
    message(&service, "+33639980001", "adresse email").await;
    let all = written(&service).await;
    let told = all.iter().filter(|name| *name == "account_changed");
    assert_eq!(told.count(), 2, "{all:?}");
}

#[tokio::test]
async fn the_validation_mail_is_sent_again_and_replaces_the_one_before() {
    let service = Service::start().await;
    let mut nadia = service.at_account(Person::NADIA).await;
    let page = nadia.browser.open("/compte/email").await;
    for words in [
        "Ma nouvelle adresse mail",
        NADIAS,
        "Renvoyer un email de validation",
    ] {
        assert!(said(&page).contains(words), "{words}");
    }
    let resend = page.form("/renvoi");
    let home = nadia.browser.submit(&resend).await;
    assert!(said(&home).contains("a bien été prise en compte"));
    let first = link(&message(&service, NADIAS, "Mise à jour").await);
    nadia.browser.submit(&resend).await;
    tests::service::eventually("the second mail arrives", async || {
        service.inbox.messages().len() == 2
    })
    .await;
    let second = link(&message(&service, NADIAS, "Mise à jour").await);
    assert_eq!(confirms(&mut nadia, &first).await.status, 410);
    let home = confirms(&mut nadia, &second).await;
    assert!(said(&home).contains("Votre adresse mail est confirmée"));
    let page = nadia.browser.open("/compte/email").await;
    assert!(!said(&page).contains("Renvoyer un email de validation"));
}

#[tokio::test]
async fn nothing_is_sent_to_an_address_without_end() {
    let service = Service::start().await;
    let mut nadia = service.at_account(Person::NADIA).await;
    let resend = nadia.browser.open("/compte/email").await.form("/renvoi");
    let mut answers = Vec::new();
    for _ in 0..14 {
        answers.push(nadia.browser.submit_only(&resend).await.status);
    }
    assert_eq!(answers[..10], [303; 10], "ten are promised");
    assert_eq!(answers[13], 429);
    let sent = answers.iter().filter(|status| **status == 303).count();
    assert_eq!(written(&service).await.len(), sent);
}

#[tokio::test]
async fn a_wish_for_the_address_in_force_gives_up_the_one_that_waits() {
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    let same = asks_for_email(&mut claire, "Claire.Martin@EXAMPLE.org").await;
    assert_eq!(same.status, 422);
    assert!(said(&same).contains("C’est déjà votre adresse"));
    asks_for_email(&mut claire, NEW).await;
    let mail = message(&service, NEW, "Mise à jour").await;
    let home = asks_for_email(&mut claire, CLAIRES).await;
    assert!(said(&home).contains("ne change pas"));
    assert_eq!(confirms(&mut claire, &link(&mail)).await.status, 410);
    let kept = format!("current confirmed {CLAIRES}");
    assert_eq!(contacts(&service, Person::CLAIRE, "email").await, [kept]);
}

#[tokio::test]
async fn what_is_no_address_is_refused_and_kept_in_the_field() {
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    for address in [
        "",
        "claire",
        "claire@exa mple.org",
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org,b@example.org",
        "ａ@example.org",
    ] {
        let page = asks_for_email(&mut claire, address).await;
        assert_eq!(page.status, 422, "{address}");
        assert!(said(&page).contains("Saisissez une adresse complète"));
    }
    let form = email_form(&mut claire, NEW).await;
    let differs = form.with("confirmation-email", "autre@example.net");
    let page = claire.browser.submit(&differs).await;
    assert_eq!(page.status, 422);
    assert!(said(&page).contains("deux fois") && said(&page).contains(NEW));
    assert!(written(&service).await.is_empty());
}

#[tokio::test]
async fn scanners_that_open_the_link_change_nothing() {
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    asks_for_email(&mut claire, NEW).await;
    let link = link(&message(&service, NEW, "Mise à jour").await);
    let path = link.split("example").nth(1).unwrap();
    let none = header_map(&[]);
    for method in [Method::HEAD, Method::GET, Method::GET] {
        let answer = service.door.send(method, path, none.clone(), Vec::new());
        assert_eq!(answer.await.status, 303);
    }
    let mut scanner = service.visitor(Person::NOBODY);
    let page = scanner.browser.open(&link).await;
    assert!(page.is_sign_in(), "{}", page.summary());
    assert!(!page.text().contains(NEW), "nothing is told to anybody");
    assert_eq!(contacts(&service, Person::CLAIRE, "email").await.len(), 2);
    let home = confirms(&mut claire, &link).await;
    assert!(said(&home).contains("Votre adresse mail est confirmée"));
}
