//! Journeys over HTTP against the whole service: what their tests are written with.
//!
//! A [`Service`] is a node of the binary's own making in this process, on a fresh store
//! that people and registrations are in already, with a clock that tests move. People
//! come with a [`Visitor`], relying parties are [`RelyingParty`], and the one that is not
//! our code at all is [`standard::StandardClient`].
//!
//! The store is SQLite, or PostgreSQL with Redis where `PREAU_TEST_STORE=postgres`; then
//! `PREAU_TEST_POSTGRES` and `PREAU_TEST_REDIS` name the servers.

pub mod answer;
pub mod assertion;
pub mod browser;
pub mod clients;
pub mod clock;
pub mod device;
pub mod door;
pub mod form;
pub mod france_connect;
pub mod mortal;
pub mod relying_party;
pub mod request;
pub mod seed;
pub mod service;
pub mod standard;
pub mod statements;
pub mod visitor;

pub use self::{
    answer::Answer,
    browser::Browser,
    device::Device,
    door::Door,
    relying_party::{RelyingParty, Tokens},
    request::{Callback, Request},
    service::Service,
    visitor::{Person, Visitor},
};
