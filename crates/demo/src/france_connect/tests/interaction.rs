//! What people see and do between a request and its answer.

use axum::http::{Method, Request, StatusCode, header};
use jiff::SignedDuration;

use super::scene::{Answer, CALLBACK, ISSUER, ORIGIN, STATE, Scene, text};
use crate::france_connect::{Behaviour, CLAIRE_SUB};

const CLAIRE: &str = "claire-martin";

/// The address that a link of the page leads to.
fn link(page: &Answer, text: &str) -> String {
    let end = page.body.find(text).expect("the page has the link");
    let start = page.body[..end].rfind("href=\"").unwrap() + 6;
    let address = page.body[start..].split('"').next().unwrap();
    address.replace("&amp;", "&")
}

fn assert_over(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
    assert!(answer.body.contains("Y190001"), "{}", answer.body);
}

#[tokio::test]
async fn a_citizen_and_one_page_lead_back_with_a_code() {
    let scene = Scene::new();
    let choice = scene.choice_page(&[]).await;
    let page = scene.get(&choice).await;
    for name in [
        "Claire MARTIN",
        "Paul DURAND",
        "François PETIT",
        "Inconnu SANSLIEN",
    ] {
        assert!(page.body.contains(&format!(">{name}</button>")), "{name}");
    }
    let chosen = scene.post(&choice, &[("citizen", CLAIRE)]).await;
    let consent = scene.get(chosen.location().as_str()).await;
    assert!(consent.body.contains(">Continuer</button>"));
    assert!(consent.body.contains("1978-03-22"));
    assert!(!consent.body.contains("claire.martin@example.org"));
    let answer = scene.post(chosen.location().as_str(), &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(answer.location().as_str().starts_with(CALLBACK));
    let parameters = answer.parameters();
    assert_eq!(parameters["state"], STATE);
    assert_eq!(parameters["iss"], ISSUER);
    assert!(parameters["code"].len() >= 43);
    assert_eq!(parameters.len(), 3);
}

#[tokio::test]
async fn a_request_is_answered_once() {
    let scene = Scene::new();
    let choice = scene.choice_page(&[]).await;
    let chosen = scene.post(&choice, &[("citizen", CLAIRE)]).await;
    let consent: String = chosen.location().into();
    assert_eq!(
        scene.post(&consent, &[]).await.status,
        StatusCode::SEE_OTHER
    );
    assert_over(&scene.post(&consent, &[]).await);
    assert_over(&scene.get(&choice).await);
}

#[tokio::test]
async fn another_browser_gets_no_further() {
    let scene = Scene::new();
    let choice = scene.choice_page(&[]).await;
    let chosen = scene.post(&choice, &[("citizen", CLAIRE)]).await;
    let thief = scene.other_browser();
    for page in [choice.as_str(), chosen.location().as_str()] {
        assert_over(&thief.get(page).await);
        assert_over(&thief.post(page, &[("citizen", CLAIRE)]).await);
    }
    assert_over(&thief.get(&format!("{ISSUER}/interaction/x")).await);
}

#[tokio::test]
async fn nobody_goes_on_without_saying_who_they_are() {
    let scene = Scene::new();
    let choice = scene.choice_page(&[]).await;
    assert_over(&scene.get(&format!("{choice}/consent")).await);
    assert_over(&scene.post(&format!("{choice}/consent"), &[]).await);
    let answer = scene.post(&choice, &[("citizen", "personne")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_request_ends_after_half_an_hour() {
    let scene = Scene::new();
    let choice = scene.choice_page(&[]).await;
    scene.clock.pass(SignedDuration::from_secs(1799));
    assert_eq!(scene.get(&choice).await.status, StatusCode::OK);
    scene.clock.pass(SignedDuration::from_secs(1));
    assert_over(&scene.get(&choice).await);
}

#[tokio::test]
async fn whoever_turns_back_is_told_to_the_service() {
    let scene = Scene::new();
    let choice = scene.choice_page(&[]).await;
    let page = scene.get(&choice).await;
    let answer = scene.get(&link(&page, "Revenir sur")).await;
    assert_eq!(answer.status, StatusCode::FOUND);
    let parameters = answer.parameters();
    assert!(answer.location().as_str().starts_with(CALLBACK));
    assert_eq!(parameters["error"], "access_denied");
    assert_eq!(parameters["error_description"], "User auth aborted");
    assert_eq!(parameters["state"], STATE);
    assert_eq!(parameters["iss"], ISSUER);
}

#[tokio::test]
async fn the_way_back_goes_to_registered_addresses_alone() {
    let scene = Scene::new();
    let back = format!("{ISSUER}/redirect-to-sp-with-error?error=access_denied");
    let answer = scene.get(&format!("{back}&redirect_uri={CALLBACK}")).await;
    assert_eq!(answer.parameter("state"), "undefined");
    for target in [
        back.clone(),
        format!("{back}&redirect_uri=https://ailleurs.example"),
    ] {
        let answer = scene.get(&target).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(answer.body.contains("Y030030"));
    }
}

#[tokio::test]
async fn failures_of_the_register_are_pages_that_lead_back() {
    for (behaviour, status, code, error) in [
        (
            Behaviour::IdentityNotFound,
            StatusCode::FORBIDDEN,
            "Y010004",
            "access_denied",
        ),
        (
            Behaviour::RegisterDown,
            StatusCode::GATEWAY_TIMEOUT,
            "Y010011",
            "temporarily_unavailable",
        ),
    ] {
        let scene = Scene::misbehaving(behaviour).await;
        let choice = scene.choice_page(&[]).await;
        let page = scene.post(&choice, &[("citizen", CLAIRE)]).await;
        assert_eq!(page.status, status);
        assert!(page.body.contains(code), "{}", page.body);
        let answer = scene.get(&link(&page, "Revenir sur")).await;
        assert_eq!(answer.parameter("error"), error);
        assert_eq!(answer.parameter("state"), STATE);
    }
}

#[tokio::test]
async fn a_known_browser_is_not_asked_again_for_half_an_hour() {
    let scene = Scene::new();
    scene.signs_in(CLAIRE, &[]).await;
    scene.clock.pass(SignedDuration::from_mins(29));
    let second = scene.choice_page(&[]).await;
    let answer = scene.get(&second).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let consent = scene.get(answer.location().as_str()).await;
    assert!(consent.body.contains("Bonjour Claire MARTIN"));
    // Being seen made the session last.
    scene.clock.pass(SignedDuration::from_mins(29));
    let third = scene.choice_page(&[]).await;
    assert_eq!(scene.get(&third).await.status, StatusCode::SEE_OTHER);
    scene.clock.pass(SignedDuration::from_mins(30));
    let last = scene.choice_page(&[]).await;
    assert_eq!(scene.get(&last).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_known_browser_may_still_be_somebody_else_s() {
    let scene = Scene::new();
    scene.signs_in(CLAIRE, &[]).await;
    let answer = scene.signs_in("paul-durand", &[]).await;
    let tokens = scene.redeem(&answer.parameter("code"), &[]).await.json();
    let claims = super::scene::part(text(&tokens, "id_token"), 1);
    assert_ne!(claims["sub"], CLAIRE_SUB);
}

#[tokio::test]
async fn a_free_identity_goes_out_as_it_was_described() {
    let scene = Scene::new();
    let choice = scene.choice_page(&[("scope", Some("openid profile birth email idp_birthdate"))]);
    let form = format!("{}/identite", choice.await);
    assert!(scene.get(&form).await.body.contains("99100"));
    let wrong = scene.post(&form, &[("given_names", "Ada")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains(r#"value="Ada""#), "{}", wrong.body);
    let fields = [
        ("given_names", "Jean Philippe, Pierre"),
        ("family_name", "DE L’ÉTOILE"),
        ("preferred_username", "LAMBERT"),
        ("gender", "unspecified"),
        ("birthdate", "00/00/1962"),
        ("birthcountry", "99352"),
        ("birthplace", "75056"),
        ("email", "jp@example.org"),
    ];
    let consent: String = scene.post(&form, &fields).await.location().into();
    let code = scene.post(&consent, &[]).await.parameter("code");
    let tokens = scene.redeem(&code, &[]).await.json();
    let answer = scene.user_info(text(&tokens, "access_token")).await;
    let claims = super::scene::part(&answer.body, 1);
    assert_eq!(claims["given_name"], "Jean Philippe Pierre");
    assert_eq!(claims["given_name_array"][0], "Jean Philippe");
    assert_eq!(claims["family_name"], "DE L’ÉTOILE");
    assert_eq!(claims["preferred_username"], "LAMBERT");
    assert_eq!(claims["gender"], "unspecified");
    assert_eq!(claims["birthdate"], "1962-01-01");
    assert_eq!(claims["idp_birthdate"], "1962-00-00");
    assert_eq!(claims["birthplace"], "");
    assert_eq!(claims["birthcountry"], "99352");
    assert_eq!(claims["email"], "jp@example.org");
}

#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let scene = Scene::new();
    let choice = scene.choice_page(&[]).await;
    let path = choice.strip_prefix(ORIGIN).unwrap();
    for (target, origin) in [
        (path, "https://ailleurs.example"),
        ("/comportement", "null"),
        ("/cles", "http://localhost:8080"),
    ] {
        let request = Request::builder()
            .method(Method::POST)
            .uri(target)
            .header(header::ORIGIN, origin)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = scene.send(request.body("name=new".into()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{target}");
    }
}
