//! The command line, as operators use it.

mod operator;
mod outbox;

use std::{fs, process::Output};

use serde_json::{Value, json};

use operator::{ENT, Operator, assert_status, err, out};

#[test]
fn a_bad_setting_ends_with_status_78_and_names_key_fault_and_source() {
    let operator = Operator::new();
    for command in [
        &["config", "check"][..],
        &["serve"],
        &["migrate"],
        &["client", "list"],
    ] {
        let output = operator
            .command(command)
            .env("PREAU__TOKENS__CODE", "61")
            .output()
            .unwrap();
        assert_status(&output, 78);
        let told = err(&output);
        for part in ["tokens.code", "must be from 1 to 60", "PREAU__TOKENS__CODE"] {
            assert!(told.contains(part), "{told}");
        }
    }
}

#[test]
fn a_sound_configuration_is_said_to_be_sound() {
    let operator = Operator::new();
    let output = operator.runs(&["config", "check"]);
    assert_status(&output, 0);
    assert!(out(&output).contains("http://localhost:8080"));
    assert!(!operator.path("preau.db").exists(), "nothing was started");
}

#[test]
fn the_schema_and_the_documentation_are_printed() {
    let operator = Operator::new();
    let schema: Value = serde_json::from_str(&out(&operator.runs(&["config", "schema"]))).unwrap();
    assert!(schema["properties"]["server"]["properties"]["issuer"].is_object());
    let documentation = out(&operator.runs(&["config", "docs"]));
    let file = operator.write("CONFIGURATION.md", &documentation);
    assert_status(&operator.runs(&["config", "docs", "--check", &file]), 0);
    operator.write("CONFIGURATION.md", "stale");
    assert_status(&operator.runs(&["config", "docs", "--check", &file]), 1);
}

#[test]
fn the_example_configuration_is_sound() {
    let operator = Operator::new();
    let example = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../config/preau.example.toml"
    );
    let key = operator.write(
        "master_key",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
    );
    let output = operator
        .command(&["config", "check", "--config", example])
        .env("PREAU__SECRETS__MASTER_KEY_FILE", key)
        .output()
        .unwrap();
    assert_status(&output, 0);
}

#[test]
fn the_example_of_a_gateway_is_sound() {
    let operator = Operator::new();
    let example = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../config/sms-brevo.example.toml"
    );
    let configuration = fs::read_to_string(operator.path("preau.toml")).unwrap()
        + &fs::read_to_string(example).unwrap();
    operator.write("preau.toml", &configuration);
    let key = operator.write("brevo_api_key", "xkeysib-0123\n");
    let output = operator
        .command(&["config", "check"])
        .env("PREAU__SMS__SECRET_FILE", key)
        .output()
        .unwrap();
    assert_status(&output, 0);
}

#[test]
fn a_form_that_says_nothing_of_the_message_is_a_bad_setting() {
    let operator = Operator::new();
    let output = operator
        .command(&["config", "check"])
        .env("PREAU__SMS__URL", "https://sms.example/messages")
        .env("PREAU__SMS__SECRET", "token-that-is-not-told")
        .env("PREAU__SMS__BODY", r#"{"to": "{{ number }}"}"#)
        .output()
        .unwrap();
    assert_status(&output, 78);
    assert!(err(&output).contains("sms.body"), "{}", err(&output));
    assert!(!err(&output).contains("token-that-is-not-told"));
}

#[test]
fn wrong_usage_is_status_2() {
    let operator = Operator::new();
    assert_status(&operator.runs(&["client", "aply"]), 2);
    assert_status(&operator.runs(&["client", "show", "no spaces"]), 2);
    assert_status(&operator.runs(&["--help"]), 0);
}

#[test]
fn a_store_that_was_not_migrated_is_refused_with_what_to_run() {
    let operator = Operator::new();
    for command in [&["serve"][..], &["client", "list"], &["keys", "list"]] {
        let output = operator.runs(command);
        assert_status(&output, 1);
        assert!(err(&output).contains("preau migrate"), "{}", err(&output));
    }
}

#[test]
fn migrating_again_changes_nothing() {
    let operator = Operator::migrated();
    assert_eq!(operator.json(&["migrate"])["steps"], 0);
}

#[test]
fn applying_the_same_registration_again_changes_nothing() {
    let operator = Operator::migrated();
    let file = operator.write(
        "ent.toml",
        &format!("client_secret = \"a-secret-of-the-ent-0123\"{ENT}"),
    );
    let result =
        |operator: &Operator| operator.json(&["client", "apply", &file])[0]["result"].clone();
    assert_eq!(result(&operator), "created");
    assert_eq!(result(&operator), "unchanged");
    operator.write(
        "ent.toml",
        &format!("client_secret = \"another-secret-of-the-ent\"{ENT}"),
    );
    assert_eq!(result(&operator), "updated");
    assert_eq!(operator.json(&["client", "list"])[0]["secrets"], 2);
}

#[test]
fn a_client_that_needs_a_secret_is_given_one_once() {
    let operator = Operator::migrated();
    let file = operator.write("ent.toml", ENT);
    let first = operator.json(&["client", "apply", &file]);
    assert!(first[0]["client_secret"].as_str().unwrap().len() >= 43);
    let second = operator.json(&["client", "apply", &file]);
    assert_eq!(second[0]["result"], "unchanged");
    assert!(second[0].get("client_secret").is_none());
}

#[test]
fn what_is_shown_can_be_applied_in_every_format() {
    let operator = Operator::migrated();
    let toml = operator.write("ent.toml", ENT);
    operator.json(&["client", "apply", &toml]);
    let shown = operator.json(&["client", "show", "ent"]);
    let json = operator.write("ent.json", &format!("[{shown}]"));
    let yaml = operator.write(
        "ent.yaml",
        "client_id: ent\nclient_name: L'ENT\nredirect_uris: [https://ent.example/callback]\n",
    );
    for file in [json, yaml] {
        assert_eq!(
            operator.json(&["client", "apply", &file])[0]["result"],
            "unchanged"
        );
    }
}

#[test]
fn a_folder_is_applied_whole_or_not_at_all() {
    let operator = Operator::migrated();
    fs::create_dir(operator.path("clients")).unwrap();
    operator.write("clients/1.toml", ENT);
    operator.write(
        "clients/2.toml",
        "client_id = \"other\"\nclient_name = \"Other\"\n",
    );
    let folder = operator.path("clients");
    let output = operator.runs(&["client", "apply", folder.to_str().unwrap()]);
    assert_status(&output, 1);
    let told = err(&output);
    assert!(told.contains("2.toml: other: redirect_uris"), "{told}");
    assert_eq!(operator.json(&["client", "list"]), Value::Array(Vec::new()));
}

#[test]
fn a_short_secret_and_a_misspelt_member_are_refused() {
    let operator = Operator::migrated();
    for (line, part) in [
        ("client_secret = \"short\"", "client_secret"),
        ("scop = \"openid\"", "scop"),
    ] {
        let file = operator.write("ent.toml", &format!("{line}{ENT}"));
        let output = operator.runs(&["client", "apply", &file]);
        assert_status(&output, 1);
        assert!(err(&output).contains(part), "{}", err(&output));
        assert!(!err(&output).contains("\"short\""));
    }
}

#[test]
fn a_dry_run_shows_the_difference_and_changes_nothing() {
    let operator = Operator::migrated();
    let file = operator.write("ent.toml", ENT);
    let dry = operator.json(&["client", "apply", "--dry-run", &file]);
    assert_eq!(dry[0]["result"], "created");
    assert_eq!(operator.json(&["client", "list"]), Value::Array(Vec::new()));
    operator.json(&["client", "apply", &file]);
    let file = operator.write("ent.toml", &ENT.replace("L'ENT", "ENT de la ville"));
    let dry = operator.json(&["client", "apply", "--dry-run", &file]);
    let name = &dry[0]["change"]["client_name"];
    assert_eq!(
        (&name["before"], &name["after"]),
        (&json!("L'ENT"), &json!("ENT de la ville"))
    );
    assert_eq!(
        operator.json(&["client", "show", "ent"])["client_name"],
        "L'ENT"
    );
}

#[test]
fn drift_is_told_by_the_status() {
    let operator = Operator::migrated();
    let file = operator.write("ent.toml", ENT);
    assert_status(&operator.runs(&["client", "apply", "--check", &file]), 2);
    operator.json(&["client", "apply", &file]);
    assert_status(&operator.runs(&["client", "apply", "--check", &file]), 0);
    operator.json(&["client", "disable", "ent"]);
    assert_status(&operator.runs(&["client", "apply", "--check", &file]), 2);
    operator.json(&["client", "apply", &file]);
    assert_status(&operator.runs(&["client", "apply", "--check", &file]), 0);
    let listed = operator.json(&["client", "list"]);
    assert_eq!(
        (&listed[0]["managed_by"], &listed[0]["version"]),
        (&json!(file), &json!(3))
    );
}

#[test]
fn a_client_that_was_stopped_starts_with_a_warning() {
    let operator = Operator::migrated();
    let file = operator.write("ent.toml", ENT);
    operator.json(&["client", "apply", &file]);
    operator.json(&["client", "disable", "ent"]);
    let check = operator.runs(&["client", "apply", "--check", &file]);
    assert_status(&check, 2);
    let told = out(&check);
    let warning = "warning: this would start ent, which was stopped by an operator on 20";
    assert!(told.contains(warning), "{told}");
    let applied = operator.json(&["client", "apply", &file]);
    let told = applied[0]["warning"].as_str().unwrap();
    assert!(
        told.starts_with("this started ent, which was stopped"),
        "{told}"
    );
    // Nothing to warn of: it works, and goes on working.
    let again = operator.json(&["client", "apply", &file]);
    assert!(again[0].get("warning").is_none(), "{again}");
}

#[test]
fn a_secret_that_is_known_is_applied_beside_nine_others() {
    let operator = Operator::migrated();
    let with_secret = format!("{ENT}client_secret = \"{}\"\n", "s".repeat(32));
    let file = operator.write("ent.toml", &with_secret);
    operator.json(&["client", "apply", &file]);
    for _ in 1..10 {
        operator.json(&["client", "secret", "add", "ent"]);
    }
    let again = operator.json(&["client", "apply", &file]);
    assert_eq!(again[0]["result"], "unchanged", "{again}");
    let listed = operator.json(&["client", "secret", "list", "ent"]);
    assert_eq!(listed.as_array().unwrap().len(), 10);
    let newer = with_secret.replace(&"s".repeat(32), &"t".repeat(32));
    let newer = operator.write("ent.toml", &newer);
    let refused = operator.runs(&["client", "apply", &newer]);
    assert_status(&refused, 1);
}

#[test]
fn pruning_deletes_what_no_file_has_any_more() {
    let operator = Operator::migrated();
    fs::create_dir(operator.path("clients")).unwrap();
    operator.write("clients/ent.toml", ENT);
    operator.write("clients/other.toml", &ENT.replace("\"ent\"", "\"other\""));
    let folder = operator.path("clients");
    let folder = folder.to_str().unwrap();
    operator.json(&["client", "apply", folder]);
    operator.json(&["client", "release", "ent"]);
    fs::remove_file(operator.path("clients/other.toml")).unwrap();
    let ids = || -> Vec<Value> {
        let listed = operator.json(&["client", "list"]);
        let listed = listed.as_array().unwrap().iter();
        listed.map(|client| client["client_id"].clone()).collect()
    };
    operator.json(&["client", "apply", folder]);
    assert_eq!(ids(), ["ent", "other"]);
    operator.json(&["client", "apply", "--prune", folder]);
    assert_eq!(ids(), ["ent"]);
}

#[test]
fn secrets_overlap_and_end_one_by_one() {
    let operator = Operator::migrated();
    let file = operator.write("ent.toml", ENT);
    operator.json(&["client", "apply", &file]);
    let made = operator.json(&[
        "client", "secret", "add", "ent", "--label", "2027", "--days", "90",
    ]);
    assert!(made["client_secret"].as_str().unwrap().len() >= 43);
    let listed = operator.json(&["client", "secret", "list", "ent"]);
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert_eq!(listed[1]["label"], "2027");
    assert!(
        !listed
            .to_string()
            .contains(made["client_secret"].as_str().unwrap())
    );
    let id = listed[0]["id"].as_str().unwrap();
    operator.json(&["client", "secret", "remove", "ent", id]);
    assert_status(
        &operator.runs(&["client", "secret", "remove", "ent", id]),
        1,
    );
    let left = operator.json(&["client", "secret", "list", "ent"]);
    assert_eq!(left.as_array().unwrap().len(), 1);
}

#[test]
fn a_change_is_undone_even_a_deletion() {
    let operator = Operator::migrated();
    let file = operator.write("ent.toml", ENT);
    operator.json(&["client", "apply", &file]);
    operator.json(&["client", "release", "ent"]);
    operator.json(&["client", "delete", "ent"]);
    let history = operator.json(&["client", "history", "ent"]);
    let acts: Vec<_> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["act"].clone())
        .collect();
    assert_eq!(acts, ["deleted", "changed", "registered"]);
    operator.json(&["client", "undo", "ent", "1"]);
    assert_eq!(
        operator.json(&["client", "show", "ent"])["client_name"],
        "L'ENT"
    );
    assert_status(&operator.runs(&["client", "undo", "ent", "99"]), 1);
}

#[test]
fn initial_tokens_are_made_and_withdrawn() {
    let operator = Operator::migrated();
    let made = operator.json(&[
        "client",
        "initial-token",
        "add",
        "--label",
        "Région",
        "--uses",
        "3",
    ]);
    assert_eq!(made["initial_access_token"].as_str().unwrap().len(), 43);
    let listed = operator.json(&["client", "initial-token", "list"]);
    assert_eq!(
        (&listed[0]["uses_left"], &listed[0]["label"]),
        (&json!(3), &json!("Région"))
    );
    let id = listed[0]["id"].as_str().unwrap();
    operator.json(&["client", "initial-token", "remove", id]);
    assert_eq!(
        operator.json(&["client", "initial-token", "list"]),
        Value::Array(Vec::new())
    );
}

#[test]
fn a_deleted_client_is_gone() {
    let operator = Operator::migrated();
    let file = operator.write("ent.toml", ENT);
    operator.json(&["client", "apply", &file]);
    operator.json(&["client", "delete", "ent"]);
    assert_status(&operator.runs(&["client", "show", "ent"]), 1);
    assert_status(&operator.runs(&["client", "delete", "ent"]), 1);
}

#[test]
fn an_administrator_is_made_once_with_a_password_that_is_long_enough() {
    let operator = Operator::migrated();
    let create = |password: &str| {
        let file = operator.write("password", password);
        operator.runs(&[
            "admin",
            "create",
            "--identifier",
            "Chef",
            "--given-name",
            "Ada",
            "--family-name",
            "LOVELACE",
            "--password-file",
            &file,
        ])
    };
    assert_status(&create("too short\n"), 1);
    assert_status(&create("long enough to be taken\n"), 0);
    let again = create("long enough to be taken\n");
    assert_status(&again, 1);
    assert!(err(&again).contains("chef"), "{}", err(&again));
}

#[test]
fn an_administrator_without_a_password_is_given_a_link_and_may_be_given_another() {
    let operator = Operator::migrated();
    let names = ["--given-name", "Ada", "--family-name", "LOVELACE"];
    let create = [
        &["--json", "admin", "create", "--identifier", "chef"],
        &names[..],
    ]
    .concat();
    let output = operator.runs(&create);
    assert_status(&output, 0);
    let link = |output: &Output| {
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        report["link"].as_str().unwrap().to_owned()
    };
    let first = link(&output);
    assert!(first.contains("/invitation?jeton="), "{first}");
    let again = operator.runs(&["--json", "admin", "invite", "--identifier", "chef"]);
    assert_status(&again, 0);
    assert_ne!(link(&again), first);
    let nobody = operator.runs(&["admin", "invite", "--identifier", "nobody"]);
    assert_status(&nobody, 1);
}

#[test]
fn a_directory_is_imported_and_refusals_are_told() {
    let operator = Operator::migrated();
    let file = operator.write(
        "school.json",
        r#"{"schools": [{"uai": "0750001U", "name": "Lycée", "level": "lycee"}, {"uai": "x"}]}"#,
    );
    let import = |more: &[&str]| {
        let arguments = ["--json", "directory", "import", "--format", "preau", &file];
        let output = operator.runs(&[&arguments, more].concat());
        assert_status(&output, 1);
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    assert_eq!(import(&["--dry-run"])["schools"]["created"], 1);
    let report = import(&[]);
    assert_eq!(report["schools"]["created"], 1);
    assert!(
        report["refusals"][0]["path"]
            .as_str()
            .unwrap()
            .starts_with("schools[1]")
    );
    assert_eq!(import(&[])["schools"]["unchanged"], 1);
}

#[test]
fn people_are_imported_without_the_bonds_of_upstreams_that_are_not_configured() {
    let operator = Operator::migrated();
    let file = operator.write(
        "people.json",
        r#"{"people": [{"identifier": "c.martin1", "kind": "guardian", "state": "active",
            "given_name": "Claire", "family_name": "Martin",
            "bonds": [{"upstream": "nowhere", "sub": "1"}]}]}"#,
    );
    let output = operator.runs(&["--json", "directory", "import", "--format", "preau", &file]);
    assert_status(&output, 0);
    let report = serde_json::from_slice::<Value>(&output.stdout).unwrap();
    assert_eq!(report["people"]["created"], 1);
    assert_eq!(report["left_out"][0]["path"], "people[0].bonds[0].upstream");
}
