//! Whether a device's answer opens an account.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    account::{Account, AccountState},
    audit::{Action, Actor, Target},
    ids::AccountId,
};
use jiff::Timestamp;
use serde_json::Value;
use store::{
    StoreError, accounts,
    audit::{self, Event},
    passkeys::{self, Passkey},
};
use web::PageError;
use webauthn_rs::prelude::{
    AuthenticationResult, Credential, DiscoverableAuthentication, Passkey as WebauthnPasskey,
    PublicKeyCredential, WebauthnError,
};

use super::{
    Answered, Passkeys,
    ceremony::{Purpose, Question, State},
};
use crate::{
    app::{App, unavailable},
    guard::{Admission, Reserved, coarse},
    http::visit::Visit,
    notices,
};

/// Whose passkey answered, and when it was asked what is so.
#[derive(Clone, Debug)]
pub struct Proved {
    /// Whose.
    pub account: Account,
    /// Of before the answer was judged: a passkey that is taken away meanwhile ends what
    /// begins with this.
    pub at: Timestamp,
}

/// Asks a device to answer with a passkey: with any of its own, or with one of this account.
///
/// # Errors
/// A page: that there are no passkeys here (404), or that a store does not answer.
pub async fn ask(
    app: &App,
    visit: &Visit,
    purpose: Purpose,
    account: Option<AccountId>,
) -> Result<Question, PageError> {
    let passkeys = app.passkeys.as_ref().ok_or_else(PageError::not_found)?;
    let own = match account {
        Some(account) => passkeys::find_all(app.database.reader(), account).await,
        None => Ok(Vec::new()),
    };
    let (options, state) = passkeys.question(&own.map_err(unavailable)?);
    let state = State::Proving(Box::new(state));
    let browser = visit.view.browser();
    let kept = passkeys.keep(&browser, purpose, state, options).await;
    kept.map_err(unavailable)
}

/// Judges an answer of somebody who has not said who they are. `None` where it opens
/// nothing: wrong, late, used, of a passkey that nobody has, of an account that is not
/// active. The answer to the person must not differ.
///
/// # Errors
/// A page: to wait (429), or that a store does not answer (503).
pub async fn prove(
    app: &App,
    visit: &Visit,
    purpose: &Purpose,
    answered: &Answered,
) -> Result<Option<Proved>, PageError> {
    let Some(answer) = taken(app, visit, purpose, answered).await? else {
        return Ok(None);
    };
    let (headers, network) = (&visit.headers, &visit.network);
    let typed = format!("passkey {}", URL_SAFE_NO_PAD.encode(answer.id()));
    let account = answer.found.as_ref().map(|found| found.account);
    let reserved = app.guard.reserve(headers, network, &typed, account).await;
    let reserved = admitted(reserved.map_err(unavailable)?)?;
    let at = app.ambient.now();
    let is_named = answer.names_owner(Named::Must);
    let Some(account) = judge(app, visit, answer, is_named).await? else {
        return Ok(None);
    };
    app.guard.forgive(reserved).await.map_err(unavailable)?;
    Ok(Some(Proved { account, at }))
}

/// Judges an answer as the second factor of this account. Tries are counted with those of
/// codes. `false` where it is not right.
///
/// # Errors
/// A page: to wait (429), or that a store does not answer (503).
pub async fn prove_second(
    app: &App,
    visit: &Visit,
    purpose: &Purpose,
    account: &Account,
    answered: &Answered,
) -> Result<bool, PageError> {
    let Some(answer) = taken(app, visit, purpose, answered).await? else {
        return Ok(false);
    };
    let reserved = app
        .guard
        .reserve_factor(&visit.headers, &visit.network, account.id)
        .await;
    let reserved = admitted(reserved.map_err(unavailable)?)?;
    let is_theirs = answer.found.as_ref().map(|found| found.account) == Some(account.id);
    let fits = is_theirs && answer.names_owner(Named::May);
    if judge(app, visit, answer, fits).await?.is_some() {
        app.guard.forgive(reserved).await.map_err(unavailable)?;
        return Ok(true);
    }
    app.counters.wrong_code();
    if reserved.begins_to_slow_strangers() {
        notices::tell_of_slowed_factor(app, visit.network.clone(), account.clone());
    }
    Ok(false)
}

fn admitted(admission: Admission) -> Result<Reserved, PageError> {
    match admission {
        Admission::Go(reserved) => Ok(reserved),
        Admission::Wait(wait) => Err(PageError::too_many(wait)),
    }
}

/// An answer to a question of ours, and the passkey that it is of.
struct Answer {
    said: PublicKeyCredential,
    state: DiscoverableAuthentication,
    found: Option<Passkey>,
}

/// Whether an answer must tell whose it is. Where the person is known, some devices do not
/// (Web Authentication, section 7.2, step 6).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    Must,
    May,
}

impl Answer {
    fn id(&self) -> &[u8] {
        self.said.get_credential_id()
    }

    fn names_owner(&self, named: Named) -> bool {
        let own = self.found.as_ref().map(|found| &*found.key.user_handle);
        match self.said.get_user_unique_id() {
            Some(said) => Some(said) == own,
            None => named == Named::May,
        }
    }
}

/// The answer, and the question that it answers: taken, whatever comes of it.
async fn taken(
    app: &App,
    visit: &Visit,
    purpose: &Purpose,
    answered: &Answered,
) -> Result<Option<Answer>, PageError> {
    let passkeys = app.passkeys.as_ref().ok_or_else(PageError::not_found)?;
    let taken = passkeys.take(visit.browser.as_ref(), purpose, &answered.ceremonie);
    let Some(State::Proving(state)) = taken.await.map_err(unavailable)? else {
        return Ok(None);
    };
    let Ok(said) = serde_json::from_str::<PublicKeyCredential>(&answered.reponse) else {
        return Ok(None);
    };
    let id = said.get_credential_id();
    let found = passkeys::find_by_credential(app.database.reader(), id).await;
    Ok(Some(Answer {
        found: found.map_err(unavailable)?,
        said,
        state: *state,
    }))
}

/// Whose account the answer opens, if it fits as well; its use is written down then.
async fn judge(
    app: &App,
    visit: &Visit,
    answer: Answer,
    fits: bool,
) -> Result<Option<Account>, PageError> {
    let passkeys = app.passkeys.as_ref().ok_or_else(PageError::not_found)?;
    let Answer { said, state, found } = answer;
    let verdict = passkeys.verify(&said, state, found.as_ref());
    let (Some(found), true) = (found, fits) else {
        return Ok(None);
    };
    let result = match verdict {
        Ok(result) => result,
        Err(WebauthnError::CredentialPossibleCompromise) => {
            suspect(app, visit, &found).await.map_err(unavailable)?;
            return Ok(None);
        }
        Err(fault) => {
            tracing::info!(?fault, "a passkey was refused");
            return Ok(None);
        }
    };
    let account = accounts::find_by_id(app.database.reader(), found.account).await;
    let account = account.map_err(unavailable)?;
    let Some(account) = account.filter(|account| account.state == AccountState::Active) else {
        return Ok(None);
    };
    let marked = mark_used(app, &found, &result).await.map_err(unavailable)?;
    Ok(marked.then_some(account))
}

async fn mark_used(
    app: &App,
    found: &Passkey,
    result: &AuthenticationResult,
) -> Result<bool, StoreError> {
    let mut passkey = read(&found.key.credential)?;
    passkey.update_credential(result);
    let credential = serde_json::to_value(passkey).expect("a passkey is a document");
    let (writer, now) = (app.database.writer(), app.ambient.now());
    passkeys::mark_used(writer, found, credential, result.counter(), now).await
}

/// Writes down that a passkey may have been copied: its counter did not go on.
async fn suspect(app: &App, visit: &Visit, found: &Passkey) -> Result<(), StoreError> {
    tracing::warn!(passkey = %found.id, "a passkey's counter did not go on: it may have been copied");
    let event = Event::new(
        Action::PasskeySuspected,
        Actor::Service,
        Target::Account(found.account),
    );
    let event = event.from_network(coarse(&visit.network));
    audit::record(app.database.writer(), &app.ambient, event).await
}

fn read(credential: &Value) -> Result<WebauthnPasskey, StoreError> {
    serde_json::from_value(credential.clone()).map_err(|_| StoreError::Malformed {
        table: "passkey",
        what: "credential",
    })
}

impl Passkeys {
    fn question(&self, own: &[Passkey]) -> (Value, DiscoverableAuthentication) {
        let started = self.webauthn.start_discoverable_authentication();
        let (mut question, state) = started.expect("a question needs nothing that may fail");
        // A button asks for it, not a field that is filled in by itself.
        question.mediation = None;
        let mut options = serde_json::to_value(question).expect("options are a document");
        let allowed = own.iter().map(|passkey| {
            serde_json::json!({
                "type": "public-key",
                "id": URL_SAFE_NO_PAD.encode(&passkey.key.credential_id),
                "transports": passkey.key.credential["cred"]["transports"],
            })
        });
        options["publicKey"]["allowCredentials"] = allowed.collect();
        (options, state)
    }

    /// Compares what was said with the passkey; with one that nobody has where none was
    /// found, which takes as long.
    fn verify(
        &self,
        said: &PublicKeyCredential,
        state: DiscoverableAuthentication,
        found: Option<&Passkey>,
    ) -> Result<AuthenticationResult, WebauthnError> {
        let own = found.and_then(|found| {
            let own = read(&found.key.credential).ok()?;
            Some(Credential {
                counter: found.key.counter,
                ..own.into()
            })
        });
        let credential = own.unwrap_or_else(|| Credential {
            cred_id: said.get_credential_id().to_vec(),
            ..self.decoy.clone()
        });
        self.webauthn
            .finish_discoverable_authentication_v2(said, state, &credential)
    }
}
