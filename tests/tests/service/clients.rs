//! Registrations: by the API, by programs that register themselves, and what becomes of
//! tokens when they change.

mod api;
mod at_once;
mod audit;
mod consequences;
mod console;
mod dynamic;
mod initial_tokens;
mod sectors;
mod trying;
mod undoing;

use http::{HeaderMap, Method};
use serde_json::Value;
use tests::{Answer, RelyingParty, Service, door::header_map};

/// A program that speaks to the API.
pub(crate) struct Program<'a> {
    service: &'a Service,
    token: String,
}

impl<'a> Program<'a> {
    /// `admin-cli`, with a token of these scopes.
    pub(crate) async fn with(service: &'a Service, scope: &str) -> Self {
        Self::of(service, &service.client("admin-cli"), scope).await
    }

    /// Another client, with a token of these scopes.
    pub(crate) async fn of(service: &'a Service, client: &RelyingParty, scope: &str) -> Self {
        let form = [("grant_type", "client_credentials"), ("scope", scope)];
        let answer = client.token(&form).await;
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        Self { service, token }
    }

    pub(crate) async fn admin(service: &'a Service) -> Self {
        Self::with(service, "clients:read clients:write").await
    }

    pub(crate) async fn sends(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let mut all = header_map(&[("authorization", bearer.as_str())]);
        if body.is_some() {
            all.extend(header_map(&[("content-type", "application/json")]));
        }
        all.extend(header_map(headers));
        let body = body.map_or_else(Vec::new, |body| body.to_string().into_bytes());
        let path = format!("/api/admin/v1{path}");
        self.service.door.send(method, &path, all, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.sends(Method::GET, path, &[], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.sends(Method::POST, path, &[], Some(body)).await
    }

    /// Makes it what `change` says, from what it is now.
    pub(crate) async fn changes(&self, id: &str, change: impl FnOnce(&mut Value)) -> Answer {
        let path = format!("/clients/{id}");
        let before = self.get(&path).await;
        let mut registration = before.json()["registration"].clone();
        change(&mut registration);
        let tag = before.header("etag");
        self.sends(
            Method::PUT,
            &path,
            &[("if-match", tag)],
            Some(&registration),
        )
        .await
    }
}

pub(crate) fn assert_problem(answer: &Answer, status: u16, kind: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem = answer.json();
    assert_eq!(problem["status"], status);
    assert_eq!(problem["type"], format!("urn:preau:problem:{kind}"));
    assert!(!problem["detail"].as_str().unwrap().is_empty());
}

pub(crate) async fn nobody(service: &Service, method: Method, path: &str) -> Answer {
    service
        .door
        .send(method, path, HeaderMap::new(), Vec::new())
        .await
}
