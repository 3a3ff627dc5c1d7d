//! `preau audit verify`, `keys` and `rotate-key`.

use std::{fs, path::PathBuf};

use clap::Args;
use serde_json::json;
use store::audit::{
    AuditKeys, Noted,
    verification::{Verified, verify},
};

use crate::command::{failure::Failure, place::Opened, report::Report};

#[derive(Args, Debug)]
pub(super) struct Verify {
    /// A JWK set that `preau audit keys` printed before: then no key of the database is
    /// believed
    #[arg(long, value_name = "FILE")]
    public_keys: Option<PathBuf>,
    /// An end of the chain that `verify` printed before and you kept elsewhere: the chain
    /// must still come to it. May be given several times
    #[arg(long, value_name = "PLACE:SEAL")]
    expect: Vec<Noted>,
}

pub(super) async fn run(opened: &Opened, arguments: &Verify) -> Result<Report, Failure> {
    let keys = match &arguments.public_keys {
        None => AuditKeys::find(opened.database.reader(), &opened.vault).await?,
        Some(file) => {
            let told = |error: &dyn std::fmt::Display| {
                Failure::Other(format!("{}: {error}", file.display()))
            };
            let text = fs::read(file).map_err(|error| told(&error))?;
            let set = serde_json::from_slice(&text).map_err(|error| told(&error))?;
            AuditKeys::from_public(&set).map_err(|error| told(&error))?
        }
    };
    let verified = verify(&opened.database, &keys, &arguments.expect).await?;
    let is_broken = verified.broken.is_some();
    Ok(Report::new(text(&verified), json!(verified)).failed_if(is_broken))
}

pub(super) fn text(verified: &Verified) -> String {
    let Verified {
        sealed,
        pending,
        pruned,
        erased,
        days,
        sequence,
        hash,
        beyond_comparing,
        broken,
    } = verified;
    let outcome = match (broken, beyond_comparing) {
        (Some(broken), _) => format!("BROKEN: {broken}"),
        (None, 0) => "the trail is whole".to_owned(),
        (None, pruned) => {
            format!("the trail is whole; {pruned} expected ends were pruned and cannot be compared")
        }
    };
    format!(
        "sealed {sealed}, pending {pending}, pruned {pruned}, erased {erased}, \
         signed days {days}\nend {sequence}:{hash}\n{outcome}"
    )
}

pub(super) async fn keys(opened: &Opened) -> Result<Report, Failure> {
    let keys = AuditKeys::find(opened.database.reader(), &opened.vault).await?;
    Ok(printed(&keys))
}

pub(super) async fn rotate(opened: &Opened) -> Result<Report, Failure> {
    let keys = AuditKeys::rotate(&opened.database, &opened.vault, &opened.ambient).await?;
    Ok(printed(&keys))
}

fn printed(keys: &AuditKeys) -> Report {
    let set = keys.public();
    Report::new(format!("{set:#}"), set)
}
