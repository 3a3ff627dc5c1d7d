//! The directory import, from outside, on every database of the run.

#![expect(
    clippy::unwrap_used,
    reason = "a test's helpers fail like the test itself"
)]

#[path = "directory/files.rs"]
mod files;

use domain::{account::AccountState, client::Registration};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use store::{
    directory::{Document, Report},
    entity,
    testing::fresh_databases,
};

use self::files::{
    DEMO, account, adam_link, children, claire_contacts, claire_record, correct_claire, created,
    crowd, events, facts, faulty, group, import_text, people_rows, record, unchanged,
};

#[tokio::test]
async fn the_demo_file_is_imported_whole() {
    for test in fresh_databases().await.unwrap() {
        let report = import_text(&test.database, DEMO, false).await;
        assert_eq!(report.refusals, []);
        assert_eq!(report.schools, created(3));
        assert_eq!(report.people, created(13));
        assert_eq!(report.records, created(12));
        assert_eq!(report.links, created(6));
        assert_eq!(events(&test, "account.created").await, 13);
        assert_eq!(events(&test, "link.added").await, 6);
        assert_eq!(events(&test, "directory.imported").await, 1);
    }
}

#[tokio::test]
async fn the_same_file_again_changes_nothing() {
    for test in fresh_databases().await.unwrap() {
        import_text(&test.database, DEMO, false).await;
        let before = people_rows(&test).await;
        let report = import_text(&test.database, DEMO, false).await;
        assert_eq!(report.people, unchanged(13));
        assert_eq!(report.records, unchanged(12));
        assert_eq!(report.links, unchanged(6));
        assert_eq!(people_rows(&test).await, before);
        assert_eq!(events(&test, "account.updated").await, 0);
    }
}

#[tokio::test]
async fn a_dry_run_writes_nothing_and_reports_the_same() {
    for test in fresh_databases().await.unwrap() {
        let mut file: Value = serde_json::from_str(DEMO).unwrap();
        file["people"][2]["birth_date"] = json!("2010-02-30");
        let dry = import_text(&test.database, &file.to_string(), true).await;
        assert!(dry.dry_run);
        assert!(people_rows(&test).await.is_empty());
        assert_eq!(events(&test, "directory.imported").await, 0);
        let real = import_text(&test.database, &file.to_string(), false).await;
        assert_eq!(
            Report {
                dry_run: false,
                ..dry
            },
            real
        );
        assert!(!real.refusals.is_empty());
    }
}

#[tokio::test]
async fn guardians_know_their_children_and_pupils_their_guardians() {
    for test in fresh_databases().await.unwrap() {
        import_text(&test.database, DEMO, false).await;
        let claire = facts(&test, "c.martin1").await;
        assert_eq!(children(&claire), ["Léo"]);
        assert_eq!(claire.children[0].schools[0].uai.as_str(), "0750001U");
        assert_eq!(claire.phone.unwrap().value, "+33639980001");
        let nadia = facts(&test, "n.dubois5").await;
        assert_eq!(children(&nadia), ["Adam", "Lina"]);
        let adam = facts(&test, "a.dubois6").await;
        let guardians: Vec<_> = adam.guardians.iter().map(|one| one.name.full()).collect();
        assert_eq!(guardians, ["Nadia DUBOIS"]);
        assert_eq!(adam.guardians[0].account, nadia.account);
        assert_eq!(nadia.children[0].account, adam.account);
        assert_eq!(adam.schools[0].uai.as_str(), "0750002V");
    }
}

#[tokio::test]
async fn staff_has_every_standard_claim() {
    for test in fresh_databases().await.unwrap() {
        import_text(&test.database, DEMO, false).await;
        let admin = facts(&test, "admin").await;
        let expected = [
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "zoneinfo",
            "address",
        ];
        assert!(
            expected
                .iter()
                .all(|claim| admin.additional.contains_key(*claim))
        );
        assert!(admin.email.is_some() && admin.phone.is_some() && admin.birth_date.is_some());
    }
}

#[tokio::test]
async fn an_ended_link_vanishes_and_comes_back_when_named_again() {
    for test in fresh_databases().await.unwrap() {
        import_text(&test.database, DEMO, false).await;
        let ended = json!({ "links": [adam_link(true)] });
        let report = import_text(&test.database, &ended.to_string(), false).await;
        assert_eq!(report.links.updated, 1);
        assert_eq!(children(&facts(&test, "n.dubois5").await), ["Lina"]);
        assert!(facts(&test, "a.dubois6").await.guardians.is_empty());
        assert_eq!(events(&test, "link.ended").await, 1);
        let again = import_text(&test.database, &ended.to_string(), false).await;
        assert_eq!(again.links, unchanged(1));
        let named = json!({ "links": [adam_link(false)] });
        import_text(&test.database, &named.to_string(), false).await;
        assert_eq!(children(&facts(&test, "n.dubois5").await), ["Adam", "Lina"]);
    }
}

#[tokio::test]
async fn a_link_that_another_school_asserts_does_not_end() {
    for test in fresh_databases().await.unwrap() {
        import_text(&test.database, DEMO, false).await;
        let second = json!({
            "records": [
                record("autre", "R1", "guardian", "n.dubois5"),
                record("autre", "E1", "pupil", "a.dubois6"),
            ],
            "links": [
                { "guardian": "autre/R1", "pupil": { "source": "autre", "key": "E1" },
                  "relationship": "mother" },
                adam_link(true),
            ],
        });
        let report = import_text(&test.database, &second.to_string(), false).await;
        assert_eq!(report.refusals, []);
        assert_eq!(children(&facts(&test, "n.dubois5").await), ["Adam", "Lina"]);
        assert_eq!(events(&test, "link.ended").await, 0);
    }
}

#[tokio::test]
async fn a_reported_link_vanishes_at_both_ends() {
    for test in fresh_databases().await.unwrap() {
        import_text(&test.database, DEMO, false).await;
        let nadia = account(&test, "n.dubois5").await.account.id;
        let adam = account(&test, "a.dubois6").await.account.id;
        let report = entity::link_report::ActiveModel {
            asked_at: sea_orm::Set(None),
            answer: sea_orm::Set(None),
            answered_at: sea_orm::Set(None),
            answered_by_school: sea_orm::Set(None),
            guardian_account_id: sea_orm::Set(nadia.as_uuid()),
            pupil_account_id: sea_orm::Set(adam.as_uuid()),
            reported_at: sea_orm::Set(1),
        };
        let insert = entity::link_report::Entity::insert(report);
        insert
            .exec_without_returning(test.database.writer())
            .await
            .unwrap();
        import_text(&test.database, DEMO, false).await;
        assert_eq!(children(&facts(&test, "n.dubois5").await), ["Lina"]);
        assert!(facts(&test, "a.dubois6").await.guardians.is_empty());
    }
}

#[tokio::test]
async fn what_an_owner_chose_stays() {
    for test in fresh_databases().await.unwrap() {
        import_text(&test.database, DEMO, false).await;
        let before = account(&test, "l.martin3").await;
        let file = json!({ "people": [{
            "identifier": "L.Martin3", "kind": "pupil",
            "given_name": "Léon", "family_name": "MARTIN", "state": "known", "locale": "en",
            "password": { "plain": "Autre-chose-2026" }, "provisional": true,
            "email": { "value": "leon@example.org", "confirmed": true },
        }]});
        let report = import_text(&test.database, &file.to_string(), false).await;
        assert_eq!(report.people.updated, 1, "{:?}", report.refusals);
        let after = account(&test, "l.martin3").await;
        assert_eq!(after.account.name.given, "Léon");
        assert_eq!(after.account.birth_date, before.account.birth_date);
        assert_eq!(after.account.state, AccountState::Active);
        assert_eq!(after.account.locale, "fr");
        assert_eq!(after.password_hash, before.password_hash);
        let email = facts(&test, "l.martin3").await.email.unwrap();
        assert_eq!(email.value, "leo.martin@example.org");
    }
}

#[tokio::test]
async fn a_known_account_takes_a_first_password_and_contacts() {
    for test in fresh_databases().await.unwrap() {
        import_text(&test.database, DEMO, false).await;
        let paul = |plain: &str| {
            json!({ "people": [{
                "identifier": "p.durand8", "kind": "guardian",
                "given_name": "Paul", "family_name": "DURAND",
                "password": { "plain": plain }, "provisional": true,
                "phone": { "value": "+33639980008", "confirmed": false },
            }]})
            .to_string()
        };
        import_text(&test.database, &paul("Prov-1"), false).await;
        assert_eq!(
            account(&test, "p.durand8").await.password_hash.unwrap(),
            "hash of Prov-1"
        );
        assert_eq!(
            facts(&test, "p.durand8").await.phone.unwrap().value,
            "+33639980008"
        );
        let again = import_text(&test.database, &paul("Prov-2"), false).await;
        assert_eq!(again.people, unchanged(1));
        assert_eq!(
            account(&test, "p.durand8").await.password_hash.unwrap(),
            "hash of Prov-1"
        );
    }
}

#[tokio::test]
async fn a_record_stays_where_a_grouping_put_it() {
    for test in fresh_databases().await.unwrap() {
        import_text(&test.database, DEMO, false).await;
        let kept = account(&test, "c.martin1").await.account.id;
        let merged = account(&test, "c.martin2").await.account.id;
        group(&test, merged, kept).await;
        let report = import_text(&test.database, DEMO, false).await;
        assert_eq!(report.records, unchanged(12));
        assert_eq!(children(&facts(&test, "c.martin1").await), ["Léo", "Zoé"]);
        let news = json!({ "records": [record("autre", "R9", "guardian", "c.martin2")] });
        import_text(&test.database, &news.to_string(), false).await;
        let rows = entity::directory_record::Entity::find()
            .filter(entity::directory_record::Column::SourceKey.eq("R9"))
            .all(test.database.reader())
            .await
            .unwrap();
        assert_eq!(rows[0].account_id, kept.as_uuid());
    }
}

/// A file in turn, and what the record says after it.
struct Told {
    file: (Option<&'static str>, Option<&'static str>),
    stands: (Option<&'static str>, Option<&'static str>),
    is_corrected: bool,
}

const FILED: (Option<&str>, Option<&str>) = (Some("old@example.org"), Some("+33639980001"));
const RIGHT: (Option<&str>, Option<&str>) = (Some("right@example.org"), Some("+33639980002"));
const NEWER: (Option<&str>, Option<&str>) = (Some("newer@example.org"), Some("+33639980003"));

/// What a school corrected is its word until its file changes its own, of each contact apart.
#[tokio::test]
async fn a_correction_stands_until_the_file_says_something_new_of_that_contact() {
    let told = |file, stands, is_corrected| Told {
        file,
        stands,
        is_corrected,
    };
    let cases = [
        (
            RIGHT,
            vec![told(FILED, RIGHT, true), told(FILED, RIGHT, true)],
        ),
        (
            RIGHT,
            vec![
                told((NEWER.0, FILED.1), (NEWER.0, RIGHT.1), true),
                told((NEWER.0, FILED.1), (NEWER.0, RIGHT.1), true),
                told(NEWER, NEWER, false),
                told(FILED, FILED, false),
            ],
        ),
        (
            (FILED.0, RIGHT.1),
            vec![
                told((None, FILED.1), (None, RIGHT.1), true),
                told((None, RIGHT.1), (None, RIGHT.1), false),
            ],
        ),
        (
            (None, FILED.1),
            vec![
                told((FILED.0, NEWER.1), (None, NEWER.1), true),
                told((FILED.0, None), (None, None), true),
                told(NEWER, NEWER, false),
            ],
        ),
    ];
    for test in fresh_databases().await.unwrap() {
        import_text(&test.database, DEMO, false).await;
        for (corrected, files) in &cases {
            for says in [NEWER, FILED] {
                import_text(&test.database, &claire_file(says), false).await;
            }
            correct_claire(&test, corrected.0, corrected.1).await;
            for told in files {
                import_text(&test.database, &claire_file(told.file), false).await;
                let (email, phone, is_corrected) = claire_contacts(&test).await;
                assert_eq!((email.as_deref(), phone.as_deref()), told.stands);
                assert_eq!(is_corrected, told.is_corrected, "{:?}", told.stands);
            }
        }
    }
}

fn claire_file((email, phone): (Option<&str>, Option<&str>)) -> String {
    json!({ "records": [claire_record(email, phone)] }).to_string()
}

#[tokio::test]
async fn each_refusal_says_where_it_stands_and_the_rest_goes_on() {
    for test in fresh_databases().await.unwrap() {
        let report = import_text(&test.database, &faulty().to_string(), false).await;
        let paths: Vec<_> = report
            .refusals
            .iter()
            .map(|one| one.path.as_str())
            .collect();
        assert_eq!(
            paths,
            [
                "schools[1].uai",
                "people[1].identifier",
                "people[2].birth_date",
                "people[3].colour",
                "people[4].password",
                "people[5].identifier",
                "people[6].provisional",
                "people[7]",
                "people[8].email.value",
                "records[1].school",
                "records[2].person",
                "records[3].kind",
                "records[4].key",
                "links[1].pupil",
                "links[2].guardian",
                "links[3].rank",
                "links[4]",
            ]
        );
        assert_eq!(report.people, created(2));
        assert_eq!(report.records, created(2));
        assert_eq!(report.links, created(1));
        let told = serde_json::to_string(&report).unwrap();
        for private in [
            "Secret-en-clair",
            "2010-02-30",
            "é.dupont",
            "pas une adresse",
        ] {
            assert!(!told.contains(private), "{private}");
        }
    }
}

#[test]
fn a_file_that_is_none_is_refused_as_a_whole() {
    for text in [
        "",
        "[]",
        r#"{"persons": []}"#,
        r#"{"people": {}}"#,
        r#"{"people": ["#,
    ] {
        assert!(Document::read(text.as_bytes()).is_err(), "{text}");
    }
    assert!(Document::read(&b"{}"[..]).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_imports_at_once_make_each_person_once() {
    for test in fresh_databases().await.unwrap() {
        let (one, other) = tokio::join!(
            import_text(&test.database, DEMO, false),
            import_text(&test.database, DEMO, false),
        );
        assert_eq!(one.people.created + other.people.created, 13);
        assert_eq!(one.links.created + other.links.created, 6);
        assert_eq!(children(&facts(&test, "n.dubois5").await), ["Adam", "Lina"]);
    }
}

#[tokio::test]
async fn lists_longer_than_a_batch_are_imported_whole() {
    for test in fresh_databases().await.unwrap() {
        let report = import_text(&test.database, &crowd(1_200).to_string(), false).await;
        assert_eq!(report.refusals, []);
        assert_eq!(report.people, created(2_400));
        assert_eq!(report.links, created(1_200));
    }
}

#[test]
fn the_demo_clients_are_sound_registrations() {
    for (file, id) in [
        (
            include_str!("../../../config/demo-clients/portail.toml"),
            "portail",
        ),
        (include_str!("../../../config/demo-clients/ent.toml"), "ent"),
        (
            include_str!("../../../config/demo-clients/vie-scolaire.toml"),
            "vie-scolaire",
        ),
        (
            include_str!("../../../config/demo-clients/service.toml"),
            "service",
        ),
        (
            include_str!("../../../config/demo-clients/admin-cli.toml"),
            "admin-cli",
        ),
    ] {
        let mut table: toml::Table = file.parse().unwrap();
        let secret = table.remove("client_secret");
        let registration: Registration = table.try_into().unwrap();
        assert_eq!(registration.check(), Ok(()), "{id}");
        assert_eq!(registration.client_id.as_str(), id);
        assert_eq!(registration.sector.as_deref(), Some(id));
        assert_eq!(
            secret.is_some(),
            registration.token_endpoint_auth_method.has_secret()
        );
        for uri in &registration.redirect_uris {
            let origin = uri.origin().unwrap();
            assert!(
                registration
                    .post_logout_redirect_uri(origin.as_str())
                    .is_some()
            );
        }
    }
}
