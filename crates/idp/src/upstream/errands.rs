//! Requests to upstreams that are under way: kept under their `state`, bound to the
//! browser that began them and to the sign-in they are for, good once.

use std::{sync::Arc, time::Duration};

use domain::{
    ambient::Ambient,
    ids::{AccountId, SessionId},
    secret::Token,
};
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
    /// What the answer is for.
    #[serde(default)]
    pub purpose: Purpose,
    browser: String,
}

/// What an answer is for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Somebody signs in.
    #[default]
    SignIn,
    /// It is bound to this account, whose owner asked for that.
    Link(AccountId),
    /// The account that it opens is proven to who is signed in to another one.
    Prove(Proving),
}

/// Who asked for the proof of another account, to group it into their own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Proving {
    /// The account to be kept.
    pub account: AccountId,
    /// The session in which its owner asked.
    pub session: SessionId,
    /// The path of our page under which the proof is opened.
    pub then: String,
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

impl Lost {
    /// A stable name for the audit trail; none where anybody could fill the trail with it.
    pub const fn code(self) -> Option<&'static str> {
        match self {
            Self::Unknown => None,
            Self::OtherBrowser => Some("other_browser"),
            Self::OtherUpstream => Some("other_upstream"),
            Self::Answered => Some("answered_before"),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kept {
    Errand(Errand),
    /// Somebody signs out there.
    Farewell(Farewell),
    /// Somebody came whom no account opens to.
    Unbound(Unbound),
}

/// An identity that opens no account, for its bearer to prove one of theirs by a code.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unbound {
    /// Which upstream vouched for it.
    pub upstream: String,
    /// The sign-in that it was for, by name.
    pub sign_in: String,
    /// What was vouched for, sealed.
    pub sealed: String,
    browser: String,
}

#[derive(Serialize, Deserialize)]
struct Farewell {
    /// Where they go afterwards.
    then: Option<String>,
    browser: String,
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

    /// Begins a request, which leads back to the sign-in of this name.
    ///
    /// # Errors
    /// The store's.
    pub async fn begin(
        &self,
        upstream: &Upstream,
        browser: &Browser,
        sign_in: &str,
        purpose: Purpose,
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
            purpose,
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
        if browser.is_none_or(|browser| !browser.is_encoded(&errand.browser)) {
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

    /// Begins a sign-out at an upstream, of this browser; its `state`.
    ///
    /// # Errors
    /// The store's.
    pub async fn say_farewell(
        &self,
        browser: &Browser,
        then: Option<&str>,
    ) -> Result<String, EphemeralError> {
        let farewell = Farewell {
            then: then.map(str::to_owned),
            browser: browser.hash().encode(),
        };
        self.keep(&Kept::Farewell(farewell)).await
    }

    /// Where a browser goes that comes back from signing out: once, and nowhere without
    /// the `state` of a sign-out that it began here.
    ///
    /// # Errors
    /// The store's.
    pub async fn take_farewell(
        &self,
        browser: Option<&Browser>,
        state: &str,
    ) -> Result<Option<String>, EphemeralError> {
        let (Some(key), Some(browser)) = (key(state), browser) else {
            return Ok(None);
        };
        let now = self.ambient.now();
        let Some(entry) = self.ephemeral.find(place(&key), now).await? else {
            return Ok(None);
        };
        // Who presents another's `state` must not spoil it for them.
        let Kept::Farewell(farewell) = parse(&entry.value)? else {
            return Ok(None);
        };
        if farewell.browser != browser.hash().encode() {
            return Ok(None);
        }
        let spent = self
            .ephemeral
            .spend(place(&key), now, now + LIFETIME)
            .await?;
        let is_first = matches!(spent, Spent::First(_));
        Ok(farewell.then.filter(|_| is_first))
    }

    /// Keeps an identity that opens no account, for this browser; its name.
    ///
    /// # Errors
    /// The store's.
    pub async fn keep_unbound(
        &self,
        upstream: &Upstream,
        browser: &Browser,
        sign_in: &str,
        sealed: String,
    ) -> Result<String, EphemeralError> {
        let unbound = Unbound {
            upstream: upstream.name().to_owned(),
            sign_in: sign_in.to_owned(),
            sealed,
            browser: browser.hash().encode(),
        };
        self.keep(&Kept::Unbound(unbound)).await
    }

    /// The identity of a name, for the browser that brought it.
    ///
    /// # Errors
    /// The store's.
    pub async fn find_unbound(
        &self,
        browser: Option<&Browser>,
        name: &str,
    ) -> Result<Option<Unbound>, EphemeralError> {
        let (Some(key), Some(browser)) = (key(name), browser) else {
            return Ok(None);
        };
        let entry = self.ephemeral.find(place(&key), self.ambient.now()).await?;
        let Some(entry) = entry.filter(|entry| !entry.spent) else {
            return Ok(None);
        };
        let Kept::Unbound(unbound) = parse(&entry.value)? else {
            return Ok(None);
        };
        let is_theirs = unbound.browser == browser.hash().encode();
        Ok(is_theirs.then_some(unbound))
    }

    /// Forgets an identity that was bound.
    ///
    /// # Errors
    /// The store's.
    pub async fn forget_unbound(&self, name: &str) -> Result<(), EphemeralError> {
        if let Some(key) = key(name) {
            let now = self.ambient.now();
            self.ephemeral.remove(place(&key), now).await?;
        }
        Ok(())
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
