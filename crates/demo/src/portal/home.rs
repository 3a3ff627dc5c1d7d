//! The first page: the people of the demo, or the person who is signed in.

use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;

use super::{Visitor, family::FamilyPage, visits::Notice};
use crate::people::DemoPerson;

/// Shows one or the other.
pub(super) async fn get(visitor: Visitor) -> Response {
    let settings = &visitor.portal.settings;
    let seen = visitor.portal.visits.look(visitor.token.as_ref());
    let notice = seen.notice.map(NoticeView::from);
    match seen.person {
        Some(person) => {
            let page = FamilyPage::of(&person, &settings.issuer, notice);
            visitor.render("demo/family.html", page)
        }
        None => visitor.render(
            "demo/home.html",
            HomePage {
                people: listed(&settings.people, settings.ambient.now()),
                issuer: &settings.issuer,
                notice,
            },
        ),
    }
}

/// The context of `demo/home.html`.
#[derive(Serialize)]
struct HomePage<'a> {
    people: Vec<Listed<'a>>,
    issuer: &'a str,
    notice: Option<NoticeView>,
}

/// Somebody of the list.
#[derive(Serialize)]
struct Listed<'a> {
    #[serde(flatten)]
    person: &'a DemoPerson,
    /// The code of the moment, where a second factor is asked for.
    code: Option<String>,
}

fn listed(people: &[DemoPerson], now: Timestamp) -> Vec<Listed<'_>> {
    let listed = |person| Listed {
        person,
        code: DemoPerson::code_at(person, now),
    };
    people.iter().map(listed).collect()
}

/// A notice as templates read it.
#[derive(Serialize)]
pub(super) struct NoticeView {
    kind: &'static str,
    changed: Vec<String>,
}

impl From<Notice> for NoticeView {
    fn from(notice: Notice) -> Self {
        let (kind, changed) = match notice {
            Notice::Refreshed { changed } => ("refreshed", changed),
            Notice::Ended => ("ended", Vec::new()),
            Notice::SignedOut => ("signed-out", Vec::new()),
        };
        Self { kind, changed }
    }
}

#[cfg(test)]
mod tests {
    use axum::{
        Router,
        body::Body,
        http::{Request, StatusCode, header},
    };
    use tower::ServiceExt;
    use web::Locale;

    use super::*;
    use crate::portal::{
        router,
        testing::{assert_sound, settings, text_of},
    };

    fn portal() -> Router {
        // Another test may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        router(settings()).unwrap()
    }

    async fn get(path: &str) -> Response {
        let request = Request::get(path).body(Body::empty()).unwrap();
        portal().oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn whoever_comes_first_sees_the_people_and_one_way_in() {
        let page = text_of(get("/").await).await;
        assert_sound(&page, Locale::Fr);
        assert_eq!(page.matches("Se connecter").count(), 1, "{page}");
        for person in crate::people::people() {
            assert!(page.contains(&format!("<code>{}</code>", person.identifier)));
        }
        assert!(page.contains("<code>Cartable-bleu-2026</code>"));
        assert_eq!(page.matches("id=\"code-").count(), 2, "{page}");
    }

    #[tokio::test]
    async fn the_language_is_the_visitor_s() {
        let english = get("/?lang=en").await;
        let kept = english.headers()[header::SET_COOKIE]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(kept.starts_with("portail-1-lang=en;"), "{kept}");
        assert_sound(&text_of(english).await, Locale::En);
    }

    #[tokio::test]
    async fn pages_are_guarded() {
        let page = get("/").await;
        assert_eq!(page.headers()["cache-control"], "no-store");
        assert_eq!(page.headers()["x-frame-options"], "DENY");
        let policy = page.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'"), "{policy}");
        assert!(!policy.contains("unsafe-inline"), "{policy}");
    }

    #[tokio::test]
    async fn a_provider_that_does_not_answer_is_told_apart() {
        let response = get("/connexion").await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(text_of(response).await.contains("Préau ne répond pas"));
    }

    #[tokio::test]
    async fn an_answer_that_nobody_asked_for_is_refused() {
        let response = get("/callback?code=c&state=s&iss=http%3A%2F%2Flocalhost%3A1").await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    }

    #[tokio::test]
    async fn forms_of_nobody_are_refused() {
        for path in ["/actualiser", "/deconnexion"] {
            let request = Request::post(path)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from("form=x"))
                .unwrap();
            let response = portal().oneshot(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::FORBIDDEN, "{path}");
        }
    }

    #[tokio::test]
    async fn an_address_without_a_page_says_so() {
        assert_eq!(get("/nothing").await.status(), StatusCode::NOT_FOUND);
    }
}
