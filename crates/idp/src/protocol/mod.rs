//! The protocol itself: parsing, validation, decisions, tokens, keys, metadata.
//!
//! Everything here is a function of its arguments. It knows no HTTP framework, no
//! store and no clock: endpoints hand in texts, rows and instants, and get back values
//! to write or to send. A refusal says which check failed ([`refusal`]); what the
//! outside is told of it stands in one match beside it.

pub mod assertion;
pub mod authorization;
pub mod bearer;
pub mod claims_request;
pub mod client_authentication;
pub mod decision;
pub mod dynamic;
pub mod end_session;
pub mod jws;
pub mod keys;
pub mod metadata;
pub mod parameters;
pub mod pkce;
pub mod prompt;
pub mod refusal;
pub mod response;
pub mod scopes;
pub mod token_request;
pub mod tokens;
pub mod verified_claims;

#[cfg(test)]
pub(crate) mod fixtures;
