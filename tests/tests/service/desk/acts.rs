//! Contacts of records, refused dates, a changed identity, history, appointments, service.

use domain::audit::{Action, Actor, Target};
use serde_json::json;
use store::audit::{self, Event};
use tests::{Person, Service, service::texts};

use super::{COLLEGE, DESK, at_console, form_of, id_of, odile, page_of, said, trail};

#[tokio::test]
async fn a_corrected_number_lets_a_guardian_in_and_outlives_the_same_file() {
    let service = Service::start().await;
    let mut odile = odile(&service).await;
    let claire = page_of(&service, "c.martin2").await;
    let way = format!("{claire}/coordonnees");
    let form = form_of(&mut odile, &way).await;
    for (email, phone, fault) in [
        ("nonsense", "", "Écrivez l’adresse ainsi"),
        ("", "12", "Écrivez un numéro de portable"),
    ] {
        let form = form.clone().with("email", email).with("telephone", phone);
        let page = odile.browser.submit(&form).await;
        assert_eq!(page.status, 422, "{fault}");
        assert!(said(&page).contains(fault), "{fault}");
    }
    let form = form.with("telephone", "06 39 98 00 09");
    let page = odile.browser.submit(&form).await;
    assert!(page.url.contains("fait=coordonnees"), "{}", page.summary());
    assert!(said(&page).contains("+33639980009"));
    let phones = "select coalesce(phone, '') as phone from directory_record \
                  where source_key = 'R-0101'";
    assert_eq!(
        texts(service.database.reader(), phones, "phone").await,
        ["+33639980009"]
    );
    let trail = trail(&service, "c.martin2").await;
    assert!(trail.contains(&"record.corrected".to_owned()));
    let again = odile.browser.submit(&form).await;
    assert_eq!(again.status, 409, "it says so already");
}

#[tokio::test]
async fn refused_dates_are_shown_to_the_school_of_the_pupil() {
    let service = Service::start().await;
    let mut claire = service.visitor(Person::OTHER_CLAIRE);
    let page = claire.browser.open("/compte").await;
    let page = claire.types_password(&page).await;
    let form = page.form_with("date-de-naissance");
    claire
        .browser
        .submit(&form.with("date-de-naissance", "05/02/2014"))
        .await;
    let mut odile = odile(&service).await;
    let page = odile
        .browser
        .open(&page_of(&service, "c.martin2").await)
        .await;
    assert!(said(&page).contains("05/02/2014"), "{}", page.summary());
}

#[tokio::test]
async fn a_changed_identity_is_told_and_the_history_is_the_school_s_part() {
    let service = Service::start().await;
    let mut nadia = service.visitor(Person::NADIA);
    nadia.signs_in_at(&service.portal()).await;
    let lina = id_of(&service, "l.dubois7").await;
    for (action, details) in [
        (Action::UpstreamIdentityChanged, json!({})),
        (Action::LinkAdded, json!({ "pupil": lina })),
        (Action::RecordCorrected, json!({ "school": "0750003W" })),
    ] {
        let target = Target::Account(id_of(&service, "n.dubois5").await);
        let event = Event::new(action, Actor::Service, target).with(details);
        audit::record(service.database.writer(), &service.ambient, event)
            .await
            .unwrap();
    }
    let mut odile = odile(&service).await;
    let page = page_of(&service, "n.dubois5").await;
    let person = odile.browser.open(&page).await;
    assert!(said(&person).contains("L’identité donnée par FranceConnect a changé"));
    let history = odile.browser.open(&format!("{page}/historique")).await;
    let said = said(&history);
    assert!(said.contains("Identité FranceConnect modifiée"));
    assert!(said.contains("Fiche consultée"));
    // Adam's, which the import added; Lina's is not told.
    assert_eq!(said.matches("Lien ajouté").count(), 1);
    for foreign in ["corrigées", "portail", "Connexion"] {
        assert!(!said.contains(foreign), "{foreign}");
    }
}

#[tokio::test]
async fn what_happens_often_pushes_nothing_out_of_the_history() {
    let service = Service::start().await;
    let mut odile = odile(&service).await;
    let page = page_of(&service, "n.dubois5").await;
    let form = form_of(&mut odile, &format!("{page}/suspension")).await;
    let form = form.with("motif", "compromised");
    odile.browser.submit(&form).await;
    let nadia = Target::Account(id_of(&service, "n.dubois5").await);
    let event = |action, details| Event::new(action, Actor::Service, nadia.clone()).with(details);
    let (writer, ambient) = (service.database.writer(), &service.ambient);
    let changed = event(Action::UpstreamIdentityChanged, json!({}));
    audit::record(writer, ambient, changed).await.unwrap();
    for (action, details) in [
        (Action::SignedIn, json!({})),
        (Action::ConsentGiven, json!({})),
        (Action::RecoverySent, json!({})),
        (Action::PersonSeen, json!({ "school": COLLEGE })),
        (Action::RecordCorrected, json!({ "school": "0750003W" })),
    ] {
        let events = (0..600).map(|_| event(action, details.clone()));
        audit::record_all(writer, ambient, events).await.unwrap();
    }
    let person = odile.browser.open(&page).await;
    assert!(said(&person).contains("L’identité donnée par FranceConnect a changé"));
    let history = odile.browser.open(&format!("{page}/historique")).await;
    let said = said(&history);
    assert!(history.text().contains("<td>Suspendu</td>"));
    for foreign in ["corrigées", "Connexion"] {
        assert!(!said.contains(foreign), "{foreign}");
    }
}

#[tokio::test]
async fn an_administrator_appoints_and_ends_and_the_next_request_knows() {
    let service = Service::start().await;
    let mut odile = odile(&service).await;
    let mut alix = at_console(&service, Person::ALIX).await;
    let list = alix.browser.open("/admin/agents").await;
    assert!(said(&list).contains("Odile RENAUD") && said(&list).contains(COLLEGE));
    let way = format!("/admin/agents/{}", id_of(&service, "ecole.college").await);
    let page = alix.browser.open(&way).await;
    let form = page.form(&way).with("role", "officer");
    let fault = alix.browser.submit(&form.clone().with("uai", "12")).await;
    assert_eq!(fault.status, 422);
    let unknown = alix
        .browser
        .submit(&form.clone().with("uai", "0759999X"))
        .await;
    assert_eq!(unknown.status, 422);
    alix.browser.submit(&form.with("uai", "0750003W")).await;
    let there = odile.browser.open("/admin/ecoles/0750003W").await;
    assert_eq!(there.status, 200, "{}", there.summary());
    let page = alix.browser.open(&way).await;
    let ends = tests::form::Form::all(&page.text());
    let end = ends
        .into_iter()
        .find(|form| form.action.ends_with("/fin") && form.value("uai") == Some(COLLEGE))
        .unwrap();
    alix.browser.submit(&end).await;
    assert_eq!(odile.browser.open(DESK).await.status, 404);
    let trail = trail(&service, "ecole.college").await;
    for action in ["appointment.made", "appointment.ended"] {
        assert!(trail.contains(&action.to_owned()), "{action}");
    }
}

#[tokio::test]
async fn the_last_administrator_stays_and_families_are_never_appointed() {
    let service = Service::start().await;
    let mut alix = at_console(&service, Person::ALIX).await;
    let way = format!("/admin/agents/{}", id_of(&service, "admin").await);
    let page = alix.browser.open(&way).await;
    let form = page.form(&format!("{way}/fin"));
    let refused = alix.browser.submit(&form).await;
    assert_eq!(refused.status, 422);
    assert!(said(&refused).contains("Le dernier administrateur reste"));
    let claire = id_of(&service, "c.martin1").await;
    let page = alix.browser.open(&format!("/admin/agents/{claire}")).await;
    assert_eq!(page.status, 404);
}

#[tokio::test]
async fn the_service_s_page_tells_what_was_given_up_and_to_nobody_whom() {
    let service = Service::start().await;
    let mut alix = at_console(&service, Person::ALIX).await;
    let page = alix.browser.open("/admin/service").await;
    assert_eq!(page.status, 200, "{}", page.summary());
    assert!(said(&page).contains("Abandonnés"));
    let mut odile = odile(&service).await;
    assert_eq!(odile.browser.open("/admin/service").await.status, 403);
}

#[tokio::test]
async fn somebody_new_gets_a_link_of_their_own_once() {
    let service = Service::start().await;
    let mut alix = at_console(&service, Person::ALIX).await;
    let page = alix.browser.open("/admin/agents/nouveau").await;
    let form = page
        .form("/admin/agents/nouveau")
        .with("prenom", "Ondine")
        .with("nom", "LEFORT")
        .with("role", "officer")
        .with("uai", COLLEGE);
    let refused = alix
        .browser
        .submit(&form.clone().with("identifiant", "ecole.college"))
        .await;
    assert_eq!(refused.status, 422);
    let made = alix
        .browser
        .submit(&form.with("identifiant", "o.lefort"))
        .await;
    assert_eq!(made.status, 200, "{}", made.summary());
    let text = said(&made);
    let link = text
        .split("https://compte.example/invitation?jeton=")
        .nth(1);
    let token: String = link
        .unwrap()
        .chars()
        .take_while(|sign| *sign != '<')
        .collect();
    let way = format!("/invitation?jeton={token}");
    assert_eq!(service.browser().open(&way).await.status, 200);
    let page = format!("/admin/agents/{}", id_of(&service, "o.lefort").await);
    let again = alix.browser.open(&page).await;
    assert!(!said(&again).contains(&token), "shown once");
    let list = alix.browser.open("/admin/agents").await;
    assert!(said(&list).contains("Ondine LEFORT"));
}
