//! The code, and then the bond.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::{account::Account, code::OneTimeCode, contact::Channel, ids::ProofId, secret::Secret};
use idp::http::{upstream::binding::Bearer, visit::Visit};
use notify::NotifyError;
use serde::{Deserialize, Serialize};
use store::{
    ConnectionTrait, StoreError, accounts, contacts,
    proofs::{self, CodeTry, Proof, Purpose},
};
use web::{FormErrors, Page, PageError, Posted, Route, TextKey, headers::Policy};

use super::{
    ask::back,
    bearer, over,
    routes::{BindingCode, ResendBindingCode},
    sending, unavailable,
};
use crate::{
    code_tries::{self, Tried},
    journeys::{self, Journey, State as JourneyState},
    recovery::pages::{WaysOn, admit, again},
    state::SelfService,
    ways::Return,
};

const CODE: &str = "code";

/// Somebody who asked for a code, in the browser that asked.
#[derive(Serialize, Deserialize)]
pub(super) struct Asked {
    /// The name under which their identity waits.
    pub(super) identity: String,
    /// As it was typed, for another code.
    pub(super) identifier: String,
    pub(super) by_mail: bool,
    pub(super) proof: ProofId,
}

impl JourneyState for Asked {
    const WHAT: &'static str = "binding code";
}

/// Asks for the code.
pub(super) async fn get(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
) -> Result<Response, PageError> {
    let (journey, bearer) = open(&app, &visit, &name).await?;
    let page = CodePage::new(&name, &journey.data, &bearer, FormErrors::none());
    Ok(visit.view.render(&page))
}

/// A code.
#[derive(Deserialize)]
pub(super) struct CodeForm {
    code: Secret,
}

/// Tries the code; the right one binds the identity, and its bearer is signed in.
pub(super) async fn post(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
    Posted(form): Posted<CodeForm>,
) -> Result<Response, PageError> {
    let (journey, bearer) = open(&app, &visit, &name).await?;
    let typed = form.code.expose();
    let fault = if typed.trim().is_empty() {
        TextKey::new("recovery-code-empty")
    } else {
        let attempt = try_code(&app, &visit, &bearer, journey.data.proof, typed);
        match code_tries::check(&app, attempt).await? {
            Ok(account) => return lead_on(&app, &visit, journey, bearer, &account).await,
            Err(fault) => fault,
        }
    };
    let errors = FormErrors::none().field(CODE, fault);
    let page = CodePage::new(&name, &journey.data, &bearer, errors);
    Ok(again(&visit, &page).into_response())
}

/// A form that has nothing but its proof.
#[derive(Deserialize)]
pub(super) struct Nothing {}

/// Sends another code in place of the one before; tries are not given again.
pub(super) async fn resend(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    visit: Visit,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let (mut journey, bearer) = open(&app, &visit, &name).await?;
    admit(&app, &visit).await?;
    let channel = channel(&journey.data);
    let made = sending::make_code(&app, &bearer, &journey.data.identifier, channel).await;
    let made = made.map_err(unavailable)?;
    journey.data.proof = made.proof;
    let replaced = journeys::replace(&app, &visit, &journey).await;
    if !replaced.map_err(unavailable)? {
        return Err(over());
    }
    made.send(&app, &bearer);
    Ok(Redirect::to(&BindingCode { journey: &name }.path()).into_response())
}

async fn open<'a>(
    app: &'a SelfService,
    visit: &Visit,
    name: &str,
) -> Result<(Journey<Asked>, Bearer<'a>), PageError> {
    let found = journeys::find::<Asked>(app, visit, name).await;
    let journey = found.map_err(unavailable)?.ok_or_else(over)?;
    let bearer = bearer(app, visit, &journey.data.identity).await?;
    Ok((journey, bearer))
}

const fn channel(asked: &Asked) -> Channel {
    if asked.by_mail {
        Channel::Email
    } else {
        Channel::Sms
    }
}

/// Spends the code and binds, in one transaction. What the account was when the code was
/// sent, it must be still.
async fn try_code(
    app: &SelfService,
    visit: &Visit,
    bearer: &Bearer<'_>,
    proof: ProofId,
    typed: &str,
) -> Result<Tried<Account>, NotifyError> {
    let typed = OneTimeCode::parse_as_written(typed);
    let now = app.ambient.now();
    let (key, purpose) = (&app.secrets.codes, Purpose::BindingCode);
    let transaction = app.database.begin().await?;
    let tried = proofs::try_code(&transaction, key, purpose, proof, typed.as_ref(), now).await?;
    let tried = match tried {
        CodeTry::Right(proof) => match owner(&transaction, bearer, &proof).await? {
            Some(account) if bearer.bind(app, visit, &transaction, &account).await? => {
                Tried::Right(account)
            }
            // Dropped: nothing was done.
            _ => return Ok(Tried::Over),
        },
        CodeTry::Wrong { left } => Tried::Wrong { left },
        CodeTry::Over => Tried::Over,
    };
    transaction.commit().await.map_err(StoreError::from)?;
    Ok(tried)
}

/// The account of a code, held, as long as the code's contact is confirmed there.
async fn owner(
    transaction: &impl ConnectionTrait,
    bearer: &Bearer<'_>,
    proof: &Proof,
) -> Result<Option<Account>, StoreError> {
    let Some(id) = proof.account else {
        return Ok(None);
    };
    accounts::lock(transaction, id).await?;
    let account = accounts::find_by_id(transaction, id).await?;
    let contacts = contacts::find_all(transaction, id).await?;
    let is_confirmed = contacts
        .confirmed()
        .any(|address| Some(address.comparable()) == proof.contact);
    Ok(account.filter(|account| is_confirmed && bearer.may_own(account)))
}

async fn lead_on(
    app: &SelfService,
    visit: &Visit,
    journey: Journey<Asked>,
    bearer: Bearer<'_>,
    account: &Account,
) -> Result<Response, PageError> {
    app.notifier.nudge();
    let ended = journeys::end(app, &journey.name).await;
    ended.map_err(unavailable)?;
    let identity = journey.data.identity;
    bearer.enter(app, visit, account, &identity).await
}

/// The context of `self-service/binding_code.html`.
#[derive(Debug, Serialize)]
struct CodePage {
    action: String,
    resend: String,
    by_mail: bool,
    upstream: String,
    errors: FormErrors,
    ways: WaysOn,
}

impl CodePage {
    fn new(name: &str, asked: &Asked, bearer: &Bearer<'_>, errors: FormErrors) -> Self {
        let title = bearer.upstream.title();
        Self::of(name, asked.by_mail, title, errors, &back(bearer))
    }

    fn of(name: &str, by_mail: bool, upstream: &str, errors: FormErrors, back: &Return) -> Self {
        Self {
            action: BindingCode { journey: name }.path().into_owned(),
            resend: ResendBindingCode { journey: name }.path().into_owned(),
            by_mail,
            upstream: upstream.to_owned(),
            errors,
            ways: WaysOn::of(back),
        }
    }
}

impl Page for CodePage {
    const TEMPLATE: &'static str = "self-service/binding_code.html";
    const POLICY: Policy = Policy::Flow;
    const QUESTION: Option<&'static str> = Some("message-non-recu");

    fn samples() -> Vec<Self> {
        let wrong = FormErrors::none().field(CODE, TextKey::new("recovery-code-wrong"));
        let sample = |by_mail, errors| {
            Self::of(
                "Sample",
                by_mail,
                "FranceConnect",
                errors,
                &Return::default(),
            )
        };
        vec![
            sample(true, FormErrors::none()),
            sample(false, FormErrors::none()),
            sample(false, wrong),
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
