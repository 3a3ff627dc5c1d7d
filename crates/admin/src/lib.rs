//! The console under `/admin` and the API under `/api/admin/v1`, for those who have power
//! over others' data.
//!
//! It owns these pages, their order, and what the API looks like. It must not know how a
//! session is found or a factor checked (`idp` tells it who came), nor decide who may do
//! what: [`domain::permission`] does. What an act does to the data is a function of `store`
//! or of the module that both the console and the API call.
//!
//! - [`door`]: what a page asks of whoever comes, and who is let in;
//! - [`table`]: every page of the console with its door: the router is made of it;
//! - `visitor`: who was let in; every page begins with it;
//! - `home`: where the console begins;
//! - `journal`: the audit trail, searched;
//! - `desk`: what a school's officer sees and does;
//! - `agents`: who is appointed to what;
//! - `lost_factor`: the removal of a second factor, for whom no school can help;
//! - `service`: how the service does;
//! - `maintenance`: what is carried out by itself;
//! - `clients`: registrations of relying parties;
//! - `api`: what programs may do, and the document that describes it.

mod agents;
mod api;
mod clients;
mod desk;
pub mod door;
mod home;
mod journal;
mod lost_factor;
pub mod maintenance;
pub mod routes;
mod service;
pub mod state;
pub mod table;
pub mod visitor;

use axum::Router;
use idp::App;
use web::layers;

pub use self::desk::carry_out_due;
use self::state::Admin;

/// Pages and API, with their layers.
pub fn router(app: &App) -> Router {
    let state = Admin::new(app.clone());
    layers::pages(door::router(table::all(), &state), &app.site)
        .merge(layers::lean(api::router(), &app.site))
        .with_state(state)
}
