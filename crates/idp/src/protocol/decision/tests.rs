use domain::{account::PersonKind, ambient::Ambient};
use jiff::{ToSpan, civil::date};
use serde_json::json;

use super::*;
use crate::protocol::fixtures;

mod every_case;

/// A scene with one signed-in person; each test changes what it is about.
struct Scene {
    registration: Registration,
    account: Account,
    session: Option<SessionFacts>,
    subject: Subject,
    hint: Hint,
    consented: ScopeSet,
    consent_given_by: Option<AccountId>,
    has_open_report: bool,
    schools: BTreeSet<Uai>,
    reachable: Vec<Acr>,
    has_second_factor: bool,
    now: Timestamp,
}

impl Scene {
    /// Signed in an hour before the request, which was a minute ago.
    fn new() -> Self {
        let account = fixtures::pupil(date(2010, 4, 11));
        Self {
            registration: fixtures::portal(),
            session: Some(session(&account, fixtures::now() - 1.hour())),
            account,
            subject: Subject::from_claim("leo"),
            hint: Hint::Absent,
            consented: ScopeSet::default(),
            consent_given_by: None,
            has_open_report: false,
            schools: BTreeSet::new(),
            reachable: Acr::OWN.to_vec(),
            has_second_factor: false,
            now: fixtures::now() + 1.minute(),
        }
    }

    fn third_party() -> Self {
        let mut scene = Self::new();
        scene.registration.first_party = false;
        scene
    }

    fn signs_in_again(&mut self) {
        self.session = Some(session(&self.account, self.now));
    }

    fn next(&self, changes: &[(&str, &str)]) -> Next {
        self.decide(&fixtures::request(&self.registration, changes))
    }

    fn decide(&self, request: &AuthorizationRequest) -> Next {
        let person = self.session.as_ref().map(|session| Person {
            session,
            account: &self.account,
            subject: &self.subject,
        });
        let situation = Situation {
            person,
            hint: &self.hint,
            schools: &self.schools,
            reachable: &self.reachable,
            has_second_factor: self.has_second_factor,
            consented: &self.consented,
            consent_given_by: self.consent_given_by,
            has_open_report: self.has_open_report,
            now: self.now,
        };
        decide(request, &self.registration, &situation)
    }
}

fn session(account: &Account, auth_time: Timestamp) -> SessionFacts {
    SessionFacts {
        id: SessionId::new(&Ambient::system()),
        account: account.id,
        auth_time,
        acr: Acr::Password,
        amr: vec![Amr::Pwd],
    }
}

fn scopes(text: &str) -> ScopeSet {
    ScopeSet::parse(text).unwrap()
}

fn issued(next: Next) -> Issuance {
    match next {
        Next::Issue(issuance) => issuance,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_town_takes_people_of_its_own_schools_alone() {
    let uai = |code| Uai::parse(code).unwrap();
    let mut scene = Scene::new();
    scene.registration.schools = BTreeSet::from([uai("0750001U"), uai("0750003W")]);
    assert_eq!(scene.next(&[]), Next::WrongSchool);
    assert_eq!(
        scene.next(&[("prompt", "none")]),
        Next::Refuse(Refusal::OtherAccountNeeded)
    );
    scene.schools = BTreeSet::from([uai("0750002V")]);
    assert_eq!(scene.next(&[]), Next::WrongSchool);
    scene.schools.insert(uai("0750001U"));
    issued(scene.next(&[]));
}

#[test]
fn one_sign_in_serves_all_services() {
    let issuance = issued(Scene::new().next(&[("scope", "openid profile")]));
    assert_eq!(issuance.scope, scopes("openid profile"));
    assert_eq!(issuance.acr, Acr::Password);
    assert!(!issuance.offline);
}

#[test]
fn nobody_signed_in_means_signing_in() {
    let mut scene = Scene::new();
    scene.session = None;
    assert_eq!(scene.next(&[]), Next::SignIn(SignInReason::Nobody));
    assert_eq!(
        scene.next(&[("prompt", "none")]),
        Next::Refuse(Refusal::SignInNeeded(SignInReason::Nobody))
    );
}

#[test]
fn a_session_that_the_account_does_not_uphold_is_none() {
    let mut scene = Scene::new();
    scene.account.sessions_from = fixtures::now();
    assert_eq!(scene.next(&[]), Next::SignIn(SignInReason::Nobody));
    let mut scene = Scene::new();
    scene.account.state = domain::account::AccountState::Suspended;
    assert_eq!(scene.next(&[]), Next::SignIn(SignInReason::Nobody));
    let mut scene = Scene::new();
    scene.account.id = AccountId::new(&Ambient::system());
    assert_eq!(scene.next(&[]), Next::SignIn(SignInReason::Nobody));
}

#[test]
fn signing_in_anew_is_asked_once() {
    for (changes, reason) in [
        (("prompt", "login"), SignInReason::Asked),
        (("prompt", "select_account"), SignInReason::ChoiceAsked),
        (("max_age", "0"), SignInReason::TooOld),
        (("max_age", "1800"), SignInReason::TooOld),
    ] {
        let mut scene = Scene::new();
        assert_eq!(scene.next(&[changes]), Next::SignIn(reason), "{changes:?}");
        scene.signs_in_again();
        let auth_time = scene.now;
        scene.now += 1.hour();
        assert_eq!(issued(scene.next(&[changes])).auth_time, auth_time);
    }
    let huge = u64::MAX.to_string();
    for young in ["7200", "10000", huge.as_str()] {
        issued(Scene::new().next(&[("max_age", young)]));
    }
}

#[test]
fn a_hint_for_another_person_is_never_answered_with_this_one() {
    let mut scene = Scene::new();
    scene.hint = Hint::Names(Subject::from_claim("zoe"));
    assert_eq!(scene.next(&[]), Next::SignIn(SignInReason::OtherPerson));
    assert_eq!(
        scene.next(&[("prompt", "none")]),
        Next::Refuse(Refusal::OtherPerson)
    );
    scene.signs_in_again();
    assert_eq!(scene.next(&[]), Next::Refuse(Refusal::OtherPerson));
    scene.hint = Hint::Names(Subject::from_claim("leo"));
    issued(scene.next(&[("prompt", "none")]));
}

#[test]
fn a_hint_that_cannot_be_verified_needs_a_new_sign_in() {
    let mut scene = Scene::new();
    scene.hint = Hint::Unverifiable;
    assert_eq!(scene.next(&[]), Next::SignIn(SignInReason::OtherPerson));
    assert_eq!(
        scene.next(&[("prompt", "none")]),
        Next::Refuse(Refusal::OtherPerson)
    );
    scene.signs_in_again();
    issued(scene.next(&[]));
}

#[test]
fn a_subject_asked_for_as_a_claim_binds_like_a_hint() {
    let claims = |sub: &str| json!({"id_token": {"sub": {"value": sub}}}).to_string();
    let scene = Scene::new();
    issued(scene.next(&[("claims", &claims("leo"))]));
    assert_eq!(
        scene.next(&[("claims", &claims("zoe"))]),
        Next::SignIn(SignInReason::OtherPerson)
    );
}

#[test]
fn contexts_are_wished_or_demanded() {
    let claims = |acr: &str, essential: bool| {
        json!({"id_token": {"acr": {"essential": essential, "values": [acr]}}}).to_string()
    };
    let scene = Scene::new();
    let (mfa, password) = ("urn:preau:acr:mfa", "urn:preau:acr:password");
    assert_eq!(
        issued(scene.next(&[("acr_values", "eidas1 1")])).acr,
        Acr::Password
    );
    issued(scene.next(&[("claims", &claims(mfa, false))]));
    issued(scene.next(&[("claims", &claims(password, true))]));
    for changes in [
        vec![("claims", claims(mfa, true))],
        vec![("claims", claims(mfa, true)), ("prompt", "none".into())],
    ] {
        let changes: Vec<_> = changes
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        // Somebody else may reach it, but not this person, who has no second factor.
        assert_eq!(scene.next(&changes), Next::Refuse(Refusal::AcrNotReached));
    }
    let unheard_of = claims("urn:preau:acr:unheard-of", true);
    assert_eq!(
        scene.next(&[("claims", &unheard_of)]),
        Next::Refuse(Refusal::AcrNotReachable)
    );
}

#[test]
fn a_higher_context_fulfils_a_lower_one() {
    let mut scene = Scene::new();
    scene.session.as_mut().unwrap().acr = Acr::SecondFactor;
    let password = [("acr_values", "urn:preau:acr:password")];
    assert_eq!(issued(scene.next(&password)).acr, Acr::Password);
    let both = [("acr_values", "urn:preau:acr:mfa urn:preau:acr:password")];
    assert_eq!(issued(scene.next(&both)).acr, Acr::SecondFactor);
    assert_eq!(issued(scene.next(&[])).acr, Acr::SecondFactor);
}

#[test]
fn a_client_takes_its_kinds_of_people() {
    let mut scene = Scene::new();
    scene.registration.person_kinds = vec![PersonKind::Guardian];
    assert_eq!(scene.next(&[]), Next::WrongPerson);
    assert_eq!(
        scene.next(&[("prompt", "none")]),
        Next::Refuse(Refusal::OtherAccountNeeded)
    );
}

#[test]
fn young_pupils_are_kept_from_third_parties_without_a_legal_basis() {
    let mut scene = Scene::third_party();
    scene.consented = scopes("openid");
    scene.account.birth_date = Some(date(2014, 1, 4));
    assert_eq!(scene.next(&[]), Next::UnderAge);
    assert_eq!(
        scene.next(&[("prompt", "none")]),
        Next::Refuse(Refusal::UnderAge)
    );
    scene.registration.minors_legal_basis = Some("mission d'intérêt public".into());
    issued(scene.next(&[]));
    scene.registration.minors_legal_basis = None;
    scene.registration.first_party = true;
    issued(scene.next(&[]));
}

#[test]
fn a_reported_link_is_asked_about_before_consent() {
    let mut scene = Scene::third_party();
    scene.has_open_report = true;
    assert_eq!(scene.next(&[]), Next::VerifyChildren);
    assert_eq!(
        scene.next(&[("prompt", "none")]),
        Next::Refuse(Refusal::QuestionOpen)
    );
    assert_eq!(
        Refusal::QuestionOpen.code().as_str(),
        "interaction_required"
    );
    scene.has_open_report = false;
    assert_eq!(scene.next(&[]), Next::Consent(scopes("openid")));
}

#[test]
fn a_reported_link_is_asked_about_after_the_sign_in() {
    let mut scene = Scene::new();
    scene.has_open_report = true;
    assert_eq!(
        scene.next(&[("prompt", "login")]),
        Next::SignIn(SignInReason::Asked)
    );
    scene.signs_in_again();
    assert_eq!(scene.next(&[("prompt", "login")]), Next::VerifyChildren);
    scene.session = None;
    assert_eq!(scene.next(&[]), Next::SignIn(SignInReason::Nobody));
}

#[test]
fn third_parties_need_consent_once() {
    let mut scene = Scene::third_party();
    let asked = [("scope", "openid email")];
    assert_eq!(scene.next(&asked), Next::Consent(scopes("email openid")));
    assert_eq!(
        scene.next(&[("scope", "openid email"), ("prompt", "none")]),
        Next::Refuse(Refusal::ConsentNeeded)
    );
    scene.consented = scopes("openid email");
    issued(scene.next(&asked));
    let more = [("scope", "openid phone")];
    assert_eq!(scene.next(&more), Next::Consent(scopes("openid phone")));
}

#[test]
fn claims_asked_for_by_name_need_consent_too() {
    let mut scene = Scene::third_party();
    scene.consented = scopes("openid");
    let asked = [("claims", r#"{"userinfo": {"children": null}}"#)];
    assert_eq!(scene.next(&asked), Next::Consent(scopes("family openid")));
    scene.consented = scopes("openid family");
    assert_eq!(issued(scene.next(&asked)).scope, scopes("openid"));
}

#[test]
fn consent_that_is_asked_for_counts_for_this_person_and_request() {
    let mut scene = Scene::new();
    let asked = [("prompt", "consent")];
    assert_eq!(scene.next(&asked), Next::Consent(scopes("openid")));
    scene.consented = scopes("openid");
    assert_eq!(scene.next(&asked), Next::Consent(scopes("openid")));
    scene.consent_given_by = Some(AccountId::new(&Ambient::system()));
    assert_eq!(scene.next(&asked), Next::Consent(scopes("openid")));
    scene.consent_given_by = Some(scene.account.id);
    issued(scene.next(&asked));
}

#[test]
fn staying_signed_in_at_a_service_has_its_conditions() {
    let asked = ("scope", "openid offline_access");
    assert!(issued(Scene::new().next(&[asked])).offline);
    let mut scene = Scene::third_party();
    scene.consented = scopes("openid");
    let issuance = issued(scene.next(&[asked]));
    assert!(!issuance.offline && !issuance.scope.contains(Scope::OFFLINE_ACCESS));
    let consent = [asked, ("prompt", "consent")];
    let agreed = scopes("offline_access openid");
    assert_eq!(scene.next(&consent), Next::Consent(agreed.clone()));
    scene.consented = agreed;
    scene.consent_given_by = Some(scene.account.id);
    assert!(issued(scene.next(&consent)).offline);
    assert!(issued(scene.next(&[asked])).offline);
}

#[test]
fn a_level_of_eidas_is_worth_a_page_where_it_can_be_reached() {
    let mut scene = Scene::new();
    let wished = [("acr_values", "eidas1")];
    assert_eq!(issued(scene.next(&wished)).acr, Acr::Password);
    scene.reachable = vec![Acr::Password, Acr::Eidas1];
    assert_eq!(scene.next(&wished), Next::SignIn(SignInReason::AcrTooLow));
    let either = [("acr_values", "eidas1 urn:preau:acr:password")];
    assert_eq!(issued(scene.next(&either)).acr, Acr::Password);
    let silent = [("acr_values", "eidas1"), ("prompt", "none")];
    assert_eq!(issued(scene.next(&silent)).acr, Acr::Password);
    let higher = [("acr_values", "eidas2")];
    assert_eq!(issued(scene.next(&higher)).acr, Acr::Password);
    scene.signs_in_again();
    assert_eq!(issued(scene.next(&wished)).acr, Acr::Password);
    scene.session.as_mut().unwrap().acr = Acr::Eidas2;
    assert_eq!(issued(scene.next(&wished)).acr, Acr::Eidas1);
    // A password was not used: nobody is told that it was.
    let password = [("acr_values", "urn:preau:acr:password")];
    assert_eq!(issued(scene.next(&password)).acr, Acr::Eidas2);
}

#[test]
fn a_second_factor_is_asked_for_where_the_person_has_one() {
    let mut scene = Scene::new();
    let wished = [("acr_values", "urn:preau:acr:mfa")];
    let claims = json!({"id_token": {"acr": {"essential": true, "value": "urn:preau:acr:mfa"}}});
    let claims = claims.to_string();
    let essential = [("claims", claims.as_str())];
    // Who has none is told of as they are, and signing in again would be in vain.
    assert_eq!(issued(scene.next(&wished)).acr, Acr::Password);
    assert_eq!(scene.next(&essential), Next::Refuse(Refusal::AcrNotReached));
    scene.has_second_factor = true;
    let asked = Next::SignIn(SignInReason::AcrTooLow);
    assert_eq!(scene.next(&wished), asked);
    assert_eq!(scene.next(&essential), asked);
    let session = scene.session.as_mut().unwrap();
    session.acr = Acr::SecondFactor;
    session.amr = vec![Amr::Pwd, Amr::Otp, Amr::Mfa];
    assert_eq!(issued(scene.next(&wished)).acr, Acr::SecondFactor);
    assert_eq!(issued(scene.next(&essential)).acr, Acr::SecondFactor);
    // After another provider's word it is one as well.
    let session = scene.session.as_mut().unwrap();
    session.acr = Acr::Eidas1;
    session.amr = vec![Amr::Fc, Amr::Otp, Amr::Mfa];
    assert_eq!(issued(scene.next(&essential)).acr, Acr::SecondFactor);
    assert_eq!(issued(scene.next(&[])).acr, Acr::Eidas1);
}
