//! Notices: whoever changed what protects an account, its owner hears of it at every
//! contact that they had confirmed before, and can take the account back.

use domain::{
    account::Account,
    contact::{Address, Contacts},
    secret::Token,
};
use idp::app::App;
use notify::{
    Language, NotifyError, Recipient,
    messages::{AccountChanged, WhatChanged},
};
use serde_json::json;
use store::{
    ConnectionTrait, StoreError, changes,
    proofs::{self, NewProof, Purpose},
};

/// Writes the notice of a change to every contact that was confirmed before it, in the
/// transaction of the change, with the link « Ce n'est pas moi ». `before` are the
/// contacts as they were. Nudge the notifier after the commit.
///
/// # Errors
/// The store's.
pub(crate) async fn tell_of_change(
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
pub(crate) async fn disavowals(
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

/// An account's owner at one of their addresses, in their language.
pub(crate) fn recipient(account: &Account, address: Address) -> Recipient {
    Recipient {
        account: Some(account.id),
        address,
        language: Language::of_tag(&account.locale),
    }
}
