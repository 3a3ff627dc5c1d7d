//! « Essayer »: a real sign-in as a client, whose answer comes back to the console.
//!
//! No client's registered addresses are touched, and the authorization endpoint knows
//! nothing of this: the request is made here, on the server, with an address of our own,
//! and goes the way of every other. The code is bound to that address and to a proof key
//! that never leaves the server but sealed, in a `state` that names the administrator's
//! session: whoever else got hold of either could do nothing with it. What is issued is
//! revoked as soon as it was looked at.

use axum::response::Response;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    audit::{Action, Actor, Target},
    client::{ClientId, Registration},
    ids::SessionId,
    redirect::RedirectUri,
    secret::{Secret, Token},
};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use store::{
    StoreError,
    audit::{self, Event},
    grants,
};
use url::form_urlencoded;
use web::PageError;

use crate::{
    app::{App, unavailable},
    flow::{Step, advance},
    http::{account::SignedIn, userinfo},
    issuing::{IssueError, redeem_code},
    protocol::{
        authorization::Addressed,
        parameters::Parameters,
        refusal::{Refusal, Unproven},
        scopes,
    },
    transactions::{Destination, Transaction},
};

const SEALED_AS: &str = "client trial";
/// For how long a try may take, in minutes.
const PATIENCE_MINUTES: i64 = 10;

/// What a try is bound to.
#[derive(Serialize, Deserialize)]
struct Bound {
    client: ClientId,
    session: SessionId,
    verifier: String,
    nonce: String,
    until: Timestamp,
}

/// Why a try did not begin: what the client itself would be told.
#[derive(Debug)]
pub enum NotBegun {
    /// A page of ours, and no answer to the client.
    Unproven(Unproven),
    /// An error to the client.
    Refused(Refusal),
    /// A store's fault.
    Page(PageError),
}

/// Begins: the way on, as the person's browser takes it.
///
/// # Errors
/// [`NotBegun`].
pub async fn begin(
    app: &App,
    signed_in: &SignedIn,
    registration: &Registration,
    callback: &str,
) -> Result<Response, NotBegun> {
    let now = app.ambient.now();
    let bound = Bound {
        client: registration.client_id.clone(),
        session: signed_in.live.session.id,
        verifier: Token::generate(&app.ambient).expose(),
        nonce: Token::generate(&app.ambient).expose(),
        until: now + PATIENCE_MINUTES.minutes(),
    };
    let query = query(app, registration, callback, &bound);
    let parameters = Parameters::parse(query.as_bytes());
    let parameters = parameters.map_err(|fault| NotBegun::Unproven(fault.into()))?;
    let mut with_ours = registration.clone();
    with_ours.redirect_uris = vec![RedirectUri::new(callback)];
    let addressed = Addressed::read(&parameters).map_err(NotBegun::Unproven)?;
    let proven = addressed
        .prove(Some(&with_ours))
        .map_err(NotBegun::Unproven)?;
    let request = proven.request(&parameters, &app.namespace, now);
    let request = request.map_err(|refused| NotBegun::Refused(refused.refusal))?;
    record(app, signed_in, registration)
        .await
        .map_err(|error| NotBegun::Page(unavailable(error)))?;
    let view = &signed_in.visit.view;
    let destination = Destination::Client(Box::new(request));
    let step = Step::first(Transaction::new(destination, Some(&view.browser()), now));
    let turn = advance(app, view, Some(&signed_in.live), step).await;
    Ok(turn.map_err(NotBegun::Page)?.into_redirect())
}

async fn record(
    app: &App,
    signed_in: &SignedIn,
    registration: &Registration,
) -> Result<(), StoreError> {
    let actor = Actor::Account(signed_in.live.account.id);
    let target = Target::Client(registration.client_id.clone());
    let event = Event::new(Action::ClientTried, actor, target);
    audit::record(app.database.writer(), &app.ambient, event).await
}

fn query(app: &App, registration: &Registration, callback: &str, bound: &Bound) -> String {
    let state = serde_json::to_vec(bound).unwrap_or_default();
    let state = app.vault.seal(SEALED_AS, &state);
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&bound.verifier));
    let scope: Vec<&str> = scopes::of_people()
        .filter(|scope| registration.scope.contains(scope))
        .collect();
    form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", registration.client_id.as_str())
        .append_pair("redirect_uri", callback)
        .append_pair("response_type", "code")
        .append_pair("scope", &scope.join(" "))
        .append_pair("state", &state)
        .append_pair("nonce", &bound.nonce)
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256")
        .finish()
}

/// What came back to the console.
#[derive(Debug)]
pub struct Came {
    /// Of which client.
    pub client: ClientId,
    /// What it was.
    pub outcome: Outcome,
}

/// How a try ended.
#[derive(Debug)]
pub enum Outcome {
    /// With an error to the client: its code and description.
    Refused(String, String),
    /// The code could not be redeemed.
    NotRedeemed(IssueError),
    /// With tokens.
    Issued(Box<Tokens>),
}

/// What a client gets, taken apart: the tokens themselves have ended.
#[derive(Debug)]
pub struct Tokens {
    /// The token endpoint's answer, without the tokens.
    pub answer: Map<String, Value>,
    /// Header and claims of the ID token.
    pub id_token: Option<(Value, Value)>,
    /// Header and claims of the access token.
    pub access_token: Option<(Value, Value)>,
    /// What `UserInfo` answered, or what it said instead.
    pub userinfo: Result<Map<String, Value>, String>,
    /// Whether the nonce came back as it was sent.
    pub nonce_came_back: bool,
}

/// Reads what came back, for the session that began it; `None` where that was not this
/// one, or too long ago.
///
/// # Errors
/// A page, where a store fails.
pub async fn finish(
    app: &App,
    signed_in: &SignedIn,
    query: &str,
    callback: &str,
) -> Result<Option<Came>, PageError> {
    let Ok(parameters) = Parameters::parse(query.as_bytes()) else {
        return Ok(None);
    };
    let get = |name| parameters.get(name).ok().flatten();
    let Some(bound) = get("state").and_then(|state| open(app, signed_in, state)) else {
        return Ok(None);
    };
    let Some(client) = app.clients.find(&bound.client) else {
        return Ok(None);
    };
    let outcome = match (get("code").and_then(Token::parse), get("error")) {
        (Some(code), _) => redeem(
            app,
            signed_in,
            &client.registration,
            &bound,
            &code,
            callback,
        )
        .await
        .map_err(unavailable)?,
        (None, Some(error)) => {
            let told = get("error_description").unwrap_or_default();
            Outcome::Refused(error.to_owned(), told.to_owned())
        }
        (None, None) => return Ok(None),
    };
    Ok(Some(Came {
        client: bound.client,
        outcome,
    }))
}

fn open(app: &App, signed_in: &SignedIn, state: &str) -> Option<Bound> {
    let opened = app.vault.open(SEALED_AS, state).ok()?;
    let bound: Bound = serde_json::from_slice(&opened).ok()?;
    let is_ours = bound.session == signed_in.live.session.id;
    (is_ours && app.ambient.now() < bound.until).then_some(bound)
}

async fn redeem(
    app: &App,
    signed_in: &SignedIn,
    registration: &Registration,
    bound: &Bound,
    code: &Token,
    callback: &str,
) -> Result<Outcome, StoreError> {
    let verifier = Secret::new(bound.verifier.clone());
    let issued = match redeem_code(app, registration, code, callback, Some(&verifier)).await {
        Ok(issued) => issued,
        Err(fault) => return Ok(Outcome::NotRedeemed(fault)),
    };
    let Ok(Value::Object(mut answer)) = serde_json::to_value(issued) else {
        return Ok(Outcome::NotRedeemed(IssueError::Refused(
            crate::protocol::refusal::TokenRefusal::GrantEnded,
        )));
    };
    let mut take = |name: &str| match answer.remove(name) {
        Some(Value::String(token)) => Some(token),
        _ => None,
    };
    let (access, id) = (take("access_token"), take("id_token"));
    let had_refresh_token = take("refresh_token").is_some();
    answer.insert("refresh_token".to_owned(), had_refresh_token.into());
    let access_token = access.as_deref().and_then(parts);
    let userinfo = match &access {
        Some(token) => userinfo::claims_of(app, token).await,
        None => Err("no access token".to_owned()),
    };
    if let Some((_, claims)) = &access_token {
        end(app, signed_in, claims).await?;
    }
    let id_token = id.as_deref().and_then(parts);
    let nonce = id_token.as_ref().map(|(_, claims)| &claims["nonce"]);
    Ok(Outcome::Issued(Box::new(Tokens {
        nonce_came_back: nonce.is_none_or(|nonce| *nonce == bound.nonce),
        answer,
        id_token,
        access_token,
        userinfo,
    })))
}

/// Nothing of a try outlives the page that shows it.
async fn end(app: &App, signed_in: &SignedIn, claims: &Value) -> Result<(), StoreError> {
    let id = claims["grant_id"].as_str().and_then(|id| id.parse().ok());
    let Some(id) = id else {
        return Ok(());
    };
    let transaction = app.database.begin().await?;
    if let Some(grant) = grants::find_by_id(&transaction, id).await? {
        let actor = Actor::Account(signed_in.live.account.id);
        grants::revoke(&transaction, &app.ambient, actor, &grant, "client tried").await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// Header and claims of a token of ours, which needs no check here: we just made it.
fn parts(token: &str) -> Option<(Value, Value)> {
    let mut parts = token.split('.');
    let mut next = || {
        let bytes = URL_SAFE_NO_PAD.decode(parts.next()?).ok()?;
        serde_json::from_slice(&bytes).ok()
    };
    Some((next()?, next()?))
}
