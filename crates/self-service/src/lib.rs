//! « Mon compte »: what people do for themselves.
//!
//! It owns the pages under `/compte`. It must not know the protocol, nor how a session
//! is found: `idp` gives it who is signed in.

pub mod new_password;

mod home;
mod strength;

use axum::{
    Json, Router,
    http::HeaderMap,
    response::Redirect,
    routing::{get, post},
};
use idp::{
    App,
    http::{account::SignedIn, routes::Account},
};
use url::Url;
use web::{Route, View, layers};

use self::strength::{MeasureStrength, Scale};

/// The pages, with their layers. `portal` is where the demo's portal is, if this is one.
pub fn router(app: &App, portal: Option<Url>) -> Router {
    let home = get(async move |signed_in: SignedIn| home::get(&signed_in, portal.clone()));
    let scale = Scale::new();
    let measure = post(async move |view: View, headers: HeaderMap, Json(typed)| {
        scale.clone().post(view, headers, typed).await
    });
    let pages = Router::new()
        .route("/", get(async || Redirect::to(Account::PATTERN)))
        .route(Account::PATTERN, home)
        .route(MeasureStrength::PATTERN, measure);
    layers::pages(pages, &app.site).with_state(app.clone())
}
