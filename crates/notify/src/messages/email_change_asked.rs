//! « Un changement d'adresse mail a été demandé ».

use std::time::Duration;

use domain::{contact::Channel, identifier::AccountIdentifier};
use jiff::Timestamp;
use serde::Serialize;

use crate::message::Message;

/// Another address is to take the place of one that its owner confirmed (guide, section
/// 4.4.2, third case). Goes to that confirmed address, with a link that takes the change
/// back (product.md, Accounts).
#[derive(Clone, Debug, Serialize)]
pub struct EmailChangeAsked {
    /// Which account: an address may serve several.
    pub identifier: AccountIdentifier,
    /// When it was asked for.
    pub at: Timestamp,
    /// Opens the page that takes the change back.
    pub token: String,
}

impl EmailChangeAsked {
    /// For how long the change can be taken back.
    pub const LINK_LIFETIME: Duration = Duration::from_hours(72);
}

impl Message for EmailChangeAsked {
    const NAME: &'static str = "email_change_asked";
    const CHANNELS: &'static [Channel] = &[Channel::Email];

    fn lifetime(&self) -> Duration {
        Self::LINK_LIFETIME
    }

    fn sample() -> Self {
        Self {
            identifier: AccountIdentifier::parse("c.martin1").expect("an identifier"),
            at: Timestamp::constant(1_788_249_600, 0),
            token: "A".repeat(43),
        }
    }
}
