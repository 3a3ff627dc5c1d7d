//! The portal's side of the protocol: discovery, tokens, verified claims.

use axum::http::{HeaderValue, Request, header};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{
    ambient::Ambient,
    secret::{Secret, Token},
};
use oauth2::AsyncHttpClient;
use openidconnect::{
    AccessToken, AccessTokenHash, AdditionalProviderMetadata, AuthorizationCode, Client, ClientId,
    ClientSecret, CsrfToken, EmptyExtraTokenFields, EndSessionUrl, EndpointNotSet, EndpointSet,
    IdToken, IdTokenClaims, IdTokenFields, IssuerUrl, LanguageTag, LogoutProviderMetadata,
    LogoutRequest, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier,
    PostLogoutRedirectUrl, ProviderMetadata, RedirectUrl, RefreshToken, Scope,
    StandardErrorResponse, StandardTokenResponse, TokenResponse,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClaimName, CoreClaimType,
        CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim, CoreGrantType,
        CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
        CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType, CoreRevocableToken,
        CoreRevocationErrorResponse, CoreSubjectIdentifierType, CoreTokenIntrospectionResponse,
        CoreTokenType,
    },
};
use serde::{Deserialize, Serialize};
use url::{Url, form_urlencoded};

use super::{
    PortalSettings,
    claims::{FamilyClaims, PersonClaims},
    fault::Fault,
};
use crate::http_client::HttpClient;

/// What the portal asks for.
pub(crate) const SCOPES: [&str; 5] = ["profile", "email", "phone", "offline_access", "family"];

pub(crate) type FamilyIdToken = IdToken<
    FamilyClaims,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

pub(crate) type FamilyIdTokenClaims = IdTokenClaims<FamilyClaims, CoreGenderClaim>;

pub(crate) type Tokens = StandardTokenResponse<
    IdTokenFields<
        FamilyClaims,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

type FamilyClient = Client<
    FamilyClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
    EndpointSet,
>;

/// RFC 8414, section 2: the member that the openidconnect crate does not read itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct RevocationMetadata {
    revocation_endpoint: Url,
}

impl AdditionalProviderMetadata for RevocationMetadata {}

type Metadata = ProviderMetadata<
    LogoutProviderMetadata<RevocationMetadata>,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// The provider as discovery and its keys described it at one moment.
pub(crate) struct Provider {
    client: FamilyClient,
    end_session: EndSessionUrl,
    home: PostLogoutRedirectUrl,
    revocation: Url,
    credentials: HeaderValue,
    http: HttpClient,
}

/// What one sign-in is recognised by when it comes back.
pub(crate) struct SignInSecrets {
    pub(crate) state: Secret,
    pub(crate) nonce: Nonce,
    pub(crate) verifier: PkceCodeVerifier,
}

impl SignInSecrets {
    /// New ones, each of 256 random bits.
    pub(crate) fn generate(ambient: &Ambient) -> Self {
        let random = || Token::generate(ambient).expose();
        Self {
            state: Secret::new(random()),
            nonce: Nonce::new(random()),
            verifier: PkceCodeVerifier::new(random()),
        }
    }
}

/// Which nonce an ID token must have.
#[derive(Clone, Copy)]
pub(crate) enum ExpectedNonce<'a> {
    /// That of the sign-in.
    Of(&'a Nonce),
    /// After a refresh there should be none (OpenID Connect Core, section 12.2).
    AfterRefresh,
}

impl Provider {
    /// Asks the provider where its endpoints are and which keys it signs with (OpenID
    /// Connect Discovery 1.0).
    pub(crate) async fn discover(
        settings: &PortalSettings,
        http: &HttpClient,
    ) -> Result<Self, Fault> {
        let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(Fault::unreachable)?;
        let metadata = Metadata::discover_async(issuer, http)
            .await
            .map_err(Fault::unreachable)?;
        let lacks =
            |what: &str| Fault::Unreachable(format!("the provider's metadata lacks {what}"));
        let token = metadata
            .token_endpoint()
            .cloned()
            .ok_or_else(|| lacks("token_endpoint"))?;
        let user_info = metadata
            .userinfo_endpoint()
            .cloned()
            .ok_or_else(|| lacks("userinfo_endpoint"))?;
        let more = metadata.additional_metadata();
        let end_session = more
            .end_session_endpoint
            .clone()
            .ok_or_else(|| lacks("end_session_endpoint"))?;
        let revocation = more.additional_metadata.revocation_endpoint.clone();
        let id = ClientId::new(settings.client_id.clone());
        let secret = ClientSecret::new(settings.client_secret.expose().to_owned());
        let redirect_uri = RedirectUrl::new(format!("{}/callback", settings.origin));
        let client = Client::from_provider_metadata(metadata, id, Some(secret))
            .set_token_uri(token)
            .set_user_info_url(user_info)
            .set_redirect_uri(redirect_uri.map_err(Fault::unreachable)?);
        Ok(Self {
            client,
            end_session,
            home: PostLogoutRedirectUrl::new(format!("{}/", settings.origin))
                .map_err(Fault::unreachable)?,
            revocation,
            credentials: credentials(settings),
            http: http.clone(),
        })
    }

    /// Where the browser goes to sign in (OpenID Connect Core, section 3.1.2.1; RFC 7636).
    pub(crate) fn authorization_url(&self, secrets: &SignInSecrets, language: &str) -> Url {
        let (state, nonce) = (secrets.state.expose().to_owned(), secrets.nonce.clone());
        let request = self.client.authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            move || CsrfToken::new(state),
            move || nonce,
        );
        let scopes = SCOPES.map(|scope| Scope::new(scope.to_owned()));
        let (url, _, _) = request
            .add_scopes(scopes)
            .add_ui_locale(LanguageTag::new(language.to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(
                &secrets.verifier,
            ))
            .url();
        url
    }

    /// Gives the code for tokens.
    pub(crate) async fn redeem(
        &self,
        code: String,
        verifier: PkceCodeVerifier,
    ) -> Result<Tokens, Fault> {
        let request = self.client.exchange_code(AuthorizationCode::new(code));
        let tokens = request
            .set_pkce_verifier(verifier)
            .request_async(&self.http)
            .await;
        tokens.map_err(Fault::tokens)
    }

    /// Gives the refresh token for new ones.
    pub(crate) async fn refresh(&self, token: &RefreshToken) -> Result<Tokens, Fault> {
        let tokens = self
            .client
            .exchange_refresh_token(token)
            .request_async(&self.http)
            .await;
        tokens.map_err(Fault::tokens)
    }

    /// Verifies an ID token (OpenID Connect Core, section 3.1.3.7): signature, issuer,
    /// audience, time, nonce, and that the access token is the one it was issued with.
    pub(crate) fn verify(
        &self,
        id_token: &FamilyIdToken,
        access_token: &AccessToken,
        nonce: ExpectedNonce<'_>,
    ) -> Result<FamilyIdTokenClaims, Fault> {
        let verifier = self.client.id_token_verifier();
        let claims = match nonce {
            ExpectedNonce::Of(nonce) => id_token.claims(&verifier, nonce),
            ExpectedNonce::AfterRefresh => id_token.claims(&verifier, |_: Option<&Nonce>| Ok(())),
        };
        let claims = claims.map_err(Fault::verification)?;
        if let Some(expected) = claims.access_token_hash() {
            let algorithm = id_token.signing_alg().map_err(Fault::unverified)?;
            let key = id_token.signing_key(&verifier).map_err(Fault::unverified)?;
            let hash = AccessTokenHash::from_token(access_token, algorithm, key);
            if hash.map_err(Fault::unverified)? != *expected {
                return Err(Fault::Unverified(
                    "at_hash is not the access token's".into(),
                ));
            }
        }
        Ok(claims.clone())
    }

    /// Asks `UserInfo`; its `sub` must be the ID token's (OpenID Connect Core, section
    /// 5.3.2).
    pub(crate) async fn user_info(
        &self,
        access_token: &AccessToken,
        claims: &FamilyIdTokenClaims,
    ) -> Result<PersonClaims, Fault> {
        let subject = Some(claims.subject().clone());
        let request = self.client.user_info(access_token.clone(), subject);
        request
            .request_async(&self.http)
            .await
            .map_err(Fault::user_info)
    }

    /// Ends a refresh token (RFC 7009, section 2.1). Whoever signs out is signed out,
    /// whether or not the provider can be reached.
    pub(crate) async fn revoke(&self, token: &RefreshToken) {
        if let Err(fault) = self.post_revocation(token).await {
            tracing::warn!(%fault, "the portal could not revoke a refresh token");
        }
    }

    /// By hand, because the oauth2 crate revokes over https alone, and the demo's
    /// provider is on this machine.
    async fn post_revocation(&self, token: &RefreshToken) -> Result<(), Fault> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("token", token.secret())
            .append_pair("token_type_hint", "refresh_token")
            .finish();
        let request = Request::post(self.revocation.as_str())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::AUTHORIZATION, self.credentials.clone())
            .body(form.into_bytes())
            .map_err(Fault::unreachable)?;
        let answer = self.http.call(request).await.map_err(Fault::unreachable)?;
        if !answer.status().is_success() {
            return Err(Fault::Unreachable(format!("status {}", answer.status())));
        }
        Ok(())
    }

    /// Where the browser goes to sign out everywhere (OpenID Connect RP-Initiated
    /// Logout 1.0, section 2).
    pub(crate) fn logout_url(&self, id_token: &FamilyIdToken, language: &str) -> Url {
        LogoutRequest::from(self.end_session.clone())
            .set_id_token_hint(id_token)
            .set_client_id(self.client.client_id().clone())
            .set_post_logout_redirect_uri(self.home.clone())
            .add_ui_locale(LanguageTag::new(language.to_owned()))
            .http_get_url()
    }
}

/// RFC 6749, section 2.3.1: both parts are form-encoded before they are joined.
fn credentials(settings: &PortalSettings) -> HeaderValue {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let secret = encode(settings.client_secret.expose());
    let joined = format!("{}:{secret}", encode(&settings.client_id));
    let value = format!("Basic {}", STANDARD.encode(joined));
    let mut value = HeaderValue::from_str(&value).expect("base64 is fit for headers");
    value.set_sensitive(true);
    value
}

/// The ID token of an answer that must have one.
pub(crate) fn id_token_of(tokens: &Tokens) -> Result<&FamilyIdToken, Fault> {
    let missing = || Fault::Unverified("the answer has no ID token".into());
    tokens.id_token().ok_or_else(missing)
}

/// The facts of an answer of the token endpoint, without its secrets.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct TokenFacts {
    token_type: String,
    expires_in: Option<u64>,
    scope: Option<String>,
    id_token_alg: Option<String>,
    refresh_token: bool,
}

impl TokenFacts {
    #[cfg(test)]
    pub(crate) fn sample() -> Self {
        Self {
            token_type: "Bearer".into(),
            expires_in: Some(600),
            scope: Some("openid family".into()),
            id_token_alg: Some("RS256".into()),
            refresh_token: true,
        }
    }

    pub(crate) fn of(tokens: &Tokens) -> Self {
        let scopes = tokens.scopes().map(|scopes| {
            let scopes: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
            scopes.join(" ")
        });
        let algorithm = tokens.id_token().and_then(|token| token.signing_alg().ok());
        let algorithm = algorithm.and_then(|algorithm| serde_json::to_value(algorithm).ok());
        Self {
            token_type: tokens.token_type().as_ref().to_owned(),
            expires_in: tokens.expires_in().map(|time| time.as_secs()),
            scope: scopes,
            id_token_alg: algorithm.and_then(|name| name.as_str().map(str::to_owned)),
            refresh_token: tokens.refresh_token().is_some(),
        }
    }
}
