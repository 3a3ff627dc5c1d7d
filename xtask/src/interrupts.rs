//! Ctrl-C and SIGTERM: the running step is stopped, the rest is not begun.

use std::process;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use nix::sys::signal::Signal;
use nix::unistd::Pid;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::failure::{Doing, Failure, Outcome};
use crate::guard;

/// What the thread that hears signals and the thread that works both know.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupts {
    heard: Arc<AtomicI32>,
    running: Arc<Mutex<Option<Pid>>>,
}

impl Interrupts {
    /// Hears signals from now on. A second one ends xtask at once; the guard
    /// still cleans up.
    pub(crate) fn listen() -> Outcome<Self> {
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).doing("listen to signals")?;
        let interrupts = Self::default();
        let listener = interrupts.clone();
        thread::spawn(move || {
            for signal in &mut signals {
                listener.hear(signal);
            }
        });
        Ok(interrupts)
    }

    /// Fails once a signal has been heard.
    pub(crate) fn check(&self) -> Outcome<()> {
        match self.heard.load(Ordering::SeqCst) {
            0 => Ok(()),
            signal => Err(Failure::Interrupted(signal)),
        }
    }

    /// This process group is stopped when a signal is heard, or was already.
    pub(crate) fn running(&self, group: Option<Pid>) {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = group;
        if self.check().is_err() {
            self.stop_running();
        }
    }

    fn hear(&self, signal: i32) {
        if self.heard.swap(signal, Ordering::SeqCst) != 0 {
            process::exit(128 + signal);
        }
        self.stop_running();
    }

    fn stop_running(&self) {
        let running = *self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(group) = running {
            guard::stop(group, Signal::SIGTERM);
        }
    }
}
