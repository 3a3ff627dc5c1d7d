//! What a command answers: for people, and as JSON.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use serde_json::Value;

/// A command's answer.
#[derive(Debug)]
pub(super) struct Report {
    text: String,
    json: Value,
    status: u8,
}

impl Report {
    /// An answer in both forms.
    pub(super) fn new(text: impl Into<String>, json: Value) -> Self {
        Self {
            text: text.into(),
            json,
            status: 0,
        }
    }

    /// An answer that was given already.
    pub(super) fn silent() -> Self {
        Self::new("", Value::Null)
    }

    /// The same answer of a command that did not do all it was asked.
    pub(super) fn failed_if(mut self, failed: bool) -> Self {
        self.status = u8::from(failed);
        self
    }

    /// The same answer with another status.
    pub(super) const fn with_status(mut self, status: u8) -> Self {
        self.status = status;
        self
    }

    /// Prints it on standard output.
    pub(super) fn print(self, json: bool) -> ExitCode {
        if json && !self.json.is_null() {
            print_line(&self.json.to_string());
        } else if !json && !self.text.is_empty() {
            print_line(&self.text);
        }
        ExitCode::from(self.status)
    }
}

/// Prints a line; a reader that has gone away is no failure.
pub(super) fn print_line(line: &str) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}
