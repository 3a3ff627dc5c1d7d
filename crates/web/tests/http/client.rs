//! A browser of a few lines.

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use domain::ambient::Ambient;
use tower::ServiceExt;

use crate::app::app;

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let cookies = self.headers.get_all(header::SET_COOKIE);
        let mut cookies = cookies.iter().map(|cookie| cookie.to_str().unwrap());
        let cookie = cookies.find(|cookie| cookie.starts_with(&format!("{name}=")))?;
        cookie.split(';').next().map(str::to_owned)
    }
}

pub(crate) const HTTPS: &str = "https://compte.example";

pub(crate) async fn send(request: Request<Body>) -> Answer {
    send_to(HTTPS, request).await
}

pub(crate) async fn send_to(issuer: &str, request: Request<Body>) -> Answer {
    let site = web::testing::site_at(issuer, Ambient::system());
    let response = app(&site).oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    Answer {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8(bytes.to_vec()).unwrap(),
    }
}

pub(crate) async fn get(path: &str) -> Answer {
    send(Request::get(path).body(Body::empty()).unwrap()).await
}

pub(crate) async fn get_with(path: &str, name: &str, value: &str) -> Answer {
    send(
        Request::get(path)
            .header(name, value)
            .body(Body::empty())
            .unwrap(),
    )
    .await
}

/// The cookie and the token that a browser has after it was shown the form.
pub(crate) async fn shown() -> (String, String) {
    let answer = get("/form").await;
    let cookie = answer.cookie("__Host-preau-browser").unwrap();
    let token = answer.text.split(r#"name="csrf" value=""#).nth(1).unwrap();
    (cookie, token.split('"').next().unwrap().to_owned())
}

pub(crate) async fn post(cookie: &str, body: String) -> Answer {
    post_as("application/x-www-form-urlencoded", cookie, body).await
}

pub(crate) async fn post_as(content_type: &str, cookie: &str, body: String) -> Answer {
    let request = Request::post("/form")
        .header(header::CONTENT_TYPE, content_type)
        .header(header::COOKIE, cookie)
        .body(Body::from(body));
    send(request.unwrap()).await
}
