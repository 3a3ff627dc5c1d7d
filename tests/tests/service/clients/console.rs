//! The console's pages of registrations.

use std::{process::ExitCode, sync::Arc};

use axum::{Json, Router, routing::get};
use idp::settings::Seconds;
use serde_json::{Value, json};
use tests::{Answer, Person, Service, Visitor, form::Form, service::texts};
use tokio::sync::Notify;

use super::Program;

pub(super) async fn alix(service: &Service) -> Visitor {
    // A code is good once: each sign-in has one of its own.
    service.advance_seconds(31);
    let mut alix = service.visitor(Person::ALIX);
    let page = alix.browser.open("/admin/clients").await;
    let page = alix.goes_on(page).await;
    assert!(page.url.ends_with("/admin/clients"), "{}", page.summary());
    alix
}

/// What a person types to register a client.
const TYPED: [(&str, &str); 13] = [
    ("client_id", "trois"),
    ("client_name", "Trois chemins"),
    ("application_type", "web"),
    (
        "redirect_uris",
        "https://trois.example/cb\r\nhttps://trois.example/cb2",
    ),
    ("grant_types.authorization_code", "oui"),
    ("grant_types.refresh_token", "oui"),
    ("scope", "openid profile family offline_access"),
    ("purposes", "family : montrer le cahier de textes"),
    ("schools", "0750001u 0750002V"),
    ("token_endpoint_auth_method", "client_secret_basic"),
    ("require_pkce", "oui"),
    ("contacts", "dsi@trois.example"),
    ("enabled", "oui"),
];

fn document() -> Value {
    json!({
        "client_id": "trois", "client_name": "Trois chemins",
        "redirect_uris": ["https://trois.example/cb", "https://trois.example/cb2"],
        "grant_types": ["refresh_token", "authorization_code"],
        "scope": "offline_access openid profile family",
        "purposes": {"family": "montrer le cahier de textes"},
        "schools": ["0750002V", "0750001U"], "contacts": ["dsi@trois.example"],
    })
}

async fn types(visitor: &mut Visitor, path: &str, typed: &[(&str, &str)]) -> Answer {
    let page = visitor.browser.open(path).await;
    let page = visitor.goes_on(page).await;
    let form = filled(page.form(path), typed);
    visitor.browser.submit(&form).await
}

/// The form with what was typed and nothing else of its own but what is hidden.
fn filled(mut form: Form, typed: &[(&str, &str)]) -> Form {
    let hidden = ["csrf", "version", "logo_uri"];
    form.fields
        .retain(|(name, _)| hidden.contains(&name.as_str()));
    for (name, value) in typed {
        form = form.with(name, value);
    }
    form
}

async fn stored(service: &Service) -> String {
    let sql = "select cast(registration as text) as document from client where client_id = 'trois'";
    texts(service.database.reader(), sql, "document")
        .await
        .remove(0)
}

#[tokio::test]
async fn console_api_and_file_give_the_same_registration_byte_for_byte() {
    let service = Service::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut alix = alix(&service).await;
    let page = types(&mut alix, "/admin/nouveau-client", &TYPED).await;
    assert!(page.text().contains("client_secret"), "{}", page.summary());
    let by_console = stored(&service).await;
    service
        .sql("delete from client where client_id = 'trois'")
        .await;
    let program = Program::admin(&service).await;
    let made = program.post("/clients", &document()).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let by_api = stored(&service).await;
    service
        .sql("delete from client where client_id = 'trois'")
        .await;
    assert_eq!(by_console, by_api);
    for (name, text) in [
        ("trois.toml", toml::to_string(&document()).unwrap()),
        ("trois.json", document().to_string()),
        ("trois.yaml", YAML.to_owned()),
    ] {
        service
            .sql("delete from client where client_id = 'trois'")
            .await;
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        let file = file.to_str().unwrap();
        let status = service.command(&["client", "apply", file]).await;
        assert_eq!(status, ExitCode::SUCCESS, "{name}");
        assert_eq!(by_console, stored(&service).await, "{name}");
    }
}

/// [`document`], as somebody writes it.
const YAML: &str = "
client_id: trois
client_name: Trois chemins
redirect_uris:
  - https://trois.example/cb
  - https://trois.example/cb2
grant_types: [refresh_token, authorization_code]
scope: offline_access openid profile family
purposes:
  family: montrer le cahier de textes
schools: [0750002V, 0750001U]
contacts: [dsi@trois.example]
";

#[tokio::test]
async fn a_slow_host_of_a_registration_stops_nobodys_writes() {
    let (asked, answers) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (was_asked, may_answer) = (asked.clone(), answers.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let app = Router::new().route(
        "/sector",
        get(async move || {
            was_asked.notify_one();
            may_answer.notified().await;
            Json(json!([
                "https://trois.example/cb",
                "https://trois.example/cb2"
            ]))
        }),
    );
    tokio::spawn(async move { axum::serve(listener, app).await });
    let service = Service::with(|config| {
        config.clients.allowed_networks = vec!["127.0.0.0/8".to_owned()];
        config.clients.fetch_timeout = Seconds(60);
    })
    .await;
    let program = Program::admin(&service).await;
    let mut alix = alix(&service).await;
    let sector = format!("http://127.0.0.1:{port}/sector");
    let typed = [&TYPED[..], &[("sector_identifier_uri", sector.as_str())]].concat();
    let meanwhile = async {
        asked.notified().await;
        let stopped = program.post("/clients/ent/disable", &Value::Null).await;
        answers.notify_one();
        stopped
    };
    let path = "/admin/nouveau-client";
    let (page, stopped) = tokio::join!(types(&mut alix, path, &typed), meanwhile);
    assert_eq!(stopped.status, 200, "{}", stopped.text());
    assert!(page.text().contains("client_secret"), "{}", page.summary());
}

#[tokio::test]
async fn a_logo_is_kept_and_told_of_but_not_offered() {
    let service = Service::start().await;
    let program = Program::admin(&service).await;
    let mut alix = alix(&service).await;
    let new = alix.browser.open("/admin/nouveau-client").await;
    assert!(!new.text().contains("logo_uri"), "{}", new.summary());
    types(&mut alix, "/admin/nouveau-client", &TYPED).await;
    let logo = "https://trois.example/logo.png";
    let set = program.changes("trois", |members| members["logo_uri"] = logo.into());
    assert_eq!(set.await.status, 200);
    let path = "/admin/clients/trois";
    let page = alix.browser.open(path).await;
    let text = tests::form::unescape(&page.text());
    assert!(
        text.contains("aucune page ne le montre"),
        "{}",
        page.summary()
    );
    let mut typed = TYPED.to_vec();
    typed[1].1 = "Autre nom";
    types(&mut alix, path, &typed).await;
    let kept = program.get("/clients/trois").await.json();
    assert_eq!(kept["registration"]["client_name"], "Autre nom");
    assert_eq!(kept["registration"]["logo_uri"], logo);
}

#[tokio::test]
async fn the_second_of_two_administrators_is_told_and_nothing_is_lost() {
    let service = Service::start().await;
    let (mut one, mut other) = (alix(&service).await, alix(&service).await);
    types(&mut one, "/admin/nouveau-client", &TYPED).await;
    let path = "/admin/clients/trois";
    let form = other.browser.open(path).await.form(path);
    let mut mine: Vec<_> = TYPED.to_vec();
    mine[1].1 = "Le nom du premier";
    let saved = types(&mut one, path, &mine).await;
    assert!(
        saved.text().contains("Le nom du premier"),
        "{}",
        saved.summary()
    );
    let theirs = filled(form, &TYPED);
    let theirs = theirs
        .with("client_name", "Le nom du second")
        .with("notes", "À garder");
    let told = other.browser.submit(&theirs).await;
    let text = tests::form::unescape(&told.text());
    for part in [
        "a été modifié pendant votre saisie",
        "Le nom du premier",
        "Le nom du second",
        "À garder",
    ] {
        assert!(text.contains(part), "{part}");
    }
    assert!(stored(&service).await.contains("Le nom du premier"));
    // Having seen it, the second may go on.
    let again = filled(told.form(path), &TYPED);
    let again = again.with("client_name", "Le nom du second");
    let saved = other.browser.submit(&again).await;
    assert!(saved.url.ends_with(path), "{}", saved.summary());
    assert!(stored(&service).await.contains("Le nom du second"));
    // And the first change can be gone back to.
    let history = other.browser.open(&format!("{path}/historique")).await;
    let back = history
        .form("/historique")
        .with("version", "2")
        .with("depuis", "3");
    other.browser.submit(&back).await;
    assert!(stored(&service).await.contains("Le nom du premier"));
}

#[tokio::test]
async fn faults_are_said_at_their_fields_in_french() {
    let service = Service::start().await;
    let mut alix = alix(&service).await;
    let mut typed = TYPED.to_vec();
    typed[3].1 = "http://trois.example/cb";
    let page = types(&mut alix, "/admin/nouveau-client", &typed).await;
    let text = tests::form::unescape(&page.text());
    assert!(
        text.contains("http://trois.example/cb\u{a0}: utilisez https"),
        "{}",
        page.summary()
    );
    assert!(text.contains("Erreur"));
}

#[tokio::test]
async fn a_try_shows_each_step_and_leaves_nothing() {
    let service = Service::start().await;
    let mut alix = alix(&service).await;
    let page = alix.browser.open("/admin/clients/portail/essai").await;
    let page = alix.browser.submit(&page.form("/essai")).await;
    assert!(
        page.url.contains("/admin/essai-client"),
        "{}",
        page.summary()
    );
    let text = tests::form::unescape(&page.text());
    for part in [
        "Jeton d’identité",
        "\"nonce\"",
        "UserInfo",
        "preferred_username",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let sql = "select cast(count(*) as text) as left_over from authorization_grant where revoked_at is null";
    assert_eq!(
        texts(service.database.reader(), sql, "left_over").await,
        ["0"]
    );
    // The address is of no use to anybody else, nor a second time.
    let again = alix.browser.get(&page.url).await;
    let again_text = tests::form::unescape(&again.text());
    assert!(!again_text.contains("preferred_username"));
    let mut stranger = self::alix(&service).await;
    let answer = stranger.browser.open(&page.url).await;
    assert!(
        answer.url.ends_with("/admin/clients"),
        "{}",
        answer.summary()
    );
    // Nothing of it can be asked for from outside.
    let request = service
        .portal()
        .request()
        .with("redirect_uri", "https://compte.example/admin/essai-client");
    let refused = service.door.get(&request.url()).await;
    assert_eq!(refused.status, 400);
}

#[tokio::test]
async fn a_stopped_client_says_why_it_cannot_be_tried() {
    let service = Service::start().await;
    let mut alix = alix(&service).await;
    let page = alix.browser.open("/admin/clients/portail").await;
    let stopped = alix.browser.submit(&page.form("/etat")).await;
    assert!(
        stopped.text().contains("Remettre en service"),
        "{}",
        stopped.summary()
    );
    let page = alix.browser.open("/admin/clients/portail/essai").await;
    assert!(
        page.text().contains("Ce service est arrêté"),
        "{}",
        page.summary()
    );
}

#[tokio::test]
async fn what_a_file_manages_the_console_only_shows_until_it_takes_over() {
    let service = Service::start().await;
    service
        .sql("update client set managed_by = 'ent.toml' where client_id = 'ent'")
        .await;
    let mut alix = alix(&service).await;
    let path = "/admin/clients/ent";
    let page = alix.browser.open(path).await;
    assert!(
        !page.text().contains("id=\"enregistrer\""),
        "{}",
        page.summary()
    );
    let form = page.form(path).with("client_name", "Autre");
    alix.browser.submit(&form).await;
    let program = Program::admin(&service).await;
    let kept = program.get("/clients/ent").await.json();
    assert_eq!(kept["registration"]["client_name"], "ENT");
    let page = alix.browser.open(path).await;
    let page = alix.browser.submit(&page.form("/reprise")).await;
    assert!(
        page.text().contains("id=\"enregistrer\""),
        "{}",
        page.summary()
    );
}

#[tokio::test]
async fn a_guardian_sees_nothing_of_the_console() {
    let service = Service::start().await;
    for path in [
        "/admin/clients",
        "/admin/clients/ent",
        "/admin/nouveau-client",
        "/admin/essai-client",
    ] {
        let mut claire = service.visitor(Person::CLAIRE);
        let page = claire.browser.open(path).await;
        let page = claire.goes_on(page).await;
        assert_eq!(page.status, 403, "{path}: {}", page.summary());
        service.advance_seconds(31);
        let mut odile = service.visitor(Person::ODILE);
        let page = odile.browser.open(path).await;
        let page = odile.goes_on(page).await;
        assert_eq!(page.status, 403, "{path}: {}", page.summary());
    }
}
