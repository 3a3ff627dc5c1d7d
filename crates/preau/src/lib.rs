//! Configuration, command line, wiring, listeners, shutdown.
//!
//! This crate reads the configuration, makes the live objects from it, wires routers and
//! listeners, and shuts them down. It is the only one that knows all others, and nobody
//! knows it. It must hold no rule of the service itself: rules live in `domain` and
//! `idp`.
//!
//! Tests start nodes in their own process: [`node::Node::start`].

pub mod command;
pub mod config;
pub mod logs;
pub mod node;
pub mod traces;
