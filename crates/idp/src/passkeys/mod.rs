//! Passkeys (Web Authentication Level 3): a device is asked to make one, or to answer with
//! one, and what it says is judged.
//!
//! - [`ceremony`]: the question that waits for its answer, once, for five minutes;
//! - `judging`: whether an answer opens an account;
//! - `adding`: a passkey becomes an account's.
//!
//! Every passkey can be found by its device without an identifier and knows its owner (by a
//! finger, a face or a code), so each is two factors. No attestation is asked for: which
//! make a device is says nothing that a family's account needs, and would tell devices apart.

mod adding;
pub mod ceremony;
mod judging;

use std::sync::Arc;

use domain::ambient::Ambient;
use serde::{Deserialize, Serialize};
use store::ephemeral::EphemeralStore;
use url::Url;
use web::Route;
use webauthn_rs::{
    Webauthn, WebauthnBuilder,
    prelude::{Credential, Passkey as WebauthnPasskey},
};

pub use self::{
    adding::{Added, add, ask_to_make, made},
    ceremony::{Purpose, Question},
    judging::{Proved, ask, prove, prove_second},
};

/// What passkeys are asked with.
#[derive(Clone)]
pub struct Passkeys {
    webauthn: Webauthn,
    ephemeral: Arc<dyn EphemeralStore>,
    ambient: Ambient,
    decoy: Credential,
}

impl Passkeys {
    /// Of an issuer: its host is the relying party's id, itself the one origin. `None`
    /// where the host is an address, which the standard does not take (section 5.1.3 of
    /// Web Authentication: a valid domain).
    pub fn new(
        issuer: &str,
        product: &str,
        ephemeral: Arc<dyn EphemeralStore>,
        ambient: Ambient,
    ) -> Option<Self> {
        let origin = Url::parse(issuer).ok()?;
        let domain = origin.domain()?;
        let builder = WebauthnBuilder::new(domain, &origin).ok()?;
        let webauthn = builder.rp_name(product).timeout(ceremony::LIFETIME).build();
        Some(Self {
            webauthn: webauthn.ok()?,
            ephemeral,
            ambient,
            decoy: decoy(),
        })
    }
}

/// A key that nobody has: answers for passkeys that nobody has are judged by it, so that
/// they take the time of others. It is the generator of the curve P-256.
fn decoy() -> Credential {
    let decoy = r#"{"cred": {
        "cred_id": "", "counter": 0, "transports": null, "user_verified": true,
        "backup_eligible": false, "backup_state": false, "registration_policy": "required",
        "extensions": {},
        "attestation": {"data": "None", "metadata": "None"}, "attestation_format": "none",
        "cred": {"type_": "ES256", "key": {"EC_EC2": {"curve": "SECP256R1",
            "x": "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY",
            "y": "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"}}}
    }}"#;
    let decoy: WebauthnPasskey = serde_json::from_str(decoy).expect("a passkey as it is kept");
    decoy.into()
}

/// What a page posts once the device has answered.
#[derive(Clone, Default, Debug, Deserialize)]
pub struct Answered {
    /// The question's name.
    #[serde(default)]
    pub ceremonie: String,
    /// What the device said, as JSON.
    #[serde(default)]
    pub reponse: String,
}

/// What a page posts once the device has made a passkey.
#[derive(Clone, Default, Debug, Deserialize)]
pub struct Made {
    /// What its owner calls it.
    #[serde(default)]
    pub nom: String,
    #[serde(default)]
    ceremonie: String,
    #[serde(default)]
    reponse: String,
}

impl Made {
    /// What the device said.
    pub fn answered(&self) -> Answered {
        Answered {
            ceremonie: self.ceremonie.clone(),
            reponse: self.reponse.clone(),
        }
    }
}

/// What a page needs to ask for a passkey: the context of `passkeys.html`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PasskeyForm {
    /// Where the answer is posted.
    action: String,
    /// Where the script gets its question.
    question: String,
}

impl PasskeyForm {
    /// Of these addresses.
    pub fn new(action: &impl Route, question: &impl Route) -> Self {
        Self {
            action: action.path().into_owned(),
            question: question.path().into_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use store::ephemeral::SqlEphemeral;

    use super::*;

    async fn of(issuer: &str) -> Option<Passkeys> {
        let database = store::testing::fresh_sqlite().await.unwrap();
        let ephemeral = Arc::new(SqlEphemeral::new(database.database.clone()));
        Passkeys::new(issuer, "Préau", ephemeral, Ambient::system())
    }

    #[tokio::test]
    async fn passkeys_are_of_a_host_with_a_name() {
        assert!(of("https://compte.example").await.is_some());
        assert!(of("http://localhost:8080").await.is_some());
        assert!(of("http://127.0.0.1:8080").await.is_none());
        assert!(of("https://[2001:db8::1]").await.is_none());
    }
}
