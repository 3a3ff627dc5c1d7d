//! A device makes a passkey, and it becomes an account's.

use domain::{
    account::Account,
    audit::{Action, Actor, Target},
    passkey::{MOST_PASSKEYS, PasskeyName},
};
use notify::{NotifyError, messages::WhatChanged};
use store::{
    DatabaseTransaction,
    audit::{self, Event},
    contacts,
    passkeys::{self, PublicKey},
};
use web::PageError;
use webauthn_rs::prelude::{Credential, RegisterPublicKeyCredential, Uuid};

use super::{
    Answered,
    ceremony::{Purpose, Question, State},
};
use crate::{
    app::{App, unavailable},
    guard::coarse,
    http::visit::Visit,
    notices::tell_of_change,
};

/// Asks a device to make a passkey for an account.
///
/// The device keeps a handle by which it tells whose the passkey is, and shares it with
/// whoever keeps its passkeys. It says nothing: neither the identifier, nor the account's id,
/// which tells when it was made. And it is always the same: a passkey that a device made and
/// that did not become the account's is replaced by the next one, not offered beside it.
///
/// # Errors
/// A page: that there are no passkeys here (404), or that a store does not answer.
pub async fn ask_to_make(
    app: &App,
    visit: &Visit,
    purpose: Purpose,
    account: &Account,
) -> Result<Question, PageError> {
    let passkeys = app.passkeys.as_ref().ok_or_else(PageError::not_found)?;
    let own = passkeys::find_all(app.database.reader(), account.id).await;
    let own = own.map_err(unavailable)?;
    let user_handle = app.subjects.user_handle(account.id).to_vec();
    let ids = own.into_iter().map(|own| own.key.credential_id).collect();
    let handle = Uuid::from_slice(&user_handle).map_err(unavailable)?;
    let started = passkeys.webauthn.start_passkey_registration(
        handle,
        account.identifier.as_str(),
        &account.name.full(),
        Some(ids),
    );
    let (question, registration) = started.map_err(unavailable)?;
    let mut options = serde_json::to_value(question).expect("options are a document");
    // Found without an identifier: the passkey opens the account by itself.
    let selection = &mut options["publicKey"]["authenticatorSelection"];
    selection["residentKey"] = "required".into();
    selection["requireResidentKey"] = true.into();
    let state = State::Making {
        registration: Box::new(registration),
        user_handle,
    };
    let browser = visit.view.browser();
    let kept = passkeys.keep(&browser, purpose, state, options).await;
    kept.map_err(unavailable)
}

/// The passkey that a device made, if it is sound: asked for here, for this, just now, and
/// made by a device that knew its owner.
///
/// # Errors
/// A page, where a store does not answer.
pub async fn made(
    app: &App,
    visit: &Visit,
    purpose: &Purpose,
    answered: &Answered,
) -> Result<Option<PublicKey>, PageError> {
    let passkeys = app.passkeys.as_ref().ok_or_else(PageError::not_found)?;
    let taken = passkeys.take(visit.browser.as_ref(), purpose, &answered.ceremonie);
    let Some(State::Making {
        registration,
        user_handle,
    }) = taken.await.map_err(unavailable)?
    else {
        return Ok(None);
    };
    let Ok(said) = serde_json::from_str::<RegisterPublicKeyCredential>(&answered.reponse) else {
        return Ok(None);
    };
    let finished = passkeys
        .webauthn
        .finish_passkey_registration(&said, &registration);
    let passkey = match finished {
        Ok(passkey) => passkey,
        Err(fault) => {
            tracing::info!(?fault, "a new passkey was refused");
            return Ok(None);
        }
    };
    let credential = serde_json::to_value(&passkey).expect("a passkey is a document");
    let Credential {
        cred_id, counter, ..
    } = passkey.into();
    Ok(Some(PublicKey {
        credential_id: cred_id,
        user_handle,
        credential,
        counter,
    }))
}

/// What came of adding a passkey.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Added {
    /// It is the account's.
    Done,
    /// The account has as many as it may. Nothing may be committed.
    Full,
    /// It is some account's already. Nothing may be committed.
    Taken,
}

/// Makes a passkey the account's, and tells its owner, in a transaction that holds the
/// account and that its caller commits.
///
/// # Errors
/// The store's.
pub async fn add(
    app: &App,
    transaction: &DatabaseTransaction,
    visit: &Visit,
    account: &Account,
    name: &PasskeyName,
    key: PublicKey,
) -> Result<Added, NotifyError> {
    if passkeys::count(transaction, account.id).await? >= MOST_PASSKEYS {
        return Ok(Added::Full);
    }
    if !passkeys::insert(transaction, &app.ambient, account.id, name, key).await? {
        return Ok(Added::Taken);
    }
    let (actor, target) = (Actor::Account(account.id), Target::Account(account.id));
    let event = Event::new(Action::PasskeyAdded, actor, target);
    let event = event.from_network(coarse(&visit.network));
    audit::record(transaction, &app.ambient, event).await?;
    let before = contacts::find_all(transaction, account.id).await?;
    tell_of_change(app, transaction, account, WhatChanged::Passkey, &before).await?;
    Ok(Added::Done)
}
