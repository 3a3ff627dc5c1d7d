//! The birth dates of all children that the schools linked to the person.

use std::collections::BTreeMap;

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    birth_dates::{Pupil, left_over},
    claims::Relative,
    clock::legal_date,
    date::parse_date_as_written,
};
use idp::{
    app::{App, unavailable},
    http::visit::Visit,
};
use jiff::{Timestamp, ToSpan, civil::Date};
use serde::Serialize;
use store::{
    ConnectionTrait, StoreError, accounts, people,
    proofs::{self, Purpose},
    refused_dates::{self, Refused, TRIES},
};
use web::{FormErrors, Link, Page, PageError, Posted, TextKey, headers::Policy};

use super::steps::{self, Stage, Ways, advance, expired, hash_of, onward, open, proven};
use crate::{
    dates::fault_text,
    state::SelfService,
    ways::{Return, SCHOOLS},
};

/// One for each child; no household of a school's file has more.
const FIELDS: [&str; 20] = [
    "date-de-naissance-1",
    "date-de-naissance-2",
    "date-de-naissance-3",
    "date-de-naissance-4",
    "date-de-naissance-5",
    "date-de-naissance-6",
    "date-de-naissance-7",
    "date-de-naissance-8",
    "date-de-naissance-9",
    "date-de-naissance-10",
    "date-de-naissance-11",
    "date-de-naissance-12",
    "date-de-naissance-13",
    "date-de-naissance-14",
    "date-de-naissance-15",
    "date-de-naissance-16",
    "date-de-naissance-17",
    "date-de-naissance-18",
    "date-de-naissance-19",
    "date-de-naissance-20",
];

/// For how long wrong tries count together, in hours.
const COUNTED_HOURS: i64 = 24;

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
    let page = ChildrenPage::new(&name, empty, FormErrors::none(), &back);
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
    let typed: Vec<String> = FIELDS
        .iter()
        .take(children.len())
        .map(|field| form.get(*field).cloned().unwrap_or_default())
        .collect();
    let again = |errors| {
        let page = ChildrenPage::new(&name, typed.clone(), errors, &back);
        Ok((StatusCode::UNPROCESSABLE_ENTITY, visit.view.render(&page)).into_response())
    };
    let dates = match read(&typed, legal_date(app.ambient.now())) {
        Ok(dates) => dates,
        Err(errors) => return again(errors),
    };
    match judge(&app, &proof, &dates).await.map_err(unavailable)? {
        Judged::Right => advance(&app, &visit, journey, Stage::Password { proof }, &back).await,
        Judged::Wrong { left: 0, .. } => Err(ended()),
        Judged::Wrong { left, schools } => again(refused(left, &schools)),
        Judged::Lost => Err(expired(&back)),
    }
}

/// Every field that cannot be read is named.
fn read(typed: &[String], today: Date) -> Result<Vec<Date>, FormErrors> {
    let mut errors = FormErrors::none();
    let mut dates = Vec::new();
    for (field, text) in FIELDS.iter().zip(typed) {
        match parse_date_as_written(text, today) {
            Ok(date) => dates.push(date),
            Err(fault) => errors = errors.field(field, fault_text(fault)),
        }
    }
    if errors.is_empty() {
        Ok(dates)
    } else {
        Err(errors)
    }
}

/// What was wrong, without saying which: the school is named only to who knew the date of
/// another child (product.md, Activation).
fn refused(left: usize, schools: &[String]) -> FormErrors {
    let errors = FormErrors::none();
    let errors = if schools.is_empty() {
        errors.whole(FIELDS[0], TextKey::new("registration-dates-refused"))
    } else {
        errors
            .whole(FIELDS[0], TextKey::new("registration-dates-refused-school"))
            .value("schools", schools.join(", "))
    };
    errors.value("left", left.to_string())
}

async fn children_of(app: &App, proof: &str) -> Result<Option<Vec<Relative>>, StoreError> {
    let reader = app.database.reader();
    let Some(account) = proven(app, reader, proof).await? else {
        return Ok(None);
    };
    let children = linked(reader, account.id).await?;
    let askable = !children.is_empty() && children.len() <= FIELDS.len();
    Ok(askable.then_some(children))
}

async fn linked(
    connection: &impl ConnectionTrait,
    account: domain::ids::AccountId,
) -> Result<Vec<Relative>, StoreError> {
    let facts = people::find_whole(connection, account).await?;
    Ok(facts.map(|facts| facts.children).unwrap_or_default())
}

enum Judged {
    Right,
    Wrong {
        left: usize,
        /// Those of children whose date was not among the typed ones.
        schools: Vec<String>,
    },
    Lost,
}

/// Judges in one transaction that holds the account: tries made at once are counted one
/// after another, and none after the last.
async fn judge(app: &App, proof: &str, typed: &[Date]) -> Result<Judged, StoreError> {
    let now = app.ambient.now();
    let since = now.saturating_sub(COUNTED_HOURS.hours()).unwrap_or(now);
    let transaction = app.database.begin().await?;
    let Some(account) = proven(app, &transaction, proof).await? else {
        return Ok(Judged::Lost);
    };
    accounts::lock(&transaction, account.id).await?;
    let tries = refused_dates::count_since(&transaction, account.id, since).await?;
    if tries >= TRIES {
        let schools = Vec::new();
        return Ok(Judged::Wrong { left: 0, schools });
    }
    let children = linked(&transaction, account.id).await?;
    let pupils: Vec<_> = children.iter().map(pupil).collect();
    let (missed, wrong) = left_over(&pupils, typed);
    if missed.is_empty() && wrong.is_empty() {
        return Ok(Judged::Right);
    }
    let rows = refusals(&missed, &wrong);
    let left = refused_dates::record(&transaction, &app.ambient, account.id, since, &rows).await?;
    if left == 0 {
        end_proof(&transaction, proof, now).await?;
    }
    transaction.commit().await?;
    let knew_another = missed.len() < pupils.len();
    let schools = if knew_another {
        schools_of(&children, &missed)
    } else {
        Vec::new()
    };
    Ok(Judged::Wrong { left, schools })
}

fn pupil(child: &Relative) -> Pupil {
    Pupil {
        account: child.account,
        birth_date: child.birth_date,
    }
}

/// Each child whose date was not typed, beside a date that was nobody's.
fn refusals(missed: &[Pupil], wrong: &[Date]) -> Vec<Refused> {
    let pupils = missed.iter().map(|pupil| Some(pupil.account));
    let dates = wrong.iter();
    pupils
        .zip(dates)
        .map(|(pupil, typed)| Refused {
            pupil,
            typed: *typed,
        })
        .collect()
}

fn schools_of(children: &[Relative], missed: &[Pupil]) -> Vec<String> {
    let is_missed = |child: &&Relative| missed.iter().any(|pupil| pupil.account == child.account);
    let schools = children
        .iter()
        .filter(is_missed)
        .flat_map(|child| &child.schools);
    let mut names: Vec<_> = schools.map(|school| school.name.clone()).collect();
    names.sort();
    names.dedup();
    names
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

/// Too many wrong dates: the school helps.
fn ended() -> PageError {
    let title = TextKey::new("registration-ended-title");
    let text = TextKey::new("registration-ended-text");
    PageError::new(StatusCode::FORBIDDEN, "inscription-arretee", title, text)
        .way_on(Link::new(TextKey::new("activation-schools"), SCHOOLS))
}

/// The context of `self-service/registration/children.html`.
#[derive(Debug, Serialize)]
struct ChildrenPage {
    fields_of_children: Vec<DateField>,
    schools: &'static str,
    ways: Ways,
    errors: FormErrors,
}

#[derive(Debug, Serialize)]
struct DateField {
    id: &'static str,
    value: String,
}

impl ChildrenPage {
    fn new(journey: &str, typed: Vec<String>, errors: FormErrors, back: &Return) -> Self {
        let field = |(id, value): (&&'static str, String)| DateField { id, value };
        Self {
            fields_of_children: FIELDS.iter().zip(typed).map(field).collect(),
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
            let typed = typed.iter().map(ToString::to_string).collect();
            Self::new("x", typed, errors, &Return::default())
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
