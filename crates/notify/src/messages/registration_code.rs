//! The code of a self-registration.

use std::time::Duration;

use domain::contact::Channel;
use serde::Serialize;

use crate::message::Message;

/// Proves that the number which the school knows is in the person's hands (product.md,
/// Activation). Goes to that number.
#[derive(Clone, Debug, Serialize)]
pub struct RegistrationCode {
    /// The code, of digits alone.
    pub code: String,
}

impl RegistrationCode {
    /// For how long the code is good.
    pub const CODE_LIFETIME: Duration = Duration::from_mins(30);
}

impl Message for RegistrationCode {
    const NAME: &'static str = "registration_code";
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
