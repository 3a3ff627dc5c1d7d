//! What may break while measuring.

use std::io;

/// Something broke: a figure that could not be taken, not one that is bad.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The network, a file or a process.
    #[error("{doing}: {error}")]
    System {
        /// What was being done.
        doing: String,
        /// Why it failed.
        error: io::Error,
    },
    /// An answer that the journey does not go on from.
    #[error("{step}: status {status}: {body}")]
    Answer {
        /// The step of the journey.
        step: &'static str,
        /// The status of the answer.
        status: u16,
        /// How its body begins.
        body: String,
    },
    /// A command that failed, or a program that is missing.
    #[error("{0}")]
    Tool(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// The database under the ceiling of durable writes.
    #[error(transparent)]
    Database(#[from] sea_orm::DbErr),
}

/// Names what failed.
pub(crate) trait Doing<T> {
    /// Adds what was being done.
    fn doing(self, what: impl Into<String>) -> Result<T, Fault>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, what: impl Into<String>) -> Result<T, Fault> {
        self.map_err(|error| Fault::System {
            doing: what.into(),
            error,
        })
    }
}
