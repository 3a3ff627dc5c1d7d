//! « Votre identifiant », at the end of a self-registration.

use std::time::Duration;

use domain::{contact::Channel, identifier::AccountIdentifier};
use serde::Serialize;

use crate::message::Message;

/// A guardian activated an account without a letter and hears its identifier (product.md,
/// Activation). Goes to the number that was confirmed for it.
#[derive(Clone, Debug, Serialize)]
pub struct IdentifierGiven {
    /// The account.
    pub identifier: AccountIdentifier,
}

impl Message for IdentifierGiven {
    const NAME: &'static str = "identifier_given";
    const CHANNELS: &'static [Channel] = &[Channel::Sms];

    fn lifetime(&self) -> Duration {
        Duration::from_hours(24)
    }

    fn sample() -> Self {
        Self {
            identifier: AccountIdentifier::parse("p.durand8").expect("an identifier"),
        }
    }
}
