//! The commands of xtask, each a list of steps.

use std::env;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::{Doing, Failure, Outcome};
use crate::layout::{cargo, node_tests, root, target};
use crate::needs::{Need, chromium};
use crate::node;
use crate::only;
use crate::schemathesis;
use crate::scratch;
use crate::servers::{Durability, Servers};
use crate::setup;
use crate::steps::Steps;

const CONFIGURATION_PAGE: &str = "docs/CONFIGURATION.md";

/// Names the folder where the Rust tests write the pages that they render, for the
/// browser tests to look at.
const GALLERY: &str = "PREAU_GALLERY";

/// All packages but this one. Chosen together with it, they would get its
/// features of the dependencies they share, and a later `cargo build -p preau`
/// would begin anew.
const PRODUCT: [&str; 3] = ["--workspace", "--exclude", "xtask"];

/// Builds for release, then becomes `preau demo`, so that signals reach it.
pub(crate) fn demo(arguments: &[String]) -> Outcome<()> {
    let mut steps = Steps::new()?;
    setup::ensure(&mut steps, Need::BUILD)?;
    steps.must(
        "cargo build --release -p preau",
        &mut cargo(["build", "--release", "--package", "preau"]),
    )?;
    drop(steps);
    let program = target().join("release/preau");
    let error = Command::new(&program).arg("demo").args(arguments).exec();
    Err(cannot_start(&program, error))
}

/// Every test; with filters, the Rust tests whose names hold one of them.
pub(crate) fn test(filters: &[String]) -> Outcome<()> {
    summed_up(|steps| {
        build_tests(steps)?;
        run_tests(steps, filters)
    })
}

/// The load generator, on a release build and servers as in production.
pub(crate) fn bench(arguments: &[String]) -> Outcome<()> {
    summed_up(|steps| {
        setup::ensure(steps, &[Need::BUILD, Need::BENCH].concat())?;
        node::ensure_packages(steps)?;
        steps.must(
            "build preau and bench",
            &mut cargo([
                "build",
                "--release",
                "--package",
                "preau",
                "--package",
                "bench",
            ]),
        )?;
        let servers = Servers::start(steps, Durability::Durable)?;
        let mut bench = Command::new(target().join("release/bench"));
        bench
            .args(arguments)
            .current_dir(root())
            .env("PREAU_BIN", target().join("release/preau"));
        steps.must("bench", servers.tell(&mut bench))
    })
}

/// What a change must pass: formatting, lints, generated documents, tests.
pub(crate) fn ci() -> Outcome<()> {
    summed_up(|steps| {
        setup::ensure(steps, Need::BUILD)?;
        steps.run("cargo fmt", &mut cargo(["fmt", "--all", "--check"]))?;
        steps.run("cargo clippy", &mut clippy(&PRODUCT))?;
        steps.run(
            "cargo clippy -p xtask",
            &mut clippy(&["--package", "xtask"]),
        )?;
        build_tests(steps)?;
        check_generated_documents(steps)?;
        run_tests(steps, &[])
    })
}

/// Prints the summary however the steps ended, then stops what they started.
fn summed_up(work: impl FnOnce(&mut Steps) -> Outcome<()>) -> Outcome<()> {
    let mut steps = Steps::new()?;
    let outcome = work(&mut steps);
    let outcome = outcome.and_then(|()| steps.verdict()).map_err(|failure| {
        eprintln!("xtask: {failure}");
        Failure::Told(failure.status())
    });
    steps.print_summary();
    outcome
}

fn clippy(packages: &[&str]) -> Command {
    let mut clippy = cargo(["clippy", "--all-targets", "--quiet"]);
    clippy.args(packages).args(["--", "--deny", "warnings"]);
    clippy
}

fn build_tests(steps: &mut Steps) -> Outcome<()> {
    setup::ensure(steps, &[Need::BUILD, Need::TEST].concat())?;
    node::ensure_packages(steps)?;
    schemathesis::ensure_packages(steps)?;
    steps.must(
        "build the tests and preau",
        cargo(["build", "--bins", "--tests"]).args(PRODUCT),
    )
}

fn run_tests(steps: &mut Steps, filters: &[String]) -> Outcome<()> {
    let servers = Servers::start(steps, Durability::Fleeting)?;
    let mut own = cargo(["test", "--package", "xtask"]);
    steps.count(
        "cargo test -p xtask",
        test_command(&mut own, &servers, Store::Sqlite, filters),
    )?;
    let gallery = scratch::new_folder(&env::temp_dir()).doing("make a folder for the gallery")?;
    steps.guard.remove_at_end(&gallery)?;
    let mut all = cargo(["test"]);
    all.args(PRODUCT).env(GALLERY, &gallery);
    steps.count(
        "cargo test",
        test_command(&mut all, &servers, Store::Sqlite, filters),
    )?;
    let mut http = cargo(["test", "--lib", "--bins", "--tests"]);
    http.args(PRODUCT).args(only::arguments("tests")?);
    steps.count(
        "cargo test of package tests, PostgreSQL and Redis",
        test_command(&mut http, &servers, Store::Postgres, filters),
    )?;
    if filters.is_empty() {
        steps.count("schemathesis, SQLite", &mut schemathesis::command())?;
        run_browser_tests(steps, &servers, &gallery)
    } else {
        Ok(())
    }
}

fn run_browser_tests(steps: &mut Steps, servers: &Servers, gallery: &Path) -> Outcome<()> {
    let everywhere = node::test_files()?;
    if everywhere.is_empty() {
        println!("no *.test.mjs under {}", node_tests().display());
        return Ok(());
    }
    let of_demo = node::demo_test_files()?;
    let of_families = node::of_families(&of_demo);
    let of_gallery = node::gallery_test_files()?;
    // What stands in the gallery is the same on every store.
    let runs = [
        (
            Store::Sqlite,
            [&everywhere[..], &of_demo, &of_gallery].concat(),
        ),
        (Store::Postgres, [everywhere, of_families].concat()),
    ];
    for (store, files) in runs {
        let mut command = node_test(&files, store);
        command.env(GALLERY, gallery);
        steps.count(
            &format!("node --test, {}", store.name()),
            servers.tell(&mut command),
        )?;
    }
    Ok(())
}

/// Which store the tests that start a whole provider put under it.
#[derive(Clone, Copy, Debug)]
enum Store {
    Sqlite,
    Postgres,
}

impl Store {
    fn variable(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL and Redis",
        }
    }
}

fn test_command<'command>(
    command: &'command mut Command,
    servers: &Servers,
    store: Store,
    filters: &[String],
) -> &'command mut Command {
    command.arg("--no-fail-fast");
    // Whoever filters wants to see names; of everything, the failures are enough.
    if filters.is_empty() {
        command.arg("--quiet");
    }
    command.arg("--").args(filters);
    tell_browser(servers.tell(command))
        .env("PREAU_BIN", target().join("debug/preau"))
        .env("PREAU_TEST_STORE", store.variable())
}

fn node_test(files: &[PathBuf], store: Store) -> Command {
    let mut command = Command::new("node");
    command
        // Whatever a failed set-up left open would keep its file from ever ending. A file waits
        // for its browser and its provider most of the time: two at once fill two cores.
        .args(["--test", "--test-force-exit", "--test-reporter=spec"])
        .arg("--test-concurrency=2")
        .args(files)
        .current_dir(node_tests())
        .env("PREAU_BIN", target().join("debug/preau"))
        .env("PREAU_TEST_STORE", store.variable());
    tell_browser(&mut command);
    command
}

fn tell_browser(command: &mut Command) -> &mut Command {
    if let Some(chromium) = chromium() {
        command.env("PREAU_TEST_CHROMIUM", chromium);
    }
    command
}

/// The pages under docs/ that the program writes must be those it would write
/// now. A program that cannot write one yet is not asked.
fn check_generated_documents(steps: &mut Steps) -> Outcome<()> {
    let program = target().join("debug/preau");
    if !can_write_documents(&program) {
        return Ok(());
    }
    let mut check = Command::new(&program);
    check
        .args(["config", "docs", "--check", CONFIGURATION_PAGE])
        .current_dir(root());
    steps.run("generated documents", &mut check).map(drop)
}

fn can_write_documents(program: &Path) -> bool {
    Command::new(program)
        .args(["config", "docs", "--help"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn cannot_start(program: &Path, error: io::Error) -> Failure {
    Failure::System {
        doing: format!("start {}", program.display()),
        error,
    }
}
