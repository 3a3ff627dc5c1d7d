//! `preau audit`: the real binary on a trail that has a past.

#![expect(clippy::unwrap_used, reason = "helpers of tests panic as tests do")]

mod operator;

use std::{fs, time::Duration};

use domain::{
    ambient::Ambient,
    audit::{Action, Actor, Target},
    clock::Clock,
    entropy::SystemEntropy,
    ids::AccountId,
    secret::Secret,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::{
    ConnectionTrait as _, Database, Vault,
    audit::{self, Event, sealer::Sealer},
};

use operator::{ENT, Operator, assert_status, err, out};

/// The clock of a day that is gone.
struct Past(i64);

impl Clock for Past {
    fn now(&self) -> Timestamp {
        let days = SignedDuration::from_hours(24 * self.0);
        Ambient::system().now() - days
    }
}

/// An operator whose service ran a hundred, fifty and two days ago: each day somebody signed
/// in three times.
struct Scene {
    operator: Operator,
    account: AccountId,
}

impl Scene {
    fn new() -> Self {
        let scene = Self {
            operator: Operator::migrated(),
            account: AccountId::new(&Ambient::system()),
        };
        for days in [100, 50, 2, 0] {
            scene.in_database(async |database| scene.ran(database, days).await);
        }
        scene
    }

    fn in_database(&self, act: impl AsyncFnOnce(&Database)) {
        let url = format!("sqlite:{}", self.operator.path("preau.db").display());
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let database = Database::connect(&Secret::new(url), 2).await.unwrap();
            act(&database).await;
            database.close().await;
        });
    }

    async fn ran(&self, database: &Database, days: i64) {
        let ambient = Ambient::new(Past(days), SystemEntropy);
        let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        let vault = Vault::new(&Secret::new(key), &[]).unwrap();
        let sealer = Sealer::new(database.clone(), vault, ambient.clone());
        let sealer = sealer.await.unwrap().with_lease(Duration::ZERO);
        for number in 0..3 {
            let (actor, target) = (Actor::Account(self.account), Target::Account(self.account));
            let event = Event::new(Action::SignedIn, actor, target);
            let event = event.with(json!({ "session": number }));
            audit::record(database.writer(), &ambient, event)
                .await
                .unwrap();
        }
        sealer.seal_pending().await.unwrap();
    }

    /// As somebody does who has the file.
    fn sql(&self, statements: &[&str]) {
        self.in_database(async |database| {
            for statement in statements {
                database
                    .writer()
                    .execute_unprepared(statement)
                    .await
                    .unwrap();
            }
        });
    }
}

#[test]
fn a_whole_trail_is_verified_with_its_figures() {
    let scene = Scene::new();
    let verified = scene.operator.json(&["audit", "verify"]);
    assert_eq!(verified["sealed"], 13);
    assert_eq!(verified["pending"], 0);
    assert_eq!(verified["days"], 3);
    assert_eq!(verified["broken"], Value::Null);
    let output = scene.operator.runs(&["audit", "verify"]);
    assert_status(&output, 0);
    assert!(
        out(&output).contains("the trail is whole"),
        "{}",
        out(&output)
    );
}

#[test]
fn a_cut_event_ends_verify_with_status_1_and_its_place() {
    let scene = Scene::new();
    scene.sql(&[
        "drop trigger audit_entry_stays",
        "delete from audit_entry where id = (select event_id from audit_seal where sequence = 6)",
    ]);
    let output = scene.operator.runs(&["audit", "verify"]);
    assert_status(&output, 1);
    assert!(
        out(&output).contains("BROKEN: place 6: event "),
        "{}",
        out(&output)
    );
    let output = scene.operator.runs(&["--json", "audit", "verify"]);
    assert_status(&output, 1);
    let verified: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(verified["broken"]["sequence"], 6);
    assert_eq!(verified["broken"]["fault"], "event_missing");
    let output = scene.operator.runs(&["audit", "prune"]);
    assert_status(&output, 1);
    assert!(
        err(&output).contains("nothing is pruned"),
        "{}",
        err(&output)
    );
}

#[test]
fn an_auditor_verifies_with_keys_that_were_printed_before() {
    let scene = Scene::new();
    let keys = scene.operator.json(&["audit", "keys"]);
    let file = scene.operator.write("keys.json", &keys.to_string());
    let verify = ["audit", "verify", "--public-keys", &file];
    assert_status(&scene.operator.runs(&verify), 0);
    let other = Scene::new();
    let keys = other.operator.json(&["audit", "keys"]);
    scene.operator.write("keys.json", &keys.to_string());
    let output = scene.operator.runs(&verify);
    assert_status(&output, 1);
    assert!(
        out(&output).contains("no signature of ours"),
        "{}",
        out(&output)
    );
}

#[test]
fn an_end_that_was_kept_elsewhere_must_still_be_come_to() {
    let scene = Scene::new();
    let output = scene.operator.runs(&["audit", "verify"]);
    let printed = out(&output);
    let end = printed.lines().find_map(|line| line.strip_prefix("end "));
    let end = end.expect(&printed).to_owned();
    let verify = |end: &str| scene.operator.runs(&["audit", "verify", "--expect", end]);
    assert_status(&verify(&end), 0);
    let (place, seal) = end.split_once(':').unwrap();
    let later = verify(&format!("{place}9:{seal}"));
    assert_status(&later, 1);
    assert!(
        out(&later).contains(&format!(
            "BROKEN: place {place}9: the chain had come as far"
        )),
        "{}",
        out(&later)
    );
    let other = verify(&format!("{place}:{}", "0".repeat(64)));
    assert_status(&other, 1);
    assert!(
        out(&other).contains("not the one that was noted"),
        "{}",
        out(&other)
    );
    let wrong = verify("13");
    assert_status(&wrong, 2);
    assert!(err(&wrong).contains("PLACE:SEAL"), "{}", err(&wrong));
}

#[test]
fn days_past_retention_are_pruned_and_the_rest_stays_whole() {
    let scene = Scene::new();
    let prune = |days: &str, personal: &str| -> Value {
        let output = scene
            .operator
            .command(&["--json", "audit", "prune"])
            .env("PREAU__AUDIT__RETENTION_DAYS", days)
            .env("PREAU__AUDIT__PERSONAL_DAYS", personal)
            .output()
            .unwrap();
        assert_status(&output, 0);
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let pruned = prune("60", "60");
    assert_eq!(pruned["events"], 4);
    assert_eq!(pruned["days"].as_array().unwrap().len(), 1);
    assert_eq!(prune("60", "30")["erased"], 3);
    let verified = scene.operator.json(&["audit", "verify"]);
    assert_eq!(verified["pruned"], 4);
    assert_eq!(verified["erased"], 3);
    assert_eq!(verified["sealed"], 9);
    assert_eq!(verified["broken"], Value::Null);
}

#[test]
fn personal_fields_are_not_kept_longer_than_their_events() {
    let operator = Operator::migrated();
    let output = operator
        .command(&["config", "check"])
        .env("PREAU__AUDIT__RETENTION_DAYS", "30")
        .env("PREAU__AUDIT__PERSONAL_DAYS", "31")
        .env(
            "PREAU__AUDIT__KEEPER_URL",
            "postgres://keeper@localhost/preau",
        )
        .output()
        .unwrap();
    assert_status(&output, 78);
    assert!(
        err(&output).contains("audit.personal_days"),
        "{}",
        err(&output)
    );
    assert!(
        err(&output).contains("audit.keeper_url"),
        "{}",
        err(&output)
    );
}

#[test]
fn what_is_personal_is_erased_by_person() {
    let scene = Scene::new();
    let person = scene.account.to_string();
    let erased = scene.operator.json(&["audit", "erase", &person]);
    assert_eq!(erased["erased"], 12);
    let found = scene
        .operator
        .json(&["audit", "search", "--person", &person]);
    assert_eq!(found, json!([]));
    let verified = scene.operator.json(&["audit", "verify"]);
    assert_eq!(verified["erased"], 12);
    assert_eq!(verified["broken"], Value::Null);
}

#[test]
fn what_happened_to_an_account_in_use_is_erased_only_where_that_is_said() {
    let scene = Scene::new();
    let file = scene.operator.write(
        "people.json",
        r#"{ "people": [{ "identifier": "c.martin1", "kind": "guardian",
                          "given_name": "Claire", "family_name": "MARTIN" }] }"#,
    );
    scene
        .operator
        .json(&["directory", "import", "--format", "preau", &file]);
    scene.in_database(async |database| scene.ran(database, 0).await);
    let output = scene.operator.runs(&["audit", "erase", "c.martin1"]);
    assert_status(&output, 1);
    assert!(err(&output).contains("is not closed"), "{}", err(&output));
    let erase = ["audit", "erase", "c.martin1", "--in-use"];
    assert_eq!(scene.operator.json(&erase)["erased"], 1);
}

#[test]
fn a_search_is_itself_written_down() {
    let scene = Scene::new();
    let file = scene.operator.write("ent.toml", ENT);
    scene.operator.json(&["client", "apply", &file]);
    let found = scene.operator.json(&["audit", "search", "--client", "ent"]);
    // The newest first: its secret came after it.
    assert_eq!(found[1]["action"], "client.created");
    let searches = [
        "audit",
        "search",
        "--action",
        "audit.searched",
        "--actor",
        "operator",
    ];
    let found = scene.operator.json(&searches);
    // The one before, and this one.
    assert_eq!(found.as_array().unwrap().len(), 2);
    let details = found[1]["personal"]["details"].as_str().unwrap();
    assert!(details.contains("\"client\":\"ent\""), "{details}");
    let unheard_of = scene
        .operator
        .runs(&["audit", "search", "--action", "account.eaten"]);
    assert_status(&unheard_of, 2);
    let nobody = scene
        .operator
        .runs(&["audit", "search", "--person", "no.body1"]);
    assert_status(&nobody, 1);
    let output = scene.operator.runs(&["audit", "search", "--most", "1"]);
    assert!(out(&output).contains("audit.searched"), "{}", out(&output));
}

#[test]
fn an_export_is_json_lines_in_the_order_of_time() {
    let scene = Scene::new();
    let file = scene.operator.path("trail.jsonl");
    let export = ["audit", "export", "--output", file.to_str().unwrap()];
    assert_status(&scene.operator.runs(&export), 0);
    let text = fs::read_to_string(&file).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    // The key's event, four days of three sign-ins, the export itself; and three heads.
    assert_eq!(lines.len(), 1 + 12 + 1 + 3);
    assert_eq!(lines[1]["seal"]["sequence"], 2);
    assert_eq!(lines[13]["action"], "audit.exported");
    assert_eq!(lines[14]["first_sequence"], 1);
    assert_status(&scene.operator.runs(&export), 1);
    let day = (Ambient::system().now() - SignedDuration::from_hours(24 * 10)).to_string();
    let output = scene.operator.runs(&["audit", "export", "--until", &day]);
    assert_status(&output, 0);
    assert_eq!(out(&output).lines().count(), 7);
}

#[test]
fn another_key_signs_and_the_first_one_still_verifies() {
    let scene = Scene::new();
    let keys = scene.operator.json(&["audit", "rotate-key"]);
    assert_eq!(keys["keys"].as_array().unwrap().len(), 2);
    assert!(!keys.to_string().contains("\"d\""), "public halves alone");
    scene.in_database(async |database| scene.ran(database, 0).await);
    let verified = scene.operator.json(&["audit", "verify"]);
    assert_eq!(verified["pending"], 0);
    assert_eq!(verified["broken"], Value::Null);
}

#[test]
fn roles_are_not_for_sqlite() {
    let operator = Operator::migrated();
    let output = operator.runs(&["migrate", "--grant-service", "preau"]);
    assert_status(&output, 1);
    assert!(
        err(&output).contains("SQLite has no roles"),
        "{}",
        err(&output)
    );
}
