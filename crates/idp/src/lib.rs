//! The OpenID Provider.
//!
//! It owns the protocol ([`protocol`], free of HTTP and storage), the sign-in with its
//! sessions, throttles and passwords, the signing keys, and the endpoints and pages
//! ([`http`], thin). [`flow`] is the one order of steps of a sign-in.
//!
//! It must not know how a row is written (that is `store`), how a page looks (`web`)
//! or how a message travels (`notify`).

pub mod app;
pub mod client_keys;
pub mod clients;
pub mod counters;
pub mod credentials;
pub mod device;
pub mod enrolment;
pub mod entry;
pub mod factors;
pub mod fetcher;
pub mod flow;
pub mod guard;
pub mod http;
pub mod issuing;
pub mod maintenance;
pub mod passkeys;
pub mod passwords;
pub mod protocol;
pub mod proven;
pub mod registrar;
pub mod sessions;
pub mod settings;
pub mod signing_keys;
pub mod transactions;
pub mod trial;
pub mod upstream;
pub mod vouching;

pub mod notices;

pub use self::app::{App, Parts, StartError};
