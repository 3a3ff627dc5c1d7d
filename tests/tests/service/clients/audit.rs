//! The audit trail, through the API.

use serde_json::json;
use tests::Service;

use super::Program;

#[tokio::test]
async fn the_trail_is_searched_page_by_page_and_each_search_is_in_it() {
    let service = Service::start().await;
    let program = Program::with(&service, "clients:write audit:read").await;
    let made = program.post("/clients/service/disable", &json!({})).await;
    assert_eq!(made.status, 200, "{}", made.summary());
    program.post("/clients/service/enable", &json!({})).await;

    let by_client = "/audit?client=service&action=client.updated&limit=1";
    let newest = program.get(by_client).await;
    assert_eq!(newest.status, 200, "{}", newest.summary());
    let newest = newest.json();
    assert_eq!(newest["items"].as_array().unwrap().len(), 1);
    assert_eq!(newest["items"][0]["actor"]["id"], "admin-cli");
    let cursor = newest["next_cursor"].as_str().unwrap();
    let older = program.get(&format!("{by_client}&cursor={cursor}")).await;
    let older = older.json();
    assert_eq!(older["items"].as_array().unwrap().len(), 1);
    assert_ne!(older["items"][0]["id"], newest["items"][0]["id"]);

    let searches = program.get("/audit?action=audit.searched&actor=client:admin-cli");
    let searches = searches.await.json();
    assert!(searches["items"].as_array().unwrap().len() >= 2);
    assert_eq!(
        searches["items"][0]["details"]["client"],
        serde_json::Value::Null
    );
}

#[tokio::test]
async fn the_trail_opens_with_its_own_scope_alone_and_bad_questions_say_what_to_send() {
    let service = Service::start().await;
    let other = Program::admin(&service).await;
    assert_eq!(other.get("/audit").await.status, 403);
    let program = Program::with(&service, "audit:read").await;
    for (query, member) in [
        ("person=nobody.atall99", "person"),
        ("actor=!", "actor"),
        ("action=never", "action"),
        ("from=yesterday", "from"),
        ("cursor=1", "cursor"),
        ("limit=0", ""),
        ("unheard=1", ""),
    ] {
        let answer = program.get(&format!("/audit?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.starts_with(member), "{query}: {detail}");
    }
}
