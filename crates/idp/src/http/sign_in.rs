//! The sign-in page.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    account::PasswordState,
    identifier::AccountIdentifier,
    ids::AccountId,
    secret::{Secret, Token},
};
use serde::{Deserialize, Serialize};
use store::{StoreError, activations};
use web::{FormErrors, Page, PageError, Posted, Route, TextKey, headers::Policy};

use super::{
    activation,
    pages::{open, show_service},
    passkey::CONTROL,
    routes::{
        LostIdentifier, LostPassword, OtherPerson, Registration, SignIn, SignInPasskey,
        SignInPasskeyQuestion,
    },
    upstream::{Way, Ways, ways},
    visit::Visit,
};
use crate::{
    app::{App, unavailable},
    credentials::{self, Opened},
    entry::{Means, enter},
    flow::{Step, Turn, advance},
    passkeys::PasskeyForm,
    protocol::decision::SignInReason,
    transactions::{Destination, Transaction},
};

/// Shows the page, or leads on where the session will do.
pub(super) async fn get(
    State(app): State<App>,
    Path(name): Path<String>,
    visit: Visit,
) -> Result<Response, PageError> {
    let step = open(&app, &visit, &name).await?;
    let identifier = suggested(&step.transaction, &visit);
    let ways = ways(&app, &visit, &step.transaction, &name);
    let has_no_password = has_no_password(&step.transaction, &visit, &name);
    match advance(&app, &visit.view, visit.session.as_ref(), step).await? {
        Turn::SignIn(name, reason) => {
            let alone = has_no_password.filter(|alone| alone.is_for(reason));
            let page = SignInPage::new(&name.expose(), identifier, FormErrors::none());
            let page = page.with(ways).without_password(alone);
            let page = page.with_passkeys(&app, &name.expose());
            Ok(visit.view.render(&page))
        }
        turn => Ok(turn.into_redirect()),
    }
}

/// What the page posts.
#[derive(Deserialize)]
pub(super) struct SignInForm {
    #[serde(default)]
    identifiant: String,
    #[serde(default, rename = "mot-de-passe")]
    password: String,
}

/// Takes identifier and password.
pub(super) async fn post(
    State(app): State<App>,
    Path(name): Path<String>,
    visit: Visit,
    Posted(form): Posted<SignInForm>,
) -> Result<Response, PageError> {
    let step = open(&app, &visit, &name).await?;
    show_service(&app, &visit, &step.transaction);
    let empty = empty_fields(&form);
    if !empty.is_empty() {
        return Ok(shown_again(
            &app,
            &visit,
            &step,
            &name,
            form.identifiant,
            empty,
        ));
    }
    let password = Secret::new(form.password);
    match credentials::check(&app, &visit, &form.identifiant, password).await? {
        Opened::Account(account) => {
            let means = Means::password();
            enter(&app, &visit, &name, &account, means).await
        }
        Opened::Activation(account) => {
            let holder = hold(&app, account.id).await.map_err(unavailable)?;
            activation::begin(&app, step, &name, account.id, holder).await
        }
        Opened::Nothing => {
            let refused = TextKey::new("sign-in-refused");
            let errors = FormErrors::none().whole("identifiant", refused);
            Ok(shown_again(
                &app,
                &visit,
                &step,
                &name,
                form.identifiant,
                errors,
            ))
        }
    }
}

/// The page again, with what was wrong about another way in.
pub(super) fn again(
    app: &App,
    visit: &Visit,
    step: &Step,
    name: &str,
    errors: FormErrors,
) -> Response {
    let identifier = suggested(&step.transaction, visit);
    shown_again(app, visit, step, name, identifier, errors)
}

fn shown_again(
    app: &App,
    visit: &Visit,
    step: &Step,
    name: &str,
    identifier: String,
    errors: FormErrors,
) -> Response {
    let ways = ways(app, visit, &step.transaction, name);
    let page = SignInPage::new(name, identifier, errors).with(ways);
    let page = page.with_passkeys(app, name);
    (StatusCode::UNPROCESSABLE_ENTITY, visit.view.render(&page)).into_response()
}

/// Whoever signs in with the provisional password holds the activation from now on.
async fn hold(app: &App, account: AccountId) -> Result<Option<Token>, StoreError> {
    let transaction = app.database.begin().await?;
    let holder = activations::begin(&transaction, &app.ambient, account).await?;
    transaction.commit().await?;
    Ok(holder)
}

fn empty_fields(form: &SignInForm) -> FormErrors {
    let mut errors = FormErrors::none();
    if form.identifiant.trim().is_empty() {
        errors = errors.field("identifiant", TextKey::new("sign-in-identifier-empty"));
    }
    if form.password.is_empty() {
        errors = errors.field("mot-de-passe", TextKey::new("sign-in-password-empty"));
    }
    errors
}

/// Whom to fill in: who is signed in and must sign in again, or the client's hint.
fn suggested(transaction: &Transaction, visit: &Visit) -> String {
    let signed_in = visit
        .session
        .as_ref()
        .map(|live| live.account.identifier.to_string());
    let hint = match &transaction.destination {
        Destination::Client(request) => request.login_hint.clone(),
        Destination::Page { .. } => None,
    };
    let hint = hint.filter(|hint| AccountIdentifier::parse(hint).is_ok());
    hint.or(signed_in).unwrap_or_default()
}

/// The page of an account that is signed in and has no password: its owner signs in again
/// through an upstream alone.
struct UpstreamAlone {
    /// Where somebody else says so, where it may be somebody else.
    other_person: Option<String>,
}

impl UpstreamAlone {
    /// A page of ours is for its owner, whatever the reason. A service that wants the same
    /// person again does not ask who that is.
    const fn is_for(&self, reason: SignInReason) -> bool {
        self.other_person.is_none() || matches!(reason, SignInReason::Asked | SignInReason::TooOld)
    }
}

fn has_no_password(transaction: &Transaction, visit: &Visit, name: &str) -> Option<UpstreamAlone> {
    let own = visit.session.as_ref().map(|live| &live.account);
    let own = own.filter(|own| own.password == PasswordState::Absent)?;
    let other_person = match &transaction.destination {
        Destination::Page { account, .. } if *account == Some(own.id) => None,
        Destination::Page { .. } => return None,
        Destination::Client(request) => {
            let hint = request.login_hint.as_deref();
            let hint = hint.and_then(|hint| AccountIdentifier::parse(hint).ok());
            if hint.is_some_and(|hint| hint != own.identifier) {
                return None;
            }
            let other = OtherPerson { transaction: name };
            Some(other.path().into_owned())
        }
    };
    Some(UpstreamAlone { other_person })
}

/// The context of `idp/sign_in.html`.
#[derive(Debug, Serialize)]
struct SignInPage {
    action: String,
    identifier: String,
    identifier_fixed: bool,
    upstreams: Ways,
    upstream_alone: bool,
    other_person: Option<String>,
    /// Where there are passkeys.
    passkey: Option<PasskeyForm>,
    errors: FormErrors,
    registration: String,
    lost_identifier: String,
    lost_password: String,
}

impl SignInPage {
    fn new(name: &str, identifier: String, errors: FormErrors) -> Self {
        Self {
            action: SignIn { transaction: name }.path().into_owned(),
            identifier,
            identifier_fixed: false,
            upstreams: Ways::new(),
            upstream_alone: false,
            other_person: None,
            passkey: None,
            errors,
            registration: beside(&Registration, name),
            lost_identifier: beside(&LostIdentifier, name),
            lost_password: beside(&LostPassword, name),
        }
    }

    fn with_passkeys(self, app: &App, name: &str) -> Self {
        let form = || Self::passkey_form(name);
        Self {
            passkey: app.passkeys.as_ref().map(|_| form()),
            ..self
        }
    }

    fn passkey_form(transaction: &str) -> PasskeyForm {
        let question = SignInPasskeyQuestion { transaction };
        PasskeyForm::new(&SignInPasskey { transaction }, &question)
    }

    fn with(self, upstreams: Ways) -> Self {
        Self { upstreams, ..self }
    }

    /// Where there is an upstream, else the page would lead nowhere.
    fn without_password(self, alone: Option<UpstreamAlone>) -> Self {
        let alone = alone.filter(|_| !self.upstreams.is_empty());
        Self {
            upstream_alone: alone.is_some(),
            other_person: alone.and_then(|alone| alone.other_person),
            ..self
        }
    }
}

/// A journey that comes back to this sign-in.
fn beside(route: &impl Route, name: &str) -> String {
    format!("{}?connexion={name}", route.path())
}

impl Page for SignInPage {
    const TEMPLATE: &'static str = "idp/sign_in.html";
    const POLICY: Policy = Policy::Flow;
    const QUESTION: Option<&'static str> = Some("mot-de-passe-refuse");

    fn samples() -> Vec<Self> {
        let name = Token::from_bytes([7; 32]).expose();
        let refused = FormErrors::none().whole("identifiant", TextKey::new("sign-in-refused"));
        let not_known = FormErrors::none().field(CONTROL, TextKey::new("passkey-refused"));
        let alone = |other_person| {
            Self::new(&name, "f.petit10".into(), FormErrors::none())
                .with(vec![Way::sample()])
                .without_password(Some(UpstreamAlone { other_person }))
        };
        vec![
            Self::new(&name, String::new(), FormErrors::none()),
            Self::new(&name, "c.martin1".into(), refused).with(vec![Way::sample()]),
            Self {
                passkey: Some(Self::passkey_form(&name)),
                ..Self::new(&name, String::new(), not_known)
            },
            alone(None),
            alone(Some(OtherPerson { transaction: &name }.path().into_owned())),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<SignInPage>();
    }
}
