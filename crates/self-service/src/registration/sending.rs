//! The SMS of a registration, after the answer: whether there is anybody to send it to
//! must not show in its time.

use domain::{account::Account, ids::ProofId};
use notify::{
    Language, NotifyError, Recipient,
    messages::{ActivatedAlready, RegistrationCode},
};
use serde_json::Value;
use store::{
    StoreError,
    proofs::{self, NewProof, Purpose},
    registrations::{self, Candidates},
    vault::hmac_sha256,
};

use super::steps::Registration;
use crate::{
    children_dates,
    limits::{self, Limit},
    state::SelfService,
};

/// Makes the code that the registration's page asks for, and sends it where it may be
/// sent. For nobody it is made as well: its tries are counted alike.
pub(super) fn send_code(app: &SelfService, registration: &Registration, code: ProofId) {
    let (app, registration) = (app.clone(), registration.clone());
    tokio::spawn(async move {
        match write(&app, &registration, code).await {
            Ok(()) => app.notifier.nudge(),
            Err(error) => tracing::error!(%error, "the code of a registration was not written"),
        }
    });
}

/// Whom a registration comes to.
enum Addressee {
    /// They get a code.
    Known(Account),
    /// They get their identifier.
    Active(Account),
    /// Nobody, or several: nothing is sent.
    Nobody,
}

async fn write(
    app: &SelfService,
    registration: &Registration,
    id: ProofId,
) -> Result<(), NotifyError> {
    let mut addressee = addressee(app, registration).await?;
    // Counted before the transaction: the counts have a store of their own.
    let may_send = match addressee {
        Addressee::Nobody => false,
        Addressee::Known(_) | Addressee::Active(_) => may_send(app, registration).await?,
    };
    if !may_send && matches!(addressee, Addressee::Active(_)) {
        addressee = Addressee::Nobody;
    }
    let account = match &addressee {
        Addressee::Known(account) => Some(account.id),
        Addressee::Active(_) | Addressee::Nobody => None,
    };
    let transaction = app.database.begin().await?;
    let new = NewProof {
        purpose: Purpose::RegistrationCode,
        account,
        contact: Some(registration.number.to_string()),
        details: Value::Null,
        lifetime: RegistrationCode::CODE_LIFETIME,
    };
    let (key, counted_as) = (&app.secrets.codes, counted_as(app, registration));
    let code =
        proofs::insert_code_as(&transaction, &app.ambient, key, &counted_as, id, new).await?;
    match &addressee {
        Addressee::Known(account) if may_send => {
            let code = code.expose().to_owned();
            let message = RegistrationCode { code };
            let recipient = recipient(registration, account);
            app.notifier
                .enqueue(&transaction, &recipient, &message)
                .await?;
        }
        Addressee::Active(account) => {
            let identifier = account.identifier.clone();
            let message = ActivatedAlready { identifier };
            let recipient = recipient(registration, account);
            app.notifier
                .enqueue(&transaction, &recipient, &message)
                .await?;
        }
        Addressee::Known(_) | Addressee::Nobody => {}
    }
    transaction.commit().await.map_err(StoreError::from)?;
    Ok(())
}

async fn addressee(
    app: &SelfService,
    registration: &Registration,
) -> Result<Addressee, StoreError> {
    let reader = app.database.reader();
    let (name, number) = (&registration.name, &registration.number);
    let Candidates { known, active } = registrations::find_candidates(reader, name, number).await?;
    match (<[Account; 1]>::try_from(known), active.as_slice()) {
        (Ok([known]), _) => {
            // Without a date there is nothing to ask for.
            let asked = children_dates::asked_of(reader, known.id).await?;
            Ok(if asked.is_some() {
                Addressee::Known(known)
            } else {
                Addressee::Nobody
            })
        }
        (Err(known), [active]) if known.is_empty() => Ok(Addressee::Active(active.clone())),
        _ => Ok(Addressee::Nobody),
    }
}

async fn may_send(app: &SelfService, registration: &Registration) -> Result<bool, StoreError> {
    let number = registration.number.as_str();
    Ok(limits::allows(app, Limit::Contact, number).await?
        && limits::allows(app, Limit::RegistrationSms, "").await?)
}

/// Tries are counted for the person that was named: no spelling escapes the count.
fn counted_as(app: &SelfService, registration: &Registration) -> [u8; 32] {
    let normal = domain::name::normalise;
    let (name, number) = (&registration.name, &registration.number);
    let person = format!("{}|{}|{number}", normal(&name.family), normal(&name.given));
    hmac_sha256(&app.secrets.codes, person.as_bytes())
}

/// The number that was typed is the one that the school or the owner gave.
fn recipient(registration: &Registration, account: &Account) -> Recipient {
    Recipient {
        account: Some(account.id),
        address: registration.number.clone().into(),
        language: Language::of_tag(&account.locale),
    }
}
