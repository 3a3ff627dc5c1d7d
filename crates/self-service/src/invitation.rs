//! An invitation: an officer or administrator sets up their own access with a link that
//! an operator or an administrator gave them. The password is chosen here; the second
//! factor follows as at a first sign-in.

use axum::{
    Router,
    extract::{Path, Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use domain::{
    account::{Account, AccountState},
    audit::{Action, Actor, Target},
    password::PasswordContext,
    secret::{Secret, Token, TokenHash},
};
use idp::{
    entry::{Means, enter_at},
    guard::coarse,
    http::{
        routes::{Account as Home, Invitation},
        visit::Visit,
    },
    notices::tell_of_change,
};
use notify::{NotifyError, messages::WhatChanged};
use serde::{Deserialize, Serialize};
use store::{
    StoreError, accounts,
    audit::{self, Event},
    contacts, invitations, second_factors,
};
use web::{FormErrors, Page, PageError, Posted, Route, TextKey};

use crate::{
    account::changing::unavailable,
    journeys::{self, State as JourneyState},
    new_password::{Meter, NewPasswordForm},
    state::SelfService,
};

/// The page, without the secret in its address.
#[derive(Clone, Copy, Debug)]
struct SetUp<'a> {
    journey: &'a str,
}

impl Route for SetUp<'_> {
    const PATTERN: &'static str = "/invitation/{journey}";

    fn path(&self) -> std::borrow::Cow<'_, str> {
        Self::PATTERN.replace("{journey}", self.journey).into()
    }
}

pub(crate) fn routes() -> Router<SelfService> {
    Router::new()
        .route(Invitation::PATTERN, get(link))
        .route(SetUp::PATTERN, get(show).post(post))
}

/// Somebody who came with the link, in this browser.
#[derive(Serialize, Deserialize)]
struct Invited {
    invitation: [u8; 32],
}

impl JourneyState for Invited {
    const WHAT: &'static str = "invitation";
}

/// What the link carries.
#[derive(Deserialize)]
struct Carried {
    jeton: Option<String>,
}

/// The link: it changes nothing, and takes the token out of the address.
async fn link(
    State(app): State<SelfService>,
    visit: Visit,
    Query(carried): Query<Carried>,
) -> Result<Response, PageError> {
    let token = carried.jeton.as_deref().and_then(Token::parse);
    let name = match token {
        Some(token) => {
            let invitation = *token.hash().as_bytes();
            let begun = journeys::begin(&app, &visit, &Invited { invitation }).await;
            begun.map_err(unavailable)?
        }
        // A name that no journey has.
        None => Token::generate(&app.ambient),
    };
    let page = Redirect::to(
        &SetUp {
            journey: &name.expose(),
        }
        .path(),
    );
    let mut response = page.into_response();
    let none = HeaderValue::from_static("no-referrer");
    response.headers_mut().insert(header::REFERRER_POLICY, none);
    Ok(response)
}

/// Asks for a password.
async fn show(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
) -> Result<Response, PageError> {
    let (_, account) = open(&app, &visit, &name).await?;
    let page = InvitationPage::new(&name, &account, FormErrors::none(), None);
    Ok(visit.view.render(&page))
}

/// What the page posts.
#[derive(Deserialize)]
struct InvitationForm {
    #[serde(flatten)]
    new: NewPasswordForm,
}

/// Spends the invitation: the password is the person's own, the factor of before is none
/// any more, and what was signed in has ended. The sign-in goes on to the second factor.
async fn post(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
    Posted(form): Posted<InvitationForm>,
) -> Result<Response, PageError> {
    let (invitation, account) = open(&app, &visit, &name).await?;
    let context = PasswordContext::default()
        .person(&account.name)
        .identifier(&account.identifier);
    let new = match form.new.read(&context, app.common_passwords()) {
        Ok(new) => new,
        Err(errors) => {
            let meter = form.new.meter(&context);
            let page = InvitationPage::new(&name, &account, errors, meter);
            let page = visit.view.render(&page);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let account = set_up(&app, &visit, &invitation, new).await?;
    app.notifier.nudge();
    let home = Home.path().into_owned();
    enter_at(&app, &visit, home, &account, Means::password()).await
}

async fn set_up(
    app: &SelfService,
    visit: &Visit,
    invitation: &TokenHash,
    new: Secret,
) -> Result<Account, PageError> {
    let Ok(hash) = app.passwords.hash(new).await else {
        return Err(PageError::busy(std::time::Duration::from_secs(3)));
    };
    let written = write(app, visit, invitation, &hash).await;
    written.map_err(unavailable)?.ok_or_else(over)
}

/// The whole effect in one transaction; none where somebody was first.
async fn write(
    app: &SelfService,
    visit: &Visit,
    invitation: &TokenHash,
    hash: &str,
) -> Result<Option<Account>, NotifyError> {
    let transaction = app.database.begin().await?;
    let now = app.ambient.now();
    let Some(id) = invitations::spend(&transaction, invitation, now).await? else {
        return Ok(None);
    };
    accounts::lock(&transaction, id).await?;
    let account = accounts::find_by_id(&transaction, id).await?;
    let Some(account) = account.filter(may_be_set_up) else {
        return Ok(None);
    };
    let before = contacts::find_all(&transaction, id).await?;
    let set = match account.state {
        AccountState::Known => accounts::activate(&transaction, id, Some(hash), now).await?,
        _ => accounts::set_password(&transaction, id, hash, now).await?,
    };
    if !set {
        return Ok(None);
    }
    // A new beginning: the person sets up a first factor again.
    second_factors::forget(&transaction, id).await?;
    let (actor, target) = (Actor::Account(id), Target::Account(id));
    let event = Event::new(Action::InvitationUsed, actor, target);
    let event = event.from_network(coarse(&visit.network));
    audit::record(&transaction, &app.ambient, event).await?;
    tell_of_change(app, &transaction, &account, WhatChanged::Password, &before).await?;
    transaction.commit().await.map_err(StoreError::from)?;
    Ok(accounts::find_by_id(app.database.writer(), id).await?)
}

/// Officers and administrators, never activated or in use.
fn may_be_set_up(account: &Account) -> bool {
    let state = matches!(account.state, AccountState::Known | AccountState::Active);
    state && account.kind.must_have_second_factor()
}

/// The invitation that this browser came with, and whose it is, as long as it is good.
async fn open(
    app: &SelfService,
    visit: &Visit,
    name: &str,
) -> Result<(TokenHash, Account), PageError> {
    let found = journeys::find::<Invited>(app, visit, name).await;
    let journey = found.map_err(unavailable)?.ok_or_else(over)?;
    let invitation = TokenHash::from_slice(&journey.data.invitation).ok_or_else(over)?;
    let (reader, now) = (app.database.reader(), app.ambient.now());
    let id = invitations::find(reader, &invitation, now).await;
    let id = id.map_err(unavailable)?.ok_or_else(over)?;
    let account = accounts::find_by_id(reader, id)
        .await
        .map_err(unavailable)?;
    let account = account.filter(may_be_set_up).ok_or_else(over)?;
    Ok((invitation, account))
}

/// The link was used, replaced, or too old.
fn over() -> PageError {
    let title = TextKey::new("invitation-over-title");
    let text = TextKey::new("invitation-over-text");
    PageError::new(StatusCode::GONE, "lien-termine", title, text)
}

/// The context of `self-service/invitation.html`.
#[derive(Debug, Serialize)]
struct InvitationPage {
    action: String,
    person: String,
    identifier: String,
    meter: Option<Meter>,
    errors: FormErrors,
}

impl InvitationPage {
    fn new(journey: &str, account: &Account, errors: FormErrors, meter: Option<Meter>) -> Self {
        Self {
            action: SetUp { journey }.path().into_owned(),
            person: account.name.full(),
            identifier: account.identifier.to_string(),
            meter,
            errors,
        }
    }
}

impl Page for InvitationPage {
    const TEMPLATE: &'static str = "self-service/invitation.html";
    const QUESTION: Option<&'static str> = Some("verification-en-deux-etapes");

    fn samples() -> Vec<Self> {
        let sample = |errors| Self {
            action: SetUp { journey: "Sample" }.path().into_owned(),
            person: "Odile RENAUD".into(),
            identifier: "ecole.college".into(),
            meter: None,
            errors,
        };
        let empty = TextKey::new("new-password-empty");
        let empty = FormErrors::none().field("nouveau-mot-de-passe", empty);
        vec![sample(FormErrors::none()), sample(empty)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<InvitationPage>();
    }
}
