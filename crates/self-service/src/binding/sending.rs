//! Makes a code, for somebody or for nobody with the same work, and sends it after the
//! answer: whether there is anybody to write to must not show.

use domain::{
    account::Account,
    audit::{Action, Actor, Target},
    code::OneTimeCode,
    contact::{Address, Channel},
    identifier::AccountIdentifier,
    ids::{AccountId, ProofId},
};
use idp::{http::upstream::binding::Bearer, notices::recipient};
use notify::{NotifyError, messages::UpstreamCode};
use serde_json::json;
use store::{
    StoreError, accounts,
    audit::{self, Event},
    contacts,
    proofs::{NewProof, Purpose},
};

use crate::{
    recovery::sending::{after_the_answer, form_of, insert_code, may_write_to},
    state::SelfService,
};

/// A code that was made, and whom it goes to, if to anybody.
pub(super) struct MadeCode {
    /// What is tried.
    pub(super) proof: ProofId,
    code: OneTimeCode,
    reached: Option<(Account, Address)>,
}

/// Makes the code. `typed` is an identifier as it was typed.
pub(super) async fn make_code(
    app: &SelfService,
    bearer: &Bearer<'_>,
    typed: &str,
    channel: Channel,
) -> Result<MadeCode, StoreError> {
    let reached = find_reached(app, bearer, typed, channel).await?;
    let account = reached.as_ref().map(|(account, _)| account.id);
    let contact = reached.as_ref().map(|(_, address)| address.comparable());
    let new = NewProof {
        purpose: Purpose::BindingCode,
        account,
        contact,
        details: json!({ "channel": channel.as_str() }),
        lifetime: UpstreamCode::LIFETIME,
    };
    // The identity too, so that nobody ends somebody else's code by naming their account.
    let counted_as = format!("binding {} {}", bearer.counted_as(), form_of(typed));
    let (proof, code) = insert_code(app, &counted_as, new).await?;
    Ok(MadeCode {
        proof,
        code,
        reached,
    })
}

impl MadeCode {
    /// Sends it where it may be sent: the last thing that a request does, as a code of
    /// recovery is sent.
    pub(super) fn send(self, app: &SelfService, bearer: &Bearer<'_>) {
        let Self { code, reached, .. } = self;
        if let Some((account, address)) = reached {
            let (app, upstream) = (app.clone(), bearer.upstream.title().to_owned());
            after_the_answer(async move { write(&app, &account, address, &upstream, &code).await });
        }
    }
}

/// The account of an identifier and its confirmed address, if the identity may be its
/// owner's. It reads as much for nobody.
async fn find_reached(
    app: &SelfService,
    bearer: &Bearer<'_>,
    typed: &str,
    channel: Channel,
) -> Result<Option<(Account, Address)>, StoreError> {
    let reader = app.database.reader();
    let found = match AccountIdentifier::parse(typed) {
        Ok(identifier) => accounts::find_by_identifier(reader, &identifier).await?,
        Err(_) => None,
    };
    let nobody = AccountId::new(&app.ambient);
    let id = found.as_ref().map_or(nobody, |found| found.account.id);
    let contacts = contacts::find_all(reader, id).await?;
    let account = found.map(|found| found.account);
    let account = account.filter(|account| bearer.may_own(account));
    Ok(account.zip(contacts.of(channel).confirmed().cloned()))
}

async fn write(
    app: &SelfService,
    account: &Account,
    address: Address,
    upstream: &str,
    code: &OneTimeCode,
) -> Result<(), NotifyError> {
    if !may_write_to(app, &address).await? {
        return Ok(());
    }
    let channel = address.channel().as_str();
    let transaction = app.database.begin().await?;
    let message = UpstreamCode::new(code, upstream);
    let to = recipient(account, address);
    app.notifier.enqueue(&transaction, &to, &message).await?;
    let target = Target::Account(account.id);
    let event = Event::new(Action::RecoverySent, Actor::Service, target)
        .with(json!({ "lost": "upstream", "channel": channel }));
    audit::record(&transaction, &app.ambient, event).await?;
    transaction.commit().await.map_err(StoreError::from)?;
    app.notifier.nudge();
    Ok(())
}
