//! Errors that a person sees as a page.
//!
//! A handler returns `Result<Response, PageError>`. The error travels in the response's
//! extensions; [`crate::layers::pages`] renders it in the person's language.

use std::{borrow::Cow, collections::BTreeMap, fmt, sync::Arc, time::Duration};

use axum::{
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::{
    context::RequestContext,
    pages::{Page, Rendered},
    texts::TextKey,
    view::View,
};

/// A page that says what is wrong, what to do next, and a short code for the help desk.
#[derive(Clone)]
pub struct PageError(Arc<ErrorPage>);

impl PageError {
    /// An error with its status, its code for the help desk (short, stable, kebab-case)
    /// and the texts of its heading and its explanation.
    pub fn new(
        status: StatusCode,
        code: &'static str,
        title: TextKey,
        explanation: TextKey,
    ) -> Self {
        Self(Arc::new(ErrorPage {
            status,
            code,
            title,
            explanation,
            values: BTreeMap::new(),
            detail: None,
            way_on: Vec::new(),
            retry_after: None,
            question: None,
        }))
    }

    /// A value that heading and explanation name as `{ $name }`.
    #[must_use]
    pub fn value(self, name: &'static str, value: impl Into<String>) -> Self {
        self.with(|page| {
            page.values.insert(name, value.into());
        })
    }

    /// A line for those who integrate a relying party: in English, without secrets.
    #[must_use]
    pub fn detail(self, detail: impl Into<String>) -> Self {
        self.with(|page| page.detail = Some(detail.into()))
    }

    /// A link that leads on; the first is the main one.
    #[must_use]
    pub fn way_on(self, link: Link) -> Self {
        self.with(|page| page.way_on.push(link))
    }

    /// The question of « Aide » that fits it: where its « Aide » leads.
    #[must_use]
    pub fn question(self, id: &'static str) -> Self {
        self.with(|page| page.question = Some(id))
    }

    /// When to come again; sent as `Retry-After` and told in the page.
    #[must_use]
    pub fn retry_after(self, wait: Duration) -> Self {
        // Rounded up: who comes when told must not come too early.
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        self.with(|page| page.retry_after = Some(seconds.max(1)))
    }

    /// The status that the answer will have.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The code for the help desk.
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// 404: there is no such page.
    pub fn not_found() -> Self {
        let title = TextKey::new("error-not-found-title");
        let text = TextKey::new("error-not-found-text");
        Self::new(StatusCode::NOT_FOUND, "page-inconnue", title, text)
    }

    /// 429: too many tries; the same page whoever asks.
    pub fn too_many(wait: Duration) -> Self {
        let title = TextKey::new("error-too-many-title");
        let text = TextKey::new("error-too-many-text");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "trop-d-essais", title, text)
            .question("mot-de-passe-refuse")
            .retry_after(wait)
            .way_on(Link::again())
    }

    /// 503: more is asked for than can be done now.
    pub fn busy(wait: Duration) -> Self {
        let title = TextKey::new("error-busy-title");
        let text = TextKey::new("error-busy-text");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "affluence", title, text)
            .retry_after(wait)
            .way_on(Link::again())
    }

    /// 403: the form was shown too long ago, or to another browser.
    pub fn form_expired() -> Self {
        let title = TextKey::new("error-form-expired-title");
        let text = TextKey::new("error-form-expired-text");
        Self::new(StatusCode::FORBIDDEN, "page-perimee", title, text)
            .question("toujours-la-connexion")
            .way_on(Link::again())
    }

    /// 403: the browser keeps no cookies, and nobody can be signed in without.
    pub fn no_cookies() -> Self {
        let title = TextKey::new("error-no-cookies-title");
        let text = TextKey::new("error-no-cookies-text");
        Self::new(StatusCode::FORBIDDEN, "cookies", title, text)
            .question("toujours-la-connexion")
            .way_on(Link::again())
    }

    /// 500: our fault. The reason goes to the log, and to nobody else; it must hold
    /// nothing personal or secret.
    pub fn internal(reason: impl fmt::Display) -> Self {
        tracing::error!(%reason, "a page could not be made");
        Self::unexplained()
    }

    /// 500 that has been logged already.
    pub(crate) fn unexplained() -> Self {
        let title = TextKey::new("error-internal-title");
        let text = TextKey::new("error-internal-text");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "panne", title, text).way_on(Link::again())
    }

    /// The page for an answer that came from a layer or extractor with a status alone.
    fn of_status(status: StatusCode) -> Self {
        let known = match status {
            StatusCode::NOT_FOUND => return Self::not_found(),
            StatusCode::SERVICE_UNAVAILABLE => return Self::busy(Duration::from_secs(5)),
            StatusCode::TOO_MANY_REQUESTS => return Self::too_many(Duration::from_mins(1)),
            StatusCode::METHOD_NOT_ALLOWED => "methode",
            StatusCode::PAYLOAD_TOO_LARGE => "trop-long",
            StatusCode::URI_TOO_LONG => "adresse-trop-longue",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "format",
            StatusCode::REQUEST_TIMEOUT => "delai",
            _ if status.is_client_error() => "demande",
            _ => return Self::unexplained(),
        };
        let title = TextKey::new("error-bad-request-title");
        let text = TextKey::new("error-bad-request-text");
        Self::new(status, known, title, text)
    }

    fn with(mut self, change: impl FnOnce(&mut ErrorPage)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }
}

impl fmt::Debug for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PageError({} {})", self.0.status.as_u16(), self.0.code)
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        if let Some(seconds) = self.0.retry_after {
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// A link with its text.
#[derive(Debug, Clone, Serialize)]
pub struct Link {
    text: TextKey,
    href: Cow<'static, str>,
}

impl Link {
    /// A link to a path of ours, or to an address that was proven.
    pub fn new(text: TextKey, href: impl Into<Cow<'static, str>>) -> Self {
        let href = href.into();
        Self { text, href }
    }

    /// The same address once more.
    pub fn again() -> Self {
        Self::new(TextKey::new("try-again"), "")
    }
}

/// Turns every error answer that is no page yet into one.
pub(crate) fn render(response: Response, context: &Arc<RequestContext>) -> Response {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || response.extensions().get::<Rendered>().is_some() {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    let error = parts.extensions.remove::<PageError>();
    let error = error.unwrap_or_else(|| PageError::of_status(status));
    let mut page = View(context.clone()).render(&*error.0);
    if page.extensions().get::<Rendered>().is_none() {
        page = LAST_WORDS.into_response();
    }
    *page.status_mut() = status;
    page.extensions_mut().insert(ErrorCode(error.code()));
    for name in [
        header::ALLOW,
        header::RETRY_AFTER,
        header::SET_COOKIE,
        header::CONNECTION,
    ] {
        for value in parts.headers.get_all(&name) {
            page.headers_mut().append(name.clone(), value.clone());
        }
    }
    page
}

/// The code of the error that a page shows, for the access log.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ErrorCode(pub(crate) &'static str);

/// When even the error page cannot be made.
const LAST_WORDS: &str = "Le service rencontre un problème. Réessayez dans quelques minutes.\n";

/// Answers every address that has no page.
pub(crate) async fn fallback(_: Request) -> PageError {
    PageError::not_found()
}

/// The context of `error.html`.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ErrorPage {
    #[serde(skip)]
    status: StatusCode,
    code: &'static str,
    title: TextKey,
    explanation: TextKey,
    values: BTreeMap<&'static str, String>,
    detail: Option<String>,
    way_on: Vec<Link>,
    retry_after: Option<u64>,
    #[serde(skip)]
    question: Option<&'static str>,
}

impl Page for ErrorPage {
    const TEMPLATE: &'static str = "error.html";

    fn question(&self) -> Option<&'static str> {
        self.question
    }

    fn samples() -> Vec<Self> {
        let integrator = "redirect_uri is not registered for client `vie-scolaire`";
        [
            PageError::not_found(),
            PageError::too_many(Duration::from_secs(32)),
            PageError::too_many(Duration::from_mins(2)),
            PageError::busy(Duration::from_secs(5)),
            PageError::form_expired(),
            PageError::no_cookies(),
            PageError::of_status(StatusCode::METHOD_NOT_ALLOWED).detail(integrator),
            PageError::unexplained(),
        ]
        .map(|error| Arc::unwrap_or_clone(error.0))
        .into()
    }
}
