//! « Modifier mon numéro de portable » (guide, section 4.4.3): guardians alone.
//!
//! - `form`: the wish for a number, which gets a code;
//! - `code`: the code proves it, and the number is in force.

mod code;
mod form;

use axum::{
    Router,
    routing::{get, post},
};
use domain::account::{Account, PersonKind};
use web::{PageError, Route};

use super::routes::{ChangePhone, PhoneCodeStep, ResendPhoneCode};
use crate::state::SelfService;

pub(super) fn routes() -> Router<SelfService> {
    Router::new()
        .route(ChangePhone::PATTERN, get(form::get).post(form::post))
        .route(PhoneCodeStep::PATTERN, get(code::get).post(code::post))
        .route(ResendPhoneCode::PATTERN, post(code::resend).get(code::back))
}

/// Others have no number of their own here.
fn is_guardian(account: &Account) -> Result<(), PageError> {
    match account.kind {
        PersonKind::Guardian => Ok(()),
        PersonKind::Pupil | PersonKind::Officer | PersonKind::Administrator => {
            Err(PageError::not_found())
        }
    }
}
