//! « Mes informations » (guide, sections 4.4.1 to 4.4.3).
//!
//! - `home`: what is known, and the ways to change it;
//! - `password`, `chosen_password`, `email`, `phone`: the changes;
//! - `passkeys`: devices that open the account;
//! - `second_factor`: what is asked beside the password;
//! - `upstreams`: other providers that open the account;
//! - `changing`: what every change begins with.

pub(crate) mod changing;
mod chosen_password;
mod email;
mod home;
mod passkeys;
mod password;
mod phone;
pub(crate) mod routes;
mod second_factor;
mod upstreams;

use axum::{Router, routing::get};
use idp::http::routes::Account;
use web::Route;

use self::routes::{
    ChangePassword, ChoosePassword, LinkUpstream, UnlinkUpstream, UpstreamOfAccount,
};
use crate::state::SelfService;

pub(crate) fn routes() -> Router<SelfService> {
    Router::new()
        .route(Account::PATTERN, get(home::get))
        .route(
            ChangePassword::PATTERN,
            get(password::get).post(password::post),
        )
        .route(
            ChoosePassword::PATTERN,
            get(chosen_password::get).post(chosen_password::post),
        )
        .route(UpstreamOfAccount::PATTERN, get(upstreams::get))
        .route(
            LinkUpstream::PATTERN,
            get(upstreams::back).post(upstreams::link),
        )
        .route(
            UnlinkUpstream::PATTERN,
            get(upstreams::back).post(upstreams::unlink),
        )
        .merge(passkeys::routes())
        .merge(second_factor::routes())
        .merge(email::routes())
        .merge(phone::routes())
}
