//! Requests to upstreams that are under way: kept under their `state`, bound to the
//! browser that began them and to the sign-in they are for, good once.

use std::{sync::Arc, time::Duration};

use domain::{ambient::Ambient, ids::AccountId, secret::Token};
use serde::{Deserialize, Serialize};
use store::ephemeral::{EphemeralError, EphemeralStore, Kind, Place, Spent};
use web::Browser;

use super::{RequestSecrets, Upstream};

/// A little more than the half hour that FranceConnect gives people.
const LIFETIME: Duration = Duration::from_mins(35);

/// A request under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Errand {
    /// Which upstream was asked.
    pub upstream: String,
    /// Its issuer then: an answer is never taken for another's (RFC 9700, section 4.4).
    pub issuer: String,
    /// What the ID token must repeat.
    pub nonce: String,
    /// The proof key.
    pub verifier: Option<String>,
    /// The sign-in that it is for, by name.
    pub sign_in: String,
    /// The account that the answer shall be bound to, where its owner asked for that; else
    /// somebody signs in.
    #[serde(default)]
    pub linking: Option<AccountId>,
    browser: String,
}

/// Why an answer belongs to no request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lost {
    /// There is none of this `state`, or its time is over.
    Unknown,
    /// Another browser began it.
    OtherBrowser,
    /// Another upstream was asked.
    OtherUpstream,
    /// Its answer has come before.
    Answered,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kept {
    Errand(Errand),
    /// Somebody signs out there; where they go afterwards.
    Farewell(Option<String>),
}

/// Keeps them.
#[derive(Clone)]
pub struct Errands {
    ephemeral: Arc<dyn EphemeralStore>,
    ambient: Ambient,
}

impl Errands {
    /// In this store.
    pub const fn new(ephemeral: Arc<dyn EphemeralStore>, ambient: Ambient) -> Self {
        Self { ephemeral, ambient }
    }

    /// Begins a request for a sign-in.
    ///
    /// # Errors
    /// The store's.
    pub async fn begin(
        &self,
        upstream: &Upstream,
        browser: &Browser,
        sign_in: &str,
        linking: Option<AccountId>,
    ) -> Result<RequestSecrets, EphemeralError> {
        let secrets = RequestSecrets {
            state: String::new(),
            nonce: hex(&self.ambient.random()),
            verifier: upstream
                .takes_proof_keys()
                .then(|| Token::generate(&self.ambient).expose()),
        };
        let kept = Kept::Errand(Errand {
            upstream: upstream.name().to_owned(),
            issuer: upstream.issuer().to_owned(),
            nonce: secrets.nonce.clone(),
            verifier: secrets.verifier.clone(),
            sign_in: sign_in.to_owned(),
            linking,
            browser: browser.hash().encode(),
        });
        let state = self.keep(&kept).await?;
        Ok(RequestSecrets { state, ..secrets })
    }

    /// The request that an answer belongs to: found once, in the browser that began it,
    /// at the address of the upstream that was asked.
    ///
    /// # Errors
    /// The store's; inside, why there is none.
    pub async fn take(
        &self,
        upstream: &Upstream,
        browser: Option<&Browser>,
        state: &str,
    ) -> Result<Result<Errand, Lost>, EphemeralError> {
        let Some(key) = key(state) else {
            return Ok(Err(Lost::Unknown));
        };
        let now = self.ambient.now();
        let Some(entry) = self.ephemeral.find(place(&key), now).await? else {
            return Ok(Err(Lost::Unknown));
        };
        let Kept::Errand(errand) = parse(&entry.value)? else {
            return Ok(Err(Lost::Unknown));
        };
        // Who presents another's answer must not spoil it for them.
        if browser.is_none_or(|browser| browser.hash().encode() != errand.browser) {
            return Ok(Err(Lost::OtherBrowser));
        }
        if errand.upstream != upstream.name() || errand.issuer != upstream.issuer() {
            return Ok(Err(Lost::OtherUpstream));
        }
        let spent = self
            .ephemeral
            .spend(place(&key), now, now + LIFETIME)
            .await?;
        Ok(match spent {
            Spent::First(_) => Ok(errand),
            Spent::Again(_) => Err(Lost::Answered),
            Spent::Unknown => Err(Lost::Unknown),
        })
    }

    /// Begins a sign-out at an upstream; its `state`.
    ///
    /// # Errors
    /// The store's.
    pub async fn say_farewell(&self, then: Option<&str>) -> Result<String, EphemeralError> {
        self.keep(&Kept::Farewell(then.map(str::to_owned))).await
    }

    /// Where a browser goes that comes back from signing out: once, and nowhere without
    /// the `state` of a sign-out that was begun here.
    ///
    /// # Errors
    /// The store's.
    pub async fn take_farewell(&self, state: &str) -> Result<Option<String>, EphemeralError> {
        let Some(key) = key(state) else {
            return Ok(None);
        };
        let now = self.ambient.now();
        let spent = self
            .ephemeral
            .spend(place(&key), now, now + LIFETIME)
            .await?;
        let Spent::First(value) = spent else {
            return Ok(None);
        };
        match parse(&value)? {
            Kept::Farewell(then) => Ok(then),
            Kept::Errand(_) => Ok(None),
        }
    }

    async fn keep(&self, kept: &Kept) -> Result<String, EphemeralError> {
        let state = hex(&self.ambient.random());
        let key = key(&state).expect("a state of our own making is one");
        let value = serde_json::to_string(kept).expect("an errand is a document");
        let now = self.ambient.now();
        self.ephemeral
            .insert(place(&key), &value, now, now + LIFETIME)
            .await?;
        Ok(state)
    }
}

fn parse(value: &str) -> Result<Kept, EphemeralError> {
    serde_json::from_str(value).map_err(|_| EphemeralError::Malformed("upstream"))
}

/// 64 hexadecimal characters, which every version of FranceConnect takes.
fn hex(bytes: &[u8; 32]) -> String {
    let digit = |half: u8| char::from_digit(half.into(), 16).expect("half a byte is a digit");
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(digit).collect()
}

/// The hash of a `state` of our form.
fn key(state: &str) -> Option<String> {
    let is_ours = state.len() == 64
        && state
            .bytes()
            .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !is_ours {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(state.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(Token::from_bytes(bytes).hash().encode())
}

const fn place(key: &str) -> Place<'_> {
    Place {
        kind: Kind::Upstream,
        key,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_64_hexadecimal_characters_and_nothing_else() {
        let state = hex(&[171; 32]);
        assert_eq!(state, "ab".repeat(32));
        assert!(key(&state).is_some());
        for other in [
            "",
            "undefined",
            &state[1..],
            &state.to_uppercase(),
            &"zz".repeat(32),
        ] {
            assert_eq!(key(other), None, "{other}");
        }
    }
}
