//! Revocation (RFC 7009): a client ends its own tokens.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{audit::Actor, client::Registration, secret::Token};
use store::{StoreError, grants, refresh_tokens, revocations};

use super::{
    endpoint::{Failure, ProgramForm, authenticate, failed, readable_elsewhere},
    userinfo::verify,
};
use crate::{app::App, issuing::IssueError, protocol::token_request::token_in_question};

/// Ends a token. A token that is unknown, ended or another client's is answered alike
/// (RFC 7009, section 2.2), and left alone.
pub(super) async fn post(State(app): State<App>, form: ProgramForm) -> Response {
    match revoke(&app, &form).await {
        Ok(()) => readable_elsewhere(StatusCode::OK.into_response()),
        Err(error) => failed(&form.headers, &error),
    }
}

async fn revoke(app: &App, form: &ProgramForm) -> Result<(), IssueError> {
    let client = authenticate(app, form).await?;
    let registration = client.registration();
    let token = token_in_question(&form.parameters)?;
    match Token::parse(token) {
        Some(token) => Ok(refresh_token(app, registration, &token).await?),
        None => access_token(app, registration, token).await,
    }
}

/// With a refresh token ends all that was granted beside it.
async fn refresh_token(
    app: &App,
    registration: &Registration,
    token: &Token,
) -> Result<(), StoreError> {
    let found = refresh_tokens::find(app.database.reader(), token).await?;
    let grant = found.map(|found| found.standing.grant);
    let Some(grant) = grant.filter(|grant| grant.client == registration.client_id) else {
        return Ok(());
    };
    let transaction = app.database.begin().await?;
    let actor = Actor::Client(registration.client_id.clone());
    let reason = "revoked by its client";
    grants::revoke(&transaction, &app.ambient, actor, &grant, reason).await?;
    transaction.commit().await?;
    Ok(())
}

async fn access_token(
    app: &App,
    registration: &Registration,
    token: &str,
) -> Result<(), IssueError> {
    let claims = match verify(app, token).await {
        Ok(claims) => claims,
        Err(Failure::Store(error)) => return Err(error.into()),
        Err(_) => return Ok(()),
    };
    if claims.client_id == registration.client_id {
        revocations::insert(app.database.writer(), claims.jti, claims.exp).await?;
    }
    Ok(())
}
