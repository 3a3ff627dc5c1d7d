//! The pages that every site has: help, accessibility; and the page that posts an
//! authorization response.

use std::sync::Arc;

use axum::{Router, response::Response, routing};
use serde::Serialize;

use crate::{
    assets, error,
    headers::Policy,
    help, layers,
    pages::Page,
    site::{Accessibility, Conformity, Site},
    urls::Route,
    view::View,
};

/// « Aide ».
#[derive(Debug, Clone, Copy)]
pub struct Help;

impl Route for Help {
    const PATTERN: &'static str = "/aide";
}

/// « Choisir un mot de passe sécurisé ».
#[derive(Debug, Clone, Copy)]
pub struct PasswordHelp;

impl Route for PasswordHelp {
    const PATTERN: &'static str = "/aide/mot-de-passe";
}

/// « Accessibilité ».
#[derive(Debug, Clone, Copy)]
pub struct AccessibilityStatement;

impl Route for AccessibilityStatement {
    const PATTERN: &'static str = "/accessibilite";
}

/// The router of these pages, of the assets, and of every address that nobody knows;
/// layers included. Merge it once.
pub fn router<S: Clone + Send + Sync + 'static>(site: &Arc<Site>) -> Router<S> {
    let router = Router::new()
        .route(
            Help::PATTERN,
            routing::get(help::get).with_state(site.help.clone()),
        )
        .route(PasswordHelp::PATTERN, routing::get(password_help))
        .route(AccessibilityStatement::PATTERN, routing::get(accessibility))
        .route(assets::ASSETS_PATTERN, routing::get(assets::get))
        .fallback(error::fallback);
    layers::pages(router, site)
}

async fn password_help(view: View) -> Response {
    view.render(&PasswordHelpPage {})
}

async fn accessibility(view: View) -> Response {
    view.render(&StatementPage {
        statement: view.site().accessibility.clone(),
    })
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct PasswordHelpPage {}

impl Page for PasswordHelpPage {
    const TEMPLATE: &'static str = "password_help.html";

    fn samples() -> Vec<Self> {
        vec![Self {}]
    }
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct StatementPage {
    statement: Accessibility,
}

impl Page for StatementPage {
    const TEMPLATE: &'static str = "accessibility.html";

    fn samples() -> Vec<Self> {
        let filled = Accessibility {
            conformity: Conformity::Partial,
            operator: Some("Académie de Démonstration".to_owned()),
            contact_email: Some("accessibilite@example.org".to_owned()),
            audited_on: Some("12/10/2026".to_owned()),
            audited_by: Some("Cabinet Exemple".to_owned()),
            rate: Some(87),
            shortcomings: vec!["Un document PDF n’est pas balisé.".to_owned()],
        };
        [Accessibility::default(), filled]
            .map(|statement| Self { statement })
            .into()
    }
}

/// Posts fields to another site: by a small script of ours, or by a button where there
/// is no JavaScript (OAuth 2.0 Form Post Response Mode).
#[derive(Debug, Clone, Serialize)]
pub struct FormPost {
    action: String,
    values: Vec<(String, String)>,
}

impl FormPost {
    /// `action` must be a redirect URI that was proven to be the client's.
    pub fn new(action: impl Into<String>, values: Vec<(String, String)>) -> Self {
        let action = action.into();
        Self { action, values }
    }
}

impl Page for FormPost {
    const TEMPLATE: &'static str = "form_post.html";
    const POLICY: Policy = Policy::AutoSubmit;

    fn samples() -> Vec<Self> {
        let fields = [("code", "Sample-Code"), ("state", r#""><script>"#)];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        vec![Self::new("https://ent.example/callback", fields.into())]
    }
}
