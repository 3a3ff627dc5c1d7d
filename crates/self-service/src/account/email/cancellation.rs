//! The old address, which its owner had confirmed, takes a change back: without a
//! sign-in, once, within three days. Whoever is signed in then is no longer.

use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    account::{Account, AccountState},
    audit::Action,
    contact::{Address, Channel, ContactState, Current, EmailAddress},
    ids::AccountId,
};
use idp::http::{routes, visit::Visit};
use serde::Serialize;
use store::{
    DatabaseTransaction, StoreError, accounts, contacts,
    proofs::{self, Proof, Purpose},
};
use web::{Page, PageError, Posted, Route};

use super::{
    form::Nothing,
    link::{self, Standing, over},
};
use crate::{
    account::{
        changing::{self, unavailable},
        routes::EmailUndoing,
    },
    state::SelfService,
};

const PURPOSE: Purpose = Purpose::EmailCancellation;

/// What a cancellation ends: every way in and change that somebody may have begun.
const ENDED: [Purpose; 7] = [
    PURPOSE,
    Purpose::EmailConfirmation,
    Purpose::PhoneConfirmation,
    Purpose::PasswordLink,
    Purpose::PasswordCode,
    Purpose::NewPassword,
    Purpose::Grouping,
];

/// The link of the mail.
pub(super) async fn open(
    State(app): State<SelfService>,
    visit: Visit,
    Query(query): Query<link::Query>,
) -> Result<Response, PageError> {
    let name = link::open(&app, &visit, PURPOSE, &query).await?.expose();
    Ok(Redirect::to(&EmailUndoing { journey: &name }.path()).into_response())
}

/// Says what the button does.
pub(super) async fn get(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
) -> Result<Response, PageError> {
    let standing = Standing::find(&app, &visit, PURPOSE, &name).await?;
    let account = find(&app, standing.proof.account).await?;
    Ok(visit.view.render(&UndoingPage {
        action: EmailUndoing { journey: &name }.path().into_owned(),
        identifier: account.identifier.to_string(),
        address: old(&standing.proof).ok_or_else(over)?.as_str().to_owned(),
        done: false,
        sign_in: routes::Account.path().into_owned(),
    }))
}

/// Takes the change back.
pub(super) async fn post(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let standing = Standing::find(&app, &visit, PURPOSE, &name).await?;
    let account = find(&app, standing.proof.account).await?;
    let old = old(&standing.proof).ok_or_else(over)?;
    undo(&app, &visit, &account, &old, &standing).await?;
    standing.end(&app).await?;
    Ok(visit.view.render(&UndoingPage {
        action: String::new(),
        identifier: account.identifier.to_string(),
        address: old.as_str().to_owned(),
        done: true,
        sign_in: routes::Account.path().into_owned(),
    }))
}

async fn find(app: &SelfService, id: Option<AccountId>) -> Result<Account, PageError> {
    let id = id.ok_or_else(over)?;
    let account = accounts::find_by_id(app.database.reader(), id).await;
    let account = account.map_err(unavailable)?;
    account
        .filter(|account| account.state == AccountState::Active)
        .ok_or_else(over)
}

fn old(proof: &Proof) -> Option<Address> {
    let address = proof.details["address"].as_str()?;
    EmailAddress::parse(address).ok().map(Address::Email)
}

async fn undo(
    app: &SelfService,
    visit: &Visit,
    account: &Account,
    old: &Address,
    standing: &Standing,
) -> Result<(), PageError> {
    let now = app.ambient.now();
    let transaction = app.database.begin().await.map_err(unavailable)?;
    accounts::lock(&transaction, account.id)
        .await
        .map_err(unavailable)?;
    let spent = proofs::spend(&transaction, PURPOSE, &standing.hash, now).await;
    spent.map_err(unavailable)?.ok_or_else(over)?;
    restore(app, &transaction, account.id, old)
        .await
        .map_err(unavailable)?;
    accounts::end_sessions(&transaction, account.id, now)
        .await
        .map_err(unavailable)?;
    proofs::end_of_account(&transaction, account.id, &ENDED, now)
        .await
        .map_err(unavailable)?;
    let event = changing::contact_event(Action::ContactCancelled, account, Channel::Email, visit);
    changing::record(app, &transaction, event).await?;
    changing::commit(app, transaction).await
}

/// Puts the old address in force again, and voids what was sent to the others: they may
/// be in the hands of who began the change.
async fn restore(
    app: &SelfService,
    transaction: &DatabaseTransaction,
    account: AccountId,
    old: &Address,
) -> Result<(), StoreError> {
    let now = app.ambient.now();
    let slots = contacts::find_all(transaction, account).await?.email;
    let current = slots.current.map(|current| current.address);
    let others = current.into_iter().chain(slots.pending);
    for other in others.filter(|other| !other.is_same_as(old)) {
        proofs::end_of_contact(transaction, account, &other.comparable(), now).await?;
    }
    contacts::drop_pending(transaction, account, Channel::Email).await?;
    let restored = Current {
        address: old.clone(),
        state: ContactState::Confirmed,
    };
    contacts::put_current(transaction, &app.ambient, account, &restored).await
}

/// The context of `self-service/email_undoing.html`.
#[derive(Debug, Serialize)]
struct UndoingPage {
    action: String,
    identifier: String,
    address: String,
    done: bool,
    sign_in: String,
}

impl Page for UndoingPage {
    const TEMPLATE: &'static str = "self-service/email_undoing.html";
    const QUESTION: Option<&'static str> = Some("ce-n-est-pas-moi");

    fn samples() -> Vec<Self> {
        let sample = |done| Self {
            action: "/compte/email/annulation/Sample".into(),
            identifier: "c.martin1".into(),
            address: "claire.martin@example.org".into(),
            done,
            sign_in: routes::Account.path().into_owned(),
        };
        vec![sample(false), sample(true)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<UndoingPage>();
    }
}
