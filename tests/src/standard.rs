//! The client that is not our code: the openidconnect crate.

use openidconnect::{
    AdditionalClaims, AuthorizationCode, Client, ClientId, ClientSecret, EmptyExtraTokenFields,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenFields, IssuerUrl, Nonce,
    PkceCodeVerifier, RedirectUrl, RefreshToken, StandardErrorResponse, StandardTokenResponse,
    TokenResponse, UserInfoClaims,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata,
        CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse,
        CoreTokenType,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    door::Door,
    relying_party::{Proof, RelyingParty},
    request::Callback,
};

/// The claims beyond the standard's.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the claims of those names")]
pub struct Family {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub children: Option<Vec<Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guardians: Option<Vec<Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schools: Option<Vec<Value>>,
}

impl AdditionalClaims for Family {}

/// The answer of the token endpoint.
pub type StandardTokens = StandardTokenResponse<
    IdTokenFields<
        Family,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

type Discovered = Client<
    Family,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A verified ID token and `UserInfo`.
#[derive(Debug)]
pub struct Identity {
    /// The ID token's claims, as JSON.
    pub id_token: Value,
    /// `UserInfo`'s claims, as JSON.
    pub userinfo: Value,
}

/// A relying party on the openidconnect crate, configured by discovery alone.
pub struct StandardClient {
    door: Door,
    client: Discovered,
}

impl StandardClient {
    /// Discovers the provider of a relying party with a secret.
    pub async fn discover(party: &RelyingParty) -> Self {
        let issuer = IssuerUrl::new(party.door.issuer().to_owned()).expect("the issuer is a URL");
        let metadata = CoreProviderMetadata::discover_async(issuer, &party.door).await;
        let metadata = metadata.expect("discovery succeeds");
        let secret = match &party.proof {
            Proof::Basic(secret) => Some(ClientSecret::new(secret.clone())),
            _ => None,
        };
        let redirect = RedirectUrl::new(party.redirect_uri.clone()).expect("a URL");
        let id = ClientId::new(party.id.clone());
        let client = Client::from_provider_metadata(metadata, id, secret);
        Self {
            door: party.door.clone(),
            client: client.set_redirect_uri(redirect),
        }
    }

    /// Redeems a code.
    pub async fn redeem(&self, callback: &Callback) -> StandardTokens {
        let code = AuthorizationCode::new(callback.code().to_owned());
        let request = self
            .client
            .exchange_code(code)
            .expect("there is a token endpoint");
        let verifier = PkceCodeVerifier::new(callback.verifier.clone());
        let tokens = request
            .set_pkce_verifier(verifier)
            .request_async(&self.door)
            .await;
        tokens.expect("the code is good")
    }

    /// Refreshes.
    pub async fn refresh(&self, tokens: &StandardTokens) -> StandardTokens {
        use openidconnect::OAuth2TokenResponse;
        let token: &RefreshToken = tokens.refresh_token().expect("there is a refresh token");
        let request = self
            .client
            .exchange_refresh_token(token)
            .expect("there is an endpoint");
        request
            .request_async(&self.door)
            .await
            .expect("the refresh token is good")
    }

    /// Verifies the ID token and what it says of the access token, and asks `UserInfo`.
    pub async fn identify(&self, tokens: &StandardTokens, callback: &Callback) -> Identity {
        use openidconnect::{AccessTokenHash, OAuth2TokenResponse};
        let id_token = tokens.id_token().expect("there is an ID token");
        let verifier = self.client.id_token_verifier();
        let nonce = Nonce::new(callback.nonce.clone());
        let claims = id_token
            .claims(&verifier, &nonce)
            .expect("the ID token verifies");
        let algorithm = id_token.signing_alg().expect("it names its algorithm");
        let key = id_token
            .signing_key(&verifier)
            .expect("its key is published");
        let hash = AccessTokenHash::from_token(tokens.access_token(), algorithm, key);
        assert_eq!(
            claims.access_token_hash(),
            Some(&hash.expect("it can be hashed"))
        );
        let subject = Some(claims.subject().clone());
        let request = self
            .client
            .user_info(tokens.access_token().clone(), subject);
        let request = request.expect("there is a UserInfo endpoint");
        let userinfo: UserInfoClaims<Family, CoreGenderClaim> = request
            .request_async(&self.door)
            .await
            .expect("UserInfo answers");
        Identity {
            id_token: serde_json::to_value(claims).expect("claims are JSON"),
            userinfo: serde_json::to_value(userinfo).expect("claims are JSON"),
        }
    }
}
