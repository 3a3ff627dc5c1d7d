//! The messages: one file each, with what it needs.

mod account_changed;
mod accounts_grouped;
mod sign_in_slowed;

pub use self::{
    account_changed::{AccountChanged, WhatChanged},
    accounts_grouped::AccountsGrouped,
    sign_in_slowed::SignInSlowed,
};
