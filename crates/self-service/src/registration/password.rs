//! The password.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use idp::{app::unavailable, http::visit::Visit};
use serde::{Deserialize, Serialize};
use web::{FormErrors, Page, PageError, Posted, headers::Policy};

use super::steps::{self, Stage, Ways, advance, expired, onward, open, proven};
use crate::{
    new_password::{Meter, NewPasswordForm},
    passwords::{busy, context_of},
    state::SelfService,
    ways::Return,
};

/// Shows the page.
pub(super) async fn get(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
    back: Return,
) -> Result<Response, PageError> {
    let journey = open(&app, &visit, &name, &back).await?;
    let Stage::Password { .. } = journey.data.stage else {
        return Ok(onward(&journey, &back));
    };
    let page = PasswordPage::new(&name, FormErrors::none(), None, &back);
    Ok(visit.view.render(&page))
}

/// What the page posts.
#[derive(Deserialize)]
pub(super) struct PasswordForm {
    #[serde(flatten)]
    new: NewPasswordForm,
}

/// Takes the password.
pub(super) async fn post(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
    back: Return,
    Posted(form): Posted<PasswordForm>,
) -> Result<Response, PageError> {
    let journey = open(&app, &visit, &name, &back).await?;
    let Stage::Password { proof } = journey.data.stage.clone() else {
        return Ok(onward(&journey, &back));
    };
    let reader = app.database.reader();
    let account = proven(&app, reader, &proof).await.map_err(unavailable)?;
    let account = account.ok_or_else(|| expired(&back))?;
    let context = context_of(reader, &account).await.map_err(unavailable)?;
    let password = match form.new.read(&context, app.common_passwords()) {
        Ok(password) => password,
        Err(errors) => {
            let page = PasswordPage::new(&name, errors, form.new.meter(&context), &back);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, visit.view.render(&page)).into_response());
        }
    };
    let password_hash = app.passwords.hash(password).await.map_err(busy)?;
    let stage = Stage::Terms {
        proof,
        password_hash,
    };
    advance(&app, &visit, journey, stage, &back).await
}

/// The context of `self-service/registration/password.html`.
#[derive(Debug, Serialize)]
struct PasswordPage {
    ways: Ways,
    errors: FormErrors,
    meter: Option<Meter>,
}

impl PasswordPage {
    fn new(journey: &str, errors: FormErrors, meter: Option<Meter>, back: &Return) -> Self {
        Self {
            ways: Ways::of(&steps::Password { journey }, back),
            errors,
            meter,
        }
    }
}

impl Page for PasswordPage {
    const TEMPLATE: &'static str = "self-service/registration/password.html";
    const POLICY: Policy = Policy::Flow;
    const QUESTION: Option<&'static str> = Some("bon-mot-de-passe");

    fn samples() -> Vec<Self> {
        vec![Self {
            ways: Ways::sample(),
            errors: FormErrors::none(),
            meter: None,
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<PasswordPage>();
    }
}
