//! Section `sms`.

use domain::secret::Secret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::{SettingFault, check_seconds, fault, fifteen, is_loopback};
use crate::transport::sms::{Form, Verdict};

/// How a message is handed to the gateway. Not by GET: a code does not belong in an
/// address, which everybody on the way writes down.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum SmsMethod {
    /// The usual one.
    #[default]
    Post,
    /// For gateways whose messages are resources.
    Put,
}

/// How the body is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SmsEncoding {
    /// `application/json`.
    #[default]
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
}

/// Section `sms`: the gateway that takes our SMS, and in which form. By default each is
/// a POST of `{"to", "text", "id", "from"}` in JSON with a bearer token, answered by any
/// 2xx; `id` is the same when a message comes again.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SmsSettings {
    /// Where messages are sent: https, or http on this machine.
    pub url: Url,
    /// `POST` or `PUT`.
    #[serde(default)]
    pub method: SmsMethod,
    /// What the gateway knows us by: `{{ secret }}` in headers and body.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub secret: Option<Secret>,
    /// Headers, each `Name: value`. A value may hold `{{ secret }}`, `{{ id }}` and
    /// `{{ sender }}`, also through the filter `base64`.
    #[serde(default = "bearer")]
    #[schemars(with = "Vec<String>", default = "bearer_texts")]
    pub headers: Vec<Secret>,
    /// The header that bears the message's id, the same when the message comes again;
    /// empty: none.
    #[serde(default = "idempotency_key")]
    pub idempotency_header: String,
    /// `json`, or `form` (then `body` is one object of texts, numbers and booleans).
    #[serde(default)]
    pub encoding: SmsEncoding,
    /// The body, as JSON. Each text in it may hold `{{ number }}` (with `+`),
    /// `{{ digits }}` (the number without `+`), `{{ text }}`, `{{ id }}`, `{{ sender }}`
    /// and `{{ secret }}`; one that comes out empty is left out.
    #[serde(default = "body")]
    pub body: String,
    /// The sender that phones show, at most eleven letters and digits; absent: the
    /// gateway's own.
    #[serde(default)]
    pub sender: Option<String>,
    /// Statuses of an answer that may mean success: `201`, or `2xx` for all of them. Any
    /// other is tried again, but 400, 413 and 422 are for good.
    #[serde(default = "success")]
    pub accepted_statuses: Vec<String>,
    /// Where the answer, in JSON, says that the message was taken (RFC 6901): `/status`.
    /// Absent: the status is enough.
    #[serde(default)]
    pub accepted_pointer: Option<String>,
    /// What may stand there: texts, or numbers and booleans as JSON writes them. Anything
    /// else is tried again.
    #[serde(default)]
    pub accepted_values: Vec<String>,
    /// Seconds that one message may take.
    #[serde(default = "fifteen")]
    pub timeout: u64,
}

impl SmsSettings {
    /// Checks what the types do not hold.
    ///
    /// # Errors
    /// The first fault found.
    pub fn check(&self) -> Result<(), SettingFault> {
        self.check_url()?;
        self.check_texts()?;
        Form::of(self)?;
        Verdict::of(self)?;
        check_seconds(self.timeout)
    }

    /// Whether the gateway is on this machine.
    pub(crate) fn is_local(&self) -> bool {
        match self.url.host() {
            Some(Host::Domain(name)) => is_loopback(name),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }

    fn check_url(&self) -> Result<(), SettingFault> {
        let is_guarded = self.url.scheme() == "https" || self.is_local();
        if !is_guarded || !matches!(self.url.scheme(), "https" | "http") {
            return Err(fault("url", "https is expected, or http on this machine"));
        }
        if !self.url.username().is_empty() || self.url.password().is_some() {
            let what = "a secret goes into `secret`, not into the address";
            return Err(fault("url", what));
        }
        Ok(())
    }

    fn check_texts(&self) -> Result<(), SettingFault> {
        let secret = self.secret.iter().map(Secret::expose);
        if !secret
            .flat_map(str::bytes)
            .all(|byte| byte.is_ascii_graphic())
        {
            let what = "only visible ASCII characters are expected";
            return Err(fault("secret", what));
        }
        let sender = self.sender.as_deref();
        if sender.is_some_and(|sender| !is_sender(sender)) {
            let what = "one to eleven letters and digits are expected";
            return Err(fault("sender", what));
        }
        Ok(())
    }
}

fn is_sender(sender: &str) -> bool {
    (1..=11).contains(&sender.len()) && sender.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn bearer() -> Vec<Secret> {
    bearer_texts().into_iter().map(Secret::new).collect()
}

fn bearer_texts() -> Vec<String> {
    vec!["Authorization: Bearer {{ secret }}".to_owned()]
}

fn idempotency_key() -> String {
    "Idempotency-Key".to_owned()
}

fn body() -> String {
    r#"{"to": "{{ number }}", "text": "{{ text }}", "id": "{{ id }}", "from": "{{ sender }}"}"#
        .to_owned()
}

fn success() -> Vec<String> {
    vec!["2xx".to_owned()]
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn fault_of(extra: &Value) -> Option<&'static str> {
        let mut all = json!({ "url": "https://sms.example.org/v1", "secret": "token" });
        all.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        let settings: SmsSettings = serde_json::from_value(all).unwrap();
        settings.check().err().map(|fault| fault.key)
    }

    #[test]
    fn the_gateway_is_reached_by_https_unless_it_is_here() {
        for (url, expected) in [
            ("https://sms.example.org/v1", None),
            ("http://[::1]:9/v1", None),
            ("http://sms.example.org/v1", Some("url")),
            ("ftp://localhost/v1", Some("url")),
            ("https://u:p@sms.example.org/", Some("url")),
        ] {
            assert_eq!(fault_of(&json!({ "url": url })), expected, "{url}");
        }
    }

    #[test]
    fn what_a_gateway_would_not_understand_is_a_fault_by_its_key() {
        for (key, value) in [
            ("sender", json!("Préau")),
            ("secret", json!("two words")),
            ("headers", json!(["no colon"])),
            ("headers", json!(["Content-Length: 7"])),
            ("headers", json!(["X-Key: {{ number }}"])),
            ("headers", json!(["X-Key: a\r\nX-Other: b"])),
            ("idempotency_header", json!("two words")),
            ("body", json!("not JSON")),
            ("body", json!(r#"{"text": "{{ text }}"}"#)),
            (
                "body",
                json!(r#"{"to": "{{ number }}", "text": "{{ txt }}"}"#),
            ),
            ("accepted_statuses", json!([])),
            ("accepted_statuses", json!(["7xx"])),
            ("accepted_pointer", json!("status")),
            ("accepted_values", json!(["sent"])),
        ] {
            assert_eq!(
                fault_of(&json!({ key: value.clone() })),
                Some(key),
                "{value}"
            );
        }
    }

    #[test]
    fn a_secret_that_is_named_must_be_set() {
        assert_eq!(fault_of(&json!({ "secret": null })), Some("headers"));
        let own = json!({ "secret": null, "headers": ["X-Api-Key: 0123"] });
        assert_eq!(fault_of(&own), None);
    }

    #[test]
    fn a_form_is_flat() {
        let nested = r#"{"to": {"number": "{{ number }}"}, "text": "{{ text }}"}"#;
        let form = |body: &str| fault_of(&json!({ "encoding": "form", "body": body }));
        assert_eq!(form(nested), Some("body"));
        assert_eq!(
            form(r#"{"To": "{{ digits }}", "Body": "{{ text }}", "n": 1}"#),
            None
        );
    }
}
