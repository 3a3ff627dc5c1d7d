//! The sign-in page.

use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    account::{Account, Entry},
    acr::{Acr, Amr},
    audit::{Action, Actor, Target},
    identifier::AccountIdentifier,
    secret::{Secret, Token},
};
use serde::{Deserialize, Serialize};
use store::{
    StoreError,
    accounts::{self, AccountWithHash},
    audit::{self, Event},
    grants,
};
use web::{FormErrors, Page, PageError, Posted, Route, TextKey, headers::Policy};

use super::{
    pages::open,
    routes::{NotActivated, SignIn},
    visit::Visit,
};
use crate::{
    app::{App, unavailable},
    flow::{Turn, advance},
    guard::{Admission, Reserved, coarse},
    notices,
    passwords::Verdict,
    transactions::{Destination, Transaction},
};

/// How long a person is asked to wait when all password workers are taken.
const BUSY_WAIT: std::time::Duration = std::time::Duration::from_secs(3);

/// Shows the page, or leads on where the session will do.
pub(super) async fn get(
    State(app): State<App>,
    Path(name): Path<String>,
    visit: Visit,
) -> Result<Response, PageError> {
    let step = open(&app, &visit, &name).await?;
    let identifier = suggested(&step.transaction, &visit);
    match advance(&app, &visit.view, visit.session.as_ref(), step).await? {
        Turn::SignIn(name) => {
            let page = SignInPage::new(&name.expose(), identifier, FormErrors::none());
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
    let identifier = form.identifiant.clone();
    let again = |errors| {
        let page = SignInPage::new(&name, identifier, errors);
        Ok((StatusCode::UNPROCESSABLE_ENTITY, visit.view.render(&page)).into_response())
    };
    let empty = empty_fields(&form);
    if !empty.is_empty() {
        return again(empty);
    }
    match try_password(&app, &visit, form).await? {
        Outcome::Session(account) => begin_session(&app, &visit, &account, &name).await,
        Outcome::Activation => {
            Ok(Redirect::to(&NotActivated { transaction: &name }.path()).into_response())
        }
        Outcome::Refused => {
            let refused = TextKey::new("sign-in-refused");
            again(FormErrors::none().whole("identifiant", refused))
        }
    }
}

/// What a try came to.
enum Outcome {
    Session(Box<Account>),
    Activation,
    Refused,
}

async fn try_password(app: &App, visit: &Visit, form: SignInForm) -> Result<Outcome, PageError> {
    let identifier = AccountIdentifier::parse(&form.identifiant).ok();
    let found = match &identifier {
        Some(identifier) => accounts::find_by_identifier(app.database.reader(), identifier).await,
        None => Ok(None),
    };
    let found = found.map_err(unavailable)?;
    let typed = form.identifiant.trim().to_lowercase();
    let account = found.as_ref().map(|found| found.account.id);
    let admission = app
        .guard
        .reserve(&visit.headers, &visit.network, &typed, account)
        .await
        .map_err(unavailable)?;
    match admission {
        Admission::Wait(wait) => Err(PageError::too_many(wait)),
        Admission::Go(reserved) => {
            judge(app, visit, found, Secret::new(form.password), reserved).await
        }
    }
}

/// Computes the password whether or not there is an account, then says what it opens.
async fn judge(
    app: &App,
    visit: &Visit,
    found: Option<AccountWithHash>,
    password: Secret,
    reserved: Reserved,
) -> Result<Outcome, PageError> {
    let hash = found.as_ref().and_then(|found| found.password_hash.clone());
    let Ok(verdict) = app.passwords.verify(password, hash.clone()).await else {
        app.guard.take_back(reserved).await.map_err(unavailable)?;
        return Err(PageError::busy(BUSY_WAIT));
    };
    let account = found.map(|found| found.account);
    match (account, verdict) {
        (Some(account), Verdict::Right { stronger }) => {
            let outcome = opened(account, app);
            if matches!(outcome, Outcome::Refused) {
                return Ok(outcome);
            }
            app.guard.forgive(reserved).await.map_err(unavailable)?;
            strengthen(app, &outcome, hash, stronger).await?;
            Ok(outcome)
        }
        (account, _) => {
            if reserved.begins_to_slow_strangers() {
                notices::tell_of_slowed_sign_in(app, visit.network.clone(), account);
            }
            Ok(Outcome::Refused)
        }
    }
}

fn opened(account: Account, app: &App) -> Outcome {
    match account.entry_by_password(app.ambient.now()) {
        Entry::Session => Outcome::Session(Box::new(account)),
        Entry::Activation => Outcome::Activation,
        Entry::Nothing => Outcome::Refused,
    }
}

async fn strengthen(
    app: &App,
    outcome: &Outcome,
    old: Option<String>,
    new: Option<String>,
) -> Result<(), PageError> {
    if let (Outcome::Session(account), Some(old), Some(new)) = (outcome, old, new) {
        accounts::strengthen_hash(app.database.writer(), account.id, &old, &new)
            .await
            .map_err(unavailable)?;
    }
    Ok(())
}

/// Begins a session and goes back to the page, which leads on.
async fn begin_session(
    app: &App,
    visit: &Visit,
    account: &Account,
    name: &str,
) -> Result<Response, PageError> {
    // Written down first: nobody is signed in without a trace.
    record(app, visit, account).await.map_err(unavailable)?;
    let before = visit.session.as_ref();
    let (_, session_cookie) = app
        .sessions
        .begin(account, Acr::Password, &[Amr::Pwd], before)
        .await
        .map_err(unavailable)?;
    let known_cookie = app.guard.remember(&visit.headers, account.id);
    let mut response = Redirect::to(&SignIn { transaction: name }.path()).into_response();
    set_cookies(&mut response, [session_cookie, known_cookie]);
    Ok(response)
}

/// Writes the sign-in down, and ends what hung on another person's session in this
/// browser: two people share a computer, never a session.
async fn record(app: &App, visit: &Visit, account: &Account) -> Result<(), StoreError> {
    let event = Event::new(
        Action::SignedIn,
        Actor::Account(account.id),
        Target::Account(account.id),
    );
    let event = event.from_network(coarse(&visit.network));
    let other = visit
        .session
        .as_ref()
        .filter(|live| live.account.id != account.id);
    let Some(other) = other else {
        // One statement needs no transaction around it.
        return audit::record(app.database.writer(), &app.ambient, event).await;
    };
    let transaction = app.database.begin().await?;
    grants::end_with_session(&transaction, other.session.id, app.ambient.now()).await?;
    audit::record(&transaction, &app.ambient, event).await?;
    transaction.commit().await?;
    Ok(())
}

fn set_cookies(response: &mut Response, cookies: [HeaderValue; 2]) {
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
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
        Destination::Page(_) => None,
    };
    let hint = hint.filter(|hint| AccountIdentifier::parse(hint).is_ok());
    hint.or(signed_in).unwrap_or_default()
}

fn show_service(app: &App, visit: &Visit, transaction: &Transaction) {
    let Destination::Client(request) = &transaction.destination else {
        return;
    };
    if let Some(client) = app.clients.find(&request.client_id) {
        visit.view.set_service(&client.registration.client_name);
        visit.view.prefer_locales(&request.ui_locales.join(" "));
    }
}

/// The context of `idp/sign_in.html`.
#[derive(Debug, Serialize)]
struct SignInPage {
    action: String,
    identifier: String,
    identifier_fixed: bool,
    errors: FormErrors,
}

impl SignInPage {
    fn new(name: &str, identifier: String, errors: FormErrors) -> Self {
        Self {
            action: SignIn { transaction: name }.path().into_owned(),
            identifier,
            identifier_fixed: false,
            errors,
        }
    }
}

impl Page for SignInPage {
    const TEMPLATE: &'static str = "idp/sign_in.html";
    const POLICY: Policy = Policy::Flow;

    fn samples() -> Vec<Self> {
        let name = Token::from_bytes([7; 32]).expose();
        let refused = FormErrors::none().whole("identifiant", TextKey::new("sign-in-refused"));
        vec![
            Self::new(&name, String::new(), FormErrors::none()),
            Self::new(&name, "c.martin1".into(), refused),
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
