//! The form in which a gateway takes messages, as the configuration describes it.
//!
//! A template stands in each text of the body, never around them: whatever a message
//! holds, it cannot leave its place in JSON or in a form.

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{ids::MessageId, secret::Secret};
use minijinja::{Environment, Error, UndefinedBehavior, context};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};
use url::form_urlencoded::Serializer;

use crate::settings::{SettingFault, SmsEncoding, SmsSettings};

/// Headers that follow from the address, the connection and the encoding.
const OURS: [&str; 5] = [
    "host",
    "content-length",
    "content-type",
    "transfer-encoding",
    "connection",
];

/// What the check writes, to see that it arrives.
const SAMPLE: Sms<'_> = Sms {
    id: MessageId::from_uuid(uuid::Uuid::nil()),
    number: "+33639980001",
    text: "Bonjour",
};

/// A message to be written.
#[derive(Clone, Copy)]
pub(super) struct Sms<'a> {
    pub(super) id: MessageId,
    /// In E.164.
    pub(super) number: &'a str,
    pub(super) text: &'a str,
}

impl Sms<'_> {
    fn digits(&self) -> &str {
        self.number.trim_start_matches('+')
    }
}

/// A form cannot be filled in: it asks for what there is not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Unwritable;

/// The form of one gateway.
pub(crate) struct Form {
    templates: Environment<'static>,
    headers: Vec<(HeaderName, Secret)>,
    idempotency: Option<HeaderName>,
    encoding: SmsEncoding,
    body: Value,
    secret: Option<Secret>,
    sender: String,
}

impl Form {
    /// The form of the settings, tried out on a sample.
    ///
    /// # Errors
    /// The first fault of `headers`, `idempotency_header` or `body`.
    pub(crate) fn of(settings: &SmsSettings) -> Result<Self, SettingFault> {
        let headers = settings.headers.iter().map(header);
        let form = Self {
            templates: templates(),
            headers: headers.collect::<Option<_>>().ok_or(HEADERS)?,
            idempotency: idempotency(&settings.idempotency_header)?,
            encoding: settings.encoding,
            body: serde_json::from_str(&settings.body).map_err(|_| BODY)?,
            secret: settings.secret.clone(),
            sender: settings.sender.clone().unwrap_or_default(),
        };
        form.headers(&SAMPLE).map_err(|_| HEADERS)?;
        let body = form.body(&SAMPLE).map_err(|_| BODY)?;
        let says = |part: &str| body.contains(part);
        if !says(SAMPLE.digits()) || !says(SAMPLE.text) {
            return Err(BODY);
        }
        Ok(form)
    }

    /// All headers of a message.
    pub(super) fn headers(&self, sms: &Sms<'_>) -> Result<HeaderMap, Unwritable> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type()));
        let id = sms.id.to_string();
        if let Some(name) = &self.idempotency {
            headers.insert(name, HeaderValue::from_str(&id).map_err(|_| Unwritable)?);
        }
        let (secret, sender) = (self.secret(), &self.sender);
        let context = context! { id, sender, ..secret };
        for (name, template) in &self.headers {
            let value = self.templates.render_str(template.expose(), &context);
            let value = value.map_err(|_: Error| Unwritable)?;
            let mut value = HeaderValue::from_str(&value).map_err(|_| Unwritable)?;
            value.set_sensitive(true);
            headers.append(name, value);
        }
        Ok(headers)
    }

    /// The body of a message.
    pub(super) fn body(&self, sms: &Sms<'_>) -> Result<String, Unwritable> {
        let context = context! {
            number => sms.number,
            digits => sms.digits(),
            text => sms.text,
            id => sms.id.to_string(),
            sender => self.sender.as_str(),
            ..self.secret()
        };
        let body = self.written(&self.body, &context)?.ok_or(Unwritable)?;
        match (self.encoding, body) {
            (SmsEncoding::Json, body) => Ok(body.to_string()),
            (SmsEncoding::Form, Value::Object(fields)) => form_encoded(&fields),
            (SmsEncoding::Form, _) => Err(Unwritable),
        }
    }

    const fn content_type(&self) -> &'static str {
        match self.encoding {
            SmsEncoding::Json => "application/json",
            SmsEncoding::Form => "application/x-www-form-urlencoded",
        }
    }

    /// `secret` where one is set; to name it where none is set is a fault.
    fn secret(&self) -> minijinja::Value {
        match &self.secret {
            Some(secret) => context! { secret => secret.expose() },
            None => context! {},
        }
    }

    /// A part of the body with its texts filled in; nothing of a text that is empty.
    fn written(
        &self,
        part: &Value,
        context: &minijinja::Value,
    ) -> Result<Option<Value>, Unwritable> {
        Ok(Some(match part {
            Value::String(template) => {
                let text = self.templates.render_str(template, context);
                let text = text.map_err(|_: Error| Unwritable)?;
                return Ok((!text.is_empty()).then_some(Value::String(text)));
            }
            Value::Array(parts) => {
                let parts = parts.iter();
                let written = parts.filter_map(|part| self.written(part, context).transpose());
                Value::Array(written.collect::<Result<_, _>>()?)
            }
            Value::Object(members) => {
                let written = members.iter().filter_map(|(name, part)| {
                    let part = self.written(part, context).transpose()?;
                    Some(part.map(|part| (name.clone(), part)))
                });
                Value::Object(written.collect::<Result<_, _>>()?)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => part.clone(),
        }))
    }
}

const HEADERS: SettingFault = SettingFault {
    key: "headers",
    fault: "each must be `Name: value`, and a value may name `id`, `sender` and a `secret` that is set",
};

const BODY: SettingFault = SettingFault {
    key: "body",
    fault: "JSON is expected, flat for a form, with `{{ text }}` and `{{ number }}` or `{{ digits }}` in \
            it, and besides `id`, `sender` and a `secret` that is set",
};

fn templates() -> Environment<'static> {
    let mut templates = Environment::new();
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    templates.add_filter("base64", |text: &str| STANDARD.encode(text));
    templates
}

fn header(line: &Secret) -> Option<(HeaderName, Secret)> {
    let (name, value) = line.expose().split_once(':')?;
    let name: HeaderName = name.trim().parse().ok()?;
    let is_ours = OURS.contains(&name.as_str());
    (!is_ours).then(|| (name, Secret::new(value.trim())))
}

fn idempotency(name: &str) -> Result<Option<HeaderName>, SettingFault> {
    if name.is_empty() {
        return Ok(None);
    }
    let fault = SettingFault {
        key: "idempotency_header",
        fault: "the name of a header is expected, or nothing",
    };
    name.parse().map(Some).map_err(|_| fault)
}

fn form_encoded(fields: &Map<String, Value>) -> Result<String, Unwritable> {
    let mut form = Serializer::new(String::new());
    for (name, value) in fields {
        match value {
            Value::String(text) => form.append_pair(name, text),
            Value::Number(_) | Value::Bool(_) => form.append_pair(name, &value.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => return Err(Unwritable),
        };
    }
    Ok(form.finish())
}
