//! « Votre compte vous est rendu ».

use std::time::Duration;

use domain::{contact::Channel, identifier::AccountIdentifier};
use serde::Serialize;

use crate::message::Message;

/// The owner said « Ce n'est pas moi » (product.md, Recovery). Goes to the contacts that
/// are in force again, and says how to go on.
#[derive(Clone, Debug, Serialize)]
pub struct AccountTakenBack {
    /// Which account: an address may serve several.
    pub identifier: AccountIdentifier,
}

impl Message for AccountTakenBack {
    const NAME: &'static str = "account_taken_back";
    const CHANNELS: &'static [Channel] = &[Channel::Email, Channel::Sms];

    fn lifetime(&self) -> Duration {
        Duration::from_hours(72)
    }

    fn sample() -> Self {
        Self {
            identifier: AccountIdentifier::parse("c.martin1").expect("an identifier"),
        }
    }
}
