//! Sign-in: to the provider, and back with a code.

use axum::{
    extract::RawQuery,
    response::{IntoResponse, Redirect, Response},
};
use domain::secret::{Secret, Token};
use openidconnect::OAuth2TokenResponse;
use serde::Deserialize;

use super::{
    Portal, Visitor,
    fault::Fault,
    provider::{ExpectedNonce, SignInSecrets, TokenFacts, Tokens, id_token_of},
    visits::SignedIn,
};

/// Sends the browser to the provider.
pub(super) async fn get(visitor: Visitor) -> Response {
    let provider = match visitor.portal.provider().await {
        Ok(provider) => provider,
        Err(fault) => return visitor.show(&fault),
    };
    let secrets = SignInSecrets::generate(&visitor.portal.settings.ambient);
    let url = provider.authorization_url(&secrets, visitor.language.locale.tag());
    let new_token = visitor
        .portal
        .visits
        .begin_sign_in(visitor.token.as_ref(), secrets);
    let mut response = Redirect::to(url.as_str()).into_response();
    if let Some(token) = new_token {
        visitor.remember(&token, &mut response);
    }
    response
}

/// The provider's answer (OpenID Connect Core, sections 3.1.2.5 and 3.1.2.6).
pub(super) async fn callback(visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    match complete(&visitor, query.as_deref().unwrap_or_default()).await {
        Ok(token) => {
            let mut response = Redirect::to("/").into_response();
            visitor.remember(&token, &mut response);
            response
        }
        Err(fault) => visitor.show(&fault),
    }
}

/// What an answer may hold.
#[derive(Default, Deserialize)]
struct Answer {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

async fn complete(visitor: &Visitor, query: &str) -> Result<Token, Fault> {
    let portal = &visitor.portal;
    let answer = Answer::read(query)?;
    let token = visitor.token.as_ref().ok_or(Fault::UnknownSignIn)?;
    let state = answer.state.as_deref().unwrap_or_default();
    let secrets = portal
        .visits
        .take_sign_in(token, state)
        .ok_or(Fault::UnknownSignIn)?;
    let code = answer.into_code(&portal.settings.issuer)?;
    let tokens = portal
        .provider()
        .await?
        .redeem(code, secrets.verifier)
        .await?;
    let nonce = ExpectedNonce::Of(&secrets.nonce);
    let person = signed_in(portal, &tokens, nonce).await?;
    Ok(portal.visits.sign_in(token, person))
}

impl Answer {
    /// Repeated parameters are refused (RFC 6749, section 3.1).
    fn read(query: &str) -> Result<Self, Fault> {
        let mut answer = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let place = match &*name {
                "code" => &mut answer.code,
                "state" => &mut answer.state,
                "iss" => &mut answer.iss,
                "error" => &mut answer.error,
                "error_description" => &mut answer.error_description,
                _ => continue,
            };
            if place.replace(value.into_owned()).is_some() {
                return Err(Fault::Unverified(format!(
                    "{name} stands twice in the answer"
                )));
            }
        }
        Ok(answer)
    }

    /// The code, unless the answer is another provider's (RFC 9207, section 2.4) or a
    /// refusal.
    fn into_code(self, issuer: &str) -> Result<String, Fault> {
        if self.iss.as_deref() != Some(issuer) {
            return Err(Fault::Unverified("iss is not the provider's".into()));
        }
        if let Some(error) = self.error {
            return Err(Fault::Refused {
                error,
                description: self.error_description.unwrap_or_default(),
            });
        }
        self.code
            .ok_or_else(|| Fault::Unverified("the answer has no code".into()))
    }
}

/// Whoever the tokens are about, all of it verified. Keys that changed since discovery
/// are read again, once.
pub(super) async fn signed_in(
    portal: &Portal,
    tokens: &Tokens,
    nonce: ExpectedNonce<'_>,
) -> Result<SignedIn, Fault> {
    let id_token = id_token_of(tokens)?;
    let access_token = tokens.access_token();
    let mut provider = portal.provider().await?;
    let verified = match provider.verify(id_token, access_token, nonce) {
        Err(Fault::UnknownKey) => {
            provider = portal.provider_anew().await?;
            provider.verify(id_token, access_token, nonce)
        }
        verified => verified,
    };
    let id_token_claims = verified?;
    let person = provider.user_info(access_token, &id_token_claims).await?;
    Ok(SignedIn {
        id_token: id_token.clone(),
        id_token_claims,
        refresh_token: tokens.refresh_token().cloned(),
        person,
        facts: TokenFacts::of(tokens),
        form_token: Secret::new(Token::generate(&portal.settings.ambient).expose()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "http://localhost:8080";

    fn code(query: &str) -> Result<String, String> {
        let answer = Answer::read(query).map_err(|fault| fault.to_string())?;
        answer.into_code(ISSUER).map_err(|fault| fault.to_string())
    }

    #[test]
    fn a_code_comes_with_the_provider_s_name() {
        let iss = "iss=http%3A%2F%2Flocalhost%3A8080";
        assert_eq!(code(&format!("code=c&state=s&{iss}")), Ok("c".into()));
        assert!(code("code=c&state=s").is_err());
        assert!(code("code=c&state=s&iss=http%3A%2F%2Flocalhost%3A9999").is_err());
        assert!(code(&format!("code=c&code=d&{iss}")).is_err());
    }

    #[test]
    fn a_refusal_says_what_the_provider_said() {
        let refusal =
            code("error=access_denied&error_description=non&iss=http%3A%2F%2Flocalhost%3A8080");
        assert_eq!(
            refusal.unwrap_err(),
            "the provider answered access_denied: non"
        );
    }
}
