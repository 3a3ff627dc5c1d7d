//! The way through an upstream and back: to it from the sign-in page, its answer, and
//! the return from a sign-out there.

mod activation;
pub(super) mod begin;
pub mod binding;
pub(super) mod callback;
pub mod linking;
pub(super) mod own_keys;
mod pages;
pub mod proving;
pub(super) mod signed_out;

pub(super) use self::begin::ways;
pub use self::begin::{Way, Ways, ways_by, ways_from_outside};
