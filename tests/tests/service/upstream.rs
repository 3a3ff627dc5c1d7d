//! Signing in through FranceConnect: who comes in, and everything that must not.

use demo::france_connect::Behaviour;
use serde_json::json;
use tests::{
    Answer, Person, Service, Visitor,
    france_connect::{FranceConnect, callback},
};
use url::Url;

const CLAIRE: &str = "claire-martin";

async fn claire(service: &Service, fc: &FranceConnect) -> (Visitor, Answer) {
    let mut claire = service.visitor(Person::CLAIRE);
    let request = service.portal().request();
    let answer = claire.identifies_as(fc, &request, CLAIRE).await;
    (claire, answer)
}

/// With a session, and a code on the way to the relying party.
fn is_signed_in(visitor: &Visitor, answer: &Answer) -> bool {
    let target = answer.location().map(String::from).unwrap_or_default();
    visitor.browser.cookie("session").is_some() && target.contains("code=")
}

fn parameter(url: &str, name: &str) -> String {
    let url = Url::parse(url).unwrap();
    let mut pairs = url.query_pairs();
    let found = pairs.find(|(key, _)| key == name);
    found
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

#[tokio::test]
async fn a_bound_guardian_signs_in_and_tokens_say_how() {
    let (service, fc) = FranceConnect::with_service().await;
    for (citizen, given, child) in [
        (CLAIRE, "Claire", "Léo"),
        ("francois-petit", "François", "Jeanne"),
    ] {
        let portal = service.portal();
        let mut visitor = service.visitor(Person::CLAIRE);
        let request = portal.request();
        let answer = visitor.identifies_as(&fc, &request, citizen).await;
        let tokens = portal.tokens(&request.callback(&answer)).await;
        let claims = tokens.id_claims();
        assert_eq!(claims["acr"], "eidas1");
        assert_eq!(claims["amr"], json!(["fc"]));
        let told = portal.userinfo(&tokens.access).await.json();
        assert_eq!(told["given_name"], given);
        assert_eq!(told["children"][0]["given_name"], child);
    }
    assert!(service.upstream_refusals().await.is_empty());
}

#[tokio::test]
async fn the_request_has_what_france_connect_knows_and_no_more() {
    let (service, _fc) = FranceConnect::with_service().await;
    let mut claire = service.visitor(Person::CLAIRE);
    let page = claire.browser.open(&service.portal().request().url()).await;
    assert!(page.text().contains("S’identifier avec FranceConnect"));
    assert!(page.text().contains("Qu’est-ce que FranceConnect"));
    let mut seen = Vec::new();
    for _ in 0..2 {
        let sent = claire.chooses_france_connect(&page).await;
        let url = sent.location().unwrap().to_string();
        let mut names: Vec<_> = Url::parse(&url)
            .unwrap()
            .query_pairs()
            .map(|(name, _)| name.into_owned())
            .collect();
        names.sort();
        let known = [
            "acr_values",
            "client_id",
            "nonce",
            "redirect_uri",
            "response_type",
            "scope",
            "state",
        ];
        assert_eq!(names, known);
        assert_eq!(parameter(&url, "acr_values"), "eidas1");
        assert_eq!(
            parameter(&url, "redirect_uri"),
            "https://compte.example/franceconnect/callback"
        );
        for name in ["state", "nonce"] {
            let value = parameter(&url, name);
            assert!(
                value.len() == 64 && value.bytes().all(|b| b.is_ascii_hexdigit()),
                "{value}"
            );
            seen.push(value);
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 4);
}

#[tokio::test]
async fn every_misbehaviour_is_refused_with_a_page_and_an_event() {
    let (service, fc) = FranceConnect::with_service().await;
    let table = [
        (Behaviour::WrongNonce, 502, "amont-echec", "nonce"),
        (Behaviour::WrongKey, 502, "amont-echec", "signature"),
        (Behaviour::UnknownKey, 502, "amont-echec", "signature"),
        (Behaviour::Unsigned, 502, "amont-echec", "signature"),
        (Behaviour::Symmetric, 502, "amont-echec", "signature"),
        (Behaviour::OtherAudience, 502, "amont-echec", "audience"),
        (Behaviour::OtherIssuer, 502, "amont-echec", "issuer"),
        (Behaviour::Expired, 502, "amont-echec", "time"),
        (Behaviour::WrongLevel, 502, "amont-echec", "level"),
        (Behaviour::OtherSub, 502, "amont-echec", "subject"),
        (Behaviour::UserInfoWrongKey, 502, "amont-echec", "user_info"),
        (
            Behaviour::UserInfoOtherAudience,
            502,
            "amont-echec",
            "user_info",
        ),
        (Behaviour::PlainUserInfo, 502, "amont-echec", "user_info"),
        (Behaviour::WithoutSub, 502, "amont-echec", "user_info"),
        (Behaviour::CodeEnded, 502, "amont-echec", "refused"),
        (Behaviour::AccessTokenEnded, 502, "amont-echec", "refused"),
        (
            Behaviour::TokenDown,
            503,
            "amont-injoignable",
            "unreachable",
        ),
        (
            Behaviour::UserInfoDown,
            503,
            "amont-injoignable",
            "unreachable",
        ),
        (Behaviour::Slow, 503, "amont-injoignable", "unreachable"),
        (
            Behaviour::UserCancels,
            403,
            "amont-abandon",
            "access_denied",
        ),
        (Behaviour::ServerError, 502, "amont-echec", "error"),
        (
            Behaviour::TemporarilyUnavailable,
            503,
            "amont-injoignable",
            "temporarily_unavailable",
        ),
        (Behaviour::OtherIss, 502, "amont-echec", "other_issuer"),
    ];
    let mut expected = Vec::new();
    for (behaviour, status, code, reason) in table {
        fc.behaves(behaviour).await;
        let (mut claire, answer) = claire(&service, &fc).await;
        assert_eq!(answer.status, status, "{behaviour:?}: {}", answer.summary());
        assert!(
            answer.text().contains(code),
            "{behaviour:?}: {}",
            answer.summary()
        );
        assert!(claire.browser.cookie("session").is_none(), "{behaviour:?}");
        expected.push(reason.to_owned());
        assert_eq!(service.upstream_refusals().await, expected, "{behaviour:?}");
        // The page leads back to the sign-in, where the password way is open.
        let back = answer
            .text()
            .split("href=\"/connexion/")
            .nth(1)
            .map(|rest| rest[..43].to_owned());
        let page = claire
            .browser
            .open(&format!("/connexion/{}", back.unwrap()))
            .await;
        let answer = claire.goes_on(page).await;
        assert!(
            answer.location().is_some(),
            "{behaviour:?}: {}",
            answer.summary()
        );
    }
}

/// An answer that belongs to no request of this browser: a page, and nobody signed in.
#[tokio::test]
async fn an_answer_with_another_state_is_lost() {
    let (service, fc) = FranceConnect::with_service().await;
    for behaviour in [Behaviour::UndefinedState, Behaviour::OtherState] {
        fc.behaves(behaviour).await;
        let (claire, answer) = claire(&service, &fc).await;
        assert_eq!(answer.status, 400, "{behaviour:?}: {}", answer.summary());
        assert!(answer.text().contains("amont-perdu"), "{behaviour:?}");
        assert!(claire.browser.cookie("session").is_none(), "{behaviour:?}");
    }
}

/// The civil register's failures are pages of FranceConnect's, from which people come back.
#[tokio::test]
async fn failures_of_the_register_lead_back_to_a_page_that_leads_on() {
    let (service, fc) = FranceConnect::with_service().await;
    for (behaviour, status, code, reason) in [
        (
            Behaviour::IdentityNotFound,
            403,
            "amont-abandon",
            "access_denied",
        ),
        (
            Behaviour::RegisterDown,
            503,
            "amont-injoignable",
            "temporarily_unavailable",
        ),
    ] {
        fc.behaves(behaviour).await;
        let mut claire = service.visitor(Person::CLAIRE);
        let page = claire.browser.open(&service.portal().request().url()).await;
        let sent = claire.chooses_france_connect(&page).await;
        let mut there = fc.browser();
        let choice = there.open(sent.location().unwrap().as_str()).await;
        let form = tests::form::Form::all(&choice.text()).remove(0);
        let failed = there.submit(&form.with("citizen", CLAIRE)).await;
        assert!(failed.status >= 400, "{behaviour:?}: {}", failed.summary());
        let text = failed.text();
        let link = text
            .split("href=\"")
            .find(|rest| rest.contains("Revenir sur"));
        let link = link
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .replace("&amp;", "&");
        let back = there.get(&link).await.location().unwrap().to_string();
        let answer = claire.browser.open(&back).await;
        assert_eq!(answer.status, status, "{behaviour:?}: {}", answer.summary());
        assert!(answer.text().contains(code), "{behaviour:?}");
        let reasons = service.upstream_refusals().await;
        assert_eq!(reasons.last().map(String::as_str), Some(reason));
    }
}

#[tokio::test]
async fn what_a_bound_sub_does_not_need_may_be_missing_or_older() {
    let (service, fc) = FranceConnect::with_service().await;
    for behaviour in [
        Behaviour::WithoutGivenName,
        Behaviour::WithoutFamilyName,
        Behaviour::WithoutBirthdate,
        Behaviour::Former,
    ] {
        fc.behaves(behaviour).await;
        let (claire, answer) = claire(&service, &fc).await;
        assert!(
            is_signed_in(&claire, &answer),
            "{behaviour:?}: {}",
            answer.summary()
        );
    }
}

#[tokio::test]
async fn new_keys_are_read_when_they_are_needed() {
    let (service, fc) = FranceConnect::with_service().await;
    for name in ["", "new", "same"] {
        if !name.is_empty() {
            fc.changes_keys(name).await;
        }
        let (claire, answer) = claire(&service, &fc).await;
        assert!(
            claire.browser.cookie("session").is_some(),
            "{name}: {}",
            answer.summary()
        );
    }
}

/// security.md 4.4, state / CSRF on callback.
#[tokio::test]
async fn an_answer_to_no_request_of_this_browser_is_lost() {
    let (service, fc) = FranceConnect::with_service().await;
    let mut claire = service.visitor(Person::CLAIRE);
    let request = service.portal().request();
    let back = claire.comes_back_from(&fc, &request, CLAIRE).await;
    let mut mallory = service.visitor(Person::NOBODY);
    mallory.browser.open(&request.url()).await;
    let (state, code) = (parameter(&back, "state"), parameter(&back, "code"));
    let foreign = [
        back.clone(),
        callback(&[("code", &code)]),
        callback(&[("code", &code), ("state", "undefined")]),
        callback(&[("code", &code), ("state", &state.to_uppercase())]),
        callback(&[("code", &code), ("state", &"0".repeat(64))]),
        format!("{back}&state={state}"),
        callback(&[("error", "access_denied"), ("state", "undefined")]),
    ];
    for url in &foreign {
        let answer = mallory.browser.open(url).await;
        assert_eq!(answer.status, 400, "{url}");
        assert!(answer.text().contains("amont-perdu"), "{url}");
    }
    for url in &foreign[1..] {
        assert_eq!(claire.browser.open(url).await.status, 400, "{url}");
    }
    assert!(mallory.browser.cookie("session").is_none());
    // What others tried has not spoilt it for her; it is good once.
    let answer = claire.browser.open(&back).await;
    assert!(is_signed_in(&claire, &answer), "{}", answer.summary());
    assert_eq!(claire.browser.open(&back).await.status, 400);
    // An answer to somebody else's request is written down; one to none would let anybody
    // fill the trail.
    let reasons = service.upstream_refusals().await;
    assert_eq!(reasons.last().map(String::as_str), Some("answered_before"));
    assert_eq!(reasons[0], "other_browser");
    assert_eq!(reasons.len(), 2, "{reasons:?}");
}

#[tokio::test]
async fn an_answer_after_35_minutes_is_lost() {
    let (service, fc) = FranceConnect::with_service().await;
    let mut claire = service.visitor(Person::CLAIRE);
    let back = claire
        .comes_back_from(&fc, &service.portal().request(), CLAIRE)
        .await;
    service.advance_seconds(35 * 60);
    let answer = claire.browser.open(&back).await;
    assert!(
        answer.text().contains("amont-perdu"),
        "{}",
        answer.summary()
    );
}

/// security.md 4.4, nonce: a code of another request under one's own state.
#[tokio::test]
async fn a_code_of_somebody_else_s_request_signs_nobody_in() {
    let (service, fc) = FranceConnect::with_service().await;
    let request = service.portal().request();
    let mut mallory = service.visitor(Person::NOBODY);
    let stolen = mallory.comes_back_from(&fc, &request, CLAIRE).await;
    let mut victim = service.visitor(Person::NADIA);
    let back = victim
        .comes_back_from(&fc, &request, "francois-petit")
        .await;
    let mixed = callback(&[
        ("code", &parameter(&stolen, "code")),
        ("state", &parameter(&back, "state")),
        ("iss", &parameter(&back, "iss")),
    ]);
    let answer = victim.browser.open(&mixed).await;
    assert_eq!(answer.status, 502);
    assert_eq!(service.upstream_refusals().await, ["nonce"]);
    assert!(victim.browser.cookie("session").is_none());
}

/// Whoever may not enter sees the page of whoever is not known.
#[tokio::test]
async fn nobody_learns_who_is_known() {
    let (service, fc) = FranceConnect::with_service().await;
    let request = service.portal().request();
    let mut pages = Vec::new();
    let mut visitor = service.visitor(Person::NOBODY);
    let page = visitor.identifies_as(&fc, &request, "inconnu-sanslien");
    pages.push(page.await);
    for state in ["suspended", "closed", "merged", "known"] {
        service.set_state(Person::CLAIRE, state).await;
        pages.push(claire(&service, &fc).await.1);
    }
    let sentences = |page: &Answer| {
        let text = page.text();
        let main = text
            .split("<h1")
            .nth(1)
            .unwrap()
            .split("<section")
            .next()
            .unwrap();
        // The way back names the sign-in, which is each visitor's own.
        main.split("/connexion/").next().unwrap().to_owned()
    };
    for page in &pages {
        assert_eq!(page.status, 403, "{}", page.summary());
        assert!(page.text().contains("amont-inconnu"));
        assert_eq!(sentences(page), sentences(&pages[0]));
    }
    let reasons = service.upstream_refusals().await;
    assert_eq!(reasons[0], "unknown");
    assert_eq!(reasons[1..], ["not_admitted"; 4]);
}

/// A pupil's or an officer's subject opens nothing, whatever the store says.
#[tokio::test]
async fn others_than_guardians_never_come_in() {
    let (service, fc) = FranceConnect::with_service().await;
    for identifier in ["l.martin3", "ecole.college", "admin"] {
        let moved = service
            .sql(&format!(
                "update bond set account_id = (select id from account where identifier = \
                 '{identifier}') where subject like '8224%'"
            ))
            .await;
        assert_eq!(moved, 1);
        let (claire, answer) = claire(&service, &fc).await;
        assert_eq!(answer.status, 403, "{identifier}");
        assert!(claire.browser.cookie("session").is_none());
    }
}

#[tokio::test]
async fn it_is_offered_where_guardians_come_and_it_is_configured() {
    let service = Service::start().await;
    let mut claire = service.visitor(Person::CLAIRE);
    let page = claire.browser.open(&service.portal().request().url()).await;
    assert!(page.is_sign_in() && !page.text().contains("FranceConnect"));
    assert_eq!(
        claire.browser.get("/franceconnect/callback").await.status,
        404
    );
    let metadata = claire
        .browser
        .get("/.well-known/openid-configuration")
        .await
        .json();
    assert_eq!(
        metadata["acr_values_supported"],
        json!(["urn:preau:acr:password", "urn:preau:acr:mfa"])
    );

    let (service, _fc) = FranceConnect::with_service().await;
    let mut visitor = service.visitor(Person::LEO);
    let metadata = visitor
        .browser
        .get("/.well-known/openid-configuration")
        .await
        .json();
    assert_eq!(
        metadata["acr_values_supported"],
        json!(["urn:preau:acr:password", "urn:preau:acr:mfa", "eidas1"])
    );
    let page = visitor
        .browser
        .open(&service.portal().request().url())
        .await;
    let form = page.form("/avec/franceconnect");
    service
        .change_client("portail", |registration| {
            registration.person_kinds = [domain::account::PersonKind::Pupil].into();
        })
        .await;
    let refused = tests::service::eventually("the node knows", async || {
        visitor.browser.clone().submit_only(&form).await.status == 404
    });
    refused.await;
    let page = visitor
        .browser
        .open(&service.portal().request().url())
        .await;
    assert!(page.is_sign_in() && !page.text().contains("FranceConnect"));
}

#[tokio::test]
async fn a_level_that_is_asked_for_is_reached_or_refused() {
    let (service, fc) = FranceConnect::with_service().await;
    let portal = service.portal();
    let essential =
        json!({"id_token": {"acr": {"essential": true, "value": "eidas1"}}}).to_string();
    let mut claire = service.visitor(Person::CLAIRE);
    claire.signs_in_at(&portal).await;

    // A session by password does not do, for either way of asking.
    let wished = portal.request().with("acr_values", "eidas1");
    let needed = portal.request().with("claims", &essential);
    for request in [&wished, &needed] {
        let page = claire.browser.open(&request.url()).await;
        assert!(page.is_sign_in(), "{}", page.summary());
    }
    // Who signs in by password all the same is told of as they are, or not at all.
    let answer = claire.follows(&wished).await;
    assert_eq!(
        portal.tokens(&answer).await.id_claims()["acr"],
        "urn:preau:acr:password"
    );
    let answer = claire.follows(&needed).await;
    assert_eq!(answer.error(), "unmet_authentication_requirements");
    // Without a page: the session as it is, or an error.
    let silent = wished.clone().with("prompt", "none");
    let answer = claire.follows(&silent).await;
    assert_eq!(
        portal.tokens(&answer).await.id_claims()["acr"],
        "urn:preau:acr:password"
    );
    let silent = needed.clone().with("prompt", "none");
    assert_ne!(claire.follows(&silent).await.error(), "");
    // And through FranceConnect it is reached.
    for request in [wished, needed] {
        let mut claire = service.visitor(Person::CLAIRE);
        let answer = claire.identifies_as(&fc, &request, CLAIRE).await;
        let tokens = portal.tokens(&request.callback(&answer)).await;
        assert_eq!(tokens.id_claims()["acr"], "eidas1");
    }
}

#[tokio::test]
async fn an_upstream_that_is_down_from_the_start_leaves_the_password_way_open() {
    let (service, fc) = FranceConnect::with_service().await;
    for behaviour in [Behaviour::Down, Behaviour::Slow] {
        fc.behaves(behaviour).await;
        let portal = service.portal();
        let mut claire = service.visitor(Person::CLAIRE);
        let page = claire.browser.open(&portal.request().url()).await;
        for _ in 0..6 {
            let answer = claire.chooses_france_connect(&page).await;
            assert_eq!(answer.status, 503, "{}", answer.summary());
            assert!(answer.text().contains("amont-injoignable"));
        }
        claire.signs_in_at(&portal).await;
        service.advance_seconds(20);
    }
    fc.behaves(Behaviour::Normal).await;
    let (_, answer) = claire(&service, &fc).await;
    assert!(
        service
            .portal()
            .request()
            .callback(&answer)
            .error()
            .is_empty()
    );
}

#[tokio::test]
async fn a_changed_identity_changes_nothing_and_is_written_down() {
    let (service, fc) = FranceConnect::with_service().await;
    claire(&service, &fc).await;
    let count = "select cast(count(*) as text) as n from audit_event where action = 'upstream.identity_changed'";
    let changes = async || tests::service::texts(service.database.reader(), count, "n").await;
    claire(&service, &fc).await;
    assert_eq!(changes().await, ["0"]);
    fc.behaves(Behaviour::WithoutFamilyName).await;
    let portal = service.portal();
    let request = portal.request();
    let mut visitor = service.visitor(Person::CLAIRE);
    let answer = visitor.identifies_as(&fc, &request, CLAIRE).await;
    let tokens = portal.tokens(&request.callback(&answer)).await;
    assert_eq!(changes().await, ["1"]);
    let told = portal.userinfo(&tokens.access).await.json();
    assert_eq!(told["family_name"], "MARTIN");
}

/// Guide, section 4.3: whoever lost the identifier or the password may come in through
/// FranceConnect, to where they wanted to go, or to « Mon compte ».
#[tokio::test]
async fn lost_identifier_and_password_are_no_hindrance() {
    let (service, fc) = FranceConnect::with_service().await;
    for page in ["/identifiant-perdu", "/mot-de-passe-perdu"] {
        let mut claire = service.visitor(Person::CLAIRE);
        let request = service.portal().request();
        let sign_in = claire.browser.open(&request.url()).await;
        let name = sign_in.url.rsplit('/').next().unwrap();
        let lost = claire
            .browser
            .open(&format!("{page}?connexion={name}"))
            .await;
        let text = lost.text();
        assert!(text.contains("J’accède à mon compte avec FranceConnect"));
        let sent = claire.chooses_france_connect(&lost).await;
        let there = sent.location().unwrap();
        let back = fc.answers(&mut fc.browser(), there.as_str(), CLAIRE).await;
        let answer = claire.browser.open(&back).await;
        assert!(is_signed_in(&claire, &answer), "{}", answer.summary());

        let mut claire = service.visitor(Person::CLAIRE);
        let lost = claire.browser.open(page).await;
        let sent = claire.chooses_france_connect(&lost).await;
        let there = sent.location().unwrap();
        let back = fc.answers(&mut fc.browser(), there.as_str(), CLAIRE).await;
        let answer = claire.browser.open(&back).await;
        assert!(answer.url.ends_with("/compte"), "{}", answer.summary());
        assert!(answer.text().contains("c.martin1"));
    }
}

#[tokio::test]
async fn without_france_connect_the_lost_pages_do_not_offer_it() {
    let service = Service::start().await;
    let mut claire = service.visitor(Person::CLAIRE);
    for page in ["/identifiant-perdu", "/mot-de-passe-perdu"] {
        let lost = claire.browser.open(page).await;
        assert!(!lost.text().contains("J’accède à mon compte avec"));
        assert!(!lost.text().contains("/avec/"));
    }
    let form = [("csrf", "")];
    let answer = claire
        .browser
        .post("/compte/avec/franceconnect", &form)
        .await;
    assert!(answer.status >= 400);
}
