//! The token endpoint (RFC 6749, section 3.2).

use axum::{extract::State, response::Response};

use super::endpoint::{ProgramForm, authenticate, failed, secret_json};
use crate::{
    app::App,
    issuing::{IssueError, Issued, client_credentials, redeem_code, refresh},
    protocol::token_request::TokenRequest,
};

/// Issues tokens.
pub(super) async fn post(State(app): State<App>, form: ProgramForm) -> Response {
    match issue(&app, &form).await {
        Ok(issued) => secret_json(issued),
        Err(error) => failed(&form.headers, &error),
    }
}

async fn issue(app: &App, form: &ProgramForm) -> Result<Issued, IssueError> {
    let client = authenticate(app, form).await?;
    let registration = client.registration();
    match TokenRequest::read(&form.parameters, registration)? {
        TokenRequest::Code {
            code,
            redirect_uri,
            verifier,
        } => redeem_code(app, registration, &code, &redirect_uri, verifier.as_ref()).await,
        TokenRequest::Refresh { token, scope } => refresh(app, registration, &token, scope).await,
        TokenRequest::ClientCredentials { scope } => client_credentials(app, registration, scope),
    }
}
