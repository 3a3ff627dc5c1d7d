//! Relying parties, as bare as tests of endpoints need them.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::Value;

use crate::{
    answer::Answer,
    assertion::Assertion,
    door::Door,
    request::{Callback, Request},
};

/// How a client proves who it is.
#[derive(Clone, Debug)]
pub enum Proof {
    /// `client_secret_basic`.
    Basic(String),
    /// `client_secret_post`.
    Post(String),
    /// `private_key_jwt` with the key of the tests.
    Key,
    /// A public client.
    None,
}

/// A relying party.
#[derive(Clone, Debug)]
pub struct RelyingParty {
    /// The node that it talks to.
    pub door: Door,
    /// Its client id.
    pub id: String,
    /// Its redirect URI.
    pub redirect_uri: String,
    /// All that it may ask for.
    pub scope: String,
    /// How it proves who it is.
    pub proof: Proof,
}

/// What the token endpoint gave.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// The access token.
    pub access: String,
    /// The refresh token, or an empty text.
    pub refresh: String,
    /// The ID token, or an empty text.
    pub id: String,
    /// The whole answer.
    pub answer: Answer,
}

impl Tokens {
    /// Reads a successful answer.
    pub fn read(answer: Answer) -> Self {
        assert_eq!(answer.status, 200, "{}", answer.summary());
        let json = answer.json();
        let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        Self {
            access: text("access_token"),
            refresh: text("refresh_token"),
            id: text("id_token"),
            answer,
        }
    }

    /// The ID token's claims.
    pub fn id_claims(&self) -> Value {
        payload(&self.id)
    }
}

/// The claims of a token, unverified.
pub fn payload(token: &str) -> Value {
    part(token, 1)
}

/// The header of a token, unverified.
pub fn header(token: &str) -> Value {
    part(token, 0)
}

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap_or_default();
    let bytes = URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// An `Authorization` header of name and secret.
pub fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

impl RelyingParty {
    /// A request for all that it may ask for.
    pub fn request(&self) -> Request {
        self.asks_for(&self.scope)
    }

    /// A request for these scopes.
    pub fn asks_for(&self, scope: &str) -> Request {
        let endpoint = self.door.url("/oauth2/authorize");
        Request::new(endpoint, &self.id, &self.redirect_uri, scope)
    }

    /// The same party at another node.
    #[must_use]
    pub fn at(&self, door: &Door) -> Self {
        Self {
            door: door.clone(),
            ..self.clone()
        }
    }

    /// Posts a form with its credentials.
    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let assertion = Assertion::of(&self.id, self.door.issuer());
        let mut form = form.to_vec();
        let mut headers = Vec::new();
        let header;
        let signed;
        match &self.proof {
            Proof::Basic(secret) => {
                header = basic(&self.id, secret);
                headers.push(("authorization", header.as_str()));
            }
            Proof::Post(secret) => form.extend([
                ("client_id", self.id.as_str()),
                ("client_secret", secret.as_str()),
            ]),
            Proof::Key => {
                signed = assertion.sign();
                form.extend([
                    ("client_assertion_type", Assertion::TYPE),
                    ("client_assertion", signed.as_str()),
                ]);
            }
            Proof::None => form.push(("client_id", self.id.as_str())),
        }
        self.door.post(path, &form, &headers).await
    }

    /// Asks the token endpoint.
    pub async fn token(&self, form: &[(&str, &str)]) -> Answer {
        self.post("/oauth2/token", form).await
    }

    /// Redeems a code.
    pub async fn redeem(&self, callback: &Callback) -> Answer {
        self.token(&[
            ("grant_type", "authorization_code"),
            ("code", callback.code()),
            ("redirect_uri", &callback.redirect_uri),
            ("code_verifier", &callback.verifier),
        ])
        .await
    }

    /// Redeems a code, which must be good.
    pub async fn tokens(&self, callback: &Callback) -> Tokens {
        Tokens::read(self.redeem(callback).await)
    }

    /// Refreshes.
    pub async fn refresh(&self, token: &str) -> Answer {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)])
            .await
    }

    /// Asks `UserInfo`.
    pub async fn userinfo(&self, access_token: &str) -> Answer {
        let bearer = format!("Bearer {access_token}");
        let headers = crate::door::header_map(&[("authorization", &bearer)]);
        self.door
            .send(http::Method::GET, "/oauth2/userinfo", headers, Vec::new())
            .await
    }

    /// Asks what a token is worth.
    pub async fn introspect(&self, token: &str) -> Answer {
        self.post("/oauth2/introspect", &[("token", token)]).await
    }

    /// Whether a token is worth anything to this client.
    pub async fn is_active(&self, token: &str) -> bool {
        self.introspect(token).await.json()["active"] == true
    }

    /// Ends a token.
    pub async fn revoke(&self, token: &str) -> Answer {
        self.post("/oauth2/revoke", &[("token", token)]).await
    }
}
