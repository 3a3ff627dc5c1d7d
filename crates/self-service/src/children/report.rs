//! « Je ne suis pas le représentant légal de cet élève » (guide, section 4.4.5).

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::ids::AccountId;
use idp::{
    App,
    http::account::{RecentlySignedIn, SignedIn},
    notices::tell_of_change,
};
use notify::{NotifyError, messages::WhatChanged};
use serde::{Deserialize, Serialize};
use store::{
    StoreError, contacts,
    link_reports::{self, Reported},
    people,
};
use web::{Page, PageError, Posted, Route};

use super::{
    list::Done,
    recent_guardian,
    routes::{Children, ChildrenAfter, ReportLink},
    unavailable,
};
use crate::state::SelfService;

/// Says what will happen; or, for the only child, why nothing can.
pub(super) async fn get(
    State(app): State<SelfService>,
    Path(pupil): Path<String>,
    signed_in: RecentlySignedIn,
) -> Result<Response, PageError> {
    let signed_in = recent_guardian(signed_in)?;
    let page = page(&app, &signed_in, parse(&pupil)?).await?;
    Ok(signed_in.view().render(&page))
}

/// A form that has nothing but its proof.
#[derive(Deserialize)]
pub(super) struct Nothing {}

/// « Confirmer ».
pub(super) async fn post(
    State(app): State<SelfService>,
    Path(pupil): Path<String>,
    signed_in: RecentlySignedIn,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let signed_in = recent_guardian(signed_in)?;
    let pupil = parse(&pupil)?;
    match report(&app, &signed_in, pupil).await.map_err(unavailable)? {
        Reported::Done => {
            app.notifier.nudge();
            Ok(Redirect::to(&ChildrenAfter(Done::Signalement).path()).into_response())
        }
        // Pressed twice, or ended meanwhile: the cards say what is so.
        Reported::NotTheirs => Ok(Redirect::to(&Children.path()).into_response()),
        Reported::OnlyLink => {
            let page = page(&app, &signed_in, pupil).await?;
            let body = signed_in.view().render(&page);
            Ok((StatusCode::CONFLICT, body).into_response())
        }
    }
}

async fn report(
    app: &App,
    signed_in: &SignedIn,
    pupil: AccountId,
) -> Result<Reported, NotifyError> {
    let account = &signed_in.live.account;
    let transaction = app.database.begin().await?;
    let reported = link_reports::report(&transaction, &app.ambient, account.id, pupil).await?;
    if reported == Reported::Done {
        let contacts = contacts::find_all(&transaction, account.id).await?;
        let what = WhatChanged::Children;
        tell_of_change(app, &transaction, account, what, &contacts).await?;
        transaction.commit().await.map_err(StoreError::from)?;
    }
    Ok(reported)
}

/// The page of one of the guardian's own children; of another's there is none.
async fn page(app: &App, signed_in: &SignedIn, pupil: AccountId) -> Result<ReportPage, PageError> {
    let own = signed_in.live.account.id;
    let children = people::find_children(app.database.reader(), own)
        .await
        .map_err(unavailable)?;
    let is_only = children.len() == 1;
    let child = children.into_iter().find(|child| child.account == pupil);
    let child = child.ok_or_else(PageError::not_found)?;
    let route = ReportLink { pupil };
    Ok(ReportPage {
        action: route.path().into_owned(),
        back: Children.path().into_owned(),
        child: child.name.full(),
        only: is_only,
    })
}

fn parse(pupil: &str) -> Result<AccountId, PageError> {
    pupil.parse().map_err(|_| PageError::not_found())
}

/// The context of `self-service/report_link.html`.
#[derive(Debug, Serialize)]
struct ReportPage {
    action: String,
    back: String,
    child: String,
    only: bool,
}

impl Page for ReportPage {
    const TEMPLATE: &'static str = "self-service/report_link.html";
    const QUESTION: Option<&'static str> = Some("pas-mon-enfant");

    fn samples() -> Vec<Self> {
        let sample = |child: &str, only| Self {
            action: "/compte/enfants/Sample/signalement".into(),
            back: Children.path().into_owned(),
            child: child.into(),
            only,
        };
        let long = "Marie-Charlotte Anne-Sophie de La Tour d’Auvergne-Lauraguais";
        vec![
            sample("Adam DUBOIS", false),
            sample("Lina DUBOIS", true),
            sample(long, false),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<ReportPage>();
    }
}
