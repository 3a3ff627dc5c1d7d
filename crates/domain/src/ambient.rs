//! What every act needs from the world: the time and randomness.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{
    clock::{Clock, SystemClock},
    entropy::{Entropy, SystemEntropy},
};

/// The clock and the entropy that an act is given; cheap to clone.
#[derive(Clone)]
pub struct Ambient {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Ambient {
    /// An ambient of the given sources.
    pub fn new(clock: impl Clock, entropy: impl Entropy) -> Self {
        Self {
            clock: Arc::new(clock),
            entropy: Arc::new(entropy),
        }
    }

    /// The machine's own clock and generator.
    pub fn system() -> Self {
        Self::new(SystemClock, SystemEntropy)
    }

    /// The current instant, UTC.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// `N` random bytes.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }

    /// The clock alone.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The entropy alone.
    pub fn entropy(&self) -> &Arc<dyn Entropy> {
        &self.entropy
    }
}

impl std::fmt::Debug for Ambient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ambient")
    }
}
