//! « Plusieurs essais de connexion ont échoué ».

use std::time::Duration;

use domain::{contact::Channel, identifier::AccountIdentifier};
use jiff::Timestamp;
use serde::Serialize;

use crate::message::Message;

/// Somebody gave wrong passwords for an account so often that they must wait
/// (product.md, Signing in). Goes to every confirmed e-mail address of the account.
#[derive(Clone, Debug, Serialize)]
pub struct SignInSlowed {
    /// Which account: an address may serve several.
    pub identifier: AccountIdentifier,
    /// When the last try failed.
    pub at: Timestamp,
}

impl Message for SignInSlowed {
    const NAME: &'static str = "sign_in_slowed";
    const CHANNELS: &'static [Channel] = &[Channel::Email];

    fn lifetime(&self) -> Duration {
        Duration::from_hours(24)
    }

    fn sample() -> Self {
        Self {
            identifier: AccountIdentifier::parse("c.martin1").expect("an identifier"),
            at: Timestamp::constant(1_788_249_600, 0),
        }
    }
}
