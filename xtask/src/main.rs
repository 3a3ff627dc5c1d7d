//! The tasks of this repository: `cargo xtask demo`, `test`, `bench`, `ci`.
//!
//! It owns the way from a bare machine to a run: what must be installed, which
//! servers must be up, which commands follow each other. It knows nothing of
//! the crates it builds, and depends on nothing that needs a C compiler, so
//! that it can install what they need.

mod account;
mod apt;
mod commands;
mod failure;
mod guard;
mod interrupts;
mod layout;
mod needs;
mod node;
mod only;
mod postgres;
mod redis;
mod schemathesis;
mod scratch;
mod servers;
mod setup;
mod steps;
mod tally;

use std::process::ExitCode;

use failure::{Failure, Outcome};

const USAGE: &str = "\
Usage: cargo xtask <command>

  demo  [-- ARGUMENTS]  set up, build for release, and become `preau demo ARGUMENTS`
  test  [FILTER…]       set up and run every test; with a filter, the Rust tests that match
  bench [-- ARGUMENTS]  set up, build for release, and run the load generator
  ci                    formatting, lints, generated documents, then `test`
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    match run(&command, rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Told(status)) => ExitCode::from(status),
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::from(failure.status())
        }
    }
}

fn run(command: &str, rest: Vec<String>) -> Outcome<()> {
    match command {
        "demo" => commands::demo(&without_separator(rest)),
        "test" => commands::test(&without_separator(rest)),
        "bench" => commands::bench(&without_separator(rest)),
        "ci" => commands::ci(),
        guard::COMMAND => {
            guard::stand();
            Ok(())
        }
        only::COMMAND => only::run(&rest),
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(())
        }
        "" => Err(Failure::Usage(USAGE.to_owned())),
        unknown => Err(Failure::Usage(format!("no command {unknown:?}\n\n{USAGE}"))),
    }
}

/// `cargo xtask demo -- --port 9000` hands us the `--` as well.
fn without_separator(mut arguments: Vec<String>) -> Vec<String> {
    if arguments.first().is_some_and(|first| first == "--") {
        arguments.remove(0);
    }
    arguments
}
