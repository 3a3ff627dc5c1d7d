//! « Identifiant perdu » (guide, sections 4.3.1 and 4.3.3).

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use domain::contact::{Address, EmailAddress, PhoneNumber};
use idp::http::{
    routes::LostIdentifier,
    upstream::{Way, Ways, ways_from_outside},
    visit::Visit,
};
use serde::{Deserialize, Serialize};
use web::{FormErrors, Page, PageError, Posted, TextKey, headers::Policy};

use super::{
    pages::{SentPage, WaysOn, admit, again},
    routes::{IdentifierByMail, IdentifierBySms, IdentifierMailed, IdentifierTexted},
    sending,
};
use crate::{state::SelfService, ways::Return};

const EMAIL: &str = "email";
const PHONE: &str = "telephone";

/// By which way.
pub(super) async fn choose(
    State(app): State<SelfService>,
    visit: Visit,
    back: Return,
) -> Result<Response, PageError> {
    let upstreams = ways_from_outside(&app, &visit, back.name().as_deref()).await?;
    Ok(visit.view.render(&ChoicePage::new(&back, upstreams)))
}

pub(super) async fn get_email(visit: Visit, back: Return) -> Response {
    let empty = (String::new(), FormErrors::none());
    visit.view.render(&AskPage::email(&back, empty))
}

pub(super) async fn get_sms(visit: Visit, back: Return) -> Response {
    let empty = (String::new(), FormErrors::none());
    visit.view.render(&AskPage::phone(&back, empty))
}

/// An address.
#[derive(Deserialize)]
pub(super) struct EmailForm {
    #[serde(default)]
    email: String,
}

/// Sends the identifiers behind an address, if it is confirmed for any.
pub(super) async fn post_email(
    State(app): State<SelfService>,
    visit: Visit,
    back: Return,
    Posted(form): Posted<EmailForm>,
) -> Result<Response, PageError> {
    let Ok(address) = EmailAddress::parse(&form.email) else {
        let errors = FormErrors::none().field(EMAIL, TextKey::new("recovery-email-fault"));
        let page = AskPage::email(&back, (form.email, errors));
        return Ok(again(&visit, &page).into_response());
    };
    admit(&app, &visit).await?;
    sending::identifiers(&app, Address::Email(address));
    Ok(Redirect::to(&back.on(&IdentifierMailed)).into_response())
}

/// A number.
#[derive(Deserialize)]
pub(super) struct PhoneForm {
    #[serde(default)]
    telephone: String,
}

/// The same by SMS.
pub(super) async fn post_sms(
    State(app): State<SelfService>,
    visit: Visit,
    back: Return,
    Posted(form): Posted<PhoneForm>,
) -> Result<Response, PageError> {
    let Ok(number) = PhoneNumber::parse_as_written(&form.telephone) else {
        let errors = FormErrors::none().field(PHONE, TextKey::new("recovery-phone-fault"));
        let page = AskPage::phone(&back, (form.telephone, errors));
        return Ok(again(&visit, &page).into_response());
    };
    admit(&app, &visit).await?;
    sending::identifiers(&app, Address::Phone(number));
    Ok(Redirect::to(&back.on(&IdentifierTexted)).into_response())
}

pub(super) async fn mailed(visit: Visit, back: Return) -> Response {
    let again = back.on(&LostIdentifier);
    visit
        .view
        .render(&SentPage::identifier_mailed(&back, again))
}

pub(super) async fn texted(visit: Visit, back: Return) -> Response {
    let again = back.on(&LostIdentifier);
    visit
        .view
        .render(&SentPage::identifier_texted(&back, again))
}

#[derive(Debug, Serialize)]
struct ChoicePage {
    email: String,
    sms: String,
    upstreams: Ways,
    ways: WaysOn,
}

impl ChoicePage {
    fn new(back: &Return, upstreams: Ways) -> Self {
        Self {
            email: back.on(&IdentifierByMail),
            sms: back.on(&IdentifierBySms),
            upstreams,
            ways: WaysOn::of(back),
        }
    }
}

impl Page for ChoicePage {
    const TEMPLATE: &'static str = "self-service/lost_identifier.html";
    const POLICY: Policy = Policy::Flow;
    const QUESTION: Option<&'static str> = Some("identifiant-perdu");

    fn samples() -> Vec<Self> {
        let back = Return::default();
        vec![
            Self::new(&back, Ways::new()),
            Self::new(&back, vec![Way::sample()]),
        ]
    }
}

/// Asks for an address or a number.
#[derive(Debug, Serialize)]
struct AskPage {
    action: String,
    by_sms: bool,
    typed: String,
    errors: FormErrors,
    ways: WaysOn,
}

impl AskPage {
    fn email(back: &Return, (typed, errors): (String, FormErrors)) -> Self {
        Self {
            action: back.on(&IdentifierByMail),
            by_sms: false,
            typed,
            errors,
            ways: WaysOn::of(back),
        }
    }

    fn phone(back: &Return, (typed, errors): (String, FormErrors)) -> Self {
        Self {
            action: back.on(&IdentifierBySms),
            by_sms: true,
            typed,
            errors,
            ways: WaysOn::of(back),
        }
    }
}

impl Page for AskPage {
    const TEMPLATE: &'static str = "self-service/lost_identifier_ask.html";
    const QUESTION: Option<&'static str> = Some("identifiant-perdu");

    fn samples() -> Vec<Self> {
        let back = Return::default();
        let email = FormErrors::none().field(EMAIL, TextKey::new("recovery-email-fault"));
        let phone = FormErrors::none().field(PHONE, TextKey::new("recovery-phone-fault"));
        vec![
            Self::email(&back, (String::new(), FormErrors::none())),
            Self::email(&back, ("claire.martin".into(), email)),
            Self::phone(&back, (String::new(), FormErrors::none())),
            Self::phone(&back, ("06 39".into(), phone)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_render() {
        web::testing::assert_renders::<ChoicePage>();
        web::testing::assert_renders::<AskPage>();
    }
}
