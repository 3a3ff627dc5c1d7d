//! What people are told when a way through an upstream ends otherwise than signed in.
//! Each page leads back to the sign-in that waits.

use axum::http::StatusCode;
use domain::secret::Token;
use web::{Link, PageError, Route, TextKey};

use crate::{
    http::routes::{Account, SignIn},
    upstream::Upstream,
};

/// It does not answer: the password way is open.
pub(super) fn unreachable(upstream: &Upstream, sign_in: &str) -> PageError {
    let question = "franceconnect-en-panne";
    let title = TextKey::new("idp-upstream-unreachable-title");
    let text = TextKey::new("idp-upstream-unreachable-text");
    let status = StatusCode::SERVICE_UNAVAILABLE;
    with_ways(
        question,
        PageError::new(status, "amont-injoignable", title, text),
        upstream,
        sign_in,
    )
}

/// The person went back.
pub(super) fn cancelled(upstream: &Upstream, sign_in: &str) -> PageError {
    let question = "franceconnect";
    let title = TextKey::new("idp-upstream-cancelled-title");
    let text = TextKey::new("idp-upstream-cancelled-text");
    let status = StatusCode::FORBIDDEN;
    with_ways(
        question,
        PageError::new(status, "amont-abandon", title, text),
        upstream,
        sign_in,
    )
}

/// It refused, or what it said is not proven.
pub(super) fn failed(upstream: &Upstream, sign_in: &str) -> PageError {
    let question = "franceconnect-en-panne";
    let title = TextKey::new("idp-upstream-failed-title");
    let text = TextKey::new("idp-upstream-failed-text");
    let status = StatusCode::BAD_GATEWAY;
    with_ways(
        question,
        PageError::new(status, "amont-echec", title, text),
        upstream,
        sign_in,
    )
}

/// It told who somebody is, and they open no account: whichever reason it has, this is
/// the page, so that it tells nobody who is known.
pub(super) fn nobody(upstream: &Upstream, sign_in: &str) -> PageError {
    let question = "franceconnect-personne";
    let title = TextKey::new("idp-upstream-nobody-title");
    let text = TextKey::new("idp-upstream-nobody-text");
    let status = StatusCode::FORBIDDEN;
    with_ways(
        question,
        PageError::new(status, "amont-inconnu", title, text),
        upstream,
        sign_in,
    )
}

/// It told who somebody is, and they are not bound to the account.
pub(super) fn not_theirs(upstream: &Upstream, sign_in: &str) -> PageError {
    let question = "franceconnect-personne";
    let title = TextKey::new("idp-upstream-not-theirs-title");
    let text = TextKey::new("idp-upstream-not-theirs-text");
    let status = StatusCode::CONFLICT;
    with_ways(
        question,
        PageError::new(status, "amont-autre-personne", title, text),
        upstream,
        sign_in,
    )
}

/// It told who somebody is, and they open no account that can be grouped.
pub(super) fn not_proven(upstream: &Upstream, sign_in: &str) -> PageError {
    let question = "enfant-manquant";
    let title = TextKey::new("idp-upstream-not-proven-title");
    let text = TextKey::new("idp-upstream-not-proven-text");
    let status = StatusCode::CONFLICT;
    with_ways(
        question,
        PageError::new(status, "amont-sans-compte", title, text),
        upstream,
        sign_in,
    )
}

/// An answer to no request of this browser.
pub(super) fn lost(upstream: &Upstream) -> PageError {
    let title = TextKey::new("idp-upstream-lost-title");
    let text = TextKey::new("idp-upstream-lost-text");
    PageError::new(StatusCode::BAD_REQUEST, "amont-perdu", title, text)
        .question("toujours-la-connexion")
        .value("upstream", upstream.title())
        .way_on(Link::new(TextKey::new("idp-to-account"), Account.path()))
}

fn with_ways(
    question: &'static str,
    error: PageError,
    upstream: &Upstream,
    sign_in: &str,
) -> PageError {
    // Only what has the form of a transaction's name may stand in our links.
    let path = match Token::parse(sign_in) {
        Some(_) => SignIn {
            transaction: sign_in,
        }
        .path()
        .into_owned(),
        None => Account.path().into_owned(),
    };
    error
        .question(question)
        .value("upstream", upstream.title())
        .way_on(Link::new(TextKey::new("idp-upstream-back"), path))
}

#[cfg(test)]
mod tests {
    #[test]
    fn their_questions_are_answered() {
        for question in [
            "franceconnect",
            "franceconnect-en-panne",
            "franceconnect-personne",
            "enfant-manquant",
            "toujours-la-connexion",
            "mot-de-passe-refuse",
        ] {
            assert!(web::testing::is_answered(question), "{question}");
        }
    }
}
