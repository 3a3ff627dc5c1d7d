//! A passkey as the first second factor of an officer or an administrator.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::{passkey::PasskeyName, second_factor::RecoveryCode};
use notify::NotifyError;
use store::{
    StoreError, accounts,
    passkeys::PublicKey,
    second_factors::{self, Enrolment as How},
};
use web::{FormErrors, PageError, Posted, Route, TextKey};

use super::{
    enrolment::{Enrolling, again, enrolling, with_codes},
    pages::Nothing,
    passkey::CONTROL,
    routes::Enrolment,
    second_factor::to_sign_in,
    visit::Visit,
};
use crate::{
    app::{App, unavailable},
    enrolment::new_recovery_codes,
    entry::Second,
    passkeys::{self, Added, Made, Purpose},
    proven,
};

/// The id of the field for the name.
pub(super) const NAME: &str = "nom";

/// Asks the device to make a passkey.
pub(super) async fn ask(
    State(app): State<App>,
    Path(name): Path<String>,
    visit: Visit,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let enrolling = match enrolling(&app, &visit, &name).await? {
        Ok(enrolling) => enrolling,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let purpose = Purpose::first_factor(&name, enrolling.account.id);
    let question = passkeys::ask_to_make(&app, &visit, purpose, &enrolling.account).await?;
    Ok(Json(question).into_response())
}

/// Takes what the device made: it is the second factor from now on, and a way in. The
/// recovery codes are shown in the answer, and nowhere again.
pub(super) async fn post(
    State(app): State<App>,
    Path(name): Path<String>,
    visit: Visit,
    Posted(form): Posted<Made>,
) -> Result<Response, PageError> {
    let enrolling = match enrolling(&app, &visit, &name).await? {
        Ok(enrolling) => enrolling,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let refused = |field, text| {
        let errors = FormErrors::none().field(field, text);
        Ok(again(&app, &visit, &name, &enrolling, errors))
    };
    let Some(called) = PasskeyName::parse(&form.nom) else {
        return refused(NAME, TextKey::new("passkey-name-wrong"));
    };
    let purpose = Purpose::first_factor(&name, enrolling.account.id);
    let Some(key) = passkeys::made(&app, &visit, &purpose, &form.answered()).await? else {
        return refused(CONTROL, TextKey::new("passkey-not-made"));
    };
    let codes = set_up(&app, &visit, &enrolling, &called, key).await;
    let Some(codes) = codes.map_err(unavailable)? else {
        return Ok(to_sign_in(&name));
    };
    app.notifier.nudge();
    proven::prove_both(&app, enrolling.step, Second::Passkey).await?;
    Ok(with_codes(&visit, &name, &codes))
}

/// A reload leads to where it began.
pub(super) async fn back(Path(name): Path<String>) -> Redirect {
    Redirect::to(&Enrolment { transaction: &name }.path())
}

/// None where the account has or had a factor, or where the passkey is another's.
async fn set_up(
    app: &App,
    visit: &Visit,
    enrolling: &Enrolling,
    called: &PasskeyName,
    key: PublicKey,
) -> Result<Option<Vec<RecoveryCode>>, NotifyError> {
    let account = &enrolling.account;
    let transaction = app.database.begin().await?;
    accounts::lock(&transaction, account.id).await?;
    let now = app.ambient.now();
    if !second_factors::ask_for_passkeys(&transaction, account.id, How::First, now).await? {
        return Ok(None);
    }
    let added = passkeys::add(app, &transaction, visit, account, called, key).await?;
    if added != Added::Done {
        return Ok(None);
    }
    let codes = new_recovery_codes(app, &transaction, visit, account).await?;
    transaction.commit().await.map_err(StoreError::from)?;
    Ok(Some(codes))
}
