//! The wish for another address.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    account::PersonKind,
    contact::{Address, EmailAddress, Slots},
};
use idp::http::{
    account::{RecentlySignedIn, SignedIn},
    routes::Account,
};
use serde::{Deserialize, Serialize};
use store::contacts;
use web::{FormErrors, Page, PageError, Posted, Route, TextKey};

use super::proposal::{self, Outcome};
use crate::{
    account::{
        changing::unavailable,
        routes::{ChangeEmail, ResendEmail},
    },
    done::Done,
    state::SelfService,
};

/// Shows what there is and asks for another address.
pub(super) async fn get(
    State(app): State<SelfService>,
    RecentlySignedIn(signed_in): RecentlySignedIn,
) -> Result<Response, PageError> {
    let slots = slots(&app, &signed_in).await?;
    Ok(signed_in.view().render(&EmailPage::new(&signed_in, &slots)))
}

/// Where somebody is led who had to give the password again.
pub(super) async fn back() -> Redirect {
    Redirect::to(&ChangeEmail.path())
}

#[derive(Deserialize)]
pub(super) struct EmailForm {
    email: String,
    #[serde(rename = "confirmation-email")]
    confirmation: String,
}

impl EmailForm {
    fn read(&self) -> Result<Address, FormErrors> {
        let none = FormErrors::none();
        let Ok(address) = EmailAddress::parse(&self.email) else {
            return Err(none.field("email", TextKey::new("account-email-invalid")));
        };
        let same = EmailAddress::parse(&self.confirmation)
            .is_ok_and(|typed| typed.comparable() == address.comparable());
        if !same {
            let differs = TextKey::new("account-email-differs");
            return Err(none.field("confirmation-email", differs));
        }
        Ok(address.into())
    }
}

/// Takes the wish.
pub(super) async fn post(
    State(app): State<SelfService>,
    RecentlySignedIn(signed_in): RecentlySignedIn,
    Posted(form): Posted<EmailForm>,
) -> Result<Response, PageError> {
    let wanted = match form.read() {
        Ok(wanted) => wanted,
        Err(errors) => return refused(&app, &signed_in, form, errors).await,
    };
    match proposal::propose(&app, &signed_in, &wanted).await? {
        Outcome::Asked => Ok(Done::EmailAsked.at_home(&app)),
        Outcome::Kept => Ok(Done::EmailKept.at_home(&app)),
        Outcome::Unchanged => {
            let unchanged = TextKey::new("account-email-unchanged");
            let errors = FormErrors::none().field("email", unchanged);
            refused(&app, &signed_in, form, errors).await
        }
    }
}

/// « Renvoyer un email de validation ».
pub(super) async fn resend(
    State(app): State<SelfService>,
    RecentlySignedIn(signed_in): RecentlySignedIn,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, PageError> {
    if proposal::ask_again(&app, &signed_in).await? {
        return Ok(Done::EmailAsked.at_home(&app));
    }
    Ok(back().await.into_response())
}

/// A form that has nothing but its proof.
#[derive(Deserialize)]
pub(super) struct Nothing {}

async fn slots(app: &SelfService, signed_in: &SignedIn) -> Result<Slots, PageError> {
    let contacts = contacts::find_all(app.database.reader(), signed_in.live.account.id).await;
    Ok(contacts.map_err(unavailable)?.email)
}

async fn refused(
    app: &SelfService,
    signed_in: &SignedIn,
    form: EmailForm,
    errors: FormErrors,
) -> Result<Response, PageError> {
    let slots = slots(app, signed_in).await?;
    let page = EmailPage {
        email: form.email,
        confirmation: form.confirmation,
        errors,
        ..EmailPage::new(signed_in, &slots)
    };
    let page = signed_in.view().render(&page);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// The context of `self-service/email.html`.
#[derive(Debug, Serialize)]
struct EmailPage {
    action: String,
    resend: String,
    cancel: String,
    guardian: bool,
    /// The address that is in force and confirmed.
    confirmed: Option<String>,
    /// The one that waits to be confirmed.
    waiting: Option<String>,
    email: String,
    confirmation: String,
    errors: FormErrors,
}

impl EmailPage {
    fn new(signed_in: &SignedIn, slots: &Slots) -> Self {
        let text = |address: &Address| address.as_str().to_owned();
        Self {
            guardian: signed_in.live.account.kind == PersonKind::Guardian,
            confirmed: slots.confirmed().map(text),
            waiting: slots.unconfirmed().map(text),
            ..Self::empty()
        }
    }

    fn empty() -> Self {
        Self {
            action: ChangeEmail.path().into_owned(),
            resend: ResendEmail.path().into_owned(),
            cancel: Account.path().into_owned(),
            guardian: false,
            confirmed: None,
            waiting: None,
            email: String::new(),
            confirmation: String::new(),
            errors: FormErrors::none(),
        }
    }
}

impl Page for EmailPage {
    const TEMPLATE: &'static str = "self-service/email.html";
    const QUESTION: Option<&'static str> = Some("changer-d-adresse");

    fn samples() -> Vec<Self> {
        let long = "marie-charlotte.delatourdauvergnelauraguais@messagerie.example.org";
        let waiting = Self {
            guardian: true,
            confirmed: Some("claire.martin@example.org".into()),
            waiting: Some(long.into()),
            ..Self::empty()
        };
        let refused = Self {
            email: "claire@".into(),
            errors: FormErrors::none().field("email", TextKey::new("account-email-invalid")),
            ..Self::empty()
        };
        vec![Self::empty(), waiting, refused]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(email: &str, confirmation: &str) -> Result<Address, String> {
        let form = EmailForm {
            email: email.into(),
            confirmation: confirmation.into(),
        };
        form.read().map_err(|errors| format!("{errors:?}"))
    }

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<EmailPage>();
    }

    #[test]
    fn an_address_is_typed_twice_whatever_its_case() {
        assert!(read(" claire@example.org", "Claire@Example.org ").is_ok());
        assert!(read("claire@", "claire@").unwrap_err().contains("invalid"));
        let other = read("claire@example.org", "clara@example.org");
        assert!(other.unwrap_err().contains("differs"));
    }
}
