//! A Redis server for one run, which keeps nothing.

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::account::Account;
use crate::failure::{Doing, Failure, Outcome};
use crate::layout::find_program;
use crate::scratch;
use crate::servers::{Launch, launch, spawn_logged};
use crate::steps::Steps;

/// Starts a server and gives its address.
pub(crate) fn start(steps: &mut Steps) -> Outcome<String> {
    let program = find_program("redis-server")
        .ok_or_else(|| Failure::Missing("no redis-server on this machine".into()))?;
    let account = Account::of_package("redis")?;
    let folder = scratch::folder_of(&account, &mut steps.guard)?;
    let log = folder.join("log");
    let server = Server {
        program,
        account,
        folder,
        log,
        password: scratch::password()?,
    };
    let port = launch(steps, &server)?;
    Ok(format!(
        "redis://default:{}@{}:{port}",
        server.password,
        Ipv4Addr::LOCALHOST
    ))
}

#[derive(Debug)]
struct Server {
    program: PathBuf,
    account: Account,
    folder: PathBuf,
    log: PathBuf,
    password: String,
}

impl Server {
    fn configuration(&self, port: u16) -> String {
        let mut text = String::new();
        for (key, value) in [
            ("bind", Ipv4Addr::LOCALHOST.to_string()),
            ("port", port.to_string()),
            ("requirepass", self.password.clone()),
            ("save", "\"\"".to_owned()),
            ("appendonly", "no".to_owned()),
        ] {
            writeln!(text, "{key} {value}").expect("a String takes every write");
        }
        text
    }

    /// Only our own server knows the password: another on this port says no.
    fn answers(&self, port: u16) -> std::io::Result<bool> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        stream.write_all(format!("AUTH {}\r\nPING\r\nQUIT\r\n", self.password).as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.starts_with("+OK\r\n+PONG\r\n"))
    }
}

impl Launch for Server {
    const NAME: &'static str = "Redis";
    const STOP: Signal = Signal::SIGTERM;

    fn spawn(&self, port: u16) -> Outcome<Child> {
        let mut command = self.account.command(&self.program, &self.folder);
        // From standard input, so that the password stands in no list of processes.
        command.arg("-").stdin(Stdio::piped());
        let mut child = spawn_logged(&mut command, &self.log, Self::NAME)?;
        let mut input = child.stdin.take().expect("standard input is piped");
        input
            .write_all(self.configuration(port).as_bytes())
            .doing("configure Redis")?;
        Ok(child)
    }

    fn is_ready(&self, port: u16) -> bool {
        self.answers(port).unwrap_or(false)
    }

    fn log(&self) -> &Path {
        &self.log
    }
}
