//! What a registration was, and going back to it.

use axum::{Json, extract::State, response::Response};
use domain::client::ClientId;
use serde::{Deserialize, Serialize};
use store::clients::{
    self,
    history::{self, Version},
};
use utoipa::{IntoParams, ToSchema};

use super::{
    answers::{Client, RegistrationDocument},
    clients::done,
    problem::Problem,
    program::{Reader, Writer},
    request::{Asked, Body, IfMatch, Named, limit},
};
use crate::state::Admin;

/// Which changes to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Listed {
    /// `next_cursor` of the page before: a version.
    cursor: Option<i64>,
    /// How many a page has.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
}

/// A change, and the registration after it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChangeDone {
    version: i64,
    #[schema(format = DateTime, value_type = String)]
    at: String,
    /// `registered`, `changed` or `deleted`.
    act: &'static str,
    actor: Actor,
    managed_by: Option<String>,
    /// The registration after it; none where it was deleted.
    #[schema(value_type = Option<Object>)]
    registration: Option<RegistrationDocument>,
}

/// Who did it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Actor {
    /// `account`, `client`, `operator` or `service`.
    kind: String,
    id: Option<String>,
}

/// A page of changes, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HistoryPage {
    items: Vec<ChangeDone>,
    next_cursor: Option<i64>,
}

/// Lists the changes of a registration, also of one that was deleted.
#[utoipa::path(get, path = "/clients/{client_id}/history", tag = "history",
    params(("client_id" = String, Path, description = "The client's id"), Listed),
    responses((status = 200, description = "A page of changes", body = HistoryPage)))]
pub(super) async fn list(
    State(app): State<Admin>,
    _: Reader,
    Named(id): Named<ClientId>,
    Asked(listed): Asked<Listed>,
) -> Result<Json<HistoryPage>, Problem> {
    let most = limit(listed.limit)?;
    let reader = app.database.reader();
    let one_more = u64::try_from(most + 1).unwrap_or(u64::MAX);
    let mut lines = history::find(reader, &id, listed.cursor, one_more).await?;
    if lines.is_empty() && listed.cursor.is_none() {
        return Err(Problem::not_found());
    }
    let more = lines.len() > most;
    lines.truncate(most);
    let next_cursor = lines.last().map(|line| line.version).filter(|_| more);
    Ok(Json(HistoryPage {
        items: lines.into_iter().map(ChangeDone::of).collect(),
        next_cursor,
    }))
}

/// Which version to go back to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Restored {
    version: i64,
}

/// Makes a registration again what it was after a change; also one that was deleted, whose
/// secrets are not remembered.
#[utoipa::path(post, path = "/clients/{client_id}/restore", tag = "history",
    params(("client_id" = String, Path, description = "The client's id"),
        ("If-Match" = Option<String>, Header,
            description = "The ETag of what is to be replaced; required unless the client was \
                deleted")),
    request_body = Restored,
    responses((status = 200, description = "The client as it is now", body = Client,
        headers(("ETag" = String)))))]
pub(super) async fn restore(
    State(app): State<Admin>,
    writer: Writer,
    Named(id): Named<ClientId>,
    condition: IfMatch,
    body: Body<Restored>,
) -> Result<Response, Problem> {
    let acts = app.registrar.begin(writer.author()).await?;
    let current = clients::find_by_id(acts.transaction(), &id).await?;
    let replaces = match current {
        Some(current) => condition.replaces(current.version)?,
        None => condition.replaces_nothing()?,
    };
    acts.restore(&id, body.value.version, replaces).await?;
    done(&app, acts, &id).await
}

impl ChangeDone {
    fn of(line: Version) -> Self {
        Self {
            version: line.version,
            at: line.at.to_string(),
            act: line.act.as_str(),
            actor: Actor {
                kind: line.actor_kind,
                id: line.actor_id,
            },
            managed_by: line.managed_by,
            registration: line.registration.map(RegistrationDocument),
        }
    }
}
