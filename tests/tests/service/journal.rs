//! « Journal », the page of the console that searches the audit trail.

use domain::audit::Action;
use store::audit::search::{Filter, Found, Reading, search};
use tests::{Person, Service, form::unescape};

const JOURNAL: &str = "/admin/journal";

async fn searches(service: &Service) -> Vec<Found> {
    let filter = Filter {
        action: Some(Action::AuditSearched.as_str().to_owned()),
        ..Filter::default()
    };
    let reader = service.database.reader();
    let found = search(reader, &filter, Reading::Backward(None), 100).await;
    found.unwrap()
}

#[tokio::test]
async fn an_administrator_finds_what_happened_to_a_person() {
    let service = Service::start().await;
    service.at_account(Person::CLAIRE).await;
    service.at_account(Person::NADIA).await;
    let mut alix = service.at_account(Person::ALIX).await;
    let page = alix
        .browser
        .open(&format!("{JOURNAL}?personne=c.martin1"))
        .await;
    assert_eq!(page.status, 200, "{}", page.summary());
    let text = unescape(&page.text());
    assert!(
        text.contains("<strong>account.signed_in</strong>"),
        "{text}"
    );
    assert!(text.contains(">c.martin1</a>"), "{text}");
    assert!(!text.contains("n.dubois5"), "{text}");
    let none = "?personne=c.martin1&action=link.reported";
    let page = alix.browser.open(&format!("{JOURNAL}{none}")).await;
    assert!(
        page.text().contains("Aucun événement"),
        "{}",
        page.summary()
    );
    let tomorrow = "?personne=c.martin1&du=2090-01-01";
    let page = alix.browser.open(&format!("{JOURNAL}{tomorrow}")).await;
    assert!(
        page.text().contains("Aucun événement"),
        "{}",
        page.summary()
    );
}

#[tokio::test]
async fn a_search_in_the_console_is_written_to_the_trail() {
    let service = Service::start().await;
    let mut alix = service.at_account(Person::ALIX).await;
    let query = "?personne=c.martin1&acteur=operator&client=portail&du=2026-01-01";
    alix.browser.open(&format!("{JOURNAL}{query}")).await;
    let found = searches(&service).await;
    let [written] = found.as_slice() else {
        panic!("one search: {found:?}");
    };
    let details = written.details().unwrap();
    assert_eq!(details["actor"], "operator");
    assert_eq!(details["client"], "portail");
    assert_eq!(details["from"], "2025-12-31T23:00:00Z");
    assert!(details["person"].is_string());
    assert!(written.actor().account().is_some());
    // What was looked for is about somebody, so it can be erased.
    assert!(written.document()["details"].is_null());
}

#[tokio::test]
async fn what_cannot_be_looked_for_is_told_at_its_field_and_not_looked_for() {
    let service = Service::start().await;
    let mut alix = service.at_account(Person::ALIX).await;
    for (query, fault) in [
        ("personne=x.inconnu9", "Personne n’a cet identifiant"),
        ("acteur=x.inconnu9", "Il n’y a pas d’auteur de ce nom"),
        ("client=a%20b", "l’identifiant d’un service"),
        ("action=account.eaten", "Il n’y a pas d’action"),
        ("du=demain", "année-mois-jour"),
        ("au=2026-13-01", "année-mois-jour"),
    ] {
        let page = alix.browser.open(&format!("{JOURNAL}?{query}")).await;
        assert_eq!(page.status, 200, "{}", page.summary());
        assert!(
            unescape(&page.text()).contains(fault),
            "{query}: {}",
            page.text()
        );
    }
    assert!(searches(&service).await.is_empty());
}

#[tokio::test]
async fn older_events_follow_page_by_page() {
    let service = Service::start().await;
    let mut alix = service.at_account(Person::ALIX).await;
    for _ in 0..60 {
        alix.browser
            .open(&format!("{JOURNAL}?acteur=operator"))
            .await;
    }
    let query = "?action=audit.searched";
    let first = alix.browser.open(&format!("{JOURNAL}{query}")).await;
    let text = unescape(&first.text());
    assert_eq!(text.matches("<strong>audit.searched</strong>").count(), 50);
    let older = text
        .split("href=\"/admin/journal?action=audit.searched&avant=")
        .nth(1);
    let older = older.and_then(|rest| rest.split('"').next()).unwrap();
    let second = alix
        .browser
        .open(&format!("{JOURNAL}{query}&avant={older}"))
        .await;
    let text = unescape(&second.text());
    // Sixty, and the one that made the first page.
    assert_eq!(text.matches("<strong>audit.searched</strong>").count(), 11);
    assert!(!text.contains("rel=\"next\""), "{text}");
}

#[tokio::test]
async fn the_journal_is_for_administrators_and_auditors_alone() {
    let service = Service::start().await;
    let mut nobody = service.browser();
    assert!(nobody.open(JOURNAL).await.is_sign_in());
    let mut claire = service.at_account(Person::CLAIRE).await;
    assert_eq!(claire.browser.open(JOURNAL).await.status, 403);
    let mut odile = service.at_account(Person::ODILE).await;
    assert_eq!(odile.browser.open("/admin").await.status, 200);
    assert_eq!(odile.browser.open(JOURNAL).await.status, 403);
    assert!(searches(&service).await.is_empty());
    let rows = service
        .sql(
            "update appointment set role = 'auditor' where role = 'administrator' \
             and account_id = (select id from account where identifier = 'admin')",
        )
        .await;
    assert_eq!(rows, 1);
    let mut auditor = service.at_account(Person::ALIX).await;
    assert_eq!(auditor.browser.open(JOURNAL).await.status, 200);
    assert_eq!(searches(&service).await.len(), 1);
}
