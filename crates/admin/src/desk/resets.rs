//! What waits for a second officer, or for a day: the password of an active guardian whom
//! no confirmed contact reaches, and a second factor that was lost. Who stands there is
//! checked first, what was checked is written down, and the owner is told wherever they may
//! be reached.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    contact::{Address, Contacts},
    desk::{Checked, LostPasswordHelp, PendingKind},
    ids::AccountId,
};
use idp::{App, app::unavailable, notices::recipient};
use notify::{
    NotifyError,
    messages::{PendingActAnnounced, PendingActAsked},
};
use store::{
    DatabaseTransaction, contacts,
    desk::{self, Desk, Person},
    pending_acts, schools,
};
use web::{FormErrors, PageError, Posted, Route, TextKey};

use super::{
    act::{self, Act, FIRST_CHECK, Field},
    acting::{Ticked, begin, commit},
    entrance::{AtDesk, enter},
    passwords::changed,
    person::{Done, after},
    routes::{AskFactorRemoval, AskReset},
};
use crate::{state::Admin, visitor::Visitor};

/// Asks what was checked, for a reset.
pub(super) async fn get_reset(
    State(app): State<Admin>,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let person = at.see(&app, &id).await?;
    admit_reset(&app, &person).await?;
    let action = AskReset(at.uai(), person.account.id);
    let page = reset_act(&[]);
    Ok(act::show(&at, &person, page, &action, FormErrors::none()))
}

/// Asks for the reset.
pub(super) async fn post_reset(
    State(app): State<Admin>,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
    Posted(ticked): Posted<Ticked>,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let person = at.person(&app, &id).await?;
    admit_reset(&app, &person).await?;
    let action = AskReset(at.uai(), person.account.id);
    let kind = PendingKind::PasswordReset;
    ask(&app, &at, &person, kind, &ticked, reset_act(&[]), &action).await
}

/// Asks what was checked, for the removal of a second factor.
pub(super) async fn get_factor(
    State(app): State<Admin>,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let person = at.see(&app, &id).await?;
    admit_factor(&app, &person).await?;
    let action = AskFactorRemoval(at.uai(), person.account.id);
    let page = factor_act();
    Ok(act::show(&at, &person, page, &action, FormErrors::none()))
}

/// Asks for the removal.
pub(super) async fn post_factor(
    State(app): State<Admin>,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
    Posted(ticked): Posted<Ticked>,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let person = at.person(&app, &id).await?;
    admit_factor(&app, &person).await?;
    let action = AskFactorRemoval(at.uai(), person.account.id);
    let kind = PendingKind::FactorRemoval;
    ask(&app, &at, &person, kind, &ticked, factor_act(), &action).await
}

async fn admit_reset(app: &App, person: &Person) -> Result<(), PageError> {
    let contacts = contacts::find_all(app.database.reader(), person.account.id)
        .await
        .map_err(unavailable)?;
    match LostPasswordHelp::of(&person.account, &contacts) {
        LostPasswordHelp::Reset => Ok(()),
        LostPasswordHelp::Provisional | LostPasswordHelp::Recovery | LostPasswordHelp::Nothing => {
            Err(changed())
        }
    }
}

async fn admit_factor(app: &App, person: &Person) -> Result<(), PageError> {
    let is_there = desk::has_factor_to_lose(app.database.reader(), &person.account).await;
    if is_there.map_err(unavailable)? {
        Ok(())
    } else {
        Err(changed())
    }
}

/// Writes the act that waits, and tells whoever can be told.
async fn ask(
    app: &App,
    at: &AtDesk,
    person: &Person,
    kind: PendingKind,
    ticked: &Ticked,
    again: Act,
    action: &impl Route,
) -> Result<Response, PageError> {
    let checked = ticked.checked();
    if checked.is_empty() {
        let none = TextKey::new("desk-checked-none");
        let errors = FormErrors::none().field(FIRST_CHECK, none);
        return Ok(act::show(at, person, again, action, errors));
    }
    let transaction = begin(app).await?;
    let id = person.account.id;
    let held = desk::hold(&transaction, &at.desk, id).await;
    let person = held.map_err(unavailable)?.ok_or_else(changed)?;
    let by = (&at.desk, at.school.name.as_str());
    let asked = write(app, &transaction, by, &person, kind, &checked).await;
    if !asked.map_err(unavailable)? {
        let errors = FormErrors::none().whole(FIRST_CHECK, TextKey::new("desk-pending-already"));
        return Ok(act::show(at, &person, again, action, errors));
    }
    commit(app, transaction).await?;
    Ok(Redirect::to(&after(at, &person, Done::Asked)).into_response())
}

/// What asking for a removal came to.
pub(crate) enum Removal {
    /// It waits.
    Asked,
    /// One waited before.
    Already,
    /// There is no such account, or nothing to remove from it.
    Nothing,
}

/// Asks for the removal of a second factor, of somebody at one of their schools, where
/// nobody stands at its desk.
///
/// # Errors
/// The database's.
pub(crate) async fn ask_removal(
    app: &App,
    desk: &Desk,
    account: AccountId,
    checked: &[Checked],
) -> Result<Removal, PageError> {
    let school = schools::find_by_uai(app.database.reader(), &desk.school).await;
    let Some(school) = school.map_err(unavailable)? else {
        return Ok(Removal::Nothing);
    };
    let transaction = begin(app).await?;
    let person = desk::hold(&transaction, desk, account).await;
    let Some(person) = person.map_err(unavailable)? else {
        return Ok(Removal::Nothing);
    };
    let is_there = desk::has_factor_to_lose(&transaction, &person.account).await;
    if !is_there.map_err(unavailable)? {
        return Ok(Removal::Nothing);
    }
    let by = (desk, school.name.as_str());
    let kind = PendingKind::FactorRemoval;
    let asked = write(app, &transaction, by, &person, kind, checked).await;
    if !asked.map_err(unavailable)? {
        return Ok(Removal::Already);
    }
    commit(app, transaction).await?;
    Ok(Removal::Asked)
}

/// Whether it was written; not where one of its kind waits already.
async fn write(
    app: &App,
    transaction: &DatabaseTransaction,
    (desk, school): (&Desk, &str),
    person: &Person,
    kind: PendingKind,
    checked: &[Checked],
) -> Result<bool, NotifyError> {
    let account = &person.account;
    let ambient = &app.ambient;
    let asked = pending_acts::ask(transaction, ambient, desk, account.id, kind, checked);
    let Some((act, token)) = asked.await? else {
        return Ok(false);
    };
    let contacts = contacts::find_all(transaction, account.id).await?;
    let message = PendingActAsked {
        identifier: account.identifier.clone(),
        school: school.to_owned(),
        act: kind,
        effective_at: act.effective_at,
        token: token.expose(),
    };
    for address in contacts.confirmed() {
        let to = recipient(account, address.clone());
        app.notifier.enqueue(transaction, &to, &message).await?;
    }
    let message = PendingActAnnounced {
        school: school.to_owned(),
        act: kind,
        effective_at: act.effective_at,
    };
    for address in unproven(person, &contacts) {
        let to = recipient(account, address);
        app.notifier.enqueue(transaction, &to, &message).await?;
    }
    Ok(true)
}

/// Where somebody may be reached beside their confirmed contacts: what they gave, and what
/// the school has, before a correction too, so that nobody turns the notice away by correcting
/// first. Each may be a stranger's.
fn unproven(person: &Person, contacts: &Contacts) -> Vec<Address> {
    let given = [&contacts.email, &contacts.phone]
        .into_iter()
        .filter_map(|slots| slots.unconfirmed().cloned());
    let of_school = person.records.iter().flat_map(|record| {
        let (filed_email, filed_phone) = record.filed.clone();
        let emails = [record.email.clone(), filed_email].map(|email| email.map(Address::Email));
        let phones = [record.phone.clone(), filed_phone].map(|phone| phone.map(Address::Phone));
        emails.into_iter().chain(phones).flatten()
    });
    let told: Vec<_> = contacts.confirmed().collect();
    let mut all: Vec<Address> = Vec::new();
    for address in given.chain(of_school) {
        let mut known = all.iter().chain(told.iter().copied());
        if !known.any(|known| known.is_same_as(&address)) {
            all.push(address);
        }
    }
    all
}

/// The page of a reset.
pub(super) fn reset_act(checked: &[Checked]) -> Act {
    Act {
        title: TextKey::new("desk-reset-title"),
        lead: TextKey::new("desk-reset-lead"),
        effects: vec![
            TextKey::new("desk-reset-effect-second"),
            TextKey::new("desk-reset-effect-day"),
            TextKey::new("desk-reset-effect-told"),
            TextKey::new("desk-reset-effect-letter"),
        ],
        submit: TextKey::new("desk-reset-submit"),
        is_danger: true,
        fields: vec![Field::checks(checked)],
    }
}

fn factor_act() -> Act {
    Act {
        title: TextKey::new("desk-factor-title"),
        lead: TextKey::new("desk-factor-lead"),
        effects: vec![
            TextKey::new("desk-factor-effect-second"),
            TextKey::new("desk-factor-effect-day"),
            TextKey::new("desk-effect-told"),
        ],
        submit: TextKey::new("desk-factor-submit"),
        is_danger: true,
        fields: vec![Field::checks(&[])],
    }
}
