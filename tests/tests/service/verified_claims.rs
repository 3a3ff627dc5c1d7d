//! `verified_claims` (OpenID Connect for Identity Assurance 1.0): what FranceConnect and
//! schools vouched for, to whoever asks and is registered for it, and no more.

use demo::france_connect::Behaviour;
use serde_json::{Value, json};
use tests::{
    Person, RelyingParty, Service, Tokens, france_connect::FranceConnect, service::eventually,
};

const SCHOOLS: &str = "urn:preau:trust:school-directory";

/// A `claims` parameter that asks for this in both places.
fn asking(verified: &Value) -> String {
    json!({
        "userinfo": { "verified_claims": verified },
        "id_token": { "verified_claims": verified },
    })
    .to_string()
}

fn names(framework: &Value) -> Value {
    json!({
        "verification": { "trust_framework": framework },
        "claims": { "family_name": null, "given_name": null, "birthdate": null },
    })
}

/// What UserInfo and the ID token say, which is the same.
async fn what_is_told(client: &RelyingParty, tokens: &Tokens) -> Option<Value> {
    let told = client.userinfo(&tokens.access).await.json();
    let told = told.get("verified_claims").cloned();
    assert_eq!(told.as_ref(), tokens.id_claims().get("verified_claims"));
    told
}

async fn by_password(
    service: &Service,
    client: &str,
    person: Person,
    claims: &Value,
) -> Option<Value> {
    let client = service.client(client);
    let request = client.request().with("claims", &asking(claims));
    let callback = service.visitor(person).follows(&request).await;
    let tokens = client.tokens(&callback).await;
    what_is_told(&client, &tokens).await
}

#[tokio::test]
async fn schools_vouch_for_the_names_of_guardians_and_pupils() {
    let service = Service::start().await;
    for (person, given) in [(Person::CLAIRE, "Claire"), (Person::LEO, "Léo")] {
        let told = by_password(&service, "preuves", person, &names(&Value::Null)).await;
        // The birth date is asked for, and not registered for.
        let expected = json!({
            "verification": { "trust_framework": SCHOOLS },
            "claims": { "family_name": "MARTIN", "given_name": given },
        });
        assert_eq!(told, Some(expected), "{given}");
    }
    // Nobody vouches for staff.
    let told = by_password(&service, "preuves", Person::ODILE, &names(&Value::Null)).await;
    assert_eq!(told, None);
}

#[tokio::test]
async fn a_client_that_is_not_registered_for_them_gets_none() {
    let service = Service::start().await;
    let told = by_password(&service, "complet", Person::CLAIRE, &names(&Value::Null)).await;
    assert_eq!(told, None);
    // And whoever does not ask gets none either.
    let client = service.client("preuves");
    let tokens = service.visitor(Person::CLAIRE).signs_in_at(&client).await;
    assert_eq!(what_is_told(&client, &tokens).await, None);
}

#[tokio::test]
async fn france_connect_vouches_for_what_it_said_with_its_level_and_time() {
    let (service, fc) = FranceConnect::with_service().await;
    let client = service.client("preuves");
    let wish = json!({
        "verification": {
            "trust_framework": { "value": "eidas" },
            "assurance_level": { "values": ["low", "substantial"] },
            "time": { "max_age": 60 },
            "evidence": [{ "type": { "value": "vouch" }, "attestation": {
                "type": null, "voucher": { "organization": null } } }],
        },
        "claims": { "given_name": { "essential": true }, "family_name": null },
    });
    // As long as nobody came through it, it has vouched for nobody.
    let told = by_password(&service, "preuves", Person::CLAIRE, &wish).await;
    assert_eq!(told, None);
    let request = client.request().with("claims", &asking(&wish));
    let mut claire = service.visitor(Person::CLAIRE);
    let answer = claire.identifies_as(&fc, &request, "claire-martin").await;
    let tokens = client.tokens(&request.callback(&answer)).await;
    let told = what_is_told(&client, &tokens).await.unwrap();
    let at = told["verification"]["time"].as_str().unwrap().to_owned();
    let expected = json!({
        "verification": {
            "trust_framework": "eidas", "assurance_level": "low", "time": at,
            "evidence": [{ "type": "vouch", "attestation": {
                "type": "digital_attestation",
                "voucher": { "organization": "FranceConnect" } } }],
        },
        "claims": { "given_name": "Claire Anne Sophie Marie", "family_name": "MARTIN" },
    });
    assert_eq!(told, expected);
    // Its word stays with the bond, and grows old.
    let told = by_password(&service, "preuves", Person::CLAIRE, &wish).await;
    assert_eq!(told, Some(expected));
    service.advance_seconds(61);
    let told = by_password(&service, "preuves", Person::CLAIRE, &wish).await;
    assert_eq!(told, None);
}

#[tokio::test]
async fn each_element_is_answered_by_itself_and_a_condition_that_fails_is_no_error() {
    let (service, fc) = FranceConnect::with_service().await;
    let client = service.client("preuves");
    let wish = json!([
        names(&json!({ "value": "de_aml" })),
        names(&json!({ "value": SCHOOLS })),
        names(&json!({ "values": ["eidas"] })),
    ]);
    let request = client.request().with("claims", &asking(&wish));
    let mut claire = service.visitor(Person::CLAIRE);
    let answer = claire.identifies_as(&fc, &request, "claire-martin").await;
    let tokens = client.tokens(&request.callback(&answer)).await;
    let told = what_is_told(&client, &tokens).await.unwrap();
    let frameworks: Vec<_> = told.as_array().unwrap().iter().collect();
    assert_eq!(frameworks.len(), 2, "{told}");
    assert_eq!(frameworks[0]["verification"]["trust_framework"], SCHOOLS);
    assert_eq!(frameworks[1]["verification"]["trust_framework"], "eidas");
    let nothing = names(&json!({ "value": "de_aml" }));
    assert_eq!(
        by_password(&service, "preuves", Person::CLAIRE, &nothing).await,
        None
    );
}

#[tokio::test]
async fn what_is_no_request_for_them_is_an_error_to_the_client() {
    let service = Service::start().await;
    let client = service.client("preuves");
    for member in [
        Value::Null,
        json!({ "claims": { "family_name": null } }),
        json!({ "verification": {}, "claims": { "family_name": null } }),
        json!({ "verification": { "trust_framework": null }, "claims": {} }),
    ] {
        let request = client.request().with("claims", &asking(&member));
        let mut claire = service.visitor(Person::CLAIRE);
        let answer = claire.browser.open(&request.url()).await;
        assert_eq!(
            request.callback(&answer).error(),
            "invalid_request",
            "{member}"
        );
    }
}

#[tokio::test]
async fn what_schools_do_not_agree_on_and_links_that_ended_are_not_vouched_for() {
    let service = Service::start().await;
    let change = "update directory_record set family_name = 'MARTIN-DUPONT' where kind = 'pupil' \
                  and account_id = (select id from account where identifier = 'l.martin3')";
    assert_eq!(service.sql(change).await, 1);
    let told = by_password(&service, "preuves", Person::LEO, &names(&Value::Null)).await;
    assert_eq!(told.unwrap()["claims"]["family_name"], "MARTIN-DUPONT");
    let end = "update directory_record set ended_at = 1 where kind = 'pupil' \
               and account_id = (select id from account where identifier = 'l.martin3')";
    assert_eq!(service.sql(end).await, 1);
    let told = by_password(&service, "preuves", Person::LEO, &names(&Value::Null)).await;
    assert_eq!(told, None);
}

#[tokio::test]
async fn a_school_that_suspended_its_part_vouches_for_nothing() {
    let service = Service::start().await;
    let suspend = "insert into suspension (account_id, school_uai, reason, state_before, at) \
                   select account_id, school_uai, 'compromised', 'active', 1 \
                   from directory_record where source_key = 'R-0102'";
    assert_eq!(service.sql(suspend).await, 1);
    let rename = "update directory_record set family_name = 'DUBOIS-LEROY' \
                  where source_key = 'R-0102'";
    assert_eq!(service.sql(rename).await, 1);
    let told = by_password(&service, "preuves", Person::NADIA, &names(&Value::Null)).await;
    assert_eq!(told.unwrap()["claims"]["family_name"], "DUBOIS");
}

#[tokio::test]
async fn metadata_says_who_vouches_and_for_what() {
    let service = Service::start().await;
    let (other, _fc) = FranceConnect::with_service().await;
    for (service, frameworks) in [
        (service, json!([SCHOOLS])),
        (other, json!(["eidas", SCHOOLS])),
    ] {
        let path = "/.well-known/openid-configuration";
        let metadata = service.door.get(path).await.json();
        assert_eq!(metadata["verified_claims_supported"], true);
        assert_eq!(metadata["trust_frameworks_supported"], frameworks);
        assert_eq!(metadata["evidence_supported"], json!(["vouch"]));
        assert_eq!(
            metadata["claims_in_verified_claims_supported"],
            json!(["birthdate", "family_name", "given_name"])
        );
        let claims = metadata["claims_supported"].as_array().unwrap();
        assert!(claims.contains(&json!("verified_claims")));
    }
}

/// docs/DATA.md: a year after it was said last, an identity is forgotten; the bond stays.
#[tokio::test]
async fn an_identity_is_kept_for_a_year() {
    let (service, fc) = FranceConnect::with_service().await;
    fc.behaves(Behaviour::Normal).await;
    let mut claire = service.visitor(Person::CLAIRE);
    let request = service.portal().request();
    claire.identifies_as(&fc, &request, "claire-martin").await;
    let kept = async || {
        let count = "select cast(count(sealed_pivot) as text) as n from bond";
        tests::service::texts(service.database.reader(), count, "n").await
    };
    assert_eq!(kept().await, ["1"]);
    let sweep = async || {
        let swept = store::sweep::sweep(&service.database, service.ambient.now()).await;
        swept.expect("the store answers");
    };
    service.advance_seconds(364 * 24 * 3600);
    sweep().await;
    assert_eq!(kept().await, ["1"]);
    service.advance_seconds(24 * 3600 + 1);
    eventually("the identity is forgotten", async || {
        sweep().await;
        kept().await == ["0"]
    })
    .await;
    let bonds = "select cast(count(*) as text) as n from bond";
    let bonds = tests::service::texts(service.database.reader(), bonds, "n").await;
    assert_eq!(bonds, ["2"]);
}
