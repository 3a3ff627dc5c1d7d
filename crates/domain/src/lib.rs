//! People, accounts, contacts, links, schools, claims, and the rules about them.
//!
//! This crate owns what can be decided from values alone: what a name looks like
//! when it is compared, who may sign in, how long a person must wait after wrong
//! passwords, which claims a scope stands for, which registrations are sound.
//!
//! It must not know how anything is stored, sent or shown: no I/O, no async, no
//! framework. Time and randomness are arguments ([`ambient::Ambient`]).

pub mod account;
pub mod acr;
pub mod ambient;
pub mod audit;
pub mod birth_dates;
pub mod claims;
pub mod client;
pub mod clock;
pub mod code;
pub mod contact;
pub mod date;
pub mod desk;
pub mod entropy;
pub mod grouping;
pub mod identifier;
pub mod ids;
pub mod link;
pub mod matching;
pub mod name;
pub mod passkey;
pub mod password;
pub mod permission;
pub mod phone;
pub mod provisional;
pub mod recovery;
pub mod redirect;
pub mod school;
pub mod scope;
pub mod second_factor;
pub mod secret;
pub mod signing;
pub mod subject;
pub mod throttle;
pub mod totp;
pub mod verified_claims;
