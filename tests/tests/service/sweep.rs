//! The headers of every route and status, and whatever strange input does to them.

use http::Method;
use proptest::{
    prelude::{Strategy, any},
    strategy::ValueTree,
    test_runner::TestRunner,
};
use tests::{Answer, Person, Service, device::asks_for, door::header_map, visitor::sign_in_form};

fn assert_page(answer: &Answer, what: &str) {
    let status = answer.status;
    assert_eq!(
        answer.header("cache-control"),
        "no-store",
        "{what} {status}"
    );
    assert_eq!(
        answer.header("x-content-type-options"),
        "nosniff",
        "{what} {status}"
    );
    assert_eq!(answer.header("x-frame-options"), "DENY", "{what} {status}");
    let policy = answer.header("content-security-policy");
    for part in [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ] {
        assert!(policy.contains(part), "{what} {status}: {policy}");
    }
    assert!(!policy.contains("unsafe"), "{what}: {policy}");
    assert!(
        ["same-origin", "strict-origin", "no-referrer"].contains(&answer.header("referrer-policy")),
        "{what}: {}",
        answer.header("referrer-policy")
    );
    assert!(
        answer.headers.get("access-control-allow-origin").is_none(),
        "{what}"
    );
    assert!(
        answer
            .header("strict-transport-security")
            .contains("max-age"),
        "{what}"
    );
    assert!(!answer.header("x-request-id").is_empty(), "{what}");
}

fn assert_program(answer: &Answer, what: &str) {
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
    assert!(
        answer.header("cache-control").contains("no-store"),
        "{what}"
    );
    assert!(answer.headers.get("set-cookie").is_none(), "{what}");
    assert!(
        answer
            .header("strict-transport-security")
            .contains("max-age"),
        "{what}"
    );
}

#[tokio::test]
async fn every_page_has_its_headers_whatever_its_status() {
    let service = Service::start().await;
    let mut claire = service.visitor(Person::CLAIRE);
    let portal = service.portal();
    let authorize = claire.browser.get(&portal.request().url()).await;
    assert_page(&authorize, "303 to the sign-in");
    let page = claire.browser.follow(authorize).await;
    assert_page(&page, "sign-in");
    assert!(
        !page
            .header("content-security-policy")
            .contains("form-action")
    );
    let form = sign_in_form(&page)
        .with("identifiant", "c.martin1")
        .with("mot-de-passe", "x");
    assert_page(&claire.browser.submit_only(&form).await, "wrong password");
    assert_page(
        &claire
            .browser
            .submit_only(&form.clone().without("csrf"))
            .await,
        "no csrf",
    );
    let form = page.form("/cle-d-acces");
    let question = asks_for(&mut claire.browser, &form).await;
    assert_page(&question, "a question for a passkey");
    let refused = claire.browser.submit_only(&form).await;
    assert_page(&refused, "refused passkey");
    let back = claire.types_password(&page).await;
    assert_page(&back, "back to the client");
    assert_page(&claire.browser.get(&page.url).await, "ended");
    let form_post = portal.request().with("response_mode", "form_post");
    assert_page(&claire.browser.open(&form_post.url()).await, "form_post");
    let third = service.client("mediatheque");
    assert_page(
        &claire.browser.open(&third.request().url()).await,
        "consent",
    );
    let paths = [
        "/oauth2/authorize",
        "/oauth2/authorize?client_id=x",
        "/oauth2/logout",
        "/deconnexion",
        "/compte",
        "/connexion/x",
        "/connexion/x/autorisation",
        "/connexion/x/cle-d-acces",
        "/connexion/x/cle-d-acces/question",
        "/compte/cles-d-acces",
        "/compte/cles-d-acces/x/retrait",
        "/activation/x",
        "/activation/x/mot-de-passe",
        "/inscription",
        "/inscription/x/code",
        "/aide",
        "/",
        "/nulle-part",
        "/oauth2/nulle-part",
        "/.well-known/nulle-part",
        "/accessibilite",
    ];
    for path in paths {
        assert_page(&claire.browser.get(path).await, path);
        for method in [Method::PUT, Method::DELETE, Method::PATCH] {
            let answer = service
                .door
                .send(method.clone(), path, header_map(&[]), Vec::new())
                .await;
            assert!(
                [404, 405].contains(&answer.status),
                "{method} {path} {}",
                answer.status
            );
            assert_page(&answer, &format!("{method} {path}"));
        }
    }
    let origin = [("origin", "https://evil.example")];
    let answer = service
        .door
        .send(Method::GET, "/compte", header_map(&origin), Vec::new())
        .await;
    assert_page(&answer, "another origin");
}

#[tokio::test]
async fn every_endpoint_for_programs_has_its_headers_whatever_its_status() {
    let service = Service::start().await;
    let portal = service.portal();
    let tokens = service.visitor(Person::CLAIRE).signs_in_at(&portal).await;
    let answers = [
        ("token", tokens.answer.clone()),
        ("token 400", portal.token(&[]).await),
        (
            "token 401",
            service.door.post("/oauth2/token", &[], &[]).await,
        ),
        ("token 405", service.door.get("/oauth2/token").await),
        ("userinfo", portal.userinfo(&tokens.access).await),
        ("userinfo 401", portal.userinfo("x").await),
        ("introspect", portal.introspect("x").await),
        (
            "introspect 401",
            service.door.post("/oauth2/introspect", &[], &[]).await,
        ),
        ("revoke", portal.revoke("x").await),
        ("revoke 405", service.door.get("/oauth2/revoke").await),
    ];
    for (what, answer) in answers {
        assert_program(&answer, what);
    }
    let preflight = service
        .door
        .send(
            Method::OPTIONS,
            "/oauth2/token",
            header_map(&[]),
            Vec::new(),
        )
        .await;
    assert_eq!(
        (
            preflight.status,
            preflight.header("access-control-allow-origin")
        ),
        (204, "*")
    );
    assert!(
        preflight
            .headers
            .get("access-control-allow-credentials")
            .is_none()
    );
    let introspect = service
        .door
        .send(
            Method::OPTIONS,
            "/oauth2/introspect",
            header_map(&[]),
            Vec::new(),
        )
        .await;
    assert!(
        introspect
            .headers
            .get("access-control-allow-origin")
            .is_none()
    );
    for path in ["/oauth2/jwks", "/.well-known/openid-configuration"] {
        let answer = service.door.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(answer.header("cache-control").contains("max-age"), "{path}");
    }
}

#[tokio::test]
async fn nothing_of_a_request_is_shown_unescaped() {
    let service = Service::start().await;
    let mark = "\"'><svg/onload=alert(1)>{{7*7}}";
    let request = service.portal().request();
    for name in [
        "client_id",
        "redirect_uri",
        "login_hint",
        "ui_locales",
        "state",
        "scope",
        "prompt",
    ] {
        let mut browser = service.browser();
        let answer = browser.get(&request.clone().with(name, mark).url()).await;
        let answer = browser.follow(answer).await;
        assert!(!answer.text().contains("<svg/onload"), "{name}");
    }
    let mut claire = service.visitor(Person::CLAIRE);
    let page = claire.browser.open(&request.url()).await;
    let answer = claire.types(&page, mark, "x").await;
    assert!(!answer.text().contains("<svg/onload"));
    let long = claire
        .types(&page, &"é".repeat(4000), &"x".repeat(4000))
        .await;
    assert!([422, 400].contains(&long.status));
}

/// Names of parameters that mean something, and values that mean too much.
fn strange_form() -> impl Strategy<Value = Vec<(String, String)>> {
    let names = proptest::sample::select(vec![
        "client_id",
        "redirect_uri",
        "response_type",
        "scope",
        "state",
        "nonce",
        "prompt",
        "max_age",
        "claims",
        "id_token_hint",
        "request",
        "code",
        "grant_type",
        "refresh_token",
        "code_verifier",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
        "token",
        "identifiant",
        "mot-de-passe",
        "csrf",
        "choix",
        "post_logout_redirect_uri",
        "response_mode",
        "lang",
        "ui_locales",
    ]);
    let values = proptest::sample::select(vec![
        "",
        "portail",
        "http://localhost:8081/callback",
        "code",
        "openid",
        "none",
        "login",
        "S256",
        "authorization_code",
        "refresh_token",
        "client_credentials",
        "query",
        "form_post",
        "-1",
        "99999999999999999999",
        "{\"id_token\":{\"acr\":{\"values\":[[]]}}}",
        "{\"userinfo\":null}",
        "a.b.c",
        "eyJhbGciOiJub25lIn0.e30.",
        "\u{0}",
        "\u{202e}",
        "../..",
        "%",
        "💥",
        "\r\nx: y",
    ]);
    let any_value = any::<String>().prop_map(|text| text.chars().take(60).collect::<String>());
    let value = proptest::prop_oneof![3 => values.prop_map(str::to_owned), 1 => any_value];
    proptest::collection::vec((names.prop_map(str::to_owned), value), 0..12)
}

#[tokio::test]
async fn no_form_breaks_an_endpoint() {
    let service = Service::start().await;
    let mut runner = TestRunner::deterministic();
    let mut claire = service.visitor(Person::CLAIRE);
    let page = claire.browser.open(&service.portal().request().url()).await;
    let csrf = sign_in_form(&page).value("csrf").unwrap().to_owned();
    let path = page.url.clone();
    let portal = service.portal();
    for round in 0..150 {
        let form = strange_form().new_tree(&mut runner).unwrap().current();
        let pairs: Vec<_> = form
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let mut with_csrf: Vec<_> = pairs
            .iter()
            .copied()
            .filter(|(name, _)| *name != "csrf")
            .collect();
        with_csrf.push(("csrf", csrf.as_str()));
        let query = tests::door::encode(&pairs);
        let answers = [
            claire
                .browser
                .get(&format!("/oauth2/authorize?{query}"))
                .await,
            claire.browser.post("/oauth2/authorize", &pairs).await,
            claire.browser.post(&path, &with_csrf).await,
            claire.browser.get(&format!("/oauth2/logout?{query}")).await,
            claire.browser.post("/oauth2/logout", &pairs).await,
            service.door.post("/oauth2/token", &pairs, &[]).await,
            portal.token(&pairs).await,
            portal.post("/oauth2/introspect", &pairs).await,
            portal.post("/oauth2/revoke", &pairs).await,
        ];
        for answer in answers {
            assert!(
                answer.status < 500,
                "round {round}: {} for {form:?}",
                answer.summary()
            );
        }
    }
}

#[tokio::test]
async fn no_bytes_break_an_endpoint() {
    let service = Service::start().await;
    let mut runner = TestRunner::deterministic();
    let strategy = proptest::collection::vec(any::<u8>(), 0..300);
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    for _ in 0..100 {
        let bytes = strategy.new_tree(&mut runner).unwrap().current();
        for path in [
            "/oauth2/authorize",
            "/oauth2/token",
            "/oauth2/userinfo",
            "/oauth2/logout",
            "/oauth2/introspect",
            "/oauth2/revoke",
            "/deconnexion",
            "/connexion/x",
        ] {
            let answer = service
                .door
                .send(Method::POST, path, header_map(&kind), bytes.clone())
                .await;
            assert!(
                (400..500).contains(&answer.status) || answer.status == 303 || answer.status == 200,
                "{path}: {} for {bytes:?}",
                answer.status
            );
        }
    }
}
