//! The name of one request, for logs and the help desk.

use std::fmt;

use domain::ambient::Ambient;

/// Sixteen hexadecimal digits, made here; one that comes with a request is never used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId(u64);

impl RequestId {
    pub(crate) fn generate(ambient: &Ambient) -> Self {
        Self(u64::from_be_bytes(ambient.random()))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
