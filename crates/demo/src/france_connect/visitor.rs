//! Who comes to the simulator's pages, and the forms they send.

use std::{convert::Infallible, sync::Arc};

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, header, request::Parts},
    response::Response,
};
use domain::secret::Token;
use serde::Serialize;
use web::{
    cookies::Lifetime,
    form::{Fields, is_urlencoded},
};

use super::{Simulator, interaction::Session, problem::Problem};
use crate::look::Language;

const SESSION: &str = "session";

/// Who asks: the simulator they came to, their browser's session and language.
pub(super) struct Visitor {
    pub(super) simulator: Arc<Simulator>,
    pub(super) browser: Option<Token>,
    language: Language,
}

impl Visitor {
    /// A page of the simulator.
    pub(super) fn render(&self, template: &str, page: impl Serialize) -> Response {
        let look = &self.simulator.look;
        let mut response = look.render(template, self.language.locale, page);
        self.language.keep(look, &mut response);
        response
    }

    /// Who is known in this browser; being asked for makes the session last.
    pub(super) fn session(&self) -> Option<Session> {
        let name = self.browser.as_ref()?.hash();
        let sessions = &self.simulator.memory.sessions;
        let session = sessions.find(name)?;
        sessions.keep(name, session.clone());
        Some(session)
    }

    /// Gives the browser a name, if it has none.
    pub(super) fn recognise(&self) -> Token {
        let known = self.browser.clone();
        known.unwrap_or_else(|| Token::generate(&self.simulator.settings.ambient))
    }

    pub(super) fn remember(&self, browser: &Token, response: &mut Response) {
        let cookies = &self.simulator.look.cookies;
        let cookie = cookies.set(SESSION, &browser.expose(), Lifetime::BrowserSession);
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }

    pub(super) fn forget(&self, response: &mut Response) {
        let cookie = self.simulator.look.cookies.clear(SESSION);
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }

    fn read(parts: &Parts, simulator: &Arc<Simulator>) -> Self {
        let token = simulator.look.cookies.read(&parts.headers, SESSION);
        Self {
            browser: token.and_then(Token::parse),
            language: Language::read(parts, &simulator.look),
            simulator: simulator.clone(),
        }
    }
}

impl FromRequestParts<Arc<Simulator>> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        simulator: &Arc<Simulator>,
    ) -> Result<Self, Infallible> {
        Ok(Self::read(parts, simulator))
    }
}

/// A form of one of the simulator's own pages: no other site's form comes here.
pub(super) struct OwnForm(pub(super) Fields);

impl FromRequest<Arc<Simulator>> for OwnForm {
    type Rejection = Response;

    async fn from_request(
        request: Request,
        simulator: &Arc<Simulator>,
    ) -> Result<Self, Self::Rejection> {
        let (parts, body) = request.into_parts();
        let visitor = Visitor::read(&parts, simulator);
        let refuse = || Problem::ForeignForm.page(&visitor);
        if is_foreign(&parts.headers, &simulator.settings.origin) || !is_urlencoded(&parts.headers)
        {
            return Err(refuse());
        }
        let body = Bytes::from_request(Request::from_parts(parts, body), simulator).await;
        let fields = body.ok().and_then(|body| Fields::parse(&body).ok());
        fields.map(Self).ok_or_else(refuse)
    }
}

/// Browsers tell where a posted form comes from; programs may leave it out.
fn is_foreign(headers: &HeaderMap, own: &str) -> bool {
    let origin = headers.get(header::ORIGIN);
    origin.is_some_and(|origin| origin.as_bytes() != own.as_bytes())
}
