//! « Ne plus demander de code »: of those who may do without, or who have passkeys.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use domain::audit::Action;
use idp::{entry::renew, http::account::RecentlySignedIn, http::routes, notices::tell_of_change};
use notify::messages::WhatChanged;
use store::{accounts, contacts, second_factors};
use web::{PageError, Posted, Route};

use super::{
    super::{
        changing::{self, unavailable},
        routes::SecondFactor,
    },
    Nothing,
};
use crate::{done::Done, state::SelfService};

/// Ends the application, and whatever else is signed in; recovery codes as well where
/// nothing else is asked for after the password.
pub(super) async fn post(
    State(app): State<SelfService>,
    RecentlySignedIn(signed_in): RecentlySignedIn,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let account = &signed_in.live.account;
    let transaction = changing::begin(&app, &signed_in.live).await?;
    let asked = second_factors::passkeys_asked_since(&transaction, account.id).await;
    let is_last = asked.map_err(unavailable)?.is_none();
    if is_last && account.kind.must_have_second_factor() {
        return Err(PageError::not_found());
    }
    let removed = second_factors::remove(&transaction, account.id).await;
    if !removed.map_err(unavailable)? {
        return Ok(Redirect::to(&SecondFactor.path()).into_response());
    }
    if is_last {
        second_factors::remove_recovery_codes(&transaction, account.id)
            .await
            .map_err(unavailable)?;
    }
    let event = changing::own_event(Action::SecondFactorRemoved, account, &signed_in.visit);
    changing::record(&app, &transaction, event).await?;
    let before = contacts::find_all(&transaction, account.id).await;
    let before = before.map_err(unavailable)?;
    tell_of_change(
        &app,
        &transaction,
        account,
        WhatChanged::SecondFactor,
        &before,
    )
    .await
    .map_err(unavailable)?;
    let ended = accounts::end_sessions(&transaction, account.id, app.ambient.now()).await;
    ended.map_err(unavailable)?;
    changing::commit(&app, transaction).await?;
    let entered = renew(&app, &signed_in.visit, &signed_in.live).await?;
    let done = if is_last {
        Done::FactorRemoved
    } else {
        Done::ApplicationRemoved
    };
    Ok(done.along(&app, entered.leading_to(&routes::Account)))
}
