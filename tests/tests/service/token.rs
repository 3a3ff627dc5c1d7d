//! The token endpoint: codes, proof keys, tokens of clients.

use tests::{
    Callback, Person, Service,
    door::encode,
    relying_party::{header, payload},
    request::{challenge, random},
};

use crate::acts::{INVALID_CLIENT, INVALID_GRANT, INVALID_REQUEST, assert_error, callback, tokens};

#[tokio::test]
async fn an_answer_is_complete_and_never_stored() {
    let service = Service::start().await;
    let tokens = tokens(&service, &service.portal()).await;
    let json = tokens.answer.json();
    assert_eq!(json["token_type"], "Bearer");
    assert_eq!(json["expires_in"], 600);
    assert_eq!(tokens.answer.header("cache-control"), "no-store");
    assert_eq!(tokens.answer.header("pragma"), "no-cache");
    assert_eq!(header(&tokens.access)["typ"], "at+jwt");
    assert_eq!(header(&tokens.access)["alg"], "ES256");
    assert_eq!(header(&tokens.id)["alg"], "RS256");
    let access = payload(&tokens.access);
    for personal in ["name", "email", "given_name", "birthdate", "children"] {
        assert!(access.get(personal).is_none(), "{personal}");
    }
    assert_eq!(access["aud"], service.door.issuer());
    assert_eq!(
        access["exp"].as_i64().unwrap() - access["iat"].as_i64().unwrap(),
        600
    );
    assert_eq!(
        tokens.id_claims()["exp"].as_i64().unwrap() - tokens.id_claims()["iat"].as_i64().unwrap(),
        300
    );
}

#[tokio::test]
async fn a_code_is_good_once_and_its_second_use_ends_the_tokens() {
    let service = Service::start().await;
    let portal = service.portal();
    for later in [0, 30, 500] {
        let callback = callback(&service, &portal).await;
        let tokens = portal.tokens(&callback).await;
        assert_eq!(portal.userinfo(&tokens.access).await.status, 200);
        service.advance_seconds(later);
        assert_error(&portal.redeem(&callback).await, INVALID_GRANT, "second use");
        assert_eq!(
            portal.userinfo(&tokens.access).await.status,
            401,
            "after {later} s"
        );
        assert!(!portal.is_active(&tokens.access).await);
        assert!(!portal.is_active(&tokens.refresh).await);
        assert_error(
            &portal.refresh(&tokens.refresh).await,
            INVALID_GRANT,
            "refresh",
        );
    }
}

#[tokio::test]
async fn a_code_ends_after_a_minute() {
    let service = Service::start().await;
    let portal = service.portal();
    let young = callback(&service, &portal).await;
    service.advance_seconds(55);
    assert_eq!(portal.redeem(&young).await.status, 200);
    let old = callback(&service, &portal).await;
    service.advance_seconds(61);
    assert_error(&portal.redeem(&old).await, INVALID_GRANT, "old");
}

#[tokio::test]
async fn a_code_is_its_client_s_alone_and_stays_good_for_it() {
    let service = Service::start().await;
    let portal = service.portal();
    let callback = callback(&service, &portal).await;
    for other in ["ent", "mediatheque", "vie-scolaire", "cle"] {
        let answer = service.client(other).redeem(&callback).await;
        assert_error(&answer, INVALID_GRANT, other);
    }
    assert_eq!(portal.redeem(&callback).await.status, 200);
}

#[tokio::test]
async fn a_code_comes_back_with_its_redirect_uri() {
    let service = Service::start().await;
    let complet = service.client("complet");
    for uri in [
        "https://complet.example/cb?a=b&c",
        "https://complet.example/cb/",
        "",
    ] {
        let callback = callback(&service, &complet).await;
        let wrong = Callback {
            redirect_uri: uri.to_owned(),
            ..callback.clone()
        };
        let expected = if uri.is_empty() {
            INVALID_REQUEST
        } else {
            INVALID_GRANT
        };
        assert_error(&complet.redeem(&wrong).await, expected, uri);
    }
}

/// Each way of using PKCE at the authorization endpoint, with each at the token endpoint.
#[tokio::test]
async fn the_proof_key_holds_in_every_combination() {
    let service = Service::start().await;
    let verifier = random();
    let wrong = random();
    let verifiers = [
        ("none", None),
        ("right", Some(verifier.as_str())),
        ("wrong", Some(wrong.as_str())),
        ("short", Some(&verifier[..42])),
        ("challenge", None),
    ];
    let own_challenge = challenge(&verifier);
    for client in ["vie-scolaire", "portail", "ancien"] {
        let client = service.client(client);
        for with_key in [false, true] {
            for (name, sent) in verifiers {
                let sent = if name == "challenge" {
                    Some(own_challenge.as_str())
                } else {
                    sent
                };
                let request = client.asks_for("openid").without_pkce();
                let request = if with_key {
                    request
                        .with("code_challenge", &own_challenge)
                        .with("code_challenge_method", "S256")
                } else {
                    request
                };
                let callback = service.visitor(Person::CLAIRE).follows(&request).await;
                let what = format!("{} key {with_key} verifier {name}", client.id);
                if !with_key && client.id != "ancien" {
                    assert_eq!(callback.error(), "invalid_request", "{what}");
                    continue;
                }
                let mut form = vec![
                    ("grant_type", "authorization_code"),
                    ("code", callback.code()),
                    ("redirect_uri", client.redirect_uri.as_str()),
                ];
                form.extend(sent.map(|sent| ("code_verifier", sent)));
                let answer = client.token(&form).await;
                let good = matches!((with_key, name), (true, "right") | (false, "none"));
                if good {
                    assert_eq!(answer.status, 200, "{what}");
                } else {
                    assert_error(&answer, INVALID_GRANT, &what);
                }
            }
        }
    }
}

#[tokio::test]
async fn a_wrong_verifier_spends_the_code() {
    let service = Service::start().await;
    let portal = service.portal();
    let callback = callback(&service, &portal).await;
    let wrong = Callback {
        verifier: random(),
        ..callback.clone()
    };
    assert_error(&portal.redeem(&wrong).await, INVALID_GRANT, "wrong");
    assert_error(
        &portal.redeem(&callback).await,
        INVALID_GRANT,
        "right, but late",
    );
}

/// A form, and the status and error that it is answered with.
type Case<'a> = (&'a [(&'a str, &'a str)], (u16, &'a str));

#[tokio::test]
async fn requests_that_are_none_are_refused() {
    let service = Service::start().await;
    let portal = service.portal();
    let code = random();
    let table: [Case; 10] = [
        (&[], INVALID_REQUEST),
        (&[("grant_type", "")], INVALID_REQUEST),
        (
            &[
                ("grant_type", "password"),
                ("username", "c.martin1"),
                ("password", "Cartable-bleu-2026"),
            ],
            (400, "unsupported_grant_type"),
        ),
        (
            &[("grant_type", "implicit")],
            (400, "unsupported_grant_type"),
        ),
        (
            &[("grant_type", "client_credentials")],
            (400, "unauthorized_client"),
        ),
        (&[("grant_type", "authorization_code")], INVALID_REQUEST),
        (
            &[("grant_type", "authorization_code"), ("code", &code)],
            INVALID_REQUEST,
        ),
        (&[("grant_type", "refresh_token")], INVALID_REQUEST),
        (
            &[
                ("grant_type", "authorization_code"),
                ("code", &code),
                ("code", &code),
            ],
            INVALID_REQUEST,
        ),
        (
            &[("grant_type", "refresh_token"), ("refresh_token", "x")],
            INVALID_GRANT,
        ),
    ];
    for (form, expected) in table {
        assert_error(&portal.token(form).await, expected, &format!("{form:?}"));
    }
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", "http://localhost:8081/callback"),
        ("code_verifier", &code),
    ];
    assert_error(
        &portal.token(&form).await,
        INVALID_GRANT,
        "a code that never was",
    );
    let json = [("content-type", "application/json")];
    let answer = service.door.post("/oauth2/token", &form, &json).await;
    assert_error(&answer, INVALID_REQUEST, "JSON");
    for path in ["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke"] {
        assert_eq!(service.door.get(path).await.status, 405, "{path}");
    }
}

#[tokio::test]
async fn a_client_gets_tokens_in_its_own_name() {
    let service = Service::start().await;
    let ask = async |client: &str, scope: &str| {
        let form = [("grant_type", "client_credentials"), ("scope", scope)];
        service.client(client).token(&form).await
    };
    let answer = ask("service", "directory:read").await;
    assert_eq!(answer.status, 200);
    let json = answer.json();
    assert!(json.get("refresh_token").is_none() && json.get("id_token").is_none());
    let token = json["access_token"].as_str().unwrap();
    assert_eq!(payload(token)["sub"], "service");
    assert_eq!(payload(token)["scope"], "directory:read");
    assert_eq!(service.portal().userinfo(token).await.status, 403);
    assert_error(
        &ask("service", "clients:write").await,
        (400, "invalid_scope"),
        "another's",
    );
    assert_error(
        &ask("service", "openid").await,
        (400, "invalid_scope"),
        "a person's",
    );
    assert_error(
        &ask("service", "a\"b").await,
        (400, "invalid_scope"),
        "no scope",
    );
    let every = ask("admin-cli", "").await.json();
    assert_eq!(every["scope"], "audit:read clients:read clients:write");
}

#[tokio::test]
async fn an_account_that_ends_ends_its_tokens() {
    let service = Service::start().await;
    let portal = service.portal();
    for state in ["suspended", "merged", "closed"] {
        let callback = callback(&service, &portal).await;
        let given = tokens(&service, &portal).await;
        service.set_state(Person::CLAIRE, state).await;
        assert_error(&portal.redeem(&callback).await, INVALID_GRANT, state);
        assert_error(&portal.refresh(&given.refresh).await, INVALID_GRANT, state);
        assert_eq!(portal.userinfo(&given.access).await.status, 401, "{state}");
        assert!(!portal.is_active(&given.access).await, "{state}");
        service.set_state(Person::CLAIRE, "active").await;
        let back = portal.refresh(&given.refresh).await;
        assert_eq!(
            back.status,
            200,
            "a refusal spends nothing: {}",
            back.text()
        );
    }
}

#[tokio::test]
async fn a_client_that_is_switched_off_gets_nothing_more() {
    let service = Service::start().await;
    let portal = service.portal();
    let given = tokens(&service, &portal).await;
    service
        .change_client("portail", |client| client.enabled = false)
        .await;
    tests::service::eventually("the client is off", async || {
        portal.refresh("x").await.status == 401
    })
    .await;
    assert_error(
        &portal.refresh(&given.refresh).await,
        INVALID_CLIENT,
        "refresh",
    );
    assert_eq!(portal.userinfo(&given.access).await.status, 401);
}

#[tokio::test]
async fn a_body_beyond_every_size_is_refused() {
    let service = Service::start().await;
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let send = async |body: Vec<u8>| {
        let headers = tests::door::header_map(&kind);
        service
            .door
            .send(http::Method::POST, "/oauth2/token", headers, body)
            .await
    };
    assert_eq!(send(vec![b'a'; 70_000]).await.status, 413);
    assert_eq!(
        send(b"grant_type=%FF".to_vec()).await.error(),
        (400, "invalid_request".into())
    );
    assert_eq!(
        send(vec![0xFF; 10]).await.error(),
        (400, "invalid_request".into())
    );
    let many = encode(&[("a", "b"); 101]);
    assert_eq!(
        send(many.into_bytes()).await.error(),
        (400, "invalid_request".into())
    );
}
