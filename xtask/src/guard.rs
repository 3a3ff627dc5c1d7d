//! A second process that cleans up when the first one ends, however it ends.
//!
//! Servers, steps and temporary folders are told to the guard through a pipe.
//! The pipe closes when xtask drops its handle, panics or is killed with -9
//! alike; then the guard stops every process group still on its list and
//! removes the folders. One way to clean up, so the rare case is the usual one.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::failure::{Doing, Outcome};

/// The command by which xtask starts itself as a guard.
pub(crate) const COMMAND: &str = "guard";

/// How long a process may take to end by itself before it is killed.
const PATIENCE: Duration = Duration::from_secs(10);

/// xtask's end of the pipe; dropping it cleans up and waits until that is done.
#[derive(Debug)]
pub(crate) struct Guard {
    process: Child,
    orders: Option<ChildStdin>,
}

impl Guard {
    /// Starts the guard, out of reach of the terminal's Ctrl-C.
    pub(crate) fn start() -> Outcome<Self> {
        let doing = "start the process that cleans up";
        let program = std::env::current_exe().doing(doing)?;
        let mut process = Command::new(program)
            .arg(COMMAND)
            .stdin(Stdio::piped())
            .process_group(0)
            .spawn()
            .doing(doing)?;
        let orders = process.stdin.take();
        Ok(Self { process, orders })
    }

    /// Stops this process group at the end, first with a polite `signal`.
    pub(crate) fn watch(&mut self, group: Pid, signal: Signal) -> Outcome<()> {
        self.order(&format!("stop {group} {signal}"))
    }

    /// The group has ended and its number may soon be somebody else's.
    pub(crate) fn forget(&mut self, group: Pid) -> Outcome<()> {
        self.order(&format!("forget {group}"))
    }

    /// Removes this folder and all in it, after every group has been stopped.
    pub(crate) fn remove_at_end(&mut self, folder: &Path) -> Outcome<()> {
        self.order(&format!("remove {}", folder.display()))
    }

    fn order(&mut self, line: &str) -> Outcome<()> {
        let orders = self.orders.as_mut().expect("the pipe is open until drop");
        writeln!(orders, "{line}").doing("reach the process that cleans up")
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.orders.take());
        if let Err(error) = self.process.wait() {
            eprintln!("xtask: could not wait for the clean-up: {error}");
        }
    }
}

/// Is the guard: takes orders until the pipe closes, then cleans up.
pub(crate) fn stand() {
    let mut charge = Charge::default();
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        charge.note(&line);
    }
    charge.clean_up();
}

#[derive(Debug, Default)]
struct Charge {
    groups: BTreeMap<i32, Signal>,
    folders: Vec<PathBuf>,
}

impl Charge {
    fn note(&mut self, line: &str) {
        let mut words = line.splitn(3, ' ');
        match (words.next(), words.next(), words.next()) {
            (Some("stop"), Some(group), Some(signal)) => {
                if let (Ok(group), Ok(signal)) = (group.parse(), signal.parse()) {
                    self.groups.insert(group, signal);
                }
            }
            (Some("forget"), Some(group), None) => {
                self.groups.retain(|kept, _| kept.to_string() != group);
            }
            _ => {
                if let Some(folder) = line.strip_prefix("remove ") {
                    self.folders.push(folder.into());
                }
            }
        }
    }

    fn clean_up(&self) {
        let groups = || {
            self.groups
                .iter()
                .map(|(&group, &signal)| (Pid::from_raw(group), signal))
        };
        for (group, signal) in groups() {
            stop(group, signal);
        }
        let deadline = Instant::now() + PATIENCE;
        for (group, _) in groups() {
            kill_at(deadline, group);
        }
        for folder in &self.folders {
            if let Err(error) = fs::remove_dir_all(folder) {
                eprintln!("xtask: could not remove {}: {error}", folder.display());
            }
        }
    }
}

/// The process group that `child` was started as the first of.
pub(crate) fn group_of(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).expect("a process's number is a positive i32"))
}

/// A group without members cannot be signalled, which is what we want of it.
pub(crate) fn stop(group: Pid, signal: Signal) {
    let _gone_already = killpg(group, signal);
}

fn kill_at(deadline: Instant, group: Pid) {
    while killpg(group, None).is_ok() {
        if Instant::now() >= deadline {
            stop(group, Signal::SIGKILL);
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_forgotten_is_left_alone() {
        let mut charge = Charge::default();
        charge.note("stop 41 SIGINT");
        charge.note("stop 42 SIGTERM");
        charge.note("forget 41");
        assert_eq!(charge.groups, BTreeMap::from([(42, Signal::SIGTERM)]));
    }

    #[test]
    fn a_folder_may_have_spaces_in_its_name() {
        let mut charge = Charge::default();
        charge.note("remove /tmp/two words and more");
        assert_eq!(charge.folders, [PathBuf::from("/tmp/two words and more")]);
    }

    #[test]
    fn a_whole_group_is_stopped() {
        let mut shell = Command::new("sh")
            .args(["-c", "sleep 600 & sleep 600"])
            .process_group(0)
            .spawn()
            .unwrap();
        let mut charge = Charge::default();
        charge.note(&format!("stop {} SIGTERM", shell.id()));
        let reaper = thread::spawn(move || shell.wait().unwrap());
        charge.clean_up();
        assert!(!reaper.join().unwrap().success());
    }
}
