//! The API under /api/admin/v1.

use http::Method;
use serde_json::{Value, json};
use tests::{Answer, RelyingParty, Service, relying_party::Proof, service::eventually};

use super::{Program, assert_problem, nobody};

/// The version in the entity tag of an answer.
fn version(answer: &Answer) -> &str {
    let tag = answer.header("etag").trim_matches('"');
    tag.split_once('-').expect("a version and a digest").0
}

fn ent() -> Value {
    json!({
        "client_id": "ent-neuf", "client_name": "ENT neuf",
        "redirect_uris": ["https://ent.example/cb"],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid profile family offline_access", "first_party": true,
    })
}

#[tokio::test]
async fn a_program_registers_changes_and_deletes_a_client() {
    let service = Service::start().await;
    let program = Program::admin(&service).await;
    let made = program.post("/clients", &ent()).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(made.header("location"), "/api/admin/v1/clients/ent-neuf");
    assert_eq!(version(&made), "1");
    assert_eq!(made.json()["client_secret"].as_str().unwrap().len(), 43);
    let shown = program.get("/clients/ent-neuf").await;
    assert!(shown.json().get("client_secret").is_none());
    assert_eq!(shown.json()["registration"]["require_pkce"], true);
    let changed = program.changes("ent-neuf", |members| {
        members["client_name"] = "Autre".into();
    });
    let changed = changed.await;
    assert_eq!((changed.status, version(&changed)), (200, "2"));
    assert_eq!(changed.json()["registration"]["client_name"], "Autre");
    let history = program.get("/clients/ent-neuf/history").await.json();
    assert_eq!(
        history["items"][0]["actor"],
        json!({"kind": "client", "id": "admin-cli"})
    );
    let path = "/clients/ent-neuf";
    let tag = [("if-match", changed.header("etag"))];
    assert_eq!(
        program.sends(Method::DELETE, path, &tag, None).await.status,
        204
    );
    assert_problem(&program.get(path).await, 404, "not-found");
    let back = program
        .post("/clients/ent-neuf/restore", &json!({"version": 1}))
        .await;
    assert_eq!(back.status, 200, "{}", back.text());
    assert_eq!(back.json()["registration"]["client_name"], "ENT neuf");
}

#[tokio::test]
async fn a_change_from_an_older_version_loses_nobodys_change() {
    let service = Service::start().await;
    let program = Program::admin(&service).await;
    let path = "/clients/ent";
    let before = program.get(path).await;
    let mut mine = before.json()["registration"].clone();
    program
        .changes("ent", |members| members["notes"] = "d'un autre".into())
        .await;
    mine["client_name"] = "Le mien".into();
    let put = async |tag: &[(&str, &str)]| program.sends(Method::PUT, path, tag, Some(&mine)).await;
    assert_problem(&put(&[]).await, 428, "precondition-required");
    let late = put(&[("if-match", before.header("etag"))]).await;
    assert_problem(&late, 412, "precondition-failed");
    assert_eq!(late.json()["version"], 2);
    assert_problem(
        &put(&[("if-match", "W/\"2\"")]).await,
        412,
        "precondition-failed",
    );
    let now = program.get(path).await;
    assert_eq!(now.json()["registration"]["notes"], "d'un autre");
    let known = [("if-none-match", now.header("etag"))];
    assert_eq!(
        program.sends(Method::GET, path, &known, None).await.status,
        304
    );
    assert_eq!(put(&[("if-match", "*")]).await.status, 200);
}

#[tokio::test]
async fn an_entity_tag_tells_of_all_that_is_shown_and_only_a_change_stands_against_a_change() {
    let service = Service::start().await;
    let program = Program::admin(&service).await;
    let path = "/clients/service";
    let first = program.get(path).await;
    let asks_again = async |tag: &str| {
        let known = [("if-none-match", tag)];
        program.sends(Method::GET, path, &known, None).await
    };
    assert_eq!(asks_again(first.header("etag")).await.status, 304);
    let added = program.post("/clients/service/secrets", &json!({})).await;
    let with_two = asks_again(first.header("etag")).await;
    assert_eq!(with_two.status, 200);
    assert_eq!(with_two.json()["secrets"].as_array().unwrap().len(), 2);
    let id = added.json()["id"].as_str().unwrap().to_owned();
    let secret = format!("/clients/service/secrets/{id}");
    program.sends(Method::DELETE, &secret, &[], None).await;
    let with_one = asks_again(with_two.header("etag")).await;
    assert_eq!(with_one.status, 200);
    assert_eq!(with_one.json()["secrets"].as_array().unwrap().len(), 1);
    assert_eq!(
        with_one.header("etag"),
        first.header("etag"),
        "the same again"
    );
    // A last use is shown too.
    let form = [("grant_type", "client_credentials")];
    assert_eq!(service.client("service").token(&form).await.status, 200);
    eventually("the use is shown", async || {
        asks_again(first.header("etag")).await.status == 200
    })
    .await;
    // None of that was a change of the registration: one made from before loses nothing.
    let mut mine = first.json()["registration"].clone();
    mine["notes"] = "à garder".into();
    let tag = [("if-match", first.header("etag"))];
    let put = program.sends(Method::PUT, path, &tag, Some(&mine)).await;
    assert_eq!((put.status, version(&put)), (200, "2"), "{}", put.text());
    let late = program.sends(Method::PUT, path, &tag, Some(&mine)).await;
    assert_problem(&late, 412, "precondition-failed");
}

#[tokio::test]
async fn every_error_is_a_problem_that_says_what_to_do() {
    let service = Service::start().await;
    let program = Program::admin(&service).await;
    let prefix = "/api/admin/v1";
    let none = nobody(&service, Method::GET, &format!("{prefix}/clients")).await;
    assert_problem(&none, 401, "unauthorized");
    assert!(none.header("www-authenticate").starts_with("Bearer"));
    assert_problem(&program.get("/nothing").await, 404, "not-found");
    assert_problem(&program.get("/clients/no spaces").await, 404, "not-found");
    let patch = program
        .sends(Method::PATCH, "/clients/ent", &[], None)
        .await;
    assert_problem(&patch, 405, "method-not-allowed");
    assert!(patch.header("allow").contains("PUT"));
    assert_problem(&program.get("/clients?limit=0").await, 400, "bad-request");
    assert_problem(&program.get("/clients?wat=1").await, 400, "bad-request");
    let text = [("content-type", "text/plain")];
    let plain = program
        .sends(Method::POST, "/clients", &text, Some(&ent()))
        .await;
    assert_problem(&plain, 415, "unsupported-media-type");
    let long = json!({"client_id": "x", "client_name": "x".repeat(70_000)});
    assert_problem(&program.post("/clients", &long).await, 413, "too-large");
    let misspelt = json!({"client_id": "x", "client_name": "X", "redirect_uri": []});
    assert_problem(
        &program.post("/clients", &misspelt).await,
        422,
        "unprocessable",
    );
    let mut unsound = ent();
    unsound["redirect_uris"] = json!(["http://ent.example/cb", "https://ent.example/*"]);
    let faults = program.post("/clients", &unsound).await;
    assert_problem(&faults, 422, "unsound-registration");
    assert_eq!(faults.json()["faults"].as_array().unwrap().len(), 2);
    assert_eq!(faults.json()["faults"][0]["member"], "redirect_uris");
    let mut taken = ent();
    taken["client_id"] = "portail".into();
    assert_problem(&program.post("/clients", &taken).await, 409, "conflict");
    let renamed = program
        .changes("ent", |members| members["client_id"] = "autre".into())
        .await;
    assert_problem(&renamed, 422, "unprocessable");
}

#[tokio::test]
async fn a_token_opens_what_its_scope_says_and_nothing_once_revoked() {
    let service = Service::start().await;
    let reader = Program::with(&service, "clients:read").await;
    assert_eq!(reader.get("/clients").await.status, 200);
    assert_problem(&reader.post("/clients", &ent()).await, 403, "forbidden");
    let writer = Program::with(&service, "clients:write").await;
    assert_problem(&writer.get("/clients").await, 403, "forbidden");
    let cli = service.client("admin-cli");
    cli.revoke(&reader.token).await;
    assert_problem(&reader.get("/clients").await, 401, "unauthorized");
    // A person's token is none for programs, whatever the client.
    let tokens = crate::acts::tokens(&service, &service.portal()).await;
    let person = Program {
        service: &service,
        token: tokens.access.clone(),
    };
    assert_problem(&person.get("/clients").await, 403, "forbidden");
}

#[tokio::test]
async fn nobody_hands_on_a_power_that_they_do_not_have() {
    let service = Service::start().await;
    let program = Program::admin(&service).await;
    let auditor = json!({
        "client_id": "curieux", "client_name": "Curieux",
        "grant_types": ["client_credentials"], "scope": "audit:read",
    });
    assert_problem(
        &program.post("/clients", &auditor).await,
        403,
        "beyond-own-power",
    );
    let widened = program.changes("service", |members| members["scope"] = "audit:read".into());
    assert_problem(&widened.await, 403, "beyond-own-power");
    // `admin-cli` itself may read the audit, which this token may not.
    let key = program.post("/clients/admin-cli/secrets", &json!({})).await;
    assert_problem(&key, 403, "beyond-own-power");
}

#[tokio::test]
async fn a_repeated_request_is_done_once_and_answered_alike() {
    let service = Service::start().await;
    let program = Program::admin(&service).await;
    let key = [("idempotency-key", "c3b1")];
    let send = async |body: &Value| {
        program
            .sends(Method::POST, "/clients", &key, Some(body))
            .await
    };
    let body = ent();
    let (first, second) = tokio::join!(send(&body), send(&body));
    assert_eq!(
        (first.status, second.status),
        (201, 201),
        "{}",
        second.text()
    );
    assert_eq!(first.json(), second.json());
    assert_eq!(first.header("etag"), second.header("etag"));
    let mut other = ent();
    other["client_id"] = "autre".into();
    assert_problem(&send(&other).await, 422, "unprocessable");
    let secrets = program.get("/clients/ent-neuf/secrets").await.json();
    assert_eq!(secrets["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn one_key_from_two_programs_does_two_things() {
    let service = Service::start().await;
    let one = Program::admin(&service).await;
    let robot = json!({
        "client_id": "robot-2", "client_name": "Robot", "scope": "clients:read clients:write",
        "grant_types": ["client_credentials"],
    });
    let made = one.post("/clients", &robot).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let secret = made.json()["client_secret"].as_str().unwrap().to_owned();
    let robot = RelyingParty {
        id: "robot-2".to_owned(),
        proof: Proof::Basic(secret),
        ..service.client("admin-cli")
    };
    let other = Program::of(&service, &robot, "clients:read clients:write").await;
    let key = [("idempotency-key", "c3b1")];
    let send = async |program: &Program<'_>| {
        let path = "/clients/ent/secrets";
        let wish = json!({"label": "2027"});
        program.sends(Method::POST, path, &key, Some(&wish)).await
    };
    let (first, second) = tokio::join!(send(&one), send(&other));
    assert_eq!((first.status, second.status), (201, 201));
    assert_ne!(
        first.json()["client_secret"],
        second.json()["client_secret"]
    );
    assert_ne!(first.json()["id"], second.json()["id"]);
    assert_eq!(
        send(&other).await.json(),
        second.json(),
        "each its own again"
    );
    assert_eq!(send(&one).await.json(), first.json());
}

#[tokio::test]
async fn a_list_is_searched_and_read_page_by_page() {
    let service = Service::start().await;
    let program = Program::admin(&service).await;
    let mut ids = Vec::new();
    let mut path = "/clients?limit=3".to_owned();
    loop {
        let page = program.get(&path).await.json();
        let items = page["items"].as_array().unwrap();
        ids.extend(
            items
                .iter()
                .map(|client| client["registration"]["client_id"].clone()),
        );
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/clients?limit=3&cursor={cursor}"),
            None => break,
        }
    }
    let whole = program.get("/clients").await.json();
    let whole: Vec<_> = whole["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|client| client["registration"]["client_id"].clone())
        .collect();
    assert_eq!(ids, whole);
    let found = program
        .get("/clients?q=mediatheque%20clairval")
        .await
        .json();
    assert_eq!(
        found["items"][0]["registration"]["client_id"],
        "mediatheque"
    );
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    let stopped = program.get("/clients?enabled=false").await.json();
    assert!(
        stopped["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|client| client["registration"]["enabled"] == false)
    );
}

#[tokio::test]
async fn the_document_describes_what_there_is() {
    let service = Service::start().await;
    let document = nobody(&service, Method::GET, "/api/admin/v1/openapi.json").await;
    assert_eq!(document.status, 200);
    let document = document.json();
    assert_eq!(document["openapi"], "3.1.0");
    let members = &document["components"]["schemas"]["Registration"]["properties"];
    assert!(members["schools"].is_object() && members["purposes"].is_object());
}

#[tokio::test]
async fn each_operation_asks_for_the_scope_that_the_document_names() {
    let service = Service::start().await;
    let document = nobody(&service, Method::GET, "/api/admin/v1/openapi.json").await;
    let document = document.json();
    let powers = ["clients:read", "clients:write", "audit:read"];
    let mut all_but_one = Vec::new();
    for power in powers {
        let others: Vec<_> = powers.into_iter().filter(|other| *other != power).collect();
        all_but_one.push(Program::with(&service, &others.join(" ")).await);
    }
    let mut operations = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let named = &operation["security"][0]["client_credentials"];
            let named = named[0]
                .as_str()
                .unwrap_or_else(|| panic!("{method} {path}"));
            let power = powers.iter().position(|power| *power == named).unwrap();
            let path = path.replace("{client_id}", "ent");
            let method: Method = method.to_uppercase().parse().unwrap();
            let refused = all_but_one[power]
                .sends(method.clone(), &path, &[], None)
                .await;
            assert_problem(&refused, 403, "forbidden");
            let told = refused.header("www-authenticate");
            assert!(
                told.contains(&format!("scope=\"{named}\"")),
                "{method} {path}: {told}"
            );
            operations += 1;
        }
    }
    assert_eq!(operations, 17);
}
