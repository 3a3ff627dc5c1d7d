//! Where a desk begins: looking for somebody, what waits, and the classes.

use axum::{extract::State, response::Response};
use idp::app::unavailable;
use serde::Serialize;
use store::{
    desk::{self, Class},
    pending_acts,
};
use web::{Page, PageError, Route};

use super::{
    class,
    entrance::{Head, enter, sample_school},
    routes::{PendingActs, People, Reports},
};
use crate::{state::Admin, visitor::Visitor};

pub(super) async fn get(State(app): State<Admin>, visitor: Visitor) -> Result<Response, PageError> {
    let at = enter(&app, visitor).await?;
    let reader = app.database.reader();
    let classes = desk::find_classes(reader, at.uai()).await;
    let reports = desk::count_reports(reader, at.uai()).await;
    let pending = pending_acts::find_of_school(reader, at.uai(), app.ambient.now()).await;
    let line = |class: Class| ClassLine::of(&at.desk.school, class);
    Ok(at.view().render(&SchoolPage {
        head: at.head(),
        search: People(at.uai()).path().into_owned(),
        reports: reports.map_err(unavailable)?,
        reports_way: Reports(at.uai()).path().into_owned(),
        pending: pending.map_err(unavailable)?.len(),
        pending_way: PendingActs(at.uai()).path().into_owned(),
        classes: classes
            .map_err(unavailable)?
            .into_iter()
            .map(line)
            .collect(),
    }))
}

/// A class, and where its list and letters are.
#[derive(Debug, Serialize)]
struct ClassLine {
    name: String,
    pupils: u64,
    waiting: u64,
    way: String,
}

impl ClassLine {
    fn of(school: &domain::school::Uai, class: Class) -> Self {
        Self {
            way: class::path_of(school, &class.name),
            name: class.name,
            pupils: class.pupils,
            waiting: class.waiting,
        }
    }
}

/// The context of `admin/desk/home.html`.
#[derive(Debug, Serialize)]
struct SchoolPage {
    head: Head,
    search: String,
    reports: usize,
    reports_way: String,
    pending: usize,
    pending_way: String,
    classes: Vec<ClassLine>,
}

impl Page for SchoolPage {
    const TEMPLATE: &'static str = "admin/desk/home.html";

    fn samples() -> Vec<Self> {
        let school = sample_school();
        let class = |name: &str, waiting| {
            let name = name.to_owned();
            let class = Class {
                name,
                pupils: 28,
                waiting,
            };
            ClassLine::of(&school, class)
        };
        let sample = |count, classes| Self {
            head: Head::sample(),
            search: People(&school).path().into_owned(),
            reports: count,
            reports_way: Reports(&school).path().into_owned(),
            pending: count,
            pending_way: PendingActs(&school).path().into_owned(),
            classes,
        };
        vec![
            sample(0, Vec::new()),
            sample(
                2,
                vec![class("3e C", 0), class("6e B section européenne", 3)],
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<SchoolPage>();
    }
}
