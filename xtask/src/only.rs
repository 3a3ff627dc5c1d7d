//! Runs the tests of one package out of a build of the whole workspace.
//!
//! `cargo test --package` would choose other features for the dependencies and
//! build half of them again; so cargo tests the workspace, and hands each test
//! program to us, who start those of one package.

use std::env;
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::failure::{Doing, Failure, Outcome};

/// The command by which cargo hands us a test program.
pub(crate) const COMMAND: &str = "only";

/// What to tell `cargo test --workspace`, so that only `package` is tested.
pub(crate) fn arguments(package: &str) -> Outcome<[String; 2]> {
    let program = env::current_exe().doing("find this program")?;
    // A path in quotes, escaped, is a string of TOML too.
    let program = format!("{}", program.display());
    let runner = format!("[{program:?}, {COMMAND:?}, {package:?}]");
    Ok([
        "--config".to_owned(),
        format!("target.'cfg(all())'.runner={runner}"),
    ])
}

/// Becomes the test program if cargo says that it is of the package; else
/// there is nothing to test, which is no failure.
pub(crate) fn run(arguments: &[String]) -> Outcome<()> {
    let [package, program, rest @ ..] = arguments else {
        return Err(Failure::Usage(format!(
            "{COMMAND} takes a package and a program"
        )));
    };
    if env::var("CARGO_PKG_NAME").is_ok_and(|tested| tested == *package) {
        return Err(Command::new(program).args(rest).exec()).doing(format!("start {program}"));
    }
    Ok(())
}
