//! Setting an authenticator application up: in the place of the one of before, if there
//! was one. Whatever else was signed in to the account ends, since it came without.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    account::PersonKind,
    second_factor::RecoveryCode,
    secret::Token,
    totp::{TotpCode, TotpKey},
};
use idp::{
    enrolment::{Proved, ShownKey, enrol},
    entry::renew_with_code,
    http::account::{RecentlySignedIn, SignedIn},
};
use serde::{Deserialize, Serialize};
use store::{accounts, second_factors::Enrolment};
use web::{FormErrors, Page, PageError, Posted, Route, TextKey};

use super::{
    super::{
        changing::{self, unavailable},
        routes::{Application, SecondFactor},
    },
    Nothing,
    codes::CodesPage,
};
use crate::{
    journeys::{self, Journey, State as JourneyState},
    state::SelfService,
};

const FIELD: &str = "code";
const SEALED_AS: &str = "authenticator key to come";

/// A key that an application is being set up with, sealed.
#[derive(Clone, Serialize, Deserialize)]
struct SettingUp {
    account: domain::ids::AccountId,
    sealed_key: String,
}

impl JourneyState for SettingUp {
    const WHAT: &'static str = "authenticator";
}

/// Makes a key, and leads to the page that shows it.
pub(super) async fn begin(
    State(app): State<SelfService>,
    RecentlySignedIn(signed_in): RecentlySignedIn,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let key = TotpKey::generate(&app.ambient);
    let setting_up = SettingUp {
        account: signed_in.live.account.id,
        sealed_key: app.vault.seal(SEALED_AS, key.as_bytes()),
    };
    let begun = journeys::begin(&app, &signed_in.visit, &setting_up).await;
    let journey = &begun.map_err(unavailable)?.expose();
    Ok(Redirect::to(&Application { journey }.path()).into_response())
}

/// Shows the key.
pub(super) async fn get(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    RecentlySignedIn(signed_in): RecentlySignedIn,
) -> Result<Response, PageError> {
    match open(&app, &signed_in, &name).await? {
        Some((_, key)) => {
            let page = ApplicationPage::new(&signed_in, &name, &key, FormErrors::none());
            Ok(signed_in.view().render(&page))
        }
        None => Ok(Redirect::to(&SecondFactor.path()).into_response()),
    }
}

/// What the page posts.
#[derive(Deserialize)]
pub(super) struct CodeForm {
    #[serde(default)]
    code: String,
}

/// Takes a code of the application: it is the second factor from now on. The recovery
/// codes are shown in the answer, and nowhere again.
pub(super) async fn post(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    RecentlySignedIn(signed_in): RecentlySignedIn,
    Posted(form): Posted<CodeForm>,
) -> Result<Response, PageError> {
    let Some((journey, key)) = open(&app, &signed_in, &name).await? else {
        return Ok(Redirect::to(&SecondFactor.path()).into_response());
    };
    let again = |text| {
        let errors = FormErrors::none().field(FIELD, text);
        let page = ApplicationPage::new(&signed_in, &name, &key, errors);
        let page = signed_in.view().render(&page);
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    let Some(code) = TotpCode::parse_as_written(&form.code) else {
        return again(TextKey::new("factor-code-malformed"));
    };
    let Some(proved) = Proved::by(&key, &code, Enrolment::InForce, &app) else {
        return again(TextKey::new("factor-enrolment-wrong"));
    };
    let ended = journeys::end(&app, &journey).await;
    if !ended.map_err(unavailable)? {
        return Ok(Redirect::to(&SecondFactor.path()).into_response());
    }
    let codes = set_up(&app, &signed_in, &key, proved).await?;
    let entered = renew_with_code(&app, &signed_in.visit, &signed_in.live).await?;
    let page = CodesPage::new(&signed_in, &codes, true);
    Ok(entered.along(signed_in.view().render(&page)))
}

async fn set_up(
    app: &SelfService,
    signed_in: &SignedIn,
    key: &TotpKey,
    proved: Proved,
) -> Result<Vec<RecoveryCode>, PageError> {
    let account = &signed_in.live.account;
    let transaction = changing::begin(app, &signed_in.live).await?;
    let codes = enrol(app, &transaction, &signed_in.visit, account, key, proved).await;
    let codes = codes.map_err(unavailable)?;
    let codes = codes.ok_or_else(PageError::form_expired)?;
    let ended = accounts::end_sessions(&transaction, account.id, app.ambient.now()).await;
    ended.map_err(unavailable)?;
    changing::commit(app, transaction).await?;
    Ok(codes)
}

/// The key that this account is being set up with in this browser.
async fn open(
    app: &SelfService,
    signed_in: &SignedIn,
    name: &str,
) -> Result<Option<(Token, TotpKey)>, PageError> {
    let found = journeys::find::<SettingUp>(app, &signed_in.visit, name).await;
    let Some(Journey { data, name, .. }) = found.map_err(unavailable)? else {
        return Ok(None);
    };
    if data.account != signed_in.live.account.id {
        return Ok(None);
    }
    let key = app.vault.open(SEALED_AS, &data.sealed_key);
    let key = TotpKey::from_bytes(&key.map_err(unavailable)?);
    Ok(key.map(|key| (name, key)))
}

/// The context of `self-service/second_factor_application.html`.
#[derive(Debug, Serialize)]
struct ApplicationPage {
    guardian: bool,
    action: String,
    cancel: String,
    key: ShownKey,
    errors: FormErrors,
}

impl ApplicationPage {
    fn new(signed_in: &SignedIn, journey: &str, key: &TotpKey, errors: FormErrors) -> Self {
        let account = &signed_in.live.account;
        let guardian = account.kind == PersonKind::Guardian;
        let key = ShownKey::new(key, account.identifier.as_str());
        Self::of(guardian, journey, key, errors)
    }

    fn of(guardian: bool, journey: &str, key: ShownKey, errors: FormErrors) -> Self {
        Self {
            guardian,
            action: Application { journey }.path().into_owned(),
            cancel: SecondFactor.path().into_owned(),
            key,
            errors,
        }
    }
}

impl Page for ApplicationPage {
    const TEMPLATE: &'static str = "self-service/second_factor_application.html";
    const QUESTION: Option<&'static str> = Some("verification-en-deux-etapes");

    fn samples() -> Vec<Self> {
        let wrong = FormErrors::none().field(FIELD, TextKey::new("factor-enrolment-wrong"));
        [FormErrors::none(), wrong]
            .map(|errors| Self::of(true, "Sample", ShownKey::sample(), errors))
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<ApplicationPage>();
    }
}
