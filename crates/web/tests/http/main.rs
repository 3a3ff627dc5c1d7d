//! The layers and extractors as a browser meets them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod app;
mod client;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use web::layers;

use client::{Answer, get, get_with, post, post_as, send, send_to, shown};

#[tokio::test]
async fn a_form_comes_back_from_the_browser_that_was_shown_it() {
    let (cookie, token) = shown().await;
    let answer = post(
        &cookie,
        format!("csrf={token}&identifiant=c.martin1&more=1"),
    )
    .await;
    assert_eq!(
        (answer.status, answer.text.as_str()),
        (StatusCode::OK, "c.martin1")
    );
}

#[tokio::test]
async fn a_form_of_another_browser_is_refused_with_a_way_on() {
    let ((cookie, _), (_, token)) = (shown().await, shown().await);
    let answer = post(&cookie, format!("csrf={token}&identifiant=a")).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text.contains("page-perimee") && answer.text.contains("Réessayer"));
}

#[tokio::test]
async fn without_cookies_the_page_says_so() {
    let answer = post("", "csrf=a&identifiant=a".to_owned()).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text.contains("refuse les cookies"));
}

#[tokio::test]
async fn unsound_forms_are_refused_each_with_its_status() {
    let (cookie, token) = shown().await;
    let sound = format!("csrf={token}&identifiant=a");
    let twice = format!("{sound}&identifiant=a");
    let not_utf8 = format!("{sound}&x=%ff");
    let incomplete = format!("csrf={token}");
    let long = format!("{sound}&x={}", "a".repeat(layers::LONGEST_BODY));
    for (body, status) in [
        (twice, StatusCode::BAD_REQUEST),
        (not_utf8, StatusCode::BAD_REQUEST),
        (incomplete, StatusCode::BAD_REQUEST),
        (long, StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let answer = post(&cookie, body).await;
        assert_eq!(answer.status, status);
        assert!(answer.text.contains("<h1>"), "{status} is a page");
    }
    for other in [
        "multipart/form-data; boundary=a",
        "text/plain",
        "application/json",
    ] {
        let answer = post_as(other, &cookie, sound.clone()).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
}

#[tokio::test]
async fn a_browser_keeps_its_name_until_it_is_renewed() {
    let (cookie, _) = shown().await;
    assert_eq!(
        get_with("/form", "cookie", &cookie)
            .await
            .cookie("__Host-preau-browser"),
        None
    );
    let request = Request::post("/renewed").header("cookie", &cookie);
    let renewed = send(request.body(Body::empty()).unwrap()).await;
    let name = renewed.cookie("__Host-preau-browser").unwrap();
    assert_ne!(name, cookie);
}

#[tokio::test]
async fn pages_without_a_form_set_no_cookie() {
    assert!(get("/aide").await.headers.get(header::SET_COOKIE).is_none());
}

#[tokio::test]
async fn the_person_s_choice_of_language_beats_the_service_s_and_the_browser_s() {
    let lang = |answer: &Answer| answer.text.contains(r#"<html lang="en""#);
    assert!(lang(&get("/form").await), "the service prefers English");
    assert!(!lang(&get("/aide").await), "French by default");
    assert!(lang(
        &get_with("/aide", "accept-language", "en-GB, fr;q=0.5").await
    ));
    assert!(lang(&get("/aide?ui_locales=de+en").await));
    let chosen = get("/form?a=1&lang=fr&b=2").await;
    assert!(!lang(&chosen));
    assert!(
        chosen.text.contains(r#"href="?a=1&amp;b=2&amp;lang=en""#),
        "{}",
        chosen.text
    );
    let cookie = chosen.cookie("__Host-preau-lang").unwrap();
    assert!(!lang(&get_with("/form", "cookie", &cookie).await));
}

#[tokio::test]
async fn every_error_is_a_page_with_the_headers_of_pages() {
    let post_to = |path: &str| Request::post(path).body(Body::empty()).unwrap();
    for (answer, status, code) in [
        (
            get("/nowhere").await,
            StatusCode::NOT_FOUND,
            "page-inconnue",
        ),
        (
            get("//evil.example/%2e").await,
            StatusCode::NOT_FOUND,
            "page-inconnue",
        ),
        (
            send(post_to("/busy")).await,
            StatusCode::METHOD_NOT_ALLOWED,
            "methode",
        ),
        (
            get("/busy").await,
            StatusCode::SERVICE_UNAVAILABLE,
            "affluence",
        ),
        (
            get("/panics").await,
            StatusCode::INTERNAL_SERVER_ERROR,
            "panne",
        ),
        (
            get("/assets/style.css").await,
            StatusCode::NOT_FOUND,
            "page-inconnue",
        ),
    ] {
        assert_eq!(answer.status, status);
        assert!(answer.text.contains(code) && answer.text.contains(answer.header("x-request-id")));
        assert!(!answer.text.contains("c.martin1") && !answer.text.contains("evil"));
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert!(
            answer
                .header("content-security-policy")
                .contains("form-action 'self'")
        );
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    }
}

#[tokio::test]
async fn an_error_keeps_what_its_status_promises_and_the_frame_of_its_page() {
    let busy = get("/busy").await;
    assert_eq!(busy.header("retry-after"), "7");
    assert!(busy.text.contains("<strong>Portail</strong>"));
    assert!(busy.text.contains("the pool is full"));
    let refused = send(Request::delete("/busy").body(Body::empty()).unwrap()).await;
    assert_eq!(refused.header("allow"), "GET,HEAD");
}

#[tokio::test]
async fn pages_of_a_flow_leave_form_action_out() {
    let flow = get("/form").await;
    assert!(
        !flow
            .header("content-security-policy")
            .contains("form-action")
    );
    assert!(
        flow.header("content-security-policy")
            .contains("default-src 'none'")
    );
    assert_eq!(flow.header("referrer-policy"), "same-origin");
    let auto = get("/auto").await;
    assert!(
        !auto
            .header("content-security-policy")
            .contains("form-action")
    );
    assert_eq!(auto.header("referrer-policy"), "strict-origin");
}

#[tokio::test]
async fn hsts_comes_with_https_alone() {
    assert_eq!(
        get("/aide").await.header("strict-transport-security"),
        "max-age=31536000"
    );
    let request = Request::get("/form").body(Body::empty()).unwrap();
    let plain = send_to("http://localhost:8080", request).await;
    assert_eq!(plain.header("strict-transport-security"), "");
    assert!(plain.cookie("preau-8080-browser").is_some());
}

#[tokio::test]
async fn assets_are_cached_for_ever_under_names_of_their_content() {
    let page = get("/aide").await.text;
    let style = page.split(r#"rel="stylesheet" href=""#).nth(1).unwrap();
    let style = get(style.split('"').next().unwrap()).await;
    assert_eq!(style.status, StatusCode::OK);
    assert_eq!(
        style.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
    assert!(style.text.contains("--accent:") && style.text.contains(".button"));
    let sign_in = get("/form").await.text.len();
    assert!(
        sign_in + style.text.len() < 30_000,
        "the sign-in page is light"
    );
}

#[tokio::test]
async fn programs_get_lean_headers_and_no_pages() {
    let keys = get("/keys").await;
    assert_eq!(keys.header("cache-control"), "max-age=60");
    assert_eq!(keys.header("x-content-type-options"), "nosniff");
    assert_eq!(keys.header("content-security-policy"), "");
    let token = send(Request::post("/token").body(Body::empty()).unwrap()).await;
    assert_eq!(token.header("cache-control"), "no-store");
    assert_eq!(get("/token").await.text, "");
    let broken = get("/broken").await;
    assert_eq!(broken.text, r#"{"error":"server_error"}"#);
}

#[tokio::test]
async fn a_request_id_is_ours_alone() {
    let answer = get_with("/aide", "x-request-id", "forged").await;
    assert_eq!(answer.header("x-request-id").len(), 16);
    assert_ne!(
        answer.header("x-request-id"),
        get("/aide").await.header("x-request-id")
    );
}

#[tokio::test]
async fn the_peer_is_the_client_where_no_proxy_is_trusted() {
    let answer = get_with("/address", "x-forwarded-for", "198.51.100.1").await;
    assert_eq!(answer.text, "192.0.2.7/32");
}

#[tokio::test]
async fn head_is_answered_like_get() {
    let request = Request::builder().method(Method::HEAD).uri("/aide");
    let answer = send(request.body(Body::empty()).unwrap()).await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, ""));
}
