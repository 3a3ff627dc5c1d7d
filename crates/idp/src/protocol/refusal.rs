//! Refusals: exactly which check failed, and what the outside is told of it.
//!
//! A refusal's `Display` is its `error_description`: ASCII without quotes, backslashes
//! and controls (RFC 6749, sections 4.1.2.1 and 5.2), nothing personal, nothing that
//! the request itself brought. Its `Debug` is the detail for the log, as free of
//! persons and secrets. Refusals that must look alike from outside share their text.

use super::{
    assertion::AssertionFault,
    claims_request::NotAClaimsRequest,
    decision::SignInReason,
    parameters::{Repeated, Unreadable},
    pkce::{NotAChallenge, PkceFault},
    prompt::NotAPrompt,
};

/// The codes of the standards: RFC 6749, sections 4.1.2.1 and 5.2; OpenID Connect
/// Core, section 3.1.2.6; Unmet Authentication Requirements 1.0; RFC 6750, section 3.1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "each is the standard's word")]
pub enum ErrorCode {
    InvalidRequest,
    UnauthorizedClient,
    AccessDenied,
    UnsupportedResponseType,
    InvalidScope,
    LoginRequired,
    ConsentRequired,
    InteractionRequired,
    AccountSelectionRequired,
    UnmetAuthenticationRequirements,
    RequestNotSupported,
    RequestUriNotSupported,
    RegistrationNotSupported,
    InvalidClient,
    InvalidGrant,
    UnsupportedGrantType,
    InvalidToken,
    InsufficientScope,
}

impl ErrorCode {
    /// The value of `error`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::AccessDenied => "access_denied",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::InteractionRequired => "interaction_required",
            Self::AccountSelectionRequired => "account_selection_required",
            Self::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
        }
    }
}

/// Why an authorization request gets a page of ours and never a redirect: nobody has
/// proven where an answer may go (RFC 6749, section 4.1.2.1; RFC 9700, section 4.11.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unproven {
    /// The parameters cannot be read at all.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// `client_id` or `redirect_uri` stands there twice.
    #[error(transparent)]
    Repeated(#[from] Repeated),
    /// No `client_id`.
    #[error("client_id is missing")]
    ClientIdMissing,
    /// A `client_id` that no client can have, or that no client has.
    #[error("no client is registered under this client_id")]
    ClientUnknown,
    /// A client that an administrator has switched off.
    #[error("this client is disabled")]
    ClientDisabled,
    /// No `redirect_uri`; required even where one alone is registered (OpenID Connect
    /// Core, section 3.1.2.1).
    #[error("redirect_uri is missing")]
    RedirectUriMissing,
    /// Not one of the registered ones, compared exactly.
    #[error("redirect_uri is not one of those registered for this client, compared exactly")]
    RedirectUriNotRegistered,
}

/// Why an authorization request is answered with an error at its redirect URI.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// A parameter stands there twice.
    #[error(transparent)]
    Repeated(#[from] Repeated),
    /// `request` (OpenID Connect Core, section 6.1).
    #[error("request objects are not supported")]
    RequestObject,
    /// `request_uri` (OpenID Connect Core, section 6.2).
    #[error("request_uri is not supported")]
    RequestUri,
    /// `registration` (OpenID Connect Core, section 7.2.1).
    #[error("the registration parameter is not supported")]
    RegistrationParameter,
    /// No `response_type`.
    #[error("response_type is missing")]
    ResponseTypeMissing,
    /// Another `response_type` than `code`.
    #[error("response_type must be code")]
    ResponseType,
    /// Another `response_mode` than `query` and `form_post`.
    #[error("response_mode must be query or form_post")]
    ResponseMode,
    /// The client is not registered for the authorization code flow.
    #[error("this client is not registered for the authorization_code grant")]
    GrantNotAllowed,
    /// A parameter beyond its limit.
    #[error("the parameter {0} is too long")]
    TooLong(&'static str),
    /// A scope with signs that no scope has.
    #[error("scope has characters that are not allowed")]
    ScopeMalformed,
    /// No `openid` among the scopes.
    #[error("scope must contain openid")]
    OpenidMissing,
    /// A scope that the provider knows and the client may not ask for.
    #[error("scope contains a value for which this client is not registered")]
    ScopeNotRegistered,
    /// No `code_challenge` from a client that must send one.
    #[error("code_challenge is missing; this client must use PKCE with S256")]
    ChallengeMissing,
    /// `code_challenge_method` missing or not S256.
    #[error("code_challenge_method must be S256")]
    ChallengeMethod,
    /// Not a challenge.
    #[error(transparent)]
    Challenge(#[from] NotAChallenge),
    /// A method without a challenge.
    #[error("code_challenge_method was sent without code_challenge")]
    MethodWithoutChallenge,
    /// Neither PKCE nor a nonce, which a client without PKCE must send.
    #[error("nonce is missing; a client that does not use PKCE must send one")]
    NonceMissing,
    /// Not a `prompt`.
    #[error(transparent)]
    Prompt(#[from] NotAPrompt),
    /// `max_age` is no number of seconds.
    #[error("max_age is not a number of seconds")]
    MaxAge,
    /// `claims` is not what the standard wants.
    #[error(transparent)]
    Claims(#[from] NotAClaimsRequest),
    /// An essential `acr` that no sign-in here reaches.
    #[error("none of the essential acr values can be reached")]
    AcrNotReachable,
    /// An essential `acr` that the sign-in just made did not reach.
    #[error("the sign-in did not reach one of the essential acr values")]
    AcrNotReached,
    /// `prompt=none`, and somebody must sign in.
    #[error("prompt=none, and the person must sign in")]
    SignInNeeded(SignInReason),
    /// `prompt=none`, and the person must agree.
    #[error("prompt=none, and the person must give consent")]
    ConsentNeeded,
    /// `prompt=none`, and the person must answer a question of ours (« Vérifiez vos
    /// enfants »).
    #[error("prompt=none, and the person must answer a question")]
    QuestionOpen,
    /// `prompt=none`, and the client does not take the person who is signed in.
    #[error("prompt=none, and the account that is signed in is none that this client takes")]
    OtherAccountNeeded,
    /// Another person signed in than the request names.
    #[error("the person who signed in is not the one whom the request names")]
    OtherPerson,
    /// The service may not sign in pupils under fifteen (product.md, Claims).
    #[error("this client may not sign in this person")]
    UnderAge,
    /// The person refused to agree.
    #[error("the person refused")]
    ConsentRefused,
    /// The person left the sign-in.
    #[error("the person left the sign-in")]
    Abandoned,
}

impl Refusal {
    /// The standard's code.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::RequestObject => ErrorCode::RequestNotSupported,
            Self::RequestUri => ErrorCode::RequestUriNotSupported,
            Self::RegistrationParameter => ErrorCode::RegistrationNotSupported,
            Self::ResponseType => ErrorCode::UnsupportedResponseType,
            Self::GrantNotAllowed => ErrorCode::UnauthorizedClient,
            Self::ScopeMalformed | Self::OpenidMissing | Self::ScopeNotRegistered => {
                ErrorCode::InvalidScope
            }
            Self::AcrNotReachable | Self::AcrNotReached => {
                ErrorCode::UnmetAuthenticationRequirements
            }
            Self::SignInNeeded(_) | Self::OtherPerson => ErrorCode::LoginRequired,
            Self::ConsentNeeded => ErrorCode::ConsentRequired,
            Self::QuestionOpen => ErrorCode::InteractionRequired,
            Self::OtherAccountNeeded => ErrorCode::AccountSelectionRequired,
            Self::UnderAge | Self::ConsentRefused | Self::Abandoned => ErrorCode::AccessDenied,
            Self::Repeated(_)
            | Self::ResponseTypeMissing
            | Self::ResponseMode
            | Self::TooLong(_)
            | Self::ChallengeMissing
            | Self::ChallengeMethod
            | Self::Challenge(_)
            | Self::MethodWithoutChallenge
            | Self::NonceMissing
            | Self::Prompt(_)
            | Self::MaxAge
            | Self::Claims(_) => ErrorCode::InvalidRequest,
        }
    }

    /// The value of `error_description`.
    pub fn description(&self) -> String {
        self.to_string()
    }
}

/// Why the token endpoint, introspection or revocation refuses: the client, the
/// request, or what it presents.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TokenRefusal {
    /// The parameters cannot be read at all.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// A parameter stands there twice.
    #[error(transparent)]
    Repeated(#[from] Repeated),
    /// A body in another form than a form (RFC 6749, section 3.2).
    #[error("the body must be application/x-www-form-urlencoded")]
    NotAForm,
    /// A required parameter is missing.
    #[error("the parameter {0} is missing")]
    Missing(&'static str),
    /// More than one way of authenticating (RFC 6749, section 5.2).
    #[error("the client authenticates in more than one way")]
    SeveralMethods,
    /// `client_id` says another client than the credentials.
    #[error("client_id does not belong to the credentials")]
    ClientIdDiffers,
    /// No client said who it is.
    #[error("client authentication is missing")]
    NoCredentials,
    /// An `Authorization` header that is not well-formed Basic (RFC 6749, section 2.3.1).
    #[error("the Authorization header is not well-formed Basic authentication")]
    BasicMalformed,
    /// `client_assertion_type` is missing or not the one of RFC 7523, section 2.2.
    #[error("client_assertion_type must be urn:ietf:params:oauth:client-assertion-type:jwt-bearer")]
    AssertionType,
    /// No client has this id.
    #[error("client authentication failed")]
    ClientUnknown,
    /// The client is switched off.
    #[error("client authentication failed")]
    ClientDisabled,
    /// Another method than the registered one.
    #[error("the client does not authenticate by its registered token_endpoint_auth_method")]
    MethodDiffers,
    /// An empty secret.
    #[error("client authentication failed")]
    SecretEmpty,
    /// A wrong secret; said by whoever compares.
    #[error("client authentication failed")]
    SecretWrong,
    /// An assertion that does not hold.
    #[error(transparent)]
    Assertion(#[from] AssertionFault),
    /// The client's keys stand at an address that cannot be read.
    #[error("the key set at the client's jwks_uri cannot be read")]
    KeysUnreadable,
    /// An assertion whose `jti` was seen before; said by whoever remembers.
    #[error("the client assertion was used before")]
    AssertionReplayed,
    /// A public client where a confidential one is needed.
    #[error("this needs a client that authenticates")]
    PublicClient,
    /// A `grant_type` that is not offered, `password` among them (RFC 9700, section 2.4).
    #[error("grant_type must be authorization_code, refresh_token or client_credentials")]
    UnsupportedGrantType,
    /// A `grant_type` for which the client is not registered.
    #[error("this client is not registered for this grant_type")]
    GrantNotAllowed,
    /// A scope with signs that no scope has.
    #[error("scope has characters that are not allowed")]
    ScopeMalformed,
    /// A scope beyond what was granted (RFC 6749, section 6) or registered.
    #[error("scope goes beyond what this client was given")]
    ScopeBeyond,
    /// A code that never was, or is no longer known.
    #[error("the authorization code is unknown or expired")]
    CodeUnknown,
    /// A code used before.
    #[error("the authorization code was used before")]
    CodeSpent,
    /// A code given to another client; outside it looks unknown.
    #[error("the authorization code is unknown or expired")]
    CodeOfAnotherClient,
    /// Another `redirect_uri` than the authorization request's.
    #[error("redirect_uri is not that of the authorization request")]
    RedirectUriDiffers,
    /// The proof key does not fit.
    #[error(transparent)]
    Pkce(#[from] PkceFault),
    /// A refresh token that never was, or is no longer known.
    #[error("the refresh token is unknown or expired")]
    RefreshUnknown,
    /// A refresh token used before: its family has ended.
    #[error("the refresh token was used before")]
    RefreshReused,
    /// The grant was revoked, or its account no longer upholds it.
    #[error("what was granted has been revoked")]
    GrantEnded,
}

impl TokenRefusal {
    /// The standard's code (RFC 6749, section 5.2). `invalid_client` is answered with
    /// status 401, the others with 400.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Unreadable(_)
            | Self::Repeated(_)
            | Self::NotAForm
            | Self::Missing(_)
            | Self::SeveralMethods => ErrorCode::InvalidRequest,
            Self::ClientIdDiffers
            | Self::NoCredentials
            | Self::BasicMalformed
            | Self::AssertionType
            | Self::ClientUnknown
            | Self::ClientDisabled
            | Self::MethodDiffers
            | Self::SecretEmpty
            | Self::SecretWrong
            | Self::Assertion(_)
            | Self::KeysUnreadable
            | Self::AssertionReplayed
            | Self::PublicClient => ErrorCode::InvalidClient,
            Self::UnsupportedGrantType => ErrorCode::UnsupportedGrantType,
            Self::GrantNotAllowed => ErrorCode::UnauthorizedClient,
            Self::ScopeMalformed | Self::ScopeBeyond => ErrorCode::InvalidScope,
            Self::CodeUnknown
            | Self::CodeSpent
            | Self::CodeOfAnotherClient
            | Self::RedirectUriDiffers
            | Self::Pkce(_)
            | Self::RefreshUnknown
            | Self::RefreshReused
            | Self::GrantEnded => ErrorCode::InvalidGrant,
        }
    }

    /// The value of `error_description`.
    pub fn description(&self) -> String {
        self.to_string()
    }

    /// The status of the answer.
    pub const fn status(&self) -> u16 {
        match self.code() {
            ErrorCode::InvalidClient => 401,
            _ => 400,
        }
    }
}

#[cfg(test)]
mod tests;
