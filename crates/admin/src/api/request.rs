//! Parts of requests, read strictly; what is wrong is a problem that says what to send.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::client::ClientId;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use store::clients::changes::Replaces;

use super::problem::Problem;

/// Most entries of a page.
pub(super) const MOST: usize = 100;

/// A body in JSON, with its bytes.
pub(super) struct Body<T> {
    pub(super) value: T,
    pub(super) bytes: Bytes,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            let detail = "the body must be JSON: Content-Type: application/json";
            let title = "Unsupported media type";
            return Err(Problem::new(
                status,
                "unsupported-media-type",
                title,
                detail,
            ));
        }
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => {
                let detail = "the body has at most 64 KiB";
                let status = StatusCode::PAYLOAD_TOO_LARGE;
                Problem::new(status, "too-large", "Content too large", detail)
            }
            _ => Problem::bad_request("the body could not be read"),
        })?;
        let whole: serde_json::Value = serde_json::from_slice(&bytes)
            .map_err(|error| Problem::bad_request(format!("the body is not JSON: {error}")))?;
        let value = serde_path_to_error::deserialize(whole);
        let value = value.map_err(|error| {
            let member = error.path().to_string();
            Problem::unprocessable(&member, error.into_inner().to_string())
        })?;
        Ok(Self { value, bytes })
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let declared = headers.get(header::CONTENT_TYPE);
    let declared = declared.and_then(|value| value.to_str().ok()).unwrap_or("");
    let essence = declared.split(';').next().unwrap_or("").trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// The parts of the path that name something; what is none names nothing.
pub(super) struct Named<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<T>::from_request_parts(parts, state).await;
        path.map(|Path(named)| Self(named))
            .map_err(|_| Problem::not_found())
    }
}

/// The parameters of the query.
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query
            .map(|Query(asked)| Self(asked))
            .map_err(|rejection| Problem::bad_request(rejection.body_text()))
    }
}

/// How many entries a page has.
///
/// # Errors
/// The problem of another number.
pub(super) fn limit(asked: Option<usize>) -> Result<usize, Problem> {
    match asked.unwrap_or(MOST) {
        limit @ 1..=MOST => Ok(limit),
        _ => Err(Problem::bad_request(format!("limit: from 1 to {MOST}"))),
    }
}

/// The version that a change was made from (RFC 9110, section 13.1.1). Of an entity tag the
/// version alone counts here: a secret that came, or a last use, is not what a change of the
/// registration would undo.
pub(super) struct IfMatch(Option<Condition>);

enum Condition {
    /// Whatever stands.
    Any,
    /// One of these versions.
    Versions(Vec<i64>),
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else {
            return Ok(Self(None));
        };
        let text = value.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(Self(Some(Condition::Any)));
        }
        // A tag that is none of ours, or weak, matches nothing.
        let versions = text.split(',').filter_map(|tag| version_of(tag.trim()));
        Ok(Self(Some(Condition::Versions(versions.collect()))))
    }
}

impl IfMatch {
    /// What a change may take the place of, where `current` stands.
    ///
    /// # Errors
    /// The problem of a missing header, or of another version than `current`.
    pub(super) fn replaces(&self, current: i64) -> Result<Replaces, Problem> {
        match &self.0 {
            None => Err(Problem::precondition_required()),
            Some(Condition::Any) => Ok(Replaces::Whatever),
            Some(Condition::Versions(versions)) if versions.contains(&current) => {
                Ok(Replaces::Version(current))
            }
            Some(Condition::Versions(_)) => Err(Problem::precondition_failed(Some(current))),
        }
    }

    /// The same where there is nothing to take the place of.
    ///
    /// # Errors
    /// The problem of a header that names something.
    pub(super) fn replaces_nothing(&self) -> Result<Replaces, Problem> {
        match &self.0 {
            None => Ok(Replaces::Nothing),
            Some(_) => Err(Problem::precondition_failed(None)),
        }
    }
}

/// Whether `If-None-Match` has the entity tag (RFC 9110, section 13.1.2).
pub(super) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get(header::IF_NONE_MATCH);
    let known = known.and_then(|value| value.to_str().ok()).unwrap_or("");
    known.split(',').map(str::trim).any(|known| {
        let known = known.strip_prefix("W/").unwrap_or(known);
        known == "*" || known == tag
    })
}

/// The entity tag of a representation: the registration's version, and what tells apart all
/// else that the representation shows.
pub(super) fn tag(version: i64, representation: &[u8]) -> String {
    let digest = Sha256::digest(representation);
    format!("\"{version}-{}\"", URL_SAFE_NO_PAD.encode(&digest[..12]))
}

/// The version in one of our tags.
fn version_of(tag: &str) -> Option<i64> {
    let tag = tag.strip_prefix('"')?.strip_suffix('"')?;
    let version = tag.split_once('-').map_or(tag, |(version, _)| version);
    version.parse().ok()
}

/// A cursor of ours is a client's id.
///
/// # Errors
/// The problem of another text.
pub(super) fn cursor(text: Option<&str>) -> Result<Option<ClientId>, Problem> {
    let read = text.map(ClientId::parse).transpose();
    read.map_err(|_| Problem::bad_request("cursor: take it from next_cursor of the page before"))
}
