//! An operator at a terminal: the real binary on a store of its own.

#![expect(clippy::unwrap_used, reason = "helpers of tests panic as tests do")]
#![expect(unreachable_pub, reason = "each test binary has its own copy")]

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

/// An operator with a configuration and a database.
pub struct Operator {
    pub folder: TempDir,
}

impl Operator {
    pub fn new() -> Self {
        let operator = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let database = operator.path("preau.db");
        operator.write(
            "preau.toml",
            &format!(
                "[server]\nissuer = \"http://localhost:8080\"\nlisten = \"127.0.0.1:0\"\n\
                 metrics_listen = \"127.0.0.1:0\"\n\
                 [database]\nurl = \"sqlite:{}\"\n\
                 [secrets]\nmaster_key = \"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\"\n",
                database.display()
            ),
        );
        operator
    }

    pub fn migrated() -> Self {
        let operator = Self::new();
        assert_status(&operator.runs(&["migrate"]), 0);
        operator
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: &str) -> String {
        fs::write(self.path(name), content).unwrap();
        self.path(name).to_str().unwrap().to_owned()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_preau"));
        command
            .args(arguments)
            .env_clear()
            .env("PREAU_CONFIG", self.path("preau.toml"))
            .stdin(Stdio::null());
        command
    }

    pub fn runs(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = self.runs(&[&["--json"], arguments].concat());
        assert_status(&output, 0);
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

pub fn assert_status(output: &Output, status: i32) {
    assert_eq!(
        output.status.code(),
        Some(status),
        "{}{}",
        out(output),
        err(output)
    );
}

pub fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A sound registration.
pub const ENT: &str = r#"
client_id = "ent"
client_name = "L'ENT"
redirect_uris = ["https://ent.example/callback"]
"#;
