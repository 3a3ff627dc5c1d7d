//! What the wish for another address comes to: the guide's three cases, with who is
//! written to in each (section 4.4.2; product.md, Accounts).

use domain::{
    account::Account,
    audit::Action,
    contact::{Address, Channel, ContactState, Current, Proposal},
};
use idp::http::account::SignedIn;
use notify::{
    Language, Message, NotifyError, Recipient,
    messages::{ConfirmEmail, EmailChangeAsked, EmailLeftOut},
};
use serde_json::json;
use store::{
    DatabaseTransaction, StoreError, contacts,
    proofs::{self, NewProof, Purpose},
};
use web::PageError;

use crate::{
    account::changing::{self, unavailable},
    state::SelfService,
};

/// What came of a wish.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    /// The new address is asked to be confirmed.
    Asked,
    /// The confirmed one stays, and the one that waited was dropped.
    Kept,
    /// It is in force and confirmed already.
    Unchanged,
}

/// Takes a wish, in one transaction with all that it sends.
pub(super) async fn propose(
    app: &SelfService,
    signed_in: &SignedIn,
    wanted: &Address,
) -> Result<Outcome, PageError> {
    let account = &signed_in.live.account;
    let known = contacts::find_all(app.database.reader(), account.id).await;
    let known = known.map_err(unavailable)?.email;
    // A change of which the old address cannot be told is not begun.
    let told = known.current.filter(|old| !old.address.is_same_as(wanted));
    for address in told.iter().map(|old| &old.address).chain([wanted]) {
        changing::allow_message(app, &signed_in.visit, address).await?;
    }
    let transaction = changing::begin(app, &signed_in.live).await?;
    let outcome = take(app, &transaction, account, wanted)
        .await
        .map_err(unavailable)?;
    let action = match outcome {
        Outcome::Unchanged => return Ok(outcome),
        Outcome::Asked => Action::ContactProposed,
        Outcome::Kept => Action::ContactCancelled,
    };
    let event = changing::contact_event(action, account, Channel::Email, &signed_in.visit);
    changing::record(app, &transaction, event).await?;
    changing::commit(app, transaction).await?;
    Ok(outcome)
}

/// Sends the link once more to the address that waits. `false` where none does.
pub(super) async fn ask_again(app: &SelfService, signed_in: &SignedIn) -> Result<bool, PageError> {
    let account = &signed_in.live.account;
    let known = contacts::find_all(app.database.reader(), account.id).await;
    let known = known.map_err(unavailable)?.email;
    let Some(waiting) = known.unconfirmed() else {
        return Ok(false);
    };
    changing::allow_message(app, &signed_in.visit, waiting).await?;
    let transaction = changing::begin(app, &signed_in.live).await?;
    let now = contacts::find_all(&transaction, account.id).await;
    if now.map_err(unavailable)?.email != known {
        return Ok(false);
    }
    ask_to_confirm(app, &transaction, account, waiting)
        .await
        .map_err(unavailable)?;
    changing::commit(app, transaction).await?;
    Ok(true)
}

async fn take(
    app: &SelfService,
    transaction: &DatabaseTransaction,
    account: &Account,
    wanted: &Address,
) -> Result<Outcome, NotifyError> {
    let slots = contacts::find_all(transaction, account.id).await?.email;
    match slots.propose(wanted) {
        Proposal::First => {
            let first = Current {
                address: wanted.clone(),
                state: ContactState::Unconfirmed,
            };
            contacts::put_current(transaction, &app.ambient, account.id, &first).await?;
        }
        Proposal::Again => {
            contacts::drop_pending(transaction, account.id, Channel::Email).await?;
        }
        Proposal::InsteadOfUnconfirmed | Proposal::InsteadOfConfirmed => {
            contacts::put_pending(transaction, &app.ambient, account.id, wanted).await?;
            tell_old(app, transaction, account, slots.current.as_ref()).await?;
        }
        Proposal::Unchanged => return Ok(keep(app, transaction, account).await?),
    }
    ask_to_confirm(app, transaction, account, wanted).await?;
    Ok(Outcome::Asked)
}

/// The address in force was wished for: the one that waits is given up.
async fn keep(
    app: &SelfService,
    transaction: &DatabaseTransaction,
    account: &Account,
) -> Result<Outcome, StoreError> {
    let waited = contacts::drop_pending(transaction, account.id, Channel::Email).await?;
    if !waited {
        return Ok(Outcome::Unchanged);
    }
    let (purpose, now) = ([Purpose::EmailConfirmation], app.ambient.now());
    proofs::end_of_account(transaction, account.id, &purpose, now).await?;
    Ok(Outcome::Kept)
}

/// Sends the link that confirms an address, in place of the one of before.
async fn ask_to_confirm(
    app: &SelfService,
    transaction: &DatabaseTransaction,
    account: &Account,
    address: &Address,
) -> Result<(), NotifyError> {
    let (purpose, now) = (Purpose::EmailConfirmation, app.ambient.now());
    proofs::end_of_account(transaction, account.id, &[purpose], now).await?;
    let proof = NewProof {
        purpose,
        account: Some(account.id),
        contact: Some(address.comparable()),
        details: json!({}),
        lifetime: ConfirmEmail::LINK_LIFETIME,
    };
    let token = proofs::insert(transaction, &app.ambient, proof).await?;
    let message = ConfirmEmail {
        identifier: account.identifier.clone(),
        token: token.expose(),
    };
    send(app, transaction, account, address, &message).await
}

/// Tells the address that is to be replaced: one that its owner confirmed may take the
/// change back; one that nobody confirmed may be a stranger's, and learns nothing.
async fn tell_old(
    app: &SelfService,
    transaction: &DatabaseTransaction,
    account: &Account,
    old: Option<&Current>,
) -> Result<(), NotifyError> {
    let at = app.ambient.now();
    match old {
        Some(Current {
            address,
            state: ContactState::Confirmed,
        }) => {
            let proof = NewProof {
                purpose: Purpose::EmailCancellation,
                account: Some(account.id),
                contact: Some(address.comparable()),
                details: json!({ "address": address.as_str() }),
                lifetime: EmailChangeAsked::LINK_LIFETIME,
            };
            let token = proofs::insert(transaction, &app.ambient, proof).await?;
            let message = EmailChangeAsked {
                identifier: account.identifier.clone(),
                at,
                token: token.expose(),
            };
            send(app, transaction, account, address, &message).await
        }
        Some(Current { address, .. }) => {
            send(app, transaction, account, address, &EmailLeftOut { at }).await
        }
        None => Ok(()),
    }
}

async fn send(
    app: &SelfService,
    transaction: &DatabaseTransaction,
    account: &Account,
    address: &Address,
    message: &impl Message,
) -> Result<(), NotifyError> {
    let recipient = Recipient {
        account: Some(account.id),
        address: address.clone(),
        language: Language::of_tag(&account.locale),
    };
    let sent = app.notifier.enqueue(transaction, &recipient, message).await;
    sent.map(|_| ())
}
