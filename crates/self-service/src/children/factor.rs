//! « Code de vérification » of the other account: it is proven as at its own sign-in, and
//! a right password alone does not open one that has a second factor.

use axum::{
    Json,
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
    passkeys::{self, Answered, PasskeyForm, Purpose},
};
use serde::{Deserialize, Serialize};
use store::{accounts, second_factors};
use web::{FormErrors, Page, PageError, Posted, Route, TextKey};

use super::{
    recent_guardian,
    routes::{GroupAccount, GroupingFactor, GroupingPasskey, GroupingPasskeyQuestion},
    search::to_recapitulation,
    unavailable,
};
use crate::{
    journeys::{self, Journey, State as JourneyState},
    state::SelfService,
};

const FIELD: &str = "code";
const CONTROL: &str = "cle-d-acces";

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
            let page = page(&app, &name, &other, FormErrors::none()).await?;
            Ok(signed_in.view().render(&page))
        }
        None => Ok(begin_again()),
    }
}

/// A form that has nothing but its proof.
#[derive(Deserialize)]
pub(super) struct Nothing {}

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
    let code = TotpCode::parse_as_written(&form.code).map(Typed::Code);
    let typed = code.or_else(|| RecoveryCode::parse_as_written(&form.code).map(Typed::Recovery));
    let Some(typed) = typed else {
        let malformed = TextKey::new("factor-code-malformed");
        return again(&app, &signed_in, &name, &other, (FIELD, malformed)).await;
    };
    if !factors::spend(&app, &signed_in.visit, &other, &typed).await? {
        let wrong = TextKey::new("factor-code-wrong");
        return again(&app, &signed_in, &name, &other, (FIELD, wrong)).await;
    }
    go_on(&app, &signed_in, &journey, &other).await
}

/// Asks the device for a passkey of the other account.
pub(super) async fn ask(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    signed_in: RecentlySignedIn,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let signed_in = recent_guardian(signed_in)?;
    let Some((_, other)) = open(&app, &signed_in, &name).await? else {
        return Ok(begin_again());
    };
    let purpose = purpose(&signed_in, &other);
    let question = passkeys::ask(&app, &signed_in.visit, purpose, Some(other.id)).await?;
    Ok(Json(question).into_response())
}

/// Takes the device's answer.
pub(super) async fn by_passkey(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    signed_in: RecentlySignedIn,
    Posted(answered): Posted<Answered>,
) -> Result<Response, PageError> {
    let signed_in = recent_guardian(signed_in)?;
    let Some((journey, other)) = open(&app, &signed_in, &name).await? else {
        return Ok(begin_again());
    };
    let (visit, purpose) = (&signed_in.visit, purpose(&signed_in, &other));
    if !passkeys::prove_second(&app, visit, &purpose, &other, &answered).await? {
        let refused = TextKey::new("passkey-refused");
        return again(&app, &signed_in, &name, &other, (CONTROL, refused)).await;
    }
    go_on(&app, &signed_in, &journey, &other).await
}

/// A reload leads to where it began.
pub(super) async fn back(Path(name): Path<String>) -> Redirect {
    Redirect::to(&GroupingFactor { journey: &name }.path())
}

fn purpose(signed_in: &SignedIn, other: &Account) -> Purpose {
    Purpose::Grouping {
        session: signed_in.live.session.id,
        account: other.id,
    }
}

async fn again(
    app: &SelfService,
    signed_in: &SignedIn,
    name: &str,
    other: &Account,
    (field, text): (&'static str, TextKey),
) -> Result<Response, PageError> {
    let errors = FormErrors::none().field(field, text);
    let page = page(app, name, other, errors).await?;
    let body = signed_in.view().render(&page);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, body).into_response())
}

async fn page(
    app: &SelfService,
    name: &str,
    other: &Account,
    errors: FormErrors,
) -> Result<FactorPage, PageError> {
    let reader = app.database.reader();
    let application = second_factors::has_application(reader, other.id).await;
    let passkeys = store::passkeys::count(reader, other.id).await;
    let has_passkeys = passkeys.map_err(unavailable)? > 0 && app.passkeys.is_some();
    let identifier = other.identifier.to_string();
    Ok(FactorPage {
        application: application.map_err(unavailable)?,
        ..FactorPage::of(name, identifier, has_passkeys, errors)
    })
}

/// The other account is proven; once.
async fn go_on(
    app: &SelfService,
    signed_in: &SignedIn,
    journey: &Journey<Proven>,
    other: &Account,
) -> Result<Response, PageError> {
    if !journeys::end(app, &journey.name)
        .await
        .map_err(unavailable)?
    {
        return Ok(begin_again());
    }
    to_recapitulation(app, signed_in, other).await
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
    /// Whether the other account has an authenticator application.
    application: bool,
    /// Where it has passkeys.
    passkey: Option<PasskeyForm>,
    errors: FormErrors,
}

impl FactorPage {
    fn of(journey: &str, other: String, has_passkeys: bool, errors: FormErrors) -> Self {
        let question = GroupingPasskeyQuestion { journey };
        let form = || PasskeyForm::new(&GroupingPasskey { journey }, &question);
        Self {
            application: true,
            passkey: has_passkeys.then(form),
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
        let refused = FormErrors::none().field(CONTROL, TextKey::new("passkey-refused"));
        let sample = |passkeys, errors| Self::of("Sample", "c.martin2".into(), passkeys, errors);
        vec![
            sample(false, FormErrors::none()),
            sample(false, wrong),
            sample(true, refused),
            Self {
                application: false,
                ..sample(true, FormErrors::none())
            },
        ]
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
