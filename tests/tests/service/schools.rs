//! « Je contacte mon établissement ».

use tests::Service;

async fn found(service: &Service, query: &str) -> String {
    let page = service
        .browser()
        .open(&format!("/mon-etablissement?{query}"))
        .await;
    assert_eq!(page.status, 200, "{query}");
    page.text()
}

#[tokio::test]
async fn a_school_is_found_by_its_town_or_its_code() {
    let service = Service::start().await;
    for query in [
        "ville=Montferrand-les-Bois",
        "ville=montferrand",
        "ville=%20MONTFERRAND+les+",
        "ville=0750002V",
        "ville=0750002v",
        "ville=mont&nom=lavigne+coll%C3%A8ge",
    ] {
        let page = found(&service, query).await;
        assert!(page.contains("Collège Simon-Lavigne"), "{query}");
        assert!(page.contains("mailto:secretariat@college-lavigne.example.org"));
        assert!(page.contains("tel:+33199000002"));
        assert!(!page.contains("Augusta-Delorme"), "{query}");
    }
    assert!(
        found(&service, "ville=St+Aubin")
            .await
            .contains("École des Tilleuls")
    );
}

#[tokio::test]
async fn nothing_is_found_by_names_of_people_or_tricks() {
    let service = Service::start().await;
    let long = format!("ville={}", "a".repeat(5000));
    for query in [
        "ville=Martin",
        "ville=l.martin3",
        "ville=%25",
        "ville=_",
        "ville=%27+or+1%3D1",
        "ville=mont&nom=martin",
        "ville=9999999Z",
        &long,
    ] {
        let page = found(&service, query).await;
        assert!(page.contains("Aucun résultat"), "{query}");
        assert!(!page.contains("mailto:"), "{query}");
    }
    let empty = found(&service, "ville=+").await;
    assert!(!empty.contains("mailto:") && !empty.contains("Aucun résultat"));
}

#[tokio::test]
async fn a_large_town_is_shown_in_part() {
    let service = Service::start().await;
    for number in 0..60 {
        service
            .sql(&format!(
                "insert into school (uai, name, level, town, town_normal, updated_at) \
                 values ('{number:07}A', 'École n° {number}', 'ecole', 'Clairval', 'clairval', 0)"
            ))
            .await;
    }
    let page = found(&service, "ville=clairval").await;
    assert_eq!(page.matches("<h3>").count(), 30);
    assert!(page.contains("Ajoutez le nom"));
    let page = found(&service, "ville=clairval&nom=59").await;
    assert_eq!(page.matches("<h3>").count(), 1);
}

#[tokio::test]
async fn the_way_back_to_the_sign_in_is_kept() {
    let service = Service::start().await;
    let mut browser = service.browser();
    let sign_in = browser.open(&service.portal().request().url()).await;
    let name = sign_in.url.rsplit('/').next().unwrap().to_owned();
    let page = browser
        .open(&format!("/mon-etablissement?connexion={name}"))
        .await;
    assert!(page.text().contains(&format!("value=\"{name}\"")));
    assert!(page.text().contains(&format!("/connexion/{name}")));
}
