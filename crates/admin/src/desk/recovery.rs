//! A recovery for an active guardian, sent to the contacts that they confirmed: their own
//! password stays until they choose another.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    account::Account,
    audit::Action,
    contact::{Address, Channel, Contacts},
    desk::LostPasswordHelp,
    recovery::{Lost, Remedy, remedy},
};
use idp::{App, app::unavailable, notices::recipient};
use notify::{
    NotifyError,
    messages::{OpensWithFranceConnect, PasswordLink, RecoveryInvited},
};
use serde_json::json;
use store::{
    DatabaseTransaction, audit, contacts,
    desk::Person,
    proofs::{self, NewProof, Purpose},
};
use web::{FormErrors, PageError, Posted, TextKey};

use super::{
    act::{self, Act},
    acting::{begin, commit},
    entrance::{AtDesk, enter},
    passwords::{Nothing, changed},
    person::{Done, after},
    routes::StartRecovery,
};
use crate::{state::Admin, visitor::Visitor};

/// Says where it goes.
pub(super) async fn get(
    State(app): State<Admin>,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let person = at.see(&app, &id).await?;
    admit(&app, &person).await?;
    let action = StartRecovery(at.uai(), person.account.id);
    let page = Act {
        title: TextKey::new("desk-recovery-title"),
        lead: TextKey::new("desk-recovery-lead"),
        effects: vec![
            TextKey::new("desk-recovery-effect-sent"),
            TextKey::new("desk-recovery-effect-stays"),
        ],
        submit: TextKey::new("desk-recovery-submit"),
        is_danger: false,
        fields: Vec::new(),
    };
    Ok(act::show(&at, &person, page, &action, FormErrors::none()))
}

/// Sends it.
pub(super) async fn post(
    State(app): State<Admin>,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let person = at.person(&app, &id).await?;
    admit(&app, &person).await?;
    let transaction = begin(&app).await?;
    let held = store::desk::hold(&transaction, &at.desk, person.account.id).await;
    let person = held.map_err(unavailable)?.ok_or_else(changed)?;
    let sent = send(&app, &transaction, &at, &person).await;
    if sent.map_err(unavailable)? == 0 {
        return Err(changed());
    }
    commit(&app, transaction).await?;
    Ok(Redirect::to(&after(&at, &person, Done::Recovery)).into_response())
}

async fn admit(app: &App, person: &Person) -> Result<(), PageError> {
    let contacts = contacts::find_all(app.database.reader(), person.account.id)
        .await
        .map_err(unavailable)?;
    match LostPasswordHelp::of(&person.account, &contacts) {
        LostPasswordHelp::Recovery => Ok(()),
        LostPasswordHelp::Provisional | LostPasswordHelp::Reset | LostPasswordHelp::Nothing => {
            Err(changed())
        }
    }
}

/// Writes what the rule of recovery allows at each confirmed contact; how many messages.
async fn send(
    app: &App,
    transaction: &DatabaseTransaction,
    at: &AtDesk,
    person: &Person,
) -> Result<usize, NotifyError> {
    let account = &person.account;
    let contacts = contacts::find_all(transaction, account.id).await?;
    let mut channels = Vec::new();
    for channel in [Channel::Email, Channel::Sms] {
        if write(app, transaction, at, account, &contacts, channel).await? {
            channels.push(channel.as_str());
        }
    }
    if !channels.is_empty() {
        let details = json!({ "channels": channels });
        let event = at.desk.event(Action::RecoveryStarted, account.id, details);
        audit::record(transaction, &app.ambient, event).await?;
    }
    Ok(channels.len())
}

async fn write(
    app: &App,
    transaction: &DatabaseTransaction,
    at: &AtDesk,
    account: &Account,
    contacts: &Contacts,
    channel: Channel,
) -> Result<bool, NotifyError> {
    let (kind, state, password) = (account.kind, account.state, account.password);
    let remedy = remedy(kind, state, password, contacts, channel, Lost::Password);
    let (Some(remedy), Some(address)) = (remedy, contacts.of(channel).confirmed()) else {
        return Ok(false);
    };
    let to = recipient(account, address.clone());
    let identifier = account.identifier.clone();
    match remedy {
        Remedy::PasswordLink => {
            let message = link(app, transaction, account, address).await?;
            app.notifier.enqueue(transaction, &to, &message).await?;
        }
        Remedy::PasswordCode => {
            let school = at.school.name.clone();
            let message = RecoveryInvited { identifier, school };
            app.notifier.enqueue(transaction, &to, &message).await?;
        }
        Remedy::FranceConnect => {
            let message = OpensWithFranceConnect { identifier };
            app.notifier.enqueue(transaction, &to, &message).await?;
        }
        Remedy::Identifier => return Ok(false),
    }
    Ok(true)
}

/// The newest link alone is good, as where its owner asks for it.
async fn link(
    app: &App,
    transaction: &DatabaseTransaction,
    account: &Account,
    address: &Address,
) -> Result<PasswordLink, NotifyError> {
    let now = app.ambient.now();
    proofs::end_of_account(transaction, account.id, &[Purpose::PasswordLink], now).await?;
    let proof = NewProof {
        purpose: Purpose::PasswordLink,
        account: Some(account.id),
        contact: Some(address.comparable()),
        details: json!({ "connexion": null }),
        lifetime: PasswordLink::LIFETIME,
    };
    let token = proofs::insert(transaction, &app.ambient, proof).await?;
    Ok(PasswordLink {
        given_name: account.name.given.clone(),
        token: token.expose(),
    })
}
