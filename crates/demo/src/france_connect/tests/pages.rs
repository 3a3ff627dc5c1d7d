//! The pages themselves: sound in both languages, and guarded.

use web::Locale;

use super::scene::{Answer, Scene};
use crate::portal::assert_sound;

/// Every page of a sign-in, in this language.
async fn every_page(scene: &Scene, lang: &str) -> Vec<Answer> {
    let choice = scene.choice_page(&[]).await;
    let chosen = scene.choice_page(&[]).await;
    let lang = format!("lang={lang}");
    let mut pages = vec![
        scene.get(&format!("/?{lang}")).await,
        scene.get(&format!("/rien?{lang}")).await,
        scene.get(&format!("/api/v2/authorize?{lang}")).await,
        scene.get(&format!("{choice}?{lang}")).await,
        scene.get(&format!("{choice}/identite?{lang}")).await,
        scene.post(&format!("{choice}/identite?{lang}"), &[]).await,
    ];
    let consent = scene.post(&chosen, &[("citizen", "paul-durand")]).await;
    let consent = consent.location();
    pages.push(scene.get(&format!("{consent}?{lang}")).await);
    let signed_out = format!("/api/v2/session/end/success?{lang}");
    pages.push(scene.get(&signed_out).await);
    pages
}

#[tokio::test]
async fn every_page_is_sound() {
    for locale in Locale::ALL {
        let scene = Scene::new();
        for page in every_page(&scene, locale.tag()).await {
            assert_sound(&page.body, locale);
            assert!(page.body.contains("FranceConnect"), "{}", page.body);
        }
    }
}

#[tokio::test]
async fn every_page_says_what_it_is() {
    let scene = Scene::new();
    for page in every_page(&scene, "fr").await {
        let name = "Simulateur FranceConnect — démonstration";
        assert!(page.body.contains(name), "{}", page.body);
    }
}

#[tokio::test]
async fn pages_are_guarded_and_let_forms_end_at_the_service() {
    let scene = Scene::new();
    for page in every_page(&scene, "fr").await {
        assert_eq!(page.headers["cache-control"], "no-store");
        assert_eq!(page.headers["x-frame-options"], "DENY");
        assert_eq!(page.headers["x-content-type-options"], "nosniff");
        assert_eq!(page.headers["cross-origin-opener-policy"], "unsafe-none");
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert!(!policy.contains("form-action"), "{policy}");
        assert!(!policy.contains("unsafe-inline"), "{policy}");
    }
}
