//! Initial access tokens in the console.

use http::Method;
use idp::settings::DynamicRegistration;
use serde_json::json;
use tests::{Answer, Service, Visitor, door::header_map, form::unescape};

use super::{Program, console::alix};

const PAGE: &str = "/admin/jetons-inscription";

async fn service() -> Service {
    Service::with(|config| {
        config.clients.dynamic_registration = DynamicRegistration::InitialToken;
    })
    .await
}

async fn asks_for(alix: &mut Visitor, label: &str, uses: &str, days: &str) -> Answer {
    let page = alix.browser.open(PAGE).await;
    let form = page.form_with("nom");
    let form = form
        .with("nom", label)
        .with("clients", uses)
        .with("jours", days);
    alix.browser.submit(&form).await
}

/// The token that a page shows.
fn shown(page: &Answer) -> String {
    let text = page.text();
    let input = text.split("id=\"jeton\"").nth(1);
    let value = input.and_then(|input| input.split("value=\"").nth(1));
    let value = value.and_then(|value| value.split('"').next());
    value
        .unwrap_or_else(|| panic!("{}", page.summary()))
        .to_owned()
}

async fn registers(service: &Service, token: &str) -> u16 {
    let bearer = format!("Bearer {token}");
    let headers = [
        ("content-type", "application/json"),
        ("authorization", bearer.as_str()),
    ];
    let metadata = json!({"redirect_uris": ["https://rp.example/cb"], "client_name": "Jeux"});
    let body = metadata.to_string().into_bytes();
    let path = "/oauth2/register";
    let answer = service
        .door
        .send(Method::POST, path, header_map(&headers), body);
    answer.await.status
}

#[tokio::test]
async fn an_administrator_makes_a_token_that_registers_as_often_as_it_may() {
    let service = service().await;
    let mut alix = alix(&service).await;
    let list = alix.browser.open("/admin/clients").await;
    assert!(list.text().contains(PAGE), "{}", list.summary());
    let made = asks_for(&mut alix, "Région", "2", "3").await;
    assert_eq!(made.status, 200, "{}", made.summary());
    let token = shown(&made);
    let again = alix.browser.open(PAGE).await;
    assert!(again.text().contains("Région"), "{}", again.summary());
    assert!(!again.text().contains(&token), "shown once");
    assert_eq!(registers(&service, &token).await, 201);
    let program = Program::admin(&service).await;
    let listed = program.get("/initial-tokens").await.json();
    let listed = &listed["items"][0];
    assert_eq!(
        (&listed["label"], &listed["uses_left"]),
        (&json!("Région"), &json!(1))
    );
    // Withdrawn, what it has left is of no use.
    let page = alix.browser.open(PAGE).await;
    let withdrawn = alix.browser.submit(&page.form_with("jeton")).await;
    assert!(
        !withdrawn.text().contains("Région"),
        "{}",
        withdrawn.summary()
    );
    assert_eq!(registers(&service, &token).await, 401);
    let auditor = Program::with(&service, "audit:read").await;
    for action in ["client.initial_token_made", "client.initial_token_removed"] {
        let found = auditor.get(&format!("/audit?action={action}")).await.json();
        assert_eq!(found["items"][0]["actor"]["kind"], "account", "{action}");
    }
}

#[tokio::test]
async fn what_is_no_token_is_said_at_its_field_and_by_the_api_too() {
    let service = service().await;
    let mut alix = alix(&service).await;
    let program = Program::admin(&service).await;
    for (label, uses, days, field, member) in [
        ("", "1", "7", "nom-erreur", "label"),
        ("Région", "0", "7", "clients-erreur", "uses"),
        ("Région", "10001", "7", "clients-erreur", "uses"),
        ("Région", "1", "366", "jours-erreur", "days"),
    ] {
        let page = asks_for(&mut alix, label, uses, days).await;
        assert!(page.text().contains(field), "{field}: {}", page.summary());
        let number = |text: &str| text.parse::<u32>().unwrap();
        let wish = json!({"label": label, "uses": number(uses), "days": number(days)});
        let refused = program.post("/initial-tokens", &wish).await;
        super::assert_problem(&refused, 422, "unprocessable");
        assert_eq!(refused.json()["faults"][0]["member"], member);
    }
    let page = asks_for(&mut alix, "Région", "deux", "7").await;
    assert!(page.text().contains("clients-erreur"), "{}", page.summary());
    assert!(
        page.text().contains("value=\"Région\""),
        "{}",
        page.summary()
    );
    let listed = program.get("/initial-tokens").await.json();
    assert_eq!(listed["items"], json!([]));
}

#[tokio::test]
async fn a_token_is_made_by_who_signed_in_just_now() {
    let service = service().await;
    let mut alix = alix(&service).await;
    let page = alix.browser.open(PAGE).await;
    let form = page.form_with("nom").with("nom", "Région");
    service.advance_seconds(6 * 60);
    let asked = alix.browser.submit(&form).await;
    assert!(asked.is_sign_in(), "{}", asked.summary());
    let program = Program::admin(&service).await;
    let listed = program.get("/initial-tokens").await.json();
    assert_eq!(listed["items"], json!([]));
}

#[tokio::test]
async fn the_page_says_when_the_configuration_lets_nobody_register() {
    let settings = [
        (
            DynamicRegistration::Off,
            Some("clients.dynamic_registration = \"off\""),
        ),
        (
            DynamicRegistration::Open,
            Some("clients.dynamic_registration = \"open\""),
        ),
        (DynamicRegistration::InitialToken, None),
    ];
    for (setting, told) in settings {
        let service = Service::with(|config| config.clients.dynamic_registration = setting).await;
        let mut alix = alix(&service).await;
        let page = alix.browser.open(PAGE).await;
        let text = unescape(&page.text());
        assert!(text.contains("Jetons d’inscription"), "{}", page.summary());
        match told {
            Some(told) => assert!(text.contains(told), "{setting:?}: {}", page.summary()),
            None => assert!(!text.contains("clients.dynamic"), "{}", page.summary()),
        }
    }
}
