//! What a handler holds of the page that it will show.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::request::Parts,
    response::Response,
};
use domain::secret::{Token, TokenHash};
use minijinja::{
    Value, context,
    value::{Enumerator, Object},
};

use crate::{
    context::RequestContext, csrf, error::PageError, locale::Locale, pages::Page,
    request_id::RequestId, site::Site,
};

/// The frame of the page at hand: its language and for whom the person signs in.
/// The error page of the same request stands in the same frame.
#[derive(Clone)]
pub struct View(pub(crate) Arc<RequestContext>);

impl View {
    /// Renders a page with status 200; `(StatusCode::BAD_REQUEST, view.render(&page))`
    /// changes it.
    pub fn render<P: Page>(&self, page: &P) -> Response {
        self.0.site.pages.render(self, page)
    }

    /// The page's language.
    pub fn locale(&self) -> Locale {
        self.0.locale()
    }

    /// The name of the relying party, which the header then shows.
    pub fn set_service(&self, name: impl Into<String>) {
        self.0.set_service(name.into());
    }

    /// Takes the first language that we have of a list parted by spaces (a stored
    /// `ui_locales`), unless the person chose one here.
    pub fn prefer_locales(&self, locales: &str) {
        self.0.prefer(locales);
    }

    /// The browser, which gets its name now if it has none. Not in the answer to a post
    /// from another site: its cookie did not come with it, and a new one would part the
    /// browser from what it has begun.
    pub fn browser(&self) -> Browser {
        Browser {
            token: self.0.browser(),
            context: self.0.clone(),
        }
    }

    /// The site that the page belongs to.
    pub fn site(&self) -> &Site {
        &self.0.site
    }

    /// The request's name in the logs.
    pub fn request_id(&self) -> RequestId {
        self.0.request_id
    }

    pub(crate) fn as_value(&self) -> Value {
        Value::from_object(self.clone())
    }

    fn languages(&self) -> Value {
        Locale::ALL
            .into_iter()
            .filter(|locale| *locale != self.locale())
            .map(|locale| {
                let query = self.0.query_in(locale);
                context! { tag => locale.tag(), name => locale.own_name(), query => query }
            })
            .collect()
    }

    /// The hidden field of every form. A browser gets its cookie with its first form.
    fn csrf_field(&self) -> Value {
        let token = self.0.site.csrf_key.token_for(&self.0.browser());
        let name = csrf::FIELD;
        Value::from_safe_string(format!(
            r#"<input type="hidden" name="{name}" value="{token}">"#
        ))
    }
}

/// Templates see the frame as `view`.
impl Object for View {
    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        match key {
            "service" => Some(Value::from(self.0.service())),
            "languages" => Some(self.languages()),
            "request_id" => Some(Value::from(self.0.request_id.to_string())),
            "conformity" => Some(Value::from(minijinja::value::Serde(
                self.0.site.accessibility.conformity,
            ))),
            "csrf_field" => Some(self.csrf_field()),
            _ => None,
        }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("View").field(&self.0.request_id).finish()
    }
}

impl<S: Sync> FromRequestParts<S> for View {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        RequestContext::of(&parts.extensions).map(Self)
    }
}

/// The browser that the request came from, before and beside any sign-in.
///
/// `Browser` gives one a name if it has none; `Option<Browser>` is `None` then.
#[derive(Clone)]
pub struct Browser {
    token: Token,
    context: Arc<RequestContext>,
}

impl Browser {
    /// What to keep to know the browser again.
    pub fn hash(&self) -> TokenHash {
        self.token.hash()
    }

    /// Whether this is the browser that was kept, under whichever of its names.
    pub fn is(&self, kept: &TokenHash) -> bool {
        let mut names = self.context.names_of_browser().into_iter();
        self.hash() == *kept || names.any(|name| name.hash() == *kept)
    }

    /// The same of a hash that was kept as a text.
    pub fn is_encoded(&self, kept: &str) -> bool {
        let mut names = self.context.names_of_browser().into_iter();
        self.hash().encode() == kept || names.any(|name| name.hash().encode() == kept)
    }

    /// Gives the browser another name with this answer: at a sign-in and a logout, so
    /// that who knew the name and the CSRF token of before knows nothing.
    #[must_use = "the name of before is void"]
    pub fn renew(self) -> Self {
        Self {
            token: self.context.renew_browser(),
            context: self.context,
        }
    }
}

impl std::fmt::Debug for Browser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Browser(…)")
    }
}

impl<S: Sync> FromRequestParts<S> for Browser {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        let context = RequestContext::of(&parts.extensions)?;
        let token = context.browser();
        Ok(Self { token, context })
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Browser {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(RequestContext::of(&parts.extensions)
            .ok()
            .and_then(|context| {
                let token = context.known_browser()?;
                Some(Self { token, context })
            }))
    }
}
