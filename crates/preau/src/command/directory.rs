//! `preau directory`.

use std::{fs::File, io::BufReader, path::PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use domain::{audit::Actor, secret::Secret, totp::TotpKey};
use serde_json::json;
use store::directory::{self, Counts, Document, Options};

use super::{
    failure::Failure,
    place::{Opened, Place},
    report::Report,
};
use crate::node::demo_secrets;

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Import a file; the same file again changes nothing
    #[command(
        after_help = "Refused entries are listed, all others are imported: then the status is 1."
    )]
    Import {
        /// The file's format
        #[arg(long)]
        format: Format,
        /// Tell what would be done, and do nothing
        #[arg(long)]
        dry_run: bool,
        /// The file
        file: PathBuf,
    },
}

#[derive(ValueEnum, Clone, Copy, Debug)]
enum Format {
    /// Préau's own JSON
    Preau,
}

pub(super) async fn run(arguments: &Arguments) -> Result<Report, Failure> {
    let Command::Import {
        format: Format::Preau,
        dry_run,
        file,
    } = &arguments.command;
    let in_file =
        |fault: &dyn std::fmt::Display| Failure::Other(format!("{}: {fault}", file.display()));
    let reader = BufReader::new(File::open(file).map_err(|error| in_file(&error))?);
    let document = Document::read(reader).map_err(|error| in_file(&error))?;
    let known_key = (!arguments.place.is_of_demo()).then(demo_secrets::authenticator);
    let opened = arguments.place.open().await?;
    import(&opened, document, known_key.as_ref(), *dry_run).await
}

async fn import(
    opened: &Opened,
    document: Document,
    known_key: Option<&TotpKey>,
    dry_run: bool,
) -> Result<Report, Failure> {
    let ambient = &opened.ambient;
    let settings = &opened.config.passwords;
    let hash = |password: &Secret| {
        idp::passwords::hash(settings, ambient, password)
            .expect("the parameters were checked when the configuration was read")
    };
    let options = Options {
        dry_run,
        actor: Actor::Operator,
        hash: &hash,
        issuer_of: &|name| Some(opened.config.upstream.get(name)?.issuer.clone()),
        vault: &opened.vault,
        known_key,
    };
    let report = directory::import(&opened.database, ambient, document, options).await?;
    let refused = !report.refusals.is_empty();
    Ok(Report::new(text(&report), json!(report)).failed_if(refused))
}

fn text(report: &directory::Report) -> String {
    let counts = [
        ("schools", report.schools),
        ("people", report.people),
        ("records", report.records),
        ("links", report.links),
    ];
    let verb = if report.dry_run { "would be " } else { "" };
    let mut lines: Vec<String> = counts
        .map(|(list, counts)| {
            let Counts {
                created,
                updated,
                unchanged,
            } = counts;
            format!("{list}: {verb}{created} created, {updated} updated, {unchanged} unchanged")
        })
        .into();
    lines.extend(
        report
            .refusals
            .iter()
            .map(|refusal| format!("refused: {refusal}")),
    );
    lines.extend(
        report
            .left_out
            .iter()
            .map(|member| format!("left out: {member}")),
    );
    lines.join("\n")
}
