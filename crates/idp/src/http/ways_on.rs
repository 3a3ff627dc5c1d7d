//! Ways on from pages that stand between a person and a service.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use web::{PageError, Posted, Route};

use super::{
    pages::{Nothing, open},
    routes::SignIn,
    visit::Visit,
};
use crate::{
    app::{App, unavailable},
    flow::{advance, refuse},
    protocol::refusal::Refusal,
    transactions::{Destination, Transaction},
};

/// Back to the service, which is told that access was denied.
pub(super) async fn abandon(
    State(app): State<App>,
    Path(name): Path<String>,
    visit: Visit,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let step = open(&app, &visit, &name).await?;
    let Destination::Client(request) = step.transaction.destination.clone() else {
        let turn = advance(&app, &visit.view, visit.session.as_ref(), step).await?;
        return Ok(turn.into_redirect());
    };
    refuse(&app, &visit.view, step, &request, &Refusal::Abandoned).await
}

/// The same request again, for whoever signs in next.
pub(super) async fn other_person(
    State(app): State<App>,
    Path(name): Path<String>,
    visit: Visit,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let step = open(&app, &visit, &name).await?;
    let transaction = asking_to_sign_in_again(step.transaction, &app);
    if let Some(token) = &step.name {
        // Where another tab was first, its word counts, and the page asks again.
        let replaced = app.transactions.replace(token, step.version, &transaction);
        replaced.await.map_err(unavailable)?;
    }
    Ok(Redirect::to(&SignIn { transaction: &name }.path()).into_response())
}

fn asking_to_sign_in_again(mut transaction: Transaction, app: &App) -> Transaction {
    if let Destination::Client(request) = &mut transaction.destination {
        // Both ask for a sign-in since then; this one for whoever it may be.
        request.prompt.select_account = true;
        request.prompt.login = false;
        request.login_hint = None;
        request.received_at = app.ambient.now();
    }
    transaction
}
