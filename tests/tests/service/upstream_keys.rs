//! What an operator sets of an upstream: a key in the place of a secret, and the provider's
//! own button.

use josekit::jwk::{
    KeyPair,
    alg::{
        ec::{EcCurve, EcKeyPair},
        rsa::RsaKeyPair,
    },
};
use serde_json::json;
use tests::{Person, Service, france_connect::FranceConnect};

const CLAIRE: &str = "claire-martin";
const KEYS: &str = "/franceconnect/jwks";

fn pem(pair: &dyn KeyPair) -> String {
    String::from_utf8(pair.to_pem_private_key()).unwrap()
}

#[tokio::test]
async fn a_key_in_the_place_of_a_secret_proves_who_we_are() {
    let pairs: [Box<dyn KeyPair>; 2] = [
        Box::new(EcKeyPair::generate(EcCurve::P256).unwrap()),
        Box::new(RsaKeyPair::generate(2048).unwrap()),
    ];
    for pair in pairs {
        let (service, fc) = Box::pin(FranceConnect::with_key(&pem(pair.as_ref()))).await;
        let published = service.door.get(KEYS).await;
        assert_eq!(published.header("content-type"), "application/jwk-set+json");
        let text = published.text();
        assert!(!text.contains("\"d\"") && !text.contains("\"p\""), "{text}");
        let portal = service.portal();
        for _ in 0..2 {
            let mut claire = service.visitor(Person::CLAIRE);
            let request = portal.request();
            let answer = claire.identifies_as(&fc, &request, CLAIRE).await;
            let tokens = portal.tokens(&request.callback(&answer)).await;
            assert_eq!(tokens.id_claims()["acr"], "eidas1");
        }
        assert!(service.upstream_refusals().await.is_empty());
    }
}

#[tokio::test]
async fn a_key_that_the_upstream_does_not_know_signs_nobody_in() {
    let own = pem(&EcKeyPair::generate(EcCurve::P256).unwrap());
    let (service, fc) = FranceConnect::with_key_but_registered(&own, json!({ "keys": [] })).await;
    let mut claire = service.visitor(Person::CLAIRE);
    let request = service.portal().request();
    let answer = claire.identifies_as(&fc, &request, CLAIRE).await;
    assert_eq!(answer.status, 502, "{}", answer.summary());
    assert_eq!(service.upstream_refusals().await, ["refused"]);
}

#[tokio::test]
async fn an_upstream_that_knows_us_by_a_secret_has_no_keys_of_ours() {
    let (service, _fc) = FranceConnect::with_service().await;
    assert_eq!(service.door.get(KEYS).await.status, 404);
    let service = Service::start().await;
    assert_eq!(service.door.get(KEYS).await.status, 404);
}

/// An operator with the right to it shows the official button: as it is, from our own
/// origin, first and apart; without it, a button with the exact text.
#[tokio::test]
async fn the_official_button_is_shown_where_the_operator_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let picture = |name: &str| {
        let path = folder.path().join(name);
        let svg = format!("<svg xmlns=\"http://www.w3.org/2000/svg\"><title>{name}</title></svg>");
        std::fs::write(&path, svg).unwrap();
        path
    };
    let (service, _fc) = FranceConnect::with(|config| {
        let upstream = config.upstream.get_mut("franceconnect").unwrap();
        upstream.button = Some(picture("bouton.svg"));
        upstream.button_active = Some(picture("survol.svg"));
    })
    .await;
    let mut claire = service.visitor(Person::CLAIRE);
    let page = claire.browser.open(&service.portal().request().url()).await;
    let text = page.text();
    let paths: Vec<_> = text
        .split("src=\"/assets/upstream-franceconnect-")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert_eq!(paths.len(), 2, "{text}");
    for (path, name) in paths.iter().zip(["bouton.svg", "survol.svg"]) {
        let path = format!("/assets/upstream-franceconnect-{path}");
        let asset = service.door.get(&path).await;
        assert_eq!(
            (asset.status, asset.header("content-type")),
            (200, "image/svg+xml")
        );
        assert!(asset.text().contains(name));
    }
    assert!(text.contains("alt=\"S’identifier avec FranceConnect\""));
    assert!(text.contains("proposée par l’État"));
    let place = |what: &str| text.find(what).unwrap_or_else(|| panic!("no {what}"));
    assert!(place("class=\"official") < place("class=\"or\""));
    assert!(place("class=\"or\"") < place("name=\"mot-de-passe\""));
    // It works as the other one does.
    let sent = claire.chooses_france_connect(&page).await;
    assert!(sent.location().unwrap().path().ends_with("/authorize"));
}
