//! « Votre compte a été modifié ».

use std::time::Duration;

use domain::{contact::Channel, identifier::AccountIdentifier};
use jiff::Timestamp;
use serde::Serialize;

use crate::message::Message;

/// What of an account changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WhatChanged {
    /// The password, by its owner's own hand in « Mon compte ».
    Password,
    /// The password, by a recovery.
    RecoveredPassword,
    /// The e-mail address.
    Email,
    /// The mobile phone number.
    Phone,
    /// Another account was grouped into it, or it into another.
    Grouping,
    /// The second factor, or the codes for its loss.
    SecondFactor,
    /// A passkey was added or removed.
    Passkey,
    /// A child was reported as not one's own.
    Children,
    /// Another provider, such as FranceConnect, opens it from now on, or no longer does.
    Upstream,
}

/// Something that protects an account changed (product.md, Recovery). Goes to every
/// contact that was confirmed before, with the link « Ce n'est pas moi ».
#[derive(Clone, Debug, Serialize)]
pub struct AccountChanged {
    /// Which account: an address may serve several.
    pub identifier: AccountIdentifier,
    /// What changed.
    pub what: WhatChanged,
    /// When.
    pub at: Timestamp,
    /// Opens the page that takes the account back.
    pub token: String,
}

impl Message for AccountChanged {
    const NAME: &'static str = "account_changed";
    const CHANNELS: &'static [Channel] = &[Channel::Email, Channel::Sms];

    fn lifetime(&self) -> Duration {
        Duration::from_hours(72)
    }

    fn sample() -> Self {
        Self {
            identifier: AccountIdentifier::parse("c.martin1").expect("an identifier"),
            what: WhatChanged::RecoveredPassword,
            at: Timestamp::constant(1_788_249_600, 0),
            token: "A".repeat(43),
        }
    }
}
