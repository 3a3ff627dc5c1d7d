//! The messages: one file each, with what it needs.

mod account_changed;
mod sign_in_slowed;

pub use self::{
    account_changed::{AccountChanged, WhatChanged},
    sign_in_slowed::SignInSlowed,
};
