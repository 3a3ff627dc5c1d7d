//! « Vérifiez vos enfants »: at the sign-in after a report, the guardian is asked once
//! whether it was meant (guide, section 4.4.5).

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::{ids::AccountId, secret::Token};
use serde::{Deserialize, Serialize};
use store::{
    StoreError,
    link_reports::{self, OpenReport},
};
use web::{Page, PageError, Posted, Route, headers::Policy};

use super::{
    pages::open,
    routes::{SignIn, VerifyChildren},
    visit::Visit,
};
use crate::{
    app::{App, unavailable},
    flow::{Turn, advance},
    sessions::LiveSession,
};

/// Asks about the first report, or leads on where there is none.
pub(super) async fn get(
    State(app): State<App>,
    Path(name): Path<String>,
    visit: Visit,
) -> Result<Response, PageError> {
    let step = open(&app, &visit, &name).await?;
    let turn = advance(&app, &visit.view, visit.session.as_ref(), step).await?;
    match (turn, &visit.session) {
        (Turn::VerifyChildren(name, reports), Some(live)) => {
            let page = reports
                .first()
                .map(|first| VerifyPage::new(&name, live, first));
            Ok(page.map_or_else(
                || to_sign_in(&name.expose()),
                |page| visit.view.render(&page),
            ))
        }
        (turn, _) => Ok(turn.into_redirect()),
    }
}

/// What the page posts: the button that was pressed, for which child, by whom.
#[derive(Deserialize)]
pub(super) struct VerifyForm {
    choix: Choice,
    eleve: String,
    personne: String,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Choice {
    Retablir,
    Maintenir,
}

/// Takes the guardian's word, once.
pub(super) async fn post(
    State(app): State<App>,
    Path(name): Path<String>,
    visit: Visit,
    Posted(form): Posted<VerifyForm>,
) -> Result<Response, PageError> {
    open(&app, &visit, &name).await?;
    // Two people may share a computer: only the one whom the page asked has answered.
    let asked = visit
        .session
        .as_ref()
        .filter(|live| live.account.id.to_string() == form.personne);
    if let (Some(live), Ok(pupil)) = (asked, form.eleve.parse()) {
        answer(&app, live, pupil, &form.choix)
            .await
            .map_err(unavailable)?;
    }
    Ok(to_sign_in(&name))
}

async fn answer(
    app: &App,
    live: &LiveSession,
    pupil: AccountId,
    choice: &Choice,
) -> Result<(), StoreError> {
    let (guardian, since) = (live.account.id, live.session.auth_time);
    let transaction = app.database.begin().await?;
    // Where it was answered in another tab, that answer stands.
    let _ = match choice {
        Choice::Retablir => {
            link_reports::restore(&transaction, &app.ambient, guardian, pupil, since).await?
        }
        Choice::Maintenir => {
            link_reports::keep(&transaction, &app.ambient, guardian, pupil, since).await?
        }
    };
    transaction.commit().await?;
    Ok(())
}

fn to_sign_in(name: &str) -> Response {
    Redirect::to(&SignIn { transaction: name }.path()).into_response()
}

/// The context of `idp/verify_children.html`.
#[derive(Debug, Serialize)]
struct VerifyPage {
    action: String,
    pupil: String,
    pupil_id: String,
    person_id: String,
    upheld_by: Vec<String>,
}

impl VerifyPage {
    fn new(name: &Token, live: &LiveSession, report: &OpenReport) -> Self {
        let name = name.expose();
        let route = VerifyChildren { transaction: &name };
        Self {
            action: route.path().into_owned(),
            pupil: report.name.full(),
            pupil_id: report.pupil.to_string(),
            person_id: live.account.id.to_string(),
            upheld_by: report.upheld_by.clone(),
        }
    }
}

impl Page for VerifyPage {
    const TEMPLATE: &'static str = "idp/verify_children.html";
    const POLICY: Policy = Policy::Flow;
    const QUESTION: Option<&'static str> = Some("pas-mon-enfant");

    fn samples() -> Vec<Self> {
        let sample = |pupil: &str, schools: &[&str]| Self {
            action: "/connexion/Sample/enfants".into(),
            pupil: pupil.into(),
            pupil_id: "Sample".into(),
            person_id: "Sample".into(),
            upheld_by: schools.iter().map(|&school| school.to_owned()).collect(),
        };
        let long = "Marie-Charlotte Anne-Sophie de La Tour d’Auvergne-Lauraguais";
        vec![
            sample("Adam DUBOIS", &[]),
            sample(long, &["Collège Simon-Lavigne", "École des Tilleuls"]),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<VerifyPage>();
    }
}
