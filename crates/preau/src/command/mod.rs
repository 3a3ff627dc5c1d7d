//! The command line.

mod admin;
mod audit;
mod client;
mod config;
#[cfg(feature = "demo")]
mod demo;
mod directory;
mod failure;
mod keys;
mod migrate;
mod outbox;
mod place;
mod report;
mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::{failure::Failure, report::Report};

/// Préau: one account for a pupil's or a guardian's whole school life.
#[derive(Parser, Debug)]
#[command(name = "preau", version)]
#[command(after_help = "Status: 0 done, 1 failed, 2 wrong usage, 78 wrong configuration.")]
pub struct Arguments {
    /// Print the answer as JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Run the service
    Serve(serve::Arguments),
    /// Run the service with its demo people, a portal and an inbox
    #[cfg(feature = "demo")]
    Demo(demo::Arguments),
    /// Take the database's schema to this version's
    Migrate(migrate::Arguments),
    /// Check the configuration, or print what it may hold
    #[command(subcommand)]
    Config(config::Command),
    /// List, show, apply and delete registrations of relying parties
    Client(client::Arguments),
    /// List and rotate signing keys
    Keys(keys::Arguments),
    /// Make administrator accounts
    Admin(admin::Arguments),
    /// Import schools, people and links
    Directory(directory::Arguments),
    /// See which messages wait, and which were given up
    Outbox(outbox::Arguments),
    /// Verify, search, export and prune the audit trail
    Audit(audit::Arguments),
}

/// Carries the command out; the status to end with.
pub fn run(arguments: Arguments) -> ExitCode {
    let json = arguments.json;
    match carry_out(arguments.command) {
        Ok(report) => report.print(json),
        Err(failure) => failure.print(json),
    }
}

fn carry_out(command: Command) -> Result<Report, Failure> {
    match command {
        Command::Serve(arguments) => serve::run(&arguments),
        #[cfg(feature = "demo")]
        Command::Demo(arguments) => demo::run(arguments),
        Command::Migrate(arguments) => briefly(migrate::run(&arguments)),
        Command::Config(command) => config::run(command),
        Command::Client(arguments) => briefly(client::run(&arguments)),
        Command::Keys(arguments) => briefly(keys::run(&arguments)),
        Command::Admin(arguments) => briefly(admin::run(&arguments)),
        Command::Directory(arguments) => briefly(directory::run(&arguments)),
        Command::Outbox(arguments) => briefly(outbox::run(&arguments)),
        Command::Audit(arguments) => briefly(audit::run(&arguments)),
    }
}

/// Runs a short command on one thread.
fn briefly(command: impl Future<Output = Result<Report, Failure>>) -> Result<Report, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.map_err(Failure::other)?.block_on(command)
}
