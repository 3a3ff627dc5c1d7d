//! The bench: the load generator, and in the same run every ceiling that a figure is
//! held against (docs/PERFORMANCE.md).
//!
//! Nothing here asserts a time: shared cores would make it fail for nothing. It ends
//! with 1 only where something could not be measured.

mod beside;
mod browser;
mod ceilings;
mod empty_route;
mod enumeration;
mod fault;
mod growth;
mod load;
mod measured;
mod peer;
mod people;
mod process;
mod provider;
mod registrations;
mod report;
mod run;
mod series;
mod start;
mod suite;
mod upstream;
mod wire;
mod works;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Measures Préau beside what the machine allows, and beside a peer.
#[derive(Parser, Debug)]
struct Arguments {
    /// Leaves out the store of a million people
    #[arg(long)]
    quick: bool,
    /// Leaves out stores of other sizes altogether
    #[arg(long)]
    no_growth: bool,
    /// Rounds; access tokens live for ten minutes, and so must all rounds
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=9))]
    rounds: u8,
    /// Seconds that each figure of a round is measured for
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=5))]
    seconds: u8,
    /// Only these journeys, with what they are held against
    #[arg(long, value_delimiter = ',')]
    only: Vec<measured::Journey>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Measures whether people can be told apart by the time of an answer, and nothing else
    Enumeration,
    /// Serves an axum route that does nothing: the ceiling of every answer
    #[command(hide = true)]
    EmptyRoute {
        /// Where to listen on loopback
        port: u16,
    },
    /// Serves upstreams that answer at once, or after ten seconds
    #[command(hide = true)]
    Upstream {
        /// Where to listen on loopback
        port: u16,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let only_enumeration = matches!(arguments.command, Some(Command::Enumeration));
    if let Some(served) = arguments.command.as_ref().and_then(serve) {
        return match served {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error),
        };
    }
    // One thread: the server keeps a core, and on two cores none waits for a third.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    if only_enumeration {
        return match runtime.map(|runtime| runtime.block_on(run::enumeration())) {
            Ok(Ok(())) => ExitCode::SUCCESS,
            Ok(Err(fault)) => failed(&fault),
            Err(error) => failed(&error),
        };
    }
    let plan = run::Plan {
        rounds: usize::from(arguments.rounds),
        seconds: u64::from(arguments.seconds),
        sizes: match (arguments.no_growth, arguments.quick) {
            (true, _) => &[],
            (false, true) => &[50_000],
            (false, false) => &[50_000, 1_000_000],
        },
        enumeration: arguments.only.is_empty(),
        only: arguments.only,
    };
    match runtime.map(|runtime| runtime.block_on(run::run(&plan))) {
        Ok(Ok(true)) => ExitCode::SUCCESS,
        Ok(Ok(false)) => ExitCode::FAILURE,
        Ok(Err(fault)) => failed(&fault),
        Err(error) => failed(&error),
    }
}

/// What a process of the bench's own serves, if it is one.
fn serve(command: &Command) -> Option<std::io::Result<()>> {
    match command {
        Command::EmptyRoute { port } => Some(empty_route::serve(*port)),
        Command::Upstream { port } => Some(upstream::serve(*port)),
        Command::Enumeration => None,
    }
}

fn failed(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("bench: {error}");
    ExitCode::FAILURE
}
