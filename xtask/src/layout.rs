//! Where things are in this repository, and the cargo that builds it.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The repository's folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask stands in the repository's folder")
}

/// The folder that cargo builds in, whichever way it was told.
pub(crate) fn target() -> PathBuf {
    // Cargo put this very program at TARGET/PROFILE/xtask.
    env::current_exe()
        .ok()
        .as_deref()
        .and_then(|program| program.ancestors().nth(2))
        .map_or_else(|| root().join("target"), Path::to_path_buf)
}

/// Where the npm packages of the tests are described.
pub(crate) fn node_tests() -> PathBuf {
    root().join("tests/node")
}

/// A cargo command in the repository's folder, building where we were built.
pub(crate) fn cargo<const N: usize>(arguments: [&str; N]) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // What cargo told us of our own package must not reach the build: build scripts that watch
    // it (ring's does) would run anew whenever somebody changes between this and plain cargo.
    let told = env::vars_os().map(|(name, _)| name);
    for name in told.filter(|name| is_of_our_package(name)) {
        cargo.env_remove(name);
    }
    // A relative CARGO_TARGET_DIR would mean another folder from the repository's root.
    cargo
        .args(arguments)
        .current_dir(root())
        .env("CARGO_TARGET_DIR", target());
    cargo
}

/// Whether cargo set this variable for the package that it runs.
fn is_of_our_package(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
}

/// The program of that name that a shell would start, if any.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    // A person's PATH need not hold the folders of servers.
    env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/sbin".into()])
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
}
