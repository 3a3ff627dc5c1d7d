//! Another passkey.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::passkey::PasskeyName;
use idp::{
    http::account::{RecentlySignedIn, SignedIn},
    passkeys::{self, Added, Made, Purpose},
};
use serde::Deserialize;
use store::{
    passkeys::PublicKey,
    second_factors::{self, Enrolment},
};
use web::{FormErrors, PageError, Posted, TextKey};

use super::{
    super::changing::{self, unavailable},
    list,
};
use crate::{done::Done, state::SelfService};

/// The id of the field for the name.
pub(super) const NAME: &str = "nom";
/// The id of the control.
pub(super) const CONTROL: &str = "cle-d-acces";

/// A form that has nothing but its proof.
#[derive(Deserialize)]
pub(super) struct Nothing {}

/// Asks the device to make one.
pub(super) async fn ask(
    State(app): State<SelfService>,
    RecentlySignedIn(signed_in): RecentlySignedIn,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let purpose = purpose(&signed_in);
    let account = &signed_in.live.account;
    let question = passkeys::ask_to_make(&app, &signed_in.visit, purpose, account).await?;
    Ok(Json(question).into_response())
}

/// Takes what the device made: it opens the account from now on.
pub(super) async fn post(
    State(app): State<SelfService>,
    RecentlySignedIn(signed_in): RecentlySignedIn,
    Posted(form): Posted<Made>,
) -> Result<Response, PageError> {
    let Some(name) = PasskeyName::parse(&form.nom) else {
        let wrong = TextKey::new("passkey-name-wrong");
        return again(&app, &signed_in, form.nom, NAME, wrong).await;
    };
    let answered = form.answered();
    let made = passkeys::made(&app, &signed_in.visit, &purpose(&signed_in), &answered).await?;
    let added = match made {
        Some(key) => add(&app, &signed_in, &name, key).await?,
        None => Added::Taken,
    };
    match added {
        Added::Done => Ok(Done::PasskeyAdded.at_home(&app)),
        Added::Full => {
            let full = TextKey::new("passkey-full");
            again(&app, &signed_in, form.nom, CONTROL, full).await
        }
        Added::Taken => {
            let not_made = TextKey::new("passkey-not-made");
            again(&app, &signed_in, form.nom, CONTROL, not_made).await
        }
    }
}

fn purpose(signed_in: &SignedIn) -> Purpose {
    Purpose::Adding {
        session: signed_in.live.session.id,
        account: signed_in.live.account.id,
    }
}

async fn add(
    app: &SelfService,
    signed_in: &SignedIn,
    name: &PasskeyName,
    key: PublicKey,
) -> Result<Added, PageError> {
    let account = &signed_in.live.account;
    let transaction = changing::begin(app, &signed_in.live).await?;
    let added = passkeys::add(app, &transaction, &signed_in.visit, account, name, key).await;
    let added = added.map_err(unavailable)?;
    if added != Added::Done {
        return Ok(added);
    }
    if account.kind.must_have_second_factor() {
        let now = app.ambient.now();
        second_factors::ask_for_passkeys(&transaction, account.id, Enrolment::InForce, now)
            .await
            .map_err(unavailable)?;
    }
    changing::commit(app, transaction).await?;
    Ok(added)
}

async fn again(
    app: &SelfService,
    signed_in: &SignedIn,
    typed: String,
    field: &'static str,
    text: TextKey,
) -> Result<Response, PageError> {
    let errors = FormErrors::none().field(field, text);
    let page = list::page(app, signed_in, typed, errors).await?;
    let body = signed_in.view().render(&page);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, body).into_response())
}
