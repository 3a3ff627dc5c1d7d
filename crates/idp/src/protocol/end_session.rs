//! RP-Initiated Logout 1.0.
//!
//! Nobody is signed out or led away by a mere link: an ID token of ours proves that the
//! client speaks for this person, and without it a page asks (section 6).

use domain::{
    client::{ClientId, Registration},
    ids::SessionId,
    subject::Subject,
};
use serde::{Deserialize, Serialize};

use super::{
    authorization::MAX_STATE_BYTES,
    parameters::{Parameters, Repeated},
    response::with_query,
    tokens::IdTokenHint,
};

/// What a logout request says; nothing of it is proven.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct LogoutRequest {
    /// An ID token, not verified yet.
    pub id_token_hint: Option<String>,
    /// Who asks.
    pub client_id: Option<String>,
    /// Where the person shall be led.
    pub post_logout_redirect_uri: Option<String>,
    /// To be repeated there.
    pub state: Option<String>,
    /// Languages, best first.
    pub ui_locales: Vec<String>,
}

impl LogoutRequest {
    /// Reads a query or a form.
    ///
    /// # Errors
    /// [`Repeated`].
    pub fn read(parameters: &Parameters) -> Result<Self, Repeated> {
        let owned = |name| Ok(parameters.get(name)?.map(str::to_owned));
        parameters.get("logout_hint")?;
        let locales = parameters.get("ui_locales")?.unwrap_or_default().split(' ');
        Ok(Self {
            id_token_hint: owned("id_token_hint")?,
            client_id: owned("client_id")?,
            post_logout_redirect_uri: owned("post_logout_redirect_uri")?,
            state: owned("state")?.filter(|state| state.len() <= MAX_STATE_BYTES),
            ui_locales: locales
                .filter(|tag| !tag.is_empty())
                .take(20)
                .map(str::to_owned)
                .collect(),
        })
    }
}

/// The session of the browser that asks.
#[derive(Clone, Copy, Debug)]
pub struct CurrentSession<'a> {
    /// As tokens name it.
    pub id: SessionId,
    /// Its person, at the client that asks.
    pub subject: &'a Subject,
}

/// What a request turned out to lack; for the details line of the page.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LogoutFault {
    /// No `id_token_hint`, or one that cannot be verified.
    #[error("there is no valid id_token_hint")]
    NoValidHint,
    /// The hint's client is gone or switched off.
    #[error("the client of id_token_hint is not registered")]
    ClientUnknown,
    /// `client_id` is not the hint's.
    #[error("client_id is not the client of id_token_hint")]
    ClientIdDiffers,
    /// The address is not one of the client's.
    #[error("post_logout_redirect_uri is not one of those registered for this client")]
    UriNotRegistered,
    /// Another person is signed in than the hint names.
    #[error("id_token_hint names another person than the one who is signed in")]
    OtherPerson,
}

/// What comes next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LogoutStep {
    /// End the session, if there is one, then go there, or show that it is over.
    End {
        /// A proven address, with the state.
        return_to: Option<String>,
    },
    /// Ask first. Whatever the answer, the person stays here.
    Confirm(LogoutFault),
}

/// Decides.
///
/// `hint` is the verified hint, `registration` its client's.
pub fn decide(
    request: &LogoutRequest,
    hint: Option<&IdTokenHint>,
    registration: Option<&Registration>,
    session: Option<CurrentSession<'_>>,
) -> LogoutStep {
    match prove(request, hint, registration, session) {
        Ok(return_to) => LogoutStep::End { return_to },
        // Nobody is signed in, so there is nothing to ask.
        Err(LogoutFault::NoValidHint) if session.is_none() && !asks_for_more(request) => {
            LogoutStep::End { return_to: None }
        }
        Err(fault) => LogoutStep::Confirm(fault),
    }
}

fn asks_for_more(request: &LogoutRequest) -> bool {
    request.id_token_hint.is_some() || request.post_logout_redirect_uri.is_some()
}

fn prove(
    request: &LogoutRequest,
    hint: Option<&IdTokenHint>,
    registration: Option<&Registration>,
    session: Option<CurrentSession<'_>>,
) -> Result<Option<String>, LogoutFault> {
    let hint = hint.ok_or(LogoutFault::NoValidHint)?;
    let is_its_client = |registration: &&Registration| {
        registration.enabled && hint.require_client(&registration.client_id).is_ok()
    };
    let registration = registration
        .filter(is_its_client)
        .ok_or(LogoutFault::ClientUnknown)?;
    if request
        .client_id
        .as_deref()
        .is_some_and(|id| id != hint.aud.as_str())
    {
        return Err(LogoutFault::ClientIdDiffers);
    }
    let is_theirs =
        |session: CurrentSession<'_>| hint.sid == Some(session.id) || hint.sub == *session.subject;
    if !session.is_none_or(is_theirs) {
        return Err(LogoutFault::OtherPerson);
    }
    let Some(uri) = request.post_logout_redirect_uri.as_deref() else {
        return Ok(None);
    };
    if registration.post_logout_redirect_uri(uri).is_none() {
        return Err(LogoutFault::UriNotRegistered);
    }
    let state = request.state.clone().map(|state| ("state", state));
    Ok(Some(match state {
        None => uri.to_owned(),
        Some(state) => with_query(uri, &[state]),
    }))
}

/// The client whose registration [`decide`] needs.
pub fn client_of(hint: Option<&IdTokenHint>) -> Option<&ClientId> {
    Some(&hint?.aud)
}

#[cfg(test)]
mod tests;
