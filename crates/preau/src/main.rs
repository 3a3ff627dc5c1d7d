//! The binary: reads its arguments and ends with the status that [`command::run`] tells.

use std::process::ExitCode;

use clap::Parser;
use preau::command::{self, Arguments};

fn main() -> ExitCode {
    command::run(Arguments::parse())
}
