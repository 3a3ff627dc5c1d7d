//! A lost identifier or password, as the guide shows it (sections 4.3.1 to 4.3.4).

use tests::{Person, Service};

use crate::{
    lost::{
        PASSWORD, asks_for_identifier, asks_for_identifier_by_sms, asks_for_password, code,
        confirm, email, heading, link, messages, opens, sets, settle, types_code,
    },
    sign_in::sign_in_page,
};

fn has_line(text: &str, line: &str) -> bool {
    text.lines().any(|one| one == line)
}

#[tokio::test]
async fn guide_4_3_1_the_identifier_comes_by_mail() {
    let service = Service::start().await;
    let mut claire = service.visitor(Person::CLAIRE);
    let page = sign_in_page(&service, &mut claire).await;
    assert!(page.text().contains("Identifiant perdu</a>"));
    let choice = claire
        .browser
        .open(&way(&page.text(), "/identifiant-perdu"))
        .await;
    assert_eq!(heading(&choice), "Identifiant perdu");
    for part in [
        "Je choisis le mode de récupération de mon identifiant",
        "Recevoir par email",
        "Recevoir par SMS",
        "Je contacte mon établissement",
        "Annuler",
    ] {
        assert!(choice.text().contains(part), "{part}");
    }
    assert!(
        !choice.text().contains("S’identifier avec FranceConnect"),
        "absent until an upstream is configured"
    );
    let ask = claire
        .browser
        .open(&way(&choice.text(), "/identifiant-perdu/email"))
        .await;
    assert!(
        ask.text().contains(
            "Je saisis mon adresse email pour recevoir mon identifiant sur cette adresse."
        )
    );
    let form = ask.form_with("email");
    let sent = claire
        .browser
        .submit(&form.with("email", " CLAIRE.Martin@Example.org "))
        .await;
    assert_eq!(heading(&sent), "Vérifiez vos emails !");
    assert!(
        sent.text()
            .contains("Nous venons juste de vous envoyer votre identifiant de connexion.")
    );
    let mail = &messages(&service, 1).await[0];
    assert_eq!(mail.to, "claire.martin@example.org");
    assert!(has_line(&mail.text, "c.martin1"), "{}", mail.text);
    assert!(link(mail).starts_with("https://compte.example/compte"));
    // « Se connecter » leads back to the sign-in that waits, and on to the portal.
    let back = claire.browser.open(&way(&sent.text(), "/connexion/")).await;
    assert!(back.is_sign_in());
    let end = claire.types_password(&back).await;
    assert!(end.location().unwrap().as_str().contains("code="));
}

/// The first link of a page that begins so.
fn way(page: &str, begin: &str) -> String {
    let opening = format!("href=\"{begin}");
    let rest = page.split(&opening).nth(1).expect("a link");
    let rest = rest.split('"').next().unwrap();
    format!("{begin}{}", tests::form::unescape(rest))
}

#[tokio::test]
async fn guide_4_3_3_the_identifier_comes_by_sms_however_the_number_is_written() {
    let service = Service::start().await;
    let mut claire = service.browser();
    for (count, number) in ["06 39 98 00 01", "+33639980001", "0033 6.39.98.00.01"]
        .into_iter()
        .enumerate()
    {
        let sent = asks_for_identifier_by_sms(&mut claire, number).await;
        assert_eq!(heading(&sent), "Vérifiez votre téléphone !", "{number}");
        let sms = &messages(&service, count + 1).await[count];
        assert_eq!(sms.to, "+33639980001");
        assert!(has_line(&sms.text, "c.martin1"), "{}", sms.text);
    }
}

#[tokio::test]
async fn several_accounts_behind_one_address_come_in_one_message() {
    let service = Service::start().await;
    confirm(&service, "l.martin3", email("Claire.Martin@example.org")).await;
    confirm(&service, "f.petit10", email("claire.martin@example.org")).await;
    asks_for_identifier(&mut service.browser(), "claire.martin@example.org").await;
    let mail = &messages(&service, 1).await[0];
    for identifier in ["c.martin1", "l.martin3", "f.petit10"] {
        assert!(has_line(&mail.text, identifier), "{}", mail.text);
    }
    assert!(mail.text.contains("FranceConnect"));
}

#[tokio::test]
async fn guide_4_3_2_a_password_is_set_by_the_link_of_a_mail() {
    let service = Service::start().await;
    let portal = service.portal();
    let mut claire = service.visitor(Person::CLAIRE);
    let tokens = claire.signs_in_at(&portal).await;
    let mut elsewhere = claire.clone();
    claire.browser.forget("session");
    let page = sign_in_page(&service, &mut claire).await;
    let lost = claire
        .browser
        .open(&way(&page.text(), "/mot-de-passe-perdu"))
        .await;
    assert_eq!(heading(&lost), "Je réinitialise mon mot de passe");
    let form = lost.form_with("identifiant");
    let form = form
        .with("identifiant", " C.Martin1")
        .with("choix", "email");
    let sent = claire.browser.submit(&form).await;
    assert_eq!(heading(&sent), "Vérifiez vos emails !");
    assert!(sent.text().contains("indésirables"));
    let mail = messages(&service, 1).await.remove(0);
    assert_eq!(mail.to, "claire.martin@example.org");
    let new = claire.browser.open(&link(&mail)).await;
    assert_eq!(heading(&new), "Modifier le mot de passe");
    assert!(!new.url.contains("jeton"), "{}", new.url);
    for label in [
        "Identifiant",
        "Nouveau mot de passe",
        "Confirmez votre mot de passe",
    ] {
        assert!(new.text().contains(label), "{label}");
    }
    // The identifier is asked again, and must be this account's.
    let other = sets(&mut claire.browser, &new, "l.martin3", PASSWORD).await;
    assert_eq!(other.status, 422);
    let done = sets(&mut claire.browser, &new, "c.martin1", PASSWORD).await;
    assert_eq!(heading(&done), "Votre mot de passe est modifié");
    assert!(
        claire.browser.cookie("session").is_none(),
        "it never signs in by itself"
    );
    // The client's request goes on after « Se connecter ».
    let back = claire.browser.open(&way(&done.text(), "/connexion/")).await;
    let old = claire.types_password(&back).await;
    assert_eq!(old.status, 422);
    let end = claire.types(&back, "c.martin1", PASSWORD).await;
    assert!(end.location().unwrap().as_str().contains("code="));
    // What stood before has ended.
    assert!(elsewhere.browser.open("/compte").await.is_sign_in());
    assert_eq!(portal.refresh(&tokens.refresh).await.status, 400);
    assert_eq!(portal.userinfo(&tokens.access).await.status, 401);
    // Every contact that was confirmed hears of it.
    let all = messages(&service, 3).await;
    let mut told: Vec<_> = all[1..].iter().map(|message| &*message.to).collect();
    told.sort_unstable();
    assert_eq!(told, ["+33639980001", "claire.martin@example.org"]);
    assert!(all[1..].iter().all(|message| {
        message.text.contains("c.martin1") && link(message).contains("/ce-n-est-pas-moi?jeton=")
    }));
}

#[tokio::test]
async fn guide_4_3_4_a_password_is_set_by_the_code_of_an_sms() {
    let service = Service::start().await;
    let mut claire = service.browser();
    let page = asks_for_password(&mut claire, "c.martin1", "sms").await;
    assert_eq!(heading(&page), "Je réinitialise mon mot de passe");
    assert!(
        page.text()
            .contains("J’indique le code d’activation reçu par SMS (valable 30min)")
    );
    assert!(page.text().contains("Code reçu par SMS"));
    let sms = messages(&service, 1).await.remove(0);
    assert_eq!(sms.to, "+33639980001");
    let code = code(&sms);
    assert_eq!(code.len(), 8);
    let spaced = format!("{} {}", &code[..4], &code[4..]);
    let new = types_code(&mut claire, &page, &spaced).await;
    assert_eq!(heading(&new), "Modifier le mot de passe");
    assert_eq!(
        new.form_with("nouveau-mot-de-passe").value("identifiant"),
        None,
        "it was named already"
    );
    let weak = sets(&mut claire, &new, "", "court").await;
    assert_eq!(weak.status, 422);
    let own = sets(&mut claire, &new, "", "claire martin 2026").await;
    assert_eq!(own.status, 422, "made of the person's names");
    let done = sets(&mut claire, &new, "", PASSWORD).await;
    assert_eq!(heading(&done), "Votre mot de passe est modifié");
    assert!(opens(&service, Person::CLAIRE, PASSWORD).await);
    assert!(!opens(&service, Person::CLAIRE, Person::CLAIRE.password).await);
}

#[tokio::test]
async fn a_pupil_recovers_by_mail_alone() {
    let service = Service::start().await;
    confirm(&service, "l.martin3", crate::lost::phone("+33639980003")).await;
    let mut leo = service.browser();
    asks_for_password(&mut leo, "l.martin3", "sms").await;
    asks_for_identifier_by_sms(&mut leo, "+33639980003").await;
    assert!(settle(&service).await.is_empty());
    asks_for_password(&mut leo, "l.martin3", "email").await;
    assert!(link(&messages(&service, 2).await[1]).contains("/mot-de-passe/lien?jeton="));
}

#[tokio::test]
async fn an_account_without_password_is_told_of_france_connect_and_gets_no_link() {
    let service = Service::start().await;
    confirm(&service, "f.petit10", email("francois.petit@example.org")).await;
    confirm(&service, "f.petit10", crate::lost::phone("+33639980009")).await;
    for (count, way) in ["email", "sms"].into_iter().enumerate() {
        asks_for_password(&mut service.browser(), "f.petit10", way).await;
        let message = &messages(&service, count + 1).await[count];
        assert!(message.text.contains("https://franceconnect.gouv.fr/faq"));
        assert!(has_line(&message.text, "f.petit10"));
        assert!(!message.text.contains("jeton="), "{}", message.text);
        let runs = message.text.split(|c: char| !c.is_ascii_digit());
        assert!(runs.into_iter().all(|run| run.len() < 6), "no code");
    }
}

#[tokio::test]
async fn both_lost_pages_name_the_help_of_france_connect() {
    let service = Service::start().await;
    for path in ["/identifiant-perdu", "/mot-de-passe-perdu"] {
        let page = service.browser().open(path).await;
        assert!(page.text().contains("https://franceconnect.gouv.fr/faq"));
    }
}

#[tokio::test]
async fn what_is_no_address_is_said_at_its_field() {
    let service = Service::start().await;
    let mut browser = service.browser();
    for typed in ["", "claire", "claire@", "a@b@c.fr"] {
        let answer = asks_for_identifier(&mut browser, typed).await;
        assert_eq!(answer.status, 422, "{typed}");
        assert!(answer.text().contains("email-erreur"), "{typed}");
    }
    for typed in ["", "0639", "+33"] {
        let answer = asks_for_identifier_by_sms(&mut browser, typed).await;
        assert_eq!(answer.status, 422, "{typed}");
    }
    assert_eq!(
        asks_for_password(&mut browser, " ", "email").await.status,
        422
    );
    assert!(settle(&service).await.is_empty());
}

#[tokio::test]
async fn a_link_opened_in_another_browser_sets_the_password_and_leads_to_the_account() {
    let service = Service::start().await;
    let mut desk = service.visitor(Person::CLAIRE);
    let page = sign_in_page(&service, &mut desk).await;
    let lost = desk
        .browser
        .open(&way(&page.text(), "/mot-de-passe-perdu"))
        .await;
    let form = lost
        .form_with("identifiant")
        .with("identifiant", "c.martin1");
    desk.browser.submit(&form).await;
    let mail = messages(&service, 1).await.remove(0);
    let mut telephone = service.browser();
    let new = telephone.open(&link(&mail)).await;
    let done = sets(&mut telephone, &new, "c.martin1", PASSWORD).await;
    assert!(done.text().contains("href=\"/compte\""), "{}", done.text());
    // The desk's request waits still.
    let end = desk.types(&page, "c.martin1", PASSWORD).await;
    assert!(end.location().unwrap().as_str().contains("code="));
}
