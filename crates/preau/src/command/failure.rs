//! A command that failed, and the status it ends with.

use std::{fmt::Display, process::ExitCode};

use serde_json::json;

use super::report::print_line;
use crate::config::ConfigError;

/// Why a command failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The configuration cannot be used.
    Config(ConfigError),
    /// Anything else, told in words.
    Other(String),
}

/// `EX_CONFIG` of sysexits.h.
const BAD_CONFIGURATION: u8 = 78;

impl Failure {
    /// A failure in the words of its cause.
    pub(super) fn other(cause: impl Display) -> Self {
        Self::Other(cause.to_string())
    }

    /// Tells the failure on standard error, and as JSON on standard output if asked.
    pub(super) fn print(self, json: bool) -> ExitCode {
        let (text, document, status) = match self {
            Self::Config(error) => (error.to_string(), of_config(&error), BAD_CONFIGURATION),
            Self::Other(text) => {
                let document = json!({"error": text});
                (text, document, 1)
            }
        };
        eprintln!("preau: {text}");
        if json {
            print_line(&document.to_string());
        }
        ExitCode::from(status)
    }
}

fn of_config(error: &ConfigError) -> serde_json::Value {
    let faults = error
        .faults
        .iter()
        .map(|fault| json!({"key": fault.key, "fault": fault.what, "source": fault.source}));
    json!({"error": "configuration", "faults": faults.collect::<Vec<_>>()})
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<store::StoreError> for Failure {
    fn from(error: store::StoreError) -> Self {
        Self::other(error)
    }
}
