//! Where a journey goes on: the sign-in that it was begun from travels with it, in the
//! query of its addresses, so that two tabs do not mix.

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};
use domain::secret::Token;
use idp::http::routes::{Account, SignIn};
use serde::Deserialize;
use web::Route;

/// The search for a school's contact.
pub(crate) const SCHOOLS: &str = "/mon-etablissement";

/// The sign-in that waits for this journey's end, if it was begun from one. It says
/// nothing by itself: a sign-in goes on in the browser that began it alone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Return(Option<Token>);

#[derive(Deserialize)]
struct Named {
    connexion: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Return {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let named = Query::<Named>::try_from_uri(&parts.uri).ok();
        let name = named.and_then(|Query(named)| named.connexion);
        Ok(Self(name.as_deref().and_then(Token::parse)))
    }
}

impl Return {
    /// To the sign-in of a name.
    pub(crate) const fn to(name: Token) -> Self {
        Self(Some(name))
    }

    /// As it was named: what a link that is sent keeps of it.
    pub(crate) fn named(name: Option<&str>) -> Self {
        Self(name.and_then(Token::parse))
    }

    /// The name of the sign-in, if one waits.
    pub(crate) fn name(&self) -> Option<String> {
        self.0.as_ref().map(Token::expose)
    }

    /// The path of a page of the journey, with the sign-in that waits.
    pub(crate) fn on(&self, route: &impl Route) -> String {
        let path = route.path();
        match &self.0 {
            Some(name) => {
                let sign = if path.contains('?') { '&' } else { '?' };
                format!("{path}{sign}connexion={}", name.expose())
            }
            None => path.into_owned(),
        }
    }

    /// « Se connecter »: the sign-in that waits, else « Mon compte ».
    pub(crate) fn sign_in(&self) -> String {
        match &self.0 {
            Some(name) => SignIn {
                transaction: &name.expose(),
            }
            .path()
            .into_owned(),
            None => Account.path().into_owned(),
        }
    }
}
