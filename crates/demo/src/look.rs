//! How the demo's own sites look: templates, stylesheet, language, headers.

use std::{convert::Infallible, sync::Arc};

use axum::{
    Router,
    extract::{FromRef, FromRequestParts, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header, request::Parts},
    middleware::{Next, from_fn_with_state},
    response::{Html, IntoResponse, Response},
    routing,
};
use minijinja::{Environment, UndefinedBehavior, context, value::Serde};
use serde::Serialize;
use web::{
    Locale,
    cookies::{Cookies, Lifetime},
    urls::Urls,
};

const TEMPLATES: [(&str, &str); 12] = [
    (
        "demo/layout.html",
        include_str!("../../../templates/demo/layout.html"),
    ),
    (
        "demo/home.html",
        include_str!("../../../templates/demo/home.html"),
    ),
    (
        "demo/family.html",
        include_str!("../../../templates/demo/family.html"),
    ),
    (
        "demo/problem.html",
        include_str!("../../../templates/demo/problem.html"),
    ),
    (
        "demo/inbox.html",
        include_str!("../../../templates/demo/inbox.html"),
    ),
    (
        "demo/simulator-home.html",
        include_str!("../../../templates/demo/simulator-home.html"),
    ),
    (
        "demo/simulator-citizens.html",
        include_str!("../../../templates/demo/simulator-citizens.html"),
    ),
    (
        "demo/simulator-choice.html",
        include_str!("../../../templates/demo/simulator-choice.html"),
    ),
    (
        "demo/simulator-identity.html",
        include_str!("../../../templates/demo/simulator-identity.html"),
    ),
    (
        "demo/simulator-consent.html",
        include_str!("../../../templates/demo/simulator-consent.html"),
    ),
    (
        "demo/simulator-problem.html",
        include_str!("../../../templates/demo/simulator-problem.html"),
    ),
    (
        "demo/simulator-signed-out.html",
        include_str!("../../../templates/demo/simulator-signed-out.html"),
    ),
];

const STYLE: &str = concat!(
    include_str!("../../../templates/assets/theme.css"),
    include_str!("../../../templates/assets/style.css"),
    include_str!("../../../templates/demo/demo.css"),
);

/// One site of the demo: the portal, the simulator or the inbox.
pub(crate) struct Look {
    environment: Environment<'static>,
    pub(crate) cookies: Cookies,
    content_security: HeaderValue,
    opener: HeaderValue,
    mark: &'static str,
}

/// What tells one site from another.
pub(crate) struct SiteFacts<'a> {
    /// The short name, which its cookies carry.
    pub(crate) name: &'static str,
    /// The name that people see, in French and English.
    pub(crate) title: [&'static str; 2],
    /// The site's origin.
    pub(crate) origin: &'a str,
    /// Where its forms may end.
    pub(crate) forms: Forms<'a>,
    /// Its image, an SVG.
    pub(crate) mark: &'static str,
}

/// Where a site's forms may end, redirects included: browsers hold `form-action` against
/// each of them.
#[derive(Clone, Copy)]
pub(crate) enum Forms<'a> {
    /// At the site itself.
    Stay,
    /// There too.
    LeadTo(&'a str),
    /// At whichever service sent the person here; it may have opened a window for it.
    LeadAnywhere,
}

impl Forms<'_> {
    fn policy(self) -> String {
        match self {
            Self::Stay => "form-action 'self'; ".to_owned(),
            Self::LeadTo(origin) => format!("form-action 'self' {origin}; "),
            Self::LeadAnywhere => String::new(),
        }
    }

    const fn opener(self) -> HeaderValue {
        match self {
            Self::Stay | Self::LeadTo(_) => HeaderValue::from_static("same-origin"),
            Self::LeadAnywhere => HeaderValue::from_static("unsafe-none"),
        }
    }
}

impl Look {
    pub(crate) fn new(facts: &SiteFacts<'_>) -> Arc<Self> {
        let urls = Urls::new(facts.origin).expect("a site of the demo has a plain origin");
        let forms = facts.forms.policy();
        let policy = format!(
            "default-src 'none'; style-src 'self'; img-src 'self'; \
             {forms}frame-ancestors 'none'; base-uri 'none'"
        );
        Arc::new(Self {
            environment: environment(facts),
            cookies: Cookies::new(facts.name, &urls),
            content_security: HeaderValue::from_str(&policy).expect("origins are plain ASCII"),
            opener: facts.forms.opener(),
            mark: facts.mark,
        })
    }

    /// Renders a page.
    pub(crate) fn render(&self, template: &str, locale: Locale, page: impl Serialize) -> Response {
        let frame = context! { lang => locale.tag() };
        let values = context! { ..minijinja::Value::from(Serde(page)), ..frame };
        let template = self.environment.get_template(template);
        match template.and_then(|template| template.render(values)) {
            Ok(html) => Html(html).into_response(),
            Err(error) => {
                tracing::error!(%error, "a page of the demo cannot be rendered");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }

    /// Adds the stylesheet, the image and the headers that every answer has.
    pub(crate) fn dress(self: &Arc<Self>, router: Router) -> Router {
        let mark = self.mark;
        router
            .route(
                "/style.css",
                routing::get(|| async { asset("text/css; charset=utf-8", STYLE) }),
            )
            .route(
                "/mark.svg",
                routing::get(move || async move { asset("image/svg+xml", mark) }),
            )
            .layer(from_fn_with_state(self.clone(), secure))
    }
}

fn environment(facts: &SiteFacts<'_>) -> Environment<'static> {
    let mut environment = Environment::new();
    // Claims may be absent, and templates ask whether they are.
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    environment.set_formatter(web::pages::escape);
    for (name, source) in TEMPLATES {
        environment
            .add_template(name, source)
            .expect("the tests of this crate render every template");
    }
    environment.add_function("l", in_language);
    environment.add_filter("day", day);
    environment.add_global("site_fr", facts.title[0]);
    environment.add_global("site_en", facts.title[1]);
    environment
}

/// `l("Bonjour", "Hello")` in a template: one of the two, by the page's language. The
/// demo's sites are scenery, so both languages stand where the text is used.
fn in_language(state: &minijinja::State, french: String, english: String) -> String {
    let is_english = state
        .lookup("lang")
        .is_some_and(|lang| lang.as_str() == Some("en"));
    if is_english { english } else { french }
}

/// `2010-04-11` as people write it: `11/04/2010`.
fn day(date: String) -> String {
    let date_of = |text: &str| text.parse::<jiff::civil::Date>().ok();
    date_of(&date).map_or(date, |date| date.strftime("%d/%m/%Y").to_string())
}

fn asset(content_type: &'static str, content: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, content).into_response()
}

async fn secure(State(look): State<Arc<Look>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(value);
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert_with(|| look.content_security.clone());
    headers
        .entry(HeaderName::from_static("cross-origin-opener-policy"))
        .or_insert_with(|| look.opener.clone());
    response
}

const ALWAYS: [(HeaderName, HeaderValue); 5] = [
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    ),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// The visitor's language: the one just chosen (`?lang=`), the one chosen before (a
/// cookie), the browser's, else French.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Language {
    pub(crate) locale: Locale,
    chosen: bool,
}

impl Language {
    pub(crate) fn read(parts: &Parts, look: &Look) -> Self {
        let chosen = chosen(parts.uri.query().unwrap_or_default());
        let kept = || {
            look.cookies
                .read(&parts.headers, LANGUAGE)
                .and_then(Locale::from_tag)
        };
        let accepted = || {
            let header = parts.headers.get(header::ACCEPT_LANGUAGE)?;
            Locale::from_accept_language(header.to_str().ok()?)
        };
        Self {
            locale: chosen.or_else(kept).or_else(accepted).unwrap_or_default(),
            chosen: chosen.is_some(),
        }
    }

    /// Keeps the choice that was just made.
    pub(crate) fn keep(self, look: &Look, response: &mut Response) {
        if self.chosen {
            let cookie = look
                .cookies
                .set(LANGUAGE, self.locale.tag(), Lifetime::BrowserSession);
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
}

const LANGUAGE: &str = "lang";

fn chosen(query: &str) -> Option<Locale> {
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix("lang="))
        .and_then(Locale::from_tag)
}

impl<S: Sync> FromRequestParts<S> for Language
where
    Arc<Look>: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::read(parts, &Arc::from_ref(state)))
    }
}
