//! « Mise à jour de l'adresse mail »: the link at the new address asks to sign in as
//! that very account, shows what will change, and takes effect on « Envoyer ».

use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    audit::Action,
    contact::{Address, Channel, Slots},
};
use idp::{
    http::{
        account::{Asked, RECENT, ask},
        routes::Account,
        visit::Visit,
    },
    sessions::LiveSession,
};
use notify::messages::WhatChanged;
use serde::Serialize;
use store::{
    contacts,
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
        routes::EmailRecapitulation,
    },
    done::Done,
    state::SelfService,
};

const PURPOSE: Purpose = Purpose::EmailConfirmation;

/// What a confirmed address ends: ways in that were sent to the one of before.
const ENDED: [Purpose; 4] = [
    Purpose::EmailConfirmation,
    Purpose::PasswordLink,
    Purpose::PasswordCode,
    Purpose::NewPassword,
];

/// The link of the mail.
pub(super) async fn open(
    State(app): State<SelfService>,
    visit: Visit,
    Query(query): Query<link::Query>,
) -> Result<Response, PageError> {
    let name = link::open(&app, &visit, PURPOSE, &query).await?.expose();
    Ok(Redirect::to(&EmailRecapitulation { journey: &name }.path()).into_response())
}

/// Shows what will change to whom the link was sent.
pub(super) async fn get(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
) -> Result<Response, PageError> {
    let standing = Standing::find(&app, &visit, PURPOSE, &name).await?;
    let Some(live) = owner(&app, &visit, &standing.proof) else {
        return Ok(asked_in(&app, &visit, &standing.proof, &name).await);
    };
    let contacts = contacts::find_all(app.database.reader(), live.account.id).await;
    let slots = contacts.map_err(unavailable)?.email;
    let new = waiting(&slots, &standing.proof).ok_or_else(over)?;
    let old = slots.current.as_ref().map(|current| &current.address);
    let old = old.filter(|old| !old.is_same_as(new));
    Ok(visit.view.render(&RecapitulationPage {
        action: EmailRecapitulation { journey: &name }.path().into_owned(),
        cancel: Account.path().into_owned(),
        identifier: live.account.identifier.to_string(),
        old: old.map(|old| old.as_str().to_owned()),
        new: new.as_str().to_owned(),
    }))
}

/// « Envoyer »: the address is in force from now on.
pub(super) async fn post(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let standing = Standing::find(&app, &visit, PURPOSE, &name).await?;
    let Some(live) = owner(&app, &visit, &standing.proof) else {
        return Ok(asked_in(&app, &visit, &standing.proof, &name).await);
    };
    confirm(&app, &visit, live, &standing).await?;
    standing.end(&app).await?;
    Ok(Done::EmailConfirmed.at_home(&app))
}

/// Who is signed in, if it is the account that the link was sent for, and lately.
fn owner<'v>(app: &SelfService, visit: &'v Visit, proof: &Proof) -> Option<&'v LiveSession> {
    let live = visit.session.as_ref()?;
    let is_recent = live.session.auth_time + RECENT >= app.ambient.now();
    (proof.account == Some(live.account.id) && is_recent).then_some(live)
}

async fn asked_in(app: &SelfService, visit: &Visit, proof: &Proof, name: &str) -> Response {
    let path = EmailRecapitulation { journey: name }.path().into_owned();
    let now = app.ambient.now();
    let asked = Asked {
        account: proof.account,
        since: Some(now),
        acr: None,
    };
    ask(app, visit, path, asked).await
}

async fn confirm(
    app: &SelfService,
    visit: &Visit,
    live: &LiveSession,
    standing: &Standing,
) -> Result<(), PageError> {
    let account = &live.account;
    let transaction = changing::begin(app, live).await?;
    let now = app.ambient.now();
    let spent = proofs::spend(&transaction, PURPOSE, &standing.hash, now).await;
    let proof = spent.map_err(unavailable)?.ok_or_else(over)?;
    let before = contacts::find_all(&transaction, account.id)
        .await
        .map_err(unavailable)?;
    let new = waiting(&before.email, &proof).ok_or_else(over)?;
    let confirmed = contacts::confirm(&transaction, &app.ambient, account.id, new).await;
    if !confirmed.map_err(unavailable)? {
        return Err(over());
    }
    proofs::end_of_account(&transaction, account.id, &ENDED, now)
        .await
        .map_err(unavailable)?;
    let event = changing::contact_event(Action::ContactConfirmed, account, Channel::Email, visit);
    changing::record(app, &transaction, event).await?;
    idp::notices::tell_of_change(app, &transaction, account, WhatChanged::Email, &before)
        .await
        .map_err(unavailable)?;
    changing::commit(app, transaction).await
}

/// The address that the proof was sent to, if it still waits.
fn waiting<'s>(slots: &'s Slots, proof: &Proof) -> Option<&'s Address> {
    let sent_to = proof.contact.as_deref()?;
    let waiting = slots.unconfirmed()?;
    (waiting.comparable() == sent_to).then_some(waiting)
}

/// The context of `self-service/email_recapitulation.html`.
#[derive(Debug, Serialize)]
struct RecapitulationPage {
    action: String,
    cancel: String,
    identifier: String,
    old: Option<String>,
    new: String,
}

impl Page for RecapitulationPage {
    const TEMPLATE: &'static str = "self-service/email_recapitulation.html";
    const QUESTION: Option<&'static str> = Some("changer-d-adresse");

    fn samples() -> Vec<Self> {
        let sample = |old: Option<&str>| Self {
            action: "/compte/email/confirmation/Sample".into(),
            cancel: Account.path().into_owned(),
            identifier: "c.martin1".into(),
            old: old.map(str::to_owned),
            new: "marie-charlotte.delatourdauvergnelauraguais@messagerie.example.org".into(),
        };
        vec![sample(None), sample(Some("claire.martin@example.org"))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<RecapitulationPage>();
    }
}
