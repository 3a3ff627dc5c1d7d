//! What is asked of the token endpoint (RFC 6749, sections 4.1.3, 4.4.2 and 6), and of
//! introspection and revocation.

use domain::{
    client::{GrantType, Registration},
    scope::{NotAScope, ScopeSet},
    secret::{Secret, Token},
};

use super::{parameters::Parameters, refusal::TokenRefusal, scopes};

/// A request of the token endpoint, allowed to this client.
#[derive(Clone, Debug)]
pub enum TokenRequest {
    /// `authorization_code`.
    Code {
        /// The code.
        code: Token,
        /// Must be that of the authorization request.
        redirect_uri: String,
        /// The proof key.
        verifier: Option<Secret>,
    },
    /// `refresh_token`.
    Refresh {
        /// The refresh token.
        token: Token,
        /// What is asked of what was granted; all where absent.
        scope: Option<ScopeSet>,
    },
    /// `client_credentials`.
    ClientCredentials {
        /// What the client gets.
        scope: ScopeSet,
    },
}

impl TokenRequest {
    /// Reads a request of a client that has authenticated.
    ///
    /// # Errors
    /// [`TokenRefusal`].
    pub fn read(form: &Parameters, registration: &Registration) -> Result<Self, TokenRefusal> {
        match read_grant_type(form, registration)? {
            GrantType::AuthorizationCode => Ok(Self::Code {
                code: Token::parse(required(form, "code")?).ok_or(TokenRefusal::CodeUnknown)?,
                redirect_uri: required(form, "redirect_uri")?.to_owned(),
                verifier: form.get("code_verifier")?.map(Secret::new),
            }),
            GrantType::RefreshToken => Ok(Self::Refresh {
                token: Token::parse(required(form, "refresh_token")?)
                    .ok_or(TokenRefusal::RefreshUnknown)?,
                scope: read_scope(form)?,
            }),
            GrantType::ClientCredentials => Ok(Self::ClientCredentials {
                scope: own_scope(registration, read_scope(form)?)?,
            }),
        }
    }
}

/// What a refresh gives: what was granted, or less (RFC 6749, section 6).
///
/// # Errors
/// [`TokenRefusal::ScopeBeyond`].
pub fn narrow(granted: &ScopeSet, asked: Option<ScopeSet>) -> Result<ScopeSet, TokenRefusal> {
    match asked {
        None => Ok(granted.clone()),
        Some(asked) if asked.is_within(granted) => Ok(asked),
        Some(_) => Err(TokenRefusal::ScopeBeyond),
    }
}

/// The token that introspection or revocation is asked about (RFC 7662, section 2.1;
/// RFC 7009, section 2.1). What it is shows by itself, so `token_type_hint` has no effect.
///
/// # Errors
/// [`TokenRefusal::Missing`], [`TokenRefusal::Repeated`].
pub fn token_in_question(form: &Parameters) -> Result<&str, TokenRefusal> {
    form.get("token_type_hint")?;
    required(form, "token")
}

fn read_grant_type(
    form: &Parameters,
    registration: &Registration,
) -> Result<GrantType, TokenRefusal> {
    let grant_type = match required(form, "grant_type")? {
        "authorization_code" => GrantType::AuthorizationCode,
        "refresh_token" => GrantType::RefreshToken,
        "client_credentials" => GrantType::ClientCredentials,
        _ => return Err(TokenRefusal::UnsupportedGrantType),
    };
    if !registration.may_use(grant_type) {
        return Err(TokenRefusal::GrantNotAllowed);
    }
    if grant_type == GrantType::ClientCredentials && registration.is_public() {
        return Err(TokenRefusal::PublicClient);
    }
    Ok(grant_type)
}

fn required<'a>(form: &'a Parameters, name: &'static str) -> Result<&'a str, TokenRefusal> {
    form.get(name)?.ok_or(TokenRefusal::Missing(name))
}

fn read_scope(form: &Parameters) -> Result<Option<ScopeSet>, TokenRefusal> {
    let scope = form.get("scope")?.map(ScopeSet::parse).transpose();
    scope.map_err(|NotAScope| TokenRefusal::ScopeMalformed)
}

/// In its own name a client has scopes of APIs, never those that tell of a person.
fn own_scope(
    registration: &Registration,
    asked: Option<ScopeSet>,
) -> Result<ScopeSet, TokenRefusal> {
    narrow(&scopes::for_clients(&registration.scope), asked)
}

#[cfg(test)]
mod tests;
