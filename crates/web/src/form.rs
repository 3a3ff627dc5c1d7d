//! Forms: read strictly, checked against forgery, shown again with what is wrong.

use std::collections::BTreeMap;

use axum::{
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
};
use bytes::Bytes;
use percent_encoding::percent_decode;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    context::RequestContext,
    csrf::{self, CsrfFault},
    error::PageError,
    texts::TextKey,
};

/// A form of one of our pages, posted by the browser that it was shown to.
///
/// `T`'s fields are `String`s (or types that deserialise from one), and `Option` or
/// `#[serde(default)]` where a browser may leave them out. What `T` does not name is
/// passed over. A form that is not sound is answered with a page: 415, 413, 400 or 403.
#[derive(Debug, Clone, Copy)]
pub struct Posted<T>(
    /// The form.
    pub T,
);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Posted<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Self, PageError> {
        let context = RequestContext::of(request.extensions())?;
        let headers = request.headers().clone();
        if !is_urlencoded(&headers) {
            return Err(unsound(StatusCode::UNSUPPORTED_MEDIA_TYPE, "format"));
        }
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| unsound(rejection.status(), "trop-long"))?;
        let fields = Fields::parse(&body).map_err(|fault| bad_form().detail(fault.to_string()))?;
        check_origin(&context, &headers, &fields)?;
        fields.read().map(Self).ok_or_else(bad_form)
    }
}

fn check_origin(
    context: &RequestContext,
    headers: &HeaderMap,
    fields: &Fields,
) -> Result<(), PageError> {
    let site = &context.site;
    let names = context.names_of_browser();
    let sent = fields.value(csrf::FIELD);
    csrf::check(&site.csrf_key, &names, sent, headers, &site.urls).map_err(|fault| {
        tracing::info!(?fault, "a form was refused");
        match fault {
            CsrfFault::NoBrowser => PageError::no_cookies(),
            CsrfFault::WrongToken | CsrfFault::CrossSite | CsrfFault::ForeignOrigin => {
                PageError::form_expired()
            }
        }
    })
}

fn bad_form() -> PageError {
    unsound(StatusCode::BAD_REQUEST, "formulaire")
}

fn unsound(status: StatusCode, code: &'static str) -> PageError {
    let title = TextKey::new("error-bad-request-title");
    PageError::new(status, code, title, TextKey::new("error-bad-request-text"))
}

/// Whether the body says that it is `application/x-www-form-urlencoded`.
pub fn is_urlencoded(headers: &HeaderMap) -> bool {
    let declared = headers.get(header::CONTENT_TYPE);
    let declared = declared.and_then(|value| value.to_str().ok()).unwrap_or("");
    let essence = declared.split(';').next().unwrap_or("").trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Why a urlencoded text is not sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormFault {
    /// Bytes that are no UTF-8.
    #[error("a name or value is not UTF-8")]
    NotUtf8,
    /// A field twice: which one counts would be a guess (RFC 6749, section 3.1).
    #[error("a field is repeated")]
    Repeated,
    /// More fields than any form of ours has.
    #[error("too many fields")]
    TooMany,
}

/// The fields of a urlencoded form or query, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(BTreeMap<String, String>);

impl Fields {
    const MOST: usize = 100;

    /// Reads `name=value` pairs strictly.
    pub fn parse(text: &[u8]) -> Result<Self, FormFault> {
        let mut fields = BTreeMap::new();
        for pair in text
            .split(|byte| *byte == b'&')
            .filter(|pair| !pair.is_empty())
        {
            let cut = pair.iter().position(|byte| *byte == b'=');
            let (name, value) = pair.split_at(cut.unwrap_or(pair.len()));
            let value = decode(value.get(1..).unwrap_or_default())?;
            if fields.insert(decode(name)?, value).is_some() {
                return Err(FormFault::Repeated);
            }
            if fields.len() > Self::MOST {
                return Err(FormFault::TooMany);
            }
        }
        Ok(Self(fields))
    }

    /// The value of a field.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The names of all fields.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    fn read<T: DeserializeOwned>(self) -> Option<T> {
        let text = |(name, value)| (name, Value::String(value));
        serde_json::from_value(Value::Object(self.0.into_iter().map(text).collect())).ok()
    }
}

fn decode(text: &[u8]) -> Result<String, FormFault> {
    let spaced: Vec<u8> = text
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    let decoded = percent_decode(&spaced).decode_utf8();
    let decoded = decoded.map_err(|_| FormFault::NotUtf8)?;
    Ok(decoded.into_owned())
}

/// What is wrong with a form: the page comes again with it. Templates give it to the
/// macros of `fields.html`.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(transparent)]
pub struct FormErrors(Vec<FormError>);

#[derive(Debug, Clone, Serialize)]
struct FormError {
    field: &'static str,
    text: TextKey,
    values: BTreeMap<&'static str, String>,
    whole: bool,
}

impl FormErrors {
    /// No error yet.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Whether the form is good.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A fault of one field, by its id: said in the summary and above the field.
    #[must_use]
    pub fn field(self, field: &'static str, text: TextKey) -> Self {
        self.push(field, text, false)
    }

    /// A fault of the form as a whole, said in the summary alone, whose link leads to
    /// the field where a person begins again.
    #[must_use]
    pub fn whole(self, first_field: &'static str, text: TextKey) -> Self {
        self.push(first_field, text, true)
    }

    /// These and others, in that order.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// Gives the last error's text a value that it names as `{ $name }`.
    #[must_use]
    pub fn value(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Some(last) = self.0.last_mut() {
            last.values.insert(name, value.into());
        }
        self
    }

    fn push(mut self, field: &'static str, text: TextKey, whole: bool) -> Self {
        self.0.push(FormError {
            field,
            text,
            values: BTreeMap::new(),
            whole,
        });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Fields, FormFault> {
        Fields::parse(text.as_bytes())
    }

    #[test]
    fn fields_are_decoded() {
        let fields = parse("nom=L%C3%A9o+Martin&vide=&seul&&a=b=c").unwrap();
        assert_eq!(fields.value("nom"), Some("Léo Martin"));
        assert_eq!(fields.value("vide"), Some(""));
        assert_eq!(fields.value("seul"), Some(""));
        assert_eq!(fields.value("a"), Some("b=c"));
        assert_eq!(fields.value("b"), None);
    }

    #[test]
    fn a_repeated_field_is_refused_however_it_is_written() {
        assert_eq!(parse("a=1&a=1"), Err(FormFault::Repeated));
        assert_eq!(parse("a=1&%61=2"), Err(FormFault::Repeated));
    }

    #[test]
    fn invalid_utf8_is_refused() {
        assert_eq!(parse("a=%ff"), Err(FormFault::NotUtf8));
        assert_eq!(parse("%C3=a"), Err(FormFault::NotUtf8));
        assert_eq!(Fields::parse(b"a=\xff"), Err(FormFault::NotUtf8));
    }

    #[test]
    fn hundreds_of_fields_are_refused() {
        let many: Vec<String> = (0..200).map(|n| format!("f{n}=")).collect();
        assert_eq!(parse(&many.join("&")), Err(FormFault::TooMany));
    }
}
