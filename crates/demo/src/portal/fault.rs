//! What can go wrong at the portal, and the page that says so and leads on.

use std::error::Error;

use axum::{http::StatusCode, response::Response};
use openidconnect::{
    ClaimsVerificationError, RequestTokenError, SignatureVerificationError, StandardErrorResponse,
    UserInfoError, core::CoreErrorResponseType,
};
use serde::Serialize;
use thiserror::Error;
use web::Locale;

use crate::{http_client::HttpClientError, look::Look};

/// Why a sign-in, a refresh or a form came to nothing. Its texts are for the details
/// line and the log: no token, no code, no personal data.
#[derive(Debug, Error)]
pub(crate) enum Fault {
    /// The provider does not answer, or not as it should.
    #[error("the provider cannot be used: {0}")]
    Unreachable(String),
    /// An answer that belongs to no sign-in of this browser: gone back, another tab, or
    /// somebody else's.
    #[error("no sign-in of this browser has that state")]
    UnknownSignIn,
    /// The provider refused (RFC 6749, section 4.1.2.1).
    #[error("the provider answered {error}: {description}")]
    Refused {
        /// The standard's code.
        error: String,
        /// What the provider says about it.
        description: String,
    },
    /// The code or the refresh token is good no more.
    #[error("the provider answered invalid_grant")]
    GrantEnded,
    /// What came is not what it should be.
    #[error("the answer could not be verified: {0}")]
    Unverified(String),
    /// Signed with a key that was not known when the keys were last read.
    #[error("the ID token is signed with an unknown key")]
    UnknownKey,
    /// A form that does not come from the page shown to this browser.
    #[error("the form does not belong to this session")]
    ForeignForm,
    /// No such page.
    #[error("no such page")]
    NotFound,
}

type TokenError = RequestTokenError<HttpClientError, StandardErrorResponse<CoreErrorResponseType>>;

impl Fault {
    pub(crate) fn unreachable(error: impl Error) -> Self {
        Self::Unreachable(chain(&error))
    }

    pub(crate) fn unverified(error: impl Error) -> Self {
        Self::Unverified(chain(&error))
    }

    pub(crate) fn verification(error: ClaimsVerificationError) -> Self {
        use ClaimsVerificationError::SignatureVerification;
        match error {
            SignatureVerification(SignatureVerificationError::NoMatchingKey) => Self::UnknownKey,
            error => Self::unverified(error),
        }
    }

    pub(crate) fn tokens(error: TokenError) -> Self {
        match error {
            RequestTokenError::ServerResponse(answer) => {
                if *answer.error() == CoreErrorResponseType::InvalidGrant {
                    return Self::GrantEnded;
                }
                Self::Refused {
                    error: answer.error().as_ref().to_owned(),
                    description: answer.error_description().cloned().unwrap_or_default(),
                }
            }
            RequestTokenError::Parse(..) => {
                Self::Unverified("the token answer is unreadable".into())
            }
            error => Self::unreachable(error),
        }
    }

    pub(crate) fn user_info(error: UserInfoError<HttpClientError>) -> Self {
        match error {
            UserInfoError::ClaimsVerification(error) => Self::unverified(error),
            UserInfoError::Parse(_) => Self::Unverified("the UserInfo answer is unreadable".into()),
            UserInfoError::Response(status, ..) => {
                Self::Unverified(format!("UserInfo answered with status {status}"))
            }
            error => Self::unreachable(error),
        }
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::Unreachable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::UnknownSignIn | Self::Refused { .. } | Self::GrantEnded => {
                StatusCode::BAD_REQUEST
            }
            Self::Unverified(_) | Self::UnknownKey => StatusCode::BAD_GATEWAY,
            Self::ForeignForm => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
        }
    }

    const fn page(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::UnknownSignIn | Self::GrantEnded => "over",
            Self::Refused { .. } => "refused",
            Self::Unverified(_) | Self::UnknownKey => "unverified",
            Self::ForeignForm => "foreign-form",
            Self::NotFound => "not-found",
        }
    }

    /// The page that says what happened and what comes next.
    pub(crate) fn render(&self, look: &Look, locale: Locale) -> Response {
        let page = ProblemPage {
            problem: self.page(),
            detail: self.to_string(),
        };
        let mut response = look.render("demo/problem.html", locale, page);
        *response.status_mut() = self.status();
        response
    }
}

#[derive(Serialize)]
struct ProblemPage {
    problem: &'static str,
    detail: String,
}

/// An error with its causes: « Request failed: connection refused ».
fn chain(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    let texts: Vec<_> = causes.map(ToString::to_string).collect();
    texts.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portal::testing::{assert_sound, look, text_of};

    fn every_fault() -> Vec<Fault> {
        vec![
            Fault::Unreachable("connection refused".into()),
            Fault::UnknownSignIn,
            Fault::Refused {
                error: "access_denied".into(),
                description: "<b>no</b>".into(),
            },
            Fault::GrantEnded,
            Fault::Unverified("at_hash".into()),
            Fault::UnknownKey,
            Fault::ForeignForm,
            Fault::NotFound,
        ]
    }

    #[tokio::test]
    async fn every_fault_has_a_page_that_leads_on() {
        for fault in every_fault() {
            for locale in Locale::ALL {
                let response = fault.render(&look(), locale);
                assert_eq!(response.status(), fault.status(), "{fault:?}");
                let page = text_of(response).await;
                assert_sound(&page, locale);
                assert!(page.contains(r#"href="/""#), "{fault:?}: {page}");
                assert!(!page.contains("<b>no"), "{fault:?}");
            }
        }
    }

    #[test]
    fn an_error_is_told_with_its_causes() {
        let cause = std::io::Error::other("connection refused");
        let error = openidconnect::DiscoveryError::Request(cause);
        let told = Fault::unreachable(error).to_string();
        assert!(
            told.ends_with("Request failed: connection refused"),
            "{told}"
        );
    }
}
