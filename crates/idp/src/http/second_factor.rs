//! « Code de vérification », after a right password of an account that has a second factor.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::totp::TotpCode;
use serde::{Deserialize, Serialize};
use web::{FormErrors, Page, PageError, Posted, Route, TextKey, headers::Policy};

use super::{
    pages::{open, show_service},
    routes::{RecoveryCode, SecondFactor, SignIn},
    visit::Visit,
};
use crate::{
    app::{App, unavailable},
    entry::complete,
    factors::{self, Typed},
    flow::Step,
    proven::{self, Standing},
};

pub(super) const FIELD: &str = "code";

/// Asks for the code, or for the sign-in again where nothing was proven.
pub(super) async fn get(
    State(app): State<App>,
    Path(name): Path<String>,
    visit: Visit,
) -> Result<Response, PageError> {
    match first_proof(&app, &visit, &name).await? {
        Ok(_) => Ok(visit.view.render(&CodePage::new(&name, FormErrors::none()))),
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// What the page posts.
#[derive(Deserialize)]
pub(super) struct CodeForm {
    #[serde(default)]
    pub(super) code: String,
}

/// Takes the code.
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
        let page = visit.view.render(&CodePage::new(&name, errors));
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    let Some(code) = TotpCode::parse_as_written(&form.code) else {
        return again(TextKey::new("factor-code-malformed"));
    };
    if !factors::spend(&app, &visit, &proof.standing.account, &Typed::Code(code)).await? {
        return again(TextKey::new("factor-code-wrong"));
    }
    proof.enter(&app, &visit, &name).await
}

/// A first proof, and the sign-in in which it waits.
pub(super) struct FirstProof {
    pub(super) standing: Standing,
    pub(super) step: Step,
}

impl FirstProof {
    /// Begins the session, once: the second factor was right.
    pub(super) async fn enter(
        self,
        app: &App,
        visit: &Visit,
        name: &str,
    ) -> Result<Response, PageError> {
        if !proven::spend(app, &self.step).await? {
            return Ok(to_sign_in(name));
        }
        let Standing {
            account, at, means, ..
        } = self.standing;
        complete(app, visit, name, &account, means.with_code(), at).await
    }
}

/// The first proof of an account whose factor is asked for; else the way to the sign-in.
pub(super) async fn first_proof(
    app: &App,
    visit: &Visit,
    name: &str,
) -> Result<Result<FirstProof, Response>, PageError> {
    let step = open(app, visit, name).await?;
    show_service(app, visit, &step.transaction);
    let standing = proven::find(app, &step).await.map_err(unavailable)?;
    Ok(match standing {
        // One that waits for an enrolment is for that alone.
        Some(standing) if standing.key.is_none() => Ok(FirstProof { standing, step }),
        _ => Err(to_sign_in(name)),
    })
}

/// To the page where it begins anew.
pub(super) fn to_sign_in(name: &str) -> Response {
    Redirect::to(&SignIn { transaction: name }.path()).into_response()
}

/// The context of `idp/second_factor.html`.
#[derive(Debug, Serialize)]
struct CodePage {
    action: String,
    recovery: String,
    back: String,
    errors: FormErrors,
}

impl CodePage {
    fn new(transaction: &str, errors: FormErrors) -> Self {
        Self {
            action: SecondFactor { transaction }.path().into_owned(),
            recovery: RecoveryCode { transaction }.path().into_owned(),
            back: SignIn { transaction }.path().into_owned(),
            errors,
        }
    }
}

impl Page for CodePage {
    const TEMPLATE: &'static str = "idp/second_factor.html";
    const POLICY: Policy = Policy::Flow;
    const QUESTION: Option<&'static str> = Some("code-de-verification");

    fn samples() -> Vec<Self> {
        let wrong = FormErrors::none().field(FIELD, TextKey::new("factor-code-wrong"));
        let malformed = FormErrors::none().field(FIELD, TextKey::new("factor-code-malformed"));
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
        web::testing::assert_renders::<CodePage>();
    }
}
