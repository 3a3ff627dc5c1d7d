//! « Quelqu'un connaît peut-être votre mot de passe ».

use std::time::Duration;

use domain::{contact::Channel, identifier::AccountIdentifier};
use jiff::Timestamp;
use serde::Serialize;

use crate::message::Message;

/// Somebody gave the right password of an account and then wrong codes for its second
/// factor so often that they must wait. Goes to every confirmed e-mail address of the
/// account.
#[derive(Clone, Debug, Serialize)]
pub struct SecondFactorSlowed {
    /// Which account: an address may serve several.
    pub identifier: AccountIdentifier,
    /// When the last code was wrong.
    pub at: Timestamp,
}

impl Message for SecondFactorSlowed {
    const NAME: &'static str = "second_factor_slowed";
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
