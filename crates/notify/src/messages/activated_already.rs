//! « Votre compte est déjà activé ».

use std::time::Duration;

use domain::{contact::Channel, identifier::AccountIdentifier};
use serde::Serialize;

use crate::message::Message;

/// A self-registration named a guardian whose account is active: in place of a code, its
/// confirmed number hears the identifier and the way on (product.md, Activation).
#[derive(Clone, Debug, Serialize)]
pub struct ActivatedAlready {
    /// The account.
    pub identifier: AccountIdentifier,
}

impl Message for ActivatedAlready {
    const NAME: &'static str = "activated_already";
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
