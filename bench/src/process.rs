//! The processes that are measured.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::fault::{Doing, Fault};

/// A server of ours, of a peer, or the empty route. It ends with this value.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

/// A port that nobody has now.
pub(crate) fn free_port() -> Result<u16, Fault> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .doing("find a free port")
}

impl Server {
    /// Starts a server and waits for its line `ready …`. What it logs goes to a file,
    /// as in production: thrown away it would cost less.
    pub(crate) fn start(command: &mut Command, port: u16, log: &Path) -> Result<Self, Fault> {
        let mut server = Self::spawn(command.stdout(Stdio::piped()), port, log)?;
        let output = server.child.stdout.take();
        let mut lines = BufReader::new(output.expect("the output is piped")).lines();
        let ready = lines.any(|line| line.is_ok_and(|line| line.starts_with("ready")));
        if ready {
            return Ok(server);
        }
        let words = fs::read_to_string(log).unwrap_or_default();
        let end: Vec<&str> = words.lines().rev().take(5).collect();
        Err(Fault::Tool(format!(
            "a server did not start: {}",
            end.join(" / ")
        )))
    }

    /// Starts it without waiting.
    pub(crate) fn spawn(command: &mut Command, port: u16, log: &Path) -> Result<Self, Fault> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(log)
            .doing("open a log")?;
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command
            .stdin(Stdio::null())
            .stderr(log)
            .spawn()
            .doing(format!("start {program}"))?;
        Ok(Self {
            child,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        })
    }

    /// Resident memory now and at its highest, in bytes (`VmRSS` and `VmHWM` of
    /// `/proc/PID/status`).
    pub(crate) fn memory(&self) -> Result<Memory, Fault> {
        let path = format!("/proc/{}/status", self.child.id());
        let status = fs::read_to_string(&path).doing(format!("read {path}"))?;
        let kibibytes = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name))?;
            line.split_whitespace().nth(1)?.parse::<u64>().ok()
        };
        let of = |name| kibibytes(name).unwrap_or_default() * 1024;
        Ok(Memory {
            resident: of("VmRSS:"),
            highest: of("VmHWM:"),
        })
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn stop(mut self) -> Result<(), Fault> {
        self.signal(Signal::SIGTERM);
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(10) {
            if self.child.try_wait().doing("wait for a server")?.is_some() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Err(Fault::Tool("a server did not end within 10 s".into()))
    }

    fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).expect("process ids are small");
        // An error means that it has ended already.
        let _ = kill(Pid::from_raw(id), signal);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Resident memory of a process, in bytes.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub(crate) struct Memory {
    /// Now.
    pub(crate) resident: u64,
    /// The most it ever was.
    pub(crate) highest: u64,
}

/// Runs a command to its end; its output where it did well.
pub(crate) fn run(command: &mut Command) -> Result<String, Fault> {
    let shown = format!("{command:?}");
    let output = command
        .stdin(Stdio::null())
        .output()
        .doing(format!("run {shown}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    let words = String::from_utf8_lossy(&output.stdout);
    let told: String = format!("{errors}{words}").chars().take(1000).collect();
    Err(Fault::Tool(format!("{shown}: {told}")))
}
