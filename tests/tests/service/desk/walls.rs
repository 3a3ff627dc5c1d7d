//! Whoever has no tie to the school does not exist for its officers, whatever they try.

use domain::{ambient::Ambient, ids::AccountId};
use tests::{Answer, Service, service::texts};

use super::{DESK, form_of, id_of, odile, page_of, said};

/// People with no record at the college.
const STRANGERS: [&str; 6] = [
    "c.martin1",
    "l.martin3",
    "l.dubois7",
    "p.durand8",
    "i.durand9",
    "admin",
];

/// Pages below a person's.
const BELOW: [&str; 10] = [
    "",
    "/historique",
    "/mot-de-passe",
    "/recuperation",
    "/remise-a-zero",
    "/seconde-verification",
    "/coordonnees",
    "/suspension",
    "/retablissement",
    "/regroupement",
];

/// A page without what differs from one request to the next.
fn plain(page: &Answer, id: &str) -> String {
    let request = page.header("x-request-id").to_owned();
    let text = page.text().replace(id, "ID").replace(&request, "REQUEST");
    let parts = text.split("name=\"csrf\"");
    parts
        .map(|part| part.split_once('>').map_or(part, |(_, rest)| rest))
        .collect()
}

#[tokio::test]
async fn people_of_other_schools_are_404_and_look_like_nobody() {
    let service = Service::start().await;
    let mut odile = odile(&service).await;
    let nobody = AccountId::new(&Ambient::system()).to_string();
    let adam = page_of(&service, "a.dubois6").await;
    let form = form_of(&mut odile, &format!("{adam}/suspension")).await;
    let csrf = form.value("csrf").unwrap().to_owned();
    for below in BELOW {
        let way = format!("{DESK}/personnes/{nobody}{below}");
        let of_nobody = odile.browser.open(&way).await;
        assert_eq!(of_nobody.status, 404, "{below}");
        for stranger in STRANGERS {
            let id = id_of(&service, stranger).await.to_string();
            let way = format!("{DESK}/personnes/{id}{below}");
            let page = odile.browser.open(&way).await;
            assert_eq!(page.status, 404, "{stranger} {below}");
            assert_eq!(plain(&page, &id), plain(&of_nobody, &nobody), "{stranger}");
            let posted = odile.browser.post(&way, &[("csrf", &csrf)]).await;
            assert!(
                matches!(posted.status, 404 | 405),
                "{stranger} {below}: {}",
                posted.status
            );
        }
    }
    let trails = "select target_id from audit_event where action = 'people.seen'";
    let seen = texts(service.database.reader(), trails, "target_id").await;
    let adam = id_of(&service, "a.dubois6").await.to_string();
    assert_eq!(seen, [adam], "nobody else was shown");
}

#[tokio::test]
async fn no_search_and_no_filter_shows_people_of_other_schools() {
    let service = Service::start().await;
    let mut odile = odile(&service).await;
    let queries = [
        "nom=lina",
        "nom=l.dubois7",
        "nom=l%C3%A9o",
        "nom=martin+l%C3%A9o",
        "nom=c.martin1",
        "nom=claire.martin@example.org",
        "nom=leo.martin@example.org",
        "nom=%2B33639980001",
        "nom=durand",
        "nom=%25",
        "nom=_",
        "enfant=lina",
        "enfant=in%C3%A8s",
        "enfant=l%C3%A9o",
        "classe=CE2",
        "classe=2de+4",
        "nom=dubois&classe=CE2",
        "qui=responsables&enfant=lina",
        "",
    ];
    for query in queries {
        let page = odile
            .browser
            .open(&format!("{DESK}/personnes?{query}"))
            .await;
        assert_eq!(page.status, 200, "{query}");
        let said = said(&page);
        let shown = said.split("<tbody>").nth(1).unwrap_or_default();
        for foreign in [
            "Lina",
            "Léo",
            "DURAND",
            "Inès",
            "c.martin1<",
            "l.martin3",
            "CE2",
            "CE1",
            "2de 4",
        ] {
            assert!(!shown.contains(foreign), "{query} shows {foreign}");
        }
    }
}

#[tokio::test]
async fn of_nadia_they_see_adam_and_never_lina() {
    let service = Service::start().await;
    let mut odile = odile(&service).await;
    let nadia = page_of(&service, "n.dubois5").await;
    for way in [nadia.clone(), format!("{nadia}/historique")] {
        let page = odile.browser.open(&way).await;
        assert_eq!(page.status, 200, "{}", page.summary());
        for foreign in [
            "Lina",
            "l.dubois7",
            "CE2",
            "0750003W",
            "Tilleuls",
            "fichier-",
        ] {
            assert!(!said(&page).contains(foreign), "{way} says {foreign}");
        }
    }
    let page = odile.browser.open(&nadia).await;
    let said = said(&page);
    assert!(said.contains("Adam DUBOIS") && said.contains("4e A"));
    // What she gave herself is masked; what the school's file says is the school's.
    assert!(said.contains("n•••@e•••.org"), "{said}");
    let lina = id_of(&service, "l.dubois7").await;
    for act in ["fin", "retablissement", "reponse"] {
        let page = odile
            .browser
            .open(&format!("{nadia}/liens/{lina}/{act}"))
            .await;
        assert_eq!(page.status, 404, "{act}");
    }
}

#[tokio::test]
async fn forms_that_name_what_is_another_school_s_change_nothing() {
    let service = Service::start().await;
    let mut odile = odile(&service).await;
    let nadia = page_of(&service, "n.dubois5").await;
    let other = "select cast(source_key as text) as key from directory_record where source = \
                 'fichier-0750003W' and kind = 'guardian' order by source_key";
    assert_eq!(
        texts(service.database.reader(), other, "key").await.len(),
        2
    );
    // Her record at the primary school, by its id, in the form of the college's record.
    let primary = domain::school::Uai::parse("0750003W").unwrap();
    let account = id_of(&service, "n.dubois5").await;
    let records = store::desk::find_person(service.database.reader(), &primary, account);
    let foreign = records.await.unwrap().unwrap().records.remove(0).id;
    let way = format!("{nadia}/coordonnees");
    let form = form_of(&mut odile, &way).await;
    let form = form
        .with("fiche", &foreign.to_string())
        .with("telephone", "06 39 98 00 09");
    assert_eq!(odile.browser.submit(&form).await.status, 404);
    // An account of another school is to be grouped: said as of an unknown identifier.
    let way = format!("{}/regroupement", page_of(&service, "c.martin2").await);
    let form = form_of(&mut odile, &way).await;
    let form = form.with("verifie-family_book", "oui");
    let unknown = odile
        .browser
        .submit(&form.clone().with("identifiant", "x.inconnu9"))
        .await;
    let foreign = odile
        .browser
        .submit(&form.with("identifiant", "c.martin1"))
        .await;
    assert_eq!((unknown.status, foreign.status), (422, 422));
    let same = |page: &Answer, typed: &str| plain(page, typed);
    assert_eq!(same(&unknown, "x.inconnu9"), same(&foreign, "c.martin1"));
}

#[tokio::test]
async fn another_school_s_desk_does_not_exist() {
    let service = Service::start().await;
    let mut odile = odile(&service).await;
    for uai in ["0750003W", "0750001U", "0759999X", "nonsense"] {
        let page = odile.browser.open(&format!("/admin/ecoles/{uai}")).await;
        assert_eq!(page.status, 404, "{uai}");
        let lina = id_of(&service, "l.dubois7").await;
        let way = format!("/admin/ecoles/{uai}/personnes/{lina}");
        assert_eq!(odile.browser.open(&way).await.status, 404, "{uai}");
    }
}

#[tokio::test]
async fn a_search_is_written_down_with_whom_it_showed() {
    let service = Service::start().await;
    let mut odile = odile(&service).await;
    odile
        .browser
        .open(&format!("{DESK}/personnes?nom=dubois&enfant="))
        .await;
    let sql = "select cast(details as text) as details from audit_event \
               where action = 'people.searched'";
    let found = texts(service.database.reader(), sql, "details").await;
    assert_eq!(found.len(), 1);
    let details: serde_json::Value = serde_json::from_str(&found[0]).unwrap();
    assert_eq!(details["by"], serde_json::json!(["name"]));
    assert_eq!(details["shown"].as_array().unwrap().len(), 2);
    assert_eq!(details["school"], "0750002V");
    assert!(!found[0].contains("dubois"), "what was typed is not kept");
    odile
        .browser
        .open(&page_of(&service, "a.dubois6").await)
        .await;
    assert!(
        super::trail(&service, "a.dubois6")
            .await
            .contains(&"people.seen".to_owned())
    );
}

#[tokio::test]
async fn every_page_that_shows_somebody_is_written_down() {
    let service = Service::start().await;
    let mut odile = odile(&service).await;
    odile
        .browser
        .open(&format!("{DESK}/classe?nom=4e%20A"))
        .await;
    let sql = "select cast(details as text) as details from audit_event \
               where action = 'people.searched'";
    let found = texts(service.database.reader(), sql, "details").await;
    let adam = id_of(&service, "a.dubois6").await;
    assert_eq!(found.len(), 1);
    let details: serde_json::Value = serde_json::from_str(&found[0]).unwrap();
    assert_eq!(details["by"], serde_json::json!(["class"]));
    assert_eq!(details["shown"], serde_json::json!([adam]));
    let nadia = page_of(&service, "n.dubois5").await;
    for (number, way) in ["", "/historique", "/coordonnees", "/suspension"]
        .iter()
        .enumerate()
    {
        odile.browser.open(&format!("{nadia}{way}")).await;
        let seen = super::trail(&service, "n.dubois5").await;
        let seen = seen.iter().filter(|action| *action == "people.seen");
        assert_eq!(seen.count(), number + 1, "{way}");
    }
}

#[tokio::test]
async fn people_are_found_by_name_class_identifier_and_child() {
    let service = Service::start().await;
    let mut odile = odile(&service).await;
    for (query, expected) in [
        ("nom=dub", vec!["DUBOIS Adam", "DUBOIS Nadia"]),
        ("nom=nadia+dubois", vec!["DUBOIS Nadia"]),
        ("nom=DUBOIS+N", vec!["DUBOIS Nadia"]),
        ("nom=zo%C3%A9", vec!["MARTIN Zoé"]),
        ("nom=a.dubois6", vec!["DUBOIS Adam"]),
        ("classe=6e+B", vec!["MARTIN Zoé"]),
        ("enfant=adam", vec!["DUBOIS Nadia"]),
        ("enfant=petit+jeanne", vec!["PETIT François"]),
        (
            "qui=eleves",
            vec!["DUBOIS Adam", "MARTIN Zoé", "PETIT Jeanne"],
        ),
    ] {
        let page = odile
            .browser
            .open(&format!("{DESK}/personnes?{query}"))
            .await;
        let said = said(&page);
        let rows = said.split("<th scope=\"row\">").skip(1);
        let names: Vec<_> = rows
            .filter_map(|row| row.split("\">").nth(1)?.split("</a>").next())
            .collect();
        assert_eq!(names, expected, "{query}");
    }
}
