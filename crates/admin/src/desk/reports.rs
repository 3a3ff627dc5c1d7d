//! Reported links, and the school's answer (guide, section 4.4.5).

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::{desk::ReportAnswer, school::Uai};
use idp::app::unavailable;
use notify::messages::WhatTheSchoolDid;
use serde::{Deserialize, Serialize};
use store::desk::{self, ReportedLink};
use web::{FormErrors, Locale, Page, PageError, Posted, Route, TextKey, moment::said};

use super::{
    act::{self, Act, Choice, Field},
    acting::{begin, commit, tell},
    entrance::{AtDesk, Head, enter, sample_account, sample_school},
    links::Parts,
    passwords::changed,
    routes::{AnswerReport, PersonPage, Reports},
};
use crate::{state::Admin, visitor::Visitor};

/// Lists those that wait for an answer.
pub(super) async fn list(
    State(app): State<Admin>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let reports = desk::find_reports(app.database.reader(), at.uai()).await;
    let reports = reports.map_err(unavailable)?;
    let locale = at.view().locale();
    let lines = reports
        .iter()
        .map(|report| Line::of(at.uai(), report, locale));
    Ok(at.view().render(&ReportsPage {
        head: at.head(),
        lines: lines.collect(),
    }))
}

async fn open(
    app: &Admin,
    at: &AtDesk,
    (guardian, pupil): (&str, &str),
) -> Result<ReportedLink, PageError> {
    let reports = desk::find_reports(app.database.reader(), at.uai()).await;
    let report = reports.map_err(unavailable)?.into_iter().find(|report| {
        report.guardian.to_string() == guardian && report.pupil.to_string() == pupil
    });
    report.ok_or_else(PageError::not_found)
}

/// Asks for the answer.
pub(super) async fn get(
    State(app): State<Admin>,
    Path((_, guardian, pupil)): Path<Parts>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let report = open(&app, &at, (&guardian, &pupil)).await?;
    let person = at.see(&app, &guardian).await?;
    let action = answer_way(at.uai(), &report);
    Ok(act::show(
        &at,
        &person,
        answer_act(),
        &action,
        FormErrors::none(),
    ))
}

#[derive(Deserialize)]
pub(super) struct AnswerForm {
    #[serde(default)]
    reponse: String,
}

/// Answers.
pub(super) async fn post(
    State(app): State<Admin>,
    Path((_, guardian, pupil)): Path<Parts>,
    visitor: Visitor,
    Posted(form): Posted<AnswerForm>,
) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let report = open(&app, &at, (&guardian, &pupil)).await?;
    let Some(answer) = ReportAnswer::parse(&form.reponse) else {
        let person = at.person(&app, &guardian).await?;
        let none = TextKey::new("desk-answer-none");
        let errors = FormErrors::none().field("reponse", none);
        let action = answer_way(at.uai(), &report);
        return Ok(act::show(&at, &person, answer_act(), &action, errors));
    };
    let transaction = begin(&app).await?;
    let pair = (report.guardian, report.pupil);
    let ambient = &app.ambient;
    let done = desk::answer_report(&transaction, ambient, &at.desk, pair.0, pair.1, answer).await;
    let done = done.map_err(unavailable)?.ok_or_else(changed)?;
    let what = match answer {
        ReportAnswer::Upheld => WhatTheSchoolDid::ReportUpheld,
        ReportAnswer::Ended => WhatTheSchoolDid::ReportEnded,
    };
    tell(&app, &transaction, &at, &done.account, what).await?;
    commit(&app, transaction).await?;
    Ok(Redirect::to(&Reports(at.uai()).path()).into_response())
}

fn answer_way<'a>(school: &'a Uai, report: &ReportedLink) -> AnswerReport<'a> {
    AnswerReport {
        school,
        guardian: report.guardian,
        pupil: report.pupil,
    }
}

fn answer_act() -> Act {
    let option = |answer: &ReportAnswer| {
        let text = match answer {
            ReportAnswer::Upheld => TextKey::new("desk-answer-upheld"),
            ReportAnswer::Ended => TextKey::new("desk-answer-ended"),
        };
        Choice::new(answer.as_str(), text, false)
    };
    Act {
        title: TextKey::new("desk-answer-title"),
        lead: TextKey::new("desk-answer-lead"),
        effects: vec![
            TextKey::new("desk-answer-effect-upheld"),
            TextKey::new("desk-answer-effect-ended"),
            TextKey::new("desk-link-end-effect-other"),
            TextKey::new("desk-effect-told"),
        ],
        submit: TextKey::new("desk-answer-submit"),
        is_danger: false,
        fields: vec![Field::Choice {
            name: "reponse",
            label: TextKey::new("desk-answer-label"),
            options: ReportAnswer::ALL.iter().map(option).collect(),
        }],
    }
}

#[derive(Debug, Serialize)]
struct Line {
    guardian: String,
    guardian_way: String,
    pupil: String,
    pupil_way: String,
    class: Option<String>,
    at: String,
    answer: String,
}

impl Line {
    fn of(school: &Uai, report: &ReportedLink, locale: Locale) -> Self {
        Self {
            guardian: report.guardian_name.full(),
            guardian_way: PersonPage(school, report.guardian).path().into_owned(),
            pupil: report.pupil_name.full(),
            pupil_way: PersonPage(school, report.pupil).path().into_owned(),
            class: report.class.clone(),
            at: said(report.at, locale),
            answer: answer_way(school, report).path().into_owned(),
        }
    }
}

/// The context of `admin/desk/reports.html`.
#[derive(Debug, Serialize)]
struct ReportsPage {
    head: Head,
    lines: Vec<Line>,
}

impl Page for ReportsPage {
    const TEMPLATE: &'static str = "admin/desk/reports.html";

    fn samples() -> Vec<Self> {
        let name = |given: &str| domain::name::PersonName {
            given: given.into(),
            family: "DUBOIS".into(),
        };
        let report = ReportedLink {
            guardian: sample_account(),
            guardian_name: name("Nadia"),
            pupil: sample_account(),
            pupil_name: name("Adam"),
            class: Some("4e A".into()),
            at: jiff::Timestamp::constant(1_788_249_600, 0),
        };
        let sample = |lines| Self {
            head: Head::sample(),
            lines,
        };
        let line = Line::of(&sample_school(), &report, Locale::Fr);
        vec![sample(Vec::new()), sample(vec![line])]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<ReportsPage>();
    }
}
