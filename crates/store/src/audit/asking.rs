//! What people type to look something up, and that they did: the same for the console, the
//! API and commands.

use std::collections::HashMap;

use domain::{
    ambient::Ambient,
    audit::{Action, Actor, Target},
    client::ClientId,
    identifier::AccountIdentifier,
    ids::AccountId,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use super::{
    Event, record,
    search::{ByWhom, Filter},
};
use crate::{accounts, entity::account, error::StoreError};

/// The person of an identifier, or of an account id: by that one somebody can be looked for
/// who is gone.
///
/// # Errors
/// The database's.
pub async fn find_person(
    connection: &impl ConnectionTrait,
    text: &str,
) -> Result<Option<AccountId>, StoreError> {
    if let Ok(id) = text.trim().parse() {
        return Ok(Some(id));
    }
    let Ok(identifier) = AccountIdentifier::parse(text) else {
        return Ok(None);
    };
    let found = accounts::find_by_identifier(connection, &identifier).await?;
    Ok(found.map(|found| found.account.id))
}

/// The actor of a text: a person, `client:ID`, `operator` or `service`.
///
/// # Errors
/// The database's.
pub async fn find_actor(
    connection: &impl ConnectionTrait,
    text: &str,
) -> Result<Option<ByWhom>, StoreError> {
    let text = text.trim();
    if matches!(text, "operator" | "service") {
        return Ok(Some(ByWhom::Kind(text.to_owned())));
    }
    if let Some(id) = text.strip_prefix("client:") {
        return Ok(ClientId::parse(id).ok().map(ByWhom::Client));
    }
    Ok(find_person(connection, text).await?.map(ByWhom::Account))
}

/// Writes down that somebody looked ([`Action::AuditSearched`]) or took events with them
/// ([`Action::AuditExported`]), and for what. What was looked for is personal.
///
/// # Errors
/// The database's.
pub async fn record_search(
    connection: &impl ConnectionTrait,
    ambient: &Ambient,
    actor: Actor,
    action: Action,
    filter: &Filter,
) -> Result<(), StoreError> {
    let by = filter.actor.as_ref().map(|actor| match actor {
        ByWhom::Account(account) => account.to_string(),
        ByWhom::Client(client) => format!("client:{client}"),
        ByWhom::Kind(kind) => kind.clone(),
    });
    let details = json!({
        "person": filter.person, "actor": by, "client": filter.client,
        "action": filter.action, "from": filter.from, "until": filter.until,
    });
    let event = Event::new(action, actor, Target::Trail).with_personal(details);
    record(connection, ambient, event).await
}

/// The identifiers of accounts that are there.
///
/// # Errors
/// The database's.
pub async fn find_identifiers(
    connection: &impl ConnectionTrait,
    accounts: impl IntoIterator<Item = AccountId>,
) -> Result<HashMap<AccountId, String>, StoreError> {
    let ids: Vec<Uuid> = accounts.into_iter().map(|id| id.as_uuid()).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Uuid, String)> = account::Entity::find()
        .select_only()
        .columns([account::Column::Id, account::Column::Identifier])
        .filter(account::Column::Id.is_in(ids))
        .into_tuple()
        .all(connection)
        .await?;
    let pairs = rows.into_iter();
    Ok(pairs
        .map(|(id, text)| (AccountId::from_uuid(id), text))
        .collect())
}
