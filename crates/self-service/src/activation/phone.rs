//! The mobile number of a guardian, which may be left out.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::contact::PhoneNumber;
use idp::http::visit::Visit;
use serde::{Deserialize, Serialize};
use store::activations::{Done, Step};
use web::{FormErrors, Page, PageError, Posted, headers::Policy};

use super::steps::{Held, Ways, open_form, open_page};
use crate::{mobile, state::SelfService};

const STEP: Step = Step::Phone;

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
    let saved = held.activation.phone.as_ref().map(PhoneNumber::to_string);
    let page = PhonePage::new(&held, saved.unwrap_or_default(), FormErrors::none());
    Ok(visit.view.render(&page))
}

/// What the page posts.
#[derive(Deserialize)]
pub(super) struct PhoneForm {
    #[serde(default)]
    telephone: String,
    #[serde(default)]
    choix: String,
}

/// Takes the number, or none.
pub(super) async fn post(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
    Posted(form): Posted<PhoneForm>,
) -> Result<Response, PageError> {
    let held = match open_form(&app, &visit, &name, STEP).await? {
        Ok(held) => held,
        Err(elsewhere) => return Ok(elsewhere),
    };
    if form.choix == "passer" {
        return held.save(&app, Done::Phone(None), STEP).await;
    }
    match mobile::read("telephone", &form.telephone) {
        Ok(number) => held.save(&app, Done::Phone(Some(number)), STEP).await,
        Err(errors) => {
            let page = PhonePage::new(&held, form.telephone, errors);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, visit.view.render(&page)).into_response())
        }
    }
}

/// The context of `self-service/activation/phone.html`.
#[derive(Debug, Serialize)]
struct PhonePage {
    telephone: String,
    ways: Ways,
    errors: FormErrors,
}

impl PhonePage {
    fn new(held: &Held, telephone: String, errors: FormErrors) -> Self {
        Self {
            telephone,
            ways: held.ways(STEP),
            errors,
        }
    }
}

impl Page for PhonePage {
    const TEMPLATE: &'static str = "self-service/activation/phone.html";
    const POLICY: Policy = Policy::Flow;
    const QUESTION: Option<&'static str> = Some("activer-avec-la-lettre");

    fn samples() -> Vec<Self> {
        let sample = |telephone: &str, errors| Self {
            telephone: telephone.into(),
            ways: Ways::sample(STEP),
            errors,
        };
        let refused = |typed: &str| {
            let errors = mobile::read("telephone", typed).err();
            sample(typed, errors.unwrap_or_default())
        };
        vec![
            sample("", FormErrors::none()),
            refused("06 39"),
            refused("01 99 00 12 34"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<PhonePage>();
    }
}
