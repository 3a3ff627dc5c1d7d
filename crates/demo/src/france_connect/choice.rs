//! The first page of a request: who are you? FranceConnect offers identity providers
//! here; the simulator offers people.

use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use serde::Serialize;

use super::{
    citizens::{self, CITIZENS, Citizen},
    interaction::Open,
    problem::Problem,
    visitor::{OwnForm, Visitor},
};

/// Whoever is known already goes on to the next page.
pub(super) async fn get(visitor: Visitor, Path(id): Path<String>) -> Response {
    let simulator = &visitor.simulator;
    let open = match Open::load(&visitor, &id) {
        Ok(open) => open,
        Err(problem) => return problem.page(&visitor),
    };
    match visitor.session() {
        None => visitor.render(
            "demo/simulator-choice.html",
            ChoicePage::of(&open, &visitor),
        ),
        Some(session) => go_on(&visitor, open.resume(simulator, session)),
    }
}

/// A citizen is chosen.
pub(super) async fn post(
    visitor: Visitor,
    Path(id): Path<String>,
    OwnForm(fields): OwnForm,
) -> Response {
    let citizen = fields.value("citizen").and_then(citizens::find);
    let next = Open::load(&visitor, &id).and_then(|open| {
        let identity = citizen.ok_or(Problem::ForeignForm)?;
        open.identify(&visitor.simulator, identity)
    });
    go_on(&visitor, next)
}

/// To the next page, or to the problem's.
pub(super) fn go_on(visitor: &Visitor, next: Result<String, Problem>) -> Response {
    match next {
        Ok(url) => Redirect::to(&url).into_response(),
        Err(problem) => problem.page(visitor),
    }
}

/// The context of `demo/simulator-choice.html`.
#[derive(Serialize)]
struct ChoicePage {
    service: String,
    choices: Choices,
    way_back: String,
}

impl ChoicePage {
    fn of(open: &Open, visitor: &Visitor) -> Self {
        Self {
            service: open.interaction.asked.service.clone(),
            choices: Choices::of(open, visitor),
            way_back: open.way_back(&visitor.simulator),
        }
    }
}

/// Everybody whom a page offers.
#[derive(Serialize)]
pub(super) struct Choices {
    /// Where the form goes.
    action: String,
    /// Where anybody else is described.
    free_form: String,
    citizens: Vec<CitizenView>,
}

impl Choices {
    pub(super) fn of(open: &Open, visitor: &Visitor) -> Self {
        let simulator = &visitor.simulator;
        Self {
            action: open.url(simulator, ""),
            free_form: open.url(simulator, "/identite"),
            citizens: CITIZENS.iter().map(CitizenView::of).collect(),
        }
    }
}

/// A citizen as pages show them.
#[derive(Serialize)]
pub(super) struct CitizenView {
    key: &'static str,
    name: String,
    born: String,
    given_names: String,
}

impl CitizenView {
    pub(super) fn of(citizen: &Citizen) -> Self {
        let identity = citizen.identity();
        Self {
            key: citizen.key,
            name: identity.name(),
            born: identity.born.written(),
            given_names: identity.given_names.join(", "),
        }
    }
}
