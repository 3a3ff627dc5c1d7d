//! The wish for a number.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    audit::Action,
    contact::{Address, Channel, PhoneNumber, Proposal},
    phone::DEFAULT_SMS_COUNTRIES,
    secret::Token,
};
use idp::http::{
    account::{RecentlySignedIn, SignedIn},
    routes::Account,
};
use serde::{Deserialize, Serialize};
use store::{
    DatabaseTransaction, StoreError, contacts,
    proofs::{self, Purpose},
};
use web::{FormErrors, Page, PageError, Posted, Route, TextKey};

use super::{code, is_guardian};
use crate::{
    account::{
        changing::{self, unavailable},
        routes::{ChangePhone, PhoneCodeStep},
    },
    done::Done,
    limits::{Limit, allows},
    state::SelfService,
};

/// Asks for a number.
pub(super) async fn get(
    State(app): State<SelfService>,
    RecentlySignedIn(signed_in): RecentlySignedIn,
) -> Result<Response, PageError> {
    let account = &signed_in.live.account;
    is_guardian(account)?;
    let contacts = contacts::find_all(app.database.reader(), account.id).await;
    let current = contacts.map_err(unavailable)?.phone.current;
    Ok(signed_in.view().render(&PhonePage {
        current: current.map(|current| current.address.as_str().to_owned()),
        ..PhonePage::empty()
    }))
}

#[derive(Deserialize)]
pub(super) struct PhoneForm {
    telephone: String,
}

impl PhoneForm {
    fn read(&self) -> Result<Address, TextKey> {
        let number = PhoneNumber::parse_as_written(&self.telephone);
        let number = number.map_err(|_| TextKey::new("account-phone-invalid"))?;
        if number.takes_sms(DEFAULT_SMS_COUNTRIES) {
            return Ok(number.into());
        }
        Err(TextKey::new("account-phone-no-sms"))
    }
}

/// Takes the wish, and sends a code to the number.
pub(super) async fn post(
    State(app): State<SelfService>,
    RecentlySignedIn(signed_in): RecentlySignedIn,
    Posted(form): Posted<PhoneForm>,
) -> Result<Response, PageError> {
    is_guardian(&signed_in.live.account)?;
    let wanted = match form.read() {
        Ok(wanted) => wanted,
        Err(text) => return Ok(refused(&signed_in, form, text)),
    };
    match propose(&app, &signed_in, &wanted).await? {
        Outcome::Asked(journey) => {
            let journey = journey.expose();
            Ok(Redirect::to(&PhoneCodeStep { journey: &journey }.path()).into_response())
        }
        Outcome::Kept => Ok(Done::PhoneKept.at_home(&app)),
        Outcome::Unchanged => {
            let unchanged = TextKey::new("account-phone-unchanged");
            Ok(refused(&signed_in, form, unchanged))
        }
    }
}

enum Outcome {
    /// A code was sent; the page for it stands under this name.
    Asked(Token),
    /// The number in force stays, and the one that waited was dropped.
    Kept,
    /// It is in force already.
    Unchanged,
}

async fn propose(
    app: &SelfService,
    signed_in: &SignedIn,
    wanted: &Address,
) -> Result<Outcome, PageError> {
    let account = &signed_in.live.account;
    allow_code(app, signed_in, wanted).await?;
    let transaction = changing::begin(app, &signed_in.live).await?;
    let contacts = contacts::find_all(&transaction, account.id)
        .await
        .map_err(unavailable)?;
    let proposal = contacts.phone.propose(wanted);
    let waits = put(app, &transaction, signed_in, wanted, proposal).await;
    let action = match (proposal, waits.map_err(unavailable)?) {
        (Proposal::Unchanged, false) => return Ok(Outcome::Unchanged),
        (Proposal::Unchanged, true) => Action::ContactCancelled,
        _ => Action::ContactProposed,
    };
    let event = changing::contact_event(action, account, Channel::Sms, &signed_in.visit);
    changing::record(app, &transaction, event).await?;
    let sent = if action == Action::ContactCancelled {
        None
    } else {
        let sent = code::send(app, &transaction, account, wanted).await;
        Some(sent.map_err(unavailable)?)
    };
    changing::commit(app, transaction).await?;
    match sent {
        Some(proof) => Ok(Outcome::Asked(code::begin(app, signed_in, proof).await?)),
        None => Ok(Outcome::Kept),
    }
}

/// Lets the number wait: none counts before its code was right. Whether one waited.
async fn put(
    app: &SelfService,
    transaction: &DatabaseTransaction,
    signed_in: &SignedIn,
    wanted: &Address,
    proposal: Proposal,
) -> Result<bool, StoreError> {
    let account = signed_in.live.account.id;
    match proposal {
        Proposal::Unchanged | Proposal::Again => {
            let (purpose, now) = ([Purpose::PhoneConfirmation], app.ambient.now());
            proofs::end_of_account(transaction, account, &purpose, now).await?;
            contacts::drop_pending(transaction, account, Channel::Sms).await
        }
        Proposal::First | Proposal::InsteadOfUnconfirmed | Proposal::InsteadOfConfirmed => {
            contacts::put_pending(transaction, &app.ambient, account, wanted).await?;
            Ok(true)
        }
    }
}

/// An SMS costs money: beside what the number and the network may get, one account may
/// have ten sent in ten minutes, whatever the numbers.
pub(super) async fn allow_code(
    app: &SelfService,
    signed_in: &SignedIn,
    number: &Address,
) -> Result<(), PageError> {
    let account = format!("account {}", signed_in.live.account.id);
    let allowed = allows(app, Limit::Contact, &account).await;
    if !allowed.map_err(unavailable)? {
        return Err(PageError::too_many(changing::WAIT));
    }
    changing::allow_message(app, &signed_in.visit, number).await
}

fn refused(signed_in: &SignedIn, form: PhoneForm, text: TextKey) -> Response {
    let page = PhonePage {
        number: form.telephone,
        errors: FormErrors::none().field("telephone", text),
        ..PhonePage::empty()
    };
    let page = signed_in.view().render(&page);
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

/// The context of `self-service/phone.html`.
#[derive(Debug, Serialize)]
struct PhonePage {
    action: String,
    cancel: String,
    current: Option<String>,
    number: String,
    errors: FormErrors,
}

impl PhonePage {
    fn empty() -> Self {
        Self {
            action: ChangePhone.path().into_owned(),
            cancel: Account.path().into_owned(),
            current: None,
            number: String::new(),
            errors: FormErrors::none(),
        }
    }
}

impl Page for PhonePage {
    const TEMPLATE: &'static str = "self-service/phone.html";
    const QUESTION: Option<&'static str> = Some("changer-de-portable");

    fn samples() -> Vec<Self> {
        let refused = Self {
            number: "01 23 45 67 89".into(),
            errors: FormErrors::none().field("telephone", TextKey::new("account-phone-no-sms")),
            ..Self::empty()
        };
        let known = Self {
            current: Some("+33639980001".into()),
            ..Self::empty()
        };
        vec![Self::empty(), known, refused]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(telephone: &str) -> Result<String, String> {
        let form = PhoneForm {
            telephone: telephone.into(),
        };
        let read = form.read();
        read.map(|number| number.as_str().to_owned())
            .map_err(|text| format!("{text:?}"))
    }

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<PhonePage>();
    }

    #[test]
    fn a_number_is_taken_as_people_write_it() {
        for text in ["06 39 98 00 02", "+33 6 39 98 00 02", "0033639980002"] {
            assert_eq!(read(text).as_deref(), Ok("+33639980002"), "{text}");
        }
        assert!(read("portable").unwrap_err().contains("invalid"));
        assert!(read("01 23 45 67 89").unwrap_err().contains("no-sms"));
    }
}
