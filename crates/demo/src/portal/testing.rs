//! What tests of the portal's pages share.

use std::sync::Arc;

use axum::{body::to_bytes, response::Response};
use domain::{ambient::Ambient, secret::Secret};
use web::Locale;

use super::PortalSettings;
use crate::{
    look::{Forms, Look, SiteFacts},
    people,
};

/// Nobody listens there.
pub(super) const ORIGIN: &str = "http://localhost:1";

/// The portal's look.
pub(super) fn look() -> Arc<Look> {
    Look::new(&SiteFacts {
        name: "portail",
        title: ["Portail des familles", "Family portal"],
        origin: ORIGIN,
        forms: Forms::Stay,
        mark: "",
    })
}

/// A portal whose provider does not answer.
pub(super) fn settings() -> PortalSettings {
    PortalSettings {
        issuer: ORIGIN.to_owned(),
        origin: ORIGIN.to_owned(),
        client_id: "portail".to_owned(),
        client_secret: Secret::new("secret"),
        people: people::people(),
        ambient: Ambient::system(),
    }
}

/// The body of an answer; slashes as people see them.
pub(super) async fn text_of(response: Response) -> String {
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let text = String::from_utf8(body.to_vec()).unwrap();
    text.replace("&#x2f;", "/")
}

/// What every page has: its language, one heading of the first level, nothing inline.
pub(crate) fn assert_sound(page: &str, locale: Locale) {
    let language = format!(r#"<html lang="{}">"#, locale.tag());
    assert!(page.contains(&language), "{page}");
    assert_eq!(page.matches("<h1").count(), 1, "{page}");
    for inline in ["style=", "<script", "<style", "onclick"] {
        assert!(!page.contains(inline), "{inline} in {page}");
    }
}
