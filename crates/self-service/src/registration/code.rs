//! The code that was sent by SMS.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    code::OneTimeCode,
    ids::{AccountId, ProofId},
};
use idp::{
    app::{App, unavailable},
    http::visit::Visit,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{
    StoreError,
    proofs::{self, CodeTry, NewProof, Purpose},
};
use web::{FormErrors, Page, PageError, Posted, TextKey, headers::Policy};

use super::{
    sending,
    steps::{Code, Resend, Stage, Ways, advance, onward, open},
};
use crate::{
    brake,
    limits::{self, Limit, WAIT},
    state::SelfService,
    ways::Return,
};

const FIELD: &str = "code";

/// For how long a right code lets a person go on.
const PROVEN_FOR: std::time::Duration = std::time::Duration::from_hours(1);

/// Shows the page.
pub(super) async fn get(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
    back: Return,
) -> Result<Response, PageError> {
    let journey = open(&app, &visit, &name, &back).await?;
    let Stage::Code { .. } = journey.data.stage else {
        return Ok(onward(&journey, &back));
    };
    Ok(visit.view.render(&CodePage::new(&name, &back)))
}

/// What the page posts.
#[derive(Deserialize)]
pub(super) struct CodeForm {
    #[serde(default)]
    code: String,
}

/// Takes the code.
pub(super) async fn post(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
    back: Return,
    Posted(form): Posted<CodeForm>,
) -> Result<Response, PageError> {
    let journey = open(&app, &visit, &name, &back).await?;
    let Stage::Code { code } = journey.data.stage else {
        return Ok(onward(&journey, &back));
    };
    let again = |errors| {
        let page = CodePage {
            errors,
            ..CodePage::new(&name, &back)
        };
        Ok((StatusCode::UNPROCESSABLE_ENTITY, visit.view.render(&page)).into_response())
    };
    let Some(typed) = OneTimeCode::parse_as_written(&form.code) else {
        let malformed = TextKey::new("registration-code-malformed");
        return again(FormErrors::none().field(FIELD, malformed));
    };
    let counted = brake::reserve(&app).await?;
    let tried = judge(&app, code, &typed, &journey.data.number.to_string()).await;
    match tried.map_err(unavailable)? {
        Tried::Right(proof) => {
            counted.was_not().await?;
            advance(&app, &visit, journey, Stage::Children { proof }, &back).await
        }
        Tried::Wrong { left } => {
            counted.was_wrong();
            again(wrong(left))
        }
        Tried::Over => {
            counted.was_not().await?;
            again(FormErrors::none().field(FIELD, TextKey::new("registration-code-over")))
        }
    }
}

fn wrong(left: u32) -> FormErrors {
    FormErrors::none()
        .field(FIELD, TextKey::new("registration-code-wrong"))
        .value("left", left.to_string())
}

enum Tried {
    /// With the proof that the next steps stand on.
    Right(String),
    Wrong {
        left: u32,
    },
    Over,
}

/// Tries the code; a right one is spent, and a proof takes its place, in one transaction.
async fn judge(
    app: &App,
    code: ProofId,
    typed: &OneTimeCode,
    number: &str,
) -> Result<Tried, StoreError> {
    let (key, now) = (&app.secrets.codes, app.ambient.now());
    let purpose = Purpose::RegistrationCode;
    let transaction = app.database.begin().await?;
    let tried = proofs::try_code(&transaction, key, purpose, code, Some(typed), now).await?;
    let tried = match tried {
        CodeTry::Right(right) => {
            let new = proof_of(right.account, number);
            let proof = proofs::insert(&transaction, &app.ambient, new).await?;
            Tried::Right(proof.expose())
        }
        CodeTry::Wrong { left } => Tried::Wrong { left },
        CodeTry::Over => Tried::Over,
    };
    transaction.commit().await?;
    Ok(tried)
}

fn proof_of(account: Option<AccountId>, number: &str) -> NewProof {
    NewProof {
        purpose: Purpose::Registration,
        account,
        contact: Some(number.to_owned()),
        details: Value::Null,
        lifetime: PROVEN_FOR,
    }
}

/// A form that has nothing but its proof.
#[derive(Deserialize)]
pub(super) struct Nothing {}

/// Sends another code, in place of the one before; tries that were made still count.
pub(super) async fn resend(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
    back: Return,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let journey = open(&app, &visit, &name, &back).await?;
    let Stage::Code { .. } = journey.data.stage else {
        return Ok(onward(&journey, &back));
    };
    let allowed = limits::allows(&app, Limit::Network, &visit.network).await;
    if !allowed.map_err(unavailable)? {
        return Err(PageError::too_many(WAIT));
    }
    let code = ProofId::new(&app.ambient);
    let registration = journey.data.clone();
    let led = advance(&app, &visit, journey, Stage::Code { code }, &back).await?;
    sending::send_code(&app, &registration, code);
    Ok(led)
}

/// The context of `self-service/registration/code.html`.
#[derive(Debug, Serialize)]
struct CodePage {
    resend: String,
    ways: Ways,
    errors: FormErrors,
}

impl CodePage {
    fn new(journey: &str, back: &Return) -> Self {
        Self {
            resend: back.on(&Resend { journey }),
            ways: Ways::of(&Code { journey }, back),
            errors: FormErrors::none(),
        }
    }
}

impl Page for CodePage {
    const TEMPLATE: &'static str = "self-service/registration/code.html";
    const POLICY: Policy = Policy::Flow;
    const QUESTION: Option<&'static str> = Some("message-non-recu");

    fn samples() -> Vec<Self> {
        let sample = |errors| Self {
            errors,
            ..Self::new("x", &Return::default())
        };
        vec![
            sample(FormErrors::none()),
            sample(wrong(1)),
            sample(wrong(4)),
        ]
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
