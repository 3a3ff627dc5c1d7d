//! The code for the mobile number that the school knows: asked of a guardian for whom an
//! upstream vouches, where no school knows their whole date of birth.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{code::OneTimeCode, contact::PhoneNumber, ids::ProofId};
use idp::{
    app::{App, unavailable},
    http::visit::Visit,
};
use notify::{Language, NotifyError, Recipient, messages::RegistrationCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{
    DatabaseTransaction, StoreError,
    activations::{self, NumberProof, Vouched},
    proofs::{self, CodeTry, NewProof, Purpose},
    vault::hmac_sha256,
};
use web::{FormErrors, Page, PageError, Posted, Route, TextKey, headers::Policy};

use super::steps::{Children, Code, Held, SendCode, Ways, expired, open_vouched};
use crate::{
    brake,
    limits::{self, Limit, WAIT},
    state::SelfService,
};

const FIELD: &str = "code";
const PURPOSE: Purpose = Purpose::RegistrationCode;

/// Shows the page.
pub(super) async fn get(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
) -> Result<Response, PageError> {
    let asking = match open(&app, &visit, &name).await? {
        Ok(asking) => asking,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let page = CodePage::new(&name, asking.code.is_some(), FormErrors::none());
    Ok(visit.view.render(&page))
}

/// A form that has nothing but its proof.
#[derive(Deserialize)]
pub(super) struct Nothing {}

/// Sends a code, in place of the one before; tries that were made still count.
pub(super) async fn send(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let asking = match open(&app, &visit, &name).await? {
        Ok(asking) => asking,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let counts = [
        (Limit::Network, visit.network.as_str()),
        (Limit::Contact, asking.number.as_str()),
        (Limit::RegistrationSms, ""),
    ];
    for (limit, key) in counts {
        let allowed = limits::allows(&app, limit, key).await;
        if !allowed.map_err(unavailable)? {
            return Err(PageError::too_many(WAIT));
        }
    }
    if !write(&app, &asking).await.map_err(unavailable)? {
        return Err(expired(&name));
    }
    app.notifier.nudge();
    Ok(asking.held.furthest())
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
    Posted(form): Posted<CodeForm>,
) -> Result<Response, PageError> {
    let asking = match open(&app, &visit, &name).await? {
        Ok(asking) => asking,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let again = |errors| {
        let page = CodePage::new(&name, true, errors);
        Ok((StatusCode::UNPROCESSABLE_ENTITY, visit.view.render(&page)).into_response())
    };
    let Some(code) = asking.code else {
        return Ok(asking.held.furthest());
    };
    let Some(typed) = OneTimeCode::parse_as_written(&form.code) else {
        let malformed = TextKey::new("registration-code-malformed");
        return again(FormErrors::none().field(FIELD, malformed));
    };
    let counted = brake::reserve(&app).await?;
    match judge(&app, &asking, code, &typed)
        .await
        .map_err(unavailable)?
    {
        Some(CodeTry::Right(_)) => {
            counted.was_not().await?;
            asking.held.keep_waiting(&app).await?;
            let next = Children { transaction: &name };
            Ok(Redirect::to(&next.path()).into_response())
        }
        Some(CodeTry::Wrong { left }) => {
            counted.was_wrong();
            again(
                FormErrors::none()
                    .field(FIELD, TextKey::new("registration-code-wrong"))
                    .value("left", left.to_string()),
            )
        }
        Some(CodeTry::Over) => {
            counted.was_not().await?;
            again(FormErrors::none().field(FIELD, TextKey::new("registration-code-over")))
        }
        None => {
            counted.was_not().await?;
            Err(expired(&name))
        }
    }
}

/// An activation that waits for the code.
struct Asking {
    held: Box<Held>,
    vouched: Vouched,
    number: PhoneNumber,
    code: Option<ProofId>,
}

impl Asking {
    fn with(&self, number: NumberProof) -> Vouched {
        Vouched {
            number,
            ..self.vouched.clone()
        }
    }
}

async fn open(app: &App, visit: &Visit, name: &str) -> Result<Result<Asking, Response>, PageError> {
    let (held, vouched) = match open_vouched(app, visit, name).await? {
        Ok(opened) => opened,
        Err(elsewhere) => return Ok(Err(elsewhere)),
    };
    let NumberProof::Needed { number, code } = vouched.number.clone() else {
        return Ok(Err(held.furthest()));
    };
    Ok(Ok(Asking {
        held,
        vouched,
        number,
        code,
    }))
}

/// Makes a code and its message, and remembers the code in the activation. `false` where
/// that is held no more.
async fn write(app: &App, asking: &Asking) -> Result<bool, NotifyError> {
    let transaction = app.database.begin().await?;
    let code = enqueue(app, &transaction, asking).await?;
    let number = asking.number.clone();
    let vouched = asking.with(NumberProof::Needed {
        number,
        code: Some(code),
    });
    let kept = keep(app, &transaction, asking, &vouched).await?;
    if kept {
        transaction.commit().await.map_err(StoreError::from)?;
    }
    Ok(kept)
}

async fn enqueue(
    app: &App,
    transaction: &DatabaseTransaction,
    asking: &Asking,
) -> Result<ProofId, NotifyError> {
    let (account, key) = (&asking.held.account, &app.secrets.codes);
    let counted_as = hmac_sha256(key, account.identifier.as_str().as_bytes());
    let new = NewProof {
        purpose: PURPOSE,
        account: Some(account.id),
        contact: Some(asking.number.to_string()),
        details: Value::Null,
        lifetime: RegistrationCode::CODE_LIFETIME,
    };
    let (id, code) = proofs::insert_code(transaction, &app.ambient, key, &counted_as, new).await?;
    let recipient = Recipient {
        account: Some(account.id),
        address: asking.number.clone().into(),
        language: Language::of_tag(&account.locale),
    };
    let message = RegistrationCode {
        code: code.expose().to_owned(),
    };
    app.notifier
        .enqueue(transaction, &recipient, &message)
        .await?;
    Ok(id)
}

/// Tries the code; where it is right, the activation remembers that, in one transaction.
/// None where that is held no more.
async fn judge(
    app: &App,
    asking: &Asking,
    code: ProofId,
    typed: &OneTimeCode,
) -> Result<Option<CodeTry>, StoreError> {
    let (key, now) = (&app.secrets.codes, app.ambient.now());
    let transaction = app.database.begin().await?;
    let tried = proofs::try_code(&transaction, key, PURPOSE, code, Some(typed), now).await?;
    if matches!(tried, CodeTry::Right(_)) {
        let number = asking.number.clone();
        let vouched = asking.with(NumberProof::Given { number });
        if !keep(app, &transaction, asking, &vouched).await? {
            return Ok(None);
        }
    }
    transaction.commit().await?;
    Ok(Some(tried))
}

async fn keep(
    app: &App,
    transaction: &DatabaseTransaction,
    asking: &Asking,
    vouched: &Vouched,
) -> Result<bool, StoreError> {
    let (held, now) = (&asking.held, app.ambient.now());
    let (vault, holder) = (&app.vault, &held.holder);
    activations::put_vouched(transaction, vault, held.id(), holder, vouched, now).await
}

/// The context of `self-service/activation/code.html`.
#[derive(Debug, Serialize)]
struct CodePage {
    sent: bool,
    send: String,
    ways: Ways,
    errors: FormErrors,
}

impl CodePage {
    fn new(transaction: &str, sent: bool, errors: FormErrors) -> Self {
        let action = Code { transaction }.path().into_owned();
        Self {
            sent,
            send: SendCode { transaction }.path().into_owned(),
            ways: Ways::posting_to(action, transaction),
            errors,
        }
    }
}

impl Page for CodePage {
    const TEMPLATE: &'static str = "self-service/activation/code.html";
    const POLICY: Policy = Policy::Flow;
    const QUESTION: Option<&'static str> = Some("message-non-recu");

    fn samples() -> Vec<Self> {
        let over = FormErrors::none().field(FIELD, TextKey::new("registration-code-over"));
        vec![
            Self::new("x", false, FormErrors::none()),
            Self::new("x", true, FormErrors::none()),
            Self::new("x", true, over),
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
