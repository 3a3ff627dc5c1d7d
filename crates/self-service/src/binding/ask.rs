//! Which account, and where the code goes.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::{contact::Channel, secret::Token};
use idp::http::{routes::BindUpstream, upstream::binding::Bearer, visit::Visit};
use serde::{Deserialize, Serialize};
use web::{FormErrors, Page, PageError, Posted, Route, TextKey};

use super::{bearer, code::Asked, routes::BindingCode, sending, unavailable};
use crate::{
    journeys,
    recovery::pages::{WaysOn, admit, again},
    state::SelfService,
    ways::Return,
};

const IDENTIFIER: &str = "identifiant";

/// Asks.
pub(super) async fn get(
    State(app): State<SelfService>,
    Path(identity): Path<String>,
    visit: Visit,
) -> Result<Response, PageError> {
    let bearer = bearer(&app, &visit, &identity).await?;
    let page = AskPage::new(&bearer, &identity, FormErrors::none());
    Ok(visit.view.render(&page))
}

/// Whose account, by which way.
#[derive(Deserialize)]
pub(super) struct AskForm {
    #[serde(default)]
    identifiant: String,
    #[serde(default)]
    choix: Choice,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Choice {
    #[default]
    Email,
    Sms,
}

/// Makes a code and leads to the page that asks for it, whoever was named.
pub(super) async fn post(
    State(app): State<SelfService>,
    Path(identity): Path<String>,
    visit: Visit,
    Posted(form): Posted<AskForm>,
) -> Result<Response, PageError> {
    let bearer = bearer(&app, &visit, &identity).await?;
    if form.identifiant.trim().is_empty() {
        let empty = TextKey::new("recovery-identifier-empty");
        let page = AskPage::new(
            &bearer,
            &identity,
            FormErrors::none().field(IDENTIFIER, empty),
        );
        return Ok(again(&visit, &page).into_response());
    }
    admit(&app, &visit).await?;
    let channel = match form.choix {
        Choice::Email => Channel::Email,
        Choice::Sms => Channel::Sms,
    };
    let made = sending::make_code(&app, &bearer, &form.identifiant, channel).await;
    let made = made.map_err(unavailable)?;
    let asked = Asked {
        identity,
        identifier: form.identifiant,
        by_mail: channel == Channel::Email,
        proof: made.proof,
    };
    let journey = journeys::begin(&app, &visit, &asked).await;
    let journey = journey.map_err(unavailable)?.expose();
    made.send(&app, &bearer);
    Ok(Redirect::to(&BindingCode { journey: &journey }.path()).into_response())
}

/// The sign-in that waits for it, if its name is one.
pub(super) fn back(bearer: &Bearer<'_>) -> Return {
    Token::parse(&bearer.sign_in).map_or_else(Return::default, Return::to)
}

/// The context of `self-service/binding.html`.
#[derive(Debug, Serialize)]
struct AskPage {
    action: String,
    upstream: String,
    errors: FormErrors,
    ways: WaysOn,
}

impl AskPage {
    fn new(bearer: &Bearer<'_>, identity: &str, errors: FormErrors) -> Self {
        let title = bearer.upstream.title();
        Self::of(title, identity, errors, &back(bearer))
    }

    fn of(upstream: &str, identity: &str, errors: FormErrors, back: &Return) -> Self {
        Self {
            action: BindUpstream { identity }.path().into_owned(),
            upstream: upstream.to_owned(),
            errors,
            ways: WaysOn::of(back),
        }
    }
}

impl Page for AskPage {
    const TEMPLATE: &'static str = "self-service/binding.html";
    const QUESTION: Option<&'static str> = Some("franceconnect-personne");

    fn samples() -> Vec<Self> {
        let empty = TextKey::new("recovery-identifier-empty");
        let errors = FormErrors::none().field(IDENTIFIER, empty);
        let sample = |errors| Self::of("FranceConnect", "Sample", errors, &Return::default());
        vec![sample(FormErrors::none()), sample(errors)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<AskPage>();
    }
}
