//! What goes back to the client through the browser (RFC 6749, section 4.1.2;
//! RFC 9207; OAuth 2.0 Form Post Response Mode).

use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use super::refusal::Refusal;

/// How the answer travels.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of a redirect.
    #[default]
    Query,
    /// In a form that posts itself.
    FormPost,
}

impl ResponseMode {
    /// All of them, as metadata announces them.
    pub const ALL: [Self; 2] = [Self::Query, Self::FormPost];

    /// The value of `response_mode`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::FormPost => "form_post",
        }
    }

    /// Reads the value.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == text)
    }
}

/// Where an answer goes: only a proven redirect URI becomes one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReturnAddress {
    pub(super) redirect_uri: String,
    pub(super) response_mode: ResponseMode,
    pub(super) state: Option<String>,
}

/// An answer, ready to be sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AuthorizationResponse {
    /// A redirect (303) to this address.
    Redirect(String),
    /// A page whose form posts these fields to this address.
    FormPost {
        /// The redirect URI.
        action: String,
        /// Names and values, in order.
        fields: Vec<(&'static str, String)>,
    },
}

impl ReturnAddress {
    /// The redirect URI, as the request wrote it.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// The answer with a code.
    #[must_use]
    pub fn code(&self, code: &str, issuer: &str) -> AuthorizationResponse {
        self.answer(vec![("code", code.to_owned())], issuer)
    }

    /// The answer with an error.
    #[must_use]
    pub fn error(&self, refusal: &Refusal, issuer: &str) -> AuthorizationResponse {
        let error = ("error", refusal.code().as_str().to_owned());
        let description = ("error_description", refusal.description());
        self.answer(vec![error, description], issuer)
    }

    fn answer(
        &self,
        mut fields: Vec<(&'static str, String)>,
        issuer: &str,
    ) -> AuthorizationResponse {
        fields.extend(self.state.clone().map(|state| ("state", state)));
        fields.push(("iss", issuer.to_owned()));
        match self.response_mode {
            ResponseMode::Query => {
                AuthorizationResponse::Redirect(with_query(&self.redirect_uri, &fields))
            }
            ResponseMode::FormPost => AuthorizationResponse::FormPost {
                action: self.redirect_uri.clone(),
                fields,
            },
        }
    }
}

/// Appends parameters to a URI, whose own query stays as it was registered (RFC 6749,
/// section 3.1.2).
pub(super) fn with_query(uri: &str, fields: &[(&'static str, String)]) -> String {
    let separator = match uri.split_once('?') {
        None => "?",
        Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    format!("{uri}{separator}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://preau.example";

    fn address(redirect_uri: &str, response_mode: ResponseMode) -> ReturnAddress {
        ReturnAddress {
            redirect_uri: redirect_uri.to_owned(),
            response_mode,
            state: Some("a b&c\r\n\"<é".to_owned()),
        }
    }

    fn location(redirect_uri: &str) -> String {
        match address(redirect_uri, ResponseMode::Query).code("xyz", ISSUER) {
            AuthorizationResponse::Redirect(location) => location,
            AuthorizationResponse::FormPost { .. } => panic!("a redirect was asked for"),
        }
    }

    #[test]
    fn the_registered_query_is_kept() {
        let tail = "code=xyz&state=a+b%26c%0D%0A%22%3C%C3%A9&iss=https%3A%2F%2Fpreau.example";
        for (registered, expected) in [
            ("https://rp.example/cb", "https://rp.example/cb?"),
            ("https://rp.example/cb?x=1", "https://rp.example/cb?x=1&"),
            ("https://rp.example/cb?", "https://rp.example/cb?"),
            ("org.example.app:/cb", "org.example.app:/cb?"),
        ] {
            assert_eq!(location(registered), format!("{expected}{tail}"));
        }
    }

    #[test]
    fn a_form_carries_the_same_fields() {
        let answer = address("https://rp.example/cb", ResponseMode::FormPost)
            .error(&Refusal::ConsentRefused, ISSUER);
        assert_eq!(
            answer,
            AuthorizationResponse::FormPost {
                action: "https://rp.example/cb".into(),
                fields: vec![
                    ("error", "access_denied".into()),
                    ("error_description", "the person refused".into()),
                    ("state", "a b&c\r\n\"<é".into()),
                    ("iss", ISSUER.into()),
                ],
            }
        );
    }

    #[test]
    fn without_a_state_none_is_answered() {
        let address = ReturnAddress {
            state: None,
            ..address("https://rp.example/cb", ResponseMode::Query)
        };
        assert_eq!(
            address.code("xyz", ISSUER),
            AuthorizationResponse::Redirect(
                "https://rp.example/cb?code=xyz&iss=https%3A%2F%2Fpreau.example".into()
            )
        );
    }
}
