//! Passwords: Argon2id (RFC 9106), computed by a bounded pool.
//!
//! The parameters are the configuration's; a stored hash made with weaker ones is
//! remade at the next right password. An unknown identifier costs what a known one
//! does. Workers keep and reuse their block of memory: allocating and wiping 19 MiB for
//! each try would cost as much as half of the hash.

mod hash;
mod pool;

pub use self::{
    hash::{MOST_LANES, MOST_MEMORY, MOST_PASSES, PasswordFault, hash},
    pool::{Busy, PasswordPool, Verdict},
};

/// The longest password taken, in bytes: hashing is costly, and people need no more
/// (ASVS 6.2.9 asks for 64 characters or more).
pub const LONGEST_PASSWORD: usize = 1024;
