//! « Un nouveau mot de passe a été demandé ».

use std::time::Duration;

use domain::contact::Channel;
use jiff::Timestamp;
use serde::Serialize;

use crate::message::Message;

/// A school asked for a reset of a password. Goes to contacts that nobody confirmed, which
/// may be a stranger's: it names nobody and opens nothing (product.md, Accounts).
#[derive(Clone, Debug, Serialize)]
pub struct ResetAnnounced {
    /// The school's name.
    pub school: String,
    /// From when on it needs no second officer.
    pub effective_at: Timestamp,
}

impl Message for ResetAnnounced {
    const NAME: &'static str = "reset_announced";
    const CHANNELS: &'static [Channel] = &[Channel::Email, Channel::Sms];

    fn lifetime(&self) -> Duration {
        Duration::from_hours(24)
    }

    fn sample() -> Self {
        Self {
            school: "Collège Simon-Lavigne".into(),
            effective_at: Timestamp::constant(1_788_249_600, 0),
        }
    }
}
