//! Why a command of xtask ended without having done its work.

use std::fmt;
use std::io;

/// The result of whatever may end the command.
pub(crate) type Outcome<T> = Result<T, Failure>;

/// Why the command ends, in words for the person at the terminal.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line makes no sense; carries what to print.
    Usage(String),
    /// The machine lacks something that xtask may not install; says what and how.
    Missing(String),
    /// These steps ran and failed.
    Steps(Vec<String>),
    /// A server or tool did not do what it must; says which, and its own words.
    Tool(String),
    /// The operating system refused; `doing` completes « could not … ».
    System {
        /// What was being done.
        doing: String,
        /// The system's answer.
        error: io::Error,
    },
    /// The person was told already; carries the exit status.
    Told(u8),
    /// This signal asked xtask to end.
    Interrupted(i32),
}

impl Failure {
    /// The exit status: 2 for a wrong command line, 128 + the signal's number
    /// after a signal as shells have it, 1 for everything else.
    pub(crate) fn status(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Interrupted(signal) => u8::try_from(128 + signal).unwrap_or(1),
            Self::Told(status) => *status,
            Self::Missing(_) | Self::Steps(_) | Self::Tool(_) | Self::System { .. } => 1,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) | Self::Missing(text) | Self::Tool(text) => formatter.write_str(text),
            Self::Steps(names) => write!(formatter, "failed: {}", names.join(", ")),
            Self::System { doing, error } => write!(formatter, "could not {doing}: {error}"),
            Self::Told(status) => write!(formatter, "status {status}"),
            Self::Interrupted(signal) => write!(formatter, "ended by signal {signal}"),
        }
    }
}

/// Says what was being done when the system refused.
pub(crate) trait Doing<T> {
    /// `doing` completes « could not … ».
    fn doing(self, doing: impl Into<String>) -> Outcome<T>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, doing: impl Into<String>) -> Outcome<T> {
        self.map_err(|error| Failure::System {
            doing: doing.into(),
            error,
        })
    }
}
