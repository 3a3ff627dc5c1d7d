//! Sets a recovered password: the proof is spent, and all that hung on the old one ends,
//! in one transaction.

use std::time::Duration;

use domain::{
    account::Account,
    audit::{Action, Actor, Target},
    contact::{Channel, Contacts},
    password::PasswordContext,
    recovery::{Lost, Remedy, remedy},
    secret::{Secret, TokenHash},
};
use idp::{guard::coarse, http::visit::Visit};
use notify::{NotifyError, messages::WhatChanged};
use store::{
    ConnectionTrait, StoreError, accounts,
    audit::{self, Event},
    contacts, people,
    proofs::{self, Proof, Purpose},
};
use web::PageError;

use super::{new_password::Way, pages::over, unavailable};
use idp::notices::tell_of_change;

use crate::state::SelfService;

/// How long a person is asked to wait when all password workers are taken.
const BUSY_WAIT: Duration = Duration::from_secs(3);

/// What a recovery ends besides sessions: all that was asked for before it. The link by
/// which a confirmed old address takes a change back is its owner's, and stays.
const ENDED: [Purpose; 6] = [
    Purpose::PasswordLink,
    Purpose::PasswordCode,
    Purpose::NewPassword,
    Purpose::EmailConfirmation,
    Purpose::PhoneConfirmation,
    Purpose::Grouping,
];

/// Whose password a proof may set.
pub(super) struct Subject {
    pub(super) account: Account,
}

/// The account of a proof that can still be spent, as long as the proof's contact is still
/// one that may recover it.
pub(super) async fn find(
    app: &SelfService,
    way: Way,
    proof: &TokenHash,
) -> Result<Option<Subject>, StoreError> {
    let (reader, now) = (app.database.reader(), app.ambient.now());
    let Some(proof) = proofs::find(reader, way.purpose(), proof, now).await? else {
        return Ok(None);
    };
    let found = read(reader, way, &proof).await?;
    Ok(found.map(|(account, _)| Subject { account }))
}

async fn read(
    connection: &impl ConnectionTrait,
    way: Way,
    proof: &Proof,
) -> Result<Option<(Account, Contacts)>, StoreError> {
    let Some(id) = proof.account else {
        return Ok(None);
    };
    let Some(account) = accounts::find_by_id(connection, id).await? else {
        return Ok(None);
    };
    let contacts = contacts::find_all(connection, id).await?;
    let may = is_still_its_way(&account, &contacts, way, proof);
    Ok(may.then_some((account, contacts)))
}

fn is_still_its_way(account: &Account, contacts: &Contacts, way: Way, proof: &Proof) -> bool {
    let (channel, expected) = match way {
        Way::Link => (Channel::Email, Remedy::PasswordLink),
        Way::Code => (Channel::Sms, Remedy::PasswordCode),
    };
    let (kind, state, password) = (account.kind, account.state, account.password);
    let confirmed = contacts.of(channel).confirmed();
    remedy(kind, state, password, contacts, channel, Lost::Password) == Some(expected)
        && confirmed.map(domain::contact::Address::comparable) == proof.contact
}

/// What the new password must not be made of.
pub(super) async fn context(
    app: &SelfService,
    account: &Account,
) -> Result<PasswordContext, StoreError> {
    let own = PasswordContext::default()
        .person(&account.name)
        .identifier(&account.identifier);
    let facts = people::find_whole(app.database.reader(), account.id).await?;
    let Some(facts) = facts else {
        return Ok(own);
    };
    let children = facts.children.iter().flat_map(|child| &child.schools);
    let schools = facts.schools.iter().chain(children);
    Ok(schools.fold(own, |context, school| context.school(&school.name)))
}

/// Sets it, or gives the page that leads on: somebody was faster, or all workers are
/// taken.
pub(super) async fn set(
    app: &SelfService,
    visit: &Visit,
    way: Way,
    proof: &TokenHash,
    subject: Subject,
    password: Secret,
) -> Result<(), PageError> {
    let Ok(hash) = app.passwords.hash(password).await else {
        return Err(PageError::busy(BUSY_WAIT));
    };
    let written = write(app, visit, way, proof, &subject.account, &hash).await;
    if !written.map_err(unavailable)? {
        return Err(over());
    }
    app.notifier.nudge();
    Ok(())
}

/// Whether it was set; otherwise nothing has changed.
async fn write(
    app: &SelfService,
    visit: &Visit,
    way: Way,
    proof: &TokenHash,
    account: &Account,
    hash: &str,
) -> Result<bool, NotifyError> {
    let transaction = app.database.begin().await?;
    accounts::lock(&transaction, account.id).await?;
    let now = app.ambient.now();
    let Some(spent) = proofs::spend(&transaction, way.purpose(), proof, now).await? else {
        return Ok(false);
    };
    let Some((account, before)) = read(&transaction, way, &spent).await? else {
        return Ok(false);
    };
    let what = WhatChanged::RecoveredPassword;
    tell_of_change(app, &transaction, &account, what, &before).await?;
    if !accounts::set_password(&transaction, account.id, hash, app.ambient.now()).await? {
        return Ok(false);
    }
    end_what_waits(app, &transaction, &account).await?;
    let (actor, target) = (Actor::Account(account.id), Target::Account(account.id));
    let event = Event::new(Action::PasswordRecovered, actor, target);
    let event = event.from_network(coarse(&visit.network));
    audit::record(&transaction, &app.ambient, event).await?;
    transaction.commit().await.map_err(StoreError::from)?;
    Ok(true)
}

async fn end_what_waits(
    app: &SelfService,
    transaction: &impl ConnectionTrait,
    account: &Account,
) -> Result<(), StoreError> {
    let now = app.ambient.now();
    proofs::end_of_account(transaction, account.id, &ENDED, now).await?;
    for channel in [Channel::Email, Channel::Sms] {
        contacts::drop_pending(transaction, account.id, channel).await?;
    }
    Ok(())
}
