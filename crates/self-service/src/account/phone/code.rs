//! « Code reçu par SMS ».

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    account::Account,
    audit::Action,
    code::OneTimeCode,
    contact::{Address, Channel, Slots},
    ids::ProofId,
    secret::Token,
};
use idp::http::{
    account::{RecentlySignedIn, SignedIn},
    routes,
};
use notify::{
    Language, NotifyError, Recipient,
    messages::{PhoneCode, WhatChanged},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{
    DatabaseTransaction, contacts,
    proofs::{self, CodeTry, NewProof, Proof, Purpose},
    vault::hmac_sha256,
};
use web::{FormErrors, Page, PageError, Posted, Route, TextKey};

use super::{form::allow_code, is_guardian};
use crate::{
    account::{
        changing::{self, unavailable},
        routes::{ChangePhone, PhoneCodeStep, ResendPhoneCode},
    },
    brake,
    done::Done,
    journeys::{self, Journey, State as JourneyState},
    state::SelfService,
};

const FIELD: &str = "code";
const PURPOSE: Purpose = Purpose::PhoneConfirmation;

/// Which code is waited for.
#[derive(Serialize, Deserialize)]
struct Waited {
    proof: ProofId,
}

impl JourneyState for Waited {
    const WHAT: &'static str = "phone code";
}

/// Sends a code to a number that waits, in place of the one of before.
pub(super) async fn send(
    app: &SelfService,
    transaction: &DatabaseTransaction,
    account: &Account,
    number: &Address,
) -> Result<ProofId, NotifyError> {
    let key = &app.secrets.codes;
    let counted_as = hmac_sha256(key, account.identifier.as_str().as_bytes());
    let proof = NewProof {
        purpose: PURPOSE,
        account: Some(account.id),
        contact: Some(number.comparable()),
        details: json!({}),
        lifetime: PhoneCode::CODE_LIFETIME,
    };
    let (id, code) =
        proofs::insert_code(transaction, &app.ambient, key, &counted_as, proof).await?;
    let recipient = Recipient {
        account: Some(account.id),
        address: number.clone(),
        language: Language::of_tag(&account.locale),
    };
    let message = PhoneCode {
        code: code.expose().to_owned(),
    };
    app.notifier
        .enqueue(transaction, &recipient, &message)
        .await?;
    Ok(id)
}

/// The name under which the page for the code stands.
pub(super) async fn begin(
    app: &SelfService,
    signed_in: &SignedIn,
    proof: ProofId,
) -> Result<Token, PageError> {
    let begun = journeys::begin(app, &signed_in.visit, &Waited { proof }).await;
    begun.map_err(unavailable)
}

/// Asks for the code.
pub(super) async fn get(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    RecentlySignedIn(signed_in): RecentlySignedIn,
) -> Result<Response, PageError> {
    match standing(&app, &signed_in, &name).await? {
        Some((_, number)) => Ok(signed_in.view().render(&CodePage::new(&name, &number))),
        None => Ok(Redirect::to(&ChangePhone.path()).into_response()),
    }
}

/// Where somebody is led who had to give the password again.
pub(super) async fn back(Path(name): Path<String>) -> Redirect {
    Redirect::to(&PhoneCodeStep { journey: &name }.path())
}

#[derive(Deserialize)]
pub(super) struct CodeForm {
    code: String,
}

/// Tries the code; where it is right, the number is in force.
pub(super) async fn post(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    RecentlySignedIn(signed_in): RecentlySignedIn,
    Posted(form): Posted<CodeForm>,
) -> Result<Response, PageError> {
    let Some((journey, number)) = standing(&app, &signed_in, &name).await? else {
        return Ok(Redirect::to(&ChangePhone.path()).into_response());
    };
    let Some(typed) = OneTimeCode::parse_as_written(&form.code) else {
        // It cannot be right, so it is no try.
        let errors = FormErrors::none().field(FIELD, TextKey::new("account-code-invalid"));
        return Ok(refused(&signed_in, &name, &number, errors));
    };
    let counted = brake::reserve(&app).await?;
    let tried = confirm(&app, &signed_in, journey.data.proof, &typed).await?;
    match &tried {
        CodeTry::Wrong { .. } => counted.was_wrong(),
        CodeTry::Right(_) | CodeTry::Over => counted.was_not().await?,
    }
    match tried {
        CodeTry::Right(_) => {
            journeys::end(&app, &journey.name)
                .await
                .map_err(unavailable)?;
            Ok(Done::PhoneConfirmed.at_home(&app))
        }
        CodeTry::Wrong { left } if left > 0 => {
            let errors = FormErrors::none()
                .field(FIELD, TextKey::new("account-code-wrong"))
                .value("left", left.to_string());
            Ok(refused(&signed_in, &name, &number, errors))
        }
        CodeTry::Wrong { .. } | CodeTry::Over => {
            let errors = FormErrors::none().field(FIELD, TextKey::new("account-code-over"));
            Ok(refused(&signed_in, &name, &number, errors))
        }
    }
}

/// Another code to the same number.
pub(super) async fn resend(
    State(app): State<SelfService>,
    Path(name): Path<String>,
    RecentlySignedIn(signed_in): RecentlySignedIn,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    let Some((mut journey, number)) = standing(&app, &signed_in, &name).await? else {
        return Ok(Redirect::to(&ChangePhone.path()).into_response());
    };
    allow_code(&app, &signed_in, &number).await?;
    let transaction = changing::begin(&app, &signed_in.live).await?;
    let proof = send(&app, &transaction, &signed_in.live.account, &number)
        .await
        .map_err(unavailable)?;
    changing::commit(&app, transaction).await?;
    journey.data = Waited { proof };
    journeys::replace(&app, &signed_in.visit, &journey)
        .await
        .map_err(unavailable)?;
    Ok(back(Path(name)).await.into_response())
}

/// A form that has nothing but its proof.
#[derive(Deserialize)]
pub(super) struct Nothing {}

/// The journey and the number that waits for its code; none where either has ended.
async fn standing(
    app: &SelfService,
    signed_in: &SignedIn,
    name: &str,
) -> Result<Option<(Journey<Waited>, Address)>, PageError> {
    let account = &signed_in.live.account;
    is_guardian(account)?;
    let journey = journeys::find::<Waited>(app, &signed_in.visit, name).await;
    let contacts = contacts::find_all(app.database.reader(), account.id).await;
    let number = contacts.map_err(unavailable)?.phone.unconfirmed().cloned();
    Ok(journey.map_err(unavailable)?.zip(number))
}

/// A wrong try is counted, so what was written is committed whatever comes.
async fn confirm(
    app: &SelfService,
    signed_in: &SignedIn,
    proof: ProofId,
    typed: &OneTimeCode,
) -> Result<CodeTry, PageError> {
    let account = &signed_in.live.account;
    let transaction = changing::begin(app, &signed_in.live).await?;
    let (key, now) = (&app.secrets.codes, app.ambient.now());
    let tried = proofs::try_code(&transaction, key, PURPOSE, proof, Some(typed), now).await;
    let mut tried = tried.map_err(unavailable)?;
    if let CodeTry::Right(proof) = &tried
        && !take(app, &transaction, signed_in, proof).await?
    {
        tried = CodeTry::Over;
    }
    if let CodeTry::Right(_) = &tried {
        let event = changing::contact_event(
            Action::ContactConfirmed,
            account,
            Channel::Sms,
            &signed_in.visit,
        );
        changing::record(app, &transaction, event).await?;
    }
    changing::commit(app, transaction).await?;
    Ok(tried)
}

/// Puts the number in force that the code was sent to, if it still waits for this very
/// account, and tells the contacts of before.
async fn take(
    app: &SelfService,
    transaction: &DatabaseTransaction,
    signed_in: &SignedIn,
    proof: &Proof,
) -> Result<bool, PageError> {
    let account = &signed_in.live.account;
    let before = contacts::find_all(transaction, account.id)
        .await
        .map_err(unavailable)?;
    let Some(number) = waiting(&before.phone, proof).filter(|_| proof.account == Some(account.id))
    else {
        return Ok(false);
    };
    contacts::confirm(transaction, &app.ambient, account.id, number)
        .await
        .map_err(unavailable)?;
    // Codes of a lost password that went to the number of before are its owner's no more.
    let ended = [Purpose::PasswordCode, Purpose::NewPassword];
    proofs::end_of_account(transaction, account.id, &ended, app.ambient.now())
        .await
        .map_err(unavailable)?;
    idp::notices::tell_of_change(app, transaction, account, WhatChanged::Phone, &before)
        .await
        .map_err(unavailable)?;
    Ok(true)
}

fn waiting<'s>(slots: &'s Slots, proof: &Proof) -> Option<&'s Address> {
    let sent_to = proof.contact.as_deref()?;
    let waiting = slots.unconfirmed()?;
    (waiting.comparable() == sent_to).then_some(waiting)
}

fn refused(signed_in: &SignedIn, name: &str, number: &Address, errors: FormErrors) -> Response {
    let page = CodePage {
        errors,
        ..CodePage::new(name, number)
    };
    let page = signed_in.view().render(&page);
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

/// The context of `self-service/phone_code.html`.
#[derive(Debug, Serialize)]
struct CodePage {
    action: String,
    resend: String,
    other_number: String,
    cancel: String,
    number: String,
    errors: FormErrors,
}

impl CodePage {
    fn new(journey: &str, number: &Address) -> Self {
        Self {
            action: PhoneCodeStep { journey }.path().into_owned(),
            resend: ResendPhoneCode { journey }.path().into_owned(),
            other_number: ChangePhone.path().into_owned(),
            cancel: routes::Account.path().into_owned(),
            number: number.as_str().to_owned(),
            errors: FormErrors::none(),
        }
    }
}

impl Page for CodePage {
    const TEMPLATE: &'static str = "self-service/phone_code.html";
    const QUESTION: Option<&'static str> = Some("message-non-recu");

    fn samples() -> Vec<Self> {
        let number = domain::contact::PhoneNumber::parse("+33639980001").expect("a number");
        let sample = |errors| Self {
            errors,
            ..Self::new("Sample", &number.clone().into())
        };
        let wrong = FormErrors::none()
            .field(FIELD, TextKey::new("account-code-wrong"))
            .value("left", "4");
        vec![sample(FormErrors::none()), sample(wrong)]
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
