//! Two accounts of one guardian become one, after their identity was checked; and the
//! school's part of a grouping is undone.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    account::PersonKind,
    grouping::Obstacle,
    identifier::AccountIdentifier,
    ids::{AccountId, GroupingId},
};
use idp::{App, app::unavailable, notices::tell_of_grouping};
use notify::messages::WhatTheSchoolDid;
use store::{
    accounts, contacts,
    desk::{self, Person},
    groupings::Refused,
};
use web::{FormErrors, PageError, Posted, TextKey};

use super::{
    act::{self, Act, FIRST_CHECK, Field},
    acting::{Ticked, begin, commit, tell, tell_at},
    entrance::{AtDesk, enter},
    passwords::changed,
    person::{Done, after},
    routes::{GroupWith, UndoGrouping},
};
use crate::{state::Admin, visitor::Visitor};

const OTHER: &str = "identifiant";

/// Asks for the other account, and what was checked.
pub(super) async fn get(
    State(app): State<Admin>,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let person = guardian(at.see(&app, &id).await?)?;
    let action = GroupWith(at.uai(), person.account.id);
    Ok(act::show(
        &at,
        &person,
        group_act("", &[]),
        &action,
        FormErrors::none(),
    ))
}

fn guardian(person: Person) -> Result<Person, PageError> {
    match person.account.kind {
        PersonKind::Guardian => Ok(person),
        PersonKind::Pupil | PersonKind::Officer | PersonKind::Administrator => {
            Err(PageError::not_found())
        }
    }
}

/// Groups the other account into this one.
pub(super) async fn post(
    State(app): State<Admin>,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
    Posted(form): Posted<Ticked>,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let person = guardian(at.person(&app, &id).await?)?;
    let refused = match group(&app, &at, &person, &form).await? {
        Ok(()) => return Ok(Redirect::to(&after(&at, &person, Done::Grouped)).into_response()),
        Err(refused) => refused,
    };
    let action = GroupWith(at.uai(), person.account.id);
    let page = group_act(form.value(OTHER), &form.checked());
    Ok(act::show(&at, &person, page, &action, refused))
}

/// Groups, or says what keeps it from being done.
async fn group(
    app: &Admin,
    at: &AtDesk,
    person: &Person,
    form: &Ticked,
) -> Result<Result<(), FormErrors>, PageError> {
    let checked = form.checked();
    if checked.is_empty() {
        let none = TextKey::new("desk-checked-none");
        return Ok(Err(FormErrors::none().field(FIRST_CHECK, none)));
    }
    let Some(other) = find_other(app, form.value(OTHER)).await? else {
        return Ok(Err(said(Refused::NoSuchAccount)));
    };
    let transaction = begin(app).await?;
    let pair = (person.account.id, other);
    let (ambient, vault) = (&app.ambient, &app.vault);
    let done = desk::group(&transaction, ambient, vault, &at.desk, pair, &checked).await;
    match done.map_err(unavailable)? {
        Ok(grouped) => {
            tell_of_grouping(app, &transaction, &grouped)
                .await
                .map_err(unavailable)?;
            commit(app, transaction).await?;
            Ok(Ok(()))
        }
        Err(refused) => Ok(Err(said(refused))),
    }
}

/// The account of an identifier, of whomever: whether it is one of the school's people is
/// said with the same words as that there is none.
async fn find_other(app: &App, typed: &str) -> Result<Option<AccountId>, PageError> {
    let Ok(identifier) = AccountIdentifier::parse(typed) else {
        return Ok(None);
    };
    let found = accounts::find_by_identifier(app.database.reader(), &identifier).await;
    let found = found.map_err(unavailable)?;
    // Nobody's id takes the same way as somebody's.
    let nobody = AccountId::new(&app.ambient);
    Ok(Some(found.map_or(nobody, |found| found.account.id)))
}

fn said(refused: Refused) -> FormErrors {
    let text = match refused {
        Refused::NoSuchAccount => TextKey::new("desk-group-unknown"),
        Refused::Unlike(Obstacle::OwnAccount) => TextKey::new("desk-group-own"),
        Refused::Unlike(Obstacle::NotAGuardian) => TextKey::new("desk-group-not-guardian"),
        Refused::Unlike(Obstacle::OtherNames) => TextKey::new("desk-group-names"),
        Refused::State => TextKey::new("desk-group-state"),
        Refused::NotOfThisSchoolAlone => TextKey::new("desk-group-themselves"),
    };
    FormErrors::none().field(OTHER, text)
}

fn group_act(other: &str, checked: &[domain::desk::Checked]) -> Act {
    Act {
        title: TextKey::new("desk-group-title"),
        lead: TextKey::new("desk-group-lead"),
        effects: vec![
            TextKey::new("desk-group-effect-moves"),
            TextKey::new("desk-group-effect-ends"),
            TextKey::new("desk-group-effect-undo"),
            TextKey::new("desk-effect-told"),
        ],
        submit: TextKey::new("desk-group-submit"),
        is_danger: true,
        fields: vec![
            Field::Text {
                name: OTHER,
                label: TextKey::new("desk-group-other"),
                hint: Some(TextKey::new("desk-group-other-hint")),
                value: other.to_owned(),
                required: true,
            },
            Field::checks(checked),
        ],
    }
}

/// A grouping of the school's part in a person's account.
async fn open(
    app: &Admin,
    at: &AtDesk,
    person: &Person,
    id: &str,
) -> Result<GroupingId, PageError> {
    let id: GroupingId = id.parse().map_err(|_| PageError::not_found())?;
    let reader = app.database.reader();
    let parts = desk::find_groupings(reader, &app.vault, &at.desk, person).await;
    let parts = parts.map_err(unavailable)?;
    let is_here = parts.iter().any(|part| part.id == id);
    is_here.then_some(id).ok_or_else(PageError::not_found)
}

/// Says what undoing does, and asks what was checked.
pub(super) async fn get_undo(
    State(app): State<Admin>,
    Path((_, id, grouping)): Path<(String, String, String)>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let person = at.see(&app, &id).await?;
    let grouping = open(&app, &at, &person, &grouping).await?;
    let action = UndoGrouping(at.uai(), person.account.id, grouping);
    Ok(act::show(
        &at,
        &person,
        undo_act(),
        &action,
        FormErrors::none(),
    ))
}

/// Undoes it.
pub(super) async fn post_undo(
    State(app): State<Admin>,
    Path((_, id, grouping)): Path<(String, String, String)>,
    visitor: Visitor,
    Posted(form): Posted<Ticked>,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let person = at.person(&app, &id).await?;
    let grouping = open(&app, &at, &person, &grouping).await?;
    let checked = form.checked();
    if checked.is_empty() {
        let action = UndoGrouping(at.uai(), person.account.id, grouping);
        let none = TextKey::new("desk-checked-none");
        let errors = FormErrors::none().field(FIRST_CHECK, none);
        return Ok(act::show(&at, &person, undo_act(), &action, errors));
    }
    let transaction = begin(&app).await?;
    let (ambient, vault) = (&app.ambient, &app.vault);
    let undone = desk::ungroup(
        &transaction,
        ambient,
        vault,
        &at.desk,
        &person,
        grouping,
        &checked,
    )
    .await;
    let undone = undone.map_err(unavailable)?.ok_or_else(changed)?;
    let what = WhatTheSchoolDid::GroupingUndone;
    tell(&app, &transaction, &at, &undone.kept, what).await?;
    let contacts = contacts::find_all(&transaction, undone.merged.id).await;
    let contacts = contacts.map_err(unavailable)?;
    tell_at(&app, &transaction, &at, &undone.merged, &contacts, what)
        .await
        .map_err(unavailable)?;
    commit(&app, transaction).await?;
    Ok(Redirect::to(&super::people::path_of_all(at.uai())).into_response())
}

fn undo_act() -> Act {
    Act {
        title: TextKey::new("desk-ungroup-title"),
        lead: TextKey::new("desk-ungroup-lead"),
        effects: vec![
            TextKey::new("desk-ungroup-effect-back"),
            TextKey::new("desk-ungroup-effect-others"),
            TextKey::new("desk-effect-told"),
        ],
        submit: TextKey::new("desk-ungroup-submit"),
        is_danger: true,
        fields: vec![Field::checks(&[])],
    }
}
