//! What the pages of one client share: which it is, and the ways between them.

use domain::{
    audit::Actor,
    client::{ClientId, Environment},
    permission::Permission,
};
use idp::{
    app::unavailable,
    registrar::{Acts, Author, RegistrarFault},
};
use serde::Serialize;
use store::clients::{self, Origin, StoredClient};
use web::{PageError, Route as _, TextKey};

use super::routes::{Client, Deletion, History, Secrets, Snippets, Trial};
use crate::{state::Admin, visitor::Visitor};

/// The head of a client's page.
#[derive(Debug, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what a template asks, each by its own name"
)]
pub(super) struct Head {
    pub(super) id: String,
    name: String,
    enabled: bool,
    test: bool,
    dynamic: bool,
    managed_by: Option<String>,
    tabs: Vec<Tab>,
    /// Whether the visitor may change anything.
    may_write: bool,
}

#[derive(Debug, Serialize)]
struct Tab {
    path: String,
    title: TextKey,
    current: bool,
}

/// A page of a client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum At {
    Registration,
    Secrets,
    Trial,
    Snippets,
    History,
    Deletion,
}

impl Head {
    pub(super) fn of(client: &StoredClient, visitor: &Visitor, at: At) -> Self {
        let registration = &client.registration;
        let may_write = visitor.powers.may(Permission::WriteClients);
        let has_secret = registration.token_endpoint_auth_method.has_secret();
        Self {
            name: registration.client_name.clone(),
            enabled: registration.enabled,
            test: registration.environment == Environment::Test,
            dynamic: client.origin == Origin::Dynamic,
            managed_by: client.managed_by.clone(),
            tabs: tabs(&registration.client_id, at, may_write, has_secret),
            may_write,
            id: registration.client_id.to_string(),
        }
    }

    pub(super) fn sample(at: At) -> Self {
        let id = ClientId::parse("ent").expect("a sound id");
        Self {
            name: "ENT de la ville de Trifouillis-les-Oies".to_owned(),
            enabled: at != At::History,
            test: at == At::Trial,
            dynamic: at == At::Secrets,
            managed_by: (at == At::Registration).then(|| "clients/ent.toml".to_owned()),
            tabs: tabs(&id, at, true, true),
            may_write: true,
            id: id.to_string(),
        }
    }
}

fn tabs(id: &ClientId, at: At, may_write: bool, has_secret: bool) -> Vec<Tab> {
    let id = id.as_str();
    let all = [
        (At::Registration, Client { id }.path().into_owned()),
        (At::Secrets, Secrets { id }.path().into_owned()),
        (At::Trial, Trial { id }.path().into_owned()),
        (At::Snippets, Snippets { id }.path().into_owned()),
        (At::History, History { id }.path().into_owned()),
        (At::Deletion, Deletion { id }.path().into_owned()),
    ];
    let is_open = |page: At| match page {
        At::Secrets => may_write && has_secret,
        At::Trial | At::Deletion => may_write,
        At::Registration | At::Snippets | At::History => true,
    };
    all.into_iter()
        .filter(|(page, _)| is_open(*page))
        .map(|(page, path)| Tab {
            path,
            title: page.title(),
            current: page == at,
        })
        .collect()
}

impl At {
    const fn title(self) -> TextKey {
        match self {
            Self::Registration => TextKey::new("admin-client-tab-registration"),
            Self::Secrets => TextKey::new("admin-client-tab-secrets"),
            Self::Trial => TextKey::new("admin-client-tab-trial"),
            Self::Snippets => TextKey::new("admin-client-tab-snippets"),
            Self::History => TextKey::new("admin-client-tab-history"),
            Self::Deletion => TextKey::new("admin-client-tab-deletion"),
        }
    }
}

/// The client of an address, as the store has it now.
pub(super) async fn find(app: &Admin, id: &str) -> Result<StoredClient, PageError> {
    let id = ClientId::parse(id).map_err(|_| PageError::not_found())?;
    let found = clients::find_by_id(app.database.reader(), &id).await;
    found.map_err(unavailable)?.ok_or_else(PageError::not_found)
}

/// Begins acts of the visitor, who must be allowed to.
pub(super) async fn begin<'a>(app: &'a Admin, visitor: &Visitor) -> Result<Acts<'a>, PageError> {
    let author = Author::trusted(Actor::Account(visitor.account().id));
    app.registrar.begin(author).await.map_err(unavailable)
}

/// Makes it so, and lets this node know at once.
pub(super) async fn commit(app: &Admin, acts: Acts<'_>) -> Result<(), PageError> {
    acts.commit().await.map_err(unavailable)?;
    if let Err(error) = app.clients.reload().await {
        tracing::warn!(%error, "registrations are read again in a moment");
    }
    Ok(())
}

/// A fault that no form can show.
pub(super) fn unexpected(fault: RegistrarFault) -> PageError {
    match fault {
        RegistrarFault::Unknown => PageError::not_found(),
        RegistrarFault::Store(error) => unavailable(error),
        other => PageError::internal(other.to_string()),
    }
}
