//! The code that confirms a mobile number.

use std::time::Duration;

use domain::contact::Channel;
use serde::Serialize;

use crate::message::Message;

/// Proves that a number given in « Mon compte » is in the person's hands (guide, section
/// 4.4.3). Goes to that number.
#[derive(Clone, Debug, Serialize)]
pub struct PhoneCode {
    /// The code, of digits alone.
    pub code: String,
}

impl PhoneCode {
    /// For how long the code is good.
    pub const CODE_LIFETIME: Duration = Duration::from_mins(30);
}

impl Message for PhoneCode {
    const NAME: &'static str = "phone_code";
    const CHANNELS: &'static [Channel] = &[Channel::Sms];

    fn lifetime(&self) -> Duration {
        Self::CODE_LIFETIME
    }

    fn sample() -> Self {
        Self {
            code: "20260901".into(),
        }
    }
}
