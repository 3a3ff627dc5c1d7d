//! « Code de vérification » of the other account: it is proven as at its own sign-in, and
//! a right password alone does not open one that has a second factor.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    account::Account,
    ids::{AccountId, SessionId},
    second_factor::{RecoveryCode, Standing},
    totp::TotpCode,
};
use idp::{
    factors::{self, Typed},
    http::account::{RecentlySignedIn, SignedIn},
};
use serde::{Deserialize, Serialize};
use store::{accounts, second_factors};
use web::{FormErrors, Page, PageError, Posted, Route, TextKey};

use super::{
    recent_guardian,
    routes::{GroupAccount, GroupingFactor},
    search::to_recapitulation,
    unavailable,
};
use crate::{
    journeys::{self, Journey, State as JourneyState},
    state::SelfService,
};

const FIELD: &str = "code";

/// A right password of another account, typed in a session.
#[derive(Clone, Serialize, Deserialize)]
struct Proven {
    other: AccountId,
    session: SessionId,
    at: jiff::Timestamp,
}

impl JourneyState for Proven {
    const WHAT: &'static str = "grouping";
}

/// Whether the other account has a second factor.
pub(super) async fn demanded(app: &SelfService, other: &Account) -> Result<bool, PageError> {
    let standing = second_factors::standing(app.database.reader(), other.id).await;
    Ok(standing.map_err(unavailable)? == Standing::InForce)
}

/// Remembers that its password was right, and leads to the page that asks for the code.
pub(super) async fn begin(
    app: &SelfService,
    signed_in: &SignedIn,
    other: &Account,
) -> Result<Response, PageError> {
    let proven = Proven {
        other: other.id,
        session: signed_in.live.session.id,
        at: app.ambient.now(),
    };
    let begun = journeys::begin(app, &signed_in.visit, &proven).await;
    let journey = &begun.map_err(unavailable)?.expose();
    Ok(Redirect::to(&GroupingFactor { journey }.path()).into_response())
}

/// Asks for the code.
pub(super) async fn get(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    signed_in: RecentlySignedIn,
) -> Result<Response, PageError> {
    let signed_in = recent_guardian(signed_in)?;
    match open(&app, &signed_in, &name).await? {
        Some((_, other)) => {
            let page = FactorPage::new(&name, &other, FormErrors::none());
            Ok(signed_in.view().render(&page))
        }
        None => Ok(begin_again()),
    }
}

/// What the page posts.
#[derive(Deserialize)]
pub(super) struct CodeForm {
    #[serde(default)]
    code: String,
}

/// Takes the code, or a recovery code.
pub(super) async fn post(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    signed_in: RecentlySignedIn,
    Posted(form): Posted<CodeForm>,
) -> Result<Response, PageError> {
    let signed_in = recent_guardian(signed_in)?;
    let Some((journey, other)) = open(&app, &signed_in, &name).await? else {
        return Ok(begin_again());
    };
    let again = |text| {
        let errors = FormErrors::none().field(FIELD, text);
        let page = signed_in
            .view()
            .render(&FactorPage::new(&name, &other, errors));
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    let code = TotpCode::parse_as_written(&form.code).map(Typed::Code);
    let typed = code.or_else(|| RecoveryCode::parse_as_written(&form.code).map(Typed::Recovery));
    let Some(typed) = typed else {
        return again(TextKey::new("factor-code-malformed"));
    };
    if !factors::spend(&app, &signed_in.visit, &other, &typed).await? {
        return again(TextKey::new("factor-code-wrong"));
    }
    if !journeys::end(&app, &journey.name)
        .await
        .map_err(unavailable)?
    {
        return Ok(begin_again());
    }
    to_recapitulation(&app, &signed_in, &other).await
}

fn begin_again() -> Response {
    Redirect::to(&GroupAccount.path()).into_response()
}

/// The account whose password was right in this very session, if nothing has ended its
/// sessions since.
async fn open(
    app: &SelfService,
    signed_in: &SignedIn,
    name: &str,
) -> Result<Option<(Journey<Proven>, Account)>, PageError> {
    let found = journeys::find::<Proven>(app, &signed_in.visit, name).await;
    let ours = found.map_err(unavailable)?;
    let ours = ours.filter(|journey| journey.data.session == signed_in.live.session.id);
    let Some(journey) = ours else {
        return Ok(None);
    };
    let other = accounts::find_by_id(app.database.reader(), journey.data.other).await;
    let other = other.map_err(unavailable)?;
    let other = other.filter(|other| other.upholds(journey.data.at));
    Ok(other.map(|other| (journey, other)))
}

/// The context of `self-service/grouping_factor.html`.
#[derive(Debug, Serialize)]
struct FactorPage {
    action: String,
    back: String,
    other: String,
    errors: FormErrors,
}

impl FactorPage {
    fn new(journey: &str, other: &Account, errors: FormErrors) -> Self {
        Self::of(journey, other.identifier.to_string(), errors)
    }

    fn of(journey: &str, other: String, errors: FormErrors) -> Self {
        Self {
            action: GroupingFactor { journey }.path().into_owned(),
            back: GroupAccount.path().into_owned(),
            other,
            errors,
        }
    }
}

impl Page for FactorPage {
    const TEMPLATE: &'static str = "self-service/grouping_factor.html";
    const QUESTION: Option<&'static str> = Some("code-de-verification");

    fn samples() -> Vec<Self> {
        let wrong = FormErrors::none().field(FIELD, TextKey::new("factor-code-wrong"));
        [FormErrors::none(), wrong]
            .map(|errors| Self::of("Sample", "c.martin2".into(), errors))
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<FactorPage>();
    }
}
