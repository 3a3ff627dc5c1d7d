//! Secrets: several overlap while a client changes from one to the next.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{client::ClientId, ids::ClientSecretId};
use idp::registrar::SecretWish;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    answers::{Made, Secret},
    clients::find,
    idempotent::{IdempotencyKey, Repeated, commit, keep},
    problem::Problem,
    program::{Reader, Writer},
    request::{Body, Named},
};
use crate::state::Admin;

/// All secrets of a client.
#[derive(Serialize, ToSchema)]
pub(super) struct Secrets {
    items: Vec<Secret>,
}

/// Lists the secrets of a client, without what they are.
#[utoipa::path(get, path = "/clients/{client_id}/secrets", tag = "secrets",
    params(("client_id" = String, Path, description = "The client's id")),
    responses((status = 200, description = "All secrets", body = Secrets)))]
pub(super) async fn list(
    State(app): State<Admin>,
    _: Reader,
    Named(id): Named<ClientId>,
) -> Result<Json<Secrets>, Problem> {
    let client = find(&app, &id).await?;
    let items = client.secrets.iter().map(Secret::of).collect();
    Ok(Json(Secrets { items }))
}

/// How the secret shall be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    /// What to call it.
    #[schema(min_length = 1, max_length = 100)]
    label: Option<String>,
    /// When it shall stop working by itself.
    #[schema(format = DateTime, value_type = Option<String>)]
    expires_at: Option<Timestamp>,
}

/// A secret that was just made.
#[derive(Serialize, ToSchema)]
pub(super) struct MadeSecret {
    #[serde(flatten)]
    secret: Secret,
    /// The secret itself, this once.
    client_secret: String,
}

/// Makes a secret beside those that there are.
#[utoipa::path(post, path = "/clients/{client_id}/secrets", tag = "secrets",
    params(("client_id" = String, Path, description = "The client's id"),
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255,
            pattern = "^[!-~]+$",
            description = "The same key with the same request is answered alike and done once")),
    request_body = Wish,
    responses((status = 201, description = "Made", body = MadeSecret,
        headers(("Location" = String)))))]
pub(super) async fn add(
    State(app): State<Admin>,
    writer: Writer,
    Named(id): Named<ClientId>,
    key: IdempotencyKey,
    body: Body<Wish>,
) -> Result<Response, Problem> {
    let acts = app.registrar.begin(writer.author()).await?;
    let request = match key.take(&app, &acts, &writer, &body.bytes).await? {
        Repeated::Before(made) => return Ok(made.into_response()),
        Repeated::First(request) => request,
    };
    let wish = SecretWish {
        label: body.value.label,
        expires_at: body.value.expires_at,
        secret: None,
    };
    let new = acts.add_secret(&id, wish).await?;
    let client = acts.find(&id).await?;
    let stored = client.secrets.iter().find(|secret| secret.id == new.id);
    let body = MadeSecret {
        secret: Secret::of(stored.ok_or_else(Problem::not_found)?),
        client_secret: new.secret.expose().to_owned(),
    };
    let made = Made {
        location: Some(format!("{}/clients/{id}/secrets/{}", super::PREFIX, new.id)),
        tag: None,
        body: serde_json::to_value(body).unwrap_or_default(),
    };
    keep(&app, acts, request, &made).await?;
    Ok(made.into_response())
}

/// Removes one secret: it works nowhere any more.
#[utoipa::path(delete, path = "/clients/{client_id}/secrets/{secret_id}", tag = "secrets",
    params(("client_id" = String, Path, description = "The client's id"),
        ("secret_id" = String, Path, format = Uuid, description = "The secret's id")),
    responses((status = 204, description = "Removed")))]
pub(super) async fn remove(
    State(app): State<Admin>,
    writer: Writer,
    Named((id, secret)): Named<(ClientId, ClientSecretId)>,
) -> Result<StatusCode, Problem> {
    let acts = app.registrar.begin(writer.author()).await?;
    acts.remove_secret(&id, secret).await?;
    commit(&app, acts).await?;
    Ok(StatusCode::NO_CONTENT)
}
