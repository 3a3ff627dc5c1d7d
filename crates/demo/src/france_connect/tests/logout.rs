//! Sign-out.

use axum::http::StatusCode;
use jiff::SignedDuration;

use super::scene::{Answer, ISSUER, SIGNED_OUT, Scene, text};
use crate::france_connect::Behaviour;

const CLAIRE: &str = "claire-martin";

async fn hint(scene: &Scene) -> String {
    let tokens = scene.tokens_of(CLAIRE, &[]).await;
    text(&tokens, "id_token").to_owned()
}

async fn end(scene: &Scene, query: &str) -> Answer {
    scene.get(&format!("{ISSUER}/session/end?{query}")).await
}

fn assert_page(answer: &Answer, code: &str) {
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
    assert!(answer.body.contains(code), "{}", answer.body);
}

/// Whether a new request of this browser asks who is there.
async fn asks_who(scene: &Scene) -> bool {
    let choice = scene.choice_page(&[]).await;
    scene.get(&choice).await.status == StatusCode::OK
}

#[tokio::test]
async fn the_session_ends_and_the_browser_goes_back_with_state_alone() {
    let scene = Scene::new();
    let hint = hint(&scene).await;
    assert!(!asks_who(&scene).await);
    // The ID token has ended long ago.
    scene.clock.pass(SignedDuration::from_mins(20));
    let query = format!("id_token_hint={hint}&state=s&post_logout_redirect_uri={SIGNED_OUT}");
    let answer = end(&scene, &query).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.location().as_str(), format!("{SIGNED_OUT}?state=s"));
    assert!(asks_who(&scene).await);
    // Without a session it goes back all the same.
    let answer = end(&scene.other_browser(), &query).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn without_an_address_a_page_says_that_it_is_over() {
    let scene = Scene::new();
    let hint = hint(&scene).await;
    let answer = end(&scene, &format!("id_token_hint={hint}")).await;
    let answer = scene.get(answer.location().as_str()).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body.contains("Vous êtes bien déconnecté"));
}

#[tokio::test]
async fn what_it_does_not_know_is_refused_and_ends_nothing() {
    let scene = Scene::new();
    let hint = hint(&scene).await;
    let (unsigned, _) = hint.rsplit_once('.').unwrap();
    for (query, code) in [
        (format!("post_logout_redirect_uri={SIGNED_OUT}"), "Y030008"),
        (format!("id_token_hint={hint}&autre=1"), "Y030008"),
        ("id_token_hint=x".to_owned(), "Y046CD0"),
        (format!("id_token_hint={unsigned}."), "Y046CD0"),
        (
            format!("id_token_hint={hint}&client_id=autre-service"),
            "Y046CD0",
        ),
        (
            format!("id_token_hint={hint}&post_logout_redirect_uri={SIGNED_OUT}/"),
            "Y04CFAEF",
        ),
    ] {
        assert_page(&end(&scene, &query).await, code);
    }
    assert!(!asks_who(&scene).await);
}

#[tokio::test]
async fn an_id_token_of_a_former_key_is_recognised() {
    let scene = Scene::new();
    let hint = hint(&scene).await;
    for name in ["new", "same"] {
        let changed = scene.post("/cles", &[("name", name)]).await;
        assert_eq!(changed.status, StatusCode::SEE_OTHER);
    }
    let query = format!("id_token_hint={hint}&post_logout_redirect_uri={SIGNED_OUT}");
    assert_eq!(end(&scene, &query).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn it_may_be_made_to_fail() {
    let scene = Scene::new();
    let hint = hint(&scene).await;
    scene.behaves(Behaviour::SignOutFails).await;
    let query = format!("id_token_hint={hint}&post_logout_redirect_uri={SIGNED_OUT}");
    assert_page(&end(&scene, &query).await, "Y046CD1");
}
