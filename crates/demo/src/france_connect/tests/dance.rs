//! The whole of it, with the openidconnect crate as the service: it knows nothing of our
//! code, and verifies what it gets.

use std::{convert::Infallible, time::Duration};

use axum::{Router, body::Body, http::Request};
use domain::ambient::Ambient;
use oauth2::{HttpRequest, HttpResponse};
use openidconnect::{
    AccessToken, AdditionalClaims, AuthType, AuthenticationContextClass, AuthorizationCode,
    ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, IdToken,
    IdTokenClaims, IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse, PostLogoutRedirectUrl,
    ProviderMetadataWithLogout, RedirectUrl, Scope, SubjectIdentifier, TokenResponse,
    UserInfoClaims,
    core::{
        CoreAuthenticationFlow, CoreClient, CoreGenderClaim, CoreIdToken, CoreIdTokenClaims,
        CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
    },
};
use serde::{Deserialize, Serialize};
use tower::ServiceExt;

use super::{
    clock::HandClock,
    scene::{CALLBACK, ISSUER, NONCE, SIGNED_OUT, STATE, Scene},
};
use crate::france_connect::{CLAIRE_SUB, PREAU_CLIENT_ID, PREAU_CLIENT_SECRET};

type Service = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What the crate does not know of a pivot identity.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Pivot {
    given_name_array: Vec<String>,
    birthplace: String,
    birthcountry: String,
}

impl AdditionalClaims for Pivot {}

type PivotToken =
    IdToken<Pivot, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
type PivotTokenClaims = IdTokenClaims<Pivot, CoreGenderClaim>;

/// The simulator by its own clock's present, since the crate looks at the machine's.
fn present() -> Scene {
    let (clock, _) = HandClock::ambient();
    Scene::with(clock, Ambient::system(), Duration::ZERO)
}

async fn send(router: Router, request: HttpRequest) -> Result<HttpResponse, Infallible> {
    let request: Request<Vec<u8>> = request;
    let response = router.oneshot(request.map(Body::from)).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    Ok(HttpResponse::from_parts(parts, body.to_vec()))
}

async fn metadata(scene: &Scene) -> ProviderMetadataWithLogout {
    let issuer = IssuerUrl::new(ISSUER.into()).unwrap();
    let http = |request| send(scene.router.clone(), request);
    ProviderMetadataWithLogout::discover_async(issuer, &http)
        .await
        .unwrap()
}

async fn service(scene: &Scene) -> Service {
    let secret = ClientSecret::new(PREAU_CLIENT_SECRET.into());
    let id = ClientId::new(PREAU_CLIENT_ID.into());
    CoreClient::from_provider_metadata(metadata(scene).await, id, Some(secret))
        .set_redirect_uri(RedirectUrl::new(CALLBACK.into()).unwrap())
        .set_auth_type(AuthType::RequestBody)
}

/// The whole way of Claire's browser; the code.
async fn code(scene: &Scene, service: &Service) -> AuthorizationCode {
    let state = || CsrfToken::new(STATE.into());
    let nonce = || Nonce::new(NONCE.into());
    let (url, ..) = service
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, state, nonce)
        .add_scope(Scope::new("identite_pivot".into()))
        .add_auth_context_value(AuthenticationContextClass::new("eidas1".into()))
        .url();
    let choice: String = scene.get(url.as_str()).await.location().into();
    let chosen = scene.post(&choice, &[("citizen", "claire-martin")]).await;
    let answer = scene.post(chosen.location().as_str(), &[]).await;
    assert_eq!(answer.parameter("state"), STATE);
    AuthorizationCode::new(answer.parameter("code"))
}

/// The ID token, its verified claims, and the access token.
async fn redeem(scene: &Scene) -> (CoreIdToken, CoreIdTokenClaims, AccessToken) {
    let service = service(scene).await;
    let code = code(scene, &service).await;
    let http = |request| send(scene.router.clone(), request);
    let tokens = service.exchange_code(code).unwrap();
    let tokens = tokens.request_async(&http).await.unwrap();
    let id_token = tokens.id_token().unwrap().clone();
    let verifier = service.id_token_verifier().set_allowed_algs([
        CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    ]);
    let claims = id_token.claims(&verifier, &Nonce::new(NONCE.into()));
    let claims = claims.unwrap().clone();
    (id_token, claims, tokens.access_token().clone())
}

/// `UserInfo` as the crate reads and verifies it, which it does for RS256 alone.
async fn user_info(
    scene: &Scene,
    access_token: AccessToken,
    sub: &SubjectIdentifier,
) -> UserInfoClaims<Pivot, CoreGenderClaim> {
    let service = service(scene).await;
    let http = |request| send(scene.router.clone(), request);
    let request = service.user_info(access_token, Some(sub.clone())).unwrap();
    let request = request.require_signed_response(true);
    request.request_async(&http).await.unwrap()
}

/// `UserInfo` verified as an ID token is: it has all that one must have, and so the
/// crate takes any algorithm.
async fn user_info_as_a_token(scene: &Scene, access_token: &AccessToken) -> PivotTokenClaims {
    let service = service(scene).await;
    let verifier = service
        .id_token_verifier()
        .set_allowed_algs([CoreJwsSigningAlgorithm::EcdsaP256Sha256]);
    let answer = scene.user_info(access_token.secret()).await;
    let token: PivotToken = answer.body.parse().unwrap();
    let without_nonce = |nonce: Option<&Nonce>| match nonce {
        None => Ok(()),
        Some(_) => Err("a nonce in UserInfo".to_owned()),
    };
    token.claims(&verifier, without_nonce).unwrap().clone()
}

fn assert_pivot(pivot: &Pivot) {
    assert_eq!(pivot.given_name_array, ["Claire", "Anne Sophie", "Marie"]);
    assert_eq!(pivot.birthplace, "75112");
    assert_eq!(pivot.birthcountry, "99100");
}

#[tokio::test]
async fn a_stranger_s_client_signs_claire_in_and_out() {
    let scene = present();
    let (id_token, claims, access_token) = redeem(&scene).await;
    assert_eq!(claims.subject().as_str(), CLAIRE_SUB);
    assert_eq!(claims.auth_context_ref().unwrap().as_str(), "eidas1");
    let person = user_info_as_a_token(&scene, &access_token).await;
    assert_eq!(person.subject(), claims.subject());
    assert_eq!(person.birthdate().unwrap().as_str(), "1978-03-22");
    assert_pivot(person.additional_claims());
    let metadata = metadata(&scene).await;
    let end = metadata.additional_metadata().end_session_endpoint.clone();
    let url = LogoutRequest::from(end.unwrap())
        .set_id_token_hint(&id_token)
        .set_post_logout_redirect_uri(PostLogoutRedirectUrl::new(SIGNED_OUT.into()).unwrap())
        .set_state(CsrfToken::new("s".into()))
        .http_get_url();
    let answer = scene.get(url.as_str()).await;
    assert_eq!(answer.location().as_str(), format!("{SIGNED_OUT}?state=s"));
}

#[tokio::test]
async fn a_stranger_s_client_verifies_rs256_too() {
    let scene = present();
    scene.post("/comportement", &[("algorithm", "RS256")]).await;
    let (_, claims, access_token) = redeem(&scene).await;
    assert_eq!(claims.subject().as_str(), CLAIRE_SUB);
    let person = user_info(&scene, access_token, claims.subject()).await;
    let name = person.given_name().unwrap().get(None).unwrap();
    assert_eq!(name.as_str(), "Claire Anne Sophie Marie");
    assert_pivot(person.additional_claims());
}

#[tokio::test]
async fn the_metadata_tell_what_this_level_has() {
    let answer = present()
        .get("/api/v2/.well-known/openid-configuration")
        .await;
    assert_eq!(answer.headers["cache-control"], "public, max-age=600");
    assert!(!answer.headers.contains_key("set-cookie"));
    let metadata = answer.json();
    assert_eq!(metadata["issuer"], ISSUER);
    assert_eq!(
        metadata["acr_values_supported"],
        serde_json::json!(["eidas1"])
    );
    for absent in ["backchannel_logout_supported", "registration_endpoint"] {
        assert!(metadata.get(absent).is_none(), "{absent}");
    }
    let scopes = metadata["scopes_supported"].as_array().unwrap();
    assert!(scopes.iter().any(|scope| scope == "identite_pivot"));
    assert!(scopes.iter().all(|scope| scope != "offline_access"));
}
