//! The messages: one file each, with what it needs.

mod sign_in_slowed;

pub use self::sign_in_slowed::SignInSlowed;
