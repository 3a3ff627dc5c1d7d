//! The ways back to the service, with a code or an error.

use axum::{
    extract::RawQuery,
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use url::{Url, form_urlencoded};
use web::form::Fields;

use super::{Simulator, problem::Problem, registration::Registration, visitor::Visitor};

/// What a service is told when a person turns back at the choice of an identity provider.
pub(super) const TURNED_BACK: &str = "User auth aborted";
/// What it is told when they turn back at an error page.
pub(super) const ABORTED: &str = "user authentication aborted";
/// What it is told where that page was about a fault.
pub(super) const TECHNICAL: &str =
    "authentication aborted due to a technical error on the authorization server";

/// An error on its way to a service (RFC 6749, section 4.1.2.1; RFC 9207).
#[derive(Clone, Debug)]
pub(super) struct Return {
    /// The service's name.
    pub(super) service: String,
    pub(super) redirect_uri: String,
    pub(super) state: String,
    pub(super) error: &'static str,
    pub(super) description: &'static str,
    /// Whether it travels in the fragment, as answers to other response types do.
    pub(super) in_fragment: bool,
}

impl Return {
    /// The answer that the protocol gives.
    pub(super) fn answer(&self, simulator: &Simulator) -> Response {
        let pairs = [
            ("error", self.error),
            ("error_description", self.description),
            ("state", &self.state),
            ("iss", &simulator.issuer),
        ];
        let url = if self.in_fragment {
            with_fragment(&self.redirect_uri, &pairs)
        } else {
            with_query(&self.redirect_uri, &pairs)
        };
        Redirect::to(&url).into_response()
    }

    /// The link that does the same by hand, on pages.
    pub(super) fn by_hand(&self, simulator: &Simulator) -> String {
        let pairs = [
            ("error", self.error),
            ("error_description", self.description),
            ("state", &self.state),
            ("redirect_uri", &self.redirect_uri),
        ];
        with_query(&simulator.url("/redirect-to-sp-with-error"), &pairs)
    }
}

/// An address with more in its query.
pub(super) fn with_query(address: &str, pairs: &[(&str, &str)]) -> String {
    let Ok(mut url) = Url::parse(address) else {
        return address.to_owned();
    };
    url.query_pairs_mut().extend_pairs(pairs);
    url.into()
}

fn with_fragment(address: &str, pairs: &[(&str, &str)]) -> String {
    let mut fragment = form_urlencoded::Serializer::new(String::new());
    format!("{address}#{}", fragment.extend_pairs(pairs).finish())
}

/// The link of a page back to the service. Like the service itself it trusts what the
/// link says, but goes nowhere but to registered addresses; a `state` that is missing
/// travels as the text `undefined`.
pub(super) async fn get(visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let fields = Fields::parse(query.as_bytes()).unwrap_or_default();
    let simulator = &visitor.simulator;
    let redirect_uri = fields.value("redirect_uri").unwrap_or_default();
    let mut known = simulator.settings.registrations.iter();
    if !known.any(|registration: &Registration| registration.has_redirect_uri(redirect_uri)) {
        return Problem::WayBack.page(&visitor);
    }
    let value = |name: &str| fields.value(name).unwrap_or("undefined");
    let pairs = [
        ("error", value("error")),
        ("error_description", value("error_description")),
        ("state", value("state")),
        ("iss", simulator.issuer.as_str()),
    ];
    let url = with_query(redirect_uri, &pairs);
    (StatusCode::FOUND, [(header::LOCATION, url)]).into_response()
}
