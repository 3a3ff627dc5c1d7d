//! Whether the account's passkeys are asked for after the password too. Families choose; of
//! others they always are.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use domain::{account::Account, audit::Action};
use idp::{
    enrolment::new_recovery_codes,
    entry::renew,
    http::{account::RecentlySignedIn, routes, visit::Visit},
    notices::tell_of_change,
};
use notify::messages::WhatChanged;
use store::{
    DatabaseTransaction, accounts, contacts, passkeys,
    second_factors::{self, Enrolment},
};
use web::{PageError, Posted, Route};

use super::{
    super::{
        changing::{self, unavailable},
        routes::SecondFactor,
    },
    Nothing,
    codes::CodesPage,
};
use crate::{done::Done, state::SelfService};

/// They are from now on. The recovery codes are shown in the answer, and nowhere again.
pub(super) async fn ask(
    State(app): State<SelfService>,
    RecentlySignedIn(signed_in): RecentlySignedIn,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let (account, visit) = (&signed_in.live.account, &signed_in.visit);
    let now = app.ambient.now();
    let transaction = changing::begin(&app, &signed_in.live).await?;
    let own = passkeys::count(&transaction, account.id).await;
    if own.map_err(unavailable)? == 0 {
        return Ok(back());
    }
    let how = Enrolment::InForce;
    let asked = second_factors::ask_for_passkeys(&transaction, account.id, how, now).await;
    if !asked.map_err(unavailable)? {
        return Ok(back());
    }
    let codes = new_recovery_codes(&app, &transaction, visit, account).await;
    let codes = codes.map_err(unavailable)?;
    finish(&app, visit, account, transaction, Action::SecondFactorAdded).await?;
    let entered = renew(&app, visit, &signed_in.live).await?;
    let page = CodesPage::new(&signed_in, &codes, true);
    Ok(entered.along(signed_in.view().render(&page)))
}

/// They are no longer: of those who may do without.
pub(super) async fn stop(
    State(app): State<SelfService>,
    RecentlySignedIn(signed_in): RecentlySignedIn,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let (account, visit) = (&signed_in.live.account, &signed_in.visit);
    if account.kind.must_have_second_factor() {
        return Err(PageError::not_found());
    }
    let transaction = changing::begin(&app, &signed_in.live).await?;
    let stopped = second_factors::stop_asking_for_passkeys(&transaction, account.id).await;
    if !stopped.map_err(unavailable)? {
        return Ok(back());
    }
    let application = second_factors::has_application(&transaction, account.id).await;
    if !application.map_err(unavailable)? {
        second_factors::remove_recovery_codes(&transaction, account.id)
            .await
            .map_err(unavailable)?;
    }
    finish(
        &app,
        visit,
        account,
        transaction,
        Action::SecondFactorRemoved,
    )
    .await?;
    let entered = renew(&app, visit, &signed_in.live).await?;
    Ok(Done::FactorRemoved.along(&app, entered.leading_to(&routes::Account)))
}

fn back() -> Response {
    Redirect::to(&SecondFactor.path()).into_response()
}

/// Writes the change down, tells its owner, and ends whatever else is signed in.
async fn finish(
    app: &SelfService,
    visit: &Visit,
    account: &Account,
    transaction: DatabaseTransaction,
    action: Action,
) -> Result<(), PageError> {
    let event = changing::own_event(action, account, visit);
    changing::record(app, &transaction, event).await?;
    let before = contacts::find_all(&transaction, account.id).await;
    let before = before.map_err(unavailable)?;
    tell_of_change(
        app,
        &transaction,
        account,
        WhatChanged::SecondFactor,
        &before,
    )
    .await
    .map_err(unavailable)?;
    let ended = accounts::end_sessions(&transaction, account.id, app.ambient.now()).await;
    ended.map_err(unavailable)?;
    changing::commit(app, transaction).await
}
