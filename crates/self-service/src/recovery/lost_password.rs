//! « Mot de passe perdu »: the identifier and the way (guide, sections 4.3.2 and 4.3.4).

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use idp::http::{
    routes::LostPassword,
    upstream::{Way, Ways, ways_from_outside},
    visit::Visit,
};
use serde::{Deserialize, Serialize};
use web::{FormErrors, Page, PageError, Posted, TextKey, headers::Policy};

use super::{
    code,
    pages::{SentPage, WaysOn, admit, again},
    routes::PasswordMailed,
    sending,
};
use crate::{state::SelfService, ways::Return};

const IDENTIFIER: &str = "identifiant";

pub(super) async fn get(
    State(app): State<SelfService>,
    visit: Visit,
    back: Return,
) -> Result<Response, PageError> {
    let page = LostPasswordPage::new(&back, String::new(), FormErrors::none());
    let upstreams = ways_from_outside(&app, &visit, back.name().as_deref()).await?;
    Ok(visit.view.render(&page.with(upstreams)))
}

/// Whose password, by which way; a form without a way goes by e-mail, as its first
/// button does.
#[derive(Deserialize)]
pub(super) struct LostPasswordForm {
    #[serde(default)]
    identifiant: String,
    #[serde(default)]
    choix: Choice,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Choice {
    #[default]
    Email,
    Sms,
}

/// Sends a link after the answer, or leads to the page for the code.
pub(super) async fn post(
    State(app): State<SelfService>,
    visit: Visit,
    back: Return,
    Posted(form): Posted<LostPasswordForm>,
) -> Result<Response, PageError> {
    if form.identifiant.trim().is_empty() {
        let empty = TextKey::new("recovery-identifier-empty");
        let errors = FormErrors::none().field(IDENTIFIER, empty);
        let page = LostPasswordPage::new(&back, String::new(), errors);
        let upstreams = ways_from_outside(&app, &visit, back.name().as_deref()).await?;
        return Ok(again(&visit, &page.with(upstreams)).into_response());
    }
    admit(&app, &visit).await?;
    match form.choix {
        Choice::Email => {
            sending::password_link(&app, form.identifiant, back.clone());
            Ok(Redirect::to(&back.on(&PasswordMailed)).into_response())
        }
        Choice::Sms => code::begin(&app, &visit, &back, &form.identifiant).await,
    }
}

pub(super) async fn mailed(visit: Visit, back: Return) -> Response {
    let again = back.on(&LostPassword);
    visit.view.render(&SentPage::password_mailed(&back, again))
}

#[derive(Debug, Serialize)]
struct LostPasswordPage {
    action: String,
    identifier: String,
    errors: FormErrors,
    upstreams: Ways,
    ways: WaysOn,
}

impl LostPasswordPage {
    fn new(back: &Return, identifier: String, errors: FormErrors) -> Self {
        Self {
            action: back.on(&LostPassword),
            identifier,
            errors,
            upstreams: Ways::new(),
            ways: WaysOn::of(back),
        }
    }

    fn with(self, upstreams: Ways) -> Self {
        Self { upstreams, ..self }
    }
}

impl Page for LostPasswordPage {
    const TEMPLATE: &'static str = "self-service/lost_password.html";
    const POLICY: Policy = Policy::Flow;
    const QUESTION: Option<&'static str> = Some("mot-de-passe-perdu");

    fn samples() -> Vec<Self> {
        let back = Return::default();
        let empty = TextKey::new("recovery-identifier-empty");
        let errors = FormErrors::none().field(IDENTIFIER, empty);
        vec![
            Self::new(&back, String::new(), FormErrors::none()),
            Self::new(&back, String::new(), errors).with(vec![Way::sample()]),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<LostPasswordPage>();
    }
}
