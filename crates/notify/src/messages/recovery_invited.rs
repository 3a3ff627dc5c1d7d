//! « Choisissez un nouveau mot de passe ».

use std::time::Duration;

use domain::{contact::Channel, identifier::AccountIdentifier};
use serde::Serialize;

use crate::message::Message;

/// A school's officer helps a guardian whose one confirmed contact is a number: the SMS says
/// where a code can be asked for, which opens nothing by itself.
#[derive(Clone, Debug, Serialize)]
pub struct RecoveryInvited {
    /// Which account.
    pub identifier: AccountIdentifier,
    /// The school's name.
    pub school: String,
}

impl Message for RecoveryInvited {
    const NAME: &'static str = "recovery_invited";
    const CHANNELS: &'static [Channel] = &[Channel::Sms];

    fn lifetime(&self) -> Duration {
        Duration::from_hours(24)
    }

    fn sample() -> Self {
        Self {
            identifier: AccountIdentifier::parse("c.martin1").expect("an identifier"),
            school: "Collège Simon-Lavigne".into(),
        }
    }
}
