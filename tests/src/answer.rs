//! What came back.

use http::HeaderMap;
use serde_json::Value;
use url::Url;

use crate::form::Form;

/// The answer to one request.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The address that was asked, as the service knows it.
    pub url: String,
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A header's first value, or nothing.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The status and the JSON body's `error`.
    pub fn error(&self) -> (u16, String) {
        let error = self.json()["error"].as_str().unwrap_or_default().to_owned();
        (self.status, error)
    }

    /// Where a redirect leads; relative to the address that was asked.
    pub fn location(&self) -> Option<Url> {
        let target = self.headers.get("location")?.to_str().ok()?;
        Url::parse(&self.url).ok()?.join(target).ok()
    }

    /// The page's form whose action ends so.
    pub fn form(&self, action_end: &str) -> Form {
        let forms = Form::all(&self.text());
        let form = forms
            .into_iter()
            .find(|form| form.action.ends_with(action_end));
        form.unwrap_or_else(|| panic!("no form to …{action_end} in {}", self.summary()))
    }

    /// The page's form that has a field.
    pub fn form_with(&self, field: &str) -> Form {
        let mut forms = Form::all(&self.text()).into_iter();
        let form = forms.find(|form| form.value(field).is_some());
        form.unwrap_or_else(|| panic!("no form with {field} in {}", self.summary()))
    }

    /// Whether the page holds a form that asks for a password.
    pub fn is_sign_in(&self) -> bool {
        self.status == 200 && self.text().contains(r#"name="mot-de-passe""#)
    }

    /// Whether the page asks for the code of a second factor.
    pub fn is_second_factor(&self) -> bool {
        self.status == 200 && self.url.ends_with("/second-facteur")
    }

    /// Whether the page asks for consent.
    pub fn is_consent(&self) -> bool {
        self.status == 200 && self.text().contains(r#"value="autoriser""#)
    }

    /// Status, address and the page's heading: for messages of failed tests.
    pub fn summary(&self) -> String {
        let text = self.text();
        let heading = text
            .split("<h1")
            .nth(1)
            .and_then(|rest| rest.split("</h1>").next());
        let body: String = text.chars().take(300).collect();
        format!("{} {} {}", self.status, self.url, heading.unwrap_or(&body))
    }
}
