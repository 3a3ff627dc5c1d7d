//! « Mon compte »: what people do for themselves.
//!
//! It owns the pages under `/compte`. It must not know the protocol, nor how a session
//! is found: `idp` gives it who is signed in.

mod home;

use axum::{Router, response::Redirect, routing::get};
use idp::{
    App,
    http::{account::SignedIn, routes::Account},
};
use url::Url;
use web::{Route, layers};

/// The pages, with their layers. `portal` is where the demo's portal is, if this is one.
pub fn router(app: &App, portal: Option<Url>) -> Router {
    let home = get(async move |signed_in: SignedIn| home::get(&signed_in, portal.clone()));
    let pages = Router::new()
        .route("/", get(async || Redirect::to(Account::PATTERN)))
        .route(Account::PATTERN, home);
    layers::pages(pages, &app.site).with_state(app.clone())
}
