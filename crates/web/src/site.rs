//! What every page and layer of one site shares.

use std::sync::Arc;

use axum::http::HeaderValue;
use domain::ambient::Ambient;
use serde::Serialize;

use crate::{
    address::TrustedProxies, assets::Replacements, cookies::Cookies, csrf::CsrfKey, headers,
    help::Help, pages::Pages, urls::Urls,
};

/// What a [`Site`] is made from.
pub struct SiteSettings {
    /// The site's short name, which its cookies carry: `preau`.
    pub name: &'static str,
    /// Where the site is.
    pub urls: Urls,
    /// The time and randomness.
    pub ambient: Ambient,
    /// The key that CSRF tokens are made with: 32 secret bytes, the same on every node.
    pub csrf_key: CsrfKey,
    /// The proxies whose word about client addresses counts.
    pub trusted_proxies: TrustedProxies,
    /// What the operator states about accessibility.
    pub accessibility: Accessibility,
    /// The operator's own look, if any.
    pub replacements: Replacements,
    /// Origins beside ours to which an answer to our forms may lead: a sign-out goes on
    /// at the upstream that the person came through.
    pub form_targets: Vec<String>,
}

/// A site: made once by the binary, shared by all handlers and layers.
pub struct Site {
    /// Templates, texts and assets.
    pub pages: Pages,
    /// Makes and reads cookies.
    pub cookies: Cookies,
    /// Makes absolute URLs.
    pub urls: Urls,
    /// The time and randomness.
    pub ambient: Ambient,
    pub(crate) csrf_key: CsrfKey,
    pub(crate) trusted_proxies: TrustedProxies,
    pub(crate) accessibility: Accessibility,
    pub(crate) own_forms: HeaderValue,
    pub(crate) help: Arc<Help>,
}

impl Site {
    /// Loads templates and texts; panics where the embedded ones are broken, which
    /// the tests of this crate rule out.
    pub fn new(settings: SiteSettings) -> Arc<Self> {
        Arc::new(Self {
            pages: Pages::embedded(&settings.replacements),
            help: Arc::new(Help::of(&settings.replacements)),
            cookies: Cookies::new(settings.name, &settings.urls),
            urls: settings.urls,
            ambient: settings.ambient,
            csrf_key: settings.csrf_key,
            trusted_proxies: settings.trusted_proxies,
            accessibility: settings.accessibility,
            own_forms: headers::own_forms(&settings.form_targets),
        })
    }
}

/// What the operator states in `/accessibilite`, as French law asks (RGAA 4.1).
#[derive(Debug, Clone, Default, Serialize)]
pub struct Accessibility {
    /// How far the pages conform; the footer of every page says it.
    pub conformity: Conformity,
    /// Who runs the service.
    pub operator: Option<String>,
    /// Where to write about a difficulty.
    pub contact_email: Option<String>,
    /// The day of the audit, as people write it.
    pub audited_on: Option<String>,
    /// Who made the audit.
    pub audited_by: Option<String>,
    /// The share of criteria that are met, in per cent.
    pub rate: Option<u8>,
    /// What is known not to conform, one sentence each.
    pub shortcomings: Vec<String>,
}

/// The three levels of a French accessibility statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conformity {
    /// No audit, or less than half of the criteria.
    #[default]
    None,
    /// At least half of the criteria.
    Partial,
    /// Every criterion.
    Full,
}
