//! A small site that has every kind of route.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router, extract::connect_info::MockConnectInfo, http::header, response::Response, routing,
};
use serde::{Deserialize, Serialize};
use web::{
    Browser, ClientAddress, Page, PageError, Posted, Site, View,
    headers::Policy,
    layers,
    static_pages::{self, FormPost},
};

#[derive(Serialize)]
struct SignInPage {
    action: &'static str,
    identifier: String,
    identifier_fixed: bool,
    registration: &'static str,
    upstreams: [(); 0],
    upstream_alone: bool,
    passkey: Option<()>,
    lost_identifier: &'static str,
    lost_password: &'static str,
    errors: web::FormErrors,
}

impl Page for SignInPage {
    const TEMPLATE: &'static str = "idp/sign_in.html";
    const POLICY: Policy = Policy::Flow;

    fn samples() -> Vec<Self> {
        vec![]
    }
}

#[derive(Deserialize)]
struct SignInForm {
    identifiant: String,
}

async fn form(view: View) -> Response {
    view.set_service("Portail");
    view.prefer_locales("en fr");
    view.render(&SignInPage {
        action: "/form",
        identifier: String::new(),
        identifier_fixed: false,
        registration: "/inscription",
        upstreams: [],
        upstream_alone: false,
        passkey: None,
        lost_identifier: "/identifiant-perdu",
        lost_password: "/mot-de-passe-perdu",
        errors: web::FormErrors::none(),
    })
}

async fn posted(Posted(form): Posted<SignInForm>) -> String {
    form.identifiant
}

async fn renewed(browser: Browser) -> &'static str {
    let before = browser.hash();
    assert!(!browser.renew().is(&before));
    "ok"
}

async fn busy(view: View) -> PageError {
    view.set_service("Portail");
    PageError::busy(Duration::from_secs(7)).detail("the pool is full")
}

async fn auto(view: View) -> Response {
    view.render(&FormPost::new("https://ent.example/cb", vec![]))
}

async fn panics() -> Response {
    panic!("with c.martin1's secret")
}

pub(crate) fn app(site: &Arc<Site>) -> Router {
    let pages = Router::new()
        .route("/form", routing::get(form).post(posted))
        .route("/renewed", routing::post(renewed))
        .route("/busy", routing::get(busy))
        .route("/auto", routing::get(auto))
        .route("/panics", routing::get(panics));
    let lean = Router::new()
        .route(
            "/keys",
            routing::get(|| async { ([(header::CACHE_CONTROL, "max-age=60")], "{}") }),
        )
        .route("/token", routing::post(|| async { "{}" }))
        .route(
            "/address",
            routing::get(|from: ClientAddress| async move { from.network_key() }),
        )
        .route("/broken", routing::get(panics));
    layers::pages(pages, site)
        .merge(layers::lean(lean, site))
        .merge(static_pages::router(site))
        .layer(MockConnectInfo(SocketAddr::from(([192, 0, 2, 7], 4711))))
}
