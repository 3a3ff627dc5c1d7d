//! Messages from outside: from the outbox, by each way, to whoever takes them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(unreachable_pub, reason = "modules of a test share by `pub`")]

mod catalogue;
mod deaths;
mod delivery;
mod logs;
mod servers;
mod sms;
mod smtp;
mod support;
