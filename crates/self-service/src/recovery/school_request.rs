//! A request of a school on an account is stopped by its owner: by the link of the notice,
//! or in « Mon compte » (product.md, Recovery).

use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{desk::PendingKind, ids::PendingActId, secret::Token};
use idp::http::{account::SignedIn, routes::Account as MyAccount, visit::Visit};
use serde::{Deserialize, Serialize};
use store::{
    StoreError,
    pending_acts::{self, PendingAct},
    schools,
};
use web::{Link, Page, PageError, Posted, Route, TextKey};

use super::{
    code::Nothing,
    link::{Carried, without_referrer},
    pages::{DonePage, Kept},
    routes::{RequestStopped, StopRequest},
    unavailable,
};
use crate::{
    journeys::{self, Journey, State as JourneyState},
    schools::FindSchool,
    state::SelfService,
};

/// Somebody who came with the link of a notice, in this browser.
#[derive(Serialize, Deserialize)]
struct Told {
    proof: Kept,
}

impl JourneyState for Told {
    const WHAT: &'static str = "school request";
}

/// The link of a notice: it changes nothing, and takes the token out of the address.
pub(super) async fn link(
    State(app): State<SelfService>,
    visit: Visit,
    Query(carried): Query<Carried>,
) -> Result<Response, PageError> {
    let token = carried.token();
    // A name that no journey has, so that a used token leaves the address too.
    let name = match token {
        Some(token) => {
            let proof = Kept::of(&token);
            let begun = journeys::begin(&app, &visit, &Told { proof }).await;
            begun.map_err(unavailable)?
        }
        None => Token::generate(&app.ambient),
    };
    let journey = &name.expose();
    Ok(without_referrer(Redirect::to(
        &StopRequest { journey }.path(),
    )))
}

/// Says what the button will do.
pub(super) async fn get(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
) -> Result<Response, PageError> {
    let journey = open(&app, &visit, &name).await?;
    let (reader, now) = (app.database.reader(), app.ambient.now());
    let token = journey.data.proof.hash();
    let found = pending_acts::find_by_token(reader, &token, now).await;
    let act = found.map_err(unavailable)?.ok_or_else(over)?;
    let school = schools::find_by_uai(reader, &act.school).await;
    let school = school.map_err(unavailable)?;
    let action = StopRequest { journey: &name };
    Ok(visit.view.render(&StopPage {
        action: action.path().into_owned(),
        school: school.map_or_else(String::new, |school| school.name),
        what: what(act.kind),
    }))
}

/// Stops it.
pub(super) async fn post(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
    Posted(_): Posted<Nothing>,
) -> Result<Response, PageError> {
    let journey = open(&app, &visit, &name).await?;
    let transaction = app.database.begin().await.map_err(unavailable)?;
    let token = journey.data.proof.hash();
    let stopped = pending_acts::cancel_by_token(&transaction, &app.ambient, &token).await;
    if stopped.map_err(unavailable)?.is_none() {
        return Err(over());
    }
    let committed = transaction.commit().await;
    committed.map_err(|error| unavailable(StoreError::from(error)))?;
    journeys::end(&app, &journey.name)
        .await
        .map_err(unavailable)?;
    Ok(Redirect::to(&RequestStopped.path()).into_response())
}

/// It is done, whoever asks: the page knows nothing.
pub(super) async fn done(visit: Visit) -> Response {
    visit.view.render(&DonePage {
        title: TextKey::new("school-request-done-title"),
        text: TextKey::new("school-request-done-text"),
        next: TextKey::new("school-request-done-next"),
        button: TextKey::new("school-request-done-button"),
        target: FindSchool.path().into_owned(),
    })
}

#[derive(Deserialize)]
pub(super) struct OwnForm {
    demande: String,
}

/// Stops it for whoever is signed in to the account.
pub(super) async fn post_own(
    State(app): State<SelfService>,
    signed_in: SignedIn,
    Posted(form): Posted<OwnForm>,
) -> Result<Response, PageError> {
    let id: PendingActId = form.demande.parse().map_err(|_| over())?;
    let account = signed_in.live.account.id;
    let transaction = app.database.begin().await.map_err(unavailable)?;
    let stopped = pending_acts::cancel_of_account(&transaction, &app.ambient, account, id).await;
    if stopped.map_err(unavailable)?.is_none() {
        return Err(over());
    }
    let committed = transaction.commit().await;
    committed.map_err(|error| unavailable(StoreError::from(error)))?;
    Ok(Redirect::to(&RequestStopped.path()).into_response())
}

/// Whoever is asked to sign in on the way comes back to « Mon compte ».
pub(super) async fn back(_: SignedIn) -> Redirect {
    Redirect::to(&MyAccount.path())
}

async fn open(app: &SelfService, visit: &Visit, name: &str) -> Result<Journey<Told>, PageError> {
    let found = journeys::find::<Told>(app, visit, name).await;
    found.map_err(unavailable)?.ok_or_else(over)
}

/// The request was stopped before, carried out, or is too old.
fn over() -> PageError {
    let title = TextKey::new("school-request-over-title");
    let text = TextKey::new("school-request-over-text");
    let school = Link::new(TextKey::new("recovery-school"), FindSchool.path());
    PageError::new(StatusCode::GONE, "demande-terminee", title, text).way_on(school)
}

/// What was asked for, in plain words.
pub(crate) const fn what(kind: PendingKind) -> TextKey {
    match kind {
        PendingKind::PasswordReset => TextKey::new("school-request-reset"),
        PendingKind::FactorRemoval => TextKey::new("school-request-factor"),
    }
}

/// A request as « Mon compte » shows it.
#[derive(Debug, Serialize)]
pub(crate) struct RequestLine {
    id: String,
    what: TextKey,
    at: String,
}

impl RequestLine {
    /// Of an act that waits.
    pub(crate) fn of(act: &PendingAct, locale: web::Locale) -> Self {
        Self {
            id: act.id.to_string(),
            what: what(act.kind),
            at: web::moment::said(act.effective_at, locale),
        }
    }

    /// An example, for pages' samples.
    pub(crate) fn sample() -> Self {
        Self {
            id: "0198f0a0-0000-7000-8000-000000000002".into(),
            what: what(PendingKind::PasswordReset),
            at: "1er septembre 2026, 9 h 05".into(),
        }
    }
}

/// The context of `self-service/school_request.html`.
#[derive(Debug, Serialize)]
struct StopPage {
    action: String,
    school: String,
    what: TextKey,
}

impl Page for StopPage {
    const TEMPLATE: &'static str = "self-service/school_request.html";
    const QUESTION: Option<&'static str> = Some("ce-n-est-pas-moi");

    fn samples() -> Vec<Self> {
        vec![Self {
            action: StopRequest { journey: "Sample" }.path().into_owned(),
            school: "Collège Simon-Lavigne".into(),
            what: what(PendingKind::FactorRemoval),
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<StopPage>();
    }
}
