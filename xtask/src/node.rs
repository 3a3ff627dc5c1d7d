//! Node: its version, and the npm packages of the tests by their lock file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::apt::lock;
use crate::failure::{Doing, Failure, Outcome};
use crate::layout::node_tests;
use crate::steps::Steps;

/// The oldest Node whose test runner and standard modules the tests can use.
const OLDEST: u32 = 20;

/// The guide's journeys, FranceConnect's, and passkeys'.
const FAMILIES: [&str; 3] = [
    "guide.test.mjs",
    "franceconnect.test.mjs",
    "passkeys.test.mjs",
];

/// Fails on a Node that is too old, and installs the packages unless those of
/// this very lock file are there.
pub(crate) fn ensure_packages(steps: &mut Steps) -> Outcome<()> {
    check_version()?;
    let folder = node_tests();
    let lock_file = folder.join("package-lock.json");
    let _turn = lock(&lock_file, &steps.interrupts)?;
    let wanted = fs::read(&lock_file).doing(format!("read {}", lock_file.display()))?;
    let stamp = folder.join("node_modules/.installed-lock.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    steps.must("npm ci", npm_ci().current_dir(&folder))?;
    fs::write(&stamp, wanted).doing(format!("write {}", stamp.display()))
}

/// The browser tests that run on every store, by name.
pub(crate) fn test_files() -> Outcome<Vec<PathBuf>> {
    collect(&node_tests())
}

/// The browser tests that use the demo's own portal and inbox, by name.
pub(crate) fn demo_test_files() -> Outcome<Vec<PathBuf>> {
    collect(&node_tests().join("demo"))
}

/// Those of them that every store must pass: the journeys of families.
pub(crate) fn of_families(files: &[PathBuf]) -> Vec<PathBuf> {
    let is_of_families = |file: &&PathBuf| FAMILIES.iter().any(|name| file.ends_with(name));
    files.iter().filter(is_of_families).cloned().collect()
}

/// The browser tests of each page that the Rust tests rendered, by name.
pub(crate) fn gallery_test_files() -> Outcome<Vec<PathBuf>> {
    collect(&node_tests().join("gallery"))
}

fn check_version() -> Outcome<()> {
    let output = Command::new("node")
        .arg("--version")
        .output()
        .doing("run node --version")?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if major(&version).is_some_and(|major| major >= OLDEST) {
        return Ok(());
    }
    Err(Failure::Missing(format!(
        "the browser tests need Node {OLDEST} or newer; `node --version` answers {version:?}"
    )))
}

fn npm_ci() -> Command {
    let mut npm = Command::new("npm");
    // The packages are plain JavaScript: none needs to run a script to install.
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    npm
}

fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

fn collect(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let doing = || format!("read {}", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).doing(doing())? {
        let path = entry.doing(doing())?.path();
        if path.to_string_lossy().ends_with(".test.mjs") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("v8"), Some(8));
        assert_eq!(major("20.1.0"), None);
    }
}
