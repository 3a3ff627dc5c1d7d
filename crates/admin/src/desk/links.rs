//! A wrong link is ended, or counts again.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::{account::PersonKind, ids::AccountId};
use idp::app::unavailable;
use notify::messages::WhatTheSchoolDid;
use store::desk::{self, LinkEnd, Person};
use web::{FormErrors, PageError, Posted, TextKey};

use super::{
    act::{self, Act},
    acting::{begin, commit, tell},
    entrance::{AtDesk, enter},
    passwords::{Nothing, changed},
    person::{Done, after},
    routes::{EndLink, RestoreLink},
};
use crate::{state::Admin, visitor::Visitor};

/// The parts of a link's address.
pub(super) type Parts = (String, String, String);

/// The guardian and the pupil of a link of the school that stands so.
pub(super) async fn open(
    app: &Admin,
    at: &AtDesk,
    (guardian, pupil): (&str, &str),
    end: LinkEnd,
) -> Result<(Person, AccountId), PageError> {
    let guardian = at.see(app, guardian).await?;
    let pupil = at.see(app, pupil).await?;
    if guardian.account.kind != PersonKind::Guardian {
        return Err(PageError::not_found());
    }
    let links = desk::find_links(app.database.reader(), at.uai(), &guardian).await;
    let links = links.map_err(unavailable)?;
    let is_theirs = |link: &desk::Link| link.account == pupil.account.id && link.end == end;
    if !links.iter().any(is_theirs) {
        return Err(PageError::not_found());
    }
    Ok((guardian, pupil.account.id))
}

/// Says what ending it does.
pub(super) async fn get_end(
    State(app): State<Admin>,
    Path((_, guardian, pupil)): Path<Parts>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let (guardian, pupil) = open(&app, &at, (&guardian, &pupil), LinkEnd::Asserted).await?;
    let page = Act {
        title: TextKey::new("desk-link-end-title"),
        lead: TextKey::new("desk-link-end-lead"),
        effects: vec![
            TextKey::new("desk-link-end-effect-gone"),
            TextKey::new("desk-link-end-effect-file"),
            TextKey::new("desk-link-end-effect-other"),
            TextKey::new("desk-effect-told"),
        ],
        submit: TextKey::new("desk-link-end-submit"),
        is_danger: true,
        fields: Vec::new(),
    };
    let action = EndLink {
        school: at.uai(),
        guardian: guardian.account.id,
        pupil,
    };
    Ok(act::show(&at, &guardian, page, &action, FormErrors::none()))
}

/// Ends it.
pub(super) async fn post_end(
    State(app): State<Admin>,
    Path((_, guardian, pupil)): Path<Parts>,
    visitor: Visitor,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let (guardian, pupil) = open(&app, &at, (&guardian, &pupil), LinkEnd::Asserted).await?;
    let transaction = begin(&app).await?;
    let id = guardian.account.id;
    let done = desk::bar(&transaction, &app.ambient, &at.desk, id, pupil).await;
    let done = done.map_err(unavailable)?.ok_or_else(changed)?;
    let what = WhatTheSchoolDid::LinkEnded;
    tell(&app, &transaction, &at, &done.account, what).await?;
    commit(&app, transaction).await?;
    Ok(Redirect::to(&after(&at, &guardian, Done::LinkEnded)).into_response())
}

/// Says what restoring it does.
pub(super) async fn get_restore(
    State(app): State<Admin>,
    Path((_, guardian, pupil)): Path<Parts>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let (guardian, pupil) = open(&app, &at, (&guardian, &pupil), LinkEnd::Barred).await?;
    let page = Act {
        title: TextKey::new("desk-link-restore-title"),
        lead: TextKey::new("desk-link-restore-lead"),
        effects: vec![TextKey::new("desk-effect-told")],
        submit: TextKey::new("desk-link-restore-submit"),
        is_danger: false,
        fields: Vec::new(),
    };
    let action = RestoreLink {
        school: at.uai(),
        guardian: guardian.account.id,
        pupil,
    };
    Ok(act::show(&at, &guardian, page, &action, FormErrors::none()))
}

/// Lets it count again.
pub(super) async fn post_restore(
    State(app): State<Admin>,
    Path((_, guardian, pupil)): Path<Parts>,
    visitor: Visitor,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let (guardian, pupil) = open(&app, &at, (&guardian, &pupil), LinkEnd::Barred).await?;
    let transaction = begin(&app).await?;
    let id = guardian.account.id;
    let done = desk::unbar(&transaction, &app.ambient, &at.desk, id, pupil).await;
    let done = done.map_err(unavailable)?.ok_or_else(changed)?;
    let what = WhatTheSchoolDid::LinkRestored;
    tell(&app, &transaction, &at, &done.account, what).await?;
    commit(&app, transaction).await?;
    Ok(Redirect::to(&after(&at, &guardian, Done::LinkRestored)).into_response())
}
