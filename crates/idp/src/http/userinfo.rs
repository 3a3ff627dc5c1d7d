//! `UserInfo` (OpenID Connect Core, section 5.3).

use std::sync::Arc;

use axum::{
    Json,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use domain::{
    claims::{FamilyDetail, Wanted},
    client::Registration,
    scope::Scope,
};
use serde_json::{Map, Value};
use store::{
    clients::StoredClient,
    standing::{self, Standing},
};
use web::form::is_urlencoded;

use super::endpoint::{Failure, authorization, readable_elsewhere};
use crate::{
    app::App,
    issuing::{claims_request, find_facts, is_taken, person_claims, verified_claims, with_signer},
    protocol::{
        bearer::{BearerFault, access_token},
        jws::TokenFault,
        parameters::Parameters,
        tokens::{AccessTokenClaims, sign_user_info},
    },
};

/// With the token in the header.
pub(super) async fn get(
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    answer(&app, &headers, query.as_deref(), None).await
}

/// With the token in the header or in the form.
pub(super) async fn post(
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Result<Response, Failure> {
    let form = is_urlencoded(&headers)
        .then(|| Parameters::parse(&body))
        .transpose();
    let form = form.map_err(|_| BearerFault::Malformed)?;
    answer(&app, &headers, query.as_deref(), form.as_ref()).await
}

async fn answer(
    app: &App,
    headers: &HeaderMap,
    query: Option<&str>,
    form: Option<&Parameters>,
) -> Result<Response, Failure> {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes());
    let query = query.map_err(|_| BearerFault::Malformed)?;
    let token = access_token(authorization(headers), form, &query)?;
    let (claims, client, person) = read(app, token).await?;
    respond(app, &client.registration, &claims, person)
}

/// What a token tells, as a program that has it would learn it; else what it is told.
pub(crate) async fn claims_of(app: &App, token: &str) -> Result<Map<String, Value>, String> {
    let (claims, _, mut person) = read(app, token).await.map_err(|failure| match failure {
        Failure::Bearer(fault) => fault.to_string(),
        Failure::Store(error) => error.to_string(),
        Failure::Issue(error) => error.to_string(),
    })?;
    person.insert("sub".to_owned(), claims.sub.as_str().into());
    Ok(person)
}

async fn read(
    app: &App,
    token: &str,
) -> Result<(AccessTokenClaims, Arc<StoredClient>, Map<String, Value>), Failure> {
    let claims = verify(app, token).await?;
    claims
        .require_audience(app.issuer())
        .map_err(BearerFault::from)?;
    if !claims.scope.contains(Scope::OPENID) {
        return Err(BearerFault::ScopeMissing.into());
    }
    let (standing, client) = standing(app, &claims).await?;
    if !is_taken(app, &client.registration, &standing.person).await? {
        return Err(BearerFault::GrantEnded.into());
    }
    let person = person(app, &claims, standing, &client.registration).await?;
    Ok((claims, client, person))
}

/// Verifies a token; an unknown key may be one that another node has just made.
pub(super) async fn verify(app: &App, token: &str) -> Result<AccessTokenClaims, Failure> {
    let read =
        || AccessTokenClaims::verify(&app.keys.ring(), token, app.issuer(), app.ambient.now());
    match read() {
        Err(TokenFault::UnknownKey) => {
            if let Err(error) = app.keys.reload().await {
                tracing::warn!(%error, "keys could not be loaded again");
            }
            read().map_err(|fault| BearerFault::Token(fault).into())
        }
        read => read.map_err(|fault| BearerFault::Token(fault).into()),
    }
}

/// The grant, the person and the client of a token, as long as all of them stand.
async fn standing(
    app: &App,
    claims: &AccessTokenClaims,
) -> Result<(Standing, Arc<StoredClient>), Failure> {
    let id = claims.grant_id.ok_or(BearerFault::GrantEnded)?;
    let found = standing::find_by_access_token(app.database.reader(), id, claims.jti).await?;
    let standing = found.filter(|found| found.stands(app.ambient.now()));
    let standing = standing.ok_or(BearerFault::GrantEnded)?;
    let client = app.clients.find(&standing.grant.client);
    let client = client.filter(|client| client.registration.enabled);
    Ok((standing, client.ok_or(BearerFault::GrantEnded)?))
}

async fn person(
    app: &App,
    claims: &AccessTokenClaims,
    standing: Standing,
    registration: &Registration,
) -> Result<Map<String, Value>, Failure> {
    // A scope that the registration has lost since is not answered any more.
    let scope = claims.scope.intersection(&registration.scope);
    let request = claims_request(&standing.grant);
    let wanted = Wanted::by_scopes(&scope).with_named(
        request.userinfo_names(),
        &registration.scope,
        &app.namespace,
    );
    let verified = &request.userinfo_verified;
    let verified = verified_claims(app, registration, standing.grant.account, verified).await?;
    let facts = find_facts(app, standing.person, &wanted).await?;
    let mut person = person_claims(app, registration, &facts, &wanted, FamilyDetail::Whole);
    person.extend(verified);
    Ok(person)
}

fn respond(
    app: &App,
    registration: &Registration,
    claims: &AccessTokenClaims,
    mut person: Map<String, Value>,
) -> Result<Response, Failure> {
    let response = match registration.userinfo_signed_response_alg {
        None => {
            person.insert("sub".to_owned(), claims.sub.as_str().into());
            Json(person).into_response()
        }
        Some(algorithm) => {
            let client = &registration.client_id;
            let sign = |key: &_| sign_user_info(key, app.issuer(), client, &claims.sub, person);
            let token = with_signer(app, algorithm, sign)?;
            let jwt = HeaderValue::from_static("application/jwt");
            ([(header::CONTENT_TYPE, jwt)], token).into_response()
        }
    };
    Ok(readable_elsewhere(response))
}
