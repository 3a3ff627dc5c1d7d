//! What happened to somebody, as far as it is the school's part.

use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::account::PersonKind;
use idp::app::unavailable;
use serde::Serialize;
use store::desk::{self, Shown};
use web::{Locale, Page, PageError, Route, TextKey, moment::said};

use super::{
    act::Subject,
    entrance::{Head, enter, sample_account, sample_school},
    routes::PersonPage,
    words,
};
use crate::{state::Admin, visitor::Visitor};

pub(super) async fn get(
    State(app): State<Admin>,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let person = at.see(&app, &id).await?;
    let now = app.ambient.now();
    let shown = desk::find_history(app.database.reader(), &at.desk, &person, now).await;
    let shown = shown.map_err(unavailable)?;
    let locale = at.view().locale();
    let lines = shown.iter().filter_map(|shown| Line::of(shown, locale));
    Ok(at.view().render(&HistoryPage {
        head: at.head(),
        subject: Subject::of(&person),
        lines: lines.collect(),
        back: PersonPage(at.uai(), person.account.id).path().into_owned(),
    }))
}

#[derive(Debug, Serialize)]
struct Line {
    at: String,
    said: String,
    text: TextKey,
    by: TextKey,
}

impl Line {
    fn of(shown: &Shown, locale: Locale) -> Option<Self> {
        Some(Self {
            at: shown.at.to_string(),
            said: said(shown.at, locale),
            text: words::action(shown.action)?,
            by: if shown.by_owner {
                TextKey::new("desk-by-owner")
            } else if shown.by_school {
                TextKey::new("desk-by-school")
            } else {
                TextKey::new("desk-by-service")
            },
        })
    }
}

/// The context of `admin/desk/history.html`.
#[derive(Debug, Serialize)]
struct HistoryPage {
    head: Head,
    subject: Subject,
    lines: Vec<Line>,
    back: String,
}

impl Page for HistoryPage {
    const TEMPLATE: &'static str = "admin/desk/history.html";

    fn samples() -> Vec<Self> {
        use domain::audit::Action;
        let shown = |action, by_owner| Shown {
            at: jiff::Timestamp::constant(1_788_249_600, 0),
            action,
            by_owner,
            by_school: !by_owner,
        };
        let events = [
            shown(Action::AccountActivated, true),
            shown(Action::ProvisionalPasswordGiven, false),
        ];
        let sample = |events: &[Shown]| Self {
            head: Head::sample(),
            subject: Subject::sample(PersonKind::Pupil),
            lines: events
                .iter()
                .filter_map(|shown| Line::of(shown, Locale::Fr))
                .collect(),
            back: PersonPage(&sample_school(), sample_account())
                .path()
                .into_owned(),
        };
        vec![sample(&[]), sample(&events)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<HistoryPage>();
    }
}
