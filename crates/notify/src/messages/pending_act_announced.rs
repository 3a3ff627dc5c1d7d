//! « Une demande d'un établissement ».

use std::time::Duration;

use domain::{contact::Channel, desk::PendingKind};
use jiff::Timestamp;
use serde::Serialize;

use crate::message::Message;

/// A school asked for an act that waits ([`super::PendingActAsked`]). Goes to contacts that
/// nobody confirmed, which may be a stranger's: it names nobody and opens nothing (product.md,
/// Accounts).
#[derive(Clone, Debug, Serialize)]
pub struct PendingActAnnounced {
    /// The school's name.
    pub school: String,
    /// What was asked for.
    pub act: PendingKind,
    /// From when on it needs no second officer.
    pub effective_at: Timestamp,
}

impl Message for PendingActAnnounced {
    const NAME: &'static str = "pending_act_announced";
    const CHANNELS: &'static [Channel] = &[Channel::Email, Channel::Sms];

    fn lifetime(&self) -> Duration {
        Duration::from_hours(24)
    }

    fn sample() -> Self {
        Self {
            school: "Collège Simon-Lavigne".into(),
            act: PendingKind::PasswordReset,
            effective_at: Timestamp::constant(1_788_249_600, 0),
        }
    }
}
