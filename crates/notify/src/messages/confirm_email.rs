//! « Mise à jour de votre adresse mail ».

use std::time::Duration;

use domain::{contact::Channel, identifier::AccountIdentifier};
use serde::Serialize;

use crate::message::Message;

/// Somebody gave an e-mail address for an account: its owner confirms it by the link,
/// signed in to that account (guide, section 4.4.2). Goes to the new address.
#[derive(Clone, Debug, Serialize)]
pub struct ConfirmEmail {
    /// Which account: an address may serve several.
    pub identifier: AccountIdentifier,
    /// Opens the page that confirms the address.
    pub token: String,
}

impl ConfirmEmail {
    /// For how long the link is good: whoever opens it must sign in as well.
    pub const LINK_LIFETIME: Duration = Duration::from_hours(72);
}

impl Message for ConfirmEmail {
    const NAME: &'static str = "confirm_email";
    const CHANNELS: &'static [Channel] = &[Channel::Email];

    fn lifetime(&self) -> Duration {
        Self::LINK_LIFETIME
    }

    fn sample() -> Self {
        Self {
            identifier: AccountIdentifier::parse("c.martin1").expect("an identifier"),
            token: "A".repeat(43),
        }
    }
}
