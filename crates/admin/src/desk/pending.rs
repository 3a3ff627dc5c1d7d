//! Acts that wait: seen by every officer of the school, carried out by another one than who
//! asked, or by any once their day is over, and stopped by any.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    desk::{Checked, Outcome, PendingKind, Readiness},
    ids::PendingActId,
    permission::Permission,
    provisional,
};
use idp::{App, app::unavailable};
use notify::{NotifyError, messages::WhatTheSchoolDid};
use serde::Serialize;
use store::{
    StoreError, accounts, appointments, contacts,
    desk::{self, Person},
    pending_acts::{self, PendingAct},
    schools,
};
use web::{FormErrors, Locale, Page, PageError, Posted, Route, TextKey, moment::said};

use super::{
    act::{self, Act},
    acting::{begin, commit, tell, tell_of},
    entrance::{AtDesk, Head, enter, sample_account, sample_school},
    letters::{self, Layout, Letter},
    passwords::{BUSY_WAIT, Nothing, changed},
    routes::{CancelAct, ConfirmAct, PendingActs, PersonPage},
    words,
};
use crate::{state::Admin, visitor::Visitor};

/// Lists them.
pub(super) async fn list(
    State(app): State<Admin>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let now = app.ambient.now();
    let reader = app.database.reader();
    let acts = pending_acts::find_of_school(reader, at.uai(), now).await;
    let mut lines = Vec::new();
    for act in acts.map_err(unavailable)? {
        lines.extend(Line::load(&app, &at, &act).await.map_err(unavailable)?);
    }
    Ok(at.view().render(&PendingPage {
        head: at.head(),
        lines,
    }))
}

/// An act of the school that waits, with the person as the school knows them.
async fn open(app: &App, at: &AtDesk, id: &str) -> Result<(PendingAct, Person), PageError> {
    let id: PendingActId = id.parse().map_err(|_| PageError::not_found())?;
    let (reader, now) = (app.database.reader(), app.ambient.now());
    let acts = pending_acts::find_of_school(reader, at.uai(), now).await;
    let acts = acts.map_err(unavailable)?;
    let act = acts.into_iter().find(|act| act.id == id);
    let act = act.ok_or_else(PageError::not_found)?;
    let person = desk::find_person(reader, at.uai(), act.account).await;
    let person = person.map_err(unavailable)?;
    Ok((act, person.ok_or_else(PageError::not_found)?))
}

/// Says what carrying it out does.
pub(super) async fn get_confirm(
    State(app): State<Admin>,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let (act, person) = open(&app, &at, &id).await?;
    let errors = refusal(&app, &at, &act);
    let action = ConfirmAct(at.uai(), act.id);
    Ok(act::show(
        &at,
        &person,
        confirm_act(act.kind),
        &action,
        errors,
    ))
}

/// What keeps this officer from it now.
fn refusal(app: &App, at: &AtDesk, act: &PendingAct) -> FormErrors {
    let readiness = Readiness::of(act.effective_at, app.ambient.now());
    if readiness == Readiness::SecondOfficer && act.asked_by == at.desk.officer {
        let own = TextKey::new("desk-confirm-own");
        return FormErrors::none().whole("confirmer", own);
    }
    FormErrors::none()
}

/// Carries it out.
pub(super) async fn post_confirm(
    State(app): State<Admin>,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let (act, person) = open(&app, &at, &id).await?;
    let errors = refusal(&app, &at, &act);
    if !errors.is_empty() {
        let action = ConfirmAct(at.uai(), act.id);
        return Ok(act::show(
            &at,
            &person,
            confirm_act(act.kind),
            &action,
            errors,
        ));
    }
    match act.kind {
        PendingKind::PasswordReset => reset(&app, &at, &act).await,
        PendingKind::FactorRemoval => remove_factor(&app, &at, &act).await,
    }
}

/// Gives the provisional password, and shows the letter.
async fn reset(app: &Admin, at: &AtDesk, act: &PendingAct) -> Result<Response, PageError> {
    let password = provisional::generate(&app.ambient);
    let hash = app.passwords.hash(password.clone()).await;
    let hash = hash.map_err(|_| PageError::busy(BUSY_WAIT))?;
    let transaction = begin(app).await?;
    let taken = pending_acts::take(&transaction, &app.ambient, &at.desk, act.id).await;
    let taken = taken.map_err(unavailable)?.ok_or_else(changed)?;
    let ambient = &app.ambient;
    let given = pending_acts::reset_password(&transaction, ambient, &at.desk, &taken, &hash).await;
    let given = given.map_err(unavailable)?.ok_or_else(changed)?;
    let what = WhatTheSchoolDid::ProvisionalPassword;
    tell(app, &transaction, at, &given.account, what).await?;
    commit(app, transaction).await?;
    let letter = Letter {
        name: given.name().clone(),
        kind: given.account.kind,
        class: None,
        identifier: given.account.identifier.clone(),
        password,
    };
    let back = PersonPage(at.uai(), given.account.id).path().into_owned();
    let now = app.ambient.now();
    Ok(letters::show(app, at, &[letter], Layout::Sheets, now, back))
}

/// Takes the second factor off, of somebody who is still what they were when it was asked for.
async fn remove_factor(app: &Admin, at: &AtDesk, act: &PendingAct) -> Result<Response, PageError> {
    let transaction = begin(app).await?;
    let person = pending_acts::hold_for_removal(&transaction, act).await;
    let person = person.map_err(unavailable)?.ok_or_else(changed)?;
    let taken = pending_acts::take(&transaction, &app.ambient, &at.desk, act.id).await;
    let taken = taken.map_err(unavailable)?.ok_or_else(changed)?;
    desk::remove_factors(&transaction, &app.ambient, taken.account)
        .await
        .map_err(unavailable)?;
    let what = WhatTheSchoolDid::FactorRemoved;
    tell(app, &transaction, at, &person.account, what).await?;
    commit(app, transaction).await?;
    Ok(Redirect::to(&PendingActs(at.uai()).path()).into_response())
}

/// Says what stopping it does.
pub(super) async fn get_cancel(
    State(app): State<Admin>,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let (act, person) = open(&app, &at, &id).await?;
    let action = CancelAct(at.uai(), act.id);
    let page = Act {
        title: TextKey::new("desk-cancel-title"),
        lead: words::pending(act.kind),
        effects: vec![TextKey::new("desk-effect-told")],
        submit: TextKey::new("desk-cancel-submit"),
        is_danger: false,
        fields: Vec::new(),
    };
    Ok(act::show(&at, &person, page, &action, FormErrors::none()))
}

/// Stops it.
pub(super) async fn post_cancel(
    State(app): State<Admin>,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let (act, person) = open(&app, &at, &id).await?;
    let transaction = begin(&app).await?;
    let stopped = pending_acts::cancel(&transaction, &app.ambient, &at.desk, act.id).await;
    if stopped.map_err(unavailable)?.is_none() {
        return Err(changed());
    }
    let what = WhatTheSchoolDid::ActCancelled;
    tell(&app, &transaction, &at, &person.account, what).await?;
    commit(&app, transaction).await?;
    Ok(Redirect::to(&PendingActs(at.uai()).path()).into_response())
}

fn confirm_act(kind: PendingKind) -> Act {
    let (effects, submit) = match kind {
        PendingKind::PasswordReset => (
            vec![
                TextKey::new("desk-confirm-reset-sessions"),
                TextKey::new("desk-provisional-effect-shown"),
                TextKey::new("desk-provisional-effect-activation"),
            ],
            TextKey::new("desk-confirm-reset-submit"),
        ),
        PendingKind::FactorRemoval => (
            vec![TextKey::new("desk-confirm-factor-effect")],
            TextKey::new("desk-confirm-factor-submit"),
        ),
    };
    Act {
        title: TextKey::new("desk-confirm-title"),
        lead: words::pending(kind),
        effects,
        submit,
        is_danger: true,
        fields: Vec::new(),
    }
}

/// Carries out what needs nobody to be there, once its day is over: lost second factors. How
/// many.
///
/// # Errors
/// The database's.
pub async fn carry_out_due(app: &App) -> Result<usize, NotifyError> {
    let now = app.ambient.now();
    let reader = app.database.reader();
    let due = pending_acts::find_due(reader, PendingKind::FactorRemoval, now).await?;
    let mut done = 0;
    for act in due {
        done += usize::from(carry_out(app, &act).await?);
    }
    if done > 0 {
        app.notifier.nudge();
    }
    Ok(done)
}

/// Whether this node did it: another may have been faster, or its owner. What was asked for
/// by somebody who may not ask any more, or of a person who is not what they were, is stopped.
async fn carry_out(app: &App, act: &PendingAct) -> Result<bool, NotifyError> {
    let transaction = app.database.begin().await?;
    let person = pending_acts::hold_for_removal(&transaction, act).await?;
    let asker = appointments::powers_of(&transaction, act.asked_by).await?;
    let may_ask = asker.may(Permission::RemoveAnyFactor)
        || asker.may_at(Permission::RemoveFactors, &act.school);
    let (outcome, what) = if may_ask && person.is_some() {
        (Outcome::Done, WhatTheSchoolDid::FactorRemoved)
    } else {
        (Outcome::Cancelled, WhatTheSchoolDid::ActCancelled)
    };
    let ended = pending_acts::end_due(&transaction, &app.ambient, act.id, outcome).await?;
    if ended.is_none() {
        return Ok(false);
    }
    if outcome == Outcome::Done {
        desk::remove_factors(&transaction, &app.ambient, act.account).await?;
    }
    let account = accounts::find_by_id(&transaction, act.account).await?;
    let school = schools::find_by_uai(&transaction, &act.school).await?;
    if let (Some(account), Some(school)) = (account, school) {
        let contacts = contacts::find_all(&transaction, account.id).await?;
        tell_of(app, &transaction, &school.name, &account, &contacts, what).await?;
    }
    transaction.commit().await.map_err(StoreError::from)?;
    Ok(outcome == Outcome::Done)
}

/// What waits, as the list shows it.
#[derive(Debug, Serialize)]
struct Line {
    what: TextKey,
    name: String,
    person: String,
    asked_by: String,
    asked: String,
    effective: String,
    checked: Vec<TextKey>,
    ready: TextKey,
    confirm: Option<String>,
    cancel: String,
}

impl Line {
    /// None where the person is not tied to the school any more.
    async fn load(app: &App, at: &AtDesk, act: &PendingAct) -> Result<Option<Self>, StoreError> {
        let reader = app.database.reader();
        let Some(person) = desk::find_person(reader, at.uai(), act.account).await? else {
            return Ok(None);
        };
        let asked_by = accounts::find_by_id(reader, act.asked_by).await?;
        let asked_by = asked_by.map_or_else(String::new, |account| account.name.full());
        let readiness = Readiness::of(act.effective_at, app.ambient.now());
        let is_own = act.asked_by == at.desk.officer;
        let name = person.name().full();
        let locale = at.view().locale();
        Ok(Some(Self::of(
            at.uai(),
            act,
            (name, asked_by),
            (readiness, is_own),
            locale,
        )))
    }

    fn of(
        school: &domain::school::Uai,
        act: &PendingAct,
        (name, asked_by): (String, String),
        (readiness, is_own): (Readiness, bool),
        locale: Locale,
    ) -> Self {
        let may = match readiness {
            Readiness::SecondOfficer => !is_own,
            Readiness::Anybody => true,
            Readiness::Over => false,
        };
        let checked = |one: &Checked| words::checked(*one);
        Self {
            what: words::pending(act.kind),
            name,
            person: PersonPage(school, act.account).path().into_owned(),
            asked_by,
            asked: said(act.asked_at, locale),
            effective: said(act.effective_at, locale),
            checked: act.checked.iter().map(checked).collect(),
            ready: match (readiness, is_own) {
                (Readiness::SecondOfficer, true) => TextKey::new("desk-ready-second"),
                (Readiness::SecondOfficer, false) => TextKey::new("desk-ready-you"),
                (Readiness::Anybody | Readiness::Over, _) => TextKey::new("desk-ready-anybody"),
            },
            confirm: may.then(|| ConfirmAct(school, act.id).path().into_owned()),
            cancel: CancelAct(school, act.id).path().into_owned(),
        }
    }
}

/// The context of `admin/desk/pending.html`.
#[derive(Debug, Serialize)]
struct PendingPage {
    head: Head,
    lines: Vec<Line>,
}

impl Page for PendingPage {
    const TEMPLATE: &'static str = "admin/desk/pending.html";

    fn samples() -> Vec<Self> {
        let school = sample_school();
        let at = jiff::Timestamp::constant(1_788_249_600, 0);
        let act = |kind| PendingAct {
            id: "0198f0a0-0000-7000-8000-000000000002"
                .parse()
                .expect("an id"),
            kind,
            account: sample_account(),
            school: school.clone(),
            checked: vec![Checked::IdentityPaper, Checked::FamilyBook],
            asked_by: sample_account(),
            asked_at: at,
            effective_at: at + domain::desk::WAIT,
        };
        let names = || ("Nadia DUBOIS".to_owned(), "Odile RENAUD".to_owned());
        let line = |kind, ready| Line::of(&school, &act(kind), names(), ready, Locale::Fr);
        let sample = |lines| Self {
            head: Head::sample(),
            lines,
        };
        vec![
            sample(Vec::new()),
            sample(vec![
                line(PendingKind::PasswordReset, (Readiness::SecondOfficer, true)),
                line(
                    PendingKind::FactorRemoval,
                    (Readiness::SecondOfficer, false),
                ),
                line(PendingKind::PasswordReset, (Readiness::Anybody, true)),
            ]),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<PendingPage>();
    }
}
