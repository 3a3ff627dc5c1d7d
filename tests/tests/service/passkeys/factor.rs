//! A passkey after a first proof, and as the factor of those who must have one.

use serde_json::json;
use tests::{Answer, Device, Person, Service, Visitor, form::Form, france_connect::FranceConnect};

use super::{LIST, MFA, OVERVIEW, adds, assert_refused, by_passkey, has_session, with_passkey};

/// Has the account's passkeys asked for after the password; a recovery code.
async fn asks_after_password(visitor: &mut Visitor) -> String {
    let overview = visitor.browser.open(OVERVIEW).await;
    let form = overview.form("/verification-en-deux-etapes/cles-d-acces");
    let codes = visitor.browser.submit(&form).await.text();
    let code = codes.split(r#"<li class="secret">"#).nth(1).unwrap();
    code.split('<').next().unwrap().to_owned()
}

/// Another browser of the person, after the password at the portal.
async fn after_the_password(service: &Service, person: Person) -> (Visitor, Answer) {
    let mut again = service.visitor(person);
    let page = again.browser.open(&service.portal().request().url()).await;
    let asked = again.types_password(&page).await;
    assert!(asked.is_second_factor(), "{}", asked.summary());
    (again, asked)
}

const PASSKEY: &str = "/second-facteur/cle-d-acces";

#[tokio::test]
async fn a_passkey_follows_the_password_and_tokens_say_so() {
    let service = Service::start().await;
    let (mut claire, mut device) = with_passkey(&service, Person::CLAIRE).await;
    asks_after_password(&mut claire).await;
    service.advance_seconds(60);
    let portal = service.portal();
    let request = portal.request();
    let mut again = service.visitor(Person::CLAIRE);
    let page = again.browser.open(&request.url()).await;
    let asked = again.types_password(&page).await;
    assert!(
        !asked.text().contains("Six chiffres"),
        "there is no application"
    );
    let back = device.opens(&mut again.browser, &asked.form(PASSKEY)).await;
    let claims = portal.tokens(&request.callback(&back)).await.id_claims();
    assert_eq!(claims["acr"], MFA);
    assert_eq!(claims["amr"], json!(["pwd", "pop", "user", "mfa"]));
}

#[tokio::test]
async fn france_connect_is_followed_by_a_passkey_too() {
    let (service, fc) = FranceConnect::with_service().await;
    let (mut claire, mut device) = with_passkey(&service, Person::CLAIRE).await;
    asks_after_password(&mut claire).await;
    service.advance_seconds(60);
    let portal = service.portal();
    let request = portal.request();
    let mut again = service.visitor(Person::CLAIRE);
    let asked = again.identifies_as(&fc, &request, "claire-martin").await;
    assert!(asked.is_second_factor(), "{}", asked.summary());
    let back = device.opens(&mut again.browser, &asked.form(PASSKEY)).await;
    let claims = portal.tokens(&request.callback(&back)).await.id_claims();
    assert_eq!(claims["acr"], "eidas1");
    assert_eq!(claims["amr"], json!(["fc", "pop", "user", "mfa"]));
}

#[tokio::test]
async fn another_account_s_passkey_is_no_second_factor() {
    let service = Service::start().await;
    let (mut claire, _) = with_passkey(&service, Person::CLAIRE).await;
    let code = asks_after_password(&mut claire).await;
    let (_, mut adams) = with_passkey(&service, Person::ADAM).await;
    let (mut again, asked) = after_the_password(&service, Person::CLAIRE).await;
    let form = asked.form(PASSKEY);
    let mut question = tests::device::asks(&mut again.browser, &form).await;
    question["publicKey"]["allowCredentials"] = json!([]);
    let said = adams.answers(&question);
    let refused = again
        .browser
        .submit(&tests::device::answered(&form, &question, &said))
        .await;
    assert_refused(&again.browser, &refused);
    // A recovery code is the way for who has lost the device.
    let address = asked.url.replace("second-facteur", "code-de-secours");
    let page = again.browser.open(&address).await;
    let form = page.form_with("code").with("code", &code);
    let back = again.browser.submit(&form).await;
    assert!(has_session(&again.browser), "{}", back.summary());
}

#[tokio::test]
async fn what_the_device_said_opens_the_sign_in_once_the_password_was_right() {
    let service = Service::start().await;
    let (mut claire, mut device) = with_passkey(&service, Person::CLAIRE).await;
    asks_after_password(&mut claire).await;
    service.advance_seconds(60);
    // Of the page for the second factor, without the password.
    let mut stranger = service.visitor(Person::CLAIRE);
    let page = stranger
        .browser
        .open(&service.portal().request().url())
        .await;
    let form = page.form("/cle-d-acces");
    let early = Form {
        action: form.action.replace("/cle-d-acces", PASSKEY),
        ..form
    };
    let led = tests::device::asks_for(&mut stranger.browser, &early).await;
    assert_eq!(led.status, 303, "{}", led.summary());
    let led = stranger.browser.submit(&early).await;
    assert!(led.is_sign_in() && !has_session(&stranger.browser));
    // A suspension ends what the password proved.
    let (mut again, asked) = after_the_password(&service, Person::CLAIRE).await;
    let form = asked.form(PASSKEY);
    let question = tests::device::asks(&mut again.browser, &form).await;
    let said = device.answers(&question);
    service.set_state(Person::CLAIRE, "suspended").await;
    let led = again
        .browser
        .submit(&tests::device::answered(&form, &question, &said))
        .await;
    assert!(
        led.is_sign_in() && !has_session(&again.browser),
        "{}",
        led.summary()
    );
}

#[tokio::test]
async fn grouping_takes_a_passkey_of_the_other_account() {
    let service = Service::start().await;
    service
        .sql(
            "update account set state = 'active', password_state = 'chosen' \
             where identifier = 'c.martin2'",
        )
        .await;
    let (mut other, mut device) = with_passkey(&service, Person::OTHER_CLAIRE).await;
    asks_after_password(&mut other).await;
    service.advance_seconds(60);
    let (mut claire, mut own) = with_passkey(&service, Person::CLAIRE).await;
    let page = claire.browser.open("/compte/enfants/ajouter").await;
    let form = page
        .form("/compte/enfants/ajouter")
        .with("identifiant", Person::OTHER_CLAIRE.identifier)
        .with("mot-de-passe", Person::OTHER_CLAIRE.password);
    let asked = claire.browser.submit(&form).await;
    let form = asked.form("/cle-d-acces");
    // One's own is none of the other account's.
    let mut question = tests::device::asks(&mut claire.browser, &form).await;
    question["publicKey"]["allowCredentials"] = json!([]);
    let said = own.answers(&question);
    let refused = claire
        .browser
        .submit(&tests::device::answered(&form, &question, &said))
        .await;
    assert_eq!(refused.status, 422, "{}", refused.summary());
    let recapitulation = device.opens(&mut claire.browser, &form).await;
    assert!(
        recapitulation.text().contains("Zoé"),
        "{}",
        recapitulation.summary()
    );
    let forms = Form::all(&recapitulation.text());
    let confirm = forms
        .into_iter()
        .find(|form| form.action.starts_with("/compte/enfants/ajouter/"));
    claire.browser.submit(&confirm.unwrap()).await;
    let (browser, refused) = by_passkey(&service, &mut device).await;
    assert_refused(&browser, &refused);
    assert!(has_session(&by_passkey(&service, &mut own).await.0));
}

async fn enrols(service: &Service, person: Person) -> (Visitor, Device, Answer) {
    service.sql("delete from second_factor").await;
    let mut visitor = service.visitor(person);
    let page = visitor.browser.open("/admin").await;
    let enrolment = visitor.types_password(&page).await;
    let form = enrolment
        .form("/cle-d-acces")
        .with("nom", "Ordinateur du bureau");
    let mut device = Device::default();
    let codes = device.adds(&mut visitor.browser, &form).await;
    (visitor, device, codes)
}

#[tokio::test]
async fn staff_set_up_a_passkey_before_their_first_session_and_come_in_with_it() {
    for person in [Person::ODILE, Person::ALIX] {
        let service = Service::start().await;
        let (mut visitor, mut device, codes) = enrols(&service, person).await;
        assert_eq!(codes.text().matches(r#"<li class="secret">"#).count(), 10);
        assert!(
            !has_session(&visitor.browser),
            "not before the codes were seen"
        );
        let forms = Form::all(&codes.text());
        let seen = forms
            .into_iter()
            .find(|form| form.action.ends_with("/suite"));
        let console = visitor.browser.submit(&seen.unwrap()).await;
        assert!(console.url.ends_with("/admin"), "{}", console.summary());
        service.advance_seconds(60);
        let mut again = service.visitor(person);
        let page = again.browser.open("/admin").await;
        let form = page.form("/cle-d-acces");
        let console = device.opens(&mut again.browser, &form).await;
        assert!(console.url.ends_with("/admin"), "{}", console.summary());
        // After the password as well.
        service.advance_seconds(60);
        let (mut again, asked) = after_the_password(&service, person).await;
        device.opens(&mut again.browser, &asked.form(PASSKEY)).await;
        assert!(has_session(&again.browser));
    }
}

#[tokio::test]
async fn a_stolen_password_sets_up_no_second_first_passkey() {
    let service = Service::start().await;
    service.sql("delete from second_factor").await;
    let mut waiting = Vec::new();
    for _ in 0..2 {
        let mut visitor = service.visitor(Person::ALIX);
        let page = visitor.browser.open("/admin").await;
        let enrolment = visitor.types_password(&page).await;
        let form = enrolment.form("/cle-d-acces").with("nom", "Clé");
        waiting.push((visitor, form));
    }
    let mut devices = Vec::new();
    for (visitor, form) in &mut waiting {
        let mut device = Device::default();
        device.adds(&mut visitor.browser, form).await;
        devices.push(device);
    }
    let (mut browser, page) = super::at_sign_in(&service).await;
    let mut late = devices.pop().unwrap();
    let late = late.opens(&mut browser, &page.form("/cle-d-acces")).await;
    assert_refused(&browser, &late);
}

#[tokio::test]
async fn the_last_factor_of_staff_stays() {
    let service = Service::start().await;
    let (mut alix, _, codes) = enrols(&service, Person::ALIX).await;
    let forms = Form::all(&codes.text());
    let seen = forms
        .into_iter()
        .find(|form| form.action.ends_with("/suite"));
    alix.browser.submit(&seen.unwrap()).await;
    let list = alix.browser.open(LIST).await.text();
    let address = list.split(r#"href="/compte/cles-d-acces/"#).nth(1).unwrap();
    let address = format!("{LIST}/{}", address.split('"').next().unwrap());
    let page = alix.browser.open(&address).await;
    assert!(
        page.text().contains("doit garder la vérification"),
        "{}",
        page.summary()
    );
    // With another one it may go, and the form of then does not take the last.
    let mut spare = Device::default();
    adds(&mut alix, &mut spare, "Autre").await;
    let form = alix.browser.open(&address).await.form("/retrait");
    let other = alix.browser.open(LIST).await.text();
    let other = other.split("<h2>Autre</h2>").nth(1).unwrap();
    let other = other.split(r#"href=""#).nth(1).unwrap();
    let other = other.split('"').next().unwrap().to_owned();
    let remove = alix.browser.open(&other).await.form("/retrait");
    assert!(alix.browser.submit(&remove).await.url.ends_with("/compte"));
    let refused = alix.browser.submit(&form).await;
    assert_eq!(refused.status, 409, "{}", refused.summary());
}

#[tokio::test]
async fn staff_may_do_without_the_application_once_they_have_a_passkey() {
    let service = Service::start().await;
    let (mut odile, mut device) = with_passkey(&service, Person::ODILE).await;
    let overview = odile.browser.open(OVERVIEW).await;
    let form = overview.form("/verification-en-deux-etapes/retrait");
    let home = odile.browser.submit(&form).await;
    assert!(
        home.text().contains("vos clés d’accès restent demandées"),
        "{}",
        home.summary()
    );
    service.advance_seconds(60);
    let (mut again, asked) = after_the_password(&service, Person::ODILE).await;
    assert!(!asked.text().contains(r#"name="code""#), "no application");
    device.opens(&mut again.browser, &asked.form(PASSKEY)).await;
    assert!(has_session(&again.browser));
    // The form of then takes nothing more away.
    let form = Form {
        action: form.action,
        ..odile.browser.open(OVERVIEW).await.form("/application")
    };
    let led = odile.browser.submit(&form).await;
    assert!(led.url.ends_with(OVERVIEW), "{}", led.summary());
}
