//! « Modifier mon mot de passe » (guide, section 4.4.1).

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    account::{Account, PasswordState},
    acr::Acr,
    audit::Action,
    password::PasswordContext,
    secret::Secret,
};
use idp::{
    credentials::{self, Opened},
    entry::renew,
    http::{
        account::{RECENT, SignedIn, again_where_late},
        routes,
    },
};
use notify::messages::WhatChanged;
use serde::{Deserialize, Serialize};
use store::{
    accounts, contacts, people,
    proofs::{self, Purpose},
};
use web::{FormErrors, Page, PageError, Posted, Route, TextKey};

use super::{
    changing::{self, unavailable},
    routes::ChangePassword,
};
use crate::{
    done::Done,
    new_password::{Meter, NewPasswordForm},
    state::SelfService,
};

/// What a change of password ends beside sessions: ways in and changes under way that
/// somebody else may have begun.
const ENDED: [Purpose; 6] = [
    Purpose::PasswordLink,
    Purpose::PasswordCode,
    Purpose::NewPassword,
    Purpose::EmailConfirmation,
    Purpose::PhoneConfirmation,
    Purpose::Grouping,
];

/// Asks for the present password and a new one.
pub(super) async fn get(
    State(app): State<SelfService>,
    signed_in: SignedIn,
) -> Result<Response, PageError> {
    has_password(&signed_in.live.account)?;
    if let Some(asked) = two_factors_lately(&app, &signed_in).await {
        return Ok(asked);
    }
    Ok(signed_in.view().render(&PasswordPage::new(&signed_in)))
}

#[derive(Deserialize)]
pub(super) struct PasswordForm {
    #[serde(rename = "mot-de-passe-actuel")]
    present: Secret,
    #[serde(flatten)]
    new: NewPasswordForm,
}

/// Changes the password. The present one is checked as at a sign-in, so that whoever
/// finds a session open guesses no faster here.
pub(super) async fn post(
    State(app): State<SelfService>,
    signed_in: SignedIn,
    Posted(form): Posted<PasswordForm>,
) -> Result<Response, PageError> {
    let account = &signed_in.live.account;
    has_password(account)?;
    if let Some(asked) = two_factors_lately(&app, &signed_in).await {
        return Ok(asked);
    }
    let context = context(&app, account).await?;
    let new = match form.new.read(&context, app.common_passwords()) {
        Ok(new) => new,
        Err(errors) => return Ok(refused(&signed_in, &form, &context, errors)),
    };
    if !is_right(&app, &signed_in, form.present.clone()).await? {
        let wrong = TextKey::new("account-password-wrong");
        let errors = FormErrors::none().field("mot-de-passe-actuel", wrong);
        return Ok(refused(&signed_in, &form, &context, errors));
    }
    change(&app, &signed_in, new).await?;
    // What was signed in until now has ended, here too: this browser begins anew.
    let entered = renew(&app, &signed_in.visit, &signed_in.live).await?;
    Ok(Done::Password.along(&app, entered.leading_to(&routes::Account)))
}

/// Whoever has a second factor is asked for it as well, as at a sign-in: the way to the
/// sign-in where that was not lately.
async fn two_factors_lately(app: &SelfService, signed_in: &SignedIn) -> Option<Response> {
    let path = ChangePassword.path().into_owned();
    if signed_in.live.reaches(Acr::SecondFactor) {
        return again_where_late(app, signed_in, RECENT, path).await;
    }
    None
}

/// An account without a password of its own has none to change.
fn has_password(account: &Account) -> Result<(), PageError> {
    match account.password {
        PasswordState::Chosen => Ok(()),
        PasswordState::Absent | PasswordState::Provisional { .. } => Err(PageError::not_found()),
    }
}

async fn is_right(
    app: &SelfService,
    signed_in: &SignedIn,
    present: Secret,
) -> Result<bool, PageError> {
    let account = &signed_in.live.account;
    let identifier = account.identifier.as_str();
    let opened = credentials::check(app, &signed_in.visit, identifier, present).await?;
    Ok(matches!(opened, Opened::Account(opened) if opened.id == account.id))
}

/// Sets it, ends all that was signed in, and tells the owner.
pub(super) async fn change(
    app: &SelfService,
    signed_in: &SignedIn,
    new: Secret,
) -> Result<(), PageError> {
    let account = &signed_in.live.account;
    let hash = app.passwords.hash(new).await;
    let hash = hash.map_err(|_| PageError::busy(std::time::Duration::from_secs(3)))?;
    let transaction = changing::begin(app, &signed_in.live).await?;
    let before = contacts::find_all(&transaction, account.id)
        .await
        .map_err(unavailable)?;
    let now = app.ambient.now();
    let changed = accounts::set_password(&transaction, account.id, &hash, now).await;
    if !changed.map_err(unavailable)? {
        return Err(PageError::form_expired());
    }
    proofs::end_of_account(&transaction, account.id, &ENDED, now)
        .await
        .map_err(unavailable)?;
    let event = changing::own_event(Action::PasswordChanged, account, &signed_in.visit);
    changing::record(app, &transaction, event).await?;
    let what = WhatChanged::Password;
    idp::notices::tell_of_change(app, &transaction, account, what, &before)
        .await
        .map_err(unavailable)?;
    changing::commit(app, transaction).await
}

/// What the password must not be made of.
pub(super) async fn context(
    app: &SelfService,
    account: &Account,
) -> Result<PasswordContext, PageError> {
    let facts = people::find_whole(app.database.reader(), account.id).await;
    let facts = facts.map_err(unavailable)?;
    let own = PasswordContext::default()
        .person(&account.name)
        .identifier(&account.identifier);
    let schools = facts.iter().flat_map(|facts| {
        let childrens = facts.children.iter().flat_map(|child| &child.schools);
        facts.schools.iter().chain(childrens)
    });
    Ok(schools.fold(own, |context, school| context.school(&school.name)))
}

fn refused(
    signed_in: &SignedIn,
    form: &PasswordForm,
    context: &PasswordContext,
    errors: FormErrors,
) -> Response {
    let mut page = PasswordPage::new(signed_in);
    page.meter = form.new.meter(context);
    page.errors = errors;
    let page = signed_in.view().render(&page);
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

#[derive(Debug, Serialize)]
struct PasswordPage {
    action: String,
    cancel: String,
    identifier: String,
    guardian: bool,
    meter: Option<Meter>,
    errors: FormErrors,
}

impl PasswordPage {
    fn new(signed_in: &SignedIn) -> Self {
        let account = &signed_in.live.account;
        Self {
            action: ChangePassword.path().into_owned(),
            cancel: routes::Account.path().into_owned(),
            identifier: account.identifier.to_string(),
            guardian: account.kind == domain::account::PersonKind::Guardian,
            meter: None,
            errors: FormErrors::none(),
        }
    }
}

impl Page for PasswordPage {
    const TEMPLATE: &'static str = "self-service/password.html";
    const QUESTION: Option<&'static str> = Some("bon-mot-de-passe");

    fn samples() -> Vec<Self> {
        let sample = |errors, meter| Self {
            action: ChangePassword.path().into_owned(),
            cancel: routes::Account.path().into_owned(),
            identifier: "c.martin1".into(),
            guardian: true,
            meter,
            errors,
        };
        let wrong = TextKey::new("account-password-wrong");
        let strong = Meter::of(domain::password::Strength::VeryStrong);
        vec![
            sample(FormErrors::none(), None),
            sample(
                FormErrors::none().field("mot-de-passe-actuel", wrong),
                Some(strong),
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<PasswordPage>();
    }
}
