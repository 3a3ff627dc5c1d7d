//! The birth dates of all children that the schools linked to the person.

use std::collections::BTreeMap;

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{claims::Relative, clock::legal_date};
use idp::{
    app::{App, unavailable},
    http::visit::Visit,
};
use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use store::{
    ConnectionTrait, StoreError,
    proofs::{self, Purpose},
};
use web::{FormErrors, Page, PageError, Posted, headers::Policy};

use super::steps::{self, Stage, Ways, advance, expired, hash_of, onward, open, proven};
use crate::{
    children_dates::{self, DateField, Verdict, refused},
    state::SelfService,
    ways::{Return, SCHOOLS},
};

/// Shows the page.
pub(super) async fn get(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
    back: Return,
) -> Result<Response, PageError> {
    let journey = open(&app, &visit, &name, &back).await?;
    let Stage::Children { proof } = &journey.data.stage else {
        return Ok(onward(&journey, &back));
    };
    let children = children_of(&app, proof).await.map_err(unavailable)?;
    let children = children.ok_or_else(|| expired(&back))?;
    let empty = vec![String::new(); children.len()];
    let page = ChildrenPage::new(&name, &empty, FormErrors::none(), &back);
    Ok(visit.view.render(&page))
}

/// Takes the dates.
pub(super) async fn post(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
    back: Return,
    Posted(form): Posted<BTreeMap<String, String>>,
) -> Result<Response, PageError> {
    let journey = open(&app, &visit, &name, &back).await?;
    let Stage::Children { proof } = journey.data.stage.clone() else {
        return Ok(onward(&journey, &back));
    };
    let children = children_of(&app, &proof).await.map_err(unavailable)?;
    let children = children.ok_or_else(|| expired(&back))?;
    let typed = children_dates::typed(&form, children.len());
    let again = |errors| {
        let page = ChildrenPage::new(&name, &typed, errors, &back);
        Ok((StatusCode::UNPROCESSABLE_ENTITY, visit.view.render(&page)).into_response())
    };
    let dates = match children_dates::read(&typed, legal_date(app.ambient.now())) {
        Ok(dates) => dates,
        Err(errors) => return again(errors),
    };
    match judge(&app, &proof, &dates).await.map_err(unavailable)? {
        Some(Verdict::Right) => {
            advance(&app, &visit, journey, Stage::Password { proof }, &back).await
        }
        Some(Verdict::Wrong { left: 0, .. }) => Err(children_dates::ended()),
        Some(Verdict::Wrong { left, schools }) => again(refused(left, &schools)),
        None => Err(expired(&back)),
    }
}

async fn children_of(app: &App, proof: &str) -> Result<Option<Vec<Relative>>, StoreError> {
    let reader = app.database.reader();
    let Some(account) = proven(app, reader, proof).await? else {
        return Ok(None);
    };
    children_dates::asked_of(reader, account.id).await
}

/// Judges in one transaction. None where the proof is worth nothing any more; it ends
/// with the last try.
async fn judge(app: &App, proof: &str, typed: &[Date]) -> Result<Option<Verdict>, StoreError> {
    let now = app.ambient.now();
    let transaction = app.database.begin().await?;
    let Some(account) = proven(app, &transaction, proof).await? else {
        return Ok(None);
    };
    let verdict = children_dates::judge(&transaction, &app.ambient, account.id, typed).await?;
    if matches!(verdict, Verdict::Wrong { left: 0, .. }) {
        end_proof(&transaction, proof, now).await?;
    }
    transaction.commit().await?;
    Ok(Some(verdict))
}

async fn end_proof(
    connection: &impl ConnectionTrait,
    proof: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    if let Some(token) = hash_of(proof) {
        proofs::spend(connection, Purpose::Registration, &token, now).await?;
    }
    Ok(())
}

/// The context of `self-service/registration/children.html`.
#[derive(Debug, Serialize)]
struct ChildrenPage {
    fields_of_children: Vec<DateField>,
    schools: &'static str,
    ways: Ways,
    errors: FormErrors,
}

impl ChildrenPage {
    fn new(journey: &str, typed: &[String], errors: FormErrors, back: &Return) -> Self {
        Self {
            fields_of_children: children_dates::fields(typed),
            schools: SCHOOLS,
            ways: Ways::of(&steps::Children { journey }, back),
            errors,
        }
    }
}

impl Page for ChildrenPage {
    const TEMPLATE: &'static str = "self-service/registration/children.html";
    const POLICY: Policy = Policy::Flow;
    const QUESTION: Option<&'static str> = Some("date-refusee");

    fn samples() -> Vec<Self> {
        let sample = |typed: &[&str], errors| {
            let typed: Vec<_> = typed.iter().map(ToString::to_string).collect();
            Self::new("x", &typed, errors, &Return::default())
        };
        let school = "École élémentaire Jacques-Prévert".to_owned();
        vec![
            sample(&[""], FormErrors::none()),
            sample(&[""; 6], FormErrors::none()),
            sample(&["30/05/2019"], refused(2, &[])),
            sample(&["30/05/2019", "04/01/2014"], refused(1, &[school])),
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
