//! All registrations: searched, and when each was last used.

use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::{client::ClientId, client::Environment, permission::Permission};
use idp::{app::unavailable, clients::Search};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::clients::{StoredClient, uses};
use url::form_urlencoded;
use web::{Page, PageError, Route as _};

use super::routes::{Client, Clients, InitialTokens, NewClient};
use crate::{
    state::Admin,
    visitor::{Frame, Visitor},
};

/// Entries of a page.
const MOST: usize = 50;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    etat: String,
    apres: String,
}

/// Shows a page of them.
pub(super) async fn get(
    State(app): State<Admin>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let search = Search {
        words: asked.q.clone(),
        enabled: match asked.etat.as_str() {
            "actif" => Some(true),
            "arrete" => Some(false),
            _ => None,
        },
        environment: (asked.etat == "essai").then_some(Environment::Test),
        after: ClientId::parse(&asked.apres).ok(),
    };
    let found = app.clients.search(&search, MOST);
    let ids = found
        .clients
        .iter()
        .map(|client| &client.registration.client_id);
    let used = uses::find(app.database.reader(), ids).await;
    let used = used.map_err(unavailable)?;
    let lines = found.clients.iter().map(|client| {
        let id = client.registration.client_id.as_str();
        Line::of(client, used.get(id).copied())
    });
    let last = found.clients.last().filter(|_| found.more);
    let next = last.map(|client| next(&asked, &client.registration.client_id));
    Ok(visitor.view().render(&ListPage {
        frame: visitor.frame(),
        new: NewClient.path().into_owned(),
        tokens: InitialTokens.path().into_owned(),
        action: Clients.path().into_owned(),
        may_write: visitor.powers.may(Permission::WriteClients),
        total: app.clients.count(),
        lines: lines.collect(),
        next,
        words: asked.q,
        state: asked.etat,
    }))
}

fn next(asked: &Asked, last: &ClientId) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("q", &asked.q)
        .append_pair("etat", &asked.etat)
        .append_pair("apres", last.as_str())
        .finish();
    format!("{}?{query}", Clients.path())
}

#[derive(Debug, Serialize)]
struct Line {
    path: String,
    id: String,
    name: String,
    enabled: bool,
    test: bool,
    managed_by: Option<String>,
    used: Option<String>,
}

impl Line {
    fn of(client: &StoredClient, used: Option<Timestamp>) -> Self {
        let registration = &client.registration;
        let id = registration.client_id.as_str();
        Self {
            path: Client { id }.path().into_owned(),
            id: id.to_owned(),
            name: registration.client_name.clone(),
            enabled: registration.enabled,
            test: registration.environment == Environment::Test,
            managed_by: client.managed_by.clone(),
            used: used.map(said),
        }
    }
}

/// An instant, as the console shows it: day and minute, in the time of France.
pub(super) fn said(at: Timestamp) -> String {
    let paris = jiff::tz::TimeZone::get("Europe/Paris").unwrap_or(jiff::tz::TimeZone::UTC);
    at.to_zoned_datetime(paris)
        .strftime("%d/%m/%Y %H:%M")
        .to_string()
}

/// The context of `admin/clients/list.html`.
#[derive(Debug, Serialize)]
struct ListPage {
    frame: Frame,
    new: String,
    tokens: String,
    action: String,
    may_write: bool,
    total: usize,
    lines: Vec<Line>,
    next: Option<String>,
    words: String,
    state: String,
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "admin/clients/list.html";

    fn samples() -> Vec<Self> {
        let line = |id: &str, enabled| Line {
            path: format!("/admin/clients/{id}"),
            id: id.to_owned(),
            name: "ENT de la ville de Trifouillis-les-Oies".to_owned(),
            enabled,
            test: !enabled,
            managed_by: enabled.then(|| "clients/ent.toml".to_owned()),
            used: enabled.then(|| "27/11/2026 09:05".to_owned()),
        };
        let sample = |lines: Vec<Line>, words: &str| Self {
            frame: Frame::sample(),
            new: NewClient.path().into_owned(),
            tokens: InitialTokens.path().into_owned(),
            action: Clients.path().into_owned(),
            may_write: true,
            total: 10_000,
            next: (!lines.is_empty()).then(|| "/admin/clients?apres=ent".to_owned()),
            lines,
            words: words.to_owned(),
            state: String::new(),
        };
        vec![
            sample(vec![line("ent", true), line("essai", false)], ""),
            sample(Vec::new(), "cantine"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_renders() {
        web::testing::assert_renders::<ListPage>();
    }
}
