//! What every change in « Mon compte » begins with.

use std::{fmt::Display, time::Duration};

use domain::{
    account::Account,
    audit::{Action, Actor, Target},
    contact::{Address, Channel},
};
use idp::{guard::coarse, http::visit::Visit, sessions::LiveSession};
use serde_json::json;
use store::{DatabaseTransaction, StoreError, accounts, audit, audit::Event};
use web::PageError;

use crate::limits::{Limit, allows};

use crate::state::SelfService;

/// How long somebody is asked to wait who had too much sent.
pub(crate) const WAIT: Duration = Duration::from_mins(10);

/// Begins the transaction of a change. It is refused where the session was ended since
/// the request came: who recovered the account at that moment is its owner.
pub(crate) async fn begin(
    app: &SelfService,
    live: &LiveSession,
) -> Result<DatabaseTransaction, PageError> {
    let account = live.account.id;
    let transaction = app.database.begin().await.map_err(unavailable)?;
    accounts::lock(&transaction, account)
        .await
        .map_err(unavailable)?;
    let account = accounts::find_by_id(&transaction, account)
        .await
        .map_err(unavailable)?;
    match account.filter(|account| account.upholds(live.session.auth_time)) {
        Some(_) => Ok(transaction),
        None => Err(PageError::form_expired()),
    }
}

/// Commits a change and lets its messages go.
pub(crate) async fn commit(
    app: &SelfService,
    transaction: DatabaseTransaction,
) -> Result<(), PageError> {
    transaction
        .commit()
        .await
        .map_err(|error| unavailable(StoreError::from(error)))?;
    app.notifier.nudge();
    Ok(())
}

/// Whether a message may go to this contact, asked for from this network; else a page
/// that says when to come again.
pub(crate) async fn allow_message(
    app: &SelfService,
    visit: &Visit,
    address: &Address,
) -> Result<(), PageError> {
    let network = allows(app, Limit::Network, &visit.network).await;
    let contact = allows(app, Limit::Contact, &address.comparable()).await;
    if network.map_err(unavailable)? && contact.map_err(unavailable)? {
        return Ok(());
    }
    Err(PageError::too_many(WAIT))
}

/// An event of an owner's own act on a contact.
pub(crate) fn contact_event(
    action: Action,
    account: &Account,
    channel: Channel,
    visit: &Visit,
) -> Event {
    own_event(action, account, visit).with(json!({ "channel": channel.as_str() }))
}

/// An event of an owner's own act.
pub(crate) fn own_event(action: Action, account: &Account, visit: &Visit) -> Event {
    let (actor, target) = (Actor::Account(account.id), Target::Account(account.id));
    Event::new(action, actor, target).from_network(coarse(&visit.network))
}

/// Writes an event down.
pub(crate) async fn record(
    app: &SelfService,
    transaction: &DatabaseTransaction,
    event: Event,
) -> Result<(), PageError> {
    audit::record(transaction, &app.ambient, event)
        .await
        .map_err(unavailable)
}

/// The page for a store that does not answer: nothing was done, and it says so.
pub(crate) fn unavailable(error: impl Display) -> PageError {
    tracing::error!(%error, "a store failed");
    PageError::busy(Duration::from_secs(5))
}
