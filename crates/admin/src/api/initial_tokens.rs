//! Initial access tokens: with one, a program registers clients by itself (RFC 7591,
//! section 3), where the configuration allows it.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::ids::InitialTokenId;
use idp::registrar::{InitialTokenWish, RegistrarFault};
use serde::{Deserialize, Serialize};
use store::clients::tokens::{self, InitialToken};
use utoipa::ToSchema;

use super::{
    answers::Made,
    idempotent::{IdempotencyKey, Repeated, commit, keep},
    problem::Problem,
    program::{Reader, Writer},
    request::{Body, Named},
};
use crate::state::Admin;

/// A token, without what it is.
#[derive(Serialize, ToSchema)]
pub(super) struct ListedToken {
    #[schema(format = Uuid, value_type = String)]
    id: String,
    label: String,
    #[schema(format = DateTime, value_type = String)]
    created_at: String,
    #[schema(format = DateTime, value_type = String)]
    expires_at: String,
    /// How many clients it can still register.
    uses_left: u32,
}

/// All tokens.
#[derive(Serialize, ToSchema)]
pub(super) struct ListedTokens {
    items: Vec<ListedToken>,
}

/// Lists the tokens, the newest first.
#[utoipa::path(get, path = "/initial-tokens", tag = "initial tokens",
    responses((status = 200, description = "All tokens", body = ListedTokens)))]
pub(super) async fn list(
    State(app): State<Admin>,
    _: Reader,
) -> Result<Json<ListedTokens>, Problem> {
    let all = tokens::find_initial(app.database.reader()).await?;
    let items = all.iter().map(ListedToken::of).collect();
    Ok(Json(ListedTokens { items }))
}

/// What the token is for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    #[schema(min_length = 1, max_length = 100)]
    label: String,
    /// How many clients it may register.
    #[serde(default = "uses")]
    #[schema(minimum = 1, maximum = 10000, default = 1)]
    uses: u32,
    /// Days after which it ends.
    #[serde(default = "days")]
    #[schema(minimum = 1, maximum = 365, default = 7)]
    days: u32,
}

const fn uses() -> u32 {
    InitialTokenWish::USES
}

const fn days() -> u32 {
    InitialTokenWish::DAYS
}

/// A token that was just made.
#[derive(Serialize, ToSchema)]
pub(super) struct MadeToken {
    #[serde(flatten)]
    token: ListedToken,
    /// The token itself, this once.
    initial_access_token: String,
}

/// Makes a token.
#[utoipa::path(post, path = "/initial-tokens", tag = "initial tokens", request_body = Wish,
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255,
        pattern = "^[!-~]+$",
        description = "The same key with the same request is answered alike and done once")),
    responses((status = 201, description = "Made", body = MadeToken,
        headers(("Location" = String)))))]
pub(super) async fn make(
    State(app): State<Admin>,
    writer: Writer,
    key: IdempotencyKey,
    body: Body<Wish>,
) -> Result<Response, Problem> {
    let wish = InitialTokenWish::from(body.value);
    wish.check().map_err(RegistrarFault::from)?;
    let acts = app.registrar.begin(writer.author()).await?;
    let request = match key.take(&app, &acts, &writer, &body.bytes).await? {
        Repeated::Before(made) => return Ok(made.into_response()),
        Repeated::First(request) => request,
    };
    let new = acts.make_initial_token(wish).await?;
    let body = MadeToken {
        token: ListedToken::of(&new.kept),
        initial_access_token: new.token.expose(),
    };
    let made = Made {
        location: Some(format!("{}/initial-tokens/{}", super::PREFIX, new.kept.id)),
        tag: None,
        body: serde_json::to_value(body).unwrap_or_default(),
    };
    keep(&app, acts, request, &made).await?;
    Ok(made.into_response())
}

impl From<Wish> for InitialTokenWish {
    fn from(wish: Wish) -> Self {
        Self {
            label: wish.label,
            uses: wish.uses,
            days: wish.days,
        }
    }
}

/// Withdraws a token.
#[utoipa::path(delete, path = "/initial-tokens/{id}", tag = "initial tokens",
    params(("id" = String, Path, format = Uuid, description = "The token's id")),
    responses((status = 204, description = "Withdrawn")))]
pub(super) async fn remove(
    State(app): State<Admin>,
    writer: Writer,
    Named(id): Named<InitialTokenId>,
) -> Result<StatusCode, Problem> {
    let acts = app.registrar.begin(writer.author()).await?;
    acts.remove_initial_token(id).await?;
    commit(&app, acts).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl ListedToken {
    fn of(token: &InitialToken) -> Self {
        Self {
            id: token.id.to_string(),
            label: token.label.clone(),
            created_at: token.created_at.to_string(),
            expires_at: token.expires_at.to_string(),
            uses_left: token.uses_left,
        }
    }
}
