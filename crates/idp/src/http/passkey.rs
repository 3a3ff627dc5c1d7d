//! « Se connecter avec une clé d'accès »: by itself, or after a first proof. A script gets the
//! question and posts what the device answered, as an ordinary form of an ordinary page.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use web::{FormErrors, PageError, Posted, Route, TextKey};

use super::{
    pages::{Nothing, open, show_service},
    routes::{SecondFactor, SignIn},
    second_factor::{self, first_proof},
    sign_in,
    visit::Visit,
};
use crate::{
    app::App,
    entry::{Second, enter_by_passkey},
    passkeys::{self, Answered, Purpose},
};

/// The id of the control, to which an error leads.
pub(super) const CONTROL: &str = "cle-d-acces";

/// Asks the device for any passkey of this service.
pub(super) async fn ask_at_sign_in(
    State(app): State<App>,
    Path(name): Path<String>,
    visit: Visit,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    open(&app, &visit, &name).await?;
    let question = passkeys::ask(&app, &visit, Purpose::sign_in(&name), None).await?;
    Ok(Json(question).into_response())
}

/// Takes the device's answer: the session begins.
pub(super) async fn sign_in(
    State(app): State<App>,
    Path(name): Path<String>,
    visit: Visit,
    Posted(answered): Posted<Answered>,
) -> Result<Response, PageError> {
    let step = open(&app, &visit, &name).await?;
    show_service(&app, &visit, &step.transaction);
    let purpose = Purpose::sign_in(&name);
    if let Some(proved) = passkeys::prove(&app, &visit, &purpose, &answered).await? {
        return enter_by_passkey(&app, &visit, &name, &proved).await;
    }
    let errors = FormErrors::none().field(CONTROL, TextKey::new("passkey-refused"));
    Ok(sign_in::again(&app, &visit, &step, &name, errors))
}

/// A reload leads to where it began.
pub(super) async fn back_to_sign_in(Path(name): Path<String>) -> Redirect {
    Redirect::to(&SignIn { transaction: &name }.path())
}

/// Asks the device for a passkey of the account that was proven.
pub(super) async fn ask_for_second_factor(
    State(app): State<App>,
    Path(name): Path<String>,
    visit: Visit,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let proof = match first_proof(&app, &visit, &name).await? {
        Ok(proof) => proof,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let account = proof.standing.account.id;
    let purpose = Purpose::second_factor(&name, account);
    let question = passkeys::ask(&app, &visit, purpose, Some(account)).await?;
    Ok(Json(question).into_response())
}

/// Takes the device's answer, as the second factor.
pub(super) async fn second_factor(
    State(app): State<App>,
    Path(name): Path<String>,
    visit: Visit,
    Posted(answered): Posted<Answered>,
) -> Result<Response, PageError> {
    let proof = match first_proof(&app, &visit, &name).await? {
        Ok(proof) => proof,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let account = &proof.standing.account;
    let purpose = Purpose::second_factor(&name, account.id);
    if passkeys::prove_second(&app, &visit, &purpose, account, &answered).await? {
        return proof.enter(&app, &visit, &name, Second::Passkey).await;
    }
    let errors = FormErrors::none().field(CONTROL, TextKey::new("passkey-refused"));
    let page = second_factor::page(&app, &name, account, errors).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, visit.view.render(&page)).into_response())
}

/// A reload leads to where it began.
pub(super) async fn back_to_second_factor(Path(name): Path<String>) -> Redirect {
    Redirect::to(&SecondFactor { transaction: &name }.path())
}
