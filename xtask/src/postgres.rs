//! A PostgreSQL cluster made for one run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::sys::signal::Signal;

use crate::account::Account;
use crate::failure::{Doing, Failure, Outcome};
use crate::needs::postgres_programs;
use crate::scratch;
use crate::servers::{Durability, Launch, launch, spawn_logged};
use crate::steps::Steps;

const LOOPBACK: &str = "127.0.0.1";

/// Makes and starts a cluster; gives the address of its first database, with a
/// role that may create others.
pub(crate) fn start(steps: &mut Steps, durability: Durability) -> Outcome<String> {
    let programs = postgres_programs()
        .ok_or_else(|| Failure::Missing("no initdb of PostgreSQL on this machine".into()))?;
    let account = Account::of_package("postgres")?;
    let folder = scratch::folder_of(&account, &mut steps.guard)?;
    let log = folder.join("log");
    let cluster = Cluster {
        programs,
        account,
        folder,
        log,
        durability,
    };
    let password = scratch::password()?;
    cluster.initialise(&password)?;
    let port = launch(steps, &cluster)?;
    Ok(format!(
        "postgres://preau:{password}@{LOOPBACK}:{port}/postgres"
    ))
}

#[derive(Debug)]
struct Cluster {
    programs: PathBuf,
    account: Account,
    folder: PathBuf,
    log: PathBuf,
    durability: Durability,
}

impl Cluster {
    fn initialise(&self, password: &str) -> Outcome<()> {
        let password_file = self.folder.join("password");
        fs::write(&password_file, password)
            .and_then(|()| self.account.own(&password_file))
            .doing(format!("write {}", password_file.display()))?;
        let output = self
            .program("initdb")
            .args([
                "--username=preau",
                "--auth=scram-sha-256",
                "--pwfile=password",
            ])
            .args([
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
                "--pgdata=data",
            ])
            .stdin(Stdio::null())
            .output()
            .doing("run initdb")?;
        if output.status.success() {
            return Ok(());
        }
        let words = String::from_utf8_lossy(&output.stderr)
            .trim_end()
            .to_owned();
        Err(Failure::Tool(format!("initdb failed:\n{words}")))
    }

    fn settings(&self, port: u16) -> Vec<String> {
        let mut settings = vec![
            format!("port={port}"),
            format!("listen_addresses={LOOPBACK}"),
            "unix_socket_directories=".to_owned(),
            "max_connections=300".to_owned(),
        ];
        if self.durability == Durability::Fleeting {
            settings.extend(["fsync=off".to_owned(), "full_page_writes=off".to_owned()]);
        }
        settings
    }

    fn program(&self, name: &str) -> Command {
        self.account
            .command(&self.programs.join(name), &self.folder)
    }

    fn pid_file(&self) -> PathBuf {
        self.folder.join("data/postmaster.pid")
    }
}

impl Launch for Cluster {
    const NAME: &'static str = "PostgreSQL";
    // « Fast shutdown »: sessions are ended, none is waited for.
    const STOP: Signal = Signal::SIGINT;

    fn spawn(&self, port: u16) -> Outcome<Child> {
        let mut command = self.program("postgres");
        command.args(["-D", "data"]).stdin(Stdio::null());
        for setting in self.settings(port) {
            command.args(["-c", &setting]);
        }
        spawn_logged(&mut command, &self.log, Self::NAME)
    }

    fn is_ready(&self, _port: u16) -> bool {
        // The eighth line is the server's state, which pg_ctl waits for too.
        fs::read_to_string(self.pid_file()).is_ok_and(|text| {
            text.lines()
                .nth(7)
                .is_some_and(|state| state.trim() == "ready")
        })
    }

    fn log(&self) -> &Path {
        &self.log
    }
}
