//! Notices: whoever changed what protects an account, its owner hears of it at every
//! contact that they had confirmed before, and can take the account back.

use domain::{account::Account, contact::Contacts};
use idp::app::App;
use notify::{
    Language, NotifyError, Recipient,
    messages::{AccountChanged, WhatChanged},
};
use serde_json::json;
use store::{
    ConnectionTrait, changes,
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
    if before.confirmed().next().is_none() {
        return Ok(());
    }
    let change = changes::insert(transaction, &app.ambient, &app.vault, account.id, before).await?;
    for address in before.confirmed() {
        let proof = NewProof {
            purpose: Purpose::Disavowal,
            account: Some(account.id),
            contact: Some(address.comparable()),
            details: json!({ "change": change }),
            lifetime: changes::LIFETIME,
        };
        let token = proofs::insert(transaction, &app.ambient, proof).await?;
        let message = AccountChanged {
            identifier: account.identifier.clone(),
            what,
            at: app.ambient.now(),
            token: token.expose(),
        };
        let recipient = Recipient {
            account: Some(account.id),
            address: address.clone(),
            language: Language::of_tag(&account.locale),
        };
        app.notifier
            .enqueue(transaction, &recipient, &message)
            .await?;
    }
    Ok(())
}
