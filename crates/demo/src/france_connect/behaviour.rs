//! How the simulator behaves: as FranceConnect should, or in a way that a service must
//! withstand. One at a time, for everybody, until it is changed.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::time::sleep;

use super::{Simulator, keys::Algorithm};

/// A way to behave.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Behaviour {
    /// As FranceConnect does.
    #[default]
    Normal,
    /// As sandbox tokens were in 2025: `typ` in the header, `at_hash` in the ID token.
    Former,
    /// Everything under the issuer answers 503.
    Down,
    /// What servers ask for is answered late.
    Slow,
    /// The token endpoint answers 500.
    TokenDown,
    /// `UserInfo` answers 500.
    UserInfoDown,
    /// The person cancels at once.
    UserCancels,
    /// The answer is `server_error`.
    ServerError,
    /// The answer is `temporarily_unavailable`.
    TemporarilyUnavailable,
    /// An error whose `state` is the text `undefined`.
    UndefinedState,
    /// A code with another `state`.
    OtherState,
    /// A code with another `iss`.
    OtherIss,
    /// The civil register knows nobody of that identity.
    IdentityNotFound,
    /// The civil register does not answer.
    RegisterDown,
    /// The code has ended before it is used.
    CodeEnded,
    /// The ID token's `nonce` is another.
    WrongNonce,
    /// The ID token is signed by another key under the name of a published one.
    WrongKey,
    /// The ID token is signed by a key that is nowhere published.
    UnknownKey,
    /// The ID token's `alg` is `none`.
    Unsigned,
    /// The ID token is signed with the secret.
    Symmetric,
    /// The ID token is for another service.
    OtherAudience,
    /// The ID token is from another issuer.
    OtherIssuer,
    /// The ID token ended an hour ago.
    Expired,
    /// The ID token's `acr` is another.
    WrongLevel,
    /// The access token has ended before it is used.
    AccessTokenEnded,
    /// `UserInfo` is about somebody else.
    OtherSub,
    /// `UserInfo` is signed by another key.
    UserInfoWrongKey,
    /// `UserInfo` is for another service.
    UserInfoOtherAudience,
    /// `UserInfo` is not signed.
    PlainUserInfo,
    /// `UserInfo` lacks `sub`.
    WithoutSub,
    /// `UserInfo` lacks the given names.
    WithoutGivenName,
    /// `UserInfo` lacks the name of birth.
    WithoutFamilyName,
    /// `UserInfo` lacks the date of birth.
    WithoutBirthdate,
    /// Sign-out ends on an error page.
    SignOutFails,
}

/// Where a behaviour shows; the page lists them so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part {
    Whole,
    Return,
    Token,
    IdToken,
    UserInfo,
    SignOut,
}

/// A behaviour as the page lists it.
pub(super) struct Entry {
    pub(super) behaviour: Behaviour,
    /// Its name in forms.
    pub(super) name: &'static str,
    pub(super) part: Part,
    /// French and English.
    pub(super) label: [&'static str; 2],
}

const fn entry(
    behaviour: Behaviour,
    name: &'static str,
    part: Part,
    label: [&'static str; 2],
) -> Entry {
    Entry {
        behaviour,
        name,
        part,
        label,
    }
}

use Behaviour as B;

/// Every behaviour.
#[rustfmt::skip]
pub(super) const ENTRIES: [Entry; 34] = [
    entry(B::Normal, "normal", Part::Whole, ["Normal", "As it should"]),
    entry(B::Former, "former", Part::Whole, ["Normal, avec typ et at_hash", "As it should, with typ and at_hash"]),
    entry(B::Down, "down", Part::Whole, ["En panne (503)", "Down (503)"]),
    entry(B::Slow, "slow", Part::Whole, ["Lent : les serveurs attendent dix secondes", "Slow: servers wait ten seconds"]),
    entry(B::UserCancels, "user-cancels", Part::Return, ["La personne renonce (access_denied)", "The person cancels (access_denied)"]),
    entry(B::ServerError, "server-error", Part::Return, ["server_error", "server_error"]),
    entry(B::TemporarilyUnavailable, "temporarily-unavailable", Part::Return, ["temporarily_unavailable", "temporarily_unavailable"]),
    entry(B::UndefinedState, "undefined-state", Part::Return, ["Une erreur avec state=undefined", "An error with state=undefined"]),
    entry(B::OtherState, "other-state", Part::Return, ["Un code avec un autre state", "A code with another state"]),
    entry(B::OtherIss, "other-iss", Part::Return, ["Un code avec un autre iss", "A code with another iss"]),
    entry(B::IdentityNotFound, "identity-not-found", Part::Return, ["Identité introuvable à l’état civil (page Y010004)", "Identity not in the civil register (page Y010004)"]),
    entry(B::RegisterDown, "register-down", Part::Return, ["État civil injoignable (page Y010011)", "Civil register out of reach (page Y010011)"]),
    entry(B::TokenDown, "token-down", Part::Token, ["Erreur 500", "Error 500"]),
    entry(B::CodeEnded, "code-ended", Part::Token, ["Code expiré", "Code ended"]),
    entry(B::WrongNonce, "wrong-nonce", Part::IdToken, ["Autre nonce", "Another nonce"]),
    entry(B::WrongKey, "wrong-key", Part::IdToken, ["Signé par une autre clé, sous le nom de la bonne", "Signed by another key, under the right one’s name"]),
    entry(B::UnknownKey, "unknown-key", Part::IdToken, ["Signé par une clé inconnue", "Signed by an unknown key"]),
    entry(B::Unsigned, "unsigned", Part::IdToken, ["Sans signature (alg none)", "Without signature (alg none)"]),
    entry(B::Symmetric, "symmetric", Part::IdToken, ["Signé avec le secret (HS256)", "Signed with the secret (HS256)"]),
    entry(B::OtherAudience, "other-audience", Part::IdToken, ["Destiné à un autre service", "For another service"]),
    entry(B::OtherIssuer, "other-issuer", Part::IdToken, ["D’un autre émetteur", "From another issuer"]),
    entry(B::Expired, "expired", Part::IdToken, ["Expiré", "Expired"]),
    entry(B::WrongLevel, "wrong-acr", Part::IdToken, ["Autre niveau (acr)", "Another level (acr)"]),
    entry(B::UserInfoDown, "user-info-down", Part::UserInfo, ["Erreur 500", "Error 500"]),
    entry(B::AccessTokenEnded, "access-token-ended", Part::UserInfo, ["Jeton d’accès expiré", "Access token ended"]),
    entry(B::OtherSub, "other-sub", Part::UserInfo, ["Autre sub que celui de l’ID token", "Another sub than the ID token’s"]),
    entry(B::UserInfoWrongKey, "user-info-wrong-key", Part::UserInfo, ["Signé par une autre clé", "Signed by another key"]),
    entry(B::UserInfoOtherAudience, "user-info-other-audience", Part::UserInfo, ["Destiné à un autre service", "For another service"]),
    entry(B::PlainUserInfo, "plain-user-info", Part::UserInfo, ["Sans signature (JSON)", "Without signature (JSON)"]),
    entry(B::WithoutSub, "without-sub", Part::UserInfo, ["Sans sub", "Without sub"]),
    entry(B::WithoutGivenName, "without-given-name", Part::UserInfo, ["Sans prénom", "Without given names"]),
    entry(B::WithoutFamilyName, "without-family-name", Part::UserInfo, ["Sans nom de naissance", "Without name of birth"]),
    entry(B::WithoutBirthdate, "without-birthdate", Part::UserInfo, ["Sans date de naissance", "Without date of birth"]),
    entry(B::SignOutFails, "sign-out-fails", Part::SignOut, ["Page d’erreur (Y046CD1)", "Error page (Y046CD1)"]),
];

impl Behaviour {
    /// Its name in the form of the simulator's page (`behaviour=wrong-nonce`).
    pub fn name(self) -> &'static str {
        let entry = ENTRIES.iter().find(|entry| entry.behaviour == self);
        entry.map_or("", |entry| entry.name)
    }

    /// The behaviour of that name.
    pub fn parse(name: &str) -> Option<Self> {
        let entry = ENTRIES.iter().find(|entry| entry.name == name)?;
        Some(entry.behaviour)
    }

    /// Every behaviour.
    pub fn all() -> impl Iterator<Item = Self> {
        ENTRIES.iter().map(|entry| entry.behaviour)
    }
}

/// How the simulator behaves now.
#[derive(Default)]
pub(super) struct Mood(Mutex<(Behaviour, Algorithm)>);

impl Mood {
    pub(super) fn behaviour(&self) -> Behaviour {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1
    }

    pub(super) fn change(&self, behaviour: Behaviour, algorithm: Algorithm) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (behaviour, algorithm);
    }
}

/// Stands before everything under the issuer: nothing answers while the simulator is
/// down, and what servers ask for waits while it is slow.
pub(super) async fn hinder(
    State(simulator): State<Arc<Simulator>>,
    request: Request,
    next: Next,
) -> Response {
    match simulator.mood.behaviour() {
        Behaviour::Down => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Behaviour::Slow if is_for_servers(request.uri().path()) => {
            sleep(simulator.settings.slowness).await;
            next.run(request).await
        }
        _ => next.run(request).await,
    }
}

/// The path as it is within the issuer's, or whole.
fn is_for_servers(path: &str) -> bool {
    let ends = [
        "/.well-known/openid-configuration",
        "/jwks",
        "/token",
        "/token/revocation",
        "/userinfo",
    ];
    ends.iter().any(|end| path.ends_with(end))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_behaviour_stands_once_in_the_list() {
        let names: HashSet<_> = Behaviour::all().map(Behaviour::name).collect();
        assert_eq!(names.len(), ENTRIES.len());
        for behaviour in Behaviour::all() {
            assert_eq!(Behaviour::parse(behaviour.name()), Some(behaviour));
        }
        // The last one declared tells how many there are.
        assert_eq!(Behaviour::SignOutFails as usize + 1, ENTRIES.len());
    }
}
