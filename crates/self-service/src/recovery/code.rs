//! The code of an SMS (guide, section 4.3.4).

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    code::OneTimeCode,
    ids::ProofId,
    secret::{Secret, Token},
};
use idp::http::visit::Visit;
use notify::messages::PasswordCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{
    StoreError,
    proofs::{self, CodeTry, NewProof, Proof, Purpose},
};
use web::{FormErrors, Page, PageError, Posted, TextKey};

use super::{
    new_password::{self, Way},
    pages::{WaysOn, admit, again, over},
    routes::{EnterCode, ResendCode},
    sending, unavailable,
};
use crate::{
    code_tries::{self, Tried},
    journeys::{self, Journey, State as JourneyState},
    state::SelfService,
    ways::Return,
};

const CODE: &str = "code";

/// Somebody who asked for a code, in the browser that asked.
#[derive(Serialize, Deserialize)]
struct Asked {
    /// As it was typed, for another code.
    identifier: String,
    proof: ProofId,
}

impl JourneyState for Asked {
    const WHAT: &'static str = "password code";
}

/// Makes a code and leads to the page that asks for it, whoever was named.
pub(super) async fn begin(
    app: &SelfService,
    visit: &Visit,
    back: &Return,
    identifier: &str,
) -> Result<Response, PageError> {
    let made = sending::make_password_code(app, identifier).await;
    let made = made.map_err(unavailable)?;
    let asked = Asked {
        identifier: identifier.to_owned(),
        proof: made.proof,
    };
    let name = journeys::begin(app, visit, &asked).await;
    let name = name.map_err(unavailable)?.expose();
    made.send(app);
    Ok(Redirect::to(&back.on(&EnterCode { journey: &name })).into_response())
}

pub(super) async fn get(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
    back: Return,
) -> Result<Response, PageError> {
    open(&app, &visit, &name).await?;
    let page = CodePage::new(&name, &back, FormErrors::none());
    Ok(visit.view.render(&page))
}

/// A code.
#[derive(Deserialize)]
pub(super) struct CodeForm {
    code: Secret,
}

/// Tries the code; the right one leads to the new password.
pub(super) async fn post(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
    back: Return,
    Posted(form): Posted<CodeForm>,
) -> Result<Response, PageError> {
    let journey = open(&app, &visit, &name).await?;
    let typed = form.code.expose();
    let fault = if typed.trim().is_empty() {
        TextKey::new("recovery-code-empty")
    } else {
        match code_tries::check(&app, try_code(&app, journey.data.proof, typed)).await? {
            Ok(token) => return lead_on(&app, &visit, &back, &journey, &token).await,
            Err(fault) => fault,
        }
    };
    let page = CodePage::new(&name, &back, FormErrors::none().field(CODE, fault));
    Ok(again(&visit, &page).into_response())
}

/// Sends another code in place of the one before; tries are not given again.
pub(super) async fn resend(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
    back: Return,
    Posted(_): Posted<Nothing>,
) -> Result<Response, PageError> {
    let mut journey = open(&app, &visit, &name).await?;
    admit(&app, &visit).await?;
    let made = sending::make_password_code(&app, &journey.data.identifier).await;
    let made = made.map_err(unavailable)?;
    journey.data.proof = made.proof;
    let replaced = journeys::replace(&app, &visit, &journey).await;
    if !replaced.map_err(unavailable)? {
        return Err(over());
    }
    made.send(&app);
    Ok(Redirect::to(&back.on(&EnterCode { journey: &name })).into_response())
}

/// A form that has nothing but its proof.
#[derive(Deserialize)]
pub(super) struct Nothing {}

async fn open(app: &SelfService, visit: &Visit, name: &str) -> Result<Journey<Asked>, PageError> {
    let found = journeys::find::<Asked>(app, visit, name).await;
    found.map_err(unavailable)?.ok_or_else(over)
}

/// Spends the code and makes the proof of the next step, in one transaction.
async fn try_code(
    app: &SelfService,
    proof: ProofId,
    typed: &str,
) -> Result<Tried<Token>, StoreError> {
    let typed = OneTimeCode::parse_as_written(typed);
    let now = app.ambient.now();
    let (key, purpose) = (&app.secrets.codes, Purpose::PasswordCode);
    let transaction = app.database.begin().await?;
    let tried = proofs::try_code(&transaction, key, purpose, proof, typed.as_ref(), now).await?;
    let tried = match tried {
        CodeTry::Right(proof) => {
            let next = next_step(proof);
            Tried::Right(proofs::insert(&transaction, &app.ambient, next).await?)
        }
        CodeTry::Wrong { left } => Tried::Wrong { left },
        CodeTry::Over => Tried::Over,
    };
    transaction.commit().await?;
    Ok(tried)
}

fn next_step(code: Proof) -> NewProof {
    NewProof {
        purpose: Purpose::NewPassword,
        account: code.account,
        contact: code.contact,
        details: json!({}),
        lifetime: PasswordCode::LIFETIME,
    }
}

async fn lead_on(
    app: &SelfService,
    visit: &Visit,
    back: &Return,
    journey: &Journey<Asked>,
    token: &Token,
) -> Result<Response, PageError> {
    // The next step stands before this one ends: a node that dies in between leaves one.
    let led = new_password::begin(app, visit, back, Way::Code, token).await?;
    let ended = journeys::end(app, &journey.name).await;
    ended.map_err(unavailable)?;
    Ok(led)
}

#[derive(Debug, Serialize)]
struct CodePage {
    action: String,
    resend: String,
    errors: FormErrors,
    ways: WaysOn,
}

impl CodePage {
    fn new(name: &str, back: &Return, errors: FormErrors) -> Self {
        Self {
            action: back.on(&EnterCode { journey: name }),
            resend: back.on(&ResendCode { journey: name }),
            errors,
            ways: WaysOn::of(back),
        }
    }
}

impl Page for CodePage {
    const TEMPLATE: &'static str = "self-service/lost_password_code.html";
    const QUESTION: Option<&'static str> = Some("message-non-recu");

    fn samples() -> Vec<Self> {
        let back = Return::default();
        let faults = [
            TextKey::new("recovery-code-empty"),
            TextKey::new("recovery-code-wrong"),
            TextKey::new("recovery-code-over"),
        ];
        let pages = faults.map(|fault| FormErrors::none().field(CODE, fault));
        let errors = std::iter::once(FormErrors::none()).chain(pages);
        errors
            .map(|errors| Self::new("Sample", &back, errors))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<CodePage>();
    }
}
