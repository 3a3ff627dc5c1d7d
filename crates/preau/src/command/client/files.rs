//! Registrations in files: TOML, JSON or YAML, by the file's extension.
//!
//! A file holds one registration, or several: a list in JSON and YAML, `[[client]]` in
//! TOML. Beside the members of [`Registration`] a registration may have a
//! `client_secret`, which is hashed and never kept.

use std::{
    fs,
    path::{Path, PathBuf},
};

use domain::{
    client::{ClientAuthMethod, Registration},
    secret::Secret,
};
use idp::registrar::SHORTEST_SECRET;
use serde_json::Value;

use crate::command::failure::Failure;

/// A registration as a file gives it.
pub(super) struct Described {
    pub(super) registration: Registration,
    pub(super) secret: Option<Secret>,
    /// The file.
    pub(super) place: String,
}

/// Reads and checks all registrations of these files and folders.
pub(super) fn read_all(paths: &[PathBuf]) -> Result<Vec<Described>, Failure> {
    let mut all = Vec::new();
    for file in files(paths)? {
        for document in documents(&file)? {
            let described = describe(document, &file);
            all.push(described.map_err(|fault| in_file(&file, fault))?);
        }
    }
    Ok(all)
}

/// The files themselves, and those of folders that have a known extension, by name.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let entries = fs::read_dir(path).map_err(|error| in_file(path, error))?;
        let mut found: Vec<PathBuf> = entries
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|file| Format::of(file).is_some() && file.is_file())
            .collect();
        found.sort();
        files.append(&mut found);
    }
    Ok(files)
}

#[derive(Clone, Copy)]
enum Format {
    Toml,
    Json,
    Yaml,
}

impl Format {
    fn of(file: &Path) -> Option<Self> {
        match file.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "toml" => Some(Self::Toml),
            "json" => Some(Self::Json),
            "yaml" | "yml" => Some(Self::Yaml),
            _ => None,
        }
    }

    fn parse(self, text: &str) -> Result<Value, String> {
        match self {
            Self::Toml => toml::from_str(text).map_err(|error| error.to_string()),
            Self::Json => serde_json::from_str(text).map_err(|error| error.to_string()),
            Self::Yaml => serde_saphyr::from_str(text).map_err(|error| error.to_string()),
        }
    }
}

fn documents(file: &Path) -> Result<Vec<Value>, Failure> {
    let format = Format::of(file)
        .ok_or_else(|| in_file(file, "the extension must be toml, json, yaml or yml"))?;
    let text = fs::read_to_string(file).map_err(|error| in_file(file, error))?;
    let document = format.parse(&text).map_err(|error| in_file(file, error))?;
    Ok(match document {
        Value::Array(several) => several,
        Value::Object(mut members) if members.len() == 1 && members.contains_key("client") => {
            match members.remove("client") {
                Some(Value::Array(several)) => several,
                one => one.into_iter().collect(),
            }
        }
        one => vec![one],
    })
}

fn describe(mut document: Value, file: &Path) -> Result<Described, String> {
    let secret = document
        .as_object_mut()
        .and_then(|members| members.remove("client_secret"));
    let registration: Registration =
        serde_json::from_value(document).map_err(|error| error.to_string())?;
    let id = &registration.client_id;
    let told = |fault: &dyn std::fmt::Display| format!("{id}: {fault}");
    registration.check().map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(|fault| told(fault)).collect();
        faults.join("\n")
    })?;
    let method = registration.token_endpoint_auth_method;
    let secret = secret
        .map(|secret| check_secret(&secret, method))
        .transpose()
        .map_err(|fault| told(&fault))?;
    Ok(Described {
        registration,
        secret,
        place: file.display().to_string(),
    })
}

fn check_secret(secret: &Value, method: ClientAuthMethod) -> Result<Secret, String> {
    if !method.has_secret() {
        return Err(format!(
            "client_secret: a client of {} has none",
            method.as_str()
        ));
    }
    let text = secret.as_str().unwrap_or_default();
    if text.len() < SHORTEST_SECRET {
        return Err(format!(
            "client_secret: a random text of {SHORTEST_SECRET} characters or more"
        ));
    }
    Ok(Secret::new(text))
}

fn in_file(file: &Path, fault: impl std::fmt::Display) -> Failure {
    Failure::Other(format!("{}: {fault}", file.display()))
}
