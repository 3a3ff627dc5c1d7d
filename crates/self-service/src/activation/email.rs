//! The e-mail address, which may be left out.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{account::PersonKind, contact::EmailAddress};
use idp::http::visit::Visit;
use serde::{Deserialize, Serialize};
use store::activations::{Done, Step};
use web::{FormErrors, Page, PageError, Posted, TextKey, headers::Policy};

use super::steps::{Held, Ways, open_form, open_page};
use crate::state::SelfService;

const FIELD: &str = "email";
const CONFIRMATION: &str = "confirmation-email";
const STEP: Step = Step::Email;

/// Shows the page.
pub(super) async fn get(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
) -> Result<Response, PageError> {
    let held = match open_page(&app, &visit, &name, STEP).await? {
        Ok(held) => held,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let saved = held.activation.email.as_ref();
    let saved = saved.map(ToString::to_string).unwrap_or_default();
    let under_age = held.account.is_under_digital_majority(app.ambient.now());
    let page = EmailPage::new(&held, under_age, saved, FormErrors::none());
    Ok(visit.view.render(&page))
}

/// What the page posts.
#[derive(Deserialize)]
pub(super) struct EmailForm {
    #[serde(default)]
    email: String,
    #[serde(default, rename = "confirmation-email")]
    confirmation: String,
    #[serde(default)]
    choix: String,
}

/// Takes the address, or none.
pub(super) async fn post(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
    Posted(form): Posted<EmailForm>,
) -> Result<Response, PageError> {
    let held = match open_form(&app, &visit, &name, STEP).await? {
        Ok(held) => held,
        Err(elsewhere) => return Ok(elsewhere),
    };
    if form.choix == "passer" {
        return held.save(&app, Done::Email(None), STEP).await;
    }
    match read(&form) {
        Ok(address) => held.save(&app, Done::Email(Some(address)), STEP).await,
        Err(errors) => {
            let under_age = held.account.is_under_digital_majority(app.ambient.now());
            let page = EmailPage::new(&held, under_age, form.email, errors);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, visit.view.render(&page)).into_response())
        }
    }
}

fn read(form: &EmailForm) -> Result<EmailAddress, FormErrors> {
    let malformed = TextKey::new("activation-email-malformed");
    let address =
        EmailAddress::parse(&form.email).map_err(|_| FormErrors::none().field(FIELD, malformed))?;
    let repeated = EmailAddress::parse(&form.confirmation).ok();
    if repeated.map(|repeated| repeated.comparable()) != Some(address.comparable()) {
        let differs = TextKey::new("activation-email-differs");
        return Err(FormErrors::none().field(CONFIRMATION, differs));
    }
    Ok(address)
}

/// The context of `self-service/activation/email.html`.
#[derive(Debug, Serialize)]
struct EmailPage {
    pupil: bool,
    under_age: bool,
    email: String,
    ways: Ways,
    errors: FormErrors,
}

impl EmailPage {
    fn new(held: &Held, under_age: bool, email: String, errors: FormErrors) -> Self {
        Self {
            pupil: held.account.kind == PersonKind::Pupil,
            under_age,
            email,
            ways: held.ways(STEP),
            errors,
        }
    }
}

impl Page for EmailPage {
    const TEMPLATE: &'static str = "self-service/activation/email.html";
    const POLICY: Policy = Policy::Flow;
    const QUESTION: Option<&'static str> = Some("activer-avec-la-lettre");

    fn samples() -> Vec<Self> {
        let sample = |pupil, under_age, errors| Self {
            pupil,
            under_age,
            email: "zoe.martin@example.org".into(),
            ways: Ways::sample(STEP),
            errors,
        };
        let differs = TextKey::new("activation-email-differs");
        vec![
            sample(true, true, FormErrors::none()),
            sample(true, false, FormErrors::none()),
            sample(
                false,
                false,
                FormErrors::none().field(CONFIRMATION, differs),
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<EmailPage>();
    }
}
