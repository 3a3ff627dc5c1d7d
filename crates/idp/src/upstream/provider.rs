//! One upstream, asked: where its endpoints are, who somebody is, and how to sign out.

use std::{pin::Pin, sync::Arc, time::Duration};

use arc_swap::ArcSwapOption;
use domain::{acr::Acr, ambient::Ambient, secret::Secret};
use jiff::Timestamp;
use oauth2::{AsyncHttpClient, AuthType, HttpRequest, HttpResponse};
use openidconnect::{
    AccessToken, AuthenticationContextClass, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    DiscoveryError, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier,
    ProviderMetadataWithLogout, RedirectUrl, RequestTokenError, Scope, SubjectIdentifier,
    TokenResponse,
    core::{CoreAuthenticationFlow, CoreClient, CoreTokenResponse},
    http,
};
use serde_json::{Map, Value, json};
use url::Url;

use super::{
    Fault, Identified,
    client_key::ClientKey,
    envelope::{DecryptionKey, Envelope},
    identity::PivotClaims,
    outbound::{Outbound, OutboundFault},
    settings::{Matching, UpstreamSettings},
    verification::{Expected, Unproven, verify_id_token, verify_user_info},
};
use crate::protocol::assertion::ASSERTION_TYPE;

/// How long metadata and keys are used before they are read again, as FranceConnect
/// lets them be kept.
const FRESH: Duration = Duration::from_mins(10);

type Client = CoreClient<
    openidconnect::EndpointSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointSet,
    openidconnect::EndpointMaybeSet,
>;

/// An upstream.
pub struct Upstream {
    name: String,
    settings: UpstreamSettings,
    issuer: IssuerUrl,
    redirect_uri: RedirectUrl,
    signed_out_uri: String,
    ambient: Ambient,
    outbound: Outbound,
    known: ArcSwapOption<Known>,
    key: Option<ClientKey>,
    envelope: Envelope,
}

/// Why the token endpoint's answer says nothing.
#[derive(Debug, thiserror::Error)]
enum Unanswered {
    #[error(transparent)]
    Outbound(#[from] OutboundFault),
    #[error(transparent)]
    Unproven(#[from] Unproven),
}

/// What it told about itself.
struct Known {
    client: Client,
    user_info: Url,
    end_session: Option<Url>,
    keys: Vec<Value>,
    read_at: Timestamp,
}

/// By what one request is recognised when its answer comes.
#[derive(Debug)]
pub struct RequestSecrets {
    /// `state`.
    pub state: String,
    /// `nonce`.
    pub nonce: String,
    /// The proof key, where the upstream takes one.
    pub verifier: Option<String>,
}

impl Upstream {
    pub(super) fn new(
        name: &str,
        settings: &UpstreamSettings,
        own_origin: &str,
        ambient: &Ambient,
    ) -> Result<Self, String> {
        let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(|error| error.to_string())?;
        let redirect_uri = RedirectUrl::new(format!("{own_origin}/{name}/callback"));
        let key = settings.client_key.as_ref().map(|pem| {
            let key = ClientKey::read(pem, settings.client_key_id.as_deref());
            key.map_err(|fault| format!("client_key {fault}"))
        });
        let outbound = Outbound::new(issuer.url(), settings.patience.duration(), ambient);
        Ok(Self {
            name: name.to_owned(),
            settings: settings.clone(),
            redirect_uri: redirect_uri.map_err(|error| error.to_string())?,
            signed_out_uri: format!("{own_origin}/{name}/deconnexion"),
            issuer,
            ambient: ambient.clone(),
            outbound: outbound.map_err(|error| error.to_string())?,
            known: ArcSwapOption::empty(),
            key: key.transpose()?,
            envelope: envelope(settings)?,
        })
    }

    /// Its name in addresses and the configuration.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its issuer.
    pub fn issuer(&self) -> &str {
        self.issuer.as_str()
    }

    /// Its name for people.
    pub fn title(&self) -> &str {
        &self.settings.title
    }

    /// Whether it failed a moment ago, and is not asked for a while.
    pub fn is_resting(&self) -> bool {
        self.outbound.is_resting()
    }

    /// Where people learn what it is.
    pub fn about(&self) -> &str {
        &self.settings.about
    }

    /// The names of its official button's pictures among our assets, at rest and active,
    /// where the operator may show one.
    pub fn button(&self) -> (Option<String>, Option<String>) {
        let (at_rest, active) = self.settings.pictures(&self.name);
        (at_rest.map(|(name, _)| name), active.map(|(name, _)| name))
    }

    /// The sentence with that button.
    pub fn presentation(&self) -> &str {
        &self.settings.presentation
    }

    /// The level that a sign-in through it reaches at least.
    pub const fn level(&self) -> Acr {
        self.settings.acr
    }

    /// Our public keys for it: the one that it knows us by, and the one that it encrypts
    /// for, where there are such.
    pub fn own_keys(&self) -> Option<Value> {
        let signing = self.key.as_ref().map(ClientKey::public);
        let keys: Vec<_> = signing
            .into_iter()
            .chain(self.envelope.published())
            .collect();
        (!keys.is_empty()).then(|| json!({ "keys": keys }))
    }

    /// Whom an identity of it names.
    pub const fn matching(&self) -> Matching {
        self.settings.matching
    }

    /// Whether a proof key is sent.
    pub const fn takes_proof_keys(&self) -> bool {
        self.settings.pkce
    }

    /// Where the browser goes (OpenID Connect Core, section 3.1.2.1), with no parameter
    /// that FranceConnect does not know: it refuses those.
    ///
    /// # Errors
    /// [`Fault::Unreachable`].
    pub async fn authorization_url(&self, secrets: &RequestSecrets) -> Result<Url, Fault> {
        let known = self.known().await?;
        let (state, nonce) = (secrets.state.clone(), secrets.nonce.clone());
        let scopes = self.settings.scopes.iter().cloned().map(Scope::new);
        let level = AuthenticationContextClass::new(self.settings.acr.as_str().to_owned());
        let mut request = known
            .client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scopes(scopes)
            .add_auth_context_value(level);
        if let Some(verifier) = &secrets.verifier {
            let verifier = PkceCodeVerifier::new(verifier.clone());
            request =
                request.set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        }
        Ok(request.url().0)
    }

    /// Redeems the code, and asks at once who it is: the access token lives for a minute.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn identify(
        &self,
        code: String,
        nonce: &str,
        verifier: Option<String>,
    ) -> Result<Identified, Fault> {
        let mut known = self.known().await?;
        let tokens = self.redeem(&known, code, verifier).await?;
        let nonce = Nonce::new(nonce.to_owned());
        let mut checked = self.check_id_token(&known, &tokens, &nonce);
        if is_of_keys(&checked) {
            known = self.read_again(&known).await?;
            checked = self.check_id_token(&known, &tokens, &nonce);
        }
        let (subject, acr) = checked?;
        let told = self.ask_user_info(&known, tokens.access_token()).await?;
        let signed = self.envelope.open(told.trim()).map_err(Unproven::from)?;
        let mut identity = self.check_user_info(&known, &signed, &subject);
        if is_of_keys(&identity) {
            known = self.read_again(&known).await?;
            identity = self.check_user_info(&known, &signed, &subject);
        }
        let id_token = tokens.id_token().ok_or(Unproven::NoIdToken)?;
        Ok(Identified {
            subject: subject.to_string(),
            acr,
            claims: identity?,
            id_token: Secret::new(id_token.to_string()),
        })
    }

    /// Where the browser goes to sign out (OpenID Connect RP-Initiated Logout 1.0), if
    /// the upstream has such a place.
    ///
    /// # Errors
    /// [`Fault::Unreachable`].
    pub async fn sign_out_url(&self, id_token: &str, state: &str) -> Result<Option<Url>, Fault> {
        let known = self.known().await?;
        Ok(known.end_session.clone().map(|mut url| {
            url.query_pairs_mut()
                .append_pair("id_token_hint", id_token)
                .append_pair("state", state)
                .append_pair("post_logout_redirect_uri", &self.signed_out_uri);
            url
        }))
    }

    async fn known(&self) -> Result<Arc<Known>, Fault> {
        let fresh_from = self.ambient.now() - FRESH;
        match self.known.load_full() {
            Some(known) if known.read_at >= fresh_from => Ok(known),
            Some(known) => Ok(self.read().await.unwrap_or(known)),
            None => self.read().await,
        }
    }

    /// Reads the keys again, unless another request has done so since.
    async fn read_again(&self, used: &Arc<Known>) -> Result<Arc<Known>, Fault> {
        match self.known.load_full() {
            Some(known) if !Arc::ptr_eq(&known, used) => Ok(known),
            _ => self.read().await,
        }
    }

    async fn read(&self) -> Result<Arc<Known>, Fault> {
        let read = ProviderMetadataWithLogout::discover_async(self.issuer.clone(), &self.outbound);
        let metadata = read.await.map_err(|error| undiscovered(&error))?;
        let known = Arc::new(self.understand(metadata)?);
        self.known.store(Some(known.clone()));
        Ok(known)
    }

    /// Everything must be where the issuer is safe too: on https, or on one's own machine.
    fn understand(&self, metadata: ProviderMetadataWithLogout) -> Result<Known, Fault> {
        let lacks = |what: &str| Fault::Unreachable(format!("its metadata lacks {what}"));
        let token = metadata.token_endpoint().cloned();
        let token = token.ok_or_else(|| lacks("token_endpoint"))?;
        let user_info = metadata.userinfo_endpoint().map(|url| url.url().clone());
        let user_info = user_info.ok_or_else(|| lacks("userinfo_endpoint"))?;
        let end_session = metadata.additional_metadata().end_session_endpoint.clone();
        let end_session = end_session.map(|url| url.url().clone());
        let places = [
            metadata.authorization_endpoint().url(),
            token.url(),
            &user_info,
            metadata.jwks_uri().url(),
        ];
        let scheme = self.issuer.url().scheme();
        let all = places.into_iter().chain(end_session.as_ref());
        if all.into_iter().any(|url| url.scheme() != scheme) {
            return Err(Fault::Unreachable("its endpoints are not on https".into()));
        }
        let keys = serde_json::to_value(metadata.jwks()).unwrap_or_default();
        let keys = keys["keys"].as_array().cloned().unwrap_or_default();
        let id = ClientId::new(self.settings.client_id.clone());
        // Who signs an assertion sends no secret beside it.
        let secret = self.settings.client_secret.as_ref();
        let secret = secret.filter(|_| self.key.is_none());
        let secret = secret.map(|secret| ClientSecret::new(secret.expose().to_owned()));
        let client = CoreClient::from_provider_metadata(metadata, id, secret)
            .set_token_uri(token)
            .set_redirect_uri(self.redirect_uri.clone())
            .set_auth_type(AuthType::RequestBody);
        Ok(Known {
            client,
            user_info,
            end_session,
            keys,
            read_at: self.ambient.now(),
        })
    }

    async fn redeem(
        &self,
        known: &Known,
        code: String,
        verifier: Option<String>,
    ) -> Result<CoreTokenResponse, Fault> {
        let mut request = known.client.exchange_code(AuthorizationCode::new(code));
        if let Some(verifier) = verifier {
            request = request.set_pkce_verifier(PkceCodeVerifier::new(verifier));
        }
        if let Some(key) = &self.key {
            let id = &self.settings.client_id;
            let assertion = key.assertion(id, self.issuer.as_str(), &self.ambient);
            let assertion = assertion.map_err(|error| Fault::Refused(error.to_string()))?;
            request = request
                .add_extra_param("client_assertion_type", ASSERTION_TYPE)
                .add_extra_param("client_assertion", assertion.expose().to_owned());
        }
        let answer = request.request_async(&Opening(self)).await;
        answer.map_err(|error| match error {
            RequestTokenError::Request(Unanswered::Outbound(fault)) => {
                Fault::Unreachable(fault.to_string())
            }
            RequestTokenError::Request(Unanswered::Unproven(fault)) => fault.into(),
            RequestTokenError::ServerResponse(refusal) => {
                Fault::Refused(refusal.error().as_ref().to_owned())
            }
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
                Fault::Refused("unreadable".into())
            }
        })
    }

    async fn ask_for_tokens(&self, request: HttpRequest) -> Result<HttpResponse, Unanswered> {
        let mut answer = self.outbound.call(request).await?;
        let tokens = serde_json::from_slice::<Map<String, Value>>(answer.body());
        if let Ok(mut tokens) = tokens
            && let Some(Value::String(id_token)) = tokens.get_mut("id_token")
        {
            let opened = self.envelope.open(id_token).map_err(Unproven::from)?;
            if opened != *id_token {
                *id_token = opened;
                *answer.body_mut() = serde_json::to_vec(&tokens).unwrap_or_default();
            }
        }
        Ok(answer)
    }

    fn check_id_token(
        &self,
        known: &Known,
        tokens: &CoreTokenResponse,
        nonce: &Nonce,
    ) -> Result<(SubjectIdentifier, Acr), Unproven> {
        let token = tokens.id_token().ok_or(Unproven::NoIdToken)?;
        let verifier = known.client.id_token_verifier();
        let now = self.ambient.now();
        let (claims, acr) = verify_id_token(token, verifier, nonce, self.settings.acr, now)?;
        Ok((claims.subject().clone(), acr))
    }

    /// By hand, since the answer is a JWT that is verified here.
    async fn ask_user_info(&self, known: &Known, token: &AccessToken) -> Result<String, Fault> {
        let bearer = format!("Bearer {}", token.secret());
        let request = http::Request::get(known.user_info.as_str())
            .header(http::header::AUTHORIZATION, bearer)
            .header(http::header::ACCEPT, "application/jwt")
            .body(Vec::new())
            .map_err(|error| Fault::Unreachable(error.to_string()))?;
        let answer = self.outbound.call(request).await;
        let answer = answer.map_err(|fault| Fault::Unreachable(fault.to_string()))?;
        if answer.status() != http::StatusCode::OK {
            return Err(Fault::Refused(format!("userinfo {}", answer.status())));
        }
        String::from_utf8(answer.into_body()).map_err(|_| Fault::Refused("unreadable".into()))
    }

    fn check_user_info(
        &self,
        known: &Known,
        signed: &str,
        subject: &SubjectIdentifier,
    ) -> Result<PivotClaims, Unproven> {
        let expected = Expected {
            keys: &known.keys,
            issuer: self.issuer.as_str(),
            client_id: &self.settings.client_id,
            subject,
            now: self.ambient.now(),
        };
        verify_user_info(signed, &expected)
    }
}

/// The way to the token endpoint. The openidconnect crate reads signed ID tokens alone:
/// an encrypted one is opened before it comes there.
struct Opening<'u>(&'u Upstream);

impl<'c> AsyncHttpClient<'c> for Opening<'_> {
    type Error = Unanswered;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Unanswered>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.0.ask_for_tokens(request))
    }
}

fn envelope(settings: &UpstreamSettings) -> Result<Envelope, String> {
    let Some(first) = &settings.encryption_key else {
        return Ok(Envelope::None);
    };
    let read = |pem, name| {
        let key = DecryptionKey::read(pem, &settings.encryption_algorithms);
        key.map_err(|fault| format!("{name} {fault}"))
    };
    let mut keys = vec![read(first, "encryption_key")?];
    if let Some(pem) = &settings.encryption_key_beside {
        keys.push(read(pem, "encryption_key_beside")?);
    }
    Ok(Envelope::For(keys))
}

fn is_of_keys<T>(checked: &Result<T, Unproven>) -> bool {
    checked.as_ref().is_err_and(Unproven::is_of_keys)
}

fn undiscovered(error: &DiscoveryError<OutboundFault>) -> Fault {
    Fault::Unreachable(match error {
        DiscoveryError::Request(fault) => fault.to_string(),
        other => format!("its metadata: {other}"),
    })
}
