//! The birth dates of all children: what a guardian proves beside the word of an upstream.

use std::collections::BTreeMap;

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::clock::legal_date;
use idp::{
    app::{App, unavailable},
    http::visit::Visit,
};
use jiff::civil::Date;
use serde::Serialize;
use store::{
    StoreError,
    activations::{self, Done, NumberProof, Step},
};
use web::{FormErrors, Page, PageError, Posted, Route, headers::Policy};

use super::steps::{Children, Held, Ways, expired, open_vouched, path_of};
use crate::{
    children_dates::{self, DateField, Verdict, refused},
    state::SelfService,
    ways::SCHOOLS,
};

/// Shows the page.
pub(super) async fn get(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
) -> Result<Response, PageError> {
    let (held, children) = match open(&app, &visit, &name).await? {
        Ok(opened) => opened,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let empty = vec![String::new(); children];
    let page = ChildrenPage::new(&held, &empty, FormErrors::none());
    Ok(visit.view.render(&page))
}

/// Takes the dates.
pub(super) async fn post(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
    Posted(form): Posted<BTreeMap<String, String>>,
) -> Result<Response, PageError> {
    let (held, children) = match open(&app, &visit, &name).await? {
        Ok(opened) => opened,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let typed = children_dates::typed(&form, children);
    let again = |errors| {
        let page = ChildrenPage::new(&held, &typed, errors);
        Ok((StatusCode::UNPROCESSABLE_ENTITY, visit.view.render(&page)).into_response())
    };
    let dates = match children_dates::read(&typed, legal_date(app.ambient.now())) {
        Ok(dates) => dates,
        Err(errors) => return again(errors),
    };
    match judge(&app, &held, &dates).await.map_err(unavailable)? {
        Some(Verdict::Right) => {
            held.keep_waiting(&app).await?;
            Ok(Redirect::to(&path_of(Step::Email, &name)).into_response())
        }
        Some(Verdict::Wrong { left: 0, .. }) => Err(children_dates::ended()),
        Some(Verdict::Wrong { left, schools }) => again(refused(left, &schools)),
        None => Err(expired(&name)),
    }
}

/// What is held, and how many children are asked for; else the way to where the person
/// stands.
async fn open(
    app: &App,
    visit: &Visit,
    name: &str,
) -> Result<Result<(Box<Held>, usize), Response>, PageError> {
    let (held, vouched) = match open_vouched(app, visit, name).await? {
        Ok(opened) => opened,
        Err(elsewhere) => return Ok(Err(elsewhere)),
    };
    if matches!(vouched.number, NumberProof::Needed { .. }) {
        return Ok(Err(held.furthest()));
    }
    let children = children_dates::asked_of(app.database.reader(), held.id()).await;
    match children.map_err(unavailable)? {
        Some(children) => Ok(Ok((held, children.len()))),
        // The schools ended the links meanwhile.
        None => Err(expired(name)),
    }
}

/// Judges in one transaction. None where the activation is held no more.
async fn judge(app: &App, held: &Held, typed: &[Date]) -> Result<Option<Verdict>, StoreError> {
    let (holder, now) = (&held.holder, app.ambient.now());
    let transaction = app.database.begin().await?;
    let found = activations::find(&transaction, held.id(), holder, now).await?;
    let Some((account, _)) = found else {
        return Ok(None);
    };
    let verdict = children_dates::judge(&transaction, &app.ambient, account.id, typed).await?;
    if matches!(verdict, Verdict::Right) {
        let (done, next) = (Done::BirthDate, Step::Email);
        if !activations::save(&transaction, account.id, holder, &done, next, now).await? {
            return Ok(None);
        }
    }
    transaction.commit().await?;
    Ok(Some(verdict))
}

/// The context of `self-service/activation/children.html`.
#[derive(Debug, Serialize)]
struct ChildrenPage {
    person: String,
    fields_of_children: Vec<DateField>,
    schools: &'static str,
    ways: Ways,
    errors: FormErrors,
}

impl ChildrenPage {
    fn new(held: &Held, typed: &[String], errors: FormErrors) -> Self {
        Self::of(held.account.name.full(), &held.name, typed, errors)
    }

    fn of(person: String, transaction: &str, typed: &[String], errors: FormErrors) -> Self {
        let action = Children { transaction }.path().into_owned();
        Self {
            person,
            fields_of_children: children_dates::fields(typed),
            schools: SCHOOLS,
            ways: Ways::posting_to(action, transaction),
            errors,
        }
    }
}

impl Page for ChildrenPage {
    const TEMPLATE: &'static str = "self-service/activation/children.html";
    const POLICY: Policy = Policy::Flow;
    const QUESTION: Option<&'static str> = Some("date-refusee");

    fn samples() -> Vec<Self> {
        let sample = |typed: &[&str], errors| {
            let typed: Vec<_> = typed.iter().map(ToString::to_string).collect();
            Self::of("Paul DURAND".into(), "x", &typed, errors)
        };
        vec![
            sample(&[""], FormErrors::none()),
            sample(&["30/05/2019", "04/01/2014"], refused(1, &[])),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<ChildrenPage>();
    }
}
