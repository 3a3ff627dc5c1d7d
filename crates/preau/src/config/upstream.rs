//! Checks of the sections `upstream.NAME`.

use std::net::IpAddr;

use domain::{acr::Acr, client::ClientId};
use idp::upstream::{UpstreamSettings, UpstreamsSettings};
use url::{Host, Url};

use super::fault::Faults;

/// First parts of our own paths: an upstream's name is the first part of its addresses.
const TAKEN: [&str; 12] = [
    "admin",
    "aide",
    "api",
    "assets",
    "compte",
    "connexion",
    "deconnexion",
    "health",
    "metrics",
    "oauth2",
    "activation",
    "inscription",
];

pub(super) fn check(upstreams: &UpstreamsSettings, faults: &mut Faults) {
    for (name, upstream) in upstreams {
        let key = |key: &str| format!("upstream.{name}{key}");
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let is_name = !name.is_empty() && name.len() <= 40 && name.bytes().all(plain);
        faults.require(
            is_name && !TAKEN.contains(&name.as_str()),
            &key(""),
            "the name must be of small letters, digits and hyphens, and no path of the service",
        );
        check_one(upstream, &key, faults);
    }
    check_issuers(upstreams, faults);
}

fn check_one(upstream: &UpstreamSettings, key: &dyn Fn(&str) -> String, faults: &mut Faults) {
    faults.require(
        is_safe(&upstream.issuer),
        &key(".issuer"),
        "must be an https address (http on one's own machine) without query and fragment",
    );
    faults.require(
        is_safe(&upstream.about),
        &key(".about"),
        "must be an https address without query and fragment",
    );
    faults.require(
        ClientId::parse(&upstream.client_id).is_ok(),
        &key(".client_id"),
        "must be an id",
    );
    faults.require(
        !upstream.client_secret.expose().is_empty(),
        &key(".client_secret"),
        "must not be empty",
    );
    faults.require(
        matches!(upstream.acr, Acr::Eidas1 | Acr::Eidas2 | Acr::Eidas3),
        &key(".acr"),
        "must be eidas1, eidas2 or eidas3",
    );
    let is_scope =
        |scope: &String| !scope.is_empty() && scope.bytes().all(|b| b.is_ascii_graphic());
    faults.require(
        upstream.scopes.iter().all(is_scope),
        &key(".scopes"),
        "must be scopes",
    );
    faults.require(
        (1..=30).contains(&upstream.patience.0),
        &key(".patience"),
        "must be from 1 to 30 seconds",
    );
    faults.require(
        !upstream.title.trim().is_empty(),
        &key(".title"),
        "must not be empty",
    );
}

/// Two names of one issuer would be two bonds of one subject.
fn check_issuers(upstreams: &UpstreamsSettings, faults: &mut Faults) {
    let mut seen = std::collections::HashSet::new();
    for (name, upstream) in upstreams {
        faults.require(
            seen.insert(&upstream.issuer),
            &format!("upstream.{name}.issuer"),
            "another upstream has this issuer",
        );
    }
}

fn is_safe(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else {
        return false;
    };
    let is_own = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => return false,
    };
    let is_scheme = url.scheme() == "https" || (url.scheme() == "http" && is_own);
    is_scheme && url.query().is_none() && url.fragment().is_none()
}
