//! The new password.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::secret::Secret;
use idp::{
    app::{App, unavailable},
    http::visit::Visit,
    passwords::Verdict,
};
use serde::{Deserialize, Serialize};
use store::{
    accounts,
    activations::{Done, Step},
};
use web::{FormErrors, Page, PageError, Posted, TextKey, headers::Policy};

use super::steps::{Held, Ways, open_form, open_page};
use crate::{
    new_password::{Meter, NewPasswordForm},
    passwords::{busy, context_of},
    state::SelfService,
};

const STEP: Step = Step::Password;

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
    let page = PasswordPage::new(&held, FormErrors::none(), None);
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
    Posted(form): Posted<PasswordForm>,
) -> Result<Response, PageError> {
    let held = match open_form(&app, &visit, &name, STEP).await? {
        Ok(held) => held,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let context = context_of(app.database.reader(), &held.account).await;
    let context = context.map_err(unavailable)?;
    let again = |errors| {
        let page = PasswordPage::new(&held, errors, form.new.meter(&context));
        Ok((StatusCode::UNPROCESSABLE_ENTITY, visit.view.render(&page)).into_response())
    };
    let password = match form.new.read(&context, app.common_passwords()) {
        Ok(password) => password,
        Err(errors) => return again(errors),
    };
    if is_provisional(&app, &held, password.clone()).await? {
        let same = TextKey::new("activation-password-same");
        return again(FormErrors::none().field("nouveau-mot-de-passe", same));
    }
    let hash = app.passwords.hash(password).await.map_err(busy)?;
    held.save(&app, Done::Password(hash), STEP).await
}

/// Whether it is the provisional password, which stands on a letter.
async fn is_provisional(app: &App, held: &Held, password: Secret) -> Result<bool, PageError> {
    let found = accounts::find_with_hash(app.database.reader(), held.id()).await;
    let hash = found
        .map_err(unavailable)?
        .and_then(|found| found.password_hash);
    let verdict = app.passwords.verify(password, hash).await.map_err(busy)?;
    Ok(matches!(verdict, Verdict::Right { .. }))
}

/// The context of `self-service/activation/password.html`.
#[derive(Debug, Serialize)]
struct PasswordPage {
    identifier: String,
    ways: Ways,
    errors: FormErrors,
    meter: Option<Meter>,
}

impl PasswordPage {
    fn new(held: &Held, errors: FormErrors, meter: Option<Meter>) -> Self {
        Self {
            identifier: held.account.identifier.to_string(),
            ways: held.ways(STEP),
            errors,
            meter,
        }
    }
}

impl Page for PasswordPage {
    const TEMPLATE: &'static str = "self-service/activation/password.html";
    const POLICY: Policy = Policy::Flow;
    const QUESTION: Option<&'static str> = Some("bon-mot-de-passe");

    fn samples() -> Vec<Self> {
        let sample = |errors, meter| Self {
            identifier: "z.martin4".into(),
            ways: Ways::sample(STEP),
            errors,
            meter,
        };
        let same = TextKey::new("activation-password-same");
        let refused = FormErrors::none().field("nouveau-mot-de-passe", same);
        let meter = Meter::of(domain::password::Strength::Fair);
        vec![
            sample(FormErrors::none(), None),
            sample(refused, Some(meter)),
        ]
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
