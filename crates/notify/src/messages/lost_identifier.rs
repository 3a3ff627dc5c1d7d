//! « Votre identifiant ».

use std::time::Duration;

use domain::{contact::Channel, identifier::AccountIdentifier};
use serde::Serialize;

use crate::message::Message;

/// The identifiers of all accounts that a confirmed address serves (guide, 4.3.1 and
/// 4.3.3), in one message: a family may share it.
#[derive(Clone, Debug, Serialize)]
pub struct LostIdentifier {
    /// Of accounts that a password opens.
    pub identifiers: Vec<AccountIdentifier>,
    /// Of accounts that open with FranceConnect alone.
    pub with_france_connect: Vec<AccountIdentifier>,
}

impl Message for LostIdentifier {
    const NAME: &'static str = "lost_identifier";
    const CHANNELS: &'static [Channel] = &[Channel::Email, Channel::Sms];

    fn lifetime(&self) -> Duration {
        Duration::from_hours(24)
    }

    fn sample() -> Self {
        let identifier = |text| AccountIdentifier::parse(text).expect("an identifier");
        Self {
            identifiers: vec![identifier("c.martin1"), identifier("l.martin3")],
            with_france_connect: vec![identifier("f.petit10")],
        }
    }
}
