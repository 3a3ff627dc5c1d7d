//! The code that links another provider to an account.

use std::time::Duration;

use domain::{code::OneTimeCode, contact::Channel};
use serde::Serialize;

use crate::message::Message;

/// A code that lets whoever another provider knows into the account from now on
/// (product.md, Activation). Goes to a contact that its owner confirmed.
#[derive(Clone, Debug, Serialize)]
pub struct UpstreamCode {
    code: String,
    upstream: String,
}

impl UpstreamCode {
    /// For how long the code is good.
    pub const LIFETIME: Duration = Duration::from_mins(30);

    /// With the code, and the provider's name for people.
    pub fn new(code: &OneTimeCode, upstream: &str) -> Self {
        Self {
            code: code.expose().to_owned(),
            upstream: upstream.to_owned(),
        }
    }
}

impl Message for UpstreamCode {
    const NAME: &'static str = "upstream_code";
    const CHANNELS: &'static [Channel] = &[Channel::Email, Channel::Sms];

    fn lifetime(&self) -> Duration {
        Self::LIFETIME
    }

    fn sample() -> Self {
        Self {
            code: "40718293".into(),
            upstream: "FranceConnect".into(),
        }
    }
}
