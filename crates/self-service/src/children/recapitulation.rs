//! What a grouping would bring, and then the grouping.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    account::Account,
    ids::AccountId,
    secret::{Token, TokenHash},
};
use idp::{
    App,
    http::account::{RecentlySignedIn, SignedIn},
    notices::tell_of_grouping,
};
use notify::NotifyError;
use serde::{Deserialize, Serialize};
use store::{StoreError, groupings};
use web::{Link, Page, PageError, Posted, Route, TextKey};

use super::{
    keeper,
    list::Done,
    recent_guardian,
    routes::{Children, ChildrenAfter, GroupAccount, Recapitulation},
    unavailable,
};
use crate::state::SelfService;

/// Shows which pupils would come, and what ends.
pub(super) async fn get(
    State(app): State<SelfService>,
    Path(proof): Path<String>,
    signed_in: RecentlySignedIn,
) -> Result<Response, PageError> {
    let signed_in = recent_guardian(signed_in)?;
    let reader = app.database.reader();
    let now = app.ambient.now();
    let other = groupings::find_proven(reader, &hash(&proof)?, keeper(&signed_in), now)
        .await
        .map_err(unavailable)?
        .ok_or_else(over)?;
    let own = &signed_in.live.account;
    let pupils = coming(&app, own.id, other.id).await.map_err(unavailable)?;
    let page = RecapitulationPage::new(&proof, own, &other, pupils);
    Ok(signed_in.view().render(&page))
}

/// A form that has nothing but its proof.
#[derive(Deserialize)]
pub(super) struct Nothing {}

/// « Confirmer »: all of it in one transaction, the messages too.
pub(super) async fn post(
    State(app): State<SelfService>,
    Path(proof): Path<String>,
    signed_in: RecentlySignedIn,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let signed_in = recent_guardian(signed_in)?;
    let is_done = group(&app, &signed_in, &hash(&proof)?)
        .await
        .map_err(unavailable)?;
    if !is_done {
        return Err(over());
    }
    app.notifier.nudge();
    Ok(Redirect::to(&ChildrenAfter(Done::Regroupement).path()).into_response())
}

async fn group(app: &App, signed_in: &SignedIn, proof: &TokenHash) -> Result<bool, NotifyError> {
    let transaction = app.database.begin().await?;
    let keeper = keeper(signed_in);
    let done = groupings::group(&transaction, &app.ambient, &app.vault, proof, keeper).await?;
    let Some(grouped) = done else {
        return Ok(false);
    };
    tell_of_grouping(app, &transaction, &grouped).await?;
    transaction.commit().await.map_err(StoreError::from)?;
    Ok(true)
}

/// Names of the pupils that the kept account has not yet and would have.
async fn coming(app: &App, kept: AccountId, other: AccountId) -> Result<Vec<String>, StoreError> {
    let reader = app.database.reader();
    let pupils = groupings::find_coming(reader, kept, other).await?;
    Ok(pupils.into_iter().map(|pupil| pupil.name.full()).collect())
}

/// A text that is no token is the token of nothing.
fn hash(proof: &str) -> Result<TokenHash, PageError> {
    let token = Token::parse(proof).ok_or_else(over)?;
    Ok(token.hash())
}

/// Done before, too late, or something of the other account has changed.
fn over() -> PageError {
    let title = TextKey::new("grouping-over-title");
    let text = TextKey::new("grouping-over-text");
    PageError::new(StatusCode::GONE, "regroupement-perime", title, text)
        .way_on(Link::new(
            TextKey::new("grouping-over-again"),
            GroupAccount.path(),
        ))
        .way_on(Link::new(TextKey::new("children-back"), Children.path()))
}

/// The context of `self-service/grouping.html`.
#[derive(Debug, Serialize)]
struct RecapitulationPage {
    action: String,
    back: String,
    kept: String,
    merged: String,
    pupils: Vec<String>,
}

impl RecapitulationPage {
    fn new(proof: &str, kept: &Account, other: &Account, pupils: Vec<String>) -> Self {
        Self {
            action: Recapitulation { proof }.path().into_owned(),
            back: Children.path().into_owned(),
            kept: kept.identifier.to_string(),
            merged: other.identifier.to_string(),
            pupils,
        }
    }
}

impl Page for RecapitulationPage {
    const TEMPLATE: &'static str = "self-service/grouping.html";
    const QUESTION: Option<&'static str> = Some("enfant-manquant");

    fn samples() -> Vec<Self> {
        let sample = |pupils: &[&str]| Self {
            action: "/compte/enfants/ajouter/Sample".into(),
            back: Children.path().into_owned(),
            kept: "c.martin1".into(),
            merged: "m.delatourdauvergnelauraguais1".into(),
            pupils: pupils.iter().map(|name| (*name).to_owned()).collect(),
        };
        let long = "Marie-Charlotte Anne-Sophie de La Tour d’Auvergne-Lauraguais";
        vec![
            sample(&["Zoé MARTIN"]),
            sample(&[]),
            sample(&["Zoé MARTIN", "Léo MARTIN", long]),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<RecapitulationPage>();
    }
}
