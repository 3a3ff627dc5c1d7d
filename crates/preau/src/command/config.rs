//! `preau config`.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;

use super::{failure::Failure, place::Place, report::Report};
use crate::config::{Config, documentation, schema};

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Check the configuration as `serve` does, without starting
    Check(Place),
    /// Print the JSON Schema of the configuration file
    Schema,
    /// Print the documentation of all settings
    Docs {
        /// Instead compare it with this file: status 1 where they differ
        #[arg(long, value_name = "FILE")]
        check: Option<PathBuf>,
    },
}

pub(super) fn run(command: Command) -> Result<Report, Failure> {
    match command {
        Command::Check(place) => check(&place),
        Command::Schema => Ok(Report::new(format!("{:#}", schema()), schema().clone())),
        Command::Docs { check: None } => {
            let text = documentation();
            Ok(Report::new(text.trim_end(), json!({"markdown": text})))
        }
        Command::Docs { check: Some(file) } => compare(&file),
    }
}

fn check(place: &Place) -> Result<Report, Failure> {
    let config = Config::load(&place.sources())?;
    let issuer = &config.server.issuer;
    let text = format!("the configuration of {issuer} is sound");
    Ok(Report::new(text, json!({"issuer": issuer, "faults": []})))
}

fn compare(file: &std::path::Path) -> Result<Report, Failure> {
    let name = file.display();
    let found = std::fs::read_to_string(file)
        .map_err(|error| Failure::Other(format!("{name}: {error}")))?;
    if found == documentation() {
        return Ok(Report::new(
            format!("{name} is current"),
            json!({"current": true}),
        ));
    }
    let what = format!(
        "{name} is not what the code says: write it anew with `preau config docs > {name}`"
    );
    Err(Failure::Other(what))
}
