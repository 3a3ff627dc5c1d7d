//! An e-mail address that its owner is asked to confirm.

use domain::{account::Account, contact::EmailAddress};
use idp::app::App;
use notify::{Language, NotifyError, Recipient, messages::ConfirmEmail};
use serde_json::json;
use store::{
    ConnectionTrait,
    proofs::{self, NewProof, Purpose},
};

/// Writes the link that confirms an address of an account, in the transaction that lets
/// the address wait; links of before open nothing any more. Nudge the notifier after the
/// commit.
///
/// # Errors
/// The store's.
pub(crate) async fn ask_to_confirm(
    app: &App,
    transaction: &impl ConnectionTrait,
    account: &Account,
    address: &EmailAddress,
) -> Result<(), NotifyError> {
    let purpose = Purpose::EmailConfirmation;
    proofs::end_of_account(transaction, account.id, &[purpose], app.ambient.now()).await?;
    let proof = NewProof {
        purpose,
        account: Some(account.id),
        contact: Some(address.comparable()),
        details: json!({ "address": address.as_str() }),
        lifetime: ConfirmEmail::LINK_LIFETIME,
    };
    let token = proofs::insert(transaction, &app.ambient, proof).await?;
    let message = ConfirmEmail {
        identifier: account.identifier.clone(),
        token: token.expose(),
    };
    let recipient = Recipient {
        account: Some(account.id),
        address: address.clone().into(),
        language: Language::of_tag(&account.locale),
    };
    app.notifier
        .enqueue(transaction, &recipient, &message)
        .await?;
    Ok(())
}
