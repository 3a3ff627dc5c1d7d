//! The messages: one file each, with what it needs.

mod account_changed;
mod activated_already;
mod confirm_email;
mod identifier_given;
mod registration_code;
mod sign_in_slowed;

pub use self::{
    account_changed::{AccountChanged, WhatChanged},
    activated_already::ActivatedAlready,
    confirm_email::ConfirmEmail,
    identifier_given::IdentifierGiven,
    registration_code::RegistrationCode,
    sign_in_slowed::SignInSlowed,
};
