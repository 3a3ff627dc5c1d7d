//! « Choisir un mot de passe »: a guardian who came through FranceConnect gives the account
//! a password of its own (guide, section 4.4; product.md, Mon compte).

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::account::{Account, PasswordState};
use idp::{
    entry::renew,
    http::{
        account::{RecentlySignedIn, SignedIn},
        routes,
    },
};
use serde::{Deserialize, Serialize};
use web::{FormErrors, Page, PageError, Posted, Route};

use super::{
    password::{change, context},
    routes::ChoosePassword,
};
use crate::{
    done::Done,
    new_password::{Meter, NewPasswordForm},
    state::SelfService,
};

/// Whether an account may be given a password of its own.
pub(super) fn is_offered(app: &SelfService, account: &Account) -> bool {
    app.settings().choose_password && account.password == PasswordState::Absent
}

/// Asks for it.
pub(super) async fn get(
    State(app): State<SelfService>,
    RecentlySignedIn(signed_in): RecentlySignedIn,
) -> Result<Response, PageError> {
    admit(&app, &signed_in)?;
    let page = ChosenPasswordPage::new(&signed_in, FormErrors::none(), None);
    Ok(signed_in.view().render(&page))
}

#[derive(Deserialize)]
pub(super) struct ChosenPasswordForm {
    #[serde(flatten)]
    new: NewPasswordForm,
}

/// Sets it. Whatever else was signed in ends, as at any change of password.
pub(super) async fn post(
    State(app): State<SelfService>,
    RecentlySignedIn(signed_in): RecentlySignedIn,
    Posted(form): Posted<ChosenPasswordForm>,
) -> Result<Response, PageError> {
    admit(&app, &signed_in)?;
    let account = &signed_in.live.account;
    let context = context(&app, account).await?;
    let new = match form.new.read(&context, app.common_passwords()) {
        Ok(new) => new,
        Err(errors) => {
            let page = ChosenPasswordPage::new(&signed_in, errors, form.new.meter(&context));
            let page = signed_in.view().render(&page);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    change(&app, &signed_in, new).await?;
    // The person is who they were: the session goes on at its level.
    let entered = renew(&app, &signed_in.visit, &signed_in.live).await?;
    Ok(Done::Password.along(&app, entered.leading_to(&routes::Account)))
}

fn admit(app: &SelfService, signed_in: &SignedIn) -> Result<(), PageError> {
    if is_offered(app, &signed_in.live.account) {
        Ok(())
    } else {
        Err(PageError::not_found())
    }
}

/// The context of `self-service/chosen_password.html`.
#[derive(Debug, Serialize)]
struct ChosenPasswordPage {
    action: String,
    cancel: String,
    identifier: String,
    meter: Option<Meter>,
    errors: FormErrors,
}

impl ChosenPasswordPage {
    fn new(signed_in: &SignedIn, errors: FormErrors, meter: Option<Meter>) -> Self {
        let identifier = signed_in.live.account.identifier.to_string();
        Self::of(identifier, errors, meter)
    }

    fn of(identifier: String, errors: FormErrors, meter: Option<Meter>) -> Self {
        Self {
            action: ChoosePassword.path().into_owned(),
            cancel: routes::Account.path().into_owned(),
            identifier,
            meter,
            errors,
        }
    }
}

impl Page for ChosenPasswordPage {
    const TEMPLATE: &'static str = "self-service/chosen_password.html";
    const QUESTION: Option<&'static str> = Some("bon-mot-de-passe");

    fn samples() -> Vec<Self> {
        let sample = |meter| Self::of("f.petit10".into(), FormErrors::none(), meter);
        let strong = Meter::of(domain::password::Strength::VeryStrong);
        vec![sample(None), sample(Some(strong))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<ChosenPasswordPage>();
    }
}
