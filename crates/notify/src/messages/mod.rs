//! The messages: one file each, with what it needs.

mod account_changed;
mod account_taken_back;
mod lost_identifier;
mod opens_with_france_connect;
mod password_code;
mod password_link;
mod sign_in_slowed;

pub use self::{
    account_changed::{AccountChanged, WhatChanged},
    account_taken_back::AccountTakenBack,
    lost_identifier::LostIdentifier,
    opens_with_france_connect::OpensWithFranceConnect,
    password_code::PasswordCode,
    password_link::PasswordLink,
    sign_in_slowed::SignInSlowed,
};
