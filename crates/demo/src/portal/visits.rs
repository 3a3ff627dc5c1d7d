//! What the portal remembers of each browser: on the server, found by a cookie.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::{
    ambient::Ambient,
    secret::{Secret, Token, TokenHash},
};
use jiff::{SignedDuration, Timestamp};
use openidconnect::RefreshToken;

use super::{
    claims::PersonClaims,
    provider::{FamilyIdToken, FamilyIdTokenClaims, SignInSecrets, TokenFacts},
};

/// Sign-ins that one browser has under way: each tab may have its own.
const MOST_SIGN_INS: usize = 8;
/// Browsers that are remembered at once: a demo has a handful.
const MOST_VISITS: usize = 10_000;
/// How long a browser that does nothing is remembered.
const IDLE: SignedDuration = SignedDuration::from_hours(12);

/// Everybody's visits.
pub(crate) struct Visits {
    ambient: Ambient,
    by_token: Mutex<HashMap<TokenHash, Visit>>,
}

/// One browser's.
struct Visit {
    sign_ins: VecDeque<SignInSecrets>,
    person: Option<SignedIn>,
    notice: Option<Notice>,
    seen: Timestamp,
}

/// Somebody who signed in, with what proves it.
#[derive(Clone)]
pub(crate) struct SignedIn {
    pub(crate) id_token: FamilyIdToken,
    pub(crate) id_token_claims: FamilyIdTokenClaims,
    pub(crate) refresh_token: Option<RefreshToken>,
    pub(crate) person: PersonClaims,
    pub(crate) facts: TokenFacts,
    /// Stands in every form of their pages.
    pub(crate) form_token: Secret,
}

/// What the next page says first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Notice {
    /// Refreshed; the names of the claims that are not as they were.
    Refreshed {
        /// Their names.
        changed: Vec<String>,
    },
    /// The provider takes the refresh token no more.
    Ended,
    /// Signed out, here and at the provider.
    SignedOut,
}

/// What a browser's page is made of.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) person: Option<SignedIn>,
    pub(crate) notice: Option<Notice>,
}

impl Visits {
    pub(crate) fn new(ambient: Ambient) -> Self {
        Self {
            ambient,
            by_token: Mutex::default(),
        }
    }

    /// Remembers a sign-in that begins; the new token of a browser that had none.
    pub(crate) fn begin_sign_in(
        &self,
        token: Option<&Token>,
        secrets: SignInSecrets,
    ) -> Option<Token> {
        let mut visits = self.lock();
        if let Some(visit) = token.and_then(|token| visits.get_mut(&token.hash())) {
            visit.sign_ins.truncate(MOST_SIGN_INS - 1);
            visit.sign_ins.push_front(secrets);
            return None;
        }
        let mut visit = self.new_visit();
        visit.sign_ins.push_front(secrets);
        Some(self.insert(&mut visits, visit))
    }

    /// Takes the sign-in that an answer belongs to: it is good once.
    pub(crate) fn take_sign_in(&self, token: &Token, state: &str) -> Option<SignInSecrets> {
        let mut visits = self.lock();
        let sign_ins = &mut visits.get_mut(&token.hash())?.sign_ins;
        let state = Secret::new(state);
        let position = sign_ins.iter().position(|secrets| secrets.state == state)?;
        sign_ins.remove(position)
    }

    /// Somebody signed in: their browser gets a new token, and the old one is worth
    /// nothing more. Sign-ins under way in other tabs go along.
    pub(crate) fn sign_in(&self, old: &Token, person: SignedIn) -> Token {
        let mut visits = self.lock();
        let mut visit = visits
            .remove(&old.hash())
            .unwrap_or_else(|| self.new_visit());
        visit.person = Some(person);
        self.insert(&mut visits, visit)
    }

    /// What this browser's page shows. A notice is shown once.
    pub(crate) fn look(&self, token: Option<&Token>) -> Seen {
        let mut visits = self.lock();
        let now = self.ambient.now();
        let Some(visit) = token.and_then(|token| visits.get_mut(&token.hash())) else {
            return Seen::default();
        };
        if now.duration_since(visit.seen) > IDLE {
            return Seen::default();
        }
        visit.seen = now;
        Seen {
            person: visit.person.clone(),
            notice: visit.notice.take(),
        }
    }

    /// Whoever is signed in with that browser, if the form is theirs.
    pub(crate) fn owner_of_form(
        &self,
        token: Option<&Token>,
        form_token: &str,
    ) -> Option<SignedIn> {
        let person = self.look(token).person?;
        (person.form_token == Secret::new(form_token)).then_some(person)
    }

    /// Replaces what is known of somebody who is still signed in.
    pub(crate) fn update(&self, token: &Token, person: SignedIn, notice: Notice) {
        if let Some(visit) = self.lock().get_mut(&token.hash()) {
            visit.person = Some(person);
            visit.notice = Some(notice);
        }
    }

    /// Forgets the person; the browser's next page says why.
    pub(crate) fn sign_out(&self, token: &Token, notice: Notice) {
        if let Some(visit) = self.lock().get_mut(&token.hash()) {
            visit.person = None;
            visit.notice = Some(notice);
        }
    }

    fn new_visit(&self) -> Visit {
        Visit {
            sign_ins: VecDeque::new(),
            person: None,
            notice: None,
            seen: self.ambient.now(),
        }
    }

    fn insert(&self, visits: &mut HashMap<TokenHash, Visit>, visit: Visit) -> Token {
        if visits.len() >= MOST_VISITS {
            forget_some(visits, self.ambient.now());
        }
        let token = Token::generate(&self.ambient);
        visits.insert(token.hash(), visit);
        token
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TokenHash, Visit>> {
        self.by_token.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets idle visits; where that is not enough, those of nobody.
fn forget_some(visits: &mut HashMap<TokenHash, Visit>, now: Timestamp) {
    visits.retain(|_, visit| now.duration_since(visit.seen) <= IDLE);
    if visits.len() >= MOST_VISITS {
        visits.retain(|_, visit| visit.person.is_some());
    }
}

#[cfg(test)]
mod tests {
    use openidconnect::{Nonce, PkceCodeVerifier};

    use super::*;

    fn secrets(state: &str) -> SignInSecrets {
        SignInSecrets {
            state: Secret::new(state),
            nonce: Nonce::new("n".into()),
            verifier: PkceCodeVerifier::new("v".repeat(43)),
        }
    }

    #[test]
    fn an_answer_is_good_once_and_only_in_its_browser() {
        let visits = Visits::new(Ambient::system());
        let own = visits.begin_sign_in(None, secrets("s")).unwrap();
        let other = visits.begin_sign_in(None, secrets("t")).unwrap();
        assert!(visits.take_sign_in(&other, "s").is_none());
        assert!(visits.take_sign_in(&own, "s").is_some());
        assert!(visits.take_sign_in(&own, "s").is_none());
    }

    #[test]
    fn two_tabs_are_two_sign_ins() {
        let visits = Visits::new(Ambient::system());
        let browser = visits.begin_sign_in(None, secrets("first")).unwrap();
        assert!(
            visits
                .begin_sign_in(Some(&browser), secrets("second"))
                .is_none()
        );
        assert!(visits.take_sign_in(&browser, "first").is_some());
        assert!(visits.take_sign_in(&browser, "second").is_some());
    }

    #[test]
    fn a_browser_cannot_pile_up_sign_ins() {
        let visits = Visits::new(Ambient::system());
        let browser = visits.begin_sign_in(None, secrets("0")).unwrap();
        for number in 1..=MOST_SIGN_INS {
            visits.begin_sign_in(Some(&browser), secrets(&number.to_string()));
        }
        assert!(visits.take_sign_in(&browser, "0").is_none());
        assert!(visits.take_sign_in(&browser, "1").is_some());
    }

    #[test]
    fn a_notice_is_shown_once() {
        let visits = Visits::new(Ambient::system());
        let browser = visits.begin_sign_in(None, secrets("s")).unwrap();
        visits.sign_out(&browser, Notice::SignedOut);
        assert_eq!(visits.look(Some(&browser)).notice, Some(Notice::SignedOut));
        assert_eq!(visits.look(Some(&browser)).notice, None);
    }
}
