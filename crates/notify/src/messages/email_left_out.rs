//! « Cette adresse ne servira plus ».

use std::time::Duration;

use domain::contact::Channel;
use jiff::Timestamp;
use serde::Serialize;

use crate::message::Message;

/// Another address is to take the place of one that nobody confirmed (guide, section
/// 4.4.2, second case). It may be a stranger's, so it says neither whose account it is
/// nor how to change anything (product.md, Accounts).
#[derive(Clone, Debug, Serialize)]
pub struct EmailLeftOut {
    /// When it was asked for.
    pub at: Timestamp,
}

impl Message for EmailLeftOut {
    const NAME: &'static str = "email_left_out";
    const CHANNELS: &'static [Channel] = &[Channel::Email];

    fn lifetime(&self) -> Duration {
        Duration::from_hours(72)
    }

    fn sample() -> Self {
        Self {
            at: Timestamp::constant(1_788_249_600, 0),
        }
    }
}
