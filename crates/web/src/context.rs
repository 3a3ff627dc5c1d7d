//! What is known of the request at hand while its answer is made: shared by the
//! layers, the extractors and the error page.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use axum::http::{Extensions, HeaderMap, HeaderValue, Uri, header};
use domain::secret::Token;

use crate::{
    cookies::Lifetime, error::PageError, locale::Locale, request_id::RequestId, site::Site,
};

/// The cookie that names the browser.
const BROWSER: &str = "browser";
/// The cookies that keep a name beside it, numbered: whoever comes twice at once without a
/// name gets two, and keeps one of them under [`BROWSER`].
const SPARES: u8 = 64;
/// Of these no more are looked at.
const MOST_SPARES: usize = 8;
/// As long as what may have been begun under such a name.
const SPARE_KEPT: Duration = Duration::from_hours(1);
/// The cookie that keeps the language that a person chose.
const LANGUAGE: &str = "lang";
const LANGUAGE_KEPT: Duration = Duration::from_hours(365 * 24);
/// The query parameter by which a person chooses a language.
const LANGUAGE_PARAMETER: &str = "lang";

pub(crate) struct RequestContext {
    pub(crate) site: Arc<Site>,
    pub(crate) request_id: RequestId,
    query: Option<String>,
    /// The language that the person chose in this request.
    chosen_now: Option<Locale>,
    /// Whether the person ever chose a language, which then nobody else does.
    chosen: bool,
    /// The numbers of the names that the browser sent beside its own.
    spare_numbers: Vec<u8>,
    /// Whether it came without a name.
    came_unnamed: bool,
    state: Mutex<State>,
}

struct State {
    locale: Locale,
    service: Option<String>,
    browser: Option<Token>,
    browser_is_new: bool,
    /// Other names that the browser was given a moment ago.
    spares: Vec<Token>,
}

impl RequestContext {
    pub(crate) fn read(
        site: Arc<Site>,
        id: RequestId,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Arc<Self> {
        let chosen_now = parameter(uri, LANGUAGE_PARAMETER).and_then(|tag| Locale::from_tag(&tag));
        let kept = site
            .cookies
            .read(headers, LANGUAGE)
            .and_then(Locale::from_tag);
        let browser = site.cookies.read(headers, BROWSER).and_then(Token::parse);
        let numbered = site.cookies.read_numbered(headers, BROWSER);
        let numbered = numbered.filter(|(number, _)| *number < SPARES);
        let (spare_numbers, spares): (Vec<_>, Vec<_>) = numbered.take(MOST_SPARES).unzip();
        let spares = spares.into_iter().filter_map(Token::parse).collect();
        let chosen = chosen_now.or(kept);
        let locale = chosen
            .or_else(|| parameter(uri, "ui_locales").and_then(|tags| Locale::from_list(&tags)))
            .or_else(|| accepted(headers))
            .unwrap_or_default();
        Arc::new(Self {
            site,
            request_id: id,
            query: uri.query().map(str::to_owned),
            chosen_now,
            chosen: chosen.is_some(),
            spare_numbers,
            came_unnamed: browser.is_none(),
            state: Mutex::new(State {
                locale,
                service: None,
                browser,
                browser_is_new: false,
                spares,
            }),
        })
    }

    /// The context that [`crate::layers`] put into the request.
    pub(crate) fn of(extensions: &Extensions) -> Result<Arc<Self>, PageError> {
        extensions
            .get::<Arc<Self>>()
            .cloned()
            .ok_or_else(|| PageError::internal("this router lacks the layers of web::layers"))
    }

    pub(crate) fn locale(&self) -> Locale {
        self.state().locale
    }

    pub(crate) fn service(&self) -> Option<String> {
        self.state().service.clone()
    }

    pub(crate) fn set_service(&self, name: String) {
        self.state().service = Some(name);
    }

    pub(crate) fn prefer(&self, locales: &str) {
        if let (false, Some(locale)) = (self.chosen, Locale::from_list(locales)) {
            self.state().locale = locale;
        }
    }

    /// The browser that the request came from, if it told.
    pub(crate) fn known_browser(&self) -> Option<Token> {
        self.state().browser.clone()
    }

    /// The browser, which gets its name now if it has none.
    pub(crate) fn browser(&self) -> Token {
        let known = self.known_browser();
        known.unwrap_or_else(|| self.renew_browser())
    }

    /// All names that the browser told: forms and what was begun may be bound to any.
    pub(crate) fn names_of_browser(&self) -> Vec<Token> {
        let state = self.state();
        let Some(own) = &state.browser else {
            return Vec::new();
        };
        std::iter::once(own).chain(&state.spares).cloned().collect()
    }

    pub(crate) fn renew_browser(&self) -> Token {
        let token = Token::generate(&self.site.ambient);
        let mut state = self.state();
        state.browser = Some(token.clone());
        state.browser_is_new = true;
        state.spares.clear();
        token
    }

    /// The query that shows the same page in another language. It is relative and
    /// without a path, so that no path of the request can lead it to another host.
    pub(crate) fn query_in(&self, locale: Locale) -> String {
        let mut query = String::from("?");
        for pair in self.query.iter().flat_map(|query| query.split('&')) {
            if !pair.is_empty() && pair.split('=').next() != Some(LANGUAGE_PARAMETER) {
                query.push_str(pair);
                query.push('&');
            }
        }
        query + LANGUAGE_PARAMETER + "=" + locale.tag()
    }

    pub(crate) fn set_cookies(&self, headers: &mut HeaderMap) {
        let mut set = |purpose: &str, value: &str, lifetime| {
            let cookie: HeaderValue = self.site.cookies.set(purpose, value, lifetime);
            headers.append(header::SET_COOKIE, cookie);
        };
        if let Some(locale) = self.chosen_now {
            set(LANGUAGE, locale.tag(), Lifetime::For(LANGUAGE_KEPT));
        }
        let state = self.state();
        if let (true, Some(browser)) = (state.browser_is_new, &state.browser) {
            set(BROWSER, &browser.expose(), Lifetime::BrowserSession);
            // What was begun under names of before ends with them.
            for number in &self.spare_numbers {
                set(&spare_name(*number), "", Lifetime::For(Duration::ZERO));
            }
            if self.came_unnamed {
                let number = browser.hash().as_bytes()[0] % SPARES;
                let kept = Lifetime::For(SPARE_KEPT);
                set(&spare_name(number), &browser.expose(), kept);
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("nothing panics while it holds the state")
    }
}

fn spare_name(number: u8) -> String {
    format!("{BROWSER}-{number}")
}

fn parameter(uri: &Uri, name: &str) -> Option<String> {
    url::form_urlencoded::parse(uri.query()?.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

fn accepted(headers: &HeaderMap) -> Option<Locale> {
    let header = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    Locale::from_accept_language(header)
}
