//! A question that waits for a device's answer: kept here alone, under the hash of a name
//! that its page knows, bound to browser and purpose, taken by one caller, once.

use std::time::Duration;

use domain::{
    ids::{AccountId, SessionId},
    secret::Token,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::ephemeral::{EphemeralError, Kind, Place};
use web::Browser;
use webauthn_rs::prelude::{DiscoverableAuthentication, PasskeyRegistration};

use super::Passkeys;

/// How long a person has to unlock the device.
pub const LIFETIME: Duration = Duration::from_mins(5);

/// What a question is asked for: its answer is good for nothing else.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To sign in, whoever it is.
    SignIn {
        /// Which sign-in: a hash of its name.
        sign_in: String,
    },
    /// After a first proof.
    SecondFactor {
        /// Which sign-in.
        sign_in: String,
        /// Whose.
        account: AccountId,
    },
    /// To make the first factor of somebody who must have one.
    FirstFactor {
        /// Which sign-in.
        sign_in: String,
        /// Whose.
        account: AccountId,
    },
    /// To make one, in « Mon compte ».
    Adding {
        /// In which session.
        session: SessionId,
        /// Whose.
        account: AccountId,
    },
    /// To prove another account, which is to be grouped.
    Grouping {
        /// In which session.
        session: SessionId,
        /// Which.
        account: AccountId,
    },
}

impl Purpose {
    /// To sign in, in this transaction.
    pub fn sign_in(transaction: &str) -> Self {
        Self::SignIn {
            sign_in: hash(transaction),
        }
    }

    /// After a first proof in this transaction.
    pub fn second_factor(transaction: &str, account: AccountId) -> Self {
        Self::SecondFactor {
            sign_in: hash(transaction),
            account,
        }
    }

    /// To make a first factor in this transaction.
    pub fn first_factor(transaction: &str, account: AccountId) -> Self {
        Self::FirstFactor {
            sign_in: hash(transaction),
            account,
        }
    }
}

/// A transaction's name is known to its browser alone, and stays so.
fn hash(transaction: &str) -> String {
    let name = Token::parse(transaction);
    name.map(|name| name.hash().encode()).unwrap_or_default()
}

/// A question as a page's script gets it.
#[derive(Debug, Serialize)]
pub struct Question {
    /// Its name, to be sent with the answer.
    ceremony: String,
    /// `PublicKeyCredentialCreationOptionsJSON` or `PublicKeyCredentialRequestOptionsJSON`.
    #[serde(flatten)]
    options: Value,
}

/// What the answer is judged by.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// A passkey is to be made.
    Making {
        registration: Box<PasskeyRegistration>,
        user_handle: Vec<u8>,
    },
    /// A passkey is to answer.
    Proving(Box<DiscoverableAuthentication>),
}

#[derive(Serialize, Deserialize)]
struct Waiting {
    browser: String,
    purpose: Purpose,
    state: State,
}

impl Passkeys {
    /// Keeps what the answer will be judged by, and names the question.
    pub(super) async fn keep(
        &self,
        browser: &Browser,
        purpose: Purpose,
        state: State,
        options: Value,
    ) -> Result<Question, EphemeralError> {
        let name = Token::generate(&self.ambient);
        let waiting = Waiting {
            browser: browser.hash().encode(),
            purpose,
            state,
        };
        let value = serde_json::to_string(&waiting).expect("a question is a document");
        let now = self.ambient.now();
        self.ephemeral
            .insert(place(&name.hash().encode()), &value, now, now + LIFETIME)
            .await?;
        Ok(Question {
            ceremony: name.expose(),
            options,
        })
    }

    /// Takes a question that waits: to one caller alone. `None` where it is none, was
    /// taken, is another browser's or was asked for something else; it is over then too.
    pub(super) async fn take(
        &self,
        browser: Option<&Browser>,
        purpose: &Purpose,
        name: &str,
    ) -> Result<Option<State>, EphemeralError> {
        let (Some(name), Some(browser)) = (Token::parse(name), browser) else {
            return Ok(None);
        };
        let key = name.hash().encode();
        let taken = self
            .ephemeral
            .remove(place(&key), self.ambient.now())
            .await?;
        let Some(value) = taken else {
            return Ok(None);
        };
        let waiting: Waiting =
            serde_json::from_str(&value).map_err(|_| EphemeralError::Malformed("passkey"))?;
        let fits = browser.is_encoded(&waiting.browser) && waiting.purpose == *purpose;
        Ok(fits.then_some(waiting.state))
    }
}

const fn place(key: &str) -> Place<'_> {
    Place {
        kind: Kind::Passkey,
        key,
    }
}
