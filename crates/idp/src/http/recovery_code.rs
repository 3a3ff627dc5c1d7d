//! « Code de secours »: a code that takes the second factor's place, once.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::second_factor::RecoveryCode as Code;
use serde::Serialize;
use web::{FormErrors, Page, PageError, Posted, Route, TextKey, headers::Policy};

use super::{
    routes::{RecoveryCode, SecondFactor},
    second_factor::{CodeForm, FIELD, first_proof},
    visit::Visit,
};
use crate::{
    app::App,
    entry::Second,
    factors::{self, Typed},
};

/// Asks for it.
pub(super) async fn get(
    State(app): State<App>,
    Path(name): Path<String>,
    visit: Visit,
) -> Result<Response, PageError> {
    match first_proof(&app, &visit, &name).await? {
        Ok(_) => Ok(visit
            .view
            .render(&RecoveryPage::new(&name, FormErrors::none()))),
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// Takes it.
pub(super) async fn post(
    State(app): State<App>,
    Path(name): Path<String>,
    visit: Visit,
    Posted(form): Posted<CodeForm>,
) -> Result<Response, PageError> {
    let proof = match first_proof(&app, &visit, &name).await? {
        Ok(proof) => proof,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let again = |text| {
        let errors = FormErrors::none().field(FIELD, text);
        let page = visit.view.render(&RecoveryPage::new(&name, errors));
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    let Some(code) = Code::parse_as_written(&form.code) else {
        return again(TextKey::new("factor-recovery-malformed"));
    };
    if !factors::spend(
        &app,
        &visit,
        &proof.standing.account,
        &Typed::Recovery(code),
    )
    .await?
    {
        return again(TextKey::new("factor-recovery-wrong"));
    }
    proof.enter(&app, &visit, &name, Second::Code).await
}

/// The context of `idp/recovery_code.html`.
#[derive(Debug, Serialize)]
struct RecoveryPage {
    action: String,
    back: String,
    errors: FormErrors,
}

impl RecoveryPage {
    fn new(transaction: &str, errors: FormErrors) -> Self {
        Self {
            action: RecoveryCode { transaction }.path().into_owned(),
            back: SecondFactor { transaction }.path().into_owned(),
            errors,
        }
    }
}

impl Page for RecoveryPage {
    const TEMPLATE: &'static str = "idp/recovery_code.html";
    const POLICY: Policy = Policy::Flow;
    const QUESTION: Option<&'static str> = Some("code-de-verification");

    fn samples() -> Vec<Self> {
        let wrong = FormErrors::none().field(FIELD, TextKey::new("factor-recovery-wrong"));
        let malformed = FormErrors::none().field(FIELD, TextKey::new("factor-recovery-malformed"));
        [FormErrors::none(), wrong, malformed]
            .map(|errors| Self::new("Sample", errors))
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<RecoveryPage>();
    }
}
