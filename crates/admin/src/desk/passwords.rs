//! A new provisional password for one person: shown once, as a letter to print.

use std::time::Duration;

use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{account::PersonKind, desk::LostPasswordHelp, provisional};
use idp::app::unavailable;
use notify::messages::WhatTheSchoolDid;
use serde::Deserialize;
use store::{
    contacts,
    desk::{self, Person},
};
use web::{FormErrors, PageError, Posted, Route, TextKey};

use super::{
    act::{self, Act},
    acting::{begin, commit, tell_at},
    entrance::{AtDesk, enter},
    letters::{self, Layout, Letter},
    routes::{NewProvisional, PersonPage},
};
use crate::{state::Admin, visitor::Visitor};

/// How long somebody is asked to wait when all password workers are taken.
pub(super) const BUSY_WAIT: Duration = Duration::from_secs(3);

/// A form without fields.
#[derive(Deserialize)]
pub(super) struct Nothing {}

/// Says what it does.
pub(super) async fn get(
    State(app): State<Admin>,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let person = at.see(&app, &id).await?;
    admit(&app, &person).await?;
    let action = NewProvisional(at.uai(), person.account.id);
    let page = provisional_act(&person);
    Ok(act::show(&at, &person, page, &action, FormErrors::none()))
}

/// Gives it, and shows the letter.
pub(super) async fn post(
    State(app): State<Admin>,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let person = at.person(&app, &id).await?;
    admit(&app, &person).await?;
    let letter = give(&app, &at, &person).await?;
    let back = PersonPage(at.uai(), person.account.id).path().into_owned();
    let now = app.ambient.now();
    Ok(letters::show(
        &app,
        &at,
        &[letter],
        Layout::Sheets,
        now,
        back,
    ))
}

async fn admit(app: &Admin, person: &Person) -> Result<(), PageError> {
    let contacts = contacts::find_all(app.database.reader(), person.account.id)
        .await
        .map_err(unavailable)?;
    match LostPasswordHelp::of(&person.account, &contacts) {
        LostPasswordHelp::Provisional => Ok(()),
        LostPasswordHelp::Recovery | LostPasswordHelp::Reset | LostPasswordHelp::Nothing => {
            Err(changed())
        }
    }
}

/// The account is not what the page was made for any more.
pub(super) fn changed() -> PageError {
    let title = TextKey::new("desk-changed-title");
    let text = TextKey::new("desk-changed-text");
    PageError::new(http::StatusCode::CONFLICT, "compte-change", title, text)
}

async fn give(app: &Admin, at: &AtDesk, person: &Person) -> Result<Letter, PageError> {
    let password = provisional::generate(&app.ambient);
    let hash = app.passwords.hash(password.clone()).await;
    let hash = hash.map_err(|_| PageError::busy(BUSY_WAIT))?;
    let id = person.account.id;
    let transaction = begin(app).await?;
    let contacts = contacts::find_all(&transaction, id)
        .await
        .map_err(unavailable)?;
    let states = [person.account.state];
    let given =
        desk::give_provisional(&transaction, &app.ambient, &at.desk, id, &states, &hash).await;
    let given = given.map_err(unavailable)?.ok_or_else(changed)?;
    let what = WhatTheSchoolDid::ProvisionalPassword;
    tell_at(app, &transaction, at, &given.account, &contacts, what)
        .await
        .map_err(unavailable)?;
    commit(app, transaction).await?;
    Ok(Letter {
        name: given.name().clone(),
        kind: given.account.kind,
        class: given.classes().next().map(str::to_owned),
        identifier: given.account.identifier.clone(),
        password,
    })
}

fn provisional_act(person: &Person) -> Act {
    let mut effects = vec![
        TextKey::new("desk-provisional-effect-shown"),
        TextKey::new("desk-provisional-effect-activation"),
    ];
    if person.account.kind == PersonKind::Pupil {
        effects.insert(0, TextKey::new("desk-provisional-effect-sessions"));
    }
    effects.push(TextKey::new("desk-effect-told"));
    Act {
        title: TextKey::new("desk-provisional-title"),
        lead: TextKey::new("desk-provisional-lead"),
        effects,
        submit: TextKey::new("desk-provisional-submit"),
        is_danger: false,
        fields: Vec::new(),
    }
}
