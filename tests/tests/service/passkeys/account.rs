//! « Clés d'accès » in « Mon compte ».

use tests::{Device, Person, Service, Visitor, form::Form, service::texts};

use super::{
    LIST, OVERVIEW, actions, adds, assert_refused, by_passkey, has_session, notices, with_passkey,
};
use crate::lost::{link, messages};

/// Where a passkey's page of removal is, by its name.
async fn removal(visitor: &mut Visitor, name: &str) -> String {
    let list = visitor.browser.open(LIST).await;
    let text = list.text();
    let entry = text.split(&format!("<h2>{name}</h2>")).nth(1);
    let entry = entry.unwrap_or_else(|| panic!("no {name} in {}", list.summary()));
    let address = entry.split(r#"href=""#).nth(1).unwrap();
    address.split('"').next().unwrap().to_owned()
}

async fn removes(visitor: &mut Visitor, name: &str) -> tests::Answer {
    let address = removal(visitor, name).await;
    let page = visitor.browser.open(&address).await;
    let form = page.form("/retrait");
    visitor.browser.submit(&form).await
}

#[tokio::test]
async fn a_passkey_is_added_listed_used_and_removed_and_its_owner_is_told() {
    let service = Service::start().await;
    let (mut claire, mut device) = with_passkey(&service, Person::CLAIRE).await;
    // Both confirmed contacts.
    assert_eq!(notices(&service).await, 2);
    let list = claire.browser.open(LIST).await.text();
    assert!(list.contains("<h2>Téléphone</h2>") && list.contains("Pas encore utilisée"));
    let (mut elsewhere, _) = by_passkey(&service, &mut device).await;
    let list = claire.browser.open(LIST).await.text();
    assert!(list.contains("Dernière utilisation le"));
    service.advance_seconds(1);
    let home = removes(&mut claire, "Téléphone").await;
    assert!(
        home.text().contains("La clé d’accès est retirée"),
        "{}",
        home.summary()
    );
    assert_eq!(
        actions(&service).await,
        ["passkey.added", "passkey.removed"]
    );
    assert_eq!(notices(&service).await, 4);
    // What came by it ends; the session at hand goes on.
    assert!(elsewhere.open("/compte").await.is_sign_in());
    assert!(!claire.browser.open("/compte").await.is_sign_in());
    let (browser, refused) = by_passkey(&service, &mut device).await;
    assert_refused(&browser, &refused);
}

#[tokio::test]
async fn passkeys_of_others_are_neither_seen_nor_removed() {
    let service = Service::start().await;
    let (mut claire, mut device) = with_passkey(&service, Person::CLAIRE).await;
    let address = removal(&mut claire, "Téléphone").await;
    let (mut nadia, _) = with_passkey(&service, Person::NADIA).await;
    let led = nadia.browser.open(&address).await;
    assert!(led.url.ends_with(LIST), "{}", led.summary());
    let own = removal(&mut nadia, "Téléphone").await;
    let form = nadia.browser.open(&own).await.form("/retrait");
    let form = Form {
        action: address,
        ..form
    };
    let led = nadia.browser.submit(&form).await;
    assert!(led.url.ends_with(LIST), "{}", led.summary());
    assert!(has_session(&by_passkey(&service, &mut device).await.0));
}

#[tokio::test]
async fn an_account_has_ten_passkeys_at_most_and_each_has_a_name() {
    let service = Service::start().await;
    let mut leo = service.at_account(Person::LEO).await;
    for name in ["", "   ", &"x".repeat(41)] {
        let mut device = Device::default();
        let refused = adds(&mut leo, &mut device, name).await;
        assert_eq!(refused.status, 422, "{name}: {}", refused.summary());
    }
    // The form of the page before the last one was added.
    let page = leo.browser.open(LIST).await;
    for number in 0..10 {
        let mut device = Device::default();
        let home = adds(&mut leo, &mut device, &format!("Clé {number}")).await;
        assert!(home.url.ends_with("/compte"), "{}", home.summary());
    }
    let form = page.form("/cles-d-acces/ajout").with("nom", "Onzième");
    let mut device = Device::default();
    let refused = device.adds(&mut leo.browser, &form).await;
    assert_eq!(refused.status, 422, "{}", refused.summary());
    assert_eq!(actions(&service).await.len(), 10);
    let full = leo.browser.open(LIST).await.text();
    assert!(full.contains("déjà 10 clés") && !full.contains("/ajout"));
}

#[tokio::test]
async fn changes_of_passkeys_ask_to_sign_in_again() {
    let service = Service::start().await;
    let (mut claire, mut device) = with_passkey(&service, Person::CLAIRE).await;
    let list = claire.browser.open(LIST).await;
    let form = list.form("/cles-d-acces/ajout").with("nom", "Autre");
    let address = removal(&mut claire, "Téléphone").await;
    let remove = claire.browser.open(&address).await.form("/retrait");
    service.advance_seconds(5 * 60);
    for path in [LIST, &*address] {
        let asked = claire.browser.open(path).await;
        assert!(asked.is_sign_in(), "{path}: {}", asked.summary());
    }
    for form in [form, remove] {
        let asked = claire.browser.submit(&form).await;
        assert!(asked.is_sign_in(), "{}", asked.summary());
    }
    assert_eq!(actions(&service).await, ["passkey.added"]);
    // The passkey itself will do.
    let asked = claire.browser.open(LIST).await;
    let form = asked.form("/cle-d-acces");
    let back = device.opens(&mut claire.browser, &form).await;
    assert!(back.url.ends_with(LIST), "{}", back.summary());
}

#[tokio::test]
async fn the_last_way_in_stays() {
    let service = Service::start().await;
    let (_, mut device) = with_passkey(&service, Person::CLAIRE).await;
    service
        .sql(
            "update account set password_state = 'absent', password_hash = null, \
             password_set_at = null \
             where identifier = 'c.martin1'",
        )
        .await;
    service.sql("delete from bond").await;
    let mut claire = service.visitor(Person::CLAIRE);
    let page = claire.browser.open("/compte").await;
    let form = page.form("/cle-d-acces");
    let home = device.opens(&mut claire.browser, &form).await;
    assert!(home.url.ends_with("/compte"), "{}", home.summary());
    // A form of a moment when there were two.
    let mut spare = Device::default();
    adds(&mut claire, &mut spare, "Autre").await;
    let address = removal(&mut claire, "Téléphone").await;
    let form = claire.browser.open(&address).await.form("/retrait");
    removes(&mut claire, "Autre").await;
    let refused = claire.browser.submit(&form).await;
    assert_eq!(refused.status, 409, "{}", refused.summary());
    let page = claire.browser.open(&address).await.text();
    assert!(page.contains("la seule façon d’entrer"), "{page}");
    assert!(has_session(&by_passkey(&service, &mut device).await.0));
}

#[tokio::test]
async fn this_was_not_me_takes_a_thief_s_passkey_away() {
    let service = Service::start().await;
    let (_, mut own) = with_passkey(&service, Person::CLAIRE).await;
    service.advance_seconds(3600);
    let before = messages(&service, 2).await.len();
    let mut thief = service.at_account(Person::CLAIRE).await;
    let mut device = Device::default();
    adds(&mut thief, &mut device, "Voleur").await;
    let told = messages(&service, before + 2).await.split_off(before);
    let mail = told
        .iter()
        .find(|message| message.to.contains('@'))
        .unwrap();
    assert!(
        mail.text.contains("les clés d’accès ont été changées"),
        "{}",
        mail.text
    );
    let mut claire = service.browser();
    let page = claire.open(&link(mail)).await;
    let forms = Form::all(&page.text());
    let button = forms
        .into_iter()
        .find(|form| form.action.starts_with("/ce-n-est-pas-moi/"));
    claire.submit(&button.unwrap()).await;
    let (browser, refused) = by_passkey(&service, &mut device).await;
    assert_refused(&browser, &refused);
    assert!(thief.browser.open("/compte").await.is_sign_in());
    // Her own of before is hers.
    assert!(has_session(&by_passkey(&service, &mut own).await.0));
}

#[tokio::test]
async fn a_family_chooses_whether_a_passkey_follows_the_password() {
    let service = Service::start().await;
    let (mut claire, mut device) = with_passkey(&service, Person::CLAIRE).await;
    // At first the password is enough.
    let mut plain = service.at_account(Person::CLAIRE).await;
    let overview = claire.browser.open(OVERVIEW).await;
    let codes = claire
        .browser
        .submit(&overview.form("/verification-en-deux-etapes/cles-d-acces"))
        .await;
    assert_eq!(codes.text().matches(r#"<li class="secret">"#).count(), 10);
    assert!(
        plain.browser.open("/compte").await.is_sign_in(),
        "others end"
    );
    let mut again = service.visitor(Person::CLAIRE);
    let page = again.browser.open("/compte").await;
    let asked = again.types_password(&page).await;
    assert!(asked.is_second_factor(), "{}", asked.summary());
    assert!(!has_session(&again.browser));
    let form = asked.form("/second-facteur/cle-d-acces");
    let home = device.opens(&mut again.browser, &form).await;
    assert!(home.url.ends_with("/compte"), "{}", home.summary());
    // And no longer.
    let overview = claire.browser.open(OVERVIEW).await;
    let form = overview.form("/cles-d-acces/retrait");
    claire.browser.submit(&form).await;
    service.at_account(Person::CLAIRE).await;
    // Asked for once more, it ends with the last passkey.
    let overview = claire.browser.open(OVERVIEW).await;
    let form = overview.form("/verification-en-deux-etapes/cles-d-acces");
    claire.browser.submit(&form).await;
    removes(&mut claire, "Téléphone").await;
    service.at_account(Person::CLAIRE).await;
    let left = "select count(*) || '' as n from recovery_code";
    let left = texts(service.database.reader(), left, "n").await;
    assert_eq!(left, ["0"], "codes stand in for nothing");
}

#[tokio::test]
async fn the_export_has_names_and_no_keys() {
    let service = Service::start().await;
    let (mut claire, _) = with_passkey(&service, Person::CLAIRE).await;
    let data = claire.browser.open("/compte/donnees.json").await.text();
    assert!(data.contains("Téléphone"));
    assert!(!data.contains("EC_EC2") && !data.contains("user_handle"));
}
