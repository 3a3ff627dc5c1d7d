//! The authorization request (OpenID Connect Core, section 3.1.2.1; RFC 6749, section
//! 4.1.1; RFC 7636, section 4.3), read in the order in which it can be answered:
//!
//! 1. [`Addressed::read`]: which client and which redirect URI it names;
//! 2. [`Addressed::prove`]: that the client registered that URI. Until here a fault is
//!    [`Unproven`] and gets a page of ours;
//! 3. [`Proven::request`]: everything else. From here a fault is [`Refused`] and goes
//!    back to the client.

use domain::{
    claims::Namespace,
    client::{ClientId, GrantType, Registration},
    scope::{Scope, ScopeSet},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    claims_request::ClaimsRequest,
    parameters::{Parameters, Repeated},
    pkce::CodeChallenge,
    prompt::Prompt,
    refusal::{Refusal, Unproven},
    response::{ResponseMode, ReturnAddress},
    scopes,
};

/// Most bytes of `state`.
pub const MAX_STATE_BYTES: usize = 4096;
/// Most bytes of `nonce`; it travels in each ID token of the grant.
pub const MAX_NONCE_BYTES: usize = 2048;
/// Most bytes of `login_hint`; a longer one is no hint.
const MAX_HINT_BYTES: usize = 256;
/// Most members of a list that is only a wish (`ui_locales`, `acr_values`).
const MAX_WISHES: usize = 20;

/// A request that may be answered. It waits in the ephemeral store while people act.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// Who asks.
    pub client_id: ClientId,
    /// Where the answer goes, and how.
    pub return_to: ReturnAddress,
    /// What is asked for: known scopes for which the client is registered.
    pub scope: ScopeSet,
    /// To be repeated in ID tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// What people shall see.
    #[serde(default)]
    pub prompt: Prompt,
    /// Seconds after which a sign-in is too old; the registration's where the request
    /// does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u64>,
    /// Whom to fill in at the sign-in. Typed by nobody yet: only ever shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_hint: Option<String>,
    /// Languages, best first, as BCP 47 texts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ui_locales: Vec<String>,
    /// Authentication contexts that are wished for, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acr_values: Vec<String>,
    /// Claims asked for by name.
    #[serde(default)]
    pub claims: ClaimsRequest,
    /// The scopes to which those claims belong.
    #[serde(default)]
    pub claims_scope: ScopeSet,
    /// An earlier ID token, not verified yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_hint: Option<String>,
    /// The proof key that the code is bound to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_challenge: Option<CodeChallenge>,
    /// When it arrived: an authentication since then answers it.
    pub received_at: Timestamp,
}

/// A request of which only the addressee is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Addressed {
    client_id: ClientId,
    redirect_uri: String,
}

/// A request whose answers may go to its redirect URI.
#[derive(Clone, Copy, Debug)]
pub struct Proven<'a> {
    registration: &'a Registration,
    redirect_uri: &'a str,
}

/// A refusal and where to send it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    /// Where it goes.
    pub return_to: ReturnAddress,
    /// What was wrong.
    pub refusal: Refusal,
}

impl Addressed {
    /// Reads whom the request concerns.
    ///
    /// # Errors
    /// [`Unproven`].
    pub fn read(parameters: &Parameters) -> Result<Self, Unproven> {
        let client_id = parameters
            .get("client_id")?
            .ok_or(Unproven::ClientIdMissing)?;
        let client_id = ClientId::parse(client_id).map_err(|_| Unproven::ClientUnknown)?;
        let redirect_uri = parameters
            .get("redirect_uri")?
            .ok_or(Unproven::RedirectUriMissing)?;
        Ok(Self {
            client_id,
            redirect_uri: redirect_uri.to_owned(),
        })
    }

    /// The client whose registration must be looked up.
    pub const fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// Proves the redirect URI by the registration; `None` where there is none.
    ///
    /// # Errors
    /// [`Unproven`].
    pub fn prove<'a>(
        &'a self,
        registration: Option<&'a Registration>,
    ) -> Result<Proven<'a>, Unproven> {
        let registration = registration
            .filter(|registration| registration.client_id == self.client_id)
            .ok_or(Unproven::ClientUnknown)?;
        if !registration.enabled {
            return Err(Unproven::ClientDisabled);
        }
        if registration.redirect_uri(&self.redirect_uri).is_none() {
            return Err(Unproven::RedirectUriNotRegistered);
        }
        Ok(Proven {
            registration,
            redirect_uri: &self.redirect_uri,
        })
    }
}

impl Proven<'_> {
    /// Reads all the rest.
    ///
    /// # Errors
    /// [`Refused`], to be sent to the client.
    pub fn request(
        self,
        parameters: &Parameters,
        namespace: &Namespace,
        now: Timestamp,
    ) -> Result<AuthorizationRequest, Box<Refused>> {
        let state = read_state(parameters);
        let response_mode = read_response_mode(parameters);
        let return_to = ReturnAddress {
            redirect_uri: self.redirect_uri.to_owned(),
            response_mode: response_mode.unwrap_or_default(),
            state: state.clone().unwrap_or_default(),
        };
        let read = state
            .and(response_mode)
            .and_then(|_| self.read(parameters, namespace, &return_to, now));
        read.map_err(|refusal| Box::new(Refused { return_to, refusal }))
    }

    fn read(
        self,
        parameters: &Parameters,
        namespace: &Namespace,
        return_to: &ReturnAddress,
        now: Timestamp,
    ) -> Result<AuthorizationRequest, Refusal> {
        let registration = self.registration;
        refuse_what_is_not_offered(parameters)?;
        check_response_type(parameters, registration)?;
        let scope = read_scope(parameters, registration)?;
        let nonce = within(parameters, "nonce", MAX_NONCE_BYTES)?;
        let code_challenge = read_challenge(parameters)?;
        check_proof(registration, code_challenge.as_ref(), nonce.as_ref())?;
        let claims = match parameters.get("claims")? {
            None => ClaimsRequest::default(),
            Some(text) => ClaimsRequest::parse(text)?,
        };
        check_ignored(parameters)?;
        Ok(AuthorizationRequest {
            client_id: registration.client_id.clone(),
            return_to: return_to.clone(),
            scope,
            nonce,
            prompt: Prompt::parse(parameters.get("prompt")?.unwrap_or_default())?,
            max_age: read_max_age(parameters)?.or(registration.default_max_age.map(u64::from)),
            login_hint: parameters
                .get("login_hint")?
                .filter(|hint| hint.len() <= MAX_HINT_BYTES)
                .map(str::to_owned),
            ui_locales: wishes(parameters, "ui_locales")?,
            acr_values: match wishes(parameters, "acr_values")? {
                unsaid if unsaid.is_empty() => registration.default_acr_values.clone(),
                said => said,
            },
            claims_scope: claims.scopes(registration, namespace),
            claims,
            id_token_hint: parameters.get("id_token_hint")?.map(str::to_owned),
            code_challenge,
            received_at: now,
        })
    }
}

fn read_state(parameters: &Parameters) -> Result<Option<String>, Refusal> {
    within(parameters, "state", MAX_STATE_BYTES)
}

fn read_response_mode(parameters: &Parameters) -> Result<ResponseMode, Refusal> {
    match parameters.get("response_mode")? {
        None => Ok(ResponseMode::Query),
        Some(text) => ResponseMode::parse(text).ok_or(Refusal::ResponseMode),
    }
}

fn within(
    parameters: &Parameters,
    name: &'static str,
    limit: usize,
) -> Result<Option<String>, Refusal> {
    let value = parameters.get(name)?;
    if value.is_some_and(|value| value.len() > limit) {
        return Err(Refusal::TooLong(name));
    }
    Ok(value.map(str::to_owned))
}

/// To pass these over would answer another request than the client made.
fn refuse_what_is_not_offered(parameters: &Parameters) -> Result<(), Refusal> {
    let not_offered = [
        ("request", Refusal::RequestObject),
        ("request_uri", Refusal::RequestUri),
        ("registration", Refusal::RegistrationParameter),
    ];
    for (name, refusal) in not_offered {
        if parameters.get(name)?.is_some() {
            return Err(refusal);
        }
    }
    Ok(())
}

fn check_response_type(
    parameters: &Parameters,
    registration: &Registration,
) -> Result<(), Refusal> {
    match parameters.get("response_type")? {
        None => Err(Refusal::ResponseTypeMissing),
        Some("code") if registration.may_use(GrantType::AuthorizationCode) => Ok(()),
        Some("code") => Err(Refusal::GrantNotAllowed),
        Some(_) => Err(Refusal::ResponseType),
    }
}

/// Scopes that nobody knows are passed over (OpenID Connect Core, section 3.1.2.1), and
/// so are scopes of APIs, which no person can lend. A scope that this provider knows and
/// the client is not registered for is refused (RFC 6749, section 3.3): dropped in
/// silence, its absence would come to light only when a claim is missing. Without
/// `openid` OpenID Connect leaves open what happens; as this provider tells who a person
/// is and nothing else, there is nothing else to give.
fn read_scope(parameters: &Parameters, registration: &Registration) -> Result<ScopeSet, Refusal> {
    let text = parameters.get("scope")?.unwrap_or_default();
    let asked = ScopeSet::parse(text).map_err(|_| Refusal::ScopeMalformed)?;
    let known = scopes::for_people(&asked);
    if !known.contains(Scope::OPENID) {
        return Err(Refusal::OpenidMissing);
    }
    if !known.is_within(&registration.scope) {
        return Err(Refusal::ScopeNotRegistered);
    }
    Ok(known)
}

fn read_challenge(parameters: &Parameters) -> Result<Option<CodeChallenge>, Refusal> {
    let method = parameters.get("code_challenge_method")?;
    match (parameters.get("code_challenge")?, method) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(Refusal::MethodWithoutChallenge),
        (Some(challenge), Some("S256")) => Ok(Some(CodeChallenge::parse(challenge)?)),
        // Without a method the standard means `plain` (RFC 7636, section 4.3).
        (Some(_), _) => Err(Refusal::ChallengeMethod),
    }
}

/// A code is bound to its request by a proof key, or by a nonce where the registration
/// of a confidential client waives the key (RFC 9700, section 2.1.1).
fn check_proof(
    registration: &Registration,
    challenge: Option<&CodeChallenge>,
    nonce: Option<&String>,
) -> Result<(), Refusal> {
    if challenge.is_some() {
        return Ok(());
    }
    if registration.require_pkce || registration.is_public() {
        return Err(Refusal::ChallengeMissing);
    }
    nonce.map(|_| ()).ok_or(Refusal::NonceMissing)
}

fn read_max_age(parameters: &Parameters) -> Result<Option<u64>, Refusal> {
    let Some(text) = parameters.get("max_age")? else {
        return Ok(None);
    };
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let seconds = digits.then(|| text.parse().ok()).flatten();
    seconds.map(Some).ok_or(Refusal::MaxAge)
}

/// Known, without effect here, and yet not to be repeated (RFC 6749, section 3.1).
fn check_ignored(parameters: &Parameters) -> Result<(), Repeated> {
    for name in ["display", "claims_locales"] {
        parameters.get(name)?;
    }
    Ok(())
}

/// A list that can be wished but never demanded: what is too much is passed over.
fn wishes(parameters: &Parameters, name: &'static str) -> Result<Vec<String>, Repeated> {
    let list = parameters.get(name)?.unwrap_or_default().split(' ');
    let members = list.filter(|member| !member.is_empty() && member.len() <= MAX_HINT_BYTES);
    Ok(members.take(MAX_WISHES).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests;
