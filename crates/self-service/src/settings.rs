//! What an operator may set of what people do for themselves.

use std::path::PathBuf;

use domain::phone::{CountryCode, DEFAULT_SMS_COUNTRIES};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Section `self_service`: how much is sent, to where, and which passwords are refused.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SelfServiceSettings {
    /// Messages that one address or number is sent in ten minutes; past that nothing is
    /// sent, and the pages say the same.
    pub messages_per_contact: u32,
    /// Messages that one network may ask for in ten minutes; past that it is asked to
    /// wait.
    pub messages_per_network: u32,
    /// SMS for registrations, of the whole service, in an hour: they cost money, and
    /// strangers can ask for them.
    pub registration_sms_per_hour: u32,
    /// SMS for lost identifiers and passwords, of the whole service, in an hour. Counted
    /// apart, so that recovery goes on when registrations are abused.
    pub recovery_sms_per_hour: u32,
    /// Wrong codes of the whole service in ten minutes, past which everybody is asked to
    /// wait: somebody tries codes on many accounts.
    pub wrong_codes: u32,
    /// Country calling codes of numbers that SMS are sent to.
    pub sms_countries: Vec<CountryCode>,
    /// Whether a guardian who came through FranceConnect may choose a password as well.
    pub choose_password: bool,
    /// A file with passwords that nobody may choose, one a line, beside the common ones
    /// that are refused anyway.
    pub refused_passwords: Option<PathBuf>,
}

impl Default for SelfServiceSettings {
    fn default() -> Self {
        Self {
            messages_per_contact: 10,
            messages_per_network: 60,
            registration_sms_per_hour: 20_000,
            recovery_sms_per_hour: 20_000,
            wrong_codes: 1_000,
            sms_countries: DEFAULT_SMS_COUNTRIES.to_vec(),
            choose_password: true,
            refused_passwords: None,
        }
    }
}
