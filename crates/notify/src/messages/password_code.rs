//! The code of a lost password.

use std::time::Duration;

use domain::{code::OneTimeCode, contact::Channel};
use serde::Serialize;

use crate::message::Message;

/// A code by SMS that allows a new password (guide, 4.3.4).
#[derive(Clone, Debug, Serialize)]
pub struct PasswordCode {
    code: String,
}

impl PasswordCode {
    /// For how long the code is good.
    pub const LIFETIME: Duration = Duration::from_mins(30);

    /// With the code.
    pub fn new(code: &OneTimeCode) -> Self {
        Self {
            code: code.expose().to_owned(),
        }
    }
}

impl Message for PasswordCode {
    const NAME: &'static str = "password_code";
    const CHANNELS: &'static [Channel] = &[Channel::Sms];

    fn lifetime(&self) -> Duration {
        Self::LIFETIME
    }

    fn sample() -> Self {
        Self {
            code: "40718293".into(),
        }
    }
}
