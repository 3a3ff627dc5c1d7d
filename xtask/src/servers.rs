//! Private PostgreSQL and Redis servers on free loopback ports, for one run.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::failure::{Doing, Failure, Outcome};
use crate::steps::Steps;
use crate::{guard, postgres, redis};

/// How long a server may take until it answers.
const START: Duration = Duration::from_mins(1);

/// A port found free may be taken by the time a server listens on it.
const TRIES: u32 = 3;

/// Whether what is written must survive the machine's crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// As in production, for measuring.
    Durable,
    /// Nothing of these data is kept anyhow, and a test that makes a database
    /// of its own would spend most of its time waiting for the disk.
    Fleeting,
}

/// Where the servers of this run answer.
#[derive(Debug)]
pub(crate) struct Servers {
    postgres: String,
    redis: String,
}

impl Servers {
    /// Starts both; the guard stops them.
    pub(crate) fn start(steps: &mut Steps, durability: Durability) -> Outcome<Self> {
        let begun = Instant::now();
        let servers = Self {
            postgres: postgres::start(steps, durability)?,
            redis: redis::start(steps)?,
        };
        let seconds = begun.elapsed().as_secs_f64();
        println!("── PostgreSQL and Redis are up ({seconds:.1} s)");
        Ok(servers)
    }

    /// Tells a command where the servers are.
    pub(crate) fn tell<'command>(&self, command: &'command mut Command) -> &'command mut Command {
        command
            .env("PREAU_TEST_POSTGRES", &self.postgres)
            .env("PREAU_TEST_REDIS", &self.redis)
    }
}

/// How one kind of server is started and known to be ready.
pub(crate) trait Launch {
    /// The words for people.
    const NAME: &'static str;
    /// Which signal ends it at once, in good order.
    const STOP: Signal;

    /// Starts the process on this port, its output going to the log.
    fn spawn(&self, port: u16) -> Outcome<Child>;
    /// Whether it answers on this port.
    fn is_ready(&self, port: u16) -> bool;
    /// Where its own words are.
    fn log(&self) -> &Path;
}

/// Starts a server on a free port, waits until it is ready, and gives the port.
pub(crate) fn launch<L: Launch>(steps: &mut Steps, server: &L) -> Outcome<u16> {
    for _ in 0..TRIES {
        let port = free_port()?;
        let mut child = server.spawn(port)?;
        steps.guard.watch(guard::group_of(&child), L::STOP)?;
        if wait_until_ready(steps, server, &mut child, port)? {
            // Somebody must take note of its end, for its process group to be gone.
            thread::spawn(move || child.wait());
            return Ok(port);
        }
        steps.guard.forget(guard::group_of(&child))?;
    }
    let log = fs::read_to_string(server.log()).unwrap_or_default();
    Err(Failure::Tool(format!(
        "{} does not start:\n{}",
        L::NAME,
        log.trim_end()
    )))
}

/// Prepares a server's process: a group of its own, so that Ctrl-C at the
/// terminal does not end it under the tests.
pub(crate) fn spawn_logged(command: &mut Command, log: &Path, name: &str) -> Outcome<Child> {
    let output = fs::File::create(log).doing(format!("write {}", log.display()))?;
    let errors = output
        .try_clone()
        .doing(format!("write {}", log.display()))?;
    command
        .stdout(output)
        .stderr(errors)
        .process_group(0)
        .spawn()
        .doing(format!("start {name}"))
}

/// False when the process has ended instead.
fn wait_until_ready<L: Launch>(
    steps: &Steps,
    server: &L,
    child: &mut Child,
    port: u16,
) -> Outcome<bool> {
    let deadline = Instant::now() + START;
    while Instant::now() < deadline {
        steps.interrupts.check()?;
        if child
            .try_wait()
            .doing(format!("wait for {}", L::NAME))?
            .is_some()
        {
            return Ok(false);
        }
        if server.is_ready(port) {
            return Ok(true);
        }
        thread::sleep(Duration::from_millis(20));
    }
    Err(Failure::Tool(format!(
        "{} does not answer within {} s",
        L::NAME,
        START.as_secs()
    )))
}

fn free_port() -> Outcome<u16> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .doing("find a free port")
}
