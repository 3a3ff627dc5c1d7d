//! Attacks on « Mon compte » (the rows of re-authentication, of a taken-over address, of
//! forged forms and of other people's things).

use tests::{Person, Service, Visitor, form::Form};

use super::{
    asks_for_email, confirms, contacts, email_form, link, message, recapitulation, said, written,
};

const NEW: &str = "nouvelle@example.net";

async fn phone_form(visitor: &mut Visitor) -> Form {
    let page = visitor.browser.open("/compte/telephone").await;
    page.form("/compte/telephone")
        .with("telephone", "0639980002")
}

#[tokio::test]
async fn changes_ask_for_the_password_again_after_five_minutes() {
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    let email = email_form(&mut claire, NEW).await;
    let phone = phone_form(&mut claire).await;
    let resend = Form {
        action: "/compte/email/renvoi".into(),
        ..email.clone()
    };
    service.advance_seconds(5 * 60 + 1);
    for form in [&email, &phone, &resend] {
        let asked = claire.browser.submit(form).await;
        assert!(asked.is_sign_in(), "{}: {}", form.action, asked.summary());
        assert!(
            asked.text().contains("c.martin1"),
            "the identifier is there"
        );
    }
    for path in ["/compte/email", "/compte/telephone", "/compte/donnees.json"] {
        let asked = claire.browser.open(path).await;
        assert!(asked.is_sign_in(), "{path}: {}", asked.summary());
        let back = claire.types_password(&asked).await;
        assert!(back.url.ends_with(path), "{path}: {}", back.summary());
        service.advance_seconds(5 * 60 + 1);
    }
    assert!(written(&service).await.is_empty());
    assert_eq!(contacts(&service, Person::CLAIRE, "email").await.len(), 1);
    assert_eq!(contacts(&service, Person::CLAIRE, "sms").await.len(), 1);
    // Somebody else's password does not help: the page is for who asked.
    let asked = claire.browser.open("/compte/email").await;
    let other = claire
        .types(&asked, "n.dubois5", Person::NADIA.password)
        .await;
    assert_ne!(other.status, 200, "{}", other.summary());
}

#[tokio::test]
async fn the_link_asks_for_the_password_of_that_very_account() {
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    asks_for_email(&mut claire, NEW).await;
    let link = link(&message(&service, NEW, "Mise à jour").await);
    service.advance_seconds(2);
    let mut nadia = service.at_account(Person::NADIA).await;
    service.advance_seconds(2);
    let asked = nadia.browser.open(&link).await;
    assert!(asked.is_sign_in() && !asked.text().contains(NEW));
    service.advance_seconds(2);
    let refused = nadia.types_password(&asked).await;
    assert_eq!(refused.status, 403, "{}", refused.summary());
    assert!(!refused.text().contains(NEW));
    // An old session of the right person is asked for the password too.
    service.advance_seconds(5 * 60);
    let asked = claire.browser.open(&link).await;
    assert!(asked.is_sign_in(), "{}", asked.summary());
    let page = claire.types_password(&asked).await;
    let home = claire
        .browser
        .submit(&page.form(recapitulation(&page)))
        .await;
    assert!(said(&home).contains("Votre adresse mail est confirmée"));
}

#[tokio::test]
async fn an_address_is_confirmed_once() {
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    asks_for_email(&mut claire, NEW).await;
    let link = link(&message(&service, NEW, "Mise à jour").await);
    let page = claire.browser.open(&link).await;
    let form = page.form(recapitulation(&page));
    let at_once = (0..8).map(|_| {
        let (mut tab, form) = (claire.browser.clone(), form.clone());
        tokio::spawn(async move { tab.submit_only(&form).await.status })
    });
    let mut answers = Vec::new();
    for answer in at_once.collect::<Vec<_>>() {
        answers.push(answer.await.unwrap());
    }
    answers.sort_unstable();
    assert_eq!(answers[0], 303, "{answers:?}");
    assert!(
        answers[1..].iter().all(|status| *status == 410),
        "{answers:?}"
    );
    assert_eq!(confirms(&mut claire, &link).await.status, 410);
    let told = written(&service).await;
    let told = told.iter().filter(|name| *name == "account_changed");
    assert_eq!(told.count(), 2);
}

#[tokio::test]
async fn a_newer_wish_ends_the_link_of_the_one_before() {
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    asks_for_email(&mut claire, "premiere@example.net").await;
    let first = link(&message(&service, "premiere@example.net", "Mise à jour").await);
    let page = claire.browser.open(&first).await;
    let open = page.form(recapitulation(&page));
    asks_for_email(&mut claire, NEW).await;
    assert_eq!(claire.browser.submit(&open).await.status, 410);
    assert_eq!(confirms(&mut claire, &first).await.status, 410);
    let pending = format!("pending unconfirmed {NEW}");
    assert_eq!(
        contacts(&service, Person::CLAIRE, "email").await[1],
        pending
    );
}

#[tokio::test]
async fn of_two_addresses_asked_for_at_once_one_waits_and_its_link_is_good() {
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    let one = email_form(&mut claire, "un@example.net").await;
    let two = email_form(&mut claire, "deux@example.net").await;
    let (mut first, mut second) = (claire.browser.clone(), claire.browser.clone());
    tokio::join!(first.submit_only(&one), second.submit_only(&two));
    let lines = contacts(&service, Person::CLAIRE, "email").await;
    let waiting = lines[1].rsplit(' ').next().unwrap();
    let given_up = if waiting.starts_with("un") {
        "deux@example.net"
    } else {
        "un@example.net"
    };
    let dead = link(&message(&service, given_up, "Mise à jour").await);
    assert_eq!(confirms(&mut claire, &dead).await.status, 410);
    let good = link(&message(&service, waiting, "Mise à jour").await);
    let home = confirms(&mut claire, &good).await;
    assert!(said(&home).contains("Votre adresse mail est confirmée"));
}

#[tokio::test]
async fn forged_forms_change_nothing() {
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    let email = email_form(&mut claire, NEW).await;
    let phone = phone_form(&mut claire).await;
    let elsewhere = |action: &str| Form {
        action: action.into(),
        ..email.clone()
    };
    let forms = [
        email.clone(),
        phone,
        elsewhere("/compte/email/renvoi"),
        elsewhere("/compte/mot-de-passe"),
        elsewhere("/compte/langue").with("langue", "en"),
        elsewhere("/compte/sessions/fin-des-autres"),
        elsewhere("/compte/sessions/fin").with("session", "x"),
        elsewhere("/compte/services/retrait").with("service", "portail"),
    ];
    for form in forms {
        let without = form.clone().without("csrf");
        let answer = claire.browser.submit_only(&without).await;
        assert_eq!(answer.status, 403, "{}", form.action);
        let mut foreign = claire
            .browser
            .clone()
            .with_header("sec-fetch-site", "cross-site");
        let answer = foreign.submit_only(&form).await;
        assert_eq!(answer.status, 403, "{}", form.action);
    }
    assert!(written(&service).await.is_empty());
}

#[tokio::test]
async fn pages_of_the_account_are_nobody_else_s() {
    let service = Service::start().await;
    let mut stranger = service.visitor(Person::NOBODY);
    for path in [
        "/compte",
        "/compte/mot-de-passe",
        "/compte/email",
        "/compte/telephone",
        "/compte/sessions",
        "/compte/services",
        "/compte/historique",
        "/compte/donnees.json",
    ] {
        let asked = stranger.browser.open(path).await;
        assert!(asked.is_sign_in(), "{path}: {}", asked.summary());
    }
    let mut claire = service.at_account(Person::CLAIRE).await;
    for path in ["/compte", "/compte/historique", "/compte/donnees.json"] {
        let page = claire.browser.get(path).await;
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
    }
    // No link of a stranger makes the page say that something was done.
    let page = claire.browser.open("/compte?fait=mot-de-passe").await;
    assert!(!said(&page).contains("Votre mot de passe est changé"));
}
