//! Runs one command after the other, counts tests, and sums up at the end.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::failure::{Doing, Failure, Outcome};
use crate::guard::{self, Guard};
use crate::interrupts::Interrupts;
use crate::tally::Tally;

/// How long output may still come from a pipe after its command has ended.
const LAST_OUTPUT: Duration = Duration::from_secs(5);

/// What a step was worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The command ended with status 0.
    Passed,
    /// It did not.
    Failed,
}

/// The steps of one run of xtask, with what cleans up behind them.
#[derive(Debug)]
pub(crate) struct Steps {
    /// Stops and removes whatever is left when this is dropped.
    pub(crate) guard: Guard,
    /// Signals that asked to end.
    pub(crate) interrupts: Interrupts,
    finished: Vec<Finished>,
    tally: Option<Tally>,
}

#[derive(Debug)]
struct Finished {
    name: String,
    verdict: Verdict,
    duration: Duration,
}

impl Steps {
    /// Nothing has run yet.
    pub(crate) fn new() -> Outcome<Self> {
        Ok(Self {
            guard: Guard::start()?,
            interrupts: Interrupts::listen()?,
            finished: Vec::new(),
            tally: None,
        })
    }

    /// Runs a command that everything after it needs.
    pub(crate) fn must(&mut self, name: &str, command: &mut Command) -> Outcome<()> {
        match self.run(name, command)? {
            Verdict::Passed => Ok(()),
            Verdict::Failed => Err(Failure::Steps(vec![name.to_owned()])),
        }
    }

    /// Runs a command that may fail: what follows will show whether it matters.
    pub(crate) fn attempt(&mut self, name: &str, command: &mut Command) -> Outcome<Verdict> {
        self.announce(name)?;
        let child = self.spawn(name, command)?;
        let verdict = self.wait(name, child)?;
        self.interrupts.check().map(|()| verdict)
    }

    /// Runs a command whose failure is remembered while the others still run.
    pub(crate) fn run(&mut self, name: &str, command: &mut Command) -> Outcome<Verdict> {
        self.announce(name)?;
        let begun = Instant::now();
        let child = self.spawn(name, command)?;
        let verdict = self.wait(name, child)?;
        self.finish(name, verdict, begun)
    }

    /// The same for a test runner, whose closing lines are added up.
    pub(crate) fn count(&mut self, name: &str, command: &mut Command) -> Outcome<Verdict> {
        self.announce(name)?;
        let begun = Instant::now();
        let mut child = self.spawn(name, command.stdout(Stdio::piped()))?;
        let output = child.stdout.take().expect("standard output is piped");
        let counted = forward(output);
        let verdict = self.wait(name, child)?;
        let counted = counted.recv_timeout(LAST_OUTPUT).unwrap_or_default();
        *self.tally.get_or_insert_default() += counted;
        self.finish(name, verdict, begun)
    }

    /// Ends the run: what failed, if any did.
    pub(crate) fn verdict(&self) -> Outcome<()> {
        let failed: Vec<String> = self
            .finished
            .iter()
            .filter(|step| step.verdict == Verdict::Failed)
            .map(|step| step.name.clone())
            .collect();
        if failed.is_empty() {
            Ok(())
        } else {
            Err(Failure::Steps(failed))
        }
    }

    /// Each step with its duration, then the tests that passed and failed.
    pub(crate) fn print_summary(&self) {
        println!();
        for step in &self.finished {
            let word = match step.verdict {
                Verdict::Passed => "ok",
                Verdict::Failed => "FAILED",
            };
            println!(
                "{word:>7} {:>7.1} s  {}",
                step.duration.as_secs_f64(),
                step.name
            );
        }
        if let Some(tally) = self.tally {
            println!("{tally}");
        }
    }

    fn announce(&self, name: &str) -> Outcome<()> {
        self.interrupts.check()?;
        println!("── {name}");
        Ok(())
    }

    fn spawn(&mut self, name: &str, command: &mut Command) -> Outcome<Child> {
        let child = command
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .doing(format!("run {name} ({})", command.get_program().display()))?;
        let group = guard::group_of(&child);
        self.guard.watch(group, Signal::SIGTERM)?;
        self.interrupts.running(Some(group));
        Ok(child)
    }

    fn wait(&mut self, name: &str, mut child: Child) -> Outcome<Verdict> {
        let group = guard::group_of(&child);
        let status = child.wait().doing(format!("wait for {name}"))?;
        self.interrupts.running(None);
        // What a test left behind must neither hold the pipe open nor outlive it.
        guard::stop(group, Signal::SIGKILL);
        self.guard.forget(group)?;
        Ok(if status.success() {
            Verdict::Passed
        } else {
            Verdict::Failed
        })
    }

    fn finish(&mut self, name: &str, verdict: Verdict, begun: Instant) -> Outcome<Verdict> {
        let duration = begun.elapsed();
        self.finished.push(Finished {
            name: name.to_owned(),
            verdict,
            duration,
        });
        self.interrupts.check()?;
        Ok(verdict)
    }
}

/// Copies the output to ours, line by line, and counts the tests in it.
fn forward(output: ChildStdout) -> Receiver<Tally> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut tally = Tally::default();
        let mut lines = BufReader::new(output);
        let mut line = Vec::new();
        while lines
            .read_until(b'\n', &mut line)
            .is_ok_and(|length| length > 0)
        {
            let _our_output_may_be_closed = io::stdout().write_all(&line);
            tally += Tally::of_line(String::from_utf8_lossy(&line).trim_end());
            line.clear();
        }
        let _nobody_waits_any_more = sender.send(tally);
    });
    receiver
}
