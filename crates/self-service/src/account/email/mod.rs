//! « Modifier mon adresse mail » (guide, section 4.4.2).
//!
//! - `form`: the wish for another address, and another mail for it;
//! - `proposal`: what the wish comes to, and who is told;
//! - `confirmation`: the link at the new address;
//! - `cancellation`: the link at a confirmed old one;
//! - `link`: what both links have in common.

mod cancellation;
mod confirmation;
mod form;
mod link;
mod proposal;

use axum::{Router, routing::get};
use web::Route;

use super::routes::{
    ChangeEmail, EmailCancellation, EmailConfirmation, EmailRecapitulation, EmailUndoing,
    ResendEmail,
};
use crate::state::SelfService;

pub(super) fn routes() -> Router<SelfService> {
    Router::new()
        .route(ChangeEmail::PATTERN, get(form::get).post(form::post))
        .route(ResendEmail::PATTERN, get(form::back).post(form::resend))
        .route(EmailConfirmation::PATTERN, get(confirmation::open))
        .route(
            EmailRecapitulation::PATTERN,
            get(confirmation::get).post(confirmation::post),
        )
        .route(EmailCancellation::PATTERN, get(cancellation::open))
        .route(
            EmailUndoing::PATTERN,
            get(cancellation::get).post(cancellation::post),
        )
}
