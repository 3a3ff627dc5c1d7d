//! The simulator from outside: every check, claim and misbehaviour, over HTTP.

pub(super) mod clock;
