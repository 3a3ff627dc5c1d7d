//! Clients: listed, registered, shown, replaced, stopped and deleted.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::client::{ClientId, Environment, Registration};
use idp::{
    clients::Search,
    registrar::{Acts, SecretWish},
};
use serde::Deserialize;
use store::clients::{self, StoredClient, changes::By, uses};
use utoipa::IntoParams;

use super::{
    PREFIX,
    answers::{Client, ClientPage, Made, RegisteredClient, RegistrationDocument},
    idempotent::{IdempotencyKey, Repeated, commit, keep},
    problem::Problem,
    program::{Reader, Writer},
    request::{Asked, Body, IfMatch, Named, cursor, is_known, limit},
};
use crate::state::Admin;

/// Which clients to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Listed {
    /// Words that stand in the id, the name, the contacts, the addresses or the schools.
    q: Option<String>,
    /// Those that work, or those that do not.
    enabled: Option<bool>,
    /// Those of one environment.
    #[param(value_type = Option<String>, pattern = "^(production|test)$")]
    environment: Option<Environment>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many a page has.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
}

/// Lists clients by id.
#[utoipa::path(get, path = "/clients", params(Listed), tag = "clients",
    responses((status = 200, description = "A page of clients", body = ClientPage)))]
pub(super) async fn list(
    State(app): State<Admin>,
    _: Reader,
    Asked(listed): Asked<Listed>,
) -> Result<axum::Json<ClientPage>, Problem> {
    let search = Search {
        words: listed.q.unwrap_or_default(),
        enabled: listed.enabled,
        environment: listed.environment,
        after: cursor(listed.cursor.as_deref())?,
    };
    let found = app.clients.search(&search, limit(listed.limit)?);
    let ids = found
        .clients
        .iter()
        .map(|client| &client.registration.client_id);
    let used = uses::find(app.database.reader(), ids).await?;
    let items = found.clients.iter().map(|client| {
        let id = client.registration.client_id.as_str();
        Client::of(client, used.get(id).copied())
    });
    let last = found.clients.last().filter(|_| found.more);
    Ok(axum::Json(ClientPage {
        items: items.collect(),
        next_cursor: last.map(|client| client.registration.client_id.to_string()),
    }))
}

/// Registers a client. One that authenticates by a secret is given it in the answer, this
/// once.
#[utoipa::path(post, path = "/clients", tag = "clients", request_body = RegistrationDocument,
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255,
        pattern = "^[!-~]+$",
        description = "The same key with the same request is answered alike and done once")),
    responses((status = 201, description = "Registered", body = RegisteredClient,
        headers(("Location" = String), ("ETag" = String)))))]
pub(super) async fn register(
    State(app): State<Admin>,
    writer: Writer,
    key: IdempotencyKey,
    body: Body<Registration>,
) -> Result<Response, Problem> {
    let registration = app.registrar.check(body.value).await?;
    let acts = app.registrar.begin(writer.author()).await?;
    let request = match key.take(&app, &acts, &writer, &body.bytes).await? {
        Repeated::Before(made) => return Ok(made.into_response()),
        Repeated::First(request) => request,
    };
    acts.register(&registration, &By::actor(writer.author().actor))
        .await?;
    let id = &registration.client_id;
    let has_secret = registration.token_endpoint_auth_method.has_secret();
    let secret = if has_secret {
        Some(acts.add_secret(id, SecretWish::default()).await?)
    } else {
        None
    };
    let client = acts.find(id).await?;
    let client = Client::of(&client, None);
    let tag = client.tag();
    let body = RegisteredClient {
        client,
        client_secret: secret.map(|made| made.secret.expose().to_owned()),
    };
    let made = Made {
        location: Some(format!("{PREFIX}/clients/{id}")),
        tag: Some(tag),
        body: serde_json::to_value(body).unwrap_or_default(),
    };
    keep(&app, acts, request, &made).await?;
    Ok(made.into_response())
}

/// Shows a client.
#[utoipa::path(get, path = "/clients/{client_id}", tag = "clients",
    params(("client_id" = String, Path, description = "The client's id"),
        ("If-None-Match" = Option<String>, Header, description = "The ETag that is known")),
    responses((status = 200, description = "The client", body = Client,
            headers(("ETag" = String))),
        (status = 304, description = "It is still the one that is known")))]
pub(super) async fn show(
    State(app): State<Admin>,
    _: Reader,
    Named(id): Named<ClientId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let client = find(&app, &id).await?;
    let client = shown(&app, &client).await?;
    let tag = client.tag();
    if is_known(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    Ok(client.answer())
}

/// Replaces a registration, made from the version that If-Match names.
#[utoipa::path(put, path = "/clients/{client_id}", tag = "clients",
    params(("client_id" = String, Path, description = "The client's id"),
        ("If-Match" = Option<String>, Header,
            description = "The ETag that the change was made from; required")),
    request_body = RegistrationDocument,
    responses((status = 200, description = "The client as it is now", body = Client,
        headers(("ETag" = String)))))]
pub(super) async fn replace(
    State(app): State<Admin>,
    writer: Writer,
    Named(id): Named<ClientId>,
    condition: IfMatch,
    body: Body<Registration>,
) -> Result<Response, Problem> {
    let replaces = condition.replaces(find(&app, &id).await?.version)?;
    let registration = app.registrar.check(body.value).await?;
    let acts = app.registrar.begin(writer.author()).await?;
    acts.change(&id, &registration, replaces).await?;
    done(&app, acts, &id).await
}

/// Deletes a client with its secrets, grants and consents.
#[utoipa::path(delete, path = "/clients/{client_id}", tag = "clients",
    params(("client_id" = String, Path, description = "The client's id"),
        ("If-Match" = Option<String>, Header,
            description = "The ETag that is to be deleted; required")),
    responses((status = 204, description = "Deleted")))]
pub(super) async fn delete(
    State(app): State<Admin>,
    writer: Writer,
    Named(id): Named<ClientId>,
    condition: IfMatch,
) -> Result<StatusCode, Problem> {
    let acts = app.registrar.begin(writer.author()).await?;
    let replaces = condition.replaces(acts.find(&id).await?.version)?;
    acts.delete(&id, replaces).await?;
    commit(&app, acts).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Stops a client, whoever manages it: its tokens stop on every node within seconds.
#[utoipa::path(post, path = "/clients/{client_id}/disable", tag = "clients",
    params(("client_id" = String, Path, description = "The client's id")),
    responses((status = 200, description = "The client as it is now", body = Client,
        headers(("ETag" = String)))))]
pub(super) async fn disable(
    State(app): State<Admin>,
    writer: Writer,
    Named(id): Named<ClientId>,
) -> Result<Response, Problem> {
    let acts = app.registrar.begin(writer.author()).await?;
    acts.enable(&id, false).await?;
    done(&app, acts, &id).await
}

/// Lets a client work again.
#[utoipa::path(post, path = "/clients/{client_id}/enable", tag = "clients",
    params(("client_id" = String, Path, description = "The client's id")),
    responses((status = 200, description = "The client as it is now", body = Client,
        headers(("ETag" = String)))))]
pub(super) async fn enable(
    State(app): State<Admin>,
    writer: Writer,
    Named(id): Named<ClientId>,
) -> Result<Response, Problem> {
    let acts = app.registrar.begin(writer.author()).await?;
    acts.enable(&id, true).await?;
    done(&app, acts, &id).await
}

/// Takes a client out of the hands of the file that manages it.
#[utoipa::path(post, path = "/clients/{client_id}/release", tag = "clients",
    params(("client_id" = String, Path, description = "The client's id")),
    responses((status = 200, description = "The client as it is now", body = Client,
        headers(("ETag" = String)))))]
pub(super) async fn release(
    State(app): State<Admin>,
    writer: Writer,
    Named(id): Named<ClientId>,
) -> Result<Response, Problem> {
    let acts = app.registrar.begin(writer.author()).await?;
    acts.release(&id).await?;
    done(&app, acts, &id).await
}

/// The client as it stands in the store, which is ahead of what nodes remember.
pub(super) async fn find(app: &Admin, id: &ClientId) -> Result<StoredClient, Problem> {
    let found = clients::find_by_id(app.database.reader(), id).await?;
    found.ok_or_else(Problem::not_found)
}

/// Commits, and answers the client as it is now.
pub(super) async fn done(app: &Admin, acts: Acts<'_>, id: &ClientId) -> Result<Response, Problem> {
    let client = acts.find(id).await?;
    commit(app, acts).await?;
    Ok(shown(app, &client).await?.answer())
}

/// The client with its last use.
async fn shown(app: &Admin, client: &StoredClient) -> Result<Client, Problem> {
    let id = &client.registration.client_id;
    let used = uses::find(app.database.reader(), [id]).await?;
    Ok(Client::of(client, used.get(id.as_str()).copied()))
}
