//! The link of a mail: it changes nothing. Mail programs open links, so a GET only takes
//! the token out of the address, into this browser's journey.

use axum::{
    extract::{Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use domain::secret::Token;
use idp::http::{routes::LostPassword, visit::Visit};
use serde::Deserialize;
use store::proofs::{self, Proof, Purpose};
use web::{Link, PageError, Route, TextKey};

use super::{
    new_password::{self, Way},
    routes::LinkOver,
    unavailable,
};
use crate::{state::SelfService, ways::Return};

/// What a link carries.
#[derive(Deserialize)]
pub(super) struct Carried {
    jeton: Option<String>,
}

impl Carried {
    /// The token, if it is one.
    pub(super) fn token(&self) -> Option<Token> {
        self.jeton.as_deref().and_then(Token::parse)
    }

    /// The token, if it is one, and its proof, if it can still be spent.
    pub(super) async fn open(
        &self,
        app: &SelfService,
        purpose: Purpose,
    ) -> Result<Option<(Token, Proof)>, PageError> {
        let Some(token) = self.token() else {
            return Ok(None);
        };
        let (reader, now) = (app.database.reader(), app.ambient.now());
        let found = proofs::find(reader, purpose, &token.hash(), now).await;
        Ok(found.map_err(unavailable)?.map(|proof| (token, proof)))
    }
}

/// Leads to the page that asks for a new password.
pub(super) async fn get(
    State(app): State<SelfService>,
    visit: Visit,
    Query(carried): Query<Carried>,
) -> Result<Response, PageError> {
    let Some((token, proof)) = carried.open(&app, Purpose::PasswordLink).await? else {
        return Ok(without_referrer(Redirect::to(&LinkOver.path())));
    };
    let back = Return::named(proof.details["connexion"].as_str());
    let led = new_password::begin(&app, &visit, &back, Way::Link, &token).await?;
    Ok(without_referrer(led))
}

/// The link was used, replaced, or too old.
pub(super) async fn over() -> PageError {
    let title = TextKey::new("recovery-link-over-title");
    let text = TextKey::new("recovery-link-over-text");
    let again = Link::new(TextKey::new("recovery-again"), LostPassword.path());
    PageError::new(StatusCode::GONE, "lien-termine", title, text).way_on(again)
}

/// The address with the token is told to nobody.
pub(super) fn without_referrer(response: impl IntoResponse) -> Response {
    let mut response = response.into_response();
    response.headers_mut().insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    response
}
