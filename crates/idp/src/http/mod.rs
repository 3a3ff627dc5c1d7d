//! The provider over HTTP: thin. One file an endpoint or page, `get` and `post`; all
//! routes in one table.

pub mod account;
mod activation;
mod authorize;
mod consent;
mod discovery;
mod end_session;
mod endpoint;
mod enrolment;
mod first_passkey;
mod introspection;
pub mod pages;
mod passkey;
mod recovery_code;
mod registration;
pub mod resource;
mod revocation;
pub mod routes;
mod second_factor;
mod sign_in;
mod sign_out;
mod token;
pub mod upstream;
pub(crate) mod userinfo;
mod verify_children;
pub mod visit;
mod ways_on;

pub use self::consent::{Given, given, sample_given, scope_text};

use axum::{
    Router,
    routing::{get, post},
};
use web::{Route, layers};

use self::routes::{
    Abandon, Authorize, Consent, EndSession, Enrolment, EnrolmentPasskey, EnrolmentPasskeyQuestion,
    FactorPasskey, FactorPasskeyQuestion, Introspection, ManageClient, OtherPerson, RecoveryCode,
    RecoveryCodesSeen, RegisterClient, Revocation, SecondFactor, SignIn, SignInPasskey,
    SignInPasskeyQuestion, SignOut, Through, ThroughToAccount, TokenEndpoint, UpstreamCallback,
    UpstreamKeys, UpstreamSignedOut, UserInfo, VerifyChildren,
};
use crate::app::App;

/// Every route of the provider, with its layers.
pub fn router(app: &App) -> Router {
    layers::pages(pages_router(), &app.site)
        .merge(layers::lean(endpoints_router(app), &app.site))
        .with_state(app.clone())
        .merge(discovery::router(app))
}

/// For browsers.
fn pages_router() -> Router<App> {
    Router::new()
        .route(
            Authorize::PATTERN,
            get(authorize::get).post(authorize::post),
        )
        .route(SignIn::PATTERN, get(sign_in::get).post(sign_in::post))
        .route(
            SecondFactor::PATTERN,
            get(second_factor::get).post(second_factor::post),
        )
        .route(
            RecoveryCode::PATTERN,
            get(recovery_code::get).post(recovery_code::post),
        )
        .route(
            Enrolment::PATTERN,
            get(enrolment::get).post(enrolment::post),
        )
        .route(
            SignInPasskey::PATTERN,
            get(passkey::back_to_sign_in).post(passkey::sign_in),
        )
        .route(
            SignInPasskeyQuestion::PATTERN,
            post(passkey::ask_at_sign_in),
        )
        .route(
            FactorPasskey::PATTERN,
            get(passkey::back_to_second_factor).post(passkey::second_factor),
        )
        .route(
            FactorPasskeyQuestion::PATTERN,
            post(passkey::ask_for_second_factor),
        )
        .route(
            EnrolmentPasskey::PATTERN,
            get(first_passkey::back).post(first_passkey::post),
        )
        .route(EnrolmentPasskeyQuestion::PATTERN, post(first_passkey::ask))
        .route(RecoveryCodesSeen::PATTERN, post(enrolment::seen))
        .route(
            VerifyChildren::PATTERN,
            get(verify_children::get).post(verify_children::post),
        )
        .route(Consent::PATTERN, get(consent::get).post(consent::post))
        .route(Abandon::PATTERN, post(ways_on::abandon))
        .route(OtherPerson::PATTERN, post(ways_on::other_person))
        .route(
            EndSession::PATTERN,
            get(end_session::get).post(end_session::post),
        )
        .route(Through::PATTERN, post(upstream::begin::post))
        .route(
            ThroughToAccount::PATTERN,
            post(upstream::begin::post_to_account),
        )
        .route(UpstreamCallback::PATTERN, get(upstream::callback::get))
        .route(UpstreamSignedOut::PATTERN, get(upstream::signed_out::get))
        .route(SignOut::PATTERN, get(sign_out::get).post(sign_out::post))
}

/// For programs.
fn endpoints_router(app: &App) -> Router<App> {
    let endpoints = Router::new()
        .route(
            TokenEndpoint::PATTERN,
            post(token::post).options(endpoint::preflight),
        )
        .route(
            UserInfo::PATTERN,
            get(userinfo::get)
                .post(userinfo::post)
                .options(endpoint::preflight),
        )
        .route(UpstreamKeys::PATTERN, get(upstream::own_keys::get))
        .route(Introspection::PATTERN, post(introspection::post))
        .route(
            Revocation::PATTERN,
            post(revocation::post).options(endpoint::preflight),
        );
    if registration::endpoint(app).is_none() {
        return endpoints;
    }
    endpoints
        .route(RegisterClient::PATTERN, post(registration::register))
        .route(
            ManageClient::PATTERN,
            get(registration::show)
                .put(registration::replace)
                .delete(registration::delete),
        )
}
