//! The simulator from outside: every check, claim and misbehaviour, over HTTP.

mod authorize;
mod behaviours;
pub(super) mod clock;
mod dance;
mod interaction;
mod logout;
mod pages;
mod scene;
mod tokens;
