//! The simulator's own page: who is there, and how it behaves.

use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;

use super::{
    behaviour::{Behaviour, ENTRIES, Part},
    choice::CitizenView,
    citizens::CITIZENS,
    keys::{Algorithm, Naming},
    problem::Problem,
    visitor::{OwnForm, Visitor},
};

/// The parts as the page lists them, in French and English.
const PARTS: [(Part, [&str; 2]); 6] = [
    (Part::Whole, ["Le service entier", "The whole service"]),
    (
        Part::Return,
        ["Le retour au service", "The way back to the service"],
    ),
    (
        Part::Token,
        ["L’échange du code", "The exchange of the code"],
    ),
    (Part::IdToken, ["L’ID token", "The ID token"]),
    (
        Part::UserInfo,
        ["La réponse UserInfo", "The UserInfo answer"],
    ),
    (Part::SignOut, ["La déconnexion", "Sign-out"]),
];

/// Shows the page.
pub(super) async fn get(visitor: Visitor) -> Response {
    visitor.render("demo/simulator-home.html", HomePage::of(&visitor))
}

/// Changes the behaviour: `behaviour=wrong-nonce&algorithm=RS256`. What is left out is as
/// FranceConnect has it.
pub(super) async fn post(visitor: Visitor, OwnForm(fields): OwnForm) -> Response {
    let behaviour = fields.value("behaviour").map(Behaviour::parse);
    let algorithm = fields.value("algorithm").map(Algorithm::parse);
    let chosen = (
        behaviour.unwrap_or(Some(Behaviour::default())),
        algorithm.unwrap_or(Some(Algorithm::default())),
    );
    let (Some(behaviour), Some(algorithm)) = chosen else {
        return Problem::ForeignForm.page(&visitor);
    };
    visitor.simulator.mood.change(behaviour, algorithm);
    tracing::info!(?behaviour, ?algorithm, "the simulator behaves otherwise");
    Redirect::to("/").into_response()
}

/// Changes the keys: `name=new`, or `name=same` to keep the names of the old ones.
pub(super) async fn rotate(visitor: Visitor, OwnForm(fields): OwnForm) -> Response {
    let naming = match fields.value("name") {
        Some("new") => Naming::New,
        Some("same") => Naming::Same,
        _ => return Problem::ForeignForm.page(&visitor),
    };
    match visitor.simulator.keys.rotate(naming) {
        Ok(()) => Redirect::to("/").into_response(),
        Err(_) => Problem::Keys.page(&visitor),
    }
}

/// The context of `demo/simulator-home.html`.
#[derive(Serialize)]
struct HomePage {
    issuer: String,
    citizens: Vec<CitizenView>,
    parts: Vec<PartView>,
    algorithms: Vec<AlgorithmView>,
    is_normal: bool,
}

#[derive(Serialize)]
struct PartView {
    title: [&'static str; 2],
    behaviours: Vec<BehaviourView>,
}

#[derive(Serialize)]
struct BehaviourView {
    name: &'static str,
    label: [&'static str; 2],
    is_chosen: bool,
}

#[derive(Serialize)]
struct AlgorithmView {
    name: &'static str,
    is_chosen: bool,
}

impl HomePage {
    fn of(visitor: &Visitor) -> Self {
        let simulator = &visitor.simulator;
        let (behaviour, algorithm) = (simulator.mood.behaviour(), simulator.mood.algorithm());
        let part = |(part, title)| PartView::of(part, title, behaviour);
        let algorithms = Algorithm::ALL.map(|each| AlgorithmView {
            name: each.as_str(),
            is_chosen: each == algorithm,
        });
        Self {
            issuer: simulator.issuer.clone(),
            citizens: CITIZENS.iter().map(CitizenView::of).collect(),
            parts: PARTS.into_iter().map(part).collect(),
            algorithms: algorithms.into(),
            is_normal: behaviour == Behaviour::Normal,
        }
    }
}

impl PartView {
    fn of(part: Part, title: [&'static str; 2], chosen: Behaviour) -> Self {
        let own = ENTRIES.iter().filter(|entry| entry.part == part);
        let view = own.map(|entry| BehaviourView {
            name: entry.name,
            label: entry.label,
            is_chosen: entry.behaviour == chosen,
        });
        Self {
            title,
            behaviours: view.collect(),
        }
    }
}
