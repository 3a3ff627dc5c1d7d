//! schemathesis: asks the API whatever its own document allows, from a Python environment
//! of its own under target/.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::apt::lock;
use crate::failure::{Doing, Outcome};
use crate::layout::{root, target};
use crate::steps::Steps;

/// Installs the packages by their list, unless those of this very list are there.
pub(crate) fn ensure_packages(steps: &mut Steps) -> Outcome<()> {
    let wanted_file = folder().join("requirements.txt");
    let _turn = lock(&wanted_file, &steps.interrupts)?;
    let wanted = fs::read(&wanted_file).doing(format!("read {}", wanted_file.display()))?;
    let stamp = environment().join("installed.txt");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let mut make = Command::new("python3");
    make.args(["-m", "venv", "--clear"]).arg(environment());
    steps.must("python3 -m venv", &mut make)?;
    let mut install = Command::new(environment().join("bin/pip"));
    install
        .args([
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
        ])
        .arg("--requirement")
        .arg(&wanted_file);
    steps.must("pip install", &mut install)?;
    fs::write(&stamp, wanted).doing(format!("write {}", stamp.display()))
}

/// The tests, which start a service on a store of their own.
pub(crate) fn command() -> Command {
    let mut pytest = Command::new(environment().join("bin/python"));
    pytest
        .args(["-m", "pytest", "-p", "no:cacheprovider", "--tb=short", "-q"])
        .current_dir(folder())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env(
            "HYPOTHESIS_STORAGE_DIRECTORY",
            environment().join("hypothesis"),
        )
        .env("PREAU_BIN", target().join("debug/preau"));
    pytest
}

fn folder() -> PathBuf {
    root().join("tests/schemathesis")
}

fn environment() -> PathBuf {
    target().join("schemathesis")
}
