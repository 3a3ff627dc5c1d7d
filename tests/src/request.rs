//! Authorization requests and what came back for them.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{ambient::Ambient, secret::Token};
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use crate::{answer::Answer, door::encode};

/// An authorization request, changed at will.
#[derive(Clone, Debug)]
pub struct Request {
    endpoint: String,
    parameters: Vec<(String, String)>,
    verifier: String,
}

/// 43 random characters.
pub fn random() -> String {
    Token::generate(&Ambient::system()).expose()
}

/// The S256 challenge of a verifier.
pub fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

impl Request {
    /// A sound one, with PKCE, state and nonce.
    pub fn new(endpoint: String, client_id: &str, redirect_uri: &str, scope: &str) -> Self {
        let verifier = random();
        let parameters = [
            ("client_id", client_id.to_owned()),
            ("redirect_uri", redirect_uri.to_owned()),
            ("response_type", "code".to_owned()),
            ("scope", scope.to_owned()),
            ("state", random()),
            ("nonce", random()),
            ("code_challenge", challenge(&verifier)),
            ("code_challenge_method", "S256".to_owned()),
        ];
        let parameters = parameters
            .map(|(name, value)| (name.to_owned(), value))
            .into();
        Self {
            endpoint,
            parameters,
            verifier,
        }
    }

    /// With a parameter, in the place of the one of that name.
    #[must_use]
    pub fn with(self, name: &str, value: &str) -> Self {
        self.without(name).and(name, value)
    }

    /// With one parameter more, whether or not there is one of that name.
    #[must_use]
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.parameters.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without a parameter.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.parameters.retain(|(own, _)| own != name);
        self
    }

    /// Without PKCE.
    #[must_use]
    pub fn without_pkce(self) -> Self {
        self.without("code_challenge")
            .without("code_challenge_method")
    }

    /// A parameter's value.
    pub fn value(&self, name: &str) -> &str {
        let found = self.parameters.iter().find(|(own, _)| own == name);
        found.map_or("", |(_, value)| value)
    }

    /// The parameters, as a form has them.
    pub fn parameters(&self) -> Vec<(&str, &str)> {
        self.parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }

    /// As an address.
    pub fn url(&self) -> String {
        format!("{}?{}", self.endpoint, encode(&self.parameters()))
    }

    /// The endpoint alone, for a POST.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// What an answer brings to the redirect URI, by redirect or by form.
    pub fn callback(&self, answer: &Answer) -> Callback {
        let parameters = returned(answer, self.value("redirect_uri"));
        Callback {
            parameters: parameters.unwrap_or_else(|| {
                panic!(
                    "not led to {}: {}",
                    self.value("redirect_uri"),
                    answer.summary()
                )
            }),
            verifier: self.verifier.clone(),
            redirect_uri: self.value("redirect_uri").to_owned(),
            nonce: self.value("nonce").to_owned(),
        }
    }
}

/// The parameters that an answer brings to this address; `None` where it leads elsewhere.
pub fn returned(answer: &Answer, redirect_uri: &str) -> Option<BTreeMap<String, String>> {
    if let Some(target) = answer.location() {
        let query = target
            .as_str()
            .strip_prefix(redirect_uri)?
            .strip_prefix(['?', '&'])?;
        return Some(
            form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        );
    }
    let forms = crate::form::Form::all(&answer.text());
    let form = forms.into_iter().find(|form| form.action == redirect_uri)?;
    Some(form.fields.into_iter().collect())
}

/// What came back to the redirect URI.
#[derive(Clone, Debug)]
pub struct Callback {
    /// All of it.
    pub parameters: BTreeMap<String, String>,
    /// The request's proof key.
    pub verifier: String,
    /// Where it came to.
    pub redirect_uri: String,
    /// The request's nonce.
    pub nonce: String,
}

impl Callback {
    /// The code.
    pub fn code(&self) -> &str {
        let code = self.parameters.get("code");
        code.unwrap_or_else(|| panic!("no code but {:?}", self.parameters))
    }

    /// The error, or nothing.
    pub fn error(&self) -> &str {
        self.parameters.get("error").map_or("", String::as_str)
    }
}
