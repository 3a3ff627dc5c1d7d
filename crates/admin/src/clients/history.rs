//! What was changed, by whom, and going back.

use std::collections::HashMap;

use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::{client::ClientId, ids::AccountId, permission::Permission};
use idp::{app::unavailable, registrar::RegistrarFault};
use serde::{Deserialize, Serialize};
use store::clients::{
    self, StoredClient,
    changes::Replaces,
    history::{self, Act, Version},
};
use web::{Page, PageError, Posted, Route as _, TextKey};

use super::{
    edit::to_client,
    fields::{self, Difference, Inputs},
    head::{At, Head, begin, commit, unexpected},
    list::said,
    routes::History,
};
use crate::{
    state::Admin,
    visitor::{Frame, Visitor},
};

/// Entries of a page.
const MOST: usize = 30;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    avant: Option<i64>,
}

/// Shows it, the newest first; also of a client that was deleted.
pub(super) async fn get(
    State(app): State<Admin>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let client_id = ClientId::parse(&id).map_err(|_| PageError::not_found())?;
    let reader = app.database.reader();
    // One more than is shown: what the last one changed is told from it.
    let found = history::find(reader, &client_id, asked.avant, (MOST + 1) as u64).await;
    let found = found.map_err(unavailable)?;
    if found.is_empty() {
        return Err(PageError::not_found());
    }
    let client = clients::find_by_id(reader, &client_id).await;
    let client = client.map_err(unavailable)?;
    let current = client.as_ref().map(|client| client.version);
    let names = names(&app, &found).await?;
    let lines = found.iter().take(MOST).enumerate().map(|(index, version)| {
        let before = found.get(index + 1);
        Line::of(version, before, current, &names)
    });
    let last = found.get(MOST - 1).filter(|_| found.len() > MOST);
    let path = History { id: &id }.path().into_owned();
    Ok(visitor.view().render(&HistoryPage {
        frame: visitor.frame(),
        head: client.map(|client: StoredClient| Head::of(&client, &visitor, At::History)),
        next: last.map(|version| format!("{path}?avant={}", version.version)),
        may_write: visitor.powers.may(Permission::WriteClients),
        version: current.unwrap_or_default(),
        lines: lines.collect(),
        action: path,
        id,
    }))
}

/// The names of the people who changed it.
async fn names(app: &Admin, found: &[Version]) -> Result<HashMap<String, String>, PageError> {
    let mut names = HashMap::new();
    let people = found
        .iter()
        .filter(|version| version.actor_kind == "account");
    for id in people.filter_map(|version| version.actor_id.as_ref()) {
        if names.contains_key(id) {
            continue;
        }
        let Ok(account) = id.parse::<AccountId>() else {
            continue;
        };
        let found = store::accounts::find_by_id(app.database.reader(), account).await;
        if let Some(account) = found.map_err(unavailable)? {
            names.insert(id.clone(), account.name.full());
        }
    }
    Ok(names)
}

/// Which version to go back to, and which the page showed as the current one: 0 of a
/// client that was deleted.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct RestoreForm {
    version: String,
    depuis: String,
}

/// Goes back to a version.
pub(super) async fn post(
    State(app): State<Admin>,
    visitor: Visitor,
    Path(id): Path<String>,
    Posted(form): Posted<RestoreForm>,
) -> Result<Response, PageError> {
    let number = |text: &str| text.parse::<i64>().map_err(|_| PageError::not_found());
    let (version, from) = (number(&form.version)?, number(&form.depuis)?);
    let replaces = match from {
        0 => Replaces::Nothing,
        from => Replaces::Version(from),
    };
    let client_id = ClientId::parse(&id).map_err(|_| PageError::not_found())?;
    let acts = begin(&app, &visitor).await?;
    let restored = acts.restore(&client_id, version, replaces).await;
    match restored {
        Ok(_) => {
            commit(&app, acts).await?;
            Ok(to_client(&id))
        }
        // The page is shown anew: it says what stands now.
        Err(RegistrarFault::Conflict(_) | RegistrarFault::Managed(_)) => {
            Ok(Redirect::to(&History { id: &id }.path()).into_response())
        }
        Err(fault) => Err(unexpected(fault)),
    }
}

#[derive(Debug, Serialize)]
struct Line {
    version: i64,
    at: String,
    act: TextKey,
    who: TextKey,
    name: String,
    place: Option<String>,
    changes: Vec<Difference>,
    /// Whether one can go back to what was after it.
    may_return: bool,
}

impl Line {
    fn of(
        version: &Version,
        before: Option<&Version>,
        current: Option<i64>,
        names: &HashMap<String, String>,
    ) -> Self {
        let registration = version.registration.as_ref();
        let old = before.and_then(|before| before.registration.as_ref());
        let changes = match (old, registration) {
            (Some(old), Some(new)) => {
                fields::differences(&fields::inputs(old), &fields::inputs(new))
            }
            _ => Vec::new(),
        };
        let id = version.actor_id.clone().unwrap_or_default();
        Self {
            version: version.version,
            at: said(version.at),
            act: match version.act {
                Act::Registered => TextKey::new("admin-history-registered"),
                Act::Changed => TextKey::new("admin-history-changed"),
                Act::Deleted => TextKey::new("admin-history-deleted"),
            },
            who: match version.actor_kind.as_str() {
                "account" => TextKey::new("admin-history-by-account"),
                "client" => TextKey::new("admin-history-by-client"),
                "operator" => TextKey::new("admin-history-by-operator"),
                _ => TextKey::new("admin-history-by-service"),
            },
            name: names.get(&id).cloned().unwrap_or(id),
            place: version.managed_by.clone(),
            changes,
            may_return: registration.is_some() && current != Some(version.version),
        }
    }
}

/// The context of `admin/clients/history.html`.
#[derive(Debug, Serialize)]
struct HistoryPage {
    frame: Frame,
    /// None of a client that was deleted.
    head: Option<Head>,
    id: String,
    action: String,
    version: i64,
    may_write: bool,
    lines: Vec<Line>,
    next: Option<String>,
}

impl Page for HistoryPage {
    const TEMPLATE: &'static str = "admin/clients/history.html";

    fn samples() -> Vec<Self> {
        let mut changed = Inputs::new();
        changed.insert("client_name".to_owned(), "Nouveau nom".to_owned());
        let line = |version, act, changes| Line {
            version,
            at: "27/11/2026 10:00".to_owned(),
            act,
            who: TextKey::new("admin-history-by-account"),
            name: "Alix MOREAU".to_owned(),
            place: (version == 2).then(|| "clients/ent.toml".to_owned()),
            changes,
            may_return: version != 3,
        };
        let sample = |head: Option<Head>| Self {
            frame: Frame::sample(),
            head,
            id: "ent".to_owned(),
            action: "/admin/clients/ent/historique".to_owned(),
            version: 3,
            may_write: true,
            lines: vec![
                line(3, TextKey::new("admin-history-deleted"), Vec::new()),
                line(
                    2,
                    TextKey::new("admin-history-changed"),
                    fields::differences(&Inputs::new(), &changed),
                ),
                line(1, TextKey::new("admin-history-registered"), Vec::new()),
            ],
            next: Some("/admin/clients/ent/historique?avant=1".to_owned()),
        };
        vec![sample(Some(Head::sample(At::History))), sample(None)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<HistoryPage>();
    }
}
