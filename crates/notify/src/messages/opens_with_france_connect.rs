//! « Votre compte s'ouvre avec FranceConnect ».

use std::time::Duration;

use domain::{contact::Channel, identifier::AccountIdentifier};
use serde::Serialize;

use crate::message::Message;

/// The answer to a lost password of an account that has none (guide, 4.3): FranceConnect's
/// own help is where such a person turns to. Never a link that sets a password.
#[derive(Clone, Debug, Serialize)]
pub struct OpensWithFranceConnect {
    /// Which account: an address may serve several.
    pub identifier: AccountIdentifier,
}

impl Message for OpensWithFranceConnect {
    const NAME: &'static str = "opens_with_france_connect";
    const CHANNELS: &'static [Channel] = &[Channel::Email, Channel::Sms];

    fn lifetime(&self) -> Duration {
        Duration::from_hours(24)
    }

    fn sample() -> Self {
        Self {
            identifier: AccountIdentifier::parse("f.petit10").expect("an identifier"),
        }
    }
}
