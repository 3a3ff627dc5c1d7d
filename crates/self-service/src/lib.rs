//! What people do for themselves: activate an account, find a lost identifier or
//! password again, and « Mon compte » (guide, sections 4.3 and 4.4).
//!
//! It owns these pages and the order of their steps. It must not know the protocol, nor
//! how a session is found or a password checked: `idp` tells it who is signed in.
//!
//! Each folder is a journey, with its routes in its `mod.rs`:
//! - `activation`: from the school's letter to an account in use;
//! - `registration`: the same for a guardian without a letter;
//! - `recovery`: a lost identifier or password, and « Ce n'est pas moi »;
//! - `schools`: how a school is reached;
//! - `account`: « Mes informations »;
//! - `children`: « Mes enfants »;
//! - `invitation`: officers and administrators set up their access;
//! - `footprint`: sessions, services, history, data.
//!
//! What they share stands beside them: where a journey goes on ([`ways`]), what waits
//! between its steps ([`journeys`]), how much may be sent ([`limits`]) and tried
//! ([`brake`]), who is told
//! ([`idp::notices`]).

pub mod mobile;
mod new_password;

mod account;
mod activation;
mod binding;
mod brake;
mod children;
mod children_dates;
mod code_tries;
mod confirmations;
mod dates;
mod done;
mod footprint;
mod invitation;
mod journeys;
mod limits;
mod passwords;
mod recovery;
mod registration;
mod schools;
pub mod settings;
mod state;
mod strength;
mod ways;

use axum::{
    Json, Router,
    http::HeaderMap,
    response::Redirect,
    routing::{get, post},
};
use domain::password::CommonPasswords;
use idp::{App, http::routes::Account};
use url::Url;
use web::{Route, View, layers};

use self::{
    settings::SelfServiceSettings,
    state::SelfService,
    strength::{MeasureStrength, Scale},
};

/// The pages, with their layers. `portal` is where the demo's portal is, if this is one.
pub fn router(
    app: &App,
    settings: SelfServiceSettings,
    common_passwords: CommonPasswords,
    portal: Option<Url>,
) -> Router {
    let state = SelfService::new(app.clone(), settings, common_passwords, portal);
    let scale = Scale::new();
    let measure = post(async move |view: View, headers: HeaderMap, Json(typed)| {
        scale.clone().post(view, headers, typed).await
    });
    let pages = Router::new()
        .route("/", get(async || Redirect::to(Account::PATTERN)))
        .route(MeasureStrength::PATTERN, measure)
        .merge(activation::routes())
        .merge(registration::routes())
        .merge(recovery::routes())
        .merge(binding::routes())
        .merge(schools::routes())
        .merge(account::routes())
        .merge(children::routes())
        .merge(footprint::routes())
        .merge(invitation::routes());
    layers::pages(pages, &app.site).with_state(state)
}
