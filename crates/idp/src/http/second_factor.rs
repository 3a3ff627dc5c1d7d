//! « Seconde étape »: a passkey or a code, after a right password of an account that has a
//! second factor.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{account::Account, totp::TotpCode};
use serde::{Deserialize, Serialize};
use store::{passkeys, second_factors};
use web::{FormErrors, Page, PageError, Posted, Route, TextKey, headers::Policy};

use super::{
    pages::{open, show_service},
    passkey::CONTROL,
    routes::{FactorPasskey, FactorPasskeyQuestion, RecoveryCode, SecondFactor, SignIn},
    visit::Visit,
};
use crate::{
    app::{App, unavailable},
    entry::{Second, complete},
    factors::{self, Typed},
    flow::Step,
    passkeys::PasskeyForm,
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
        Ok(proof) => {
            let account = &proof.standing.account;
            let page = page(&app, &name, account, FormErrors::none()).await?;
            Ok(visit.view.render(&page))
        }
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
    let account = &proof.standing.account;
    let wrong = match TotpCode::parse_as_written(&form.code) {
        None => TextKey::new("factor-code-malformed"),
        Some(code) => {
            if factors::spend(&app, &visit, account, &Typed::Code(code)).await? {
                return proof.enter(&app, &visit, &name, Second::Code).await;
            }
            TextKey::new("factor-code-wrong")
        }
    };
    let errors = FormErrors::none().field(FIELD, wrong);
    let page = page(&app, &name, account, errors).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, visit.view.render(&page)).into_response())
}

/// The page of an account, with the factors that it has.
pub(super) async fn page(
    app: &App,
    name: &str,
    account: &Account,
    errors: FormErrors,
) -> Result<FactorPage, PageError> {
    let reader = app.database.reader();
    let application = second_factors::has_application(reader, account.id).await;
    let passkeys = passkeys::count(reader, account.id).await;
    let has_passkeys = passkeys.map_err(unavailable)? > 0 && app.passkeys.is_some();
    let application = application.map_err(unavailable)?;
    Ok(FactorPage::new(name, application, has_passkeys, errors))
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
        second: Second,
    ) -> Result<Response, PageError> {
        if !proven::spend(app, &self.step).await? {
            return Ok(to_sign_in(name));
        }
        let Standing {
            account, at, means, ..
        } = self.standing;
        complete(app, visit, name, &account, means.and(second), at).await
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
pub(super) struct FactorPage {
    action: String,
    /// Whether the account has an authenticator application.
    application: bool,
    /// Where it has passkeys.
    passkey: Option<PasskeyForm>,
    recovery: String,
    back: String,
    errors: FormErrors,
}

impl FactorPage {
    fn new(transaction: &str, application: bool, has_passkeys: bool, errors: FormErrors) -> Self {
        let answer = FactorPasskey { transaction };
        let question = FactorPasskeyQuestion { transaction };
        Self {
            action: SecondFactor { transaction }.path().into_owned(),
            application,
            passkey: has_passkeys.then(|| PasskeyForm::new(&answer, &question)),
            recovery: RecoveryCode { transaction }.path().into_owned(),
            back: SignIn { transaction }.path().into_owned(),
            errors,
        }
    }
}

impl Page for FactorPage {
    const TEMPLATE: &'static str = "idp/second_factor.html";
    const POLICY: Policy = Policy::Flow;
    const QUESTION: Option<&'static str> = Some("code-de-verification");

    fn samples() -> Vec<Self> {
        let wrong = FormErrors::none().field(FIELD, TextKey::new("factor-code-wrong"));
        let malformed = FormErrors::none().field(FIELD, TextKey::new("factor-code-malformed"));
        let refused = FormErrors::none().field(CONTROL, TextKey::new("passkey-refused"));
        vec![
            Self::new("Sample", true, false, FormErrors::none()),
            Self::new("Sample", true, true, FormErrors::none()),
            Self::new("Sample", true, true, wrong),
            Self::new("Sample", true, false, malformed),
            Self::new("Sample", false, true, FormErrors::none()),
            Self::new("Sample", false, true, refused),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<FactorPage>();
    }
}
