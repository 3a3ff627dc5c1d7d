//! What is wrong with a configuration, and where.

use std::fmt;

use figment::error::{Actual, Kind};

use super::layers::Origins;

/// One thing that is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The key, with its section: `server.issuer`. Empty where a whole file is wrong.
    pub key: String,
    /// What is wrong with its value. Never the value of a secret.
    pub what: String,
    /// Where the value came from: a file, a variable, the default.
    pub source: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        write!(f, "{} ({})", self.what, self.source)
    }
}

/// The configuration cannot be used: each fault stands on a line of its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfigError {
    /// What is wrong; at least one fault.
    pub faults: Vec<Fault>,
}

impl ConfigError {
    pub(super) fn one(key: impl Into<String>, what: impl Into<String>, source: String) -> Self {
        let (key, what) = (key.into(), what.into());
        Self {
            faults: vec![Fault { key, what, source }],
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "configuration: {fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

/// Faults as checks find them, not knowing where values came from.
#[derive(Default)]
pub(super) struct Faults(Vec<(String, String)>);

impl Faults {
    /// The value of this key is wrong.
    pub(super) fn add(&mut self, key: &str, what: impl fmt::Display) {
        self.0.push((key.to_owned(), what.to_string()));
    }

    /// The value of this key is wrong unless the condition holds.
    pub(super) fn require(&mut self, holds: bool, key: &str, what: impl fmt::Display) {
        if !holds {
            self.add(key, what);
        }
    }

    /// Adds where each value came from.
    pub(super) fn into_result(self, origins: &Origins<'_>) -> Result<(), ConfigError> {
        if self.0.is_empty() {
            return Ok(());
        }
        let faults = self.0.into_iter().map(|(key, what)| Fault {
            source: origins.of(&key),
            key,
            what,
        });
        Err(ConfigError {
            faults: faults.collect(),
        })
    }
}

/// The faults by which settings do not even have their types.
pub(super) fn of_figment(error: figment::Error, origins: &Origins<'_>) -> ConfigError {
    let faults = error.into_iter().map(|error| {
        let (key, what) = explain(&error);
        Fault {
            source: origins.of(&key),
            key,
            what,
        }
    });
    ConfigError {
        faults: faults.collect(),
    }
}

fn explain(error: &figment::Error) -> (String, String) {
    let path = error.path.join(".");
    let below = |name: &str| {
        let separator = if path.is_empty() { "" } else { "." };
        format!("{path}{separator}{name}")
    };
    match &error.kind {
        Kind::UnknownField(name, known) => {
            let what = format!("there is no such setting; there are {}", known.join(", "));
            (if path.is_empty() { name.clone() } else { path }, what)
        }
        Kind::MissingField(name) => {
            let key = super::schema::first_required(&below(name));
            (key, "must be set".to_owned())
        }
        Kind::InvalidType(actual, expected) => {
            (path, format!("must be {expected}, not {}", kind_of(actual)))
        }
        Kind::InvalidValue(_, expected) => (path, format!("must be {expected}")),
        Kind::UnknownVariant(value, known) => {
            (path, format!("`{value}` is none of {}", known.join(", ")))
        }
        other => (path, other.to_string()),
    }
}

/// The kind of a value without the value, which may be a secret.
fn kind_of(actual: &Actual) -> &'static str {
    match actual {
        Actual::Bool(_) => "true or false",
        Actual::Unsigned(_) | Actual::Signed(_) | Actual::Float(_) => "a number",
        Actual::Char(_) | Actual::Str(_) | Actual::Bytes(_) => "a text",
        Actual::Seq => "a list",
        Actual::Map => "a section",
        _ => "this",
    }
}
