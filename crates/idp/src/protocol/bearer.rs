//! How an access token comes to a protected resource (RFC 6750).

use super::{
    jws::TokenFault,
    parameters::{Parameters, Repeated},
    refusal::ErrorCode,
};

/// Why a protected resource refuses. `Display` is the `error_description`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BearerFault {
    /// No token at all: no error code either (RFC 6750, section 3.1).
    #[error("an access token is needed")]
    Missing,
    /// A header of another scheme, or without a token.
    #[error("the Authorization header is not well-formed Bearer")]
    Malformed,
    /// Two tokens, or a token in two places.
    #[error("the access token was sent in more than one way")]
    Several,
    /// In the address, where logs and histories keep it (RFC 9700, section 4.3.2).
    #[error("an access token in the query is refused")]
    InQuery,
    /// A parameter stands there twice.
    #[error(transparent)]
    Repeated(#[from] Repeated),
    /// Not a token of ours that holds.
    #[error("the access token is invalid: {0}")]
    Token(#[from] TokenFault),
    /// Its grant was revoked, or its account no longer upholds it.
    #[error("the access token has been revoked")]
    GrantEnded,
    /// It does not open this.
    #[error("the access token lacks a scope that is needed")]
    ScopeMissing,
}

impl BearerFault {
    /// The standard's code, where there is one.
    pub const fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Missing => None,
            Self::Malformed | Self::Several | Self::InQuery | Self::Repeated(_) => {
                Some(ErrorCode::InvalidRequest)
            }
            Self::Token(_) | Self::GrantEnded => Some(ErrorCode::InvalidToken),
            Self::ScopeMissing => Some(ErrorCode::InsufficientScope),
        }
    }

    /// The status of the answer.
    pub const fn status(&self) -> u16 {
        match self.code() {
            Some(ErrorCode::InvalidRequest) => 400,
            Some(ErrorCode::InsufficientScope) => 403,
            _ => 401,
        }
    }

    /// The value of `WWW-Authenticate` (RFC 6750, section 3).
    pub fn challenge(&self) -> String {
        match self.code() {
            None => r#"Bearer realm="preau""#.to_owned(),
            Some(code) => format!(
                r#"Bearer realm="preau", error="{}", error_description="{self}""#,
                code.as_str()
            ),
        }
    }
}

/// The access token of a request: from the header or the form, never from the query,
/// and from one place alone.
///
/// # Errors
/// [`BearerFault`].
pub fn access_token<'a>(
    authorization: Option<&'a str>,
    form: Option<&'a Parameters>,
    query: &Parameters,
) -> Result<&'a str, BearerFault> {
    if query.get("access_token")?.is_some() {
        return Err(BearerFault::InQuery);
    }
    let in_form = match form {
        Some(form) => form.get("access_token")?,
        None => None,
    };
    match (authorization, in_form) {
        (None, None) => Err(BearerFault::Missing),
        (Some(_), Some(_)) => Err(BearerFault::Several),
        (None, Some(token)) => Ok(token),
        (Some(header), None) => read_header(header),
    }
}

fn read_header(header: &str) -> Result<&str, BearerFault> {
    let (scheme, token) = header.split_once(' ').ok_or(BearerFault::Malformed)?;
    let token = token.trim_matches(' ');
    let is_sign = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b);
    if !scheme.eq_ignore_ascii_case("Bearer") || token.is_empty() || !token.bytes().all(is_sign) {
        return Err(BearerFault::Malformed);
    }
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(text: &str) -> Parameters {
        Parameters::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_token_comes_by_one_way() {
        let none = Parameters::default();
        let form = parameters("access_token=t");
        for (header, form, query, expected) in [
            (Some("Bearer t"), None, &none, Ok("t")),
            (Some("bearer t"), Some(&none), &none, Ok("t")),
            (None, Some(&form), &none, Ok("t")),
            (None, None, &none, Err(BearerFault::Missing)),
            (
                Some("Bearer t"),
                Some(&form),
                &none,
                Err(BearerFault::Several),
            ),
            (Some("Bearer t"), None, &form, Err(BearerFault::InQuery)),
            (Some("Basic dDp0"), None, &none, Err(BearerFault::Malformed)),
            (Some("Bearer"), None, &none, Err(BearerFault::Malformed)),
            (Some("Bearer a b"), None, &none, Err(BearerFault::Malformed)),
        ] {
            assert_eq!(access_token(header, form, query), expected, "{header:?}");
        }
        let twice = parameters("access_token=t&access_token=t");
        assert_eq!(
            access_token(None, Some(&twice), &none),
            Err(BearerFault::Repeated(Repeated("access_token")))
        );
    }

    #[test]
    fn each_fault_has_status_and_challenge() {
        let bare = BearerFault::Missing;
        assert_eq!(
            (bare.status(), bare.challenge().as_str()),
            (401, r#"Bearer realm="preau""#)
        );
        let expired = BearerFault::Token(TokenFault::Expired);
        assert_eq!(expired.status(), 401);
        assert_eq!(
            expired.challenge(),
            r#"Bearer realm="preau", error="invalid_token", error_description="the access token is invalid: the token has expired""#
        );
        assert_eq!(BearerFault::Several.status(), 400);
        assert_eq!(BearerFault::ScopeMissing.status(), 403);
    }
}
