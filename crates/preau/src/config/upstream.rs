//! Checks of the sections `upstream.NAME`.

use std::net::IpAddr;

use domain::{acr::Acr, client::ClientId};
use idp::upstream::{ClientKey, DecryptionKey, UpstreamSettings, UpstreamsSettings};
use url::{Host, Url};

use super::{fault::Faults, server::check_readable};

/// First parts of our own paths: an upstream's name is the first part of its addresses.
const TAKEN: [&str; 13] = [
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
    "relier",
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
    check_credential(upstream, key, faults);
    check_encryption(upstream, key, faults);
    check_button(upstream, key, faults);
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

/// A secret or a key, and not both: which of them counts must not be guessed.
fn check_credential(
    upstream: &UpstreamSettings,
    key: &dyn Fn(&str) -> String,
    faults: &mut Faults,
) {
    match (&upstream.client_secret, &upstream.client_key) {
        (Some(secret), None) => faults.require(
            !secret.expose().is_empty(),
            &key(".client_secret"),
            "must not be empty",
        ),
        (None, Some(pem)) => {
            let read = ClientKey::read(pem, upstream.client_key_id.as_deref());
            let fault = read.err().map(|fault| fault.to_string());
            let fault_text = fault.as_deref().unwrap_or_default();
            faults.require(fault.is_none(), &key(".client_key"), fault_text);
        }
        (None, None) => faults.require(
            false,
            &key(".client_secret"),
            "must be there, or client_key in its place",
        ),
        (Some(_), Some(_)) => faults.require(
            false,
            &key(".client_key"),
            "must not be there beside client_secret",
        ),
    }
}

/// Keys that decrypt and do nothing else.
fn check_encryption(
    upstream: &UpstreamSettings,
    key: &dyn Fn(&str) -> String,
    faults: &mut Faults,
) {
    let own = upstream.client_key.as_ref();
    let own = own.and_then(|pem| ClientKey::read(pem, None).ok());
    let keys = [
        (".encryption_key", &upstream.encryption_key),
        (".encryption_key_beside", &upstream.encryption_key_beside),
    ];
    for (name, pem) in keys {
        let Some(pem) = pem else { continue };
        match DecryptionKey::read(pem, &upstream.encryption_algorithms) {
            Err(fault) => faults.require(false, &key(name), fault.to_string()),
            Ok(read) => faults.require(
                own.as_ref()
                    .is_none_or(|own| own.thumbprint() != read.kid()),
                &key(name),
                "must be another key than client_key",
            ),
        }
    }
    faults.require(
        upstream.encryption_key_beside.is_none() || upstream.encryption_key.is_some(),
        &key(".encryption_key_beside"),
        "needs encryption_key",
    );
}

/// Pictures that browsers show, readable now.
fn check_button(upstream: &UpstreamSettings, key: &dyn Fn(&str) -> String, faults: &mut Faults) {
    let files = [
        (".button", &upstream.button),
        (".button_active", &upstream.button_active),
    ];
    for (name, file) in files {
        let Some(file) = file else { continue };
        let is_picture = file
            .extension()
            .is_some_and(|extension| extension == "svg" || extension == "png");
        faults.require(is_picture, &key(name), "must be an .svg or .png file");
        check_readable(file, &key(name), faults);
    }
    faults.require(
        upstream.button_active.is_none() || upstream.button.is_some(),
        &key(".button_active"),
        "needs button",
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
