//! « Recherchez le compte »: the other account is proven as at its own sign-in.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    account::Account,
    grouping::{Obstacle, obstacle},
    secret::Secret,
};
use idp::{
    credentials::{self, Opened},
    http::account::{RecentlySignedIn, SignedIn},
};
use serde::{Deserialize, Serialize};
use store::groupings;
use web::{FormErrors, Page, PageError, Posted, Route, TextKey};

use super::{
    factor, keeper, recent_guardian,
    routes::{Children, GroupAccount, Recapitulation},
    unavailable,
};
use crate::state::SelfService;

/// Asks for identifier and password of the other account.
pub(super) async fn get(signed_in: RecentlySignedIn) -> Result<Response, PageError> {
    let signed_in = recent_guardian(signed_in)?;
    let page = SearchPage::new(&signed_in, String::new(), FormErrors::none());
    Ok(signed_in.view().render(&page))
}

/// What the page posts.
#[derive(Deserialize)]
pub(super) struct SearchForm {
    #[serde(default)]
    identifiant: String,
    #[serde(default, rename = "mot-de-passe")]
    password: String,
}

/// Checks them with the tries, the delays and the answer of a sign-in. What may be said
/// plainly is said after a right password alone.
pub(super) async fn post(
    State(app): State<SelfService>,
    signed_in: RecentlySignedIn,
    Posted(form): Posted<SearchForm>,
) -> Result<Response, PageError> {
    let signed_in = recent_guardian(signed_in)?;
    let empty = empty_fields(&form);
    if !empty.is_empty() {
        return Ok(again(&signed_in, form.identifiant, empty));
    }
    let password = Secret::new(form.password);
    let visit = &signed_in.visit;
    let opened = credentials::check(&app, visit, &form.identifiant, password).await?;
    match judge(&signed_in.live.account, opened) {
        Ok(other) if factor::demanded(&app, &other).await? => {
            factor::begin(&app, &signed_in, &other).await
        }
        Ok(other) => to_recapitulation(&app, &signed_in, &other).await,
        Err(refused) => {
            let errors = FormErrors::none().whole("identifiant", refused);
            Ok(again(&signed_in, form.identifiant, errors))
        }
    }
}

fn judge(own: &Account, opened: Opened) -> Result<Box<Account>, TextKey> {
    let other = match opened {
        Opened::Account(other) | Opened::Activation(other) => other,
        Opened::Nothing => return Err(TextKey::new("sign-in-refused")),
    };
    match obstacle(own, &other) {
        None => Ok(other),
        Some(Obstacle::OwnAccount) => Err(TextKey::new("grouping-own-account")),
        Some(Obstacle::NotAGuardian) => Err(TextKey::new("grouping-not-a-guardian")),
        Some(Obstacle::OtherNames) => Err(TextKey::new("grouping-other-names")),
    }
}

/// Leads to what the grouping would bring: the other account was proven.
pub(super) async fn to_recapitulation(
    app: &SelfService,
    signed_in: &SignedIn,
    other: &Account,
) -> Result<Response, PageError> {
    let writer = app.database.writer();
    let proof = groupings::prove(writer, &app.ambient, keeper(signed_in), other)
        .await
        .map_err(unavailable)?
        .expose();
    Ok(Redirect::to(&Recapitulation { proof: &proof }.path()).into_response())
}

fn empty_fields(form: &SearchForm) -> FormErrors {
    let mut errors = FormErrors::none();
    if form.identifiant.trim().is_empty() {
        errors = errors.field("identifiant", TextKey::new("grouping-identifier-empty"));
    }
    if form.password.is_empty() {
        errors = errors.field("mot-de-passe", TextKey::new("grouping-password-empty"));
    }
    errors
}

fn again(signed_in: &SignedIn, identifier: String, errors: FormErrors) -> Response {
    let page = SearchPage::new(signed_in, identifier, errors);
    let body = signed_in.view().render(&page);
    (StatusCode::UNPROCESSABLE_ENTITY, body).into_response()
}

/// The context of `self-service/group_account.html`.
#[derive(Debug, Serialize)]
struct SearchPage {
    action: String,
    back: String,
    own_identifier: String,
    own_name: String,
    identifier: String,
    errors: FormErrors,
}

impl SearchPage {
    fn new(signed_in: &SignedIn, identifier: String, errors: FormErrors) -> Self {
        let account = &signed_in.live.account;
        Self::of(
            account.identifier.to_string(),
            account.name.full(),
            identifier,
            errors,
        )
    }

    fn of(
        own_identifier: String,
        own_name: String,
        identifier: String,
        errors: FormErrors,
    ) -> Self {
        Self {
            action: GroupAccount.path().into_owned(),
            back: Children.path().into_owned(),
            own_identifier,
            own_name,
            identifier,
            errors,
        }
    }
}

impl Page for SearchPage {
    const TEMPLATE: &'static str = "self-service/group_account.html";
    const QUESTION: Option<&'static str> = Some("enfant-manquant");

    fn samples() -> Vec<Self> {
        let sample = |identifier: &str, errors| {
            Self::of(
                "c.martin1".into(),
                "Claire MARTIN".into(),
                identifier.into(),
                errors,
            )
        };
        let refused = TextKey::new("grouping-other-names");
        let empty = SearchForm {
            identifiant: String::new(),
            password: String::new(),
        };
        vec![
            sample("", FormErrors::none()),
            sample(
                "n.dubois5",
                FormErrors::none().whole("identifiant", refused),
            ),
            sample("", empty_fields(&empty)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<SearchPage>();
    }
}
