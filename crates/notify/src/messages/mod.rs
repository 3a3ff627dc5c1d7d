//! The messages: one file each, with what it needs.

mod account_changed;
mod account_taken_back;
mod accounts_grouped;
mod activated_already;
mod confirm_email;
mod email_change_asked;
mod email_left_out;
mod identifier_given;
mod lost_identifier;
mod opens_with_france_connect;
mod password_code;
mod password_link;
mod pending_act;
mod pending_act_announced;
mod phone_code;
mod recovery_invited;
mod registration_code;
mod school_acted;
mod second_factor_slowed;
mod sign_in_slowed;
mod upstream_code;

pub use self::{
    account_changed::{AccountChanged, WhatChanged},
    account_taken_back::AccountTakenBack,
    accounts_grouped::AccountsGrouped,
    activated_already::ActivatedAlready,
    confirm_email::ConfirmEmail,
    email_change_asked::EmailChangeAsked,
    email_left_out::EmailLeftOut,
    identifier_given::IdentifierGiven,
    lost_identifier::LostIdentifier,
    opens_with_france_connect::OpensWithFranceConnect,
    password_code::PasswordCode,
    password_link::PasswordLink,
    pending_act::PendingActAsked,
    pending_act_announced::PendingActAnnounced,
    phone_code::PhoneCode,
    recovery_invited::RecoveryInvited,
    registration_code::RegistrationCode,
    school_acted::{SchoolActed, WhatTheSchoolDid},
    second_factor_slowed::SecondFactorSlowed,
    sign_in_slowed::SignInSlowed,
    upstream_code::UpstreamCode,
};
