//! « Votre établissement a demandé … ».

use std::time::Duration;

use domain::{contact::Channel, desk::PendingKind, identifier::AccountIdentifier};
use jiff::Timestamp;
use serde::Serialize;

use crate::message::Message;

/// A school asked for an act on an account that waits for a second officer or for a day
/// (product.md, Recovery). Goes to every contact that its owner confirmed, with the link
/// that stops it.
#[derive(Clone, Debug, Serialize)]
pub struct PendingActAsked {
    /// Which account: an address may serve several.
    pub identifier: AccountIdentifier,
    /// The school's name.
    pub school: String,
    /// What was asked for.
    pub act: PendingKind,
    /// From when on it needs no second officer.
    pub effective_at: Timestamp,
    /// Opens the page that stops it.
    pub token: String,
}

impl Message for PendingActAsked {
    const NAME: &'static str = "pending_act";
    const CHANNELS: &'static [Channel] = &[Channel::Email, Channel::Sms];

    fn lifetime(&self) -> Duration {
        Duration::from_hours(72)
    }

    fn sample() -> Self {
        Self {
            identifier: AccountIdentifier::parse("c.martin1").expect("an identifier"),
            school: "Collège Simon-Lavigne".into(),
            act: PendingKind::FactorRemoval,
            effective_at: Timestamp::constant(1_788_249_600, 0),
            token: "A".repeat(43),
        }
    }
}
