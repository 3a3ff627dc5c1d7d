//! Going back to what a registration was: by whom, of what, and what never comes back.

use http::Method;
use idp::settings::DynamicRegistration;
use serde_json::{Value, json};
use tests::{Answer, Service, door::header_map, service::texts};

use super::{Program, assert_problem, console::alix};

async fn restores(program: &Program<'_>, id: &str, version: i64, tag: Option<&str>) -> Answer {
    let path = format!("/clients/{id}/restore");
    let tag: Vec<_> = tag.into_iter().map(|tag| ("if-match", tag)).collect();
    let body = json!({"version": version});
    program.sends(Method::POST, &path, &tag, Some(&body)).await
}

async fn tag(program: &Program<'_>, id: &str) -> String {
    let shown = program.get(&format!("/clients/{id}")).await;
    shown.header("etag").to_owned()
}

async fn deletes(program: &Program<'_>, path: &str, tag: &str) {
    let tag = [("if-match", tag)];
    let deleted = program.sends(Method::DELETE, path, &tag, None).await;
    assert_eq!(deleted.status, 204, "{}", deleted.text());
}

async fn renames(program: &Program<'_>, id: &str, name: &str) {
    let changed = program.changes(id, |members| members["client_name"] = name.into());
    assert_eq!(changed.await.status, 200);
}

async fn registration(program: &Program<'_>, id: &str) -> Value {
    let shown = program.get(&format!("/clients/{id}")).await;
    shown.json()["registration"].clone()
}

#[tokio::test]
async fn a_program_says_what_it_goes_back_from() {
    let service = Service::start().await;
    let program = Program::admin(&service).await;
    let before = tag(&program, "ent").await;
    renames(&program, "ent", "Un autre nom").await;
    let unsaid = restores(&program, "ent", 1, None).await;
    assert_problem(&unsaid, 428, "precondition-required");
    let late = restores(&program, "ent", 1, Some(&before)).await;
    assert_problem(&late, 412, "precondition-failed");
    assert_eq!(
        registration(&program, "ent").await["client_name"],
        "Un autre nom"
    );
    let now = tag(&program, "ent").await;
    assert_eq!(restores(&program, "ent", 1, Some(&now)).await.status, 200);
    assert_eq!(registration(&program, "ent").await["client_name"], "ENT");
    // Of a deleted one there is nothing to name, and of one that came back there is.
    let now = tag(&program, "ent").await;
    deletes(&program, "/clients/ent", &now).await;
    let of_what = restores(&program, "ent", 1, Some(&now)).await;
    assert_problem(&of_what, 412, "precondition-failed");
    assert_eq!(restores(&program, "ent", 1, None).await.status, 200);
    let again = restores(&program, "ent", 2, None).await;
    assert_problem(&again, 428, "precondition-required");
}

#[tokio::test]
async fn a_page_of_a_deleted_client_overwrites_nothing_once_it_is_back() {
    let service = Service::start().await;
    let program = Program::admin(&service).await;
    let now = tag(&program, "ent").await;
    deletes(&program, "/clients/ent", &now).await;
    let mut alix = alix(&service).await;
    let path = "/admin/clients/ent/historique";
    let page = alix.browser.open(path).await;
    let form = page.form("/historique").with("version", "1");
    assert_eq!(form.value("depuis"), Some("0"));
    restores(&program, "ent", 1, None).await;
    renames(&program, "ent", "Revenu").await;
    let told = alix.browser.submit(&form).await;
    assert!(told.url.ends_with(path), "{}", told.summary());
    assert_eq!(registration(&program, "ent").await["client_name"], "Revenu");
}

#[tokio::test]
async fn a_store_that_fails_is_no_deleted_client() {
    let service = Service::start().await;
    let mut alix = alix(&service).await;
    let program = Program::admin(&service).await;
    // What no version wrote: the client cannot be read, its history can.
    service
        .sql("update client set registration = '{}' where client_id = 'ent'")
        .await;
    let page = alix.browser.open("/admin/clients/ent/historique").await;
    assert_eq!(page.status, 503, "{}", page.summary());
    let restored = restores(&program, "ent", 1, None).await;
    assert_problem(&restored, 503, "unavailable");
    let sql = "select cast(count(*) as text) as lines from client_version where client_id = 'ent'";
    assert_eq!(texts(service.database.reader(), sql, "lines").await, ["1"]);
}

#[tokio::test]
async fn what_a_file_manages_goes_back_by_its_file_alone() {
    let service = Service::start().await;
    let program = Program::admin(&service).await;
    renames(&program, "ent", "Du fichier").await;
    service
        .sql("update client set managed_by = 'ent.toml' where client_id = 'ent'")
        .await;
    let now = tag(&program, "ent").await;
    let refused = restores(&program, "ent", 1, Some(&now)).await;
    assert_problem(&refused, 409, "conflict");
    let mut alix = alix(&service).await;
    let path = "/admin/clients/ent/historique";
    let page = alix.browser.open(path).await;
    assert!(
        !page.text().contains("name=\"depuis\""),
        "{}",
        page.summary()
    );
    let csrf = alix.browser.open("/deconnexion").await.form_with("csrf");
    let csrf = csrf.value("csrf").unwrap();
    let form = [("csrf", csrf), ("version", "1"), ("depuis", "2")];
    alix.browser.post(path, &form).await;
    assert_eq!(
        registration(&program, "ent").await["client_name"],
        "Du fichier"
    );
}

#[tokio::test]
async fn a_stopped_client_is_again_what_the_version_says_stopped_or_not() {
    let service = Service::start().await;
    let program = Program::admin(&service).await;
    renames(&program, "ent", "Deux").await;
    program.post("/clients/ent/disable", &Value::Null).await;
    renames(&program, "ent", "Quatre").await;
    let now = tag(&program, "ent").await;
    restores(&program, "ent", 3, Some(&now)).await;
    let then = registration(&program, "ent").await;
    assert_eq!(
        (&then["client_name"], &then["enabled"]),
        (&json!("Deux"), &json!(false))
    );
    let now = tag(&program, "ent").await;
    restores(&program, "ent", 2, Some(&now)).await;
    assert_eq!(registration(&program, "ent").await["enabled"], true);
}

#[tokio::test]
async fn a_client_that_registered_itself_stays_unverified_even_after_its_deletion() {
    let service = Service::with(|config| {
        config.clients.dynamic_registration = DynamicRegistration::Open;
    })
    .await;
    let metadata = json!({"redirect_uris": ["https://rp.example/cb"], "client_name": "Jeux"});
    let json_type = header_map(&[("content-type", "application/json")]);
    let body = metadata.to_string().into_bytes();
    let path = "/oauth2/register";
    let made = service.door.send(Method::POST, path, json_type, body).await;
    let made = made.json();
    let id = made["client_id"].as_str().unwrap();
    let program = Program::admin(&service).await;
    renames(&program, id, "Renommé").await;
    let now = tag(&program, id).await;
    let back = restores(&program, id, 1, Some(&now)).await;
    assert_eq!(back.json()["registration"]["client_name"], "Jeux");
    assert_eq!(back.json()["origin"], "dynamic");
    let now = tag(&program, id).await;
    let path = format!("/clients/{id}");
    deletes(&program, &path, &now).await;
    let back = restores(&program, id, 1, None).await;
    assert_eq!(back.status, 200, "{}", back.text());
    assert_eq!(back.json()["origin"], "dynamic");
    // What it managed itself with ended with it.
    let bearer = format!(
        "Bearer {}",
        made["registration_access_token"].as_str().unwrap()
    );
    let headers = header_map(&[("authorization", bearer.as_str())]);
    let own = made["registration_client_uri"].as_str().unwrap();
    let shown = service
        .door
        .send(Method::GET, own, headers, Vec::new())
        .await;
    assert_eq!(shown.status, 401);
}

#[tokio::test]
async fn an_undone_change_revives_no_removed_secret() {
    let service = Service::start().await;
    let program = Program::admin(&service).await;
    renames(&program, "service", "Autre").await;
    let works = async || {
        let form = [("grant_type", "client_credentials")];
        service.client("service").token(&form).await.status
    };
    assert_eq!(works().await, 200);
    let listed = program.get("/clients/service/secrets").await.json();
    let secret = listed["items"][0]["id"].as_str().unwrap();
    let path = format!("/clients/service/secrets/{secret}");
    program.sends(Method::DELETE, &path, &[], None).await;
    assert_eq!(works().await, 401);
    let now = tag(&program, "service").await;
    assert_eq!(
        restores(&program, "service", 1, Some(&now)).await.status,
        200
    );
    assert_eq!(works().await, 401, "after a change was undone");
    let now = tag(&program, "service").await;
    deletes(&program, "/clients/service", &now).await;
    assert_eq!(restores(&program, "service", 1, None).await.status, 200);
    assert_eq!(works().await, 401, "after a deletion was undone");
}
