//! The language of messages, and of the pages in this browser.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use domain::audit::Action;
use idp::http::{account::SignedIn, routes::Account};
use serde::Deserialize;
use store::accounts;
use web::{Locale, PageError, Posted, Route};

use crate::{
    account::changing::{self, unavailable},
    done::Done,
    state::SelfService,
};

#[derive(Deserialize)]
pub(super) struct LanguageForm {
    langue: Locale,
}

/// Keeps the choice in the account; the address that it leads to tells the browser.
pub(super) async fn post(
    State(app): State<SelfService>,
    signed_in: SignedIn,
    Posted(form): Posted<LanguageForm>,
) -> Result<Response, PageError> {
    let tag = form.langue.tag();
    let account = &signed_in.live.account;
    let transaction = changing::begin(&app, &signed_in.live).await?;
    let now = app.ambient.now();
    let changed = accounts::set_locale(&transaction, account.id, tag, now).await;
    if changed.map_err(unavailable)? {
        let event = changing::own_event(Action::LanguageChanged, account, &signed_in.visit);
        changing::record(&app, &transaction, event).await?;
    }
    changing::commit(&app, transaction).await?;
    let home = Redirect::to(&format!("{}?lang={tag}", Account.path()));
    Ok(Done::Language.along(&app, home.into_response()))
}

/// Where somebody is led who had to sign in again.
pub(super) async fn back() -> Redirect {
    Redirect::to(&Account.path())
}
