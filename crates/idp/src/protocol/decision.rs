//! What comes next for an authorization request: the one order of steps of a sign-in.
//!
//! Every page of the flow ends by asking again, so that no path leads around a check.
//! Whatever asks for a person's action is answered by an act that is later than the
//! request's arrival, so that no step is asked for twice in vain.

use std::collections::BTreeSet;

use domain::{
    account::Account,
    acr::{Acr, Amr},
    client::{GrantType, Registration},
    ids::{AccountId, SessionId},
    school::Uai,
    scope::{Scope, ScopeSet},
    subject::Subject,
};
use jiff::Timestamp;

use super::{authorization::AuthorizationRequest, refusal::Refusal};

/// What a single sign-on session says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionFacts {
    /// As tokens name it.
    pub id: SessionId,
    /// Whose it is.
    pub account: AccountId,
    /// When its person last proved who they are.
    pub auth_time: Timestamp,
    /// What that reached.
    pub acr: Acr,
    /// By which methods.
    pub amr: Vec<Amr>,
}

/// Who is signed in.
#[derive(Clone, Copy, Debug)]
pub struct Person<'a> {
    /// Their session.
    pub session: &'a SessionFacts,
    /// Their account, as it is now.
    pub account: &'a Account,
    /// Their subject at the client that asks.
    pub subject: &'a Subject,
}

/// What `id_token_hint` turned out to be.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Hint {
    /// None was sent.
    #[default]
    Absent,
    /// It cannot be verified, or was not for this client: it names nobody, and only a
    /// sign-in since the request can answer it.
    Unverifiable,
    /// It names this person.
    Names(Subject),
}

/// All that the decision depends on beside the request and the registration.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// Who is signed in.
    pub person: Option<Person<'a>>,
    /// What `id_token_hint` turned out to be.
    pub hint: &'a Hint,
    /// What this person agreed to before, for this client.
    pub consented: &'a ScopeSet,
    /// Who agreed on the consent page of this very request.
    pub consent_given_by: Option<AccountId>,
    /// Whether this person reported a link before they signed in, and was not asked about
    /// it yet (guide, section 4.4.5).
    pub has_open_report: bool,
    /// The schools of this person: a pupil's own, a guardian's children's. Read where the
    /// registration is limited to some.
    pub schools: &'a BTreeSet<Uai>,
    /// The contexts that a sign-in for this client can reach.
    pub reachable: &'a [Acr],
    /// Whether this person has a second factor, where the request asks for one.
    pub has_second_factor: bool,
    /// The current instant.
    pub now: Timestamp,
}

/// Why somebody must sign in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SignInReason {
    /// Nobody is signed in, or the account no longer upholds the session.
    Nobody,
    /// `prompt=login`.
    Asked,
    /// `prompt=select_account`.
    ChoiceAsked,
    /// The sign-in is older than `max_age`.
    TooOld,
    /// Another person is signed in than the request names.
    OtherPerson,
    /// The session does not reach an essential `acr`.
    AcrTooLow,
}

/// What comes next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Next {
    /// The sign-in page.
    SignIn(SignInReason),
    /// The page « Vérifiez vos enfants »: what the client learns hangs on its answer.
    VerifyChildren,
    /// The consent page, for these scopes.
    Consent(ScopeSet),
    /// A page: this client does not take this kind of person.
    WrongPerson,
    /// A page: this client takes people of other schools.
    WrongSchool,
    /// A page, then [`Refusal::UnderAge`] to the client.
    UnderAge,
    /// A code.
    Issue(Issuance),
    /// An error to the client.
    Refuse(Refusal),
}

/// What a code stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Issuance {
    /// Whose account.
    pub account: AccountId,
    /// In which session.
    pub session: SessionId,
    /// When the person proved who they are.
    pub auth_time: Timestamp,
    /// The context to answer: the best of those asked for that the sign-in fulfils, or
    /// what it reached.
    pub acr: Acr,
    /// By which methods.
    pub amr: Vec<Amr>,
    /// What is granted.
    pub scope: ScopeSet,
    /// Whether a refresh token belongs to it (OpenID Connect Core, section 11).
    pub offline: bool,
}

/// Decides.
pub fn decide(
    request: &AuthorizationRequest,
    registration: &Registration,
    situation: &Situation<'_>,
) -> Next {
    let next = decide_with_pages(request, registration, situation);
    if request.prompt.none {
        without_pages(next)
    } else {
        next
    }
}

/// `prompt=none` never shows a page: each has its error (OpenID Connect Core, section
/// 3.1.2.6).
fn without_pages(next: Next) -> Next {
    let refusal = match next {
        Next::SignIn(SignInReason::OtherPerson) => Refusal::OtherPerson,
        Next::SignIn(reason) => Refusal::SignInNeeded(reason),
        Next::VerifyChildren => Refusal::QuestionOpen,
        Next::Consent(_) => Refusal::ConsentNeeded,
        Next::WrongPerson | Next::WrongSchool => Refusal::OtherAccountNeeded,
        Next::UnderAge => Refusal::UnderAge,
        Next::Issue(_) | Next::Refuse(_) => return next,
    };
    Next::Refuse(refusal)
}

fn decide_with_pages(
    request: &AuthorizationRequest,
    registration: &Registration,
    situation: &Situation<'_>,
) -> Next {
    if !is_acr_reachable(request, situation.reachable.iter().copied()) {
        return Next::Refuse(Refusal::AcrNotReachable);
    }
    let Some(person) = situation.person.filter(is_signed_in) else {
        return Next::SignIn(SignInReason::Nobody);
    };
    if let Some(needed) = authentication_needed(request, situation, &person) {
        return needed;
    }
    if !registration.takes(person.account.kind) {
        return Next::WrongPerson;
    }
    if !registration.takes_of(situation.schools) {
        return Next::WrongSchool;
    }
    if is_barred_by_age(registration, person.account, situation.now) {
        return Next::UnderAge;
    }
    if situation.has_open_report {
        return Next::VerifyChildren;
    }
    let scope = scope_to_grant(request, registration, situation.consented);
    if needs_consent(request, registration, situation, &person, &scope) {
        return Next::Consent(scope.union(&request.claims_scope));
    }
    Next::Issue(issuance(request, registration, &person, scope))
}

fn is_signed_in(person: &Person<'_>) -> bool {
    person.session.account == person.account.id && person.account.upholds(person.session.auth_time)
}

fn authentication_needed(
    request: &AuthorizationRequest,
    situation: &Situation<'_>,
    person: &Person<'_>,
) -> Option<Next> {
    // A sign-in since the request's arrival is the best that signing in again can bring.
    // Compared in milliseconds, as the stores keep them.
    let signed_in_at = person.session.auth_time.as_millisecond();
    let is_fresh = signed_in_at >= request.received_at.as_millisecond();
    if let Some(reason) = staleness(request, person.session, situation.now).filter(|_| !is_fresh) {
        return Some(Next::SignIn(reason));
    }
    if !is_expected(request, situation.hint, person.subject, is_fresh) {
        let sign_in = Next::SignIn(SignInReason::OtherPerson);
        return Some(if is_fresh {
            Next::Refuse(Refusal::OtherPerson)
        } else {
            sign_in
        });
    }
    if !reaches_essential_acr(request, person.session) {
        let sign_in = Next::SignIn(SignInReason::AcrTooLow);
        let is_vain = is_fresh || !is_acr_reachable(request, within_reach(situation));
        return Some(if is_vain {
            Next::Refuse(Refusal::AcrNotReached)
        } else {
            sign_in
        });
    }
    if !is_fresh && wants_step_up(request, person.session, situation) {
        return Some(Next::SignIn(SignInReason::AcrTooLow));
    }
    None
}

/// A level of eIDAS in `acr_values`, or a second factor, is worth a page, as long as it can
/// be reached and a page may be shown; whoever signs in below it all the same is told of as
/// they are.
fn wants_step_up(
    request: &AuthorizationRequest,
    session: &SessionFacts,
    situation: &Situation<'_>,
) -> bool {
    let is_within_reach = |wanted: &String| {
        let mut levels = within_reach(situation).filter(|acr| *acr != Acr::Password);
        levels.any(|acr| fulfils(acr, &[], wanted).is_some())
    };
    !request.prompt.none
        && request.acr_values.iter().any(is_within_reach)
        && answered_acr(&request.acr_values, session).is_none()
}

/// What this very person can reach by signing in again.
fn within_reach<'a>(situation: &'a Situation<'_>) -> impl Iterator<Item = Acr> + 'a {
    let reachable = situation.reachable.iter().copied();
    reachable.filter(|acr| *acr != Acr::SecondFactor || situation.has_second_factor)
}

/// Whether the request asks for this context, as essential or not.
pub fn names(request: &AuthorizationRequest, acr: Acr) -> bool {
    let asked = [request.claims.essential_acr(), &request.acr_values];
    let mut asked = asked.into_iter().flatten();
    asked.any(|wanted| wanted == acr.as_str())
}

fn staleness(
    request: &AuthorizationRequest,
    session: &SessionFacts,
    now: Timestamp,
) -> Option<SignInReason> {
    if request.prompt.login {
        return Some(SignInReason::Asked);
    }
    if request.prompt.select_account {
        return Some(SignInReason::ChoiceAsked);
    }
    let age = u128::try_from(now.duration_since(session.auth_time).as_millis()).unwrap_or(0);
    let is_too_old = |max_age| age > u128::from(max_age) * 1000;
    request
        .max_age
        .is_some_and(is_too_old)
        .then_some(SignInReason::TooOld)
}

/// Whether this is the person whom the request names, if it names one by a hint or by
/// the claim `sub` (OpenID Connect Core, sections 3.1.2.2 and 5.5.1).
fn is_expected(
    request: &AuthorizationRequest,
    hint: &Hint,
    subject: &Subject,
    is_fresh: bool,
) -> bool {
    let by_hint = match hint {
        Hint::Absent => true,
        Hint::Unverifiable => is_fresh,
        Hint::Names(expected) => expected == subject,
    };
    let named = request.claims.subjects();
    by_hint && (named.is_empty() || named.iter().any(|name| name == subject.as_str()))
}

fn is_acr_reachable(
    request: &AuthorizationRequest,
    mut reachable: impl Iterator<Item = Acr>,
) -> bool {
    let essential = request.claims.essential_acr();
    let is_essential = |acr: Acr| {
        let mut essential = essential.iter();
        essential.any(|wanted| fulfils(acr, &[], wanted).is_some())
    };
    essential.is_empty() || reachable.any(is_essential)
}

fn reaches_essential_acr(request: &AuthorizationRequest, session: &SessionFacts) -> bool {
    let essential = request.claims.essential_acr();
    essential.is_empty() || answered_acr(essential, session).is_some()
}

/// The first of the wanted contexts that a session fulfils.
fn answered_acr(wanted: &[String], session: &SessionFacts) -> Option<Acr> {
    let mut wanted = wanted.iter();
    wanted.find_map(|wanted| fulfils(session.acr, &session.amr, wanted))
}

fn fulfils(reached: Acr, amr: &[Amr], wanted: &str) -> Option<Acr> {
    let mut fulfilled = reached.fulfilled_by(amr);
    fulfilled.find(|acr| acr.as_str() == wanted)
}

fn is_barred_by_age(registration: &Registration, account: &Account, now: Timestamp) -> bool {
    !registration.first_party
        && registration.minors_legal_basis.is_none()
        && account.is_under_digital_majority(now)
}

/// What was asked for, without `offline_access` where the conditions of OpenID Connect
/// Core, section 11 are not met: the person is asked, agreed before, or the service is
/// the school system's own.
fn scope_to_grant(
    request: &AuthorizationRequest,
    registration: &Registration,
    consented: &ScopeSet,
) -> ScopeSet {
    let is_agreed = registration.first_party
        || request.prompt.consent
        || consented.contains(Scope::OFFLINE_ACCESS);
    let scope = request.scope.intersection(&registration.scope);
    if is_agreed && registration.may_use(GrantType::RefreshToken) {
        scope
    } else {
        scope.without(Scope::OFFLINE_ACCESS)
    }
}

fn needs_consent(
    request: &AuthorizationRequest,
    registration: &Registration,
    situation: &Situation<'_>,
    person: &Person<'_>,
    scope: &ScopeSet,
) -> bool {
    if request.prompt.consent && situation.consent_given_by != Some(person.account.id) {
        return true;
    }
    let wanted = scope.union(&request.claims_scope);
    !registration.first_party && !wanted.is_within(situation.consented)
}

fn issuance(
    request: &AuthorizationRequest,
    registration: &Registration,
    person: &Person<'_>,
    scope: ScopeSet,
) -> Issuance {
    let session = person.session;
    let wanted = [
        request.claims.essential_acr(),
        request.claims.voluntary_acr(),
        &request.acr_values,
    ];
    let answered = wanted
        .into_iter()
        .find_map(|wanted| answered_acr(wanted, session));
    Issuance {
        account: person.account.id,
        session: session.id,
        auth_time: session.auth_time,
        acr: answered.unwrap_or(session.acr),
        amr: session.amr.clone(),
        offline: scope.contains(Scope::OFFLINE_ACCESS)
            && registration.may_use(GrantType::RefreshToken),
        scope,
    }
}

#[cfg(test)]
mod tests;
