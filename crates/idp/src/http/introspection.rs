//! Introspection (RFC 7662): a protected resource asks what a token is worth.

use axum::{extract::State, response::Response};
use domain::{client::Registration, secret::Token};
use serde_json::{Value, json};
use store::{StoreError, refresh_tokens, revocations, standing};

use super::{
    endpoint::{Failure, ProgramForm, authenticate, failed, secret_json},
    userinfo::verify,
};
use crate::{
    app::App,
    issuing::IssueError,
    protocol::{
        refusal::TokenRefusal, token_request::token_in_question, tokens::AccessTokenClaims,
    },
};

/// Tells what a token is worth, to who may know.
pub(super) async fn post(State(app): State<App>, form: ProgramForm) -> Response {
    match introspect(&app, &form).await {
        Ok(document) => secret_json(document),
        Err(error) => failed(&form.headers, &error),
    }
}

async fn introspect(app: &App, form: &ProgramForm) -> Result<Value, IssueError> {
    let client = authenticate(app, form).await?;
    let registration = client.registration();
    if registration.is_public() {
        return Err(TokenRefusal::PublicClient.into());
    }
    let token = token_in_question(&form.parameters)?;
    let known = match Token::parse(token) {
        Some(token) => refresh_token(app, registration, &token).await?,
        None => access_token(app, registration, token).await?,
    };
    // Whatever the reason, an answer about a token that is not the asker's to know is
    // the same (RFC 7662, section 2.2).
    Ok(known.unwrap_or_else(|| json!({ "active": false })))
}

async fn access_token(
    app: &App,
    asker: &Registration,
    token: &str,
) -> Result<Option<Value>, IssueError> {
    let claims = match verify(app, token).await {
        Ok(claims) => claims,
        Err(Failure::Store(error)) => return Err(error.into()),
        Err(_) => return Ok(None),
    };
    if !may_know(asker, &claims) || !stands(app, &claims).await? {
        return Ok(None);
    }
    let mut document = serde_json::to_value(&claims).unwrap_or_default();
    if let Some(members) = document.as_object_mut() {
        members.remove("grant_id");
        members.insert("active".to_owned(), true.into());
        members.insert("token_type".to_owned(), "Bearer".into());
    }
    Ok(Some(document))
}

/// A client may know its own tokens; a protected resource those made for it.
fn may_know(asker: &Registration, claims: &AccessTokenClaims) -> bool {
    let for_it = |resource: &String| claims.aud.contains(resource);
    claims.client_id == asker.client_id || asker.resource.as_ref().is_some_and(for_it)
}

async fn stands(app: &App, claims: &AccessTokenClaims) -> Result<bool, StoreError> {
    let connection = app.database.reader();
    let client = app.clients.find(&claims.client_id);
    if !client.is_some_and(|client| client.registration.enabled) {
        return Ok(false);
    }
    let Some(id) = claims.grant_id else {
        return Ok(!revocations::contains(connection, claims.jti).await?);
    };
    let found = standing::find_by_access_token(connection, id, claims.jti).await?;
    Ok(found.is_some_and(|found| found.stands(app.ambient.now())))
}

async fn refresh_token(
    app: &App,
    asker: &Registration,
    token: &Token,
) -> Result<Option<Value>, IssueError> {
    let connection = app.database.reader();
    let now = app.ambient.now();
    let found = refresh_tokens::find(connection, token).await?;
    let Some(found) = found.filter(|found| found.is_good_for(&asker.client_id, now)) else {
        return Ok(None);
    };
    if !found.is_unused() || !found.standing.is_upheld() {
        return Ok(None);
    }
    let grant = &found.standing.grant;
    Ok(Some(json!({
        "active": true,
        "token_type": "refresh_token",
        "client_id": grant.client,
        "iss": app.issuer(),
        "sub": app.subjects.of(&asker.sector(), grant.account),
        "scope": grant.scope,
        "exp": found.expires_at.as_second(),
    })))
}
