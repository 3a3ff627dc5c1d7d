//! Ways on from pages that stand between a person and a service.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::secret::Token;
use serde::Serialize;
use web::{Page, PageError, Posted, Route, View, headers::Policy};

use super::{
    pages::{Nothing, open},
    routes::{Abandon, SignIn},
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
        request.prompt.select_account = true;
        request.login_hint = None;
        request.received_at = app.ambient.now();
    }
    transaction
}

/// What a right provisional password opens while activation has no pages of its own: it
/// says that the account is not activated, and who helps.
pub(super) async fn not_activated(Path(name): Path<String>, view: View) -> Response {
    view.render(&NotActivatedPage::new(&name))
}

#[derive(Debug, Serialize)]
struct NotActivatedPage {
    sign_in: String,
    abandon: String,
}

impl NotActivatedPage {
    fn new(name: &str) -> Self {
        // Only what has the form of a transaction's name may stand in our links.
        let name = Token::parse(name)
            .map(|name| name.expose())
            .unwrap_or_default();
        Self {
            sign_in: SignIn { transaction: &name }.path().into_owned(),
            abandon: Abandon { transaction: &name }.path().into_owned(),
        }
    }
}

impl Page for NotActivatedPage {
    const TEMPLATE: &'static str = "idp/not_activated.html";
    const POLICY: Policy = Policy::Flow;

    fn samples() -> Vec<Self> {
        vec![Self::new(&Token::from_bytes([7; 32]).expose())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<NotActivatedPage>();
    }
}
