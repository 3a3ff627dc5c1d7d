//! « Modifier le mot de passe », behind a link or a code.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::{identifier::AccountIdentifier, password::Strength, secret::Token};
use idp::http::{routes::Account, visit::Visit};
use serde::{Deserialize, Serialize};
use store::proofs::Purpose;
use web::{FormErrors, Page, PageError, Posted, Route, TextKey};

use super::{
    pages::{DonePage, Kept, WaysOn, again, over},
    routes::{NewPassword, PasswordSet},
    setting::{self, Subject},
    unavailable,
};
use crate::{
    journeys::{self, Journey, State as JourneyState},
    new_password::{Meter, NewPasswordForm},
    state::SelfService,
    ways::Return,
};

const IDENTIFIER: &str = "identifiant";

/// What opened the page.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) enum Way {
    /// A mail's link: whoever reads the mail of a family says whose account it is.
    Link,
    /// A code, asked for by the identifier.
    Code,
}

impl Way {
    /// The proof that is spent with the change.
    pub(super) const fn purpose(self) -> Purpose {
        match self {
            Self::Link => Purpose::PasswordLink,
            Self::Code => Purpose::NewPassword,
        }
    }
}

/// A new password that may be set, in the browser that came with the proof.
#[derive(Serialize, Deserialize)]
struct Allowed {
    way: Way,
    proof: Kept,
}

impl JourneyState for Allowed {
    const WHAT: &'static str = "new password";
}

/// Leads to the page, which spends the proof of this token.
pub(super) async fn begin(
    app: &SelfService,
    visit: &Visit,
    back: &Return,
    way: Way,
    token: &Token,
) -> Result<Response, PageError> {
    let proof = Kept::of(token);
    let name = journeys::begin(app, visit, &Allowed { way, proof }).await;
    let name = name.map_err(unavailable)?.expose();
    Ok(Redirect::to(&back.on(&NewPassword { journey: &name })).into_response())
}

pub(super) async fn get(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
    back: Return,
) -> Result<Response, PageError> {
    let (journey, _) = open(&app, &visit, &name).await?;
    let page = NewPasswordPage::new(&name, &back, journey.data.way);
    Ok(visit.view.render(&page))
}

/// The new password, and by a link whose it is.
#[derive(Deserialize)]
pub(super) struct SetForm {
    #[serde(default)]
    identifiant: String,
    #[serde(flatten)]
    password: NewPasswordForm,
}

/// Sets the password. It signs nobody in.
pub(super) async fn post(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
    back: Return,
    Posted(form): Posted<SetForm>,
) -> Result<Response, PageError> {
    let (journey, subject) = open(&app, &visit, &name).await?;
    let way = journey.data.way;
    let context = setting::context(&app, &subject.account).await;
    let context = context.map_err(unavailable)?;
    let named = check_identifier(way, &form.identifiant, &subject);
    let read = form.password.read(&context, app.common_passwords());
    let password = match read {
        Ok(password) if named.is_empty() => password,
        read => {
            let page = NewPasswordPage {
                identifier: form.identifiant,
                errors: named.and(read.err().unwrap_or_default()),
                meter: form.password.meter(&context),
                ..NewPasswordPage::new(&name, &back, way)
            };
            return Ok(again(&visit, &page).into_response());
        }
    };
    let proof = journey.data.proof.hash();
    setting::set(&app, &visit, way, &proof, subject, password).await?;
    journeys::end(&app, &journey.name)
        .await
        .map_err(unavailable)?;
    Ok(Redirect::to(&back.on(&PasswordSet)).into_response())
}

/// It is done, whoever asks: the page knows nothing.
pub(super) async fn done(
    State(app): State<SelfService>,
    visit: Visit,
    back: Return,
) -> Result<Response, PageError> {
    Ok(visit.view.render(&DonePage {
        title: TextKey::new("recovery-set-title"),
        text: TextKey::new("recovery-set-text"),
        next: TextKey::new("recovery-set-next"),
        button: TextKey::new("recovery-sign-in"),
        target: sign_in(&app, &visit, &back).await?,
    }))
}

/// To the sign-in that waits in this browser; the mail may have been opened in another.
async fn sign_in(app: &SelfService, visit: &Visit, back: &Return) -> Result<String, PageError> {
    let name = back.name().unwrap_or_default();
    let found = app.transactions.find(&name, visit.browser.as_ref()).await;
    Ok(match found.map_err(unavailable)? {
        Ok(_) => back.sign_in(),
        Err(_) => Account.path().into_owned(),
    })
}

async fn open(
    app: &SelfService,
    visit: &Visit,
    name: &str,
) -> Result<(Journey<Allowed>, Subject), PageError> {
    let found = journeys::find::<Allowed>(app, visit, name).await;
    let journey = found.map_err(unavailable)?.ok_or_else(over)?;
    let (way, proof) = (journey.data.way, journey.data.proof.hash());
    let subject = setting::find(app, way, &proof).await;
    let subject = subject.map_err(unavailable)?.ok_or_else(over)?;
    Ok((journey, subject))
}

fn check_identifier(way: Way, typed: &str, subject: &Subject) -> FormErrors {
    let own = &subject.account.identifier;
    let is_own = || AccountIdentifier::parse(typed).is_ok_and(|typed| typed == *own);
    if way == Way::Code || is_own() {
        return FormErrors::none();
    }
    let fault = if typed.trim().is_empty() {
        TextKey::new("recovery-identifier-empty")
    } else {
        TextKey::new("recovery-identifier-other")
    };
    FormErrors::none().field(IDENTIFIER, fault)
}

#[derive(Debug, Serialize)]
struct NewPasswordPage {
    action: String,
    asks_identifier: bool,
    identifier: String,
    errors: FormErrors,
    meter: Option<Meter>,
    ways: WaysOn,
}

impl NewPasswordPage {
    fn new(name: &str, back: &Return, way: Way) -> Self {
        Self {
            action: back.on(&NewPassword { journey: name }),
            asks_identifier: way == Way::Link,
            identifier: String::new(),
            errors: FormErrors::none(),
            meter: None,
            ways: WaysOn::of(back),
        }
    }
}

impl Page for NewPasswordPage {
    const TEMPLATE: &'static str = "self-service/recovery_new_password.html";
    const QUESTION: Option<&'static str> = Some("bon-mot-de-passe");

    fn samples() -> Vec<Self> {
        let back = Return::default();
        let other = TextKey::new("recovery-identifier-other");
        let tried = Self {
            identifier: "l.martin3".into(),
            errors: FormErrors::none().field(IDENTIFIER, other),
            meter: Some(Meter::of(Strength::Fair)),
            ..Self::new("Sample", &back, Way::Link)
        };
        let link = Self::new("Sample", &back, Way::Link);
        vec![link, tried, Self::new("Sample", &back, Way::Code)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<NewPasswordPage>();
    }
}
