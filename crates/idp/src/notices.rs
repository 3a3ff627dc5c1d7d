//! Notices: whoever changed what protects an account, its owner hears of it at every
//! contact that they had confirmed before, and can take the account back.

use domain::{
    account::Account,
    audit::{Action, Actor, Target},
    contact::{Address, Contacts},
    secret::Token,
};
use notify::{
    Language, Message, NotifyError, Recipient,
    messages::{AccountChanged, AccountsGrouped, SecondFactorSlowed, SignInSlowed, WhatChanged},
};
use serde_json::json;
use store::{
    ConnectionTrait, StoreError,
    audit::{self, Event},
    changes, contacts,
    groupings::Grouped,
    proofs::{self, NewProof, Purpose},
};

use crate::{app::App, guard::coarse};

/// Tells the owner of an account that tries are slowed down, after the answer: whether
/// there is an owner to tell must not show in its time.
pub(crate) fn tell_of_slowed_sign_in(app: &App, network: String, account: Option<Account>) {
    let Some(account) = account else {
        return;
    };
    let message = SignInSlowed {
        identifier: account.identifier.clone(),
        at: app.ambient.now(),
    };
    tell_later(app, network, account, message, Action::SignInSlowed);
}

/// Tells the owner of an account that somebody who knows the password tried wrong codes.
pub(crate) fn tell_of_slowed_factor(app: &App, network: String, account: Account) {
    let message = SecondFactorSlowed {
        identifier: account.identifier.clone(),
        at: app.ambient.now(),
    };
    tell_later(app, network, account, message, Action::SecondFactorSlowed);
}

fn tell_later(
    app: &App,
    network: String,
    account: Account,
    message: impl Message + Send + Sync + 'static,
    action: Action,
) {
    let app = app.clone();
    tokio::spawn(async move {
        if let Err(error) = write(&app, &network, &account, &message, action).await {
            tracing::error!(%error, "a notice could not be written");
        }
    });
}

async fn write(
    app: &App,
    network: &str,
    account: &Account,
    message: &impl Message,
    action: Action,
) -> Result<(), NotifyError> {
    let transaction = app.database.begin().await?;
    let contacts = contacts::find_all(&transaction, account.id).await?;
    if let Some(address) = contacts.email.confirmed() {
        let recipient = recipient(account, address.clone());
        app.notifier
            .enqueue(&transaction, &recipient, message)
            .await?;
    }
    let event = Event::new(action, Actor::Service, Target::Account(account.id));
    audit::record(
        &transaction,
        &app.ambient,
        event.from_network(coarse(network)),
    )
    .await?;
    transaction.commit().await.map_err(StoreError::from)?;
    app.notifier.nudge();
    Ok(())
}

/// Writes the notice of a change to every contact that was confirmed before it, in the
/// transaction of the change, with the link « Ce n'est pas moi ». `before` are the
/// contacts as they were. Nudge the notifier after the commit.
///
/// # Errors
/// The store's.
pub async fn tell_of_change(
    app: &App,
    transaction: &impl ConnectionTrait,
    account: &Account,
    what: WhatChanged,
    before: &Contacts,
) -> Result<(), NotifyError> {
    for (address, token) in disavowals(app, transaction, account, before).await? {
        let message = AccountChanged {
            identifier: account.identifier.clone(),
            what,
            at: app.ambient.now(),
            token: token.expose(),
        };
        app.notifier
            .enqueue(transaction, &recipient(account, address), &message)
            .await?;
    }
    Ok(())
}

/// Makes a change that can be taken back, and for each contact that was confirmed before
/// it the token of its « Ce n'est pas moi ».
///
/// # Errors
/// The store's.
pub async fn disavowals(
    app: &App,
    transaction: &impl ConnectionTrait,
    account: &Account,
    before: &Contacts,
) -> Result<Vec<(Address, Token)>, StoreError> {
    if before.confirmed().next().is_none() {
        return Ok(Vec::new());
    }
    let change = changes::insert(transaction, &app.ambient, &app.vault, account.id, before).await?;
    let mut tokens = Vec::new();
    for address in before.confirmed() {
        let proof = NewProof {
            purpose: Purpose::Disavowal,
            account: Some(account.id),
            contact: Some(address.comparable()),
            details: json!({ "change": change }),
            lifetime: changes::LIFETIME,
        };
        let token = proofs::insert(transaction, &app.ambient, proof).await?;
        tokens.push((address.clone(), token));
    }
    Ok(tokens)
}

/// Tells the owners of two accounts that they were grouped, at every contact that was
/// confirmed in either, each once; those of the one that stays can take it back.
///
/// # Errors
/// The database's, and what cannot be written.
pub async fn tell_of_grouping(
    app: &App,
    transaction: &impl ConnectionTrait,
    grouped: &Grouped,
) -> Result<(), NotifyError> {
    let Grouped { kept, merged, .. } = grouped;
    let message = |token: Option<&Token>| AccountsGrouped {
        identifier: kept.identifier.clone(),
        merged: merged.identifier.clone(),
        at: app.ambient.now(),
        token: token.map(Token::expose),
    };
    let told = disavowals(app, transaction, kept, &grouped.kept_contacts).await?;
    for (address, token) in &told {
        let to = recipient(kept, address.clone());
        let message = message(Some(token));
        app.notifier.enqueue(transaction, &to, &message).await?;
    }
    let is_told = |address: &Address| told.iter().any(|(told, _)| told.is_same_as(address));
    for address in grouped.merged_contacts.confirmed() {
        if !is_told(address) {
            let (to, message) = (recipient(merged, address.clone()), message(None));
            app.notifier.enqueue(transaction, &to, &message).await?;
        }
    }
    Ok(())
}

/// An account's owner at one of their addresses, in their language.
pub fn recipient(account: &Account, address: Address) -> Recipient {
    Recipient {
        account: Some(account.id),
        address,
        language: Language::of_tag(&account.locale),
    }
}
