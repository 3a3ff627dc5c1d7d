//! What messages there are.

use std::time::Duration;

use domain::contact::Channel;
use minijinja::{Value, value::Serde};
use serde::Serialize;

use crate::messages::{
    AccountChanged, AccountTakenBack, AccountsGrouped, ActivatedAlready, ConfirmEmail,
    EmailChangeAsked, EmailLeftOut, IdentifierGiven, LostIdentifier, OpensWithFranceConnect,
    PasswordCode, PasswordLink, PendingActAnnounced, PendingActAsked, PhoneCode, RecoveryInvited,
    RegistrationCode, SchoolActed, SecondFactorSlowed, SignInSlowed, UpstreamCode,
};

/// A message: its fields are what its templates may name.
pub trait Message: Serialize {
    /// The name of its files, and what the outbox and logs call it.
    const NAME: &'static str;

    /// By which ways it goes.
    const CHANNELS: &'static [Channel];

    /// For how long it is worth delivering: not past the end of the link or code in it.
    fn lifetime(&self) -> Duration;

    /// One as it might be, of invented people.
    fn sample() -> Self;
}

/// A message of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// [`Message::NAME`].
    pub name: &'static str,
    /// [`Message::CHANNELS`].
    pub channels: &'static [Channel],
    /// [`Message::sample`], as templates see it.
    pub sample: fn() -> Value,
}

impl Entry {
    const fn of<M: Message>() -> Self {
        Self {
            name: M::NAME,
            channels: M::CHANNELS,
            sample: || Value::from(Serde(M::sample())),
        }
    }
}

/// Every message: what is not here has no templates.
pub const CATALOGUE: &[Entry] = &[
    Entry::of::<AccountChanged>(),
    Entry::of::<AccountTakenBack>(),
    Entry::of::<AccountsGrouped>(),
    Entry::of::<ActivatedAlready>(),
    Entry::of::<ConfirmEmail>(),
    Entry::of::<EmailChangeAsked>(),
    Entry::of::<EmailLeftOut>(),
    Entry::of::<IdentifierGiven>(),
    Entry::of::<LostIdentifier>(),
    Entry::of::<OpensWithFranceConnect>(),
    Entry::of::<PasswordCode>(),
    Entry::of::<UpstreamCode>(),
    Entry::of::<PasswordLink>(),
    Entry::of::<PendingActAsked>(),
    Entry::of::<PhoneCode>(),
    Entry::of::<RecoveryInvited>(),
    Entry::of::<RegistrationCode>(),
    Entry::of::<PendingActAnnounced>(),
    Entry::of::<SchoolActed>(),
    Entry::of::<SecondFactorSlowed>(),
    Entry::of::<SignInSlowed>(),
];
