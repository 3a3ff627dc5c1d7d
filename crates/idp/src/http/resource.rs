//! Access tokens of programs (`client_credentials`), as our own API takes them: whoever
//! owns that API asks here who came.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use domain::{client::ClientId, scope::ScopeSet};
use store::{StoreError, revocations};

use super::{
    endpoint::{Failure, authorization},
    userinfo::verify,
};
use crate::{
    app::App,
    protocol::{
        bearer::{BearerFault, access_token},
        parameters::Parameters,
    },
};

/// A program that came with a token of its own.
#[derive(Clone, Debug)]
pub struct Program {
    /// Which client.
    pub client: ClientId,
    /// What the token gives, as far as the registration still does.
    pub scope: ScopeSet,
}

/// Why it was not let in.
#[derive(Debug)]
pub enum NotLetIn {
    /// The token's fault (RFC 6750).
    Token(BearerFault),
    /// The store's.
    Store(StoreError),
}

/// Who came: the token is in the header, was made for this issuer's own resources, in
/// the client's own name, and neither it nor the client ended since.
///
/// # Errors
/// [`NotLetIn`].
pub async fn program(app: &App, headers: &HeaderMap) -> Result<Program, NotLetIn> {
    let token = access_token(authorization(headers), None, &Parameters::default());
    let token = token.map_err(NotLetIn::Token)?;
    let claims = verify(app, token).await.map_err(|failure| match failure {
        Failure::Bearer(fault) => NotLetIn::Token(fault),
        Failure::Store(error) => NotLetIn::Store(error),
        Failure::Issue(_) => NotLetIn::Token(BearerFault::GrantEnded),
    })?;
    let audience = claims.require_audience(app.issuer());
    audience.map_err(|fault| NotLetIn::Token(fault.into()))?;
    // A person's token says what a person may, and this is for programs.
    if claims.grant_id.is_some() {
        return Err(NotLetIn::Token(BearerFault::ScopeMissing));
    }
    let ended = revocations::contains(app.database.reader(), claims.jti).await;
    let client = app.clients.find(&claims.client_id);
    let client = client.filter(|client| client.registration.enabled);
    match client {
        Some(client) if !ended.map_err(NotLetIn::Store)? => Ok(Program {
            scope: claims.scope.intersection(&client.registration.scope),
            client: claims.client_id,
        }),
        _ => Err(NotLetIn::Token(BearerFault::GrantEnded)),
    }
}

/// The header that tells a program what was wrong with its token (RFC 6750, section 3).
pub fn challenge(fault: &BearerFault) -> (HeaderName, HeaderValue) {
    let value = HeaderValue::from_str(&fault.challenge());
    let value = value.unwrap_or(HeaderValue::from_static("Bearer"));
    (header::WWW_AUTHENTICATE, value)
}
