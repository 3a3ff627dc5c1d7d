//! Files to import, and what the database says afterwards.

use domain::{
    ambient::Ambient,
    audit::Actor,
    claims::{PersonFacts, Wanted},
    contact::{EmailAddress, PhoneNumber},
    identifier::AccountIdentifier,
    ids::{AccountId, RecordId},
    school::Uai,
    scope::ScopeSet,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use store::{
    Database, Vault,
    accounts::{self, AccountWithHash},
    desk::{self, Correction, Desk},
    directory::{self, Counts, Document, Options, Report},
    entity, people,
    testing::TestDatabase,
};

/// The people of the demo.
pub(crate) const DEMO: &str = include_str!("../../../../config/demo-people.json");

pub(crate) async fn import_text(database: &Database, text: &str, dry_run: bool) -> Report {
    let hash = |plain: &domain::secret::Secret| format!("hash of {}", plain.expose());
    let options = Options {
        dry_run,
        actor: Actor::Operator,
        issuer_of: &|name| {
            (name == "franceconnect").then(|| "https://fc.example/api/v2".to_owned())
        },
        hash: &hash,
        vault: &vault(),
        known_key: None,
    };
    let document = Document::read(text.as_bytes()).unwrap();
    let imported = directory::import(database, &Ambient::system(), document, options).await;
    imported.unwrap()
}

/// What seals the keys of authenticator applications.
pub(crate) fn vault() -> Vault {
    let key = domain::secret::Secret::new("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    Vault::new(&key, &[]).unwrap()
}

pub(crate) async fn account(test: &TestDatabase, identifier: &str) -> AccountWithHash {
    let identifier = AccountIdentifier::parse(identifier).unwrap();
    let found = accounts::find_by_identifier(test.database.reader(), &identifier).await;
    found.unwrap().unwrap()
}

pub(crate) async fn facts(test: &TestDatabase, identifier: &str) -> PersonFacts {
    let id = account(test, identifier).await.account.id;
    let reader = test.database.reader();
    let person = people::find_by_id(reader, id).await.unwrap().unwrap();
    let all = Wanted::by_scopes(&ScopeSet::parse("profile email phone family").unwrap());
    people::find_facts(reader, person, &all).await.unwrap()
}

pub(crate) fn children(facts: &PersonFacts) -> Vec<&str> {
    facts
        .children
        .iter()
        .map(|child| child.name.given.as_str())
        .collect()
}

pub(crate) async fn events(test: &TestDatabase, action: &str) -> u64 {
    entity::audit_event::Entity::find()
        .filter(entity::audit_event::Column::Action.eq(action))
        .count(test.database.reader())
        .await
        .unwrap()
}

pub(crate) async fn people_rows(test: &TestDatabase) -> Vec<entity::account::Model> {
    entity::account::Entity::find()
        .all(test.database.reader())
        .await
        .unwrap()
}

pub(crate) async fn group(test: &TestDatabase, merged: AccountId, kept: AccountId) {
    use entity::{account, directory_record};
    use sea_orm::sea_query::Expr;
    let writer = test.database.writer();
    account::Entity::update_many()
        .col_expr(account::Column::State, Expr::value("merged"))
        .col_expr(account::Column::MergedInto, Expr::value(kept.as_uuid()))
        .filter(account::Column::Id.eq(merged.as_uuid()))
        .exec(writer)
        .await
        .unwrap();
    directory_record::Entity::update_many()
        .col_expr(
            directory_record::Column::AccountId,
            Expr::value(kept.as_uuid()),
        )
        .filter(directory_record::Column::AccountId.eq(merged.as_uuid()))
        .exec(writer)
        .await
        .unwrap();
}

pub(crate) fn created(number: u64) -> Counts {
    Counts {
        created: number,
        ..Counts::default()
    }
}

pub(crate) fn unchanged(number: u64) -> Counts {
    Counts {
        unchanged: number,
        ..Counts::default()
    }
}

pub(crate) fn adam_link(ended: bool) -> Value {
    json!({
        "guardian": "fichier-0750002V/R-0102", "pupil": "fichier-0750002V/E-0102",
        "relationship": "mother", "rank": 1, "ended": ended,
    })
}

pub(crate) fn record(source: &str, key: &str, kind: &str, person: &str) -> Value {
    json!({ "source": source, "key": key, "school": "0750002V", "kind": kind, "person": person })
}

pub(crate) fn pupil(identifier: &str) -> Value {
    json!({ "identifier": identifier, "kind": "pupil", "given_name": "Ève", "family_name": "DUPONT" })
}

pub(crate) fn with(mut entry: Value, member: &str, value: Value) -> Value {
    entry[member] = value;
    entry
}

pub(crate) fn faulty() -> Value {
    let school = json!({ "uai": "0750002V", "name": "Collège", "level": "college" });
    let link = |guardian: &str, pupil: &str| json!({ "guardian": guardian, "pupil": pupil, "relationship": "mother" });
    let guardian = json!({ "identifier": "e.dupont9", "kind": "pupil", "given_name": "Ève" });
    json!({
        "schools": [school, with(school.clone(), "uai", json!("75"))],
        "people": [
            with(pupil("e.dupont1"), "kind", json!("guardian")),
            pupil("é.dupont"),
            with(pupil("e.dupont2"), "birth_date", json!("2010-02-30")),
            with(pupil("e.dupont3"), "colour", json!("blue")),
            with(pupil("e.dupont4"), "password", json!("Secret-en-clair")),
            pupil("E.Dupont1"),
            with(pupil("e.dupont6"), "provisional", json!(true)),
            guardian,
            with(pupil("e.dupont8"), "email", json!({ "value": "pas une adresse", "confirmed": true })),
            pupil("e.dupont10"),
        ],
        "records": [
            record("s", "R1", "guardian", "e.dupont1"),
            with(record("s", "R2", "guardian", "e.dupont1"), "school", json!("0750003W")),
            record("s", "R3", "pupil", "e.dupont2"),
            record("s", "R4", "pupil", "e.dupont1"),
            record("s", "R1", "guardian", "e.dupont1"),
            record("s", "E5", "pupil", "e.dupont10"),
        ],
        "links": [
            link("s/R1", "s/E5"),
            link("s/R1", "s/E9"),
            link("s", "s/R1"),
            with(link("s/R1", "s/E5"), "rank", json!(3)),
            "s/R1",
        ],
    })
}

pub(crate) fn crowd(households: usize) -> Value {
    let mut people = Vec::new();
    let mut records = Vec::new();
    let mut links = Vec::new();
    for number in 0..households {
        let (parent, child) = (format!("p.foule{number}"), format!("e.foule{number}"));
        people.push(with(pupil(&parent), "kind", json!("guardian")));
        people.push(pupil(&child));
        records.push(record("foule", &parent, "guardian", &parent));
        records.push(record("foule", &child, "pupil", &child));
        links.push(json!({
            "guardian": format!("foule/{parent}"), "pupil": format!("foule/{child}"),
            "relationship": "other", "rank": 2,
        }));
    }
    let school = json!({ "uai": "0750002V", "name": "Collège", "level": "college" });
    json!({ "schools": [school], "people": people, "records": records, "links": links })
}

/// What a school's record of Claire MARTIN says, and has its file say.
pub(crate) fn claire_record(email: Option<&str>, phone: Option<&str>) -> Value {
    let record = record("fichier-0750002V", "R-0101", "guardian", "c.martin2");
    with(with(record, "email", json!(email)), "phone", json!(phone))
}

/// An officer corrects that record.
pub(crate) async fn correct_claire(test: &TestDatabase, email: Option<&str>, phone: Option<&str>) {
    let desk = Desk {
        officer: account(test, "ecole.college").await.account.id,
        school: Uai::parse("0750002V").unwrap(),
        network: None,
    };
    let correction = Correction {
        email: email.map(|email| EmailAddress::parse(email).unwrap()),
        phone: phone.map(|phone| PhoneNumber::parse(phone).unwrap()),
    };
    let claire = account(test, "c.martin2").await.account.id;
    let record = RecordId::from_uuid(claire_row(test).await.id);
    let transaction = test.database.begin().await.unwrap();
    let ambient = Ambient::system();
    let corrected = desk::correct(&transaction, &ambient, &desk, claire, record, &correction).await;
    assert!(corrected.unwrap().is_some());
    transaction.commit().await.unwrap();
}

/// What that record says now: address, number, whether a correction is in force.
pub(crate) async fn claire_contacts(test: &TestDatabase) -> (Option<String>, Option<String>, bool) {
    let row = claire_row(test).await;
    (row.email, row.phone, row.corrected_at.is_some())
}

async fn claire_row(test: &TestDatabase) -> entity::directory_record::Model {
    entity::directory_record::Entity::find()
        .filter(entity::directory_record::Column::SourceKey.eq("R-0101"))
        .one(test.database.reader())
        .await
        .unwrap()
        .unwrap()
}
