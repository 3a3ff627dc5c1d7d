//! How strong a password is, while it is typed: the script of the pages asks.

use std::sync::Arc;

use axum::{
    Json,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    password::{PasswordContext, Strength},
    secret::Secret,
};
use serde::{Deserialize, Serialize};
use tokio::{sync::Semaphore, task::spawn_blocking};
use web::{Page, PageError, Route, View};

use crate::new_password::Meter;

/// Where the script asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MeasureStrength;

impl Route for MeasureStrength {
    const PATTERN: &'static str = "/mot-de-passe/force";
}

/// How many are measured at once: one may cost a tenth of a second, anybody may ask, and
/// the meter is a comfort.
const AT_ONCE: usize = 1;

/// Measures, a few at a time.
#[derive(Clone)]
pub(crate) struct Scale(Arc<Semaphore>);

#[derive(Deserialize)]
pub(crate) struct Typed {
    password: Secret,
}

#[derive(Serialize)]
struct Measured {
    score: u8,
    label: String,
}

impl Scale {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }

    /// Answers our own pages with `{"score": 0 to 4, "label": "…"}`, and 503 while others
    /// are measured.
    pub(crate) async fn post(
        self,
        view: View,
        headers: HeaderMap,
        typed: Typed,
    ) -> Result<Response, PageError> {
        if !is_from_our_page(&headers, view.site().urls.issuer()) {
            return Ok(StatusCode::FORBIDDEN.into_response());
        }
        let Ok(turn) = self.0.try_acquire_owned() else {
            return Ok(StatusCode::SERVICE_UNAVAILABLE.into_response());
        };
        let strength = spawn_blocking(move || {
            let _turn = turn;
            Strength::of(typed.password.expose(), &PasswordContext::default())
        });
        let strength = strength.await;
        let strength = strength.map_err(|_| PageError::internal("a password was not measured"))?;
        said(&view, Meter::of(strength))
    }
}

fn said(view: &View, meter: Meter) -> Result<Response, PageError> {
    let label = view.site().pages.html(view, &Word { label: meter.label });
    let label = label.map_err(|error| PageError::internal(error.kind().to_string()))?;
    let score = meter.score;
    Ok(Json(Measured { score, label }).into_response())
}

/// Browsers say where a request comes from; those that do not, name the origin.
fn is_from_our_page(headers: &HeaderMap, issuer: &str) -> bool {
    match headers.get("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => headers
            .get(header::ORIGIN)
            .is_some_and(|origin| origin == issuer),
    }
}

/// The word for a strength, in the page's language.
#[derive(Debug, Serialize)]
struct Word {
    label: web::TextKey,
}

impl Page for Word {
    const TEMPLATE: &'static str = "self-service/strength.html";

    fn samples() -> Vec<Self> {
        let word = |strength| Self {
            label: Meter::of(strength).label,
        };
        Strength::ALL.map(word).into()
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use web::{Locale, testing};

    use super::*;

    #[test]
    fn every_strength_has_its_word() {
        let site = testing::site();
        let view = testing::view(&site, Locale::Fr, None);
        let word = |word: &Word| site.pages.html(&view, word).unwrap();
        let words: Vec<_> = Word::samples().iter().map(word).collect();
        assert_eq!(
            words,
            ["Très faible", "Faible", "Moyen", "Fort", "Très Fort"]
        );
    }

    #[test]
    fn only_our_own_pages_are_answered() {
        let us = "https://compte.example";
        for (name, value, ours) in [
            ("sec-fetch-site", "same-origin", true),
            ("sec-fetch-site", "same-site", false),
            ("sec-fetch-site", "cross-site", false),
            ("sec-fetch-site", "none", false),
            ("origin", us, true),
            ("origin", "null", false),
            ("origin", "https://evil.example", false),
            ("accept", "*/*", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_static(value));
            assert_eq!(is_from_our_page(&headers, us), ours, "{name}: {value}");
        }
    }
}
