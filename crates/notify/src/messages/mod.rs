//! The messages: one file each, with what it needs.

mod account_changed;
mod accounts_grouped;
mod activated_already;
mod confirm_email;
mod email_change_asked;
mod email_left_out;
mod identifier_given;
mod phone_code;
mod registration_code;
mod sign_in_slowed;

pub use self::{
    account_changed::{AccountChanged, WhatChanged},
    accounts_grouped::AccountsGrouped,
    activated_already::ActivatedAlready,
    confirm_email::ConfirmEmail,
    email_change_asked::EmailChangeAsked,
    email_left_out::EmailLeftOut,
    identifier_given::IdentifierGiven,
    phone_code::PhoneCode,
    registration_code::RegistrationCode,
    sign_in_slowed::SignInSlowed,
};
