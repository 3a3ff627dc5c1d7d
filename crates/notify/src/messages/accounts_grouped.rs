//! « Vos comptes ont été regroupés ».

use std::time::Duration;

use domain::{contact::Channel, identifier::AccountIdentifier};
use jiff::Timestamp;
use serde::Serialize;

use crate::message::Message;

/// An account was grouped into another (product.md, Mon compte). Goes to every contact
/// that was confirmed in either, so that whoever loses an identifier hears which stays.
#[derive(Clone, Debug, Serialize)]
pub struct AccountsGrouped {
    /// The identifier that stays.
    pub identifier: AccountIdentifier,
    /// The identifier that signs in nowhere any more.
    pub merged: AccountIdentifier,
    /// When.
    pub at: Timestamp,
    /// Opens « Ce n'est pas moi » of the account that stays. A contact of the other one
    /// alone has none: nothing of that account is left to be taken back but by a school.
    pub token: Option<String>,
}

impl Message for AccountsGrouped {
    const NAME: &'static str = "accounts_grouped";
    const CHANNELS: &'static [Channel] = &[Channel::Email, Channel::Sms];

    fn lifetime(&self) -> Duration {
        Duration::from_hours(72)
    }

    fn sample() -> Self {
        Self {
            identifier: AccountIdentifier::parse("c.martin1").expect("an identifier"),
            merged: AccountIdentifier::parse("c.martin2").expect("an identifier"),
            at: Timestamp::constant(1_788_249_600, 0),
            token: Some("A".repeat(43)),
        }
    }
}
