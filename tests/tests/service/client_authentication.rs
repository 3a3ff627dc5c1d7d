//! How clients prove who they are at the token endpoint.

use tests::{
    RelyingParty, Service,
    assertion::Assertion,
    relying_party::{Proof, basic},
};

use crate::acts::{INVALID_CLIENT, INVALID_GRANT, INVALID_REQUEST, assert_error, callback};

#[tokio::test]
async fn a_client_proves_itself_by_its_registered_method_alone() {
    let service = Service::start().await;
    let door = &service.door;
    let secret = "portail-secret-demo-only";
    let good = basic("portail", secret);
    let id = ("client_id", "portail");
    let with_secret = ("client_secret", secret);
    let ask = async |form: &[(&str, &str)], authorization: Option<&str>| {
        let mut all = vec![
            ("grant_type", "authorization_code"),
            ("code", "x"),
            ("redirect_uri", "y"),
        ];
        all.extend(form);
        let headers: Vec<_> = authorization
            .map(|value| ("authorization", value))
            .into_iter()
            .collect();
        door.post("/oauth2/token", &all, &headers).await
    };
    assert_error(&ask(&[], Some(&good)).await, INVALID_GRANT, "good");
    assert_error(
        &ask(&[id], Some(&good)).await,
        INVALID_GRANT,
        "named twice alike",
    );
    let refused = [
        basic("portail", ""),
        basic("portail", "wrong"),
        basic("portail", &secret[1..]),
        basic("ent", secret),
        basic("", secret),
        basic("personne", secret),
        basic("ferme", "x"),
        basic("portail:x", secret),
        "Basic".to_owned(),
        "Basic ???".to_owned(),
        format!("Bearer {secret}"),
        format!("Digest {good}"),
        "Basic Og==".to_owned(),
    ];
    for header in refused {
        let answer = ask(&[], Some(&header)).await;
        assert_error(&answer, INVALID_CLIENT, &header);
        assert!(
            answer.header("www-authenticate").starts_with("Basic"),
            "{header}"
        );
    }
    assert_error(&ask(&[], None).await, INVALID_CLIENT, "nobody");
    assert_error(&ask(&[id], None).await, INVALID_CLIENT, "as if public");
    assert_error(
        &ask(&[id, with_secret], None).await,
        INVALID_CLIENT,
        "in the form",
    );
    assert_error(
        &ask(&[id, with_secret], Some(&good)).await,
        INVALID_REQUEST,
        "both ways",
    );
    assert_error(
        &ask(&[("client_id", "ent")], Some(&good)).await,
        INVALID_CLIENT,
        "two names",
    );
}

#[tokio::test]
async fn a_client_of_the_form_proves_itself_there_alone() {
    let service = Service::start().await;
    let door = &service.door;
    let id = ("client_id", "mediatheque");
    let secret = "mediatheque-secret-of-the-tests";
    let ask = async |form: &[(&str, &str)], headers: &[(&str, &str)]| {
        let mut all = vec![("grant_type", "refresh_token"), ("refresh_token", "x")];
        all.extend(form);
        door.post("/oauth2/token", &all, headers).await
    };
    assert_error(
        &ask(&[id, ("client_secret", secret)], &[]).await,
        INVALID_GRANT,
        "good",
    );
    assert_error(
        &ask(&[id, ("client_secret", "")], &[]).await,
        INVALID_CLIENT,
        "empty",
    );
    assert_error(
        &ask(&[id, ("client_secret", "x")], &[]).await,
        INVALID_CLIENT,
        "wrong",
    );
    assert_error(&ask(&[id], &[]).await, INVALID_CLIENT, "none");
    let header = basic("mediatheque", secret);
    assert_error(
        &ask(&[], &[("authorization", &header)]).await,
        INVALID_CLIENT,
        "header",
    );
    let twice = [id, ("client_secret", secret), ("client_secret", secret)];
    assert_error(&ask(&twice, &[]).await, INVALID_REQUEST, "twice");
}

#[tokio::test]
async fn a_public_client_sends_no_secret() {
    let service = Service::start().await;
    let public = service.client("vie-scolaire");
    assert_error(&public.refresh("x").await, INVALID_GRANT, "good");
    for secret in ["x", "undefined"] {
        let posing = RelyingParty {
            proof: Proof::Post(secret.into()),
            ..public.clone()
        };
        assert_error(&posing.refresh("x").await, INVALID_CLIENT, "secret");
        let posing = RelyingParty {
            proof: Proof::Basic(secret.into()),
            ..public.clone()
        };
        assert_error(&posing.refresh("x").await, INVALID_CLIENT, "header");
    }
    let callback = callback(&service, &public).await;
    assert_eq!(public.redeem(&callback).await.status, 200);
}

#[tokio::test]
async fn an_assertion_must_hold_in_every_part() {
    let service = Service::start().await;
    let door = &service.door;
    let issuer = door.issuer();
    let endpoint = door.url("/oauth2/token");
    let ask = async |client: &str, kind: &str, assertion: &str| {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", "x"),
            ("client_id", client),
            ("client_assertion_type", kind),
            ("client_assertion", assertion),
        ];
        door.post("/oauth2/token", &form, &[]).await
    };
    let sound = || Assertion::of("cle", issuer);
    let now = service.clock_seconds();
    assert_error(
        &ask("cle", Assertion::TYPE, &sound().sign()).await,
        INVALID_GRANT,
        "good",
    );
    let older = Assertion::of("cle-ancienne", &endpoint).sign();
    let answer = ask("cle-ancienne", Assertion::TYPE, &older).await;
    assert_error(
        &answer,
        (400, "unauthorized_client"),
        "good for the endpoint",
    );
    let bad = [
        (
            "aud array",
            sound().with("aud", vec![issuer.to_owned()]).sign(),
        ),
        (
            "aud two",
            sound()
                .with(
                    "aud",
                    vec![issuer.to_owned(), "https://x.example".to_owned()],
                )
                .sign(),
        ),
        ("aud endpoint", sound().with("aud", endpoint.clone()).sign()),
        (
            "aud slash",
            sound().with("aud", format!("{issuer}/")).sign(),
        ),
        (
            "aud other",
            sound().with("aud", "https://other.example").sign(),
        ),
        ("no aud", sound().without("aud").sign()),
        ("iss", sound().with("iss", "portail").sign()),
        ("sub", sound().with("sub", "portail").sign()),
        ("no iss", sound().without("iss").sign()),
        ("no exp", sound().without("exp").sign()),
        ("ended", sound().with("exp", now - 1).sign()),
        ("too long", sound().with("exp", now + 3600).sign()),
        ("iat ahead", sound().with("iat", now + 120).sign()),
        ("nbf ahead", sound().with("nbf", now + 120).sign()),
        ("no jti", sound().without("jti").sign()),
        ("empty jti", sound().with("jti", "").sign()),
        ("alg none", sound().unsigned("none")),
        ("alg nOnE", sound().unsigned("nOnE")),
        ("alg empty", sound().unsigned("")),
        ("HS256 with the public key", sound().sign_with_public_key()),
        ("a stranger's key", sound().sign_by_stranger()),
        ("an access token's type", sound().sign_as("at+jwt")),
        ("a logout token's type", sound().sign_as("logout+jwt")),
        ("broken", format!("{}x", sound().sign())),
        ("nothing", "x".to_owned()),
    ];
    for (what, assertion) in bad {
        assert_error(
            &ask("cle", Assertion::TYPE, &assertion).await,
            INVALID_CLIENT,
            what,
        );
    }
    let saml = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer";
    assert_error(
        &ask("cle", saml, &sound().sign()).await,
        INVALID_CLIENT,
        "type",
    );
    assert_error(
        &ask("portail", Assertion::TYPE, &sound().sign()).await,
        INVALID_CLIENT,
        "name",
    );
}

#[tokio::test]
async fn an_assertion_is_good_once_whatever_became_of_the_request() {
    let mut service = Service::start().await;
    let other_node = service.second_node().await;
    let assertion = Assertion::of("cle", service.door.issuer()).sign();
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", "x"),
        ("client_assertion_type", Assertion::TYPE),
        ("client_assertion", assertion.as_str()),
    ];
    assert_error(
        &service.door.post("/oauth2/token", &form, &[]).await,
        INVALID_GRANT,
        "first",
    );
    for door in [&service.door, &other_node] {
        assert_error(
            &door.post("/oauth2/token", &form, &[]).await,
            INVALID_CLIENT,
            "again",
        );
        let form = [("token", "x"), form[2], form[3]];
        let answer = door.post("/oauth2/introspect", &form, &[]).await;
        assert_error(&answer, INVALID_CLIENT, "elsewhere");
    }
}
