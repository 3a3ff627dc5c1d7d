//! A relying party signs people in and learns whom they represent.

use serde_json::Value;
use tests::{Person, Service, standard::StandardClient};

/// Signs somebody in at a client with the openidconnect crate.
async fn identity(service: &Service, person: Person, client: &str) -> (Value, Value) {
    let party = service.client(client);
    let callback = service.visitor(person).follows(&party.request()).await;
    let client = StandardClient::discover(&party).await;
    let tokens = client.redeem(&callback).await;
    let identity = client.identify(&tokens, &callback).await;
    (identity.id_token, identity.userinfo)
}

fn names(list: &Value) -> Vec<&str> {
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter()
        .map(|entry| entry["given_name"].as_str().unwrap_or("?"))
        .collect()
}

fn subjects(list: &Value) -> Vec<&str> {
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter()
        .map(|entry| entry["sub"].as_str().unwrap_or("?"))
        .collect()
}

#[tokio::test]
async fn claire_is_shown_with_leo() {
    let service = Service::start().await;
    let (_, userinfo) = identity(&service, Person::CLAIRE, "portail").await;
    assert_eq!(userinfo["given_name"], "Claire");
    assert_eq!(userinfo["family_name"], "MARTIN");
    assert_eq!(userinfo["email"], "claire.martin@example.org");
    assert_eq!(userinfo["email_verified"], true);
    assert_eq!(userinfo["phone_number"], "+33639980001");
    assert_eq!(userinfo["phone_number_verified"], true);
    assert_eq!(userinfo["person_type"], "guardian");
    assert_eq!(names(&userinfo["children"]), ["Léo"]);
    let leo = &userinfo["children"][0];
    assert_eq!(leo["family_name"], "MARTIN");
    assert_eq!(leo["birthdate"], "2010-04-11");
    assert_eq!(leo["relationship"], "mother");
    assert_eq!(leo["schools"][0]["uai"], "0750001U");
}

#[tokio::test]
async fn nadia_is_shown_with_adam_and_lina_and_an_address_that_is_not_proven() {
    let service = Service::start().await;
    let (_, userinfo) = identity(&service, Person::NADIA, "portail").await;
    let mut children = names(&userinfo["children"]);
    children.sort_unstable();
    assert_eq!(children, ["Adam", "Lina"]);
    assert_eq!(userinfo["email_verified"], false);
    assert!(userinfo.get("phone_number").is_none());
    assert!(userinfo.get("birthdate").is_none());
}

#[tokio::test]
async fn adam_is_shown_with_his_guardian() {
    let service = Service::start().await;
    let (_, userinfo) = identity(&service, Person::ADAM, "portail").await;
    assert_eq!(userinfo["person_type"], "student");
    assert_eq!(names(&userinfo["guardians"]), ["Nadia"]);
    assert!(userinfo.get("children").is_none());
}

#[tokio::test]
async fn a_child_is_the_same_subject_by_itself_and_in_its_guardian_s_claims() {
    let service = Service::start().await;
    let (claire, claire_info) = identity(&service, Person::CLAIRE, "portail").await;
    let (leo, leo_info) = identity(&service, Person::LEO, "portail").await;
    assert_eq!(
        subjects(&claire_info["children"]),
        [leo["sub"].as_str().unwrap()]
    );
    assert_eq!(
        subjects(&claire["children"]),
        [leo["sub"].as_str().unwrap()]
    );
    assert_eq!(
        subjects(&leo_info["guardians"]),
        [claire["sub"].as_str().unwrap()]
    );
}

#[tokio::test]
async fn subjects_differ_from_client_to_client() {
    let service = Service::start().await;
    let (portal, portal_info) = identity(&service, Person::CLAIRE, "portail").await;
    let (ent, ent_info) = identity(&service, Person::CLAIRE, "ent").await;
    assert_ne!(portal["sub"], ent["sub"]);
    assert_ne!(
        subjects(&portal_info["children"]),
        subjects(&ent_info["children"])
    );
}

#[tokio::test]
async fn the_id_token_names_the_family_by_subjects_alone() {
    let service = Service::start().await;
    let (claire, _) = identity(&service, Person::CLAIRE, "portail").await;
    let child = claire["children"][0].as_object().unwrap();
    assert_eq!(child.keys().collect::<Vec<_>>(), ["sub"]);
    for personal in [
        "name",
        "given_name",
        "family_name",
        "email",
        "phone_number",
        "birthdate",
    ] {
        assert!(claire.get(personal).is_none(), "{personal}");
    }
}
