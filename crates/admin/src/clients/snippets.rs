//! How common frameworks are set up for a client, filled with its values. Secrets are
//! never in them: they are shown once, elsewhere.

use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::client::{ClientAuthMethod, Registration};
use serde::Serialize;
use web::{Page, PageError};

use super::head::{At, Head, find};
use crate::{
    state::Admin,
    visitor::{Frame, Visitor},
};

/// Shows them.
pub(super) async fn get(
    State(app): State<Admin>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let client = find(&app, &id).await?;
    Ok(visitor.view().render(&SnippetsPage {
        frame: visitor.frame(),
        head: Head::of(&client, &visitor, At::Snippets),
        issuer: app.issuer().to_owned(),
        snippets: snippets(app.issuer(), &client.registration),
    }))
}

const OPENID_CLIENT: &str = r"// npm install openid-client
import * as client from 'openid-client';

const config = await client.discovery(
  new URL('{issuer}'),
  '{client_id}',
  {js_secret},
);
const code_verifier = client.randomPKCECodeVerifier();
const state = client.randomState();
const nonce = client.randomNonce();
const address = client.buildAuthorizationUrl(config, {
  redirect_uri: '{redirect_uri}',
  scope: '{scope}',
  code_challenge: await client.calculatePKCECodeChallenge(code_verifier),
  code_challenge_method: 'S256',
  state,
  nonce,
});
// … and at {redirect_uri}:
const tokens = await client.authorizationCodeGrant(config, currentUrl, {
  pkceCodeVerifier: code_verifier, expectedState: state, expectedNonce: nonce,
});
const person = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
";

const SPRING: &str = r"# application.yaml; the redirect URI is {baseUrl}/login/oauth2/code/preau
spring:
  security:
    oauth2:
      client:
        provider:
          preau:
            issuer-uri: {issuer}
        registration:
          preau:
            client-id: {client_id}
            client-secret: ${PREAU_CLIENT_SECRET}
            client-authentication-method: {method}
            authorization-grant-type: authorization_code
            redirect-uri: {redirect_uri}
            scope: [{scope_list}]
            client-settings:
              require-proof-key: true
";

const KEYCLOAK: &str = r#"# kcadm.sh create identity-provider/instances -r REALM -f -
{
  "alias": "preau",
  "providerId": "oidc",
  "config": {
    "issuer": "{issuer}",
    "authorizationUrl": "{issuer}/oauth2/authorize",
    "tokenUrl": "{issuer}/oauth2/token",
    "userInfoUrl": "{issuer}/oauth2/userinfo",
    "jwksUrl": "{issuer}/oauth2/jwks",
    "logoutUrl": "{issuer}/oauth2/logout",
    "useJwksUrl": "true",
    "validateSignature": "true",
    "clientId": "{client_id}",
    "clientSecret": "…",
    "clientAuthMethod": "{method}",
    "defaultScope": "{scope}",
    "pkceEnabled": "true",
    "pkceMethod": "S256"
  }
}
"#;

const DJANGO: &str = r#"# pip install mozilla-django-oidc; the redirect URI ends with /oidc/callback/
import os

AUTHENTICATION_BACKENDS = ["mozilla_django_oidc.auth.OIDCAuthenticationBackend"]
OIDC_RP_CLIENT_ID = "{client_id}"
OIDC_RP_CLIENT_SECRET = os.environ["PREAU_CLIENT_SECRET"]
OIDC_RP_SIGN_ALGO = "{algorithm}"
OIDC_RP_SCOPES = "{scope}"
OIDC_OP_AUTHORIZATION_ENDPOINT = "{issuer}/oauth2/authorize"
OIDC_OP_TOKEN_ENDPOINT = "{issuer}/oauth2/token"
OIDC_OP_USER_ENDPOINT = "{issuer}/oauth2/userinfo"
OIDC_OP_JWKS_ENDPOINT = "{issuer}/oauth2/jwks"
OIDC_USE_PKCE = True
OIDC_USE_NONCE = True
"#;

const PHP: &str = r"<?php // composer require jumbojett/openid-connect-php
$oidc = new Jumbojett\OpenIDConnectClient('{issuer}', '{client_id}', {php_secret});
$oidc->setRedirectURL('{redirect_uri}');
$oidc->addScope(explode(' ', '{scope}'));
$oidc->setCodeChallengeMethod('S256');
$oidc->authenticate();
$personne = $oidc->requestUserInfo();
";

const RUST: &str = r#"// cargo add openidconnect
use openidconnect::{core::*, *};

let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
let issuer = IssuerUrl::new("{issuer}".into())?;
let metadata = CoreProviderMetadata::discover_async(issuer, &http).await?;
let client = CoreClient::from_provider_metadata(
    metadata,
    ClientId::new("{client_id}".into()),
    {rust_secret},
)
.set_redirect_uri(RedirectUrl::new("{redirect_uri}".into())?);
let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
let (address, state, nonce) = client
    .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
    .set_pkce_challenge(challenge)
    .url();
"#;

fn snippets(issuer: &str, registration: &Registration) -> Vec<Snippet> {
    let all = [
        ("Node.js, openid-client", OPENID_CLIENT),
        ("Spring Boot", SPRING),
        ("Keycloak (broker)", KEYCLOAK),
        ("Django, mozilla-django-oidc", DJANGO),
        ("PHP, openid-connect-php", PHP),
        ("Rust, openidconnect", RUST),
    ];
    all.into_iter()
        .map(|(title, text)| Snippet {
            title,
            text: filled(text, issuer, registration),
        })
        .collect()
}

fn filled(text: &str, issuer: &str, registration: &Registration) -> String {
    let redirect_uri = registration.redirect_uris.first();
    // Between quotes of other languages: a quote that an address may hold ends nothing.
    let redirect_uri = redirect_uri.map_or("https://…", |uri| uri.as_str());
    let redirect_uri = redirect_uri.replace('\'', "%27");
    let scope = registration.scope.to_string();
    let method = registration.token_endpoint_auth_method;
    let has_secret = method.has_secret();
    let either =
        |with: &'static str, without: &'static str| if has_secret { with } else { without };
    let js_secret = match method {
        ClientAuthMethod::ClientSecretBasic => {
            "undefined, client.ClientSecretBasic(process.env.PREAU_CLIENT_SECRET)"
        }
        ClientAuthMethod::ClientSecretPost => {
            "undefined, client.ClientSecretPost(process.env.PREAU_CLIENT_SECRET)"
        }
        ClientAuthMethod::PrivateKeyJwt => "undefined, client.PrivateKeyJwt(key)",
        ClientAuthMethod::None => "undefined, client.None()",
    };
    [
        ("{issuer}", issuer),
        ("{client_id}", registration.client_id.as_str()),
        ("{redirect_uri}", &redirect_uri),
        ("{scope}", &scope),
        ("{scope_list}", &scope.replace(' ', ", ")),
        ("{method}", method.as_str()),
        (
            "{algorithm}",
            registration.id_token_signed_response_alg.as_str(),
        ),
        ("{js_secret}", js_secret),
        (
            "{php_secret}",
            either("getenv('PREAU_CLIENT_SECRET')", "null"),
        ),
        (
            "{rust_secret}",
            either(
                "Some(ClientSecret::new(std::env::var(\"PREAU_CLIENT_SECRET\")?))",
                "None",
            ),
        ),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (name, value)| {
        text.replace(name, value)
    })
}

#[derive(Debug, Serialize)]
struct Snippet {
    title: &'static str,
    text: String,
}

/// The context of `admin/clients/snippets.html`.
#[derive(Debug, Serialize)]
struct SnippetsPage {
    frame: Frame,
    head: Head,
    issuer: String,
    snippets: Vec<Snippet>,
}

impl Page for SnippetsPage {
    const TEMPLATE: &'static str = "admin/clients/snippets.html";

    fn samples() -> Vec<Self> {
        vec![Self {
            frame: Frame::sample(),
            head: Head::sample(At::Snippets),
            issuer: "https://compte.example".to_owned(),
            snippets: vec![Snippet {
                title: "Rust",
                text: "ClientId::new(\"ent\")".to_owned(),
            }],
        }]
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<SnippetsPage>();
    }

    #[test]
    fn every_snippet_is_filled_whatever_the_client() {
        for method in [
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
            "none",
        ] {
            let registration: Registration = serde_json::from_value(json!({
                "client_id": "ent", "client_name": "ENT", "scope": "openid family",
                "redirect_uris": ["https://ent.example/cb"],
                "token_endpoint_auth_method": method,
            }))
            .unwrap();
            for snippet in snippets("https://compte.example", &registration) {
                let names = [
                    "{issuer}",
                    "{client_id}",
                    "{redirect_uri}",
                    "{scope",
                    "_secret}",
                ];
                assert!(
                    names.iter().all(|name| !snippet.text.contains(name)),
                    "{}",
                    snippet.text
                );
                assert!(snippet.text.contains("ent"), "{}", snippet.title);
            }
        }
    }
}
