//! « Recherchez le compte »: the other account is proven as at its own sign-in.

use axum::{
    extract::{Path, State},
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
    http::{
        account::{RecentlySignedIn, SignedIn},
        upstream::{Way, Ways, proving, ways_by},
    },
};
use serde::{Deserialize, Serialize};
use store::groupings;
use web::{FormErrors, Page, PageError, Posted, Route, TextKey, headers::Policy};

use super::{
    factor, keeper, recent_guardian,
    routes::{Children, GroupAccount, ProveThrough, Recapitulation},
    unavailable,
};
use crate::state::SelfService;

/// Asks for identifier and password of the other account.
pub(super) async fn get(
    State(app): State<SelfService>,
    signed_in: RecentlySignedIn,
) -> Result<Response, PageError> {
    let signed_in = recent_guardian(signed_in)?;
    let page = SearchPage::new(&app, &signed_in, String::new(), FormErrors::none());
    Ok(signed_in.view().render(&page))
}

/// A form that has nothing but its proof.
#[derive(Deserialize)]
pub(super) struct Nothing {}

/// Goes to an upstream, whose answer proves the account that it opens: whoever has no
/// password has no other proof.
pub(super) async fn through(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    signed_in: RecentlySignedIn,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let signed_in = RecentlySignedIn(recent_guardian(signed_in)?);
    let upstream = app.upstreams.find(&name);
    let upstream = upstream.ok_or_else(PageError::not_found)?;
    let path = GroupAccount.path().into_owned();
    proving::begin(&app, &signed_in, upstream, path).await
}

/// Where somebody is led who had to sign in again.
pub(super) async fn back() -> Redirect {
    Redirect::to(&GroupAccount.path())
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
        return Ok(again(&app, &signed_in, form.identifiant, empty));
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
            Ok(again(&app, &signed_in, form.identifiant, errors))
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

fn again(
    app: &SelfService,
    signed_in: &SignedIn,
    identifier: String,
    errors: FormErrors,
) -> Response {
    let page = SearchPage::new(app, signed_in, identifier, errors);
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
    upstreams: Ways,
    errors: FormErrors,
}

impl SearchPage {
    fn new(
        app: &SelfService,
        signed_in: &SignedIn,
        identifier: String,
        errors: FormErrors,
    ) -> Self {
        let account = &signed_in.live.account;
        let (own, name) = (account.identifier.to_string(), account.name.full());
        let upstreams = ways_by(app, |upstream| {
            ProveThrough { upstream }.path().into_owned()
        });
        Self {
            upstreams,
            ..Self::of(own, name, identifier, errors)
        }
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
            upstreams: Ways::new(),
            errors,
        }
    }
}

impl Page for SearchPage {
    const TEMPLATE: &'static str = "self-service/group_account.html";
    const POLICY: Policy = Policy::Flow;
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
            Self {
                upstreams: vec![Way::sample()],
                ..sample("", FormErrors::none())
            },
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
