//! What an operator may set of messages.

mod sms;

use std::{net::IpAddr, time::Duration};

use domain::{contact::EmailAddress, secret::Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::sms::{SmsEncoding, SmsMethod, SmsSettings};

/// A setting that does not do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{key}: {fault}")]
pub struct SettingFault {
    /// The key within its section.
    pub key: &'static str,
    /// What is wrong with it, and what would be right.
    pub fault: &'static str,
}

const fn fault(key: &'static str, fault: &'static str) -> SettingFault {
    SettingFault { key, fault }
}

/// How the connection to the mail server is kept from others' eyes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MailSecurity {
    /// TLS from the server's first word after `STARTTLS`, never without (RFC 3207).
    #[default]
    StartTls,
    /// TLS from the first byte (RFC 8314, section 3.3).
    Tls,
    /// None: only for a server on this machine.
    None,
}

/// Section `mail`: the server that takes our e-mail (SMTP submission, RFC 6409).
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    /// The server's name; its certificate must bear it.
    pub host: String,
    /// Its port; absent: 587 with `starttls`, 465 with `tls`, 25 with `none`.
    #[serde(default)]
    pub port: Option<u16>,
    /// `starttls`, `tls`, or `none` for a server on this machine.
    #[serde(default)]
    pub security: MailSecurity,
    /// Certificates in PEM of an authority that the server's certificate may come from,
    /// beside those that this machine trusts.
    #[serde(default)]
    pub authority: Option<String>,
    /// The name to sign in with; absent: without signing in.
    #[serde(default)]
    pub username: Option<String>,
    /// The password of that name.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub password: Option<Secret>,
    /// The address that messages come from; its host stands in each Message-ID.
    #[schemars(with = "String")]
    pub from: EmailAddress,
    /// The name shown beside that address.
    #[serde(default = "product")]
    pub from_name: String,
    /// Seconds that connecting, or one answer of the server, may take.
    #[serde(default = "fifteen")]
    pub timeout: u64,
    /// Connections at once.
    #[serde(default = "four")]
    pub connections: u32,
}

impl MailSettings {
    /// Checks what the types do not hold.
    ///
    /// # Errors
    /// The first fault found.
    pub fn check(&self) -> Result<(), SettingFault> {
        if self.host.is_empty() || self.host.contains(char::is_whitespace) {
            return Err(fault("host", "the mail server's name is expected"));
        }
        if self.security == MailSecurity::None && !is_loopback(&self.host) {
            return Err(fault(
                "security",
                "`none` is only for a server on this machine",
            ));
        }
        if self.username.is_some() != self.password.is_some() {
            return Err(fault("username", "username and password go together"));
        }
        if self.from_name.contains(char::is_control) {
            return Err(fault("from_name", "one line is expected"));
        }
        check_seconds(self.timeout)
    }

    /// The port, told or by custom.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.security {
            MailSecurity::StartTls => 587,
            MailSecurity::Tls => 465,
            MailSecurity::None => 25,
        })
    }
}

/// Section `delivery`: how messages are tried.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DeliverySettings {
    /// Milliseconds between two looks at the outbox. What this process writes itself
    /// goes out at once.
    pub poll_milliseconds: u64,
    /// Messages on their way at once; 0: other nodes deliver what this one writes.
    pub concurrency: u32,
    /// Seconds that one attempt may take.
    pub attempt_timeout: u64,
    /// Attempts before a message is given up.
    pub attempts: u32,
    /// Seconds until the second attempt; the wait doubles with each further one.
    pub first_retry: u64,
    /// The longest wait between two attempts, in seconds.
    pub longest_retry: u64,
}

impl Default for DeliverySettings {
    fn default() -> Self {
        Self {
            poll_milliseconds: 1000,
            concurrency: 8,
            attempt_timeout: 60,
            attempts: 20,
            first_retry: 5,
            longest_retry: 3600,
        }
    }
}

impl DeliverySettings {
    pub(crate) const fn attempt(&self) -> Duration {
        Duration::from_secs(self.attempt_timeout)
    }

    pub(crate) fn poll(&self) -> Duration {
        Duration::from_millis(self.poll_milliseconds.max(10))
    }

    /// The wait after a failed attempt (from 1): half of it sure, half by chance, so
    /// that many messages that failed together do not come again together.
    pub(crate) fn backoff(&self, attempt: u32, random: u32) -> Duration {
        let doublings = attempt.saturating_sub(1).min(31);
        let seconds = self
            .first_retry
            .saturating_mul(1 << doublings)
            .min(self.longest_retry);
        let half = Duration::from_secs(seconds) / 2;
        half + half.mul_f64(f64::from(random) / f64::from(u32::MAX))
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

const fn check_seconds(timeout: u64) -> Result<(), SettingFault> {
    match timeout {
        1..=60 => Ok(()),
        _ => Err(fault("timeout", "1 to 60 seconds are expected")),
    }
}

fn product() -> String {
    "Préau".to_owned()
}

const fn fifteen() -> u64 {
    15
}

const fn four() -> u32 {
    4
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn mail(extra: &serde_json::Value) -> MailSettings {
        let mut all = json!({ "host": "mail.example.org", "from": "ne-pas-repondre@example.org" });
        all.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        serde_json::from_value(all).unwrap()
    }

    fn key(checked: Result<(), SettingFault>) -> Option<&'static str> {
        checked.err().map(|fault| fault.key)
    }

    #[test]
    fn mail_is_guarded_unless_the_server_is_here() {
        assert_eq!(mail(&json!({})).port(), 587);
        assert_eq!(key(mail(&json!({})).check()), None);
        assert_eq!(
            key(mail(&json!({ "security": "none" })).check()),
            Some("security")
        );
        let local = mail(&json!({ "security": "none", "host": "127.0.0.1" }));
        assert_eq!((key(local.check()), local.port()), (None, 25));
    }

    #[test]
    fn half_of_a_credential_and_two_lines_of_name_are_faults() {
        assert_eq!(
            key(mail(&json!({ "username": "u" })).check()),
            Some("username")
        );
        assert_eq!(
            key(mail(&json!({ "from_name": "a\r\nBcc: b" })).check()),
            Some("from_name")
        );
        assert_eq!(key(mail(&json!({ "timeout": 0 })).check()), Some("timeout"));
    }

    #[test]
    fn waits_double_up_to_the_longest_and_differ_by_chance() {
        let settings = DeliverySettings::default();
        let longest = |attempt| settings.backoff(attempt, u32::MAX).as_secs();
        assert_eq!([1, 2, 3, 11, 99].map(longest), [5, 10, 20, 3600, 3600]);
        assert_eq!(settings.backoff(1, 0), Duration::from_millis(2500));
    }
}
