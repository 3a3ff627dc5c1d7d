//! A simulator, a browser in front of it, and a service's server behind.

use std::{collections::HashMap, sync::Mutex, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{ambient::Ambient, redirect::RedirectUri, secret::Secret};
use serde_json::{Map, Value};
use tower::ServiceExt;
use url::{Url, form_urlencoded};

use super::clock::HandClock;
use crate::france_connect::{
    Behaviour, PREAU_CLIENT_ID, PREAU_CLIENT_SECRET, Registration, SimulatorSettings, router,
};

pub(super) const ORIGIN: &str = "http://localhost:8082";
pub(super) const ISSUER: &str = "http://localhost:8082/api/v2";
pub(super) const CALLBACK: &str = "http://localhost:8080/franceconnect/callback";
pub(super) const SIGNED_OUT: &str = "http://localhost:8080/franceconnect/deconnexion";
pub(super) const OTHER_CLIENT: &str = "autre-service";
pub(super) const OTHER_SECRET: &str = "secret-d-un-autre-service-en-demonstration";
pub(super) const OTHER_CALLBACK: &str = "http://localhost:9999/retour";
pub(super) const STATE: &str = "etat-0123456789abcdef0123456789abcdef";
pub(super) const NONCE: &str = "nonce-0123456789abcdef0123456789abcdef";
pub(super) const PIVOT: &str = "openid identite_pivot";

/// Changes to a form: another value, or none.
pub(super) type Changes<'a> = &'a [(&'a str, Option<&'a str>)];

pub(super) struct Scene {
    pub(super) router: Router,
    pub(super) clock: HandClock,
    cookie: Mutex<Option<String>>,
}

/// An answer, read whole.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn location(&self) -> Url {
        let location = self.headers[header::LOCATION].to_str().unwrap();
        Url::parse(location).unwrap()
    }

    /// The parameters of where it leads.
    pub(super) fn parameters(&self) -> HashMap<String, String> {
        self.location().query_pairs().into_owned().collect()
    }

    pub(super) fn parameter(&self, name: &str) -> String {
        self.parameters().remove(name).unwrap_or_default()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

impl Scene {
    /// A simulator whose clock stands still.
    pub(super) fn new() -> Self {
        let (clock, ambient) = HandClock::ambient();
        Self::with(clock, ambient, Duration::ZERO)
    }

    pub(super) fn with(clock: HandClock, ambient: Ambient, slowness: Duration) -> Self {
        let router = router(SimulatorSettings {
            seal: None,
            origin: ORIGIN.into(),
            registrations: vec![Registration::preau("http://localhost:8080"), other()],
            slowness,
            ambient,
        });
        Self {
            router: router.unwrap(),
            clock,
            cookie: Mutex::default(),
        }
    }

    /// Another browser at the same simulator.
    pub(super) fn other_browser(&self) -> Self {
        Self {
            router: self.router.clone(),
            clock: self.clock.clone(),
            cookie: Mutex::default(),
        }
    }

    pub(super) async fn misbehaving(behaviour: Behaviour) -> Self {
        let scene = Self::new();
        scene.behaves(behaviour).await;
        scene
    }

    pub(super) async fn behaves(&self, behaviour: Behaviour) {
        let form = [("behaviour", behaviour.name())];
        let answer = self.post("/comportement", &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// A browser's request: its cookie goes along, and a new one is kept.
    async fn browse(&self, method: Method, target: &str, body: String) -> Answer {
        let path = target.strip_prefix(ORIGIN).unwrap_or(target);
        let mut request = Request::builder().method(method).uri(path);
        if let Some(cookie) = &*self.cookie.lock().unwrap() {
            request = request.header(header::COOKIE, cookie);
        }
        let form = "application/x-www-form-urlencoded";
        let request = request.header(header::CONTENT_TYPE, form);
        let answer = self.send(request.body(Body::from(body)).unwrap()).await;
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
            if cookie.contains("session=") {
                *self.cookie.lock().unwrap() = Some(cookie.to_owned());
            }
        }
        answer
    }

    pub(super) async fn get(&self, target: &str) -> Answer {
        self.browse(Method::GET, target, String::new()).await
    }

    pub(super) async fn post(&self, target: &str, form: &[(&str, &str)]) -> Answer {
        self.browse(Method::POST, target, encode(form)).await
    }

    /// Préau's request, with changes.
    pub(super) async fn authorize(&self, changes: Changes<'_>) -> Answer {
        let query = encode(&changed(&asked(), changes));
        self.get(&format!("/api/v2/authorize?{query}")).await
    }

    /// The page on which a request's person says who they are.
    pub(super) async fn choice_page(&self, changes: Changes<'_>) -> String {
        let answer = self.authorize(changes).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        answer.location().into()
    }

    /// The whole of a browser's way, up to the answer for the service.
    pub(super) async fn signs_in(&self, citizen: &str, changes: Changes<'_>) -> Answer {
        let choice = self.choice_page(changes).await;
        let chosen = self.post(&choice, &[("citizen", citizen)]).await;
        let consent: String = chosen.location().into();
        self.post(&consent, &[]).await
    }

    /// The token endpoint's answer to Préau, with changes.
    pub(super) async fn redeem(&self, code: &str, changes: Changes<'_>) -> Answer {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("client_id", PREAU_CLIENT_ID),
            ("client_secret", PREAU_CLIENT_SECRET),
        ];
        self.post("/api/v2/token", &changed(&form, changes)).await
    }

    /// A sign-in with its tokens.
    pub(super) async fn tokens_of(&self, citizen: &str, changes: Changes<'_>) -> Value {
        let code = self.signs_in(citizen, changes).await.parameter("code");
        let answer = self.redeem(&code, &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.json()
    }

    pub(super) async fn user_info(&self, access_token: &str) -> Answer {
        let request = Request::get("/api/v2/userinfo")
            .header(header::AUTHORIZATION, format!("Bearer {access_token}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// The claims of `UserInfo` after a sign-in.
    pub(super) async fn claims_of(&self, citizen: &str, scope: &str) -> Map<String, Value> {
        let tokens = self.tokens_of(citizen, &[("scope", Some(scope))]).await;
        let answer = self.user_info(text(&tokens, "access_token")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        part(&answer.body, 1)
    }
}

/// A second service, to which less is granted.
fn other() -> Registration {
    Registration {
        client_id: OTHER_CLIENT.into(),
        client_secret: Secret::new(OTHER_SECRET),
        keys: None,
        name: "Autre service".into(),
        entity_id: OTHER_CLIENT.into(),
        redirect_uris: vec![RedirectUri::new(OTHER_CALLBACK)],
        post_logout_redirect_uris: Vec::new(),
        scopes: vec!["openid", "given_name"],
        may_ask_amr: false,
    }
}

const fn asked() -> [(&'static str, &'static str); 7] {
    [
        ("client_id", PREAU_CLIENT_ID),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", PIVOT),
        ("state", STATE),
        ("nonce", NONCE),
        ("acr_values", "eidas1"),
    ]
}

/// A form with changes.
fn changed<'a>(form: &[(&'a str, &'a str)], changes: Changes<'a>) -> Vec<(&'a str, &'a str)> {
    let is_changed = |name: &str| changes.iter().any(|(changed, _)| *changed == name);
    let kept = form.iter().copied().filter(|(name, _)| !is_changed(name));
    let set = changes
        .iter()
        .filter_map(|(name, value)| Some((*name, (*value)?)));
    kept.chain(set).collect()
}

fn encode(form: &[(&str, &str)]) -> String {
    let mut encoded = form_urlencoded::Serializer::new(String::new());
    encoded.extend_pairs(form).finish()
}

/// A text of an answer.
pub(super) fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap()
}

/// The header (0) or the claims (1) of a token, unverified.
pub(super) fn part(token: &str, index: usize) -> Map<String, Value> {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
