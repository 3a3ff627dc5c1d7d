//! « Modifier mon numéro de portable » (guide, section 4.4.3).

use tests::{Answer, Person, Service, Visitor};

use super::{code, contacts, link, message, said, written};

const NEW: &str = "+33639980002";

async fn asks_for(visitor: &mut Visitor, number: &str) -> Answer {
    let page = visitor.browser.open("/compte/telephone").await;
    let form = page.form("/compte/telephone").with("telephone", number);
    visitor.browser.submit(&form).await
}

/// Types a code into the page at hand.
async fn types(visitor: &mut Visitor, page: &Answer, code: &str) -> Answer {
    let path = page.url.split("example").last().unwrap();
    visitor
        .browser
        .submit(&page.form(path).with("code", code))
        .await
}

/// A code that is not that one.
fn wrong(code: &str) -> String {
    let first = if code.starts_with('0') { "1" } else { "0" };
    format!("{first}{}", &code[1..])
}

#[tokio::test]
async fn guide_4_4_3_a_number_counts_once_its_code_was_typed() {
    let service = Service::start().await;
    let portal = service.portal();
    let tokens = service.visitor(Person::CLAIRE).signs_in_at(&portal).await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    let page = asks_for(&mut claire, "06 39 98 00 02").await;
    for words in ["Code reçu par SMS", "Continuer", NEW] {
        assert!(said(&page).contains(words), "{words}: {}", page.summary());
    }
    let number = async || portal.userinfo(&tokens.access).await.json()["phone_number"].clone();
    assert_eq!(number().await, "+33639980001");
    let home = claire.browser.open("/compte").await;
    assert!(said(&home).contains("un numéro est en attente de confirmation"));
    assert!(said(&home).contains("Votre numéro de portable n’est pas confirmé"));
    let sent = code(&message(&service, NEW, "code").await);
    let home = types(
        &mut claire,
        &page,
        &format!(" {} {}", &sent[..4], &sent[4..]),
    )
    .await;
    assert!(said(&home).contains("Votre numéro de portable est confirmé"));
    assert_eq!(number().await, NEW);
    for (to, about) in [
        ("claire.martin@example.org", "modifié"),
        ("+33639980001", "portable"),
    ] {
        let told = message(&service, to, about).await;
        assert!(link(&told).contains("/ce-n-est-pas-moi?jeton="));
    }
}

#[tokio::test]
async fn only_guardians_have_a_number_here() {
    let service = Service::start().await;
    let mut leo = service.at_account(Person::LEO).await;
    let home = leo.browser.open("/compte").await;
    assert!(!said(&home).contains("Téléphone portable"));
    assert!(!said(&home).contains("Mes enfants"));
    assert_eq!(leo.browser.get("/compte/telephone").await.status, 404);
    let csrf = home.form("/deconnexion").value("csrf").unwrap().to_owned();
    let form = [("csrf", csrf.as_str()), ("telephone", "0639980002")];
    let refused = leo.browser.post("/compte/telephone", &form).await;
    assert_eq!(refused.status, 404);
    assert!(contacts(&service, Person::LEO, "sms").await.is_empty());
}

#[tokio::test]
async fn what_gets_no_sms_is_refused() {
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    for (number, fault) in [
        ("", "Saisissez un numéro complet"),
        ("portable", "Saisissez un numéro complet"),
        ("01 23 45 67 89", "Saisissez un numéro de portable"),
        ("+881 6 1234 5678", "Saisissez un numéro"),
        ("06 39 98 00 01", "C’est déjà votre numéro"),
    ] {
        let page = asks_for(&mut claire, number).await;
        assert_eq!(page.status, 422, "{number}");
        assert!(said(&page).contains(fault), "{number}");
    }
    assert!(written(&service).await.is_empty());
}

#[tokio::test]
async fn five_wrong_codes_end_a_code() {
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    let mut page = asks_for(&mut claire, NEW).await;
    let right = code(&message(&service, NEW, "code").await);
    let unread = types(&mut claire, &page, "abc").await;
    assert_eq!(unread.status, 422, "what is no code is no try");
    for left in (1..=4).rev() {
        page = types(&mut claire, &page, &wrong(&right)).await;
        assert_eq!(page.status, 422);
        assert!(said(&page).contains(&format!("Essais restants : {left}")));
    }
    for typed in [wrong(&right), right] {
        page = types(&mut claire, &page, &typed).await;
        assert_eq!(page.status, 422);
        assert!(said(&page).contains("Ce code ne sert plus"));
    }
    assert_eq!(contacts(&service, Person::CLAIRE, "sms").await.len(), 2);
}

#[tokio::test]
async fn another_code_gives_no_new_tries_and_ends_the_one_before() {
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    let mut page = asks_for(&mut claire, NEW).await;
    let first = code(&message(&service, NEW, "code").await);
    for _ in 0..3 {
        page = types(&mut claire, &page, &wrong(&first)).await;
    }
    page = claire.browser.submit(&page.form("/renvoi")).await;
    tests::service::eventually("the second SMS arrives", async || {
        service.inbox.messages().len() == 2
    })
    .await;
    let second = code(&message(&service, NEW, "code").await);
    let typed = if first == second {
        wrong(&first)
    } else {
        first
    };
    page = types(&mut claire, &page, &typed).await;
    assert!(said(&page).contains("Essais restants : 1"));
    let home = types(&mut claire, &page, &second).await;
    assert!(said(&home).contains("Votre numéro de portable est confirmé"));
}

#[tokio::test]
async fn a_code_is_old_after_half_an_hour() {
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    let page = asks_for(&mut claire, NEW).await;
    let sent = code(&message(&service, NEW, "code").await);
    // Somebody who comes back gives the password again, and is led to the same page.
    for _ in 0..2 {
        service.advance_seconds(16 * 60);
        claire.browser.get("/compte").await;
    }
    let asked = claire.browser.open(&page.url).await;
    let page = claire.types_password(&asked).await;
    let late = types(&mut claire, &page, &sent).await;
    assert!(
        said(&late).contains("Ce code ne sert plus"),
        "{}",
        late.summary()
    );
    assert_eq!(contacts(&service, Person::CLAIRE, "sms").await.len(), 2);
}

#[tokio::test]
async fn a_code_proves_its_own_account_in_its_own_browser_alone() {
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    let page = asks_for(&mut claire, NEW).await;
    let sent = code(&message(&service, NEW, "code").await);
    let path = page.url.split("example").last().unwrap().to_owned();
    let mut nadia = service.at_account(Person::NADIA).await;
    asks_for(&mut nadia, NEW).await;
    let csrf = nadia.browser.open("/compte").await.form("/deconnexion");
    let csrf = csrf.value("csrf").unwrap().to_owned();
    let form = [("csrf", csrf.as_str()), ("code", sent.as_str())];
    let refused = nadia.browser.post(&path, &form).await;
    assert_eq!(refused.location().unwrap().path(), "/compte/telephone");
    let waiting = format!("pending unconfirmed {NEW}");
    assert_eq!(contacts(&service, Person::NADIA, "sms").await, [waiting]);
    // The same browser with another person in it proves nothing either.
    let mut shared = claire.clone();
    shared.browser.forget("session");
    shared.person = Person::NADIA;
    let asked = shared.browser.open(&page.url).await;
    let asked = shared.types_password(&asked).await;
    let refused = types(&mut shared, &asked, &sent).await;
    assert!(
        said(&refused).contains("Ce code ne sert plus"),
        "{}",
        refused.summary()
    );
    assert!(
        contacts(&service, Person::NADIA, "sms")
            .await
            .iter()
            .all(|line| line.contains("unconfirmed"))
    );
}

#[tokio::test]
async fn an_account_cannot_send_sms_without_end() {
    let service = Service::start().await;
    let mut claire = service.at_account(Person::CLAIRE).await;
    let mut answers = Vec::new();
    for last in 10..24 {
        answers.push(
            asks_for(&mut claire, &format!("+336399800{last}"))
                .await
                .status,
        );
    }
    assert_eq!(answers[..10], [200; 10]);
    assert_eq!(answers[13], 429, "whatever the numbers");
    let sent = answers.iter().filter(|status| **status == 200).count();
    assert_eq!(written(&service).await.len(), sent);
}
