//! Lost passwords and second factors of active guardians: a recovery to a confirmed contact,
//! else an act that waits for a second officer or for a day.

use std::time::Duration;

use tests::{Person, Service, service::texts};

use super::{
    DESK, confirm_email, does, does_checked, form_of, odile, page_of, password_on, said,
    second_officer, told, trail, written,
};
use crate::passkeys::{by_passkey, has_session, with_passkey};

const DAY: Duration = Duration::from_hours(24);

async fn open_acts(service: &Service) -> Vec<String> {
    let sql = "select kind from pending_act where ended_at is null";
    texts(service.database.reader(), sql, "kind").await
}

/// The way that confirms the one act that waits.
async fn confirmation(officer: &mut tests::Visitor) -> Option<String> {
    let page = officer.browser.open(&format!("{DESK}/demandes")).await;
    let text = page.text();
    let ways = text.split("href=\"").skip(1);
    let mut ways = ways.filter_map(|rest| rest.split('"').next());
    ways.find(|way| way.ends_with("/confirmation"))
        .map(str::to_owned)
}

#[tokio::test]
async fn with_a_confirmed_contact_a_recovery_is_sent_there_and_the_password_stays() {
    let service = Service::start().await;
    confirm_email(&service, "n.dubois5").await;
    let mut odile = odile(&service).await;
    let nadia = page_of(&service, "n.dubois5").await;
    let refused = odile.browser.open(&format!("{nadia}/remise-a-zero")).await;
    assert_eq!(refused.status, 409, "there is a better way");
    let page = does(&mut odile, &format!("{nadia}/recuperation")).await;
    assert!(page.url.contains("fait=depannage"), "{}", page.summary());
    let mail = told(&service, "nadia.dubois@example.org", "/mot-de-passe/lien").await;
    let link = mail
        .text
        .lines()
        .find(|line| line.starts_with("https://"))
        .unwrap()
        .to_owned();
    let mut visitor = service.visitor(Person::NADIA);
    let page = visitor.browser.open("/compte").await;
    let home = visitor.types_password(&page).await;
    assert!(home.url.ends_with("/compte"), "the password stays");
    let page = visitor.browser.open(&link).await;
    assert_eq!(page.status, 200, "{}", page.summary());
    assert!(
        trail(&service, "n.dubois5")
            .await
            .contains(&"recovery.started_by_school".to_owned())
    );
}

#[tokio::test]
async fn without_one_a_second_officer_confirms_the_reset() {
    let service = Service::start().await;
    let mut odile = odile(&service).await;
    let nadia = page_of(&service, "n.dubois5").await;
    let way = format!("{nadia}/remise-a-zero");
    let unchecked = form_of(&mut odile, &way).await;
    let page = odile.browser.submit(&unchecked).await;
    assert_eq!(page.status, 422);
    assert!(said(&page).contains("Cochez ce qui a été vérifié"));
    let page = does_checked(&mut odile, &way).await;
    assert!(page.url.contains("fait=demande"), "{}", page.summary());
    assert_eq!(open_acts(&service).await, ["password_reset"]);
    assert_eq!(confirmation(&mut odile).await, None, "not one's own");
    let mut second = second_officer(&service).await;
    let confirm = confirmation(&mut second).await.unwrap();
    let own = odile.browser.open(&confirm).await;
    assert_eq!(own.status, 422, "{}", own.summary());
    let letter = does(&mut second, &confirm).await;
    let password = password_on(&letter);
    assert!(open_acts(&service).await.is_empty());
    let mut visitor = service.visitor(Person::NADIA);
    let page = visitor.browser.open("/compte").await;
    assert_eq!(visitor.types_password(&page).await.status, 422);
    let page = visitor.types(&page, "n.dubois5", &password).await;
    assert!(page.url.contains("/activation/"), "{}", page.summary());
    let again = second.browser.open(&confirm).await;
    assert_eq!(again.status, 404, "it happens once");
}

#[tokio::test]
async fn nobody_confirms_their_own_request_whatever_they_post() {
    let service = Service::start().await;
    let mut odile = odile(&service).await;
    let nadia = page_of(&service, "n.dubois5").await;
    does_checked(&mut odile, &format!("{nadia}/remise-a-zero")).await;
    let mut second = second_officer(&service).await;
    let confirm = confirmation(&mut second).await.unwrap();
    let form = form_of(&mut odile, &format!("{nadia}/suspension")).await;
    let csrf = form.value("csrf").unwrap().to_owned();
    let posted = odile.browser.post(&confirm, &[("csrf", &csrf)]).await;
    assert_eq!(posted.status, 422);
    assert_eq!(open_acts(&service).await.len(), 1);
}

#[tokio::test]
async fn after_a_day_whoever_asked_may_carry_it_out() {
    let service = Service::start().await;
    let mut odile = odile(&service).await;
    let nadia = page_of(&service, "n.dubois5").await;
    does_checked(&mut odile, &format!("{nadia}/remise-a-zero")).await;
    service.advance(DAY);
    let mut odile = super::odile(&service).await;
    let confirm = confirmation(&mut odile).await.unwrap();
    let letter = does(&mut odile, &confirm).await;
    assert!(!password_on(&letter).is_empty());
}

#[tokio::test]
async fn a_request_that_nobody_carried_out_is_over_after_two_weeks() {
    let service = Service::start().await;
    let mut odile = odile(&service).await;
    let nadia = page_of(&service, "n.dubois5").await;
    does_checked(&mut odile, &format!("{nadia}/remise-a-zero")).await;
    service.advance(DAY * 16);
    let mut odile = super::odile(&service).await;
    assert_eq!(confirmation(&mut odile).await, None);
    let page = does_checked(&mut odile, &format!("{nadia}/remise-a-zero")).await;
    assert!(
        page.url.contains("fait=demande"),
        "another may be asked for"
    );
}

#[tokio::test]
async fn the_owner_hears_of_it_without_being_named_and_stops_it_in_my_account() {
    let service = Service::start().await;
    let mut odile = odile(&service).await;
    let nadia = page_of(&service, "n.dubois5").await;
    does_checked(&mut odile, &format!("{nadia}/remise-a-zero")).await;
    let mail = told(
        &service,
        "nadia.dubois@example.org",
        "mot de passe provisoire",
    )
    .await;
    assert!(!mail.text.contains("n.dubois5") && !mail.text.contains("Nadia"));
    assert!(!mail.text.contains("jeton="), "it opens nothing");
    let mut visitor = service.at_account(Person::NADIA).await;
    let home = visitor.browser.open("/compte").await;
    assert!(said(&home).contains("Une demande de votre établissement"));
    let form = home.form_with("demande");
    let done = visitor.browser.submit(&form).await;
    assert!(
        said(&done).contains("La demande est arrêtée"),
        "{}",
        done.summary()
    );
    let mut second = second_officer(&service).await;
    assert_eq!(confirmation(&mut second).await, None);
    let again = visitor.browser.submit(&form).await;
    assert_eq!(again.status, 410);
    let trail = trail(&service, "n.dubois5").await;
    assert!(trail.contains(&"pending_act.cancelled".to_owned()));
}

#[tokio::test]
async fn of_two_who_confirm_at_once_one_does() {
    let service = Service::start().await;
    let mut odile = odile(&service).await;
    let nadia = page_of(&service, "n.dubois5").await;
    does_checked(&mut odile, &format!("{nadia}/remise-a-zero")).await;
    let mut second = second_officer(&service).await;
    let confirm = confirmation(&mut second).await.unwrap();
    let form = form_of(&mut second, &confirm).await;
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..5 {
        let (mut browser, form) = (second.browser.clone(), form.clone());
        tries.spawn(async move { browser.submit(&form).await.status });
    }
    let statuses = tries.join_all().await;
    let done = statuses.iter().filter(|status| **status == 200).count();
    assert_eq!(done, 1, "{statuses:?}");
}

#[tokio::test]
async fn a_contact_that_is_confirmed_meanwhile_makes_a_reset_needless() {
    let service = Service::start().await;
    let mut odile = odile(&service).await;
    let nadia = page_of(&service, "n.dubois5").await;
    does_checked(&mut odile, &format!("{nadia}/remise-a-zero")).await;
    confirm_email(&service, "n.dubois5").await;
    let mut second = second_officer(&service).await;
    let confirm = confirmation(&mut second).await.unwrap();
    let refused = does(&mut second, &confirm).await;
    assert_eq!(refused.status, 409, "{}", refused.summary());
}

#[tokio::test]
async fn a_lost_second_factor_is_told_to_its_owner_who_stops_it_by_the_link() {
    let service = Service::start().await;
    confirm_email(&service, "n.dubois5").await;
    let mut odile = odile(&service).await;
    let nadia = page_of(&service, "n.dubois5").await;
    give_factor(&service, "n.dubois5").await;
    does_checked(&mut odile, &format!("{nadia}/seconde-verification")).await;
    assert_eq!(open_acts(&service).await, ["factor_removal"]);
    let mail = told(
        &service,
        "nadia.dubois@example.org",
        "/demande-de-mon-etablissement?jeton=",
    )
    .await;
    assert!(mail.text.lines().any(|line| line == "n.dubois5"));
    let link = mail
        .text
        .lines()
        .find(|line| line.contains("jeton="))
        .unwrap()
        .to_owned();
    let mut anybody = service.browser();
    let page = anybody.open(&link).await;
    assert_eq!(page.status, 200, "{}", page.summary());
    assert!(!page.url.contains("jeton"), "the secret left the address");
    assert_eq!(
        open_acts(&service).await.len(),
        1,
        "looking changes nothing"
    );
    let form = tests::form::Form::all(&page.text()).remove(0);
    let done = anybody.submit(&form).await;
    assert!(said(&done).contains("La demande est arrêtée"));
    assert!(open_acts(&service).await.is_empty());
    let again = service.browser().open(&link).await;
    assert_eq!(again.status, 410);
    assert!(
        !written(&service)
            .await
            .contains(&"pending_act_announced".to_owned())
    );
}

/// Gives somebody an authenticator application.
async fn give_factor(service: &Service, identifier: &str) {
    use domain::{secret::Secret, totp::TotpKey};
    use store::second_factors::{Enrolment, insert};
    let vault = store::Vault::new(&Secret::new(tests::seed::MASTER_KEY), &[]).unwrap();
    let account = super::id_of(service, identifier).await;
    let key = TotpKey::generate(&service.ambient);
    let (writer, now) = (service.database.writer(), service.ambient.now());
    let written = insert(writer, &vault, account, &key, 1, Enrolment::First, now).await;
    assert!(written.unwrap());
}

#[tokio::test]
async fn a_second_officer_takes_a_lost_factor_off_and_the_password_is_enough_again() {
    let service = Service::start().await;
    confirm_email(&service, "n.dubois5").await;
    let mut odile = odile(&service).await;
    let nadia = page_of(&service, "n.dubois5").await;
    let way = format!("{nadia}/seconde-verification");
    let none = odile.browser.open(&way).await;
    assert_eq!(none.status, 409, "there is none");
    give_factor(&service, "n.dubois5").await;
    let mut visitor = service.visitor(Person::NADIA);
    let page = visitor.browser.open("/compte").await;
    assert!(visitor.types_password(&page).await.is_second_factor());
    does_checked(&mut odile, &way).await;
    let mut second = second_officer(&service).await;
    let confirm = confirmation(&mut second).await.unwrap();
    does(&mut second, &confirm).await;
    assert!(open_acts(&service).await.is_empty());
    let mut visitor = service.visitor(Person::NADIA);
    let page = visitor.browser.open("/compte").await;
    let home = visitor.types_password(&page).await;
    assert!(home.url.ends_with("/compte"), "{}", home.summary());
    told(&service, "nadia.dubois@example.org", "seconde vérification").await;
}

#[tokio::test]
async fn after_a_day_a_lost_factor_goes_by_itself_once() {
    let service = Service::start().await;
    confirm_email(&service, "n.dubois5").await;
    let mut odile = odile(&service).await;
    let nadia = page_of(&service, "n.dubois5").await;
    give_factor(&service, "n.dubois5").await;
    does_checked(&mut odile, &format!("{nadia}/seconde-verification")).await;
    let (reader, kind) = (
        service.database.reader(),
        domain::desk::PendingKind::FactorRemoval,
    );
    let due = store::pending_acts::find_due(reader, kind, service.ambient.now()).await;
    assert!(due.unwrap().is_empty(), "not before its day");
    service.advance(DAY);
    let due = store::pending_acts::find_due(reader, kind, service.ambient.now()).await;
    let due = due.unwrap();
    assert_eq!(due.len(), 1);
    let transaction = service.database.begin().await.unwrap();
    let (ambient, id) = (&service.ambient, due[0].id);
    let done = domain::desk::Outcome::Done;
    let first = store::pending_acts::end_due(&transaction, ambient, id, done).await;
    let second = store::pending_acts::end_due(&transaction, ambient, id, done).await;
    assert!(first.unwrap().is_some() && second.unwrap().is_none());
}

/// Outcomes of acts that have ended.
async fn outcomes(service: &Service) -> Vec<String> {
    let sql = "select outcome from pending_act where ended_at is not null";
    texts(service.database.reader(), sql, "outcome").await
}

/// What was asked for is looked at again when it is carried out: the school may not know the
/// person any more, the account may be shut, who asked may have been dismissed.
#[tokio::test]
async fn what_waited_is_stopped_where_it_would_not_be_asked_for_any_more() {
    let account = "(select id from account where identifier = 'n.dubois5')";
    let officer = "(select id from account where identifier = 'ecole.college')";
    let changes = [
        format!(
            "update directory_record set ended_at = 1 where account_id = {account} \
             and school_uai = '0750002V'"
        ),
        format!("update account set state = 'suspended' where id = {account}"),
        format!("delete from appointment where account_id = {officer}"),
    ];
    for change in changes {
        let service = Service::start().await;
        confirm_email(&service, "n.dubois5").await;
        let mut odile = odile(&service).await;
        let nadia = page_of(&service, "n.dubois5").await;
        give_factor(&service, "n.dubois5").await;
        does_checked(&mut odile, &format!("{nadia}/seconde-verification")).await;
        assert_eq!(service.sql(&change).await, 1, "{change}");
        service.advance(DAY);
        assert_eq!(service.carries_out_what_is_due().await, 0, "{change}");
        assert_eq!(outcomes(&service).await, ["cancelled"], "{change}");
        let factors = "select 'one' as factor from second_factor";
        let factors = texts(service.database.reader(), factors, "factor").await;
        assert!(!factors.is_empty(), "{change}");
        told(&service, "nadia.dubois@example.org", "annulé sa demande").await;
    }
}

/// Whoever has given no contact, or none that is confirmed, is told of both kinds of acts.
#[tokio::test]
async fn the_removal_of_a_factor_is_announced_where_nothing_is_confirmed() {
    let service = Service::start().await;
    let mut odile = odile(&service).await;
    let nadia = page_of(&service, "n.dubois5").await;
    give_factor(&service, "n.dubois5").await;
    does_checked(&mut odile, &format!("{nadia}/seconde-verification")).await;
    let mail = told(&service, "nadia.dubois@example.org", "seconde vérification").await;
    assert!(!mail.text.contains("n.dubois5") && !mail.text.contains("Nadia"));
    assert!(!mail.text.contains("jeton="), "it opens nothing");
}

/// Correcting a contact first does not turn the notice away from its owner.
#[tokio::test]
async fn an_announcement_goes_to_the_contacts_of_before_a_correction_too() {
    let service = Service::start().await;
    let filed = "update directory_record set email = 'filed@example.org' \
                 where source_key = 'R-0102'";
    assert_eq!(service.sql(filed).await, 1);
    let mut odile = odile(&service).await;
    let nadia = page_of(&service, "n.dubois5").await;
    for typed in ["first@example.org", "second@example.org"] {
        let form = form_of(&mut odile, &format!("{nadia}/coordonnees")).await;
        odile.browser.submit(&form.with("email", typed)).await;
    }
    does_checked(&mut odile, &format!("{nadia}/remise-a-zero")).await;
    for address in ["filed@example.org", "second@example.org"] {
        told(&service, address, "mot de passe provisoire").await;
    }
}

/// Whoever's school cannot help turns to an administrator, who sees nobody's page.
#[tokio::test]
async fn an_administrator_asks_for_the_removal_of_anybody_s_lost_factor() {
    const WAY: &str = "/admin/seconde-verification";
    let service = Service::start().await;
    confirm_email(&service, "n.dubois5").await;
    give_factor(&service, "n.dubois5").await;
    let mut alix = super::at_console(&service, Person::ALIX).await;
    let form = form_of(&mut alix, WAY).await;
    let named = |identifier: &str| form.clone().with("identifiant", identifier);
    let unchecked = alix.browser.submit(&named("n.dubois5")).await;
    assert_eq!(unchecked.status, 422);
    assert!(said(&unchecked).contains("Cochez ce qui a été vérifié"));
    let checked = |identifier: &str| named(identifier).with("verifie-identity_paper", "oui");
    // Nobody, somebody without a factor, staff: one answer.
    for identifier in ["x.inconnu9", "c.martin1", "ecole.college", "no such"] {
        let page = alix.browser.submit(&checked(identifier)).await;
        assert_eq!(page.status, 422, "{identifier}");
        assert!(said(&page).contains("Aucun compte ouvert"), "{identifier}");
    }
    let page = alix.browser.submit(&checked("N.Dubois5")).await;
    assert!(
        said(&page).contains("La demande est enregistrée"),
        "{}",
        page.summary()
    );
    let again = alix.browser.submit(&checked("n.dubois5")).await;
    assert_eq!(again.status, 422, "one waits already");
    told(&service, "nadia.dubois@example.org", "jeton=").await;
    service.advance(DAY);
    assert_eq!(service.carries_out_what_is_due().await, 1);
    assert_eq!(outcomes(&service).await, ["done"]);
    told(
        &service,
        "nadia.dubois@example.org",
        "a retiré la seconde vérification",
    )
    .await;
}

/// What a school did, as its messages were written.
async fn notices(service: &Service) -> usize {
    let all = written(service).await;
    all.iter()
        .filter(|template| *template == "school_acted")
        .count()
}

#[tokio::test]
async fn the_worker_takes_a_lost_factor_off_after_its_day_and_tells_its_owner_once() {
    let service = Service::start().await;
    let record = "update directory_record set school_uai = '0750002V' where source_key = 'R-0001'";
    assert_eq!(service.sql(record).await, 1);
    let mut odile = odile(&service).await;
    let mut signed_in = service.at_account(Person::CLAIRE).await;
    give_factor(&service, "c.martin1").await;
    let way = page_of(&service, "c.martin1").await;
    does_checked(&mut odile, &format!("{way}/seconde-verification")).await;
    service.advance(Duration::from_mins(24 * 60 - 1));
    assert_eq!(service.carries_out_what_is_due().await, 0, "not before");
    let mut claire = service.visitor(Person::CLAIRE);
    let page = claire.browser.open("/compte").await;
    assert!(claire.types_password(&page).await.is_second_factor());

    service.advance(Duration::from_mins(1));
    service.carries_out_what_is_due().await;
    assert!(open_acts(&service).await.is_empty());
    for (to, said) in [
        (
            "claire.martin@example.org",
            "a retiré la seconde vérification",
        ),
        ("+33639980001", "seconde vérification retirée"),
    ] {
        told(&service, to, said).await;
    }
    let page = signed_in.browser.open("/compte").await;
    assert!(page.is_sign_in(), "what was signed in has ended");
    let mut claire = service.visitor(Person::CLAIRE);
    let page = claire.browser.open("/compte").await;
    let home = claire.types_password(&page).await;
    assert!(home.url.ends_with("/compte"), "{}", home.summary());

    let before = notices(&service).await;
    assert_eq!(before, 2, "a mail and an SMS");
    assert_eq!(service.carries_out_what_is_due().await, 0, "once");
    assert_eq!(notices(&service).await, before);
    assert!(
        claire
            .browser
            .open("/compte")
            .await
            .url
            .ends_with("/compte"),
        "nothing ends again"
    );
}

#[tokio::test]
async fn passkeys_are_taken_off_with_a_lost_factor() {
    let service = Service::start().await;
    let (_, mut device) = with_passkey(&service, Person::NADIA).await;
    let mut odile = odile(&service).await;
    let way = format!(
        "{}/seconde-verification",
        page_of(&service, "n.dubois5").await
    );
    does_checked(&mut odile, &way).await;
    let mut second = second_officer(&service).await;
    let confirm = confirmation(&mut second).await.unwrap();
    does(&mut second, &confirm).await;
    let (browser, answer) = by_passkey(&service, &mut device).await;
    assert!(!has_session(&browser), "{}", answer.summary());
}
