//! What a machine must have, and how to see whether it has it.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::layout::find_program;

/// One thing that the machine must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// The cryptography of the build is partly C.
    CCompiler,
    /// By it the build finds OpenSSL.
    PkgConfig,
    /// josekit signs with it.
    OpenSsl,
    /// The second database of the tests.
    Postgres,
    /// The shared ephemeral store of the tests.
    Redis,
    /// The browser of the tests.
    Chromium,
    /// Runs the browser tests.
    Node,
    /// Installs their packages.
    Npm,
    /// Runs schemathesis, in an environment of its own.
    PythonEnvironments,
}

impl Need {
    /// What every build needs.
    pub(crate) const BUILD: &[Self] = &[Self::CCompiler, Self::PkgConfig, Self::OpenSsl];
    /// What the bench needs beside a build.
    pub(crate) const BENCH: &[Self] = &[Self::Postgres, Self::Redis, Self::Node, Self::Npm];
    /// What the tests need beside a build.
    pub(crate) const TEST: &[Self] = &[
        Self::Postgres,
        Self::Redis,
        Self::Chromium,
        Self::Node,
        Self::Npm,
        Self::PythonEnvironments,
    ];

    /// The words for people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::CCompiler => "a C compiler",
            Self::PkgConfig => "pkg-config",
            Self::OpenSsl => "OpenSSL's headers",
            Self::Postgres => "PostgreSQL's server",
            Self::Redis => "Redis's server",
            Self::Chromium => "Chromium",
            Self::Node => "Node",
            Self::Npm => "npm",
            Self::PythonEnvironments => "Python with venv and pip",
        }
    }

    /// The Debian packages that bring it.
    pub(crate) fn packages(self) -> &'static [&'static str] {
        match self {
            Self::CCompiler => &["gcc", "libc6-dev"],
            Self::PkgConfig => &["pkg-config"],
            Self::OpenSsl => &["libssl-dev"],
            Self::Postgres => &["postgresql"],
            Self::Redis => &["redis-server"],
            Self::Chromium => &["chromium"],
            Self::Node => &["nodejs"],
            Self::Npm => &["npm"],
            Self::PythonEnvironments => &["python3-venv"],
        }
    }

    /// Whether this machine has it, whoever put it there.
    pub(crate) fn is_met(self) -> bool {
        match self {
            Self::CCompiler => env::var_os("CC").is_some() || find_program("cc").is_some(),
            Self::PkgConfig => named_openssl() || find_program("pkg-config").is_some(),
            Self::OpenSsl => named_openssl() || pkg_config_knows("openssl"),
            Self::Postgres => postgres_programs().is_some(),
            Self::Redis => find_program("redis-server").is_some(),
            Self::Chromium => chromium().is_some(),
            Self::Node => find_program("node").is_some(),
            Self::Npm => find_program("npm").is_some(),
            Self::PythonEnvironments => python_has_environments(),
        }
    }
}

/// The browser: the one that `PREAU_TEST_CHROMIUM` names, else the system's.
pub(crate) fn chromium() -> Option<PathBuf> {
    env::var_os("PREAU_TEST_CHROMIUM")
        .map(PathBuf::from)
        .or_else(|| {
            [
                "chromium",
                "chromium-browser",
                "google-chrome-stable",
                "google-chrome",
            ]
            .iter()
            .find_map(|name| find_program(name))
        })
}

/// The folder of initdb and postgres: the newest that Debian's packages
/// installed (they stay out of PATH), else the one in PATH.
pub(crate) fn postgres_programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let newest = versions
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(_, folder)| folder.join("initdb").is_file() && folder.join("postgres").is_file())
        .max();
    newest.map(|(_, folder)| folder).or_else(|| {
        let initdb = find_program("initdb")?.canonicalize().ok()?;
        initdb.parent().map(PathBuf::from)
    })
}

/// `OPENSSL_DIR` tells the build where OpenSSL is, without pkg-config.
fn named_openssl() -> bool {
    env::var_os("OPENSSL_DIR").is_some()
}

/// Debian takes the part that makes environments out of its package of Python.
fn python_has_environments() -> bool {
    Command::new("python3")
        .args(["-c", "import venv, ensurepip"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn pkg_config_knows(library: &str) -> bool {
    Command::new("pkg-config")
        .args(["--exists", library])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
