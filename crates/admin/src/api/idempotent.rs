//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a request that made
//! something may come again, and is answered as it was the first time.

use axum::{extract::FromRequestParts, http::request::Parts};
use idp::registrar::Acts;
use jiff::ToSpan as _;
use store::idempotency::{self, Repeatable, Seen};

use super::{answers::Made, problem::Problem, program::Writer};
use crate::state::Admin;

const HEADER: &str = "idempotency-key";
/// For how long an answer is kept, in hours.
const KEPT_HOURS: i64 = 24;

/// The key of a request, if it has one, with the address that it came to.
pub(super) struct IdempotencyKey {
    key: Option<String>,
    path: String,
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let path = parts.uri.path().to_owned();
        let Some(value) = parts.headers.get(HEADER) else {
            return Ok(Self { key: None, path });
        };
        let key = value.to_str().unwrap_or_default();
        if !(1..=255).contains(&key.len()) {
            let detail = "Idempotency-Key: 1 to 255 printable ASCII characters";
            return Err(Problem::bad_request(detail));
        }
        let key = Some(key.to_owned());
        Ok(Self { key, path })
    }
}

/// What is known of a request.
pub(super) enum Repeated {
    /// It came for the first time; the answer is to be kept under this.
    First(Option<Repeatable>),
    /// It was answered so before.
    Before(Made),
}

impl IdempotencyKey {
    /// Looks whether the request was answered before, in the transaction of what it does.
    ///
    /// # Errors
    /// The problem of a key that was used for something else.
    pub(super) async fn take(
        &self,
        app: &Admin,
        acts: &Acts<'_>,
        writer: &Writer,
        body: &[u8],
    ) -> Result<Repeated, Problem> {
        let Some(key) = &self.key else {
            return Ok(Repeated::First(None));
        };
        let request = [self.path.as_bytes(), b"\0", body].concat();
        let request = Repeatable::new(writer.client(), key, &request);
        let now = app.ambient.now();
        let until = now + KEPT_HOURS.hours();
        let seen = idempotency::take(acts.transaction(), &app.vault, &request, now, until);
        match seen.await? {
            Seen::First => Ok(Repeated::First(Some(request))),
            Seen::Before(kept) => serde_json::from_slice(&kept)
                .map(Repeated::Before)
                .map_err(|_| other()),
            Seen::Other => Err(other()),
        }
    }
}

fn other() -> Problem {
    Problem::unprocessable(
        "Idempotency-Key",
        "was used for another request: make another key",
    )
}

/// Keeps the answer, commits, and lets this node know at once.
///
/// # Errors
/// The store's problem.
pub(super) async fn keep(
    app: &Admin,
    acts: Acts<'_>,
    request: Option<Repeatable>,
    made: &Made,
) -> Result<(), Problem> {
    if let Some(request) = request {
        let answer = serde_json::to_vec(made).unwrap_or_default();
        idempotency::keep(acts.transaction(), &app.vault, &request, &answer).await?;
    }
    commit(app, acts).await
}

/// Commits, and lets this node know at once.
///
/// # Errors
/// The store's problem.
pub(super) async fn commit(app: &Admin, acts: Acts<'_>) -> Result<(), Problem> {
    acts.commit().await?;
    if let Err(error) = app.clients.reload().await {
        tracing::warn!(%error, "registrations are read again in a moment");
    }
    Ok(())
}
