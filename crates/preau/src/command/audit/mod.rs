//! `preau audit`.

mod keeping;
mod looking;
mod verifying;

use clap::{Args, Subcommand};

use super::{failure::Failure, place::Place, report::Report};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Read the whole trail; the status is 1 where it is broken, and the first place is told
    Verify(verifying::Verify),
    /// Print the public keys that verify the heads of days, as a JWK set
    Keys,
    /// Make another key, which signs heads from now on
    RotateKey,
    /// Look for events, the newest first
    #[command(after_help = "A search is itself written to the trail.")]
    Search(looking::Search),
    /// Write events as JSON Lines, the oldest first; without a filter also the heads of days
    #[command(after_help = "An export is itself written to the trail.")]
    Export(looking::Export),
    /// Remove whole days past `audit.retention_days`; their signed heads stay
    #[command(
        after_help = "Connects as `audit.keeper_url` says, and refuses where the trail is broken. What is personal of events past `audit.personal_days` is erased as well."
    )]
    Prune,
    /// Erase what is personal of the events of an account; the chain stays whole
    Erase(keeping::Erase),
}

pub(super) async fn run(arguments: &Arguments) -> Result<Report, Failure> {
    let opened = arguments.place.open().await?;
    match &arguments.command {
        Command::Verify(verify) => verifying::run(&opened, verify).await,
        Command::Keys => verifying::keys(&opened).await,
        Command::RotateKey => verifying::rotate(&opened).await,
        Command::Search(search) => looking::search(&opened, search).await,
        Command::Export(export) => looking::export(&opened, export).await,
        Command::Prune => keeping::prune(&opened).await,
        Command::Erase(erase) => keeping::erase(&opened, erase).await,
    }
}
