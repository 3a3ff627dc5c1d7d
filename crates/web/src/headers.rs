//! Security headers.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::Response,
};

use crate::site::Site;

/// What a page's headers allow. [`crate::pages::Page::POLICY`] names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// Forms go to our own pages.
    #[default]
    Ordinary,
    /// A page of an authorization flow: Chromium applies `form-action` to every redirect
    /// after a form, and a sign-in ends at the relying party, so it is left out.
    Flow,
    /// The page that posts an authorization response to the relying party (OAuth 2.0
    /// Form Post Response Mode): as a flow, and it tells its origin, by which the relying
    /// party may check where the form came from.
    AutoSubmit,
}

impl Policy {
    /// A relying party may open a sign-in in a window of its own and wait for its end:
    /// pages of a flow, and redirects on their way, leave the opener be.
    const fn opener(self) -> HeaderValue {
        match self {
            Self::Ordinary => HeaderValue::from_static("same-origin"),
            Self::Flow | Self::AutoSubmit => HeaderValue::from_static("unsafe-none"),
        }
    }

    fn content_security(self, site: &Site) -> HeaderValue {
        match self {
            Self::Ordinary => site.own_forms.clone(),
            Self::Flow | Self::AutoSubmit => ANY_FORMS,
        }
    }

    /// Never `no-referrer`: browsers would send `Origin: null` with our own forms.
    const fn referrer(self) -> HeaderValue {
        match self {
            Self::Ordinary | Self::Flow => HeaderValue::from_static("same-origin"),
            Self::AutoSubmit => HeaderValue::from_static("strict-origin"),
        }
    }
}

/// The policy of ordinary pages: their forms lead to us, and to these origins.
///
/// # Panics
/// Where a target is no origin.
pub(crate) fn own_forms(targets: &[String]) -> HeaderValue {
    let targets = targets.iter().map(|target| format!(" {target}"));
    let policy = format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
         connect-src 'self'; form-action 'self'{}; frame-ancestors 'none'; base-uri 'none'",
        targets.collect::<String>()
    );
    HeaderValue::from_str(&policy).expect("origins are plain ASCII")
}

const ANY_FORMS: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
     frame-ancestors 'none'; base-uri 'none'",
);

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

const PAGE_HEADERS: [(HeaderName, HeaderValue); 3] = [
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ),
];

/// The headers of every answer of the browser's router, redirects and errors too.
pub(crate) fn secure_page(site: &Site, response: &mut Response) {
    let policy = response.extensions().get::<Policy>().copied();
    // A redirect shows nothing, and may be one of a flow.
    let policy = policy.unwrap_or(if response.status().is_redirection() {
        Policy::Flow
    } else {
        Policy::Ordinary
    });
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        policy.content_security(site),
    );
    // A redirect may carry a stricter one, to strip a mailed token.
    headers
        .entry(header::REFERRER_POLICY)
        .or_insert(policy.referrer());
    headers.insert(OPENER_POLICY, policy.opener());
    headers.extend(PAGE_HEADERS);
    secure_any(site, headers);
}

/// The headers of every answer: never sniffed, and never stored unless the handler
/// said otherwise.
pub(crate) fn secure_any(site: &Site, headers: &mut HeaderMap) {
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.entry(header::CACHE_CONTROL).or_insert(NO_STORE);
    if site.urls.is_https() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
}
