//! The birth dates of all children that the schools linked to a guardian: how they are
//! asked for and judged, wherever a guardian proves so who they are (product.md,
//! Activation).

use std::collections::BTreeMap;

use axum::http::StatusCode;
use domain::{
    ambient::Ambient,
    birth_dates::{Pupil, left_over},
    claims::Relative,
    date::parse_date_as_written,
    ids::AccountId,
};
use jiff::{ToSpan, civil::Date};
use serde::Serialize;
use store::{
    ConnectionTrait, StoreError, accounts, people,
    refused_dates::{self, Refused, TRIES},
};
use web::{FormErrors, Link, PageError, TextKey};

use crate::{dates::fault_text, ways::SCHOOLS};

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

/// One field of the page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct DateField {
    id: &'static str,
    value: String,
}

/// The fields, with what was typed.
pub(crate) fn fields(typed: &[String]) -> Vec<DateField> {
    let field = |(id, value): (&&'static str, &String)| DateField {
        id,
        value: value.clone(),
    };
    FIELDS.iter().zip(typed).map(field).collect()
}

/// The children whose dates are asked: those whose date a school knows, since no date is
/// right for the others. None where there is none, or more than a page has fields for.
///
/// # Errors
/// The database's.
pub(crate) async fn asked_of(
    connection: &impl ConnectionTrait,
    guardian: AccountId,
) -> Result<Option<Vec<Relative>>, StoreError> {
    let facts = people::find_whole(connection, guardian).await?;
    let mut children = facts.map(|facts| facts.children).unwrap_or_default();
    children.retain(|child| child.birth_date.is_some());
    let askable = !children.is_empty() && children.len() <= FIELDS.len();
    Ok(askable.then_some(children))
}

/// What was typed for so many children.
pub(crate) fn typed(form: &BTreeMap<String, String>, children: usize) -> Vec<String> {
    let of_field = |field: &&str| form.get(*field).cloned().unwrap_or_default();
    FIELDS.iter().take(children).map(of_field).collect()
}

/// Reads all of them; every field that cannot be read is named.
///
/// # Errors
/// What to say above the fields.
pub(crate) fn read(typed: &[String], today: Date) -> Result<Vec<Date>, FormErrors> {
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

/// What the dates came to.
pub(crate) enum Verdict {
    /// Each child's was among them.
    Right,
    /// At least one was not.
    Wrong {
        /// Tries that are left.
        left: usize,
        /// The schools of children whose date was not typed, for who knew another's.
        schools: Vec<String>,
    },
}

/// Judges in the caller's transaction, and holds the account: tries made at once are
/// counted one after another, and none after the last.
///
/// # Errors
/// The database's.
pub(crate) async fn judge(
    transaction: &impl ConnectionTrait,
    ambient: &Ambient,
    guardian: AccountId,
    typed: &[Date],
) -> Result<Verdict, StoreError> {
    let now = ambient.now();
    let since = now.saturating_sub(COUNTED_HOURS.hours()).unwrap_or(now);
    accounts::lock(transaction, guardian).await?;
    if refused_dates::count_since(transaction, guardian, since).await? >= TRIES {
        let schools = Vec::new();
        return Ok(Verdict::Wrong { left: 0, schools });
    }
    let children = asked_of(transaction, guardian).await?.unwrap_or_default();
    let pupils: Vec<_> = children.iter().map(pupil).collect();
    let (missed, wrong) = left_over(&pupils, typed);
    if missed.is_empty() && wrong.is_empty() && !pupils.is_empty() {
        return Ok(Verdict::Right);
    }
    let rows = refusals(&missed, &wrong);
    let left = refused_dates::record(transaction, ambient, guardian, since, &rows).await?;
    let knew_another = missed.len() < pupils.len();
    let schools = if knew_another {
        schools_of(&children, &missed)
    } else {
        Vec::new()
    };
    Ok(Verdict::Wrong { left, schools })
}

/// What was wrong, without saying which: the school is named only to who knew the date of
/// another child (product.md, Activation).
pub(crate) fn refused(left: usize, schools: &[String]) -> FormErrors {
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

/// Too many wrong dates: the school helps.
pub(crate) fn ended() -> PageError {
    let title = TextKey::new("registration-ended-title");
    let text = TextKey::new("registration-ended-text");
    PageError::new(StatusCode::FORBIDDEN, "inscription-arretee", title, text)
        .way_on(Link::new(TextKey::new("activation-schools"), SCHOOLS))
}
