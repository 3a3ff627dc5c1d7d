//! Suspending the school's part of an account, with a reason, and taking that back.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::desk::SuspensionReason;
use idp::app::unavailable;
use notify::messages::WhatTheSchoolDid;
use serde::Deserialize;
use store::desk;
use web::{FormErrors, PageError, Posted, TextKey};

use super::{
    act::{self, Act, Choice, Field},
    acting::{begin, commit, tell},
    entrance::enter,
    passwords::{Nothing, changed},
    person::{Done, after},
    routes::{Reactivate, Suspend},
    words,
};
use crate::{state::Admin, visitor::Visitor};

/// The longest note, in characters.
const LONGEST_NOTE: usize = 200;

#[derive(Deserialize)]
pub(super) struct SuspensionForm {
    #[serde(default)]
    motif: String,
    #[serde(default)]
    precision: String,
}

impl SuspensionForm {
    /// The reason, and the note where there is one. « Other » says nothing without a note.
    fn read(&self) -> Result<(SuspensionReason, Option<&str>), FormErrors> {
        let note = Some(self.precision.trim()).filter(|note| !note.is_empty());
        let Some(reason) = SuspensionReason::parse(&self.motif) else {
            let text = TextKey::new("desk-suspend-reason-none");
            return Err(FormErrors::none().field("motif", text));
        };
        if reason == SuspensionReason::Other && note.is_none() {
            let text = TextKey::new("desk-suspend-note-needed");
            return Err(FormErrors::none().field("precision", text));
        }
        if note.is_some_and(|note| note.chars().count() > LONGEST_NOTE) {
            let long = TextKey::new("desk-suspend-note-long");
            return Err(FormErrors::none().field("precision", long));
        }
        Ok((reason, note))
    }
}

/// Asks for the reason.
pub(super) async fn get(
    State(app): State<Admin>,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let person = at.see(&app, &id).await?;
    let action = Suspend(at.uai(), person.account.id);
    Ok(act::show(
        &at,
        &person,
        act(None, ""),
        &action,
        FormErrors::none(),
    ))
}

/// Suspends the school's part.
pub(super) async fn post(
    State(app): State<Admin>,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
    Posted(form): Posted<SuspensionForm>,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let person = at.person(&app, &id).await?;
    let id = person.account.id;
    let (reason, note) = match form.read() {
        Ok(read) => read,
        Err(errors) => {
            let chosen = SuspensionReason::parse(&form.motif);
            let page = act(chosen, &form.precision);
            return Ok(act::show(
                &at,
                &person,
                page,
                &Suspend(at.uai(), id),
                errors,
            ));
        }
    };
    let transaction = begin(&app).await?;
    let done = desk::suspend(&transaction, &app.ambient, &at.desk, id, reason, note).await;
    let done = done.map_err(unavailable)?.ok_or_else(changed)?;
    let account = &done.person.account;
    tell(
        &app,
        &transaction,
        &at,
        account,
        WhatTheSchoolDid::Suspended,
    )
    .await?;
    commit(&app, transaction).await?;
    Ok(Redirect::to(&after(&at, &person, Done::Suspended)).into_response())
}

/// Says what taking it back does.
pub(super) async fn get_back(
    State(app): State<Admin>,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let person = at.see(&app, &id).await?;
    let action = Reactivate(at.uai(), person.account.id);
    let page = Act {
        title: TextKey::new("desk-reactivate-title"),
        lead: TextKey::new("desk-reactivate-lead"),
        effects: vec![TextKey::new("desk-effect-told")],
        submit: TextKey::new("desk-reactivate-submit"),
        is_danger: false,
        fields: Vec::new(),
    };
    Ok(act::show(&at, &person, page, &action, FormErrors::none()))
}

/// Takes it back.
pub(super) async fn post_back(
    State(app): State<Admin>,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let person = at.person(&app, &id).await?;
    let transaction = begin(&app).await?;
    let id = person.account.id;
    let done = desk::reactivate(&transaction, &app.ambient, &at.desk, id).await;
    let done = done.map_err(unavailable)?.ok_or_else(changed)?;
    let account = &done.person.account;
    tell(
        &app,
        &transaction,
        &at,
        account,
        WhatTheSchoolDid::Reactivated,
    )
    .await?;
    commit(&app, transaction).await?;
    Ok(Redirect::to(&after(&at, &person, Done::Reactivated)).into_response())
}

/// The page of a suspension.
pub(super) fn act(chosen: Option<SuspensionReason>, note: &str) -> Act {
    let option = |reason: &SuspensionReason| {
        Choice::new(
            reason.as_str(),
            words::reason(*reason),
            chosen == Some(*reason),
        )
    };
    Act {
        title: TextKey::new("desk-suspend-title"),
        lead: TextKey::new("desk-suspend-lead"),
        effects: vec![
            TextKey::new("desk-suspend-effect-part"),
            TextKey::new("desk-suspend-effect-whole"),
            TextKey::new("desk-effect-told"),
        ],
        submit: TextKey::new("desk-suspend-submit"),
        is_danger: true,
        fields: vec![
            Field::Choice {
                name: "motif",
                label: TextKey::new("desk-suspend-reason"),
                options: SuspensionReason::ALL.iter().map(option).collect(),
            },
            Field::Text {
                name: "precision",
                label: TextKey::new("desk-suspend-note"),
                hint: Some(TextKey::new("desk-suspend-note-hint")),
                value: note.to_owned(),
                required: false,
            },
        ],
    }
}
