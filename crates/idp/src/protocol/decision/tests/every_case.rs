//! Rules that hold in every combination of what the decision looks at.

use super::*;

fn every_case(mut look: impl FnMut(&mut Scene, &AuthorizationRequest)) {
    let prompts = [
        "",
        "none",
        "login",
        "consent",
        "select_account",
        "login consent",
    ];
    let acr = |value: &str| json!({"acr": {"essential": true, "value": value}});
    let wishes = [
        json!({}),
        json!({"sub": {"value": "leo"}}),
        json!({"sub": {"value": "zoe"}}),
        acr("urn:preau:acr:password"),
        acr("urn:preau:acr:mfa"),
    ];
    for prompt in prompts {
        for max_age in ["", "0", "600"] {
            for wish in &wishes {
                let claims = json!({"id_token": wish}).to_string();
                let changes = [
                    ("prompt", prompt),
                    ("max_age", max_age),
                    ("claims", claims.as_str()),
                    ("scope", "openid email offline_access"),
                ];
                let request = fixtures::request(&fixtures::portal(), &changes);
                every_scene(|scene| look(scene, &request));
            }
        }
    }
}

fn every_scene(mut look: impl FnMut(&mut Scene)) {
    let hints = ["leo", "zoe"].map(|sub| Hint::Names(Subject::from_claim(sub)));
    let [leo, zoe] = hints;
    for hint in [Hint::Absent, Hint::Unverifiable, leo, zoe] {
        for bits in 0_u8..=255 {
            let bit = |index: u8| bits & (1 << index) != 0;
            let mut scene = Scene::new();
            scene.hint = hint.clone();
            scene.registration.first_party = bit(0);
            if bit(1) {
                scene.registration.person_kinds = vec![PersonKind::Guardian];
            }
            if bit(2) {
                scene.account.birth_date = None;
            }
            if bit(3) {
                scene.consented = scopes("openid email offline_access");
            }
            if bit(4) {
                scene.consent_given_by = Some(scene.account.id);
            }
            if bit(5) {
                scene.signs_in_again();
            }
            if bit(6) {
                scene.account.sessions_from = scene.now - 5.minutes();
            }
            scene.has_open_report = bit(7);
            scene.has_second_factor = bit(6);
            look(&mut scene);
        }
    }
}

#[test]
fn without_pages_no_case_ends_in_a_page() {
    every_case(|scene, request| {
        let next = scene.decide(request);
        if request.prompt.none {
            assert!(matches!(next, Next::Issue(_) | Next::Refuse(_)), "{next:?}");
        }
    });
}

#[test]
fn whoever_just_signed_in_is_not_asked_to_again() {
    every_case(|scene, request| {
        scene.account.sessions_from = Timestamp::UNIX_EPOCH;
        scene.signs_in_again();
        let next = scene.decide(request);
        assert!(!matches!(next, Next::SignIn(_)), "{next:?} {request:?}");
    });
}

#[test]
fn whoever_just_agreed_is_not_asked_to_again() {
    every_case(|scene, request| {
        if let Next::Consent(agreed) = scene.decide(request) {
            scene.consented = scene.consented.union(&agreed);
            scene.consent_given_by = Some(scene.account.id);
            let next = scene.decide(request);
            assert!(matches!(next, Next::Issue(_)), "{next:?}");
        }
    });
}

#[test]
fn a_code_is_issued_only_where_every_rule_is_kept() {
    let mut issued = 0;
    every_case(|scene, request| {
        let Next::Issue(issuance) = scene.decide(request) else {
            return;
        };
        issued += 1;
        let session = scene.session.as_ref().unwrap();
        let is_fresh = session.auth_time >= request.received_at;
        assert!(scene.account.upholds(session.auth_time));
        assert!(scene.registration.takes(scene.account.kind));
        assert!(scene.registration.first_party || scene.account.birth_date.is_some());
        assert!(scene.registration.first_party || issuance.scope.is_within(&scene.consented));
        assert!(is_fresh || !(request.prompt.login || request.prompt.select_account));
        assert!(is_fresh || request.max_age.is_none());
        assert!(!request.prompt.consent || scene.consent_given_by.is_some());
        assert!(!scene.has_open_report);
        assert_ne!(scene.hint, Hint::Names(Subject::from_claim("zoe")));
        assert!(is_fresh || scene.hint != Hint::Unverifiable);
        assert!(!request.claims.subjects().contains(&"zoe".to_owned()));
        assert!(issuance.scope.is_within(&request.scope));
        assert_eq!(
            issuance.offline,
            issuance.scope.contains(Scope::OFFLINE_ACCESS)
        );
    });
    assert!(issued > 500, "{issued}");
}
