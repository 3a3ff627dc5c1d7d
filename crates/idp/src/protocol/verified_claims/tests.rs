use std::collections::BTreeMap;

use domain::{acr::Acr, verified_claims::TrustFramework};
use proptest::prelude::*;

use super::*;

const NOW: &str = "2026-11-27T10:00:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn all() -> BTreeSet<String> {
    SUPPORTED.map(str::to_owned).into()
}

fn france_connect() -> Vouched {
    Vouched {
        framework: TrustFramework::Eidas,
        level: Some(Acr::Eidas1),
        at: "2026-11-27T09:00:00Z".parse().unwrap(),
        voucher: Some("FranceConnect".to_owned()),
        claims: BTreeMap::from([
            ("given_name", json!("Claire Marie")),
            ("family_name", json!("LEROY")),
            ("birthdate", json!("1978-03-22")),
        ]),
    }
}

fn school() -> Vouched {
    Vouched {
        framework: TrustFramework::Schools,
        level: None,
        at: "2026-09-01T00:00:00Z".parse().unwrap(),
        voucher: None,
        claims: BTreeMap::from([
            ("given_name", json!("Claire")),
            ("family_name", json!("MARTIN")),
        ]),
    }
}

fn answer_of(member: &Value, allowed: &BTreeSet<String>) -> Option<Value> {
    let request = VerifiedRequest::parse(Some(member)).unwrap();
    // As it is kept with a grant.
    let kept = serde_json::to_string(&request).unwrap();
    let request: VerifiedRequest = serde_json::from_str(&kept).unwrap();
    request.answer(&[france_connect(), school()], allowed, now())
}

fn answer(member: &Value) -> Option<Value> {
    answer_of(member, &all())
}

fn asking(verification: Value, claims: Value) -> Value {
    let members = [("verification", verification), ("claims", claims)];
    let members = members.map(|(name, member)| (name.to_owned(), member));
    Value::Object(members.into_iter().collect())
}

#[test]
fn what_is_named_is_answered_and_nothing_else() {
    let told = answer(&asking(
        json!({"trust_framework": null}),
        json!({"family_name": null, "address": null}),
    ));
    assert_eq!(
        told,
        Some(asking(
            json!({"trust_framework": "eidas"}),
            json!({"family_name": "LEROY"})
        ))
    );
    let told = answer(&asking(
        json!({"trust_framework": null, "assurance_level": null, "time": null,
               "evidence": [{"type": {"value": "vouch"}, "time": null}]}),
        json!({"given_name": {"essential": true}, "birthdate": {"purpose": "Inscription"}}),
    ));
    let expected = asking(
        json!({"trust_framework": "eidas", "assurance_level": "low",
               "time": "2026-11-27T09:00:00Z",
               "evidence": [{"type": "vouch", "time": "2026-11-27T09:00:00Z"}]}),
        json!({"given_name": "Claire Marie", "birthdate": "1978-03-22"}),
    );
    assert_eq!(told, Some(expected));
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of conditions")]
fn a_condition_on_the_verification_chooses_who_vouches_or_takes_all_away() {
    let claims = json!({"family_name": null});
    let of = |verification: Value| answer(&asking(verification, claims.clone()));
    let name = |told: Option<Value>| told.map(|told| told["claims"]["family_name"].clone());
    let schools = TrustFramework::Schools.as_str();
    let table = [
        (
            json!({"trust_framework": {"value": "eidas"}}),
            Some("LEROY"),
        ),
        (
            json!({"trust_framework": {"value": schools}}),
            Some("MARTIN"),
        ),
        (
            json!({"trust_framework": {"values": ["de_aml", schools]}}),
            Some("MARTIN"),
        ),
        (json!({"trust_framework": {"value": "de_aml"}}), None),
        (json!({"trust_framework": {"values": []}}), None),
        (
            json!({"trust_framework": null, "assurance_level": {"value": "low"}}),
            Some("LEROY"),
        ),
        (
            json!({"trust_framework": null, "assurance_level": {"value": "high"}}),
            None,
        ),
        (
            json!({"trust_framework": null, "time": {"max_age": 3600}}),
            Some("LEROY"),
        ),
        (
            json!({"trust_framework": null, "time": {"max_age": 3599}}),
            None,
        ),
        (
            json!({"trust_framework": {"value": schools}, "time": {"max_age": 60}}),
            None,
        ),
        (
            json!({"trust_framework": null, "verification_process": null}),
            Some("LEROY"),
        ),
        (
            json!({"trust_framework": null, "verification_process": {"value": "x"}}),
            None,
        ),
        (
            json!({"trust_framework": null, "evidence": [{"type": {"value": "document"}}]}),
            None,
        ),
        (
            json!({"trust_framework": null, "evidence": [
                {"type": {"value": "document"}}, {"type": {"value": "vouch"}}]}),
            Some("LEROY"),
        ),
        (
            json!({"trust_framework": null, "evidence": [{"type": {"value": "vouch"},
                "attestation": {"type": null, "voucher": {"organization": {"value": "X"}}}}]}),
            None,
        ),
    ];
    for (verification, expected) in table {
        let told = name(of(verification.clone()));
        assert_eq!(told, expected.map(Value::from), "{verification}");
    }
}

#[test]
fn a_condition_on_a_claim_takes_that_claim_away() {
    let told = |claims: Value| answer(&asking(json!({"trust_framework": null}), claims));
    let one = told(json!({"given_name": {"value": "Paul"}, "family_name": {"values": ["LEROY"]}}));
    assert_eq!(one.unwrap()["claims"], json!({"family_name": "LEROY"}));
    assert_eq!(told(json!({"birthdate": {"value": "1978-03-23"}})), None);
}

#[test]
fn a_client_gets_what_it_is_registered_for() {
    let allowed = BTreeSet::from(["given_name".to_owned()]);
    let both = asking(
        json!({"trust_framework": null}),
        json!({"given_name": null, "birthdate": null}),
    );
    let told = answer_of(&both, &allowed).unwrap();
    assert_eq!(told["claims"], json!({"given_name": "Claire Marie"}));
    assert_eq!(answer_of(&both, &BTreeSet::new()), None);
}

#[test]
fn elements_are_answered_each_by_itself() {
    let of = |framework: &str| {
        asking(
            json!({"trust_framework": {"value": framework}}),
            json!({"family_name": null}),
        )
    };
    let schools = TrustFramework::Schools.as_str();
    let told = answer(&json!([of("eidas"), of("de_aml"), of(schools)])).unwrap();
    let names: Vec<_> = told.as_array().unwrap().iter().collect();
    assert_eq!(names.len(), 2);
    assert_eq!(names[0]["claims"]["family_name"], "LEROY");
    assert_eq!(names[1]["claims"]["family_name"], "MARTIN");
    assert_eq!(answer(&json!([of("de_aml")])), None);
    assert_eq!(answer(&json!([])), None);
}

#[test]
fn evidence_is_told_as_deep_as_it_is_asked_for() {
    let evidence = |entry: Value| {
        let verification = json!({"trust_framework": null, "evidence": entry});
        let told = answer(&asking(verification, json!({"given_name": null}))).unwrap();
        told["verification"].get("evidence").cloned()
    };
    assert_eq!(evidence(Value::Null), None);
    let kind = json!({"type": {"value": "vouch"}});
    assert_eq!(evidence(json!([kind])), Some(json!([{"type": "vouch"}])));
    let voucher = json!([{"type": {"value": "vouch"},
                          "attestation": {"type": null, "voucher": {"organization": null}}}]);
    let told = json!([{"type": "vouch", "attestation": {
        "type": "digital_attestation", "voucher": {"organization": "FranceConnect"}}}]);
    assert_eq!(evidence(voucher), Some(told));
    // An attestation that does not say of which type it is would be none.
    let untyped = json!([{"type": {"value": "vouch"},
                          "attestation": {"voucher": {"organization": null}}}]);
    assert_eq!(evidence(untyped), Some(json!([{"type": "vouch"}])));
}

#[test]
fn malformed_ones_are_refused() {
    let good = asking(
        json!({"trust_framework": null}),
        json!({"given_name": null}),
    );
    assert!(VerifiedRequest::parse(Some(&good)).is_ok());
    assert!(VerifiedRequest::parse(None).unwrap().is_empty());
    let framework = json!({"trust_framework": null});
    let name = json!({"given_name": null});
    let with = |evidence: Value| {
        asking(
            json!({"trust_framework": null, "evidence": evidence}),
            name.clone(),
        )
    };
    let table = [
        Value::Null,
        json!("eidas"),
        json!([null]),
        json!({"claims": name}),
        json!({"verification": framework}),
        asking(json!({}), name.clone()),
        asking(Value::Null, name.clone()),
        asking(framework.clone(), json!({})),
        asking(framework.clone(), Value::Null),
        asking(framework.clone(), json!({"given_name": "Claire"})),
        asking(framework.clone(), json!({"given_name": []})),
        asking(json!({"trust_framework": "eidas"}), name.clone()),
        asking(
            json!({"trust_framework": {"values": "eidas"}}),
            name.clone(),
        ),
        asking(
            json!({"trust_framework": null, "time": {"max_age": -1}}),
            name.clone(),
        ),
        asking(framework, json!({"given_name": {"essential": "yes"}})),
        with(json!({"type": {"value": "vouch"}})),
        with(json!([{}])),
        with(json!([{"type": null}])),
        with(json!([{"type": {"values": ["vouch"]}}])),
        with(json!(["vouch"])),
    ];
    for member in table {
        let refused = VerifiedRequest::parse(Some(&member));
        assert_eq!(refused, Err(NotAClaimsRequest::Member), "{member}");
    }
    let many = Value::Array(vec![good.clone(); 11]);
    let mut deep = json!({"value": "x"});
    for _ in 0..9 {
        deep = json!({ "x": deep });
    }
    let deep = asking(json!({"trust_framework": null, "x": deep}), name);
    for member in [many, deep] {
        let refused = VerifiedRequest::parse(Some(&member));
        assert_eq!(refused, Err(NotAClaimsRequest::TooLarge), "{member}");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        prop_oneof![Just("eidas"), Just("vouch"), Just("low"), Just("LEROY")].prop_map(Value::from),
        (0..9000u64).prop_map(Value::from),
    ];
    let names = prop_oneof![
        Just("trust_framework"),
        Just("assurance_level"),
        Just("time"),
        Just("evidence"),
        Just("type"),
        Just("value"),
        Just("values"),
        Just("max_age"),
        Just("essential"),
        Just("attestation"),
        Just("voucher"),
        Just("organization"),
        Just("x"),
    ]
    .prop_map(str::to_owned);
    leaf.prop_recursive(5, 40, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::btree_map(names.clone(), inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Whether every member of an answer was named by its request, at any depth.
fn is_within(answer: &Value, wish: &Value) -> bool {
    match (answer, wish) {
        (Value::Object(members), Value::Object(wishes)) => members
            .iter()
            .all(|(name, member)| wishes.get(name).is_some_and(|wish| is_within(member, wish))),
        (Value::Array(entries), Value::Array(wishes)) => entries
            .iter()
            .all(|entry| wishes.iter().any(|wish| is_within(entry, wish))),
        (Value::Object(_) | Value::Array(_), _) => false,
        _ => true,
    }
}

proptest! {
    #[test]
    fn nothing_is_told_that_was_not_asked_for(verification in any_json(), claims in any_json()) {
        let mut verification = verification;
        if let Value::Object(members) = &mut verification {
            members.entry("trust_framework").or_insert(Value::Null);
        }
        let mut claims = json!({ "given_name": claims });
        claims["family_name"] = Value::Null;
        let member = asking(verification.clone(), claims.clone());
        if let Ok(request) = VerifiedRequest::parse(Some(&member))
            && let Some(told) = request.answer(&[france_connect(), school()], &all(), now())
        {
            prop_assert!(is_within(&told["verification"], &verification), "{told} for {member}");
            prop_assert!(is_within(&told["claims"], &claims), "{told} for {member}");
            prop_assert!(told["verification"]["trust_framework"].is_string());
        }
    }
}
