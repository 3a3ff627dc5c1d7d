//! What the API answers.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::client::Registration;
use jiff::Timestamp;
use serde::Serialize;
use store::clients::{StoredClient, StoredSecret};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{Ref, RefOr, Schema},
};

use super::request::tag;

/// A registration, in the form that files have too.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct RegistrationDocument(pub(super) Registration);

/// Its schema is the one that describes files: it comes into the document as it is.
impl PartialSchema for RegistrationDocument {
    fn schema() -> RefOr<Schema> {
        Ref::from_schema_name("Registration").into()
    }
}

impl ToSchema for RegistrationDocument {
    fn name() -> std::borrow::Cow<'static, str> {
        "RegistrationDocument".into()
    }
}

/// A client.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Client {
    #[schema(inline)]
    pub(super) registration: RegistrationDocument,
    /// Grows with each change of the registration: `If-Match` compares it. The `ETag` begins
    /// with it, and changes with everything else that is shown here too.
    pub(super) version: i64,
    /// The file that manages it, if one does: it cannot be changed here then.
    pub(super) managed_by: Option<String>,
    /// Who brought it: `operator`, or `dynamic` for a client that registered itself.
    pub(super) origin: &'static str,
    #[schema(format = DateTime, value_type = String)]
    pub(super) created_at: String,
    #[schema(format = DateTime, value_type = String)]
    pub(super) updated_at: String,
    /// When it last came to the token endpoint, within some minutes.
    #[schema(format = DateTime, value_type = Option<String>)]
    pub(super) last_used_at: Option<String>,
    /// Its secrets, without what they are.
    pub(super) secrets: Vec<Secret>,
}

/// A client that was just registered.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RegisteredClient {
    #[serde(flatten)]
    pub(super) client: Client,
    /// Its secret, this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) client_secret: Option<String>,
}

/// A page of clients, by id.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ClientPage {
    pub(super) items: Vec<Client>,
    /// The cursor of the next page; none on the last one.
    pub(super) next_cursor: Option<String>,
}

/// A secret, without what it is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Secret {
    #[schema(format = Uuid, value_type = String)]
    pub(super) id: String,
    pub(super) label: Option<String>,
    #[schema(format = DateTime, value_type = String)]
    pub(super) created_at: String,
    /// When it stops working by itself.
    #[schema(format = DateTime, value_type = Option<String>)]
    pub(super) expires_at: Option<String>,
    /// When it was last used, within some minutes.
    #[schema(format = DateTime, value_type = Option<String>)]
    pub(super) last_used_at: Option<String>,
}

impl Client {
    pub(super) fn of(client: &StoredClient, last_used_at: Option<Timestamp>) -> Self {
        Self {
            registration: RegistrationDocument(client.registration.clone()),
            version: client.version,
            managed_by: client.managed_by.clone(),
            origin: client.origin.as_str(),
            created_at: client.created_at.to_string(),
            updated_at: client.updated_at.to_string(),
            last_used_at: last_used_at.map(|at| at.to_string()),
            secrets: client.secrets.iter().map(Secret::of).collect(),
        }
    }

    /// Its entity tag.
    pub(super) fn tag(&self) -> String {
        tag(self.version, &serde_json::to_vec(self).unwrap_or_default())
    }

    /// With its entity tag.
    pub(super) fn answer(self) -> Response {
        let tag = HeaderValue::from_str(&self.tag());
        let mut response = Json(self).into_response();
        if let Ok(tag) = tag {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

impl Secret {
    pub(super) fn of(secret: &StoredSecret) -> Self {
        let told = |at: Option<Timestamp>| at.map(|at| at.to_string());
        Self {
            id: secret.id.to_string(),
            label: secret.label.clone(),
            created_at: secret.created_at.to_string(),
            expires_at: told(secret.expires_at),
            last_used_at: told(secret.last_used_at),
        }
    }
}

/// An answer that can be kept and given again: with status, address and tag.
#[derive(Debug, Serialize, serde::Deserialize)]
pub(super) struct Made {
    pub(super) location: Option<String>,
    pub(super) tag: Option<String>,
    pub(super) body: serde_json::Value,
}

impl IntoResponse for Made {
    fn into_response(self) -> Response {
        let mut response = (StatusCode::CREATED, Json(self.body)).into_response();
        let headers = [(header::LOCATION, self.location), (header::ETAG, self.tag)];
        for (name, value) in headers {
            if let Some(Ok(value)) = value.map(|value| HeaderValue::from_str(&value)) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}
