//! The schema: how it is taken up, when it is refused, and which rules it holds by
//! itself against rows that no code of ours would write.

#![expect(
    clippy::unwrap_used,
    reason = "a test's helpers fail like the test itself"
)]

#[path = "migrations/upgrade.rs"]
mod upgrade;

use domain::{ambient::Ambient, ids::AccountId, secret::Secret};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::json;
use store::{
    ConnectionTrait, Database, StoreError,
    entity::{account, contact, directory_record, record_link, school},
    migration,
    testing::{TestDatabase, fresh_databases},
};
use uuid::Uuid;

#[tokio::test]
async fn migrating_again_does_nothing() {
    for test in fresh_databases().await.unwrap() {
        assert_eq!(migration::migrate(&test.database).await.unwrap(), 0);
        migration::check(&test.database).await.unwrap();
    }
}

#[tokio::test]
async fn an_empty_database_is_refused_with_what_to_run() {
    let folder = tempfile::tempdir().unwrap();
    let url = Secret::new(format!(
        "sqlite:{}",
        folder.path().join("empty.db").display()
    ));
    let database = Database::connect(&url, 2).await.unwrap();
    let refusal = migration::check(&database).await.unwrap_err();
    assert!(matches!(
        refusal,
        StoreError::SchemaBehind { applied: 0, .. }
    ));
    assert!(refusal.to_string().contains("preau migrate"));
    assert!(migration::migrate(&database).await.unwrap() > 0);
    migration::check(&database).await.unwrap();
}

#[tokio::test]
async fn a_schema_that_lacks_a_step_is_refused_with_what_to_run() {
    for test in fresh_databases().await.unwrap() {
        execute(&test, "delete from seaql_migrations").await;
        let refusal = migration::check(&test.database).await.unwrap_err();
        assert!(matches!(refusal, StoreError::SchemaBehind { .. }));
        assert!(refusal.to_string().contains("preau migrate"));
    }
}

#[tokio::test]
async fn a_schema_of_a_later_version_is_refused_by_its_step() {
    for test in fresh_databases().await.unwrap() {
        let later = "insert into seaql_migrations (version, applied_at) values ('9999_later', 0)";
        execute(&test, later).await;
        for refusal in [
            migration::check(&test.database).await.unwrap_err(),
            migration::migrate(&test.database).await.unwrap_err(),
        ] {
            assert!(matches!(&refusal, StoreError::SchemaTooNew { step } if step == "9999_later"));
        }
    }
}

#[tokio::test]
async fn readers_of_sqlite_cannot_write() {
    let test = store::testing::fresh_sqlite().await.unwrap();
    let written = test
        .database
        .reader()
        .execute_unprepared("delete from school")
        .await;
    assert!(written.is_err());
}

#[tokio::test]
async fn an_identifier_is_given_once() {
    for test in fresh_databases().await.unwrap() {
        insert(&test, account()).await.unwrap();
        assert!(insert(&test, account()).await.is_err());
    }
}

#[tokio::test]
async fn an_account_is_whole_or_not_at_all() {
    let faults: [fn(&mut account::Model); 9] = [
        |row| row.identifier = "C.Martin1".into(),
        |row| row.kind = "teacher".into(),
        |row| row.state = "asleep".into(),
        |row| row.state = "merged".into(),
        |row| row.merged_into = Some(Uuid::nil()),
        |row| row.locale = "de".into(),
        |row| row.password_state = "chosen".into(),
        |row| row.password_hash = Some("hash".into()),
        |row| row.birth_date = Some("11/04/2010".repeat(2)),
    ];
    for test in fresh_databases().await.unwrap() {
        for (index, fault) in faults.iter().enumerate() {
            let mut row = account();
            fault(&mut row);
            assert!(insert(&test, row).await.is_err(), "fault {index}");
        }
        insert(&test, account()).await.unwrap();
    }
}

#[tokio::test]
async fn an_account_has_one_current_contact_of_a_channel() {
    let faults: [fn(&mut contact::Model); 5] = [
        |row| row.account_id = Uuid::nil(),
        |row| row.channel = "fax".into(),
        |row| row.state = "confirmed".into(),
        |row| row.confirmed_at = Some(1),
        |row| row.slot = "former".into(),
    ];
    for test in fresh_databases().await.unwrap() {
        let owner = account();
        insert(&test, owner.clone()).await.unwrap();
        for (index, fault) in faults.iter().enumerate() {
            let mut row = contact(owner.id);
            fault(&mut row);
            assert!(insert(&test, row).await.is_err(), "fault {index}");
        }
        insert(&test, contact(owner.id)).await.unwrap();
        assert!(insert(&test, contact(owner.id)).await.is_err());
    }
}

#[tokio::test]
async fn a_record_has_a_school_an_account_and_a_key_of_its_own() {
    let faults: [fn(&mut directory_record::Model); 4] = [
        |row| row.account_id = Uuid::nil(),
        |row| row.school_uai = "0750009Z".into(),
        |row| row.kind = "officer".into(),
        |row| row.source_key = "R1".into(),
    ];
    for test in fresh_databases().await.unwrap() {
        let owner = family(&test).await.0.account_id;
        for (index, fault) in faults.iter().enumerate() {
            let mut row = record(owner, "guardian", "R2");
            fault(&mut row);
            assert!(insert(&test, row).await.is_err(), "fault {index}");
        }
    }
}

#[tokio::test]
async fn two_records_have_one_link() {
    let faults: [fn(&mut record_link::Model); 4] = [
        |row| row.pupil_record_id = row.guardian_record_id,
        |row| row.guardian_record_id = Uuid::nil(),
        |row| row.relationship = "aunt".into(),
        |row| row.legal_rank = 3,
    ];
    for test in fresh_databases().await.unwrap() {
        let (guardian, pupil) = family(&test).await;
        for (index, fault) in faults.iter().enumerate() {
            let mut row = link(&guardian, &pupil);
            fault(&mut row);
            assert!(insert(&test, row).await.is_err(), "fault {index}");
        }
        insert(&test, link(&guardian, &pupil)).await.unwrap();
        assert!(insert(&test, link(&guardian, &pupil)).await.is_err());
    }
}

async fn family(test: &TestDatabase) -> (directory_record::Model, directory_record::Model) {
    let owner = account();
    insert(test, owner.clone()).await.unwrap();
    let school = school::Model {
        uai: "0750001U".into(),
        name: "Lycée".into(),
        level: "lycee".into(),
        town_normal: None,
        town: None,
        email: None,
        phone: None,
        updated_at: 0,
    };
    insert(test, school).await.unwrap();
    let guardian = record(owner.id, "guardian", "R1");
    let pupil = record(owner.id, "pupil", "E1");
    insert(test, guardian.clone()).await.unwrap();
    insert(test, pupil.clone()).await.unwrap();
    (guardian, pupil)
}

fn id() -> Uuid {
    AccountId::new(&Ambient::system()).as_uuid()
}

fn account() -> account::Model {
    account::Model {
        id: id(),
        kind: "guardian".into(),
        identifier: "c.martin1".into(),
        state: "known".into(),
        merged_into: None,
        given_name: "Claire".into(),
        family_name: "MARTIN".into(),
        given_name_normal: "claire".into(),
        family_name_normal: "martin".into(),
        birth_date: None,
        locale: "fr".into(),
        password_state: "absent".into(),
        password_hash: None,
        password_set_at: None,
        sessions_from: 0,
        additional_claims: json!({}),
        created_at: 0,
        updated_at: 0,
    }
}

fn contact(account_id: Uuid) -> contact::Model {
    contact::Model {
        id: id(),
        account_id,
        channel: "email".into(),
        slot: "current".into(),
        value: "claire@example.org".into(),
        comparable: "claire@example.org".into(),
        state: "unconfirmed".into(),
        confirmed_at: None,
        created_at: 0,
    }
}

fn record(account_id: Uuid, kind: &str, key: &str) -> directory_record::Model {
    directory_record::Model {
        id: id(),
        source: "file".into(),
        source_key: key.into(),
        school_uai: "0750001U".into(),
        kind: kind.into(),
        account_id,
        given_name: "Claire".into(),
        family_name: "MARTIN".into(),
        given_name_normal: "claire".into(),
        family_name_normal: "martin".into(),
        birth_date: None,
        email: None,
        phone: None,
        class_name: None,
        filed_email: None,
        filed_phone: None,
        corrected_at: None,
        ended_at: None,
        created_at: 0,
        updated_at: 0,
    }
}

fn link(guardian: &directory_record::Model, pupil: &directory_record::Model) -> record_link::Model {
    record_link::Model {
        id: id(),
        guardian_record_id: guardian.id,
        pupil_record_id: pupil.id,
        relationship: "mother".into(),
        legal_rank: 1,
        ended_at: None,
        barred_at: None,
        filed_ended_at: None,
        created_at: 0,
        updated_at: 0,
    }
}

async fn insert<M, A>(test: &TestDatabase, row: M) -> Result<u64, sea_orm::DbErr>
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait,
{
    A::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(test.database.writer())
        .await
}

async fn execute(test: &TestDatabase, sql: &str) {
    test.database
        .writer()
        .execute_unprepared(sql)
        .await
        .unwrap();
}
