//! A reported link that two schools assert: each answers for itself, once.

use domain::ids::{AccountId, LinkId};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use store::entity::{directory_record, record_link};
use tests::{Person, Service, Visitor};

use super::{
    COLLEGE, DESK, appoint, at_console, form_of, id_of, links::children, links::reports, odile,
    said,
};

const OTHER: &str = "0750003W";
const OTHER_DESK: &str = "/admin/ecoles/0750003W";

/// The school of Lina asserts that Nadia represents Adam, as the college does.
async fn asserted_twice(service: &Service) {
    let writer = service.database.writer();
    let record = async |school: &str, key: &str| {
        let found = directory_record::Entity::find()
            .filter(directory_record::Column::Source.eq(format!("fichier-{school}")))
            .filter(directory_record::Column::SourceKey.eq(key))
            .one(writer)
            .await;
        found.unwrap().unwrap()
    };
    let adam = record(COLLEGE, "E-0102").await;
    let nadia = record(OTHER, "R-0201").await;
    let pupil = directory_record::Model {
        id: AccountId::new(&service.ambient).as_uuid(),
        source: nadia.source.clone(),
        source_key: "E-0299".into(),
        school_uai: OTHER.into(),
        ..adam
    };
    let link = record_link::Model {
        id: LinkId::new(&service.ambient).as_uuid(),
        guardian_record_id: nadia.id,
        pupil_record_id: pupil.id,
        relationship: "mother".into(),
        legal_rank: 1,
        ended_at: None,
        barred_at: None,
        filed_ended_at: None,
        created_at: 1,
        updated_at: 1,
    };
    let pupil = pupil.into_active_model().reset_all();
    pupil.insert(writer).await.unwrap();
    let link = link.into_active_model().reset_all();
    link.insert(writer).await.unwrap();
}

/// Nadia has reported Adam, whom two schools assert; the officers of both.
async fn reported_at_two_schools(service: &Service) -> (Visitor, Visitor) {
    asserted_twice(service).await;
    reports(service).await;
    appoint(service, Person::ALIX, Some(OTHER)).await;
    let officers = (
        odile(service).await,
        at_console(service, Person::ALIX).await,
    );
    service.advance_seconds(2);
    officers
}

async fn way_of(service: &Service, desk: &str, act: &str) -> String {
    let nadia = id_of(service, "n.dubois5").await;
    let adam = id_of(service, "a.dubois6").await;
    format!("{desk}/personnes/{nadia}/liens/{adam}/{act}")
}

async fn answers(officer: &mut Visitor, service: &Service, desk: &str, answer: &str) {
    let form = form_of(officer, &way_of(service, desk, "reponse").await).await;
    let page = officer.browser.submit(&form.with("reponse", answer)).await;
    assert!(page.url.ends_with("/signalements"), "{}", page.summary());
    service.advance_seconds(2);
}

/// Whether the link waits for an answer of this school.
async fn waits(officer: &mut Visitor, desk: &str) -> bool {
    let list = officer.browser.open(&format!("{desk}/signalements")).await;
    assert_eq!(list.status, 200, "{}", list.summary());
    !said(&list).contains("Aucun lien signalé")
}

/// What Nadia is asked at a new sign-in, if she is; she presses this button then.
async fn asked(service: &Service, pressed: &str) -> Option<String> {
    let mut nadia = service.visitor(Person::NADIA);
    let page = nadia.browser.open("/compte").await;
    let page = nadia.types_password(&page).await;
    service.advance_seconds(2);
    if !said(&page).contains("Vérifiez vos enfants") {
        assert!(page.url.ends_with("/compte"), "{}", page.summary());
        return None;
    }
    let form = page.form("/enfants").with("choix", pressed);
    nadia.browser.submit(&form).await;
    Some(said(&page))
}

#[tokio::test]
async fn a_report_is_settled_when_each_school_has_answered_it_once() {
    let service = Service::start().await;
    let (mut odile, mut alix) = reported_at_two_schools(&service).await;
    assert!(waits(&mut odile, DESK).await && waits(&mut alix, OTHER_DESK).await);
    answers(&mut odile, &service, DESK, "upheld").await;
    assert!(!waits(&mut odile, DESK).await);
    assert!(waits(&mut alix, OTHER_DESK).await, "it has not answered");
    let page = asked(&service, "maintenir").await.unwrap();
    assert!(page.contains("Collège Simon-Lavigne a répondu"), "{page}");
    assert!(!page.contains("Tilleuls"), "{page}");

    answers(&mut alix, &service, OTHER_DESK, "upheld").await;
    assert!(!waits(&mut odile, DESK).await, "it has answered");
    assert!(!waits(&mut alix, OTHER_DESK).await);
    let again = way_of(&service, DESK, "reponse").await;
    assert_eq!(odile.browser.open(&again).await.status, 404);
    let page = asked(&service, "maintenir").await.unwrap();
    assert!(page.contains("Collège Simon-Lavigne a répondu"), "{page}");
    assert!(page.contains("École des Tilleuls a répondu"), "{page}");
    assert_eq!(asked(&service, "maintenir").await, None, "once for each");
}

#[tokio::test]
async fn a_school_that_ends_its_part_leaves_the_other_s_as_it_answered() {
    let service = Service::start().await;
    let (mut odile, mut alix) = reported_at_two_schools(&service).await;
    answers(&mut odile, &service, DESK, "upheld").await;
    answers(&mut alix, &service, OTHER_DESK, "ended").await;
    assert!(!waits(&mut odile, DESK).await && !waits(&mut alix, OTHER_DESK).await);
    let page = asked(&service, "retablir").await.unwrap();
    assert!(page.contains("Collège Simon-Lavigne a répondu"), "{page}");
    let tokens = service
        .visitor(Person::NADIA)
        .signs_in_at(&service.portal())
        .await;
    assert_eq!(children(&service, &tokens).await, ["Adam", "Lina"]);
    // Reported once more, the school that asserts it is asked, and the other is not.
    reports(&service).await;
    assert!(waits(&mut odile, DESK).await);
    assert!(!waits(&mut alix, OTHER_DESK).await);
}

#[tokio::test]
async fn an_end_that_the_school_took_back_is_no_answer() {
    let service = Service::start().await;
    let (mut odile, mut alix) = reported_at_two_schools(&service).await;
    answers(&mut alix, &service, OTHER_DESK, "ended").await;
    let restore = way_of(&service, OTHER_DESK, "retablissement").await;
    super::does(&mut alix, &restore).await;
    assert!(waits(&mut alix, OTHER_DESK).await);
    answers(&mut odile, &service, DESK, "ended").await;
    answers(&mut alix, &service, OTHER_DESK, "ended").await;
    assert_eq!(
        asked(&service, "maintenir").await,
        None,
        "nobody asserts it"
    );
    let tokens = service
        .visitor(Person::NADIA)
        .signs_in_at(&service.portal())
        .await;
    assert_eq!(children(&service, &tokens).await, ["Lina"]);
}

#[tokio::test]
async fn what_a_node_of_the_version_before_answered_is_answered() {
    let service = Service::start().await;
    let (mut odile, mut alix) = reported_at_two_schools(&service).await;
    let answered = "update link_report set answer = 'upheld', answered_at = 1, \
                    answered_by_school = '0750002V'";
    assert_eq!(service.sql(answered).await, 1);
    assert!(!waits(&mut odile, DESK).await);
    assert!(waits(&mut alix, OTHER_DESK).await);
}
