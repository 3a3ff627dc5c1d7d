//! Randomness, as an argument.

/// Fills bytes with randomness fit for secrets. Production uses [`SystemEntropy`].
pub trait Entropy: Send + Sync + 'static {
    /// Fills `bytes`, all of them.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the operating system"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("a machine without randomness cannot hand out secrets");
    }
}
