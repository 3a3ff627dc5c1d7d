//! Databases that an earlier version filled, taken up to this one: nothing that they hold
//! is lost or changed.

use std::time::Duration;

use domain::{
    ambient::Ambient,
    audit::Actor,
    client::{ClientId, Registration},
    ids::{AccountId, EventId, ProofId},
    secret::{Secret, Token},
    subject::{Sector, Subjects},
};
use sea_orm::{Statement, Value};
use serde_json::{Value as JsonValue, json};
use store::{
    ConnectionTrait as _, Vault,
    audit::{
        AuditKeys,
        sealer::Sealer,
        search::{Filter, Reading, search},
        verification::verify,
    },
    clients::{
        self,
        changes::{self, By, Replaces},
        history, tokens,
    },
    migration,
    testing::{TestDatabase, databases_before},
};

use super::{account, family, id, insert};

async fn run(test: &TestDatabase, sql: &str, values: Vec<Value>) {
    let backend = test.database.backend();
    let statement = Statement::from_sql_and_values(backend, sql, values);
    test.database.writer().execute_raw(statement).await.unwrap();
}

/// What these columns of a table hold, in the order of its ids, as text.
async fn held(test: &TestDatabase, table: &str, columns: &str) -> Vec<String> {
    let of = |column: &str| match test.database.backend() {
        sea_orm::DbBackend::Sqlite => format!("quote({column})"),
        _ => format!("coalesce({column}::text, 'NULL')"),
    };
    let columns: Vec<_> = columns.split(", ").map(of).collect();
    let sql = format!(
        "select {} as held from {table} order by id",
        columns.join(" || '|' || ")
    );
    let statement = Statement::from_string(test.database.backend(), sql);
    let rows = test.database.reader().query_all_raw(statement).await;
    let rows = rows.unwrap();
    rows.iter()
        .map(|row| row.try_get("", "held").unwrap())
        .collect()
}

const EVENT: &str = "id, at, action, actor_kind, actor_id, target_kind, target_id, client_id, \
                     network, details";

/// A person's sign-in, an operator's act on a client, a service's on itself.
async fn old_events(test: &TestDatabase, ambient: &Ambient) -> AccountId {
    let account = AccountId::new(ambient);
    let named = |name: &str| Some(name.to_owned());
    let person = Some(account.to_string());
    let events = [
        (
            "account.signed_in",
            ("account", person.clone()),
            ("account", person),
            named("portail"),
            named("198.18.0.0/24"),
            json!({ "session": "s", "key": "k" }),
        ),
        (
            "client.changed",
            ("operator", None),
            ("client", named("portail")),
            None,
            None,
            json!({ "changed": ["redirect_uris"] }),
        ),
        (
            "key.rotated",
            ("service", None),
            ("key", named("k1")),
            None,
            None,
            json!(null),
        ),
    ];
    for (at, (action, actor, target, client, network, details)) in events.into_iter().enumerate() {
        let sql = format!(
            "insert into audit_event ({EVENT}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        );
        let values = vec![
            EventId::new(ambient).as_uuid().into(),
            i64::try_from(at).unwrap().into(),
            action.into(),
            actor.0.into(),
            actor.1.into(),
            target.0.into(),
            target.1.into(),
            client.into(),
            network.into(),
            details.into(),
        ];
        run(test, &sql, values).await;
    }
    account
}

#[tokio::test]
async fn a_trail_from_before_the_chain_is_sealed_as_it_was() {
    let ambient = Ambient::system();
    let vault = Vault::new(
        &Secret::new("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
        &[],
    );
    let vault = vault.unwrap();
    for test in databases_before("0007_audit_chain").await.unwrap() {
        let account = old_events(&test, &ambient).await;
        let before = held(&test, "audit_event", EVENT).await;
        assert_eq!(before.len(), 3);
        migration::migrate(&test.database).await.unwrap();
        assert_eq!(held(&test, "audit_event", EVENT).await, before);
        let sealer = Sealer::new(test.database.clone(), vault.clone(), ambient.clone());
        let sealer = sealer.await.unwrap().with_lease(Duration::ZERO);
        sealer.seal_pending().await.unwrap();
        let keys = AuditKeys::find(test.database.reader(), &vault);
        let verified = verify(&test.database, &keys.await.unwrap(), &[]).await;
        let verified = verified.unwrap();
        // One more: the event of the trail's own key.
        assert_eq!((verified.sealed, verified.broken), (4, None));
        let of_person = Filter {
            person: Some(account),
            ..Filter::default()
        };
        let reader = test.database.reader();
        let found = search(reader, &of_person, Reading::Forward(None), 10).await;
        let found = found.unwrap();
        assert_eq!(found.len(), 1);
        let document = found[0].document();
        assert_eq!(document["action"], "account.signed_in");
        assert_eq!(document["personal"]["network"], "198.18.0.0/24");
        // As it was sealed: a text.
        let details = document["personal"]["details"].as_str().unwrap();
        let details: serde_json::Value = serde_json::from_str(details).unwrap();
        assert_eq!(details, json!({ "session": "s", "key": "k" }));
    }
}

const PROOF: &str = "id, purpose, account_id, counted_as, hash, contact, details, allowed, tries, \
                     created_at, expires_at, spent_at";

#[tokio::test]
async fn proofs_that_were_sent_before_the_upgrade_still_hold() {
    let ambient = Ambient::system();
    for test in databases_before("0010_binding_codes").await.unwrap() {
        let owner = account();
        insert(&test, owner.clone()).await.unwrap();
        let purposes = [
            ("registration_code", None, Some(vec![1_u8; 32]), None),
            ("password_link", Some(owner.id), None, None),
            ("grouping", Some(owner.id), None, Some(7_i64)),
            ("disavowal", Some(owner.id), None, None),
        ];
        for (number, (purpose, account, counted, spent)) in purposes.into_iter().enumerate() {
            let sql = format!(
                "insert into proof ({PROOF}) \
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
            );
            let hash = vec![u8::try_from(number).unwrap(); 32];
            let values = vec![
                ProofId::new(&ambient).as_uuid().into(),
                purpose.into(),
                account.into(),
                counted.into(),
                hash.into(),
                Some("claire@example.org").into(),
                json!({ "answer": number }).into(),
                5_i32.into(),
                1_i32.into(),
                1_i64.into(),
                9_i64.into(),
                spent.into(),
            ];
            run(&test, &sql, values).await;
        }
        let before = held(&test, "proof", PROOF).await;
        assert_eq!(before.len(), 4);
        migration::migrate(&test.database).await.unwrap();
        assert_eq!(held(&test, "proof", PROOF).await, before);
        // The rules of the table hold as before, and the new purpose is one.
        let of = |purpose: &str| {
            format!(
                "insert into proof (id, purpose, account_id, hash, details, allowed, tries, \
                 created_at, expires_at) values ($1, '{purpose}', $2, $3, $4, 1, 0, 1, 9)"
            )
        };
        let values = |hash: u8| -> Vec<Value> {
            let hash = vec![hash; 32];
            vec![id().into(), owner.id.into(), hash.into(), json!({}).into()]
        };
        run(&test, &of("binding_code"), values(9)).await;
        for (purpose, hash) in [("binding_code", 9), ("nonsense", 8)] {
            let backend = test.database.backend();
            let twice = Statement::from_sql_and_values(backend, of(purpose), values(hash));
            let done = test.database.writer().execute_raw(twice).await;
            assert!(done.is_err(), "{purpose}");
        }
    }
}

#[tokio::test]
async fn an_answer_to_a_reported_link_is_that_of_the_school_that_gave_it() {
    for test in databases_before("0014_desk_answers").await.unwrap() {
        let guardian = family(&test).await.0.account_id;
        for (number, answer) in [
            (0, Some(("upheld", "0750001U"))),
            (1, None),
            // A school that is gone by now.
            (2, Some(("ended", "0750009Z"))),
        ] {
            let pupil = account::Model {
                id: id(),
                identifier: format!("l.martin{}", number + 3),
                ..account()
            };
            insert(&test, pupil.clone()).await.unwrap();
            let sql = "insert into link_report (guardian_account_id, pupil_account_id, \
                       reported_at, answer, answered_at, answered_by_school) \
                       values ($1, $2, 1, $3, $4, $5)";
            let values = vec![
                guardian.into(),
                pupil.id.into(),
                answer.map(|(answer, _)| answer).into(),
                answer.map(|_| 7_i64).into(),
                answer.map(|(_, school)| school).into(),
            ];
            run(&test, sql, values).await;
        }
        migration::migrate(&test.database).await.unwrap();
        let sql = "select school_uai || ' ' || answer || ' ' || answered_at as held \
                   from link_report_answer";
        let statement = Statement::from_string(test.database.backend(), sql);
        let rows = test
            .database
            .reader()
            .query_all_raw(statement)
            .await
            .unwrap();
        let held: Vec<String> = rows
            .iter()
            .map(|row| row.try_get("", "held").unwrap())
            .collect();
        assert_eq!(held, ["0750001U upheld 7"]);
        // They go along with their report, and go with it.
        let other = account::Model {
            id: id(),
            identifier: "c.martin2".into(),
            ..account()
        };
        insert(&test, other.clone()).await.unwrap();
        let moved = "update link_report set guardian_account_id = $1 where answer = 'upheld'";
        run(&test, moved, vec![other.id.into()]).await;
        let gone = "delete from link_report where guardian_account_id = $1";
        run(&test, gone, vec![other.id.into()]).await;
        let statement = Statement::from_string(test.database.backend(), sql);
        let left = test.database.reader().query_all_raw(statement).await;
        assert!(left.unwrap().is_empty());
    }
}

/// Registers a client as an earlier version did.
async fn register(test: &TestDatabase, ambient: &Ambient, actor: Actor, document: JsonValue) {
    let registration: Registration = serde_json::from_value(document).unwrap();
    let sound = registration.sound().unwrap();
    let by = By::actor(actor);
    let writer = test.database.writer();
    let made = changes::register(writer, ambient, &by, &sound).await;
    assert_eq!(made.unwrap(), Some(1));
}

/// Registrations that name no sector, with the text in which their subjects were made.
const KEPT: [(&str, &str, &str); 12] = [
    ("web", "https://ent.example/cb", "ent.example"),
    ("upper", "https://ENT.example/cb", "ent.example"),
    ("intranet", "https://Portail:8443/cb?a=b", "portail"),
    ("query", "https://portail?a=b/c:d", "portail"),
    ("local", "http://localhost:3000/cb", "localhost"),
    ("loop", "http://127.0.0.1/cb", "127.0.0.1"),
    ("six", "http://[::1]:9/cb", "[::1]"),
    ("digits", "https://127.example/cb", "127.example"),
    ("app", "org.example.app:/cb", "app"),
    ("odd", "org.example.app:/cb?u=https://x.example", "odd"),
    ("none", "org.example.app:///cb", "none"),
    ("host", "org.example.app://Callback:1/cb", "Callback"),
];

#[tokio::test]
async fn subjects_outlast_the_telling_apart_of_sectors() {
    let ambient = Ambient::system();
    let subjects = Subjects::new([7; 32]);
    let person = AccountId::new(&ambient);
    for test in databases_before("0015_sectors").await.unwrap() {
        for (id, uri, _) in KEPT {
            let document = json!({
                "client_id": id, "client_name": id, "application_type": "native",
                "redirect_uris": [uri],
            });
            register(&test, &ambient, Actor::Operator, document).await;
        }
        migration::migrate(&test.database).await.unwrap();
        let reader = test.database.reader();
        for (id, uri, text) in KEPT {
            let id = ClientId::parse(id).unwrap();
            let before = subjects.of(&Sector::Named(text.to_owned()), person);
            let stored = clients::find_by_id(reader, &id).await.unwrap().unwrap();
            let past = history::find_version(reader, &id, 1).await.unwrap();
            let past = past.unwrap().registration.unwrap();
            for registration in [&stored.registration, &past] {
                assert_eq!(subjects.of(&registration.sector(), person), before, "{uri}");
            }
        }
    }
}

#[tokio::test]
async fn what_a_program_borrowed_before_the_upgrade_is_its_no_more() {
    let ambient = Ambient::system();
    for test in databases_before("0015_sectors").await.unwrap() {
        let id = |text: &str| ClientId::parse(text).unwrap();
        for (name, uri) in [
            ("dyn-evil", "com.evil.app://portail/cb"),
            ("dyn-app", "com.good.app:/cb"),
            ("dyn-web", "https://jeux.example/cb"),
        ] {
            let document = json!({
                "client_id": name, "client_name": name, "application_type": "native",
                "redirect_uris": [uri],
            });
            register(&test, &ambient, Actor::Client(id(name)), document).await;
            let token = Token::generate(&ambient);
            let now = ambient.now();
            let writer = test.database.writer();
            tokens::set_registration(writer, &id(name), token.hash(), now)
                .await
                .unwrap();
        }
        let changed = json!({
            "client_id": "dyn-web", "client_name": "Jeux", "first_party": true,
            "redirect_uris": ["https://jeux.example/cb"],
        });
        let changed: Registration = serde_json::from_value(changed).unwrap();
        let (writer, by) = (test.database.writer(), By::actor(Actor::Operator));
        let changed = changed.sound().unwrap();
        changes::change(writer, &ambient, &by, &changed, Replaces::Whatever)
            .await
            .unwrap();
        migration::migrate(&test.database).await.unwrap();
        let reader = test.database.reader();
        let sector = async |name: &str| {
            let found = clients::find_by_id(reader, &id(name)).await.unwrap();
            found.unwrap().registration.sector()
        };
        assert_eq!(sector("dyn-evil").await, Sector::Client(id("dyn-evil")));
        assert_eq!(sector("dyn-app").await, Sector::Named("dyn-app".into()));
        assert_eq!(sector("dyn-web").await, Sector::Host("jeux.example".into()));
        // Whom an administrator changed does not manage itself any more.
        let asked = "select client_id from registration_token order by client_id";
        let asked = Statement::from_string(test.database.backend(), asked);
        let rows = reader.query_all_raw(asked).await.unwrap();
        let left: Vec<String> = rows
            .iter()
            .map(|row| row.try_get("", "client_id").unwrap())
            .collect();
        assert_eq!(left, ["dyn-app", "dyn-evil"]);
    }
}
